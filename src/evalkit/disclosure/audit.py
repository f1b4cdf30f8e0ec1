"""The attack on a release: whether anything hidden can be worked out from what is published alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from evalkit.disclosure.audit_counts import attack_counts
from evalkit.disclosure.audit_ratios import attack_ratios
from evalkit.disclosure.policy import Policy
from evalkit.disclosure.published import publish
from evalkit.disclosure.release import Release
from evalkit.errors import DisclosureError
from evalkit.values import Curve, Estimate, Flow, Protectable, SchoolSums, Table


def audit(release: Release, earlier: Sequence[Release] = ()) -> None:
    """Attack a release together with what was released before.

    The reader of the attack knows every published number exactly, what every mark means, which numbers add up to which,
    every denominator of a rate, and the scale of every unit. Shares no code with treatment but the policy.

    Parameters
    ----------
    release
        With what was asked for, which serves only to judge what the reader finds out.
    earlier
        Earlier releases.

    Raises
    ------
    DisclosureError
        If a hidden number can be told more narrowly than the policy allows, or one that must be hidden is not, naming
        the table or value.
    """
    for key in sorted(release.protected):
        fault = _fault(release.requests[key], release.protected[key].value, release.policy)
        if fault:
            raise DisclosureError(
                f"{key}: {fault}", remedy="report this: protection has a fault, and nothing was released"
            )
    rows = publish(release, earlier)
    for found in (attack_counts(rows, release.policy), attack_ratios(rows, release.policy)):
        if found is not None:
            raise DisclosureError(
                f"table {found.table!r}, column {found.column!r}: {found.told}",
                remedy="ask for fewer or coarser tables; what was released earlier counts too",
            )


def _fault(asked: Protectable, told: Protectable, policy: Policy) -> str:
    """Return what is wrong with a value that is no table, "" if nothing is."""
    if type(asked) is not type(told):
        return "protection changed what kind of value it is"
    if isinstance(told, Table):
        return ""
    if isinstance(told, Flow):
        return _flow_fault(told, policy)
    if isinstance(told, Estimate) and isinstance(asked, Estimate):
        return _estimate_fault(asked, told, policy)
    if isinstance(told, Curve) and isinstance(asked, Curve):
        return _curve_fault(asked, told, policy)
    if isinstance(told, SchoolSums):
        fewest = [frame["pupils"].min() for frame in (told.terms, told.contrasts) if len(frame)]
        return "a row of sums stands for too few pupils" if any(count < policy.sums_pupils for count in fewest) else ""
    return ""


def _flow_fault(flow: Flow, policy: Policy) -> str:
    counts = [[step.persons for step in flow.steps], [step.spells for step in flow.steps]]
    for column in counts:
        numbers = column + [before - after for before, after in pairwise(column)]
        if any(0 < number < policy.step_minimum for number in numbers):
            return "a step of the flow is about too few"
        if any(number % policy.rounding_base for number in numbers):
            return "a count of the flow is not rounded"
    return ""


def _estimate_fault(asked: Estimate, told: Estimate, policy: Policy) -> str:
    if asked.design == "pending":
        return ""
    behind = [count for count in (asked.n, asked.persons_minimum) if count is not None]
    few = not behind or min(behind) < policy.estimate_persons
    alone = asked.clusters is not None and asked.clusters < policy.estimate_clusters
    shown = (told.value, told.standard_error, told.p, told.interval or None)
    if (few or alone) and any(number is not None for number in shown):
        return "an estimate on too few persons or schools is shown"
    counts = [told.n, told.persons_minimum, *(item.persons for item in told.diagnostics.items)]
    if any(count is not None and count % policy.rounding_base for count in counts):
        return "a count beside an estimate is not rounded"
    return ""


def _curve_fault(curve: Curve, told: Curve, policy: Policy) -> str:
    asked, fewest = curve.frame, dict(curve.details).get("fewest_pupils")
    if "pupils" not in asked.columns or not len(asked):
        little = isinstance(fewest, int) and fewest < policy.curve_persons
        numbers = len(told.frame) or any(not isinstance(value, str) for _, value in told.details)
        return "a curve worked out from too few pupils is shown" if little and numbers else ""
    few = asked["pupils"].isna() | (asked["pupils"] < policy.curve_persons)
    if "schools" in asked.columns:
        few |= asked["schools"] < policy.curve_schools
    named = ["relative", "method", "restriction", "bound", "outcome", "unit", "headline", "schools"]
    points = told.frame.drop(columns=named, errors="ignore")
    if points[few].notna().any(axis=None):
        return "a point of a curve on too few pupils or schools is shown"
    beside = few.any() and any(isinstance(value, float) for _, value in told.details)
    return "a number worked out from a hidden point of a curve is shown" if beside else ""

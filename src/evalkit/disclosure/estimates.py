"""Estimates, curves and sums that rest on too few."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from evalkit.disclosure.policy import Policy
from evalkit.values import Curve, Diagnostic, Diagnostics, Estimate, SchoolSums

COUNTS = ("n", "persons", "pupils")
POINT_FACTS = ("relative", "method", "restriction", "bound", "outcome", "unit", "headline", "schools", "pupils")
Details = tuple[tuple[str, str | float | int], ...]


def treat_estimate(estimate: Estimate, policy: Policy) -> tuple[Estimate, int]:
    """Take out an estimate that rests on too few persons or clusters, and round the counts beside it.

    An estimate that does not say how many persons it rests on rests on too few. Counts beside it (``n``,
    ``persons_minimum``, diagnostics and details of persons) are rounded, so that nothing can be subtracted from them.

    Returns
    -------
    tuple
        The treated estimate, and how many numbers were taken.
    """
    if estimate.design == "pending":
        return estimate, 0
    diagnostics, taken = _diagnostics(estimate.diagnostics, policy)
    rounded = replace(
        estimate,
        n=_count(estimate.n, policy.estimate_persons, policy),
        persons_minimum=_count(estimate.persons_minimum, policy.estimate_persons, policy),
        diagnostics=diagnostics,
        details=_details(estimate.details, policy),
    )
    taken += sum(new is None and old is not None for new, old in zip(_behind(rounded), _behind(estimate), strict=True))
    if _enough(estimate, policy):
        return rounded, taken
    had = [
        number is not None
        for number in (estimate.value, estimate.standard_error, estimate.p, estimate.interval or None)
    ]
    told = tuple(fact for fact in rounded.details if not isinstance(fact[1], float))
    emptied = replace(rounded, value=None, interval=(), standard_error=None, p=None, details=told)
    return emptied, taken + sum(had) + len(rounded.details) - len(told)


def treat_curve(curve: Curve, policy: Policy) -> tuple[Curve, int]:
    """Take out points on too few pupils or schools, and round the pupils behind the others.

    Points about no pupil (the bins of a placebo distribution, a power curve) are untouched.

    Returns
    -------
    tuple
        The treated curve, and how many points were taken.
    """
    details = _details(curve.details, policy)
    if "pupils" not in curve.frame.columns:
        return replace(curve, details=details), 0
    frame = curve.frame.copy()
    few = ~(frame["pupils"] >= policy.curve_persons)
    if "schools" in frame.columns:
        few |= ~(frame["schools"] >= policy.curve_schools)
    drawn = [name for name in frame.columns if name not in POINT_FACTS]
    taken = int((few & frame[drawn].notna().any(axis=1)).sum())
    frame["pupils"] = frame["pupils"].astype("float64")
    frame[drawn] = frame[drawn].mask(few)
    frame["pupils"] = _rounded(frame["pupils"].mask(few), policy.rounding_base)
    return replace(curve, frame=frame, details=details), taken


def treat_sums(sums: SchoolSums, policy: Policy) -> tuple[SchoolSums, int]:
    """Drop rows under the minimum, and schools without any row left.

    Nothing is merged. The study's estimate leaves out, and names the number of, schools that lack a contrast it needs;
    ``minimum`` of the result is the threshold.

    Returns
    -------
    tuple
        The treated sums, and how many rows were dropped.
    """
    terms = sums.terms[sums.terms["pupils"] >= policy.sums_pupils]
    contrasts = sums.contrasts[sums.contrasts["pupils"] >= policy.sums_pupils]
    schools = sums.schools[_among(sums.schools, terms) | _among(sums.schools, contrasts)]
    dropped = len(sums.terms) + len(sums.contrasts) + len(sums.schools) - len(terms) - len(contrasts) - len(schools)
    minimum = max(sums.minimum, policy.sums_pupils)
    return replace(sums, schools=schools, terms=terms, contrasts=contrasts, minimum=minimum), dropped


def _enough(estimate: Estimate, policy: Policy) -> bool:
    persons = [count for count in _behind(estimate) if count is not None]
    schools = estimate.clusters is None or estimate.clusters >= policy.estimate_clusters
    return bool(persons) and min(persons) >= policy.estimate_persons and schools


def _behind(estimate: Estimate) -> tuple[int | None, int | None]:
    return estimate.n, estimate.persons_minimum


def _diagnostics(diagnostics: Diagnostics, policy: Policy) -> tuple[Diagnostics, int]:
    items = tuple(_diagnostic(item, policy) for item in diagnostics.items)
    taken = sum(new.value is None and old.value is not None for new, old in zip(items, diagnostics.items, strict=True))
    return Diagnostics(items), taken


def _diagnostic(item: Diagnostic, policy: Policy) -> Diagnostic:
    few = item.persons is not None and item.persons < policy.estimate_persons
    value = item.value
    if item.unit == "persons" and isinstance(value, int | float):
        value = _count(int(value), policy.estimate_persons, policy)
    persons = _count(item.persons, policy.estimate_persons, policy)
    return replace(item, value=None if few and not isinstance(value, str) else value, persons=persons)


def _details(details: Details, policy: Policy) -> Details:
    """Round the counts of persons among the named facts, and leave out those under the minimum."""
    facts: list[tuple[str, str | float | int]] = []
    for name, value in details:
        if not isinstance(value, str) and name.split("_")[-1] in COUNTS:
            count = _count(int(value), policy.estimate_persons, policy)
            facts += [] if count is None else [(name, count)]
        else:
            facts.append((name, value))
    return tuple(facts)


def _count(count: int | None, minimum: int, policy: Policy) -> int | None:
    """Round a count; one from 1 to less than the minimum is taken."""
    if count is None or 0 < count < minimum:
        return None
    return (2 * count + policy.rounding_base) // (2 * policy.rounding_base) * policy.rounding_base


def _rounded(counts: pd.Series, base: int) -> pd.Series:
    return (counts + base / 2) // base * base


def _among(frame: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    keys = set(zip(others["site"], others["school"], strict=True))
    return pd.Series(
        [pair in keys for pair in zip(frame["site"], frame["school"], strict=True)], frame.index, dtype=bool
    )

"""Protecting many values together: what one hides, none of the others gives away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from evalkit.disclosure.audit import audit
from evalkit.disclosure.cells import gather_counts
from evalkit.disclosure.counts import hide_counts
from evalkit.disclosure.earlier import earlier_tables, known_amounts, known_counts
from evalkit.disclosure.estimates import treat_curve, treat_estimate, treat_sums
from evalkit.disclosure.flows import treat_flow
from evalkit.disclosure.ledger import LedgerEntry
from evalkit.disclosure.policy import Policy, refuse_internal
from evalkit.disclosure.ratios import hide_ratios
from evalkit.disclosure.release import Release
from evalkit.disclosure.tables import Hidden, count_suppressed, treat_table
from evalkit.values import Birthright, Curve, Estimate, Flow, Protectable, Protected, Table
from evalkit.values.protected import Status


def protect_release(
    requests: Mapping[str, Protectable], policy: Policy, earlier: Sequence[Release | LedgerEntry] = ()
) -> Release:
    """Protect everything that a run asks to show at one site, together with what was released before.

    Parameters
    ----------
    requests
        By request key; pending estimates resolved.
    policy
        The site's.
    earlier
        Earlier releases, or the ledger's entries of them. What they showed of the same persons is known to every reader
        and stays shown; what they hid stays hidden.

    Returns
    -------
    Release
        Treated, and attacked by `audit` in vain.

    Raises
    ------
    DisclosureError
        If the policy may not be rendered, a number cannot be protected, or the audit works one out.
    """
    refuse_internal(policy)
    before = [entry.load() if isinstance(entry, LedgerEntry) else entry for entry in earlier]
    protected = _treat(requests, policy, before, "released")
    release = Release(policy, dict(requests), protected)
    audit(release, before)
    return release


def protect_alone(value: Protectable, policy: Policy, request: str = "") -> Protected:
    """Protect one value by itself, for a notebook opened by hand or for sums that go into a study's estimate.

    Parameters
    ----------
    value
        Anything protectable.
    policy
        By which it is treated.
    request
        Name under which errors speak of it.

    Returns
    -------
    Protected
        With status ``"preliminary"``: what else is released may still hide more of it.

    Raises
    ------
    DisclosureError
        As `protect_release`; a policy that may not be rendered is allowed here.
    """
    key = request or value.name
    protected = _treat({key: value}, policy, (), "preliminary")
    if policy.complementary:
        audit(Release(policy, {key: value}, protected), ())
    return protected[key]


def _treat(
    requests: Mapping[str, Protectable], policy: Policy, before: Sequence[Release], status: Status
) -> dict[str, Protected]:
    keys = sorted(requests)
    tables = [value for key in keys if isinstance(value := requests[key], Table)]
    hidden = _hidden(tables, policy, before)
    protected = {}
    for key in keys:
        value, marks, taken = _treat_one(requests[key], hidden, policy)
        protected[key] = Protected(value, marks, policy.name, policy.digest, taken, status, key, Birthright())
    return protected


def _hidden(tables: Sequence[Table], policy: Policy, before: Sequence[Release]) -> Hidden:
    told = earlier_tables(before, tables)
    everything = [*(asked for asked, _, _ in told), *tables]
    counts, judged = hide_counts(gather_counts(everything), policy, known_counts(told))
    amounts = hide_ratios(everything, counts, policy, known_amounts(told))
    return Hidden(counts, amounts, judged.marks)


def _treat_one(value: Protectable, hidden: Hidden, policy: Policy) -> tuple[Protectable, pd.DataFrame, int]:
    if isinstance(value, Table):
        frame, marks = treat_table(value, hidden, policy)
        return replace(value, frame=frame), marks, count_suppressed(value, marks)
    treated: Protectable
    if isinstance(value, Flow):
        treated, taken = treat_flow(value, policy)
    elif isinstance(value, Estimate):
        treated, taken = treat_estimate(value, policy)
    elif isinstance(value, Curve):
        treated, taken = treat_curve(value, policy)
    else:
        treated, taken = treat_sums(value, policy)
    return treated, pd.DataFrame(), taken

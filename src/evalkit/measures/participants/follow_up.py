"""What became of participants after they left."""

from __future__ import annotations

import ibis

from evalkit.measures.participants.participation import KEYS, group_named, participation, statuses_between
from evalkit.values import Known, Measure
from evalkit.vocabulary.ladders import StatusGroup, Window, window


def upon_leaving(group: str, project: str | None = None, *, newly: bool = False) -> Measure:
    """Measure whether a participant had a status of a group within 0 to 28 days of the last day in the project.

    Parameters
    ----------
    group
        ``"in_work"``, ``"in_study"``, ``"job_seeking"`` or ``"self_supporting"``.
    project
        Number of the project; None for all of a person's projects as one.
    newly
        Whether only those count who had no such status on the day of entry.

    Returns
    -------
    Measure
        ``upon_leaving_<group>`` (``upon_leaving_newly_<group>``), a flag from the period on in which the window closed;
        missing before, for those who returned, and where no status of the kind was recorded in the window (for
        ``newly``, also at entry).

    Raises
    ------
    InputError
        If there is no such group.
    """
    return _follow_up("upon_leaving", group, project, newly=newly)


def six_months_after(group: str, project: str | None = None, *, newly: bool = False) -> Measure:
    """Measure whether a participant had a status of a group six calendar months after the last day in the project.

    Six months after 31 August is the last of February.

    Parameters
    ----------
    group, project, newly
        As for `upon_leaving`.

    Returns
    -------
    Measure
        ``six_months_after_<group>`` (``six_months_after_newly_<group>``), a flag from the period on in which that day
        lies; missing as for `upon_leaving`.

    Raises
    ------
    InputError
        If there is no such group.
    """
    return _follow_up("six_months_after", group, project, newly=newly)


def _follow_up(after: str, group: str, project: str | None, *, newly: bool) -> Measure:
    meant, days = group_named(group), window(after)
    name = f"{after}_newly_{group}" if newly else f"{after}_{group}"

    def compute(known: Known) -> ibis.Table:
        left = _closed_windows(participation(known, project), days)
        reached = _had(known, meant, left)
        if not newly:
            return reached.select(*KEYS, ibis._.had.name(name))
        before = _had(known, meant, left.mutate(first=left.entry, last=left.entry))
        both = reached.join(before.select(*KEYS, had_before="had"), [*KEYS])
        return both.select(*KEYS, (both.had * (1 - both.had_before)).cast("int64").name(name))

    return Measure(
        name=name,
        kind="flag",
        unit="persons",
        direction="none" if group == "job_seeking" else "higher",
        columns=(name,),
        compute=compute,
        parameters=(
            ("statuses", meant.statuses),
            ("window", (days.months, days.days)),
            ("project", project or ""),
            ("newly", newly),
        ),
        meaning=after,
        asks_for="everyone",
    )


def _closed_windows(spells: ibis.Table, days: Window) -> ibis.Table:
    """Add ``first`` and ``last`` day of the window, and keep those whose window closed before the period's end."""
    left = spells.filter(spells.last_day.notnull())
    first = (left.last_day + ibis.interval(months=days.months)).cast("date")
    opened = left.mutate(first=first)
    whole = opened.mutate(last=(opened["first"] + ibis.interval(days=days.days)).cast("date"))
    return whole.filter(whole["last"] < whole.period_end)


def _had(known: Known, meant: StatusGroup, persons: ibis.Table) -> ibis.Table:
    """Return ``person_id``, ``period``, ``had`` (0 or 1) of those with a recorded status in their window."""
    found = statuses_between(known, meant.kind, persons)
    there = found.mutate(there=ibis.ifelse(found.status.isin(meant.statuses), 1, 0))
    return there.group_by(*KEYS).agg(had=there.there.max().cast("int64"))

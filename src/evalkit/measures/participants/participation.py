"""Entry and exit of participants, and the status they had on a day, as known before the ends of periods."""

from __future__ import annotations

import ibis

from evalkit.errors import InputError
from evalkit.values import Known
from evalkit.vocabulary.ladders import Ladder, StatusGroup, ladder, status_group

KEYS = ("person_id", "period")
NOT_RECORDED = "unknown"


def participation(known: Known, project: str | None) -> ibis.Table:
    """Return each participant's first entry and last exit, as known before the period's end.

    Returns
    -------
    ibis.Table
        ``person_id``, ``period``, ``period_end``, ``entry``, ``last_day`` (missing while the person takes part).
    """
    rows = known.history("participants", day="start")
    rows = rows if project is None else rows.filter(rows.project == project)
    spells = rows.group_by(*KEYS).agg(
        period_end=rows.period_end.max(),
        entry=rows.start.min(),
        open=rows.end.isnull().sum(),
        exit=rows.end.max(),
    )
    last_day = (spells.exit - ibis.interval(days=1)).cast("date")
    return spells.select(*KEYS, "period_end", "entry", last_day=ibis.ifelse(spells.open == 0, last_day, None))


def statuses_between(known: Known, kind: str, persons: ibis.Table) -> ibis.Table:
    """Return the recorded statuses of a kind that overlap each person's window of days.

    Parameters
    ----------
    kind
        ``"employment"``, ``"study"`` or ``"self_support"``.
    persons
        ``person_id``, ``period``, ``first`` and ``last`` (days, both included), at most one row per person and period.

    Returns
    -------
    ibis.Table
        ``person_id``, ``period``, ``status``; statuses that are "unknown" are left out.
    """
    rows = known.history("statuses", day="start")
    told = rows.filter(rows.kind == kind, rows.status != NOT_RECORDED)
    spells = told.select(status_person="person_id", status_period="period", status="status", start="start", end="end")
    days = persons.select(*KEYS, "first", "last")
    joined = days.join(
        spells,
        [
            days.person_id == spells.status_person,
            days.period == spells.status_period,
            spells.start <= days["last"],
            spells.end.isnull() | (spells.end > days["first"]),
        ],
    )
    return joined.select(*KEYS, "status")


def group_named(name: str) -> StatusGroup:
    """Return a group of statuses of the vocabulary.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    try:
        return status_group(name)
    except KeyError as fault:
        raise InputError(str(fault.args[0]), remedy="use one of these") from None


def ladder_named(name: str) -> Ladder:
    """Return a ladder of statuses of the vocabulary.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    try:
        return ladder(name)
    except KeyError as fault:
        raise InputError(str(fault.args[0]), remedy="use one of these") from None

"""Employment, study and self-support in periods, and the steps taken since entry."""

from __future__ import annotations

from typing import Literal

import ibis

from evalkit.errors import InputError
from evalkit.measures.judged import ratio_of
from evalkit.measures.participants.participation import (
    KEYS,
    NOT_RECORDED,
    group_named,
    ladder_named,
    participation,
    statuses_between,
)
from evalkit.values import Known, Measure
from evalkit.vocabulary.ladders import Ladder

Kind = Literal["employment", "study", "self_support"]
KINDS = ("employment", "study", "self_support")


def status(kind: Kind) -> Measure:
    """Measure a person's status on the period's last day.

    Parameters
    ----------
    kind
        ``"employment"``, ``"study"`` or ``"self_support"``.

    Returns
    -------
    Measure
        ``<kind>_status``, a state of the codes of the table statuses; missing where none was recorded.

    Raises
    ------
    InputError
        If there is no such kind.
    """
    if kind not in KINDS:
        raise InputError(f"there are no statuses of the kind {kind!r}", remedy=f"use one of {', '.join(KINDS)}")
    name = f"{kind}_status"

    def compute(known: Known) -> ibis.Table:
        return _now(known, kind).select(*KEYS, ibis._.status.name(name))

    return Measure(name, "state", "", "none", (name,), compute, parameters=(("kind", kind),), meaning="status")


def days_in(group: str) -> Measure:
    """Measure the share of a period's days on which a person's status was of a group.

    Parameters
    ----------
    group
        ``"in_work"``, ``"in_study"``, ``"job_seeking"`` or ``"self_supporting"``
        (`evalkit.vocabulary.ladders.status_group`).

    Returns
    -------
    Measure
        ``days_<group>``, a ratio of days over days with a recorded status; coverage is days with a recorded status
        over days of the period.

    Raises
    ------
    InputError
        If there is no such group.
    """
    meant = group_named(group)
    name = f"days_{group}"
    columns = (f"{name}_there", f"{name}_recorded", f"{name}_of_period")

    def compute(known: Known) -> ibis.Table:
        rows = known.spells("statuses")
        told = rows.filter(rows.kind == meant.kind, rows.status != NOT_RECORDED)
        until = ibis.least(ibis.coalesce(told.end, told.period_end), told.period_end)
        counted = told.mutate(
            days=until.delta(ibis.greatest(told.start, told.period_start), unit="day"),
            whole=told.period_end.delta(told.period_start, unit="day"),
        )
        there = counted.status.isin(meant.statuses)
        return counted.group_by(*KEYS).agg(
            ibis.coalesce(counted.days.sum(where=there), 0).cast("int64").name(columns[0]),
            counted.days.sum().cast("int64").name(columns[1]),
            counted.whole.max().cast("int64").name(columns[2]),
        )

    return ratio_of(
        name,
        columns,
        compute,
        better="none" if group == "job_seeking" else "higher",
        coverage=(f"{name}_coverage", columns[1], columns[2]),
        parameters=(("kind", meant.kind), ("statuses", meant.statuses)),
        meaning="days_in_status",
    )


def step_movement(on: str = "self_support", project: str | None = None) -> Measure:
    """Measure whether a participant moved on a ladder of statuses between entry and the period's last day.

    Parameters
    ----------
    on
        ``"self_support"`` or ``"employment"`` (`evalkit.vocabulary.ladders.ladder`).
    project
        Number of the project; None for the first entry to any.

    Returns
    -------
    Measure
        ``step_movement_<on>``, a state: ``up``, ``none`` or ``down``; missing where the status on either day was not
        recorded.

    Raises
    ------
    InputError
        If there is no such ladder.
    """
    steps = _ladder_of_statuses(on)
    name = f"step_movement_{on}"

    def compute(known: Known) -> ibis.Table:
        both = _steps(known, steps, project)
        moved = ibis.cases((both.now > both.then, "up"), (both.now < both.then, "down"), else_="none")
        return both.select(*KEYS, moved.name(name))

    parameters = (("steps", steps.steps), ("project", project or ""))
    return Measure(name, "state", "", "none", (name,), compute, parameters=parameters, meaning="step_movement")


def steps_taken(on: str = "self_support", project: str | None = None) -> Measure:
    """Measure how many steps of a ladder a participant stands higher on the period's last day than at entry.

    Parameters
    ----------
    on, project
        As for `step_movement`.

    Returns
    -------
    Measure
        ``steps_taken_<on>``, a mean; negative for those who stand lower.

    Raises
    ------
    InputError
        If there is no such ladder.
    """
    steps = _ladder_of_statuses(on)
    name = f"steps_taken_{on}"

    def compute(known: Known) -> ibis.Table:
        both = _steps(known, steps, project)
        return both.select(*KEYS, (both.now - both.then).cast("float64").name(name))

    parameters = (("steps", steps.steps), ("project", project or ""))
    return Measure(name, "mean", "points", "higher", (name,), compute, parameters=parameters, meaning="steps_taken")


def _now(known: Known, kind: str) -> ibis.Table:
    """Return ``person_id``, ``period``, ``status`` on the period's last day; of two that overlap the later."""
    rows = known.spells("statuses")
    # an end that is not known before the period's end lies there or later
    open_still = rows.filter(rows.kind == kind, rows.status != NOT_RECORDED, rows.end.isnull())
    latest = ibis.window(group_by=list(KEYS), order_by=[ibis.desc(open_still.start), open_still.status])
    placed = open_still.mutate(place=ibis.row_number().over(latest))
    return placed.filter(placed.place == 0).select(*KEYS, "status")


def _steps(known: Known, steps: Ladder, project: str | None) -> ibis.Table:
    """Return ``person_id``, ``period``, ``then``, ``now``: steps at entry and on the period's last day."""
    entered = participation(known, project)
    at_entry = statuses_between(known, steps.kind, entered.mutate(first=entered.entry, last=entered.entry))
    then = at_entry.mutate(step=_step(at_entry.status, steps)).group_by(*KEYS).agg(then=ibis._.step.max())
    standing = _now(known, steps.kind)
    now = standing.select(*KEYS, now=_step(standing.status, steps))
    both = then.join(now, [*KEYS])
    return both.filter(both.then.notnull(), both.now.notnull())


def _step(code: ibis.Value, steps: Ladder) -> ibis.Value:
    placed = ((code.isin(codes), number) for number, codes in enumerate(steps.steps))
    return ibis.cases(*placed).cast("int64")


def _ladder_of_statuses(name: str) -> Ladder:
    found = ladder_named(name)
    if found.kind not in KINDS:
        raise InputError(f"nobody stands on the ladder {name}", remedy="use self_support or employment")
    return found

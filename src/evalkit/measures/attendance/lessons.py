"""Lesson rows summed by person and period, once for every measure that asks.

Definitions (this project's own, over the minutes of SS 12000): present = attended + other school activity; absent =
valid + invalid absence; both over the minutes of *reported* lessons, where a missing number is 0. An unreported lesson
is unknown: it counts in what was offered, and nowhere else.
"""

from __future__ import annotations

from dataclasses import replace

import ibis

from evalkit.measures.attendance.once import once
from evalkit.values import Known
from evalkit.vocabulary import absence_threshold
from evalkit.vocabulary.schema import table_schema

KEYS = ("person_id", "period")
SUMS = (
    "offered_minutes",
    "reported_minutes",
    "present_minutes",
    "attended_minutes",
    "other_minutes",
    "valid_absence_minutes",
    "invalid_absence_minutes",
)
WEEKDAYS = (1, 2, 3, 4, 5, 6, 7)
"""ISO weekdays: 1 is Monday."""


def codes(column: str) -> tuple[str, ...]:
    """Return the codes that a column of the lessons may hold."""
    return next(each.allowed for each in table_schema("attendance").columns if each.name == column)


def with_minutes(rows: ibis.Table) -> ibis.Table:
    """Return lessons with their minutes ``present`` and ``absent``, 0 where the lesson was not reported."""

    def both(first: str, second: str) -> ibis.Value:
        sum_of_both = ibis.coalesce(rows[first], 0) + ibis.coalesce(rows[second], 0)
        return ibis.ifelse(rows.reported, sum_of_both, 0)

    return rows.mutate(
        present=both("minutes_attended", "minutes_other"),
        absent=both("minutes_valid_absence", "minutes_invalid_absence"),
    )


@once
def lessons(known: Known) -> ibis.Table:
    """Return the lessons in the periods, with their minutes ``present`` and ``absent``."""
    return with_minutes(known.facts("attendance"))


@once
def first_lessons(known: Known) -> ibis.Table:
    """Return the lessons that begin a person's day: those with its smallest start, reported or not, all that tie."""
    # each reads lessons by itself: an engine that is told of one read for several uses puts all rows aside in between
    rows, others = _read_apart(known, 1), _read_apart(known, 2)
    day = [*KEYS, "date"] if known.calendar is None else ["person_id", "date"]
    starts = others.group_by(day).agg(start_minute=others.start_minute.min())
    return rows.semi_join(starts, [*day, "start_minute"])


def _read_apart(known: Known, times: int) -> ibis.Table:
    """Return the lessons by an expression of its own; the grid's rows are distinct already."""
    grid = known.grid
    for _ in range(times):
        grid = grid.distinct()
    return with_minutes(replace(known, grid=grid).facts("attendance"))


@once
def totals(known: Known) -> ibis.Table:
    """Return every sum over all lessons in the periods; see `sums`."""
    return sums(lessons(known))


def sums(rows: ibis.Table) -> ibis.Table:
    """Sum lessons by person and period.

    Parameters
    ----------
    rows
        From `lessons` or `first_lessons`, or some of them.

    Returns
    -------
    ibis.Table
        One row per person and period: `SUMS`; offered, reported, present and absent minutes by mode
        (``present_minutes_online``) and by weekday (``absent_minutes_1``), absent minutes by recorded reason
        (``reason_minutes_family``) and with any (``reason_minutes``); ``lessons``, ``reported_lessons``,
        ``on_time_lessons``, ``late_lessons``.

    Notes
    -----
    One wide expression, the same for all who ask, is answered in one pass; engines leave out sums nobody reads.
    """
    return rows.group_by(*KEYS).agg(
        **_minutes(rows, "", None),
        attended_minutes=total(rows.minutes_attended, rows.reported),
        other_minutes=total(rows.minutes_other, rows.reported),
        valid_absence_minutes=total(rows.minutes_valid_absence, rows.reported),
        invalid_absence_minutes=total(rows.minutes_invalid_absence, rows.reported),
        **_by_mode(rows),
        **_by_weekday(rows),
        **_by_reason(rows),
        **_arrivals(rows),
    )


def late_limit() -> int:
    """Return up to how many minutes of absence from a lesson are a late arrival, by the vocabulary."""
    return int(absence_threshold("late").limit)


def lateness(rows: ibis.Table, limit: int) -> ibis.Value:
    """Tell which lessons the person came late to, or left early: present, but 1 up to ``limit`` minutes absent."""
    return (rows.present > 0) & (rows.absent > 0) & (rows.absent <= limit)


def counted(condition: ibis.Value) -> ibis.Value:
    """Count the rows of a group for which a condition holds; 0 where there are none."""
    return ibis.coalesce(ibis.ifelse(condition, 1, 0).sum(), 0).cast("int64")


def total(minutes: ibis.Value, where: ibis.Value | None = None) -> ibis.Value:
    """Sum the minutes of a group, where a condition holds; 0 where there are none."""
    # a choice inside the sum: engines are slower with many filtered sums
    chosen = minutes if where is None else ibis.ifelse(where, minutes, 0)
    return ibis.coalesce(chosen.sum(), 0).cast("int64")


def _arrivals(rows: ibis.Table) -> dict[str, ibis.Value]:
    return {
        "lessons": rows.count(),
        "reported_lessons": counted(rows.reported),
        "on_time_lessons": counted((rows.present > 0) & (rows.absent == 0)),
        "late_lessons": counted(lateness(rows, late_limit())),
    }


def _by_mode(rows: ibis.Table) -> dict[str, ibis.Value]:
    parts = [_minutes(rows, f"_{mode}", rows.mode == mode) for mode in codes("mode")]
    return {name: value for part in parts for name, value in part.items()}


def _by_weekday(rows: ibis.Table) -> dict[str, ibis.Value]:
    weekday = rows.date.day_of_week.index() + 1
    parts = [_minutes(rows, f"_{number}", weekday == number) for number in WEEKDAYS]
    return {name: value for part in parts for name, value in part.items()}


def _by_reason(rows: ibis.Table) -> dict[str, ibis.Value]:
    parts = {f"reason_minutes_{reason}": total(rows.absent, rows.reason == reason) for reason in codes("reason")}
    return parts | {"reason_minutes": total(rows.absent, rows.reason.notnull())}


def _minutes(rows: ibis.Table, suffix: str, chosen: ibis.Value | None) -> dict[str, ibis.Value]:
    reported = rows.reported if chosen is None else rows.reported & chosen
    return {
        f"offered_minutes{suffix}": total(rows.minutes_offered, chosen),
        f"reported_minutes{suffix}": total(rows.minutes_offered, reported),
        f"present_minutes{suffix}": total(rows.present, chosen),
        f"absent_minutes{suffix}": total(rows.absent, chosen),
    }

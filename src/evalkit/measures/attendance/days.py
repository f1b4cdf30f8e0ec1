"""Lesson rows summed by person and day, once for every measure of days, spells and streaks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import ibis

from evalkit.measures.attendance.lessons import KEYS, counted, total, with_minutes
from evalkit.measures.attendance.once import once
from evalkit.measures.judged import ratio_of
from evalkit.values import Known, Measure
from evalkit.vocabulary import school_year_of

STRAND = ("person_id", "strand", "school_year")
FIRST_MONTH_OF_AUTUMN = 7
EVER = date(1900, 1, 1)


@dataclass(frozen=True)
class Reach:
    """How far back before a period days matter to it.

    Parameters
    ----------
    days
        Days before the period's start whose school years count too.
    over_summer
        Whether everything that was known counts, and runs of days go on over 1 July.
    """

    days: int = 0
    over_summer: bool = False


OWN_YEAR = Reach()


def absent_days() -> Measure:
    """Measure how many of the known school days a person was absent all day.

    Over all lessons of a date: the person is *present* with any minute present, *absent* with reported minutes and none
    present, and the day is *unknown* where no minute was reported. A date without lessons is no school day.

    Returns
    -------
    Measure
        ``absent_day_share``, a ratio in [0, 1]: ``absent_days`` over ``known_days``; ``absent_day_coverage`` is known
        days over ``days``.
    """
    columns = ("absent_days", "known_days", "days")
    return ratio_of(
        "absent_day_share",
        columns,
        lambda known: counted_days(known).select(*KEYS, *columns),
        better="lower",
        coverage=("absent_day_coverage", "known_days", "days"),
    )


def activity_days() -> Measure:
    """Measure on how many dates a person was active online.

    Returns
    -------
    Measure
        ``activity_days``, a count of dates with activity in the table of check-ins, or any minute present at an online
        lesson.
    """

    def compute(known: Known) -> ibis.Table:
        own = in_periods(school_days(known))
        active = own.filter(own.online).select(*KEYS, "date")
        if "checkins" in known:
            rows = known.facts("checkins")
            active = active.union(rows.filter(rows.direction == "activity").select(*KEYS, "date"), distinct=True)
        return active.group_by(*KEYS).agg(activity_days=active.count())

    return Measure("activity_days", "count", "days", "higher", ("activity_days",), compute)


@once
def counted_days(known: Known) -> ibis.Table:
    """Return ``days``, ``known_days`` and ``absent_days`` by person and period."""
    own = in_periods(school_days(known))
    return own.group_by(*KEYS).agg(
        days=own.count(), known_days=counted(own.absent | own.present), absent_days=counted(own.absent)
    )


def in_periods(days: ibis.Table) -> ibis.Table:
    """Return the days that lie in a period, not those that only lead up to one."""
    return days.filter(days.period.notnull())


@once
def school_days(known: Known, reach: Reach = OWN_YEAR) -> ibis.Table:
    """Return the dates on which a person had lessons, in the periods and before them.

    Returns
    -------
    ibis.Table
        One row per person, ``strand`` and ``date``: ``period`` (missing on days before the first), ``school_year`` (the
        year it begins in; 0 throughout where runs go on over the summer), and whether the person was ``absent``,
        ``present``, in ``full`` attendance or present ``online``.

    Notes
    -----
    A period sees all facts of earlier days that were known before its end. Of nearly everyone these were known before
    the end of the earlier day's own period, so one strand of days, ``""``, serves all periods of a person. Those of
    whom something was learnt later have a strand for each period, named after it.
    """
    if known.calendar is None:
        return _marked(_strands(known, reach), reach)
    late = _learnt_late(known)
    prompt = replace(known, grid=known.grid.anti_join(late, "person_id"))
    behind = replace(known, grid=known.grid.semi_join(late, "person_id"), calendar=None)
    in_time = prompt.facts("attendance").mutate(strand=ibis.literal(""))
    parts = [_by_day(in_time), *_leading(prompt, known.calendar, reach), _strands(behind, reach)]
    return _marked(ibis.union(*parts), reach)


def school_year_number(day: ibis.Value) -> ibis.Value:
    """Return the year in which the school year of a day begins."""
    return (day.year() - ibis.ifelse(day.month() < FIRST_MONTH_OF_AUTUMN, 1, 0)).cast("int32")


def _marked(days: ibis.Table, reach: Reach) -> ibis.Table:
    return days.select(
        "person_id",
        "strand",
        "period",
        "date",
        school_year=ibis.literal(0).cast("int32") if reach.over_summer else school_year_number(days.date),
        absent=(days.reported_minutes > 0) & (days.present_minutes == 0),
        present=days.present_minutes > 0,
        full=(days.reported_minutes > 0) & (days.absent_minutes == 0),
        online=days.online_minutes > 0,
    )


def _by_day(rows: ibis.Table) -> ibis.Table:
    rows = with_minutes(rows)
    return rows.group_by("person_id", "strand", "period", "date").agg(
        reported_minutes=total(rows.minutes_offered, rows.reported),
        present_minutes=total(rows.present),
        absent_minutes=total(rows.absent),
        online_minutes=total(rows.present, rows.mode == "online"),
    )


def _learnt_late(known: Known) -> ibis.Table:
    """Return the persons of whom a lesson was known only after its day, among all that their last period sees."""
    grid = known.grid
    last = grid.group_by("person_id").agg(
        period=ibis.literal(""), start=grid.start.max(), end=grid.end.max(), school_id=ibis.literal("")
    )
    rows = replace(known, grid=last, calendar=None).history("attendance", day="date")
    return rows.filter(rows.known_from > rows.date).group_by("person_id").agg()


def _strands(known: Known, reach: Reach) -> ibis.Table:
    rows = known.history("attendance", day="date")
    if not reach.over_summer:
        since = (rows.period_start - ibis.interval(days=reach.days)).cast("date")
        rows = rows.filter(school_year_number(rows.date) >= school_year_number(since))
    own = ibis.ifelse(rows.date >= rows.period_start, rows.period, ibis.null("string"))
    return _by_day(rows.mutate(strand=rows.period, period=own))


def _leading(known: Known, calendar: ibis.Table, reach: Reach) -> list[ibis.Table]:
    """Return the days before each period that follows upon no other, back to where they cease to matter."""
    persons = known.grid.select("person_id").distinct()
    found = []
    for first, end in _openings(calendar, reach):
        window = {"period": ibis.literal(""), "start": first, "end": end, "school_id": ibis.literal("")}
        before = replace(known, grid=persons.mutate(**window), calendar=None).facts("attendance")
        # said again as plain dates, so that the engine opens no file of other years
        before = before.filter(before.date >= first, before.date < end)
        found.append(_by_day(before.mutate(strand=ibis.literal(""), period=ibis.null("string"))))
    return found


def _openings(calendar: ibis.Table, reach: Reach) -> list[tuple[date, date]]:
    windows = calendar.select("start", "end").distinct().order_by("start").execute()
    found, seen_until = [], EVER
    for start, end in zip(windows["start"], windows["end"], strict=True):
        first_day = start.date()
        needed = EVER if reach.over_summer else school_year_of(first_day - timedelta(days=reach.days)).start
        since = max(needed, seen_until)
        if since < first_day:
            found.append((since, first_day))
        seen_until = end.date()
    return found

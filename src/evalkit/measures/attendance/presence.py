"""Who is on site, at an instant and hour by hour: from check-ins, and from the lessons people were reported at.

Both questions are about a day that is over or going on, not about a period, and read all that the tables hold. Their
answers are restricted: persons never leave, and counts leave protected.
"""

from __future__ import annotations

from datetime import date

import ibis

from evalkit.errors import InputError
from evalkit.measures.attendance.lessons import with_minutes
from evalkit.values import Tables

END_OF_DAY = 1440
HOUR = 60
PLACE = ("person_id", "school_id", "building_id", "source")


def present_at(tables: Tables, day: date, minute: int) -> ibis.Table:
    """Find who was on site at an instant.

    A person is on site from a check-in ``in`` until the next ``out``. Before the day's first check-in, or without any,
    the person is on site during a campus lesson that they were reported at with some minutes present.

    Parameters
    ----------
    tables
        With ``attendance``; ``checkins`` are used where the site has them.
    day
        The day, in the site's own time.
    minute
        Minutes after midnight, 0 to 1439. A stay holds its first minute and not the one it ends at.

    Returns
    -------
    ibis.Table
        ``person_id``, ``school_id``, ``building_id`` (missing where unknown), ``source`` (``"checkin"`` or
        ``"lesson"``): one row a person; of lessons at the same time, the one that began last.

    Raises
    ------
    InputError
        If the minute is none of a day.
    """
    if not 0 <= minute < END_OF_DAY:
        raise InputError("there is no such minute of the day", remedy="give minutes after midnight, 0 to 1439")
    stays = _stays(tables, day)
    there = stays.filter(stays.start <= minute, stays.end > minute)
    order = ibis.window(
        group_by="person_id", order_by=[there.start.desc(), there.school_id, there.building_id, there.end]
    )
    numbered = there.mutate(place=ibis.row_number().over(order))
    return numbered.filter(numbered.place == 0).select(*PLACE)


def present_by_hour(tables: Tables, day: date) -> ibis.Table:
    """Count the persons on site hour by hour.

    Parameters
    ----------
    tables, day
        As in `present_at`.

    Returns
    -------
    ibis.Table
        ``building_id`` (missing where unknown), ``hour`` (0 to 23, the clock hour that begins then), ``persons``: how
        many were in the building during any minute of the hour. Hours without anyone are absent.
    """
    stays = _stays(tables, day)
    hours = ibis.memtable({"hour": list(range(END_OF_DAY // HOUR))}, schema={"hour": "int64"})
    there = stays.join(hours, [stays.start < (hours.hour + 1) * HOUR, stays.end > hours.hour * HOUR])
    return there.group_by("building_id", "hour").agg(persons=there.person_id.nunique())


def _stays(tables: Tables, day: date) -> ibis.Table:
    """Return intervals of minutes ``[start, end)`` in which persons were on site."""
    at_lessons = _lesson_stays(tables["attendance"], day)
    if "checkins" not in tables:
        return at_lessons
    passages = _passages(tables["checkins"], day)
    first = passages.group_by("person_id").agg(checked_in=passages.minute.min())
    until = at_lessons.left_join(first, "person_id")
    end = ibis.ifelse(until.checked_in < until.end, until.checked_in, until.end)
    shortened = until.select(*PLACE, "start", end=end)
    own = ibis.window(group_by="person_id", order_by="minute")
    stays = passages.mutate(end=ibis.coalesce(passages.minute.lead().over(own), END_OF_DAY))
    inside = stays.filter(stays.direction == "in")
    checked = inside.select(
        "person_id", "school_id", "building_id", source=ibis.literal("checkin"), start=inside.minute, end=inside.end
    )
    return shortened.filter(shortened.end > shortened.start).union(checked)


def _lesson_stays(rows: ibis.Table, day: date) -> ibis.Table:
    rows = with_minutes(rows)
    rows = rows.filter(rows.date == day, rows["mode"] == "campus", rows.present > 0)
    return rows.select(
        "person_id",
        "school_id",
        "building_id",
        source=ibis.literal("lesson"),
        start=rows.start_minute,
        end=rows.start_minute + rows.minutes_offered,
    )


def _passages(rows: ibis.Table, day: date) -> ibis.Table:
    """Return a day's passages in and out, one a person and minute; of several in one minute, one ``in``."""
    rows = rows.filter(rows.date == day, rows.minute.notnull(), rows.direction.isin(["in", "out"]))
    order = ibis.window(group_by=["person_id", "minute"], order_by=[rows.direction, rows.building_id, rows.school_id])
    numbered = rows.mutate(place=ibis.row_number().over(order))
    return numbered.filter(numbered.place == 0)

"""Where pupils belong, and from when their school held dialogue forums."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import ibis
import pandas as pd

from evalkit.errors import DesignError
from evalkit.values import Period, Tables, took_place

BEFORE_THE_STUDY = -1


def assigned_schools(tables: Tables) -> pd.Series:
    """Find the school each person was enrolled in on the assignment date, as known that day.

    The date is one for the study: the 15 October before its first forum anywhere. Pupils keep that school when they
    move, so that what a forum does to moving is part of its effect and not of who is compared.

    Returns
    -------
    pandas.Series
        ``school_id`` by ``person_id``; persons not enrolled that day are absent. Among several enrolments the latest
        one with a year group counts, ties broken on the school.
    """
    if tables.assignment_date is None or "enrolments" not in tables:
        return pd.Series([], index=pd.Index([], dtype="str"), dtype="str", name="school_id")
    on, next_day = (ibis.literal(tables.assignment_date + timedelta(days=days)) for days in (0, 1))
    enrolments = tables["enrolments"]
    there = enrolments.filter(
        took_place(enrolments),
        enrolments.start <= on,
        enrolments.end.isnull() | (enrolments.end > on),
        enrolments.known_from < next_day,
    )
    latest_first = ibis.window(
        group_by="person_id",
        order_by=[ibis.ifelse(there.year_group.isnull(), 1, 0), ibis.desc("start"), ibis.asc("school_id")],
    )
    ranked = there.mutate(place=ibis.row_number().over(latest_first))
    frame = ranked.filter(ranked.place == 0).select("person_id", "school_id").execute()
    found: pd.Series = frame.set_index("person_id")["school_id"].sort_index()
    return found


def first_forum_times(tables: Tables, periods: Mapping[int, Period]) -> dict[str, int]:
    """Find the period of each school's first dialogue forum.

    Parameters
    ----------
    tables
        A site that handed over no forums has none.
    periods
        All periods of the study by time, in order.

    Returns
    -------
    dict
        Time by school_id, for schools whose first forum was held before the last period's end. Schools may start at
        different times. A school that held one in the first period or earlier gets -1: it was treated before anything
        was seen.

    Raises
    ------
    DesignError
        If a school that was seen untreated held its first forum on or before the assignment date: the forum could have
        made pupils change schools, so they no longer belong to schools as they did before it.
    """
    if "forums" not in tables:
        return {}
    forums = tables["forums"]
    first = forums.group_by("school_id").agg(first=forums.date.min()).execute()
    times: dict[str, int] = {}
    for school, day in zip(first["school_id"], pd.to_datetime(first["first"]).dt.date, strict=True):
        time = next((time for time, period in periods.items() if day < period.end), None)
        if time is None:
            continue
        times[school] = time if time > 0 else BEFORE_THE_STUDY
        if time > 0 and tables.assignment_date is not None and day <= tables.assignment_date:
            raise DesignError(
                "a school held its first dialogue forum before the day that says to which school pupils belong",
                remedy="set assignment_date in the study file to the 15 October before the first forum",
            )
    return times


def exposure_days(tables: Tables) -> dict[str, date]:
    """Find the first day by which each school had held a dialogue forum and this was known.

    Returns
    -------
    dict
        Day by school_id, for schools with forums.
    """
    if "forums" not in tables:
        return {}
    forums = tables["forums"]
    known = forums.mutate(day=ibis.greatest(forums.date, forums.known_from))
    first = known.group_by("school_id").agg(day=known.day.min()).execute()
    return dict(zip(first["school_id"], pd.to_datetime(first["day"]).dt.date, strict=True))

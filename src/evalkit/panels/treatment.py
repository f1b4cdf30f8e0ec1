"""Where pupils belong, and from when their school held dialogue forums."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import pandas as pd

from evalkit.panels.grid import took_place
from evalkit.values import Period, Tables

BEFORE_THE_STUDY = -1


def assigned_schools(tables: Tables) -> pd.Series:
    """Find the school each person was enrolled in on the assignment date, as known that day.

    Returns
    -------
    pandas.Series
        ``school_id`` by ``person_id``; persons not enrolled that day are absent. Among several enrolments the latest
        one with a year group counts, ties broken on the school.
    """
    if tables.assignment_date is None:
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


def first_forum_times(tables: Tables, terms: tuple[Period, ...]) -> dict[str, int]:
    """Find the term of each school's first dialogue forum.

    Parameters
    ----------
    tables
        A site that handed over no forums has none.
    terms
        All terms of the study, in order.

    Returns
    -------
    dict
        Time by school_id, for schools whose first forum was held before the last term's end. A school that held one in
        the first term or earlier gets -1: it was treated before anything was seen.
    """
    if "forums" not in tables:
        return {}
    forums = tables["forums"]
    first = forums.group_by("school_id").agg(first=forums.date.min()).execute()
    times: dict[str, int] = {}
    for school, day in zip(first["school_id"], pd.to_datetime(first["first"]).dt.date, strict=True):
        time = next((time for time, term in enumerate(terms) if day < term.end), None)
        if time is not None:
            times[school] = time if time > 0 else BEFORE_THE_STUDY
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

"""Who is there in which term: the rows of a panel, before anything is measured."""

from __future__ import annotations

from datetime import date

import ibis
import pandas as pd

from evalkit.errors import DesignError, InputError
from evalkit.values import Cohort, Period, Tables

PEOPLE = {"person_id": "string", "entry": "date", "exit": "date"}
CALENDAR = {"time": "int64", "first": "date", "last": "date"}
GRID = {"person_id": "string", "period": "string", "start": "date", "end": "date", "school_id": "string"}


def whole_terms(tables: Tables, as_of: date | None) -> dict[int, Period]:
    """Return the study's terms that had ended by a day, by their place among all terms.

    Raises
    ------
    InputError
        If the tables carry no terms.
    DesignError
        If none had ended: every measure would need facts from after the day.
    """
    if not tables.terms:
        raise InputError("the tables carry no terms", remedy="open them with open_study, or give Tables its terms")
    ended = {time: term for time, term in enumerate(tables.terms) if as_of is None or term.end <= as_of}
    if not ended:
        raise DesignError(
            f"no term had ended by {as_of}, so every measure of a term would need facts from later",
            remedy="choose a later as_of for the cohort",
        )
    return ended


def enrolled_terms(cohort: Cohort, tables: Tables, terms: dict[int, Period]) -> pd.DataFrame:
    """Find the terms in which each person of a cohort was enrolled.

    Parameters
    ----------
    cohort
        Persons with entry and exit.
    tables
        With ``enrolments``.
    terms
        Terms by time.

    Returns
    -------
    pandas.DataFrame
        One row per person and term in which an enrolment known before the term's end overlaps both the term (in autumn:
        from 15 August) and [entry, exit): ``person_id``, ``time``, ``enrolled_at`` (school_id) and ``year_group`` of
        the latest such enrolment (those with a year group first, ties broken on the school).
    """
    enrolments = tables["enrolments"]
    people = ibis.memtable(cohort.frame[list(PEOPLE)], schema=PEOPLE)
    days = [(time, _first_day(term), term.end) for time, term in terms.items()]
    calendar = ibis.memtable(pd.DataFrame(days, columns=list(CALENDAR)), schema=CALENDAR)
    spells = enrolments.filter(took_place(enrolments)).join(people, "person_id")
    there = spells.join(
        calendar,
        [
            spells.start < calendar["last"],
            spells.entry < calendar["last"],
            spells.known_from < calendar["last"],
            spells.end.isnull() | (spells.end > calendar["first"]),
            spells.exit.isnull() | (spells.exit > calendar["first"]),
        ],
    )
    latest_first = ibis.window(
        group_by=["person_id", "time"],
        order_by=[ibis.ifelse(there.year_group.isnull(), 1, 0), ibis.desc("start"), ibis.asc("school_id")],
    )
    ranked = there.mutate(place=ibis.row_number().over(latest_first))
    chosen = ranked.filter(ranked.place == 0).select("person_id", "time", "school_id", "year_group")
    frame: pd.DataFrame = chosen.execute()
    frame = frame.rename(columns={"school_id": "enrolled_at"}).sort_values(["person_id", "time"], ignore_index=True)
    return frame.astype({"time": "int64", "year_group": "Int64"})


def took_place(enrolments: ibis.Table) -> ibis.Value:
    """Tell which enrolments count: all that lasted until an end, broken off or not, and all that still last."""
    return ~enrolments.cancelled | enrolments.end.notnull()


def _first_day(term: Period) -> date:
    # an enrolment that ends during the summer holidays does not reach into the autumn term
    return term.start.replace(month=8, day=15) if (term.start.month, term.start.day) == (7, 1) else term.start


def as_grid(rows: pd.DataFrame, terms: dict[int, Period]) -> ibis.Table:
    """Return the rows as the grid that measures are computed on.

    Parameters
    ----------
    rows
        ``person_id``, ``time``, ``school``.
    terms
        Terms by time.
    """
    frame = pd.DataFrame(
        {
            "person_id": rows["person_id"],
            "period": [terms[time].label for time in rows["time"]],
            "start": [terms[time].start for time in rows["time"]],
            "end": [terms[time].end for time in rows["time"]],
            "school_id": rows["school"],
        }
    )
    return ibis.memtable(frame, schema=GRID)

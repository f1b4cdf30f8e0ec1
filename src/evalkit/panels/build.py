"""Build a panel: a cohort's persons by terms by measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from evalkit.errors import DesignError, InputError
from evalkit.panels.grid import as_grid, enrolled_terms, whole_terms
from evalkit.panels.guard import check_measures, check_tables
from evalkit.panels.measured import measured
from evalkit.panels.places import modal_places, school_labels
from evalkit.panels.treatment import assigned_schools, exposure_days, first_forum_times
from evalkit.values import Cohort, Measure, Panel, Period, Tables
from evalkit.vocabulary import school_year_of

NEEDED = ("persons", "school_units", "enrolments", "attendance")
OWN = (
    "person_id",
    "time",
    "term",
    "school_year",
    "place",
    "municipality",
    "school",
    "school_label",
    "assigned_school",
    "cluster_school",
    "class_id",
    "year_group",
    "sex",
    "treated_from",
)
EXPOSED = "forum_exposed"


def build_panel(cohort: Cohort, *, period: Literal["term"] = "term", measures: Sequence[Measure]) -> Panel:
    """Measure a cohort's persons in each term they were enrolled.

    Parameters
    ----------
    cohort
        With its tables. Facts known on or after its ``as_of`` are not seen, and terms that had not ended by then are
        left out.
    period
        ``"term"``.
    measures
        What to measure. Each sees only facts known before the term's end; measures that share sums share one scan.

    Returns
    -------
    Panel
        One row per person and term with an enrolment in [entry, exit): ``person_id``, ``time`` (place of the term in
        the study), ``term``, ``school_year``, ``place``, ``municipality`` (of the cluster school), ``school`` and
        ``class_id`` (of most lessons; without lessons the enrolment's school), ``school_label``, ``assigned_school``
        (on the assignment date), ``cluster_school`` (assigned, else the first), ``year_group``, ``sex``,
        ``treated_from`` (term of the first forum at the assigned school, NaN for never, -1 for before anything was
        seen), ``forum_exposed``, and for each measure its columns and its name. The treatment's timing belongs to the
        design and is the same in all rows of a person.

    Raises
    ------
    InputError
        If a table is not there, two measures give the same column, or a measure lacks one.
    DesignError
        If a measure would see later facts, no term had ended, or nobody was enrolled in any.
    """
    if period != "term":
        raise InputError(f"there are no panels by {period!r}", remedy='use period="term"')
    if cohort.tables is None:
        raise InputError("the cohort has no open tables to measure in", remedy="build it with build_cohort")
    check_tables(cohort.tables, NEEDED)
    check_measures(tuple(measures), OWN)
    tables = cohort.tables if cohort.as_of is None else cohort.tables.known_before(cohort.as_of)
    terms = whole_terms(tables, cohort.as_of)
    rows = _described(enrolled_terms(cohort, tables, terms), tables, terms)
    rows["school_label"] = rows["school"].map(school_labels(cohort.tables))
    values = measured(rows, tables, as_grid(rows, terms), tuple(measures))
    own = list(OWN) if EXPOSED in values else [*OWN, EXPOSED]
    return Panel(
        frame=pd.concat([rows[own], values], axis=1),
        unit="person_id",
        time="time",
        cluster="cluster_school",
        inner_cluster="class_id",
        treated_from="treated_from",
        labels=tuple((time, term.label) for time, term in terms.items()),
        origin=cohort.origin,
    )


def _described(rows: pd.DataFrame, tables: Tables, terms: dict[int, Period]) -> pd.DataFrame:
    """Tell of each enrolled term where and in which year group the person was, and where the person belongs."""
    if rows.empty:
        raise DesignError(
            "nobody of the cohort was enrolled in any of the terms",
            remedy="check the study's school years against the cohort's period",
        )
    rows["term"] = rows["time"].map({time: term.label for time, term in terms.items()})
    rows["school_year"] = rows["time"].map({time: school_year_of(term.start).label for time, term in terms.items()})
    lessons = modal_places(tables, as_grid(rows.assign(school=rows["enrolled_at"]), terms))
    rows = rows.merge(lessons, how="left", on=["person_id", "term"])
    rows["school"] = rows["school"].fillna(rows["enrolled_at"])
    rows["assigned_school"] = rows["person_id"].map(assigned_schools(tables)).astype("str")
    rows["cluster_school"] = rows["assigned_school"].fillna(rows.groupby("person_id")["school"].transform("first"))
    rows["treated_from"] = rows["assigned_school"].map(first_forum_times(tables, tables.terms)).astype("float64")
    rows[EXPOSED] = _exposed(rows, tables, terms)
    rows["place"] = tables.place
    rows["sex"] = rows["person_id"].map(_column(tables, "persons", "person_id", "sex")).fillna("unknown")
    municipality = _column(tables, "school_units", "school_id", "municipality")
    return rows.assign(municipality=rows["cluster_school"].map(municipality))


def _exposed(rows: pd.DataFrame, tables: Tables, terms: dict[int, Period]) -> pd.Series:
    days = exposure_days(tables)
    known = [
        school in days and days[school] < terms[time].end
        for school, time in zip(rows["school"], rows["time"], strict=True)
    ]
    return pd.Series(known, index=rows.index).astype("float64")


def _column(tables: Tables, table: str, key: str, column: str) -> dict[str, str]:
    frame = tables[table].select(key, column).execute()
    return dict(zip(frame[key], frame[column], strict=True))

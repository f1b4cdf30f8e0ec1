"""The library of named cohorts."""

from __future__ import annotations

from datetime import date

import ibis

from evalkit.cohorts.criteria import (
    autumn_of,
    enrolled_on_reference_day,
    has_attendance,
    has_key_facts,
    started_in,
    took_place,
)
from evalkit.errors import InputError
from evalkit.values import CohortDefinition, Tables
from evalkit.vocabulary import school_year_of

STAGE = (7, 8, 9)
LAST_YEAR = 9
OPEN = date(9999, 12, 31)


def school_year_starters(year: int, between: tuple[str, str], as_of: str) -> CohortDefinition:
    """Define the pupils who started a year group of lower-secondary school.

    Entry is the first day in the year group. Exit is the end of the last enrolment in years 7-9; its cause is
    ``finished_year_9`` where a year-9 enrolment ran to June of its school year, else ``left_municipality``. A pupil
    whose enrolment ended with a school year is still in the cohort until 15 October of the next has passed, for the
    next enrolment may not be known yet.

    Parameters
    ----------
    year
        Year group, 7-9.
    between
        First and last day, both inside, such as ``("2021-08-01", "2025-07-31")``. The school years whose 15 October
        lies between them count.
    as_of
        No fact known on or after this day is seen.

    Returns
    -------
    CohortDefinition
        With the steps started, key facts, reference day and attendance.

    Raises
    ------
    InputError
        If the year group is not of the stage, a date cannot be read, or no school year lies between the dates.
    """
    if year not in STAGE:
        raise InputError(f"year group {year} is not of lower-secondary school", remedy="choose year 7, 8 or 9")
    first, last, seen_until = (_day(text) for text in (*between, as_of))
    autumns = tuple(y for y in range(first.year, last.year + 1) if first <= date(y, 10, 15) <= last)
    if not autumns:
        raise InputError(
            f"no 15 October lies between {first} and {last}, so no school year does",
            remedy='give the first and last day of whole school years, such as ("2021-08-01", "2025-07-31")',
        )
    period = "–".join(dict.fromkeys(_label(autumn) for autumn in (autumns[0], autumns[-1])))
    return CohortDefinition(
        name="school_year_starters",
        candidates=lambda tables: _spells(tables, year, autumns, seen_until),
        criteria=(
            started_in(year, autumns, period),
            has_key_facts(),
            enrolled_on_reference_day(autumns),
            has_attendance(),
        ),
        as_of=seen_until,
        sv=f"inskrivna i årskurs {year} något av läsåren {period}",
        en=f"enrolled in year {year} in any of the school years {period}",
        parameters=(("year", year), ("autumns", autumns)),
    )


def _spells(tables: Tables, year: int, autumns: tuple[int, ...], as_of: date) -> ibis.Table:
    """Return enrolments in the year group that start in the school years or run on their 15 October."""
    enrolments = _seen(tables, as_of)
    wanted = ibis.literal(False)
    for autumn in autumns:
        reference = ibis.literal(date(autumn, 10, 15))
        running = (enrolments.start <= reference) & (enrolments.until > reference)
        wanted = wanted | (autumn_of(enrolments.start) == autumn) | running
    spells = enrolments.filter(enrolments.year_group == year, wanted)
    ends = _last_ends(enrolments, as_of)
    known = spells.join(ends, "person_id")
    labels = [(known.autumn == autumn, _label(autumn)) for autumn in autumns]
    return known.select(
        "person_id",
        (known.school_id + ibis.literal("|") + known.start.cast("string")).name("spell_id"),
        known.start.name("entry"),
        "exit",
        "exit_cause",
        "school_id",
        "year_group",
        known.until.nullif(ibis.literal(OPEN)).name("until"),
        "autumn",
        ibis.cases(*labels, else_="").name("school_year"),
    )


def _seen(tables: Tables, as_of: date) -> ibis.Table:
    """Return the stage's enrolments; one that ends after ``as_of`` is open, for its end lies ahead."""
    enrolments = tables["enrolments"]
    ended = enrolments.end.notnull() & (enrolments.end <= ibis.literal(as_of))
    return enrolments.filter(took_place(enrolments), enrolments.year_group.isin(STAGE)).select(
        "person_id",
        "school_id",
        "year_group",
        "start",
        ibis.ifelse(ended, enrolments.end, ibis.literal(OPEN)).name("until"),
        autumn_of(enrolments.start).name("autumn"),
    )


def _last_ends(enrolments: ibis.Table, as_of: date) -> ibis.Table:
    """Return one row a person: ``exit`` (null while open) and ``exit_cause`` of the last enrolment of the stage."""
    latest_first = ibis.window(
        group_by="person_id", order_by=[ibis.desc("until"), ibis.desc("start"), ibis.asc("school_id")]
    )
    ranked = enrolments.mutate(place=ibis.row_number().over(latest_first))
    last = ranked.filter(ranked.place == 0)
    ran_out = last.until.year() * 12 + last.until.month() >= (last.autumn + 1) * 12 + 6
    settled = max(day for day in (date(as_of.year - 1, 10, 15), date(as_of.year, 10, 15)) if day < as_of)
    finished = ran_out & (last.year_group == LAST_YEAR)
    waiting = ran_out & (last.year_group < LAST_YEAR) & (last.until > ibis.literal(settled))
    still_there = (last.until == ibis.literal(OPEN)) | waiting
    return last.select(
        "person_id",
        ibis.ifelse(still_there, ibis.null("date"), last.until).name("exit"),
        ibis.cases((still_there, ""), (finished, "finished_year_9"), else_="left_municipality").name("exit_cause"),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no date", remedy="write dates as 2021-08-01") from None


def _label(autumn: int) -> str:
    return school_year_of(date(autumn, 10, 15)).label

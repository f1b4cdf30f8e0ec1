"""Rules that a cohort's candidates must meet, each a named step of the flow."""

from __future__ import annotations

from datetime import date

import ibis

from evalkit.values import Criterion, Tables


def started_in(year_group: int, autumns: tuple[int, ...], period: str) -> Criterion:
    """Keep spells of the school year in which a person came to a year group for the first time.

    Parameters
    ----------
    year_group
        The year group started.
    autumns
        School years, by the calendar year they start in, that the first day must lie in.
    period
        What readers call these school years, such as ``"2021/22–2024/25"``.

    Returns
    -------
    Criterion
        Judges spells: those of a year taken again are left out. Candidates need ``autumn``.
    """

    def keep(tables: Tables, candidates: ibis.Table) -> ibis.Table:
        enrolments = tables["enrolments"]
        ever = enrolments.filter(took_place(enrolments), enrolments.year_group == year_group)
        first = ever.group_by("person_id").agg(first=autumn_of(ever.start).min())
        known = candidates.join(first, "person_id")
        return known.filter(known.autumn == known.first, known.first.isin(autumns))

    return Criterion(
        id="started",
        sv=f"började årskurs {year_group} för första gången läsåren {period}",
        en=f"started year {year_group} for the first time in the school years {period}",
        unit="spell",
        keep=keep,
        parameters=(("year_group", year_group), ("autumns", autumns)),
    )


def has_key_facts() -> Criterion:
    """Keep persons whose birth date and sex stand in the register (sex may be ``unknown``).

    Protected identity is no reason to be left out: such persons stay in aggregates, under suppression, and are left out
    of every list with rows.
    """

    def keep(tables: Tables, candidates: ibis.Table) -> ibis.Table:
        persons = tables["persons"]
        known = persons.filter(persons.birth_date.notnull(), persons.sex.notnull())
        return candidates.semi_join(known, "person_id")

    return Criterion(
        "key_facts", "har uppgift om födelsedatum och kön", "have birth date and sex on record", "person", keep
    )


def enrolled_on_reference_day(autumns: tuple[int, ...], month: int = 10, day: int = 15) -> Criterion:
    """Keep persons enrolled in the year group on 15 October of the school year they started it.

    15 October is the reference day of the national pupil statistics. Candidates need ``autumn`` and ``until``.
    """

    def keep(tables: Tables, candidates: ibis.Table) -> ibis.Table:
        on_the_day = ibis.literal(False)
        for autumn in autumns:
            reference = ibis.literal(date(autumn, month, day))
            there = (candidates.entry <= reference) & (candidates.until.isnull() | (candidates.until > reference))
            on_the_day = on_the_day | ((candidates.autumn == autumn) & there)
        return candidates.filter(on_the_day)

    return Criterion(
        id="reference_day",
        sv="var inskrivna den 15 oktober samma läsår",
        en="were enrolled on 15 October of that school year",
        unit="person",
        keep=keep,
        parameters=(("autumns", autumns), ("month", month), ("day", day)),
    )


def has_attendance() -> Criterion:
    """Keep persons with at least one lesson, reported or not, on their entry day or later."""

    def keep(tables: Tables, candidates: ibis.Table) -> ibis.Table:
        lessons = tables["attendance"]
        last = lessons.group_by("person_id").agg(last=lessons.date.max())
        known = candidates.join(last, "person_id")
        return known.filter(known["last"] >= known.entry)

    return Criterion(
        "attendance", "har lektioner i närvaroregistret", "have lessons in the attendance register", "person", keep
    )


def took_place(enrolments: ibis.Table) -> ibis.Value:
    """Tell which enrolments count: all that lasted until an end, broken off or not, and all that still last.

    To leave out those broken off would be to choose pupils by how it went for them; who never came falls at the steps
    of the reference day and of attendance.
    """
    return ~enrolments.cancelled | enrolments.end.notnull()


def autumn_of(day: ibis.Value) -> ibis.Value:
    """Return the calendar year in which the school year of an enrolment's first day starts; June counts as the next."""
    return day.year() - (day.month() < 6).cast("int64")

"""Rules that candidates of school cohorts must meet, each a named step of the flow."""

from __future__ import annotations

from collections.abc import Callable

import ibis

from evalkit.cohorts.ends import autumn_of
from evalkit.values import Criterion, Known, took_place
from evalkit.vocabulary.cohort_rules import reference_day

Counts = Callable[[ibis.Table], ibis.Value]
KEYS = ["person_id", "spell_id"]


def started_in(counts: Counts, autumns: tuple[int, ...], sv: str, en: str) -> Criterion:
    """Keep spells of the school year in which a person came to a year group for the first time.

    Parameters
    ----------
    counts
        Tells of enrolments which are in the year group.
    autumns
        School years, by the calendar year they start in, that the first day must lie in.
    sv, en
        What readers see.

    Returns
    -------
    Criterion
        Judges spells, by what is known on 15 October or, if later, on entry: those of a year taken again are left out.
        Candidates need ``autumn``.
    """

    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        enrolments = known.history("enrolments")
        ever = enrolments.filter(took_place(enrolments), counts(enrolments))
        first = ever.group_by("person_id", spell_id=ever.period).agg(first=autumn_of(ever.start).min())
        told = candidates.join(first, KEYS)
        return told.filter(told.autumn == told.first, told.first.isin(autumns))

    def settled(candidates: ibis.Table) -> ibis.Value:
        return ibis.greatest(candidates.entry, on_reference_day(autumns)(candidates))

    return Criterion("started", sv, en, "spell", keep, (("autumns", autumns),), settled)


def has_key_facts() -> Criterion:
    """Keep persons whose birth date and sex stand in the register (sex may be ``unknown``).

    Protected identity is no reason to be left out: such persons stay in aggregates, under suppression, and are left out
    of every list with rows.
    """

    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        persons = known.history("persons")
        told = persons.filter(persons.birth_date.notnull(), persons.sex.notnull())
        return candidates.semi_join(told, "person_id")

    return Criterion(
        "key_facts", "har uppgift om födelsedatum och kön", "have birth date and sex on record", "person", keep
    )


def enrolled_on_reference_day(counts: Counts, autumns: tuple[int, ...]) -> Criterion:
    """Keep persons enrolled in the year group on 15 October of the school year they started it.

    15 October is the reference day of the national pupil statistics. Candidates need ``autumn``.
    """

    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        spells = known.spells("enrolments")
        # an end after the day is not known on it
        there = spells.filter(took_place(spells), counts(spells), spells.end.isnull())
        return candidates.semi_join(there.select("person_id", spell_id="period"), KEYS)

    return Criterion(
        id="reference_day",
        sv="var inskrivna den 15 oktober samma läsår",
        en="were enrolled on 15 October of that school year",
        unit="person",
        keep=keep,
        parameters=(("autumns", autumns),),
        settled=on_reference_day(autumns),
    )


def has_attendance(autumns: tuple[int, ...]) -> Criterion:
    """Keep persons with a lesson, reported or not, between entry and 15 October of the school year.

    A lesson at any later time would do as well to show that the register follows the person, but to ask for it would
    choose persons by how it went for them.
    """

    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        lessons = known.facts("attendance")
        return candidates.semi_join(lessons.select("person_id", spell_id="period"), KEYS)

    return Criterion(
        id="attendance",
        sv="har lektioner i närvaroregistret före den 15 oktober",
        en="have lessons in the attendance register before 15 October",
        unit="person",
        keep=keep,
        settled=on_reference_day(autumns),
    )


def on_reference_day(autumns: tuple[int, ...]) -> Callable[[ibis.Table], ibis.Value]:
    """Return what settles a rule on the reference day of the candidates' school year; missing in other years."""

    def settled(candidates: ibis.Table) -> ibis.Value:
        days = [(candidates.autumn == autumn, ibis.literal(reference_day(autumn))) for autumn in autumns]
        return ibis.cases(*days, else_=ibis.null("date"))

    return settled

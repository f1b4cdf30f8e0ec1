"""Cohorts that begin with an event: a return after a dropout, a transition."""

from __future__ import annotations

from datetime import date
from typing import Literal

import ibis

from evalkit.cohorts.ends import all_intervals, course_intervals, enrolment_intervals, study_ends
from evalkit.cohorts.places import with_school
from evalkit.cohorts.windows import Window, window_of
from evalkit.errors import InputError
from evalkit.values import CohortDefinition, Criterion, Events, Known, Tables, took_place
from evalkit.vocabulary.cohort_rules import return_months

KEYS = ["person_id", "spell_id"]
Starts = Literal["courses", "enrolments"]
STARTS = {"courses": ("en kurs", "a course"), "enrolments": ("i en skola", "at a school")}


def returners(
    dropouts: Events,
    between: tuple[str, str],
    as_of: str,
    *,
    within: int | None = None,
    starts: Starts = "courses",
) -> CohortDefinition:
    """Define those who came back after a dropout: a new start, so many months after it at most.

    Entry is the first day of the new start. Only a dropout that was known by then counts: who starts again before a
    rule has struck has not come back. Exit is the end of the last course (or enrolment).

    Parameters
    ----------
    dropouts
        From the measures of progression.
    between
        First and last day of entry, both inside.
    as_of
        No fact known on or after this day is seen.
    within
        Months from the day of the latest dropout; None for the vocabulary's, 12.
    starts
        What a new start is: the first day of a course, or of an enrolment.

    Returns
    -------
    CohortDefinition
        With the steps dropped out and within; a spell is a start.

    Raises
    ------
    InputError
        If there are no such starts, ``within`` is less than a month, or a date cannot be read.
    """
    window = window_of(between, as_of)
    months = return_months(window.first) if within is None else within
    if starts not in STARTS or months < 1:
        raise InputError(
            f"a return is no start of {starts!r} within {months} months",
            remedy=f"choose starts among {', '.join(STARTS)}, and one month or more",
        )
    sv, en = STARTS[starts]
    return CohortDefinition(
        name="returners",
        candidates=lambda tables, until: _starts(tables, until, starts, window),
        criteria=(_dropped_out(dropouts), _within(dropouts, months)),
        as_of=window.as_of,
        sv=f"började {sv} {window.period}",
        en=f"began {en} {window.period}",
        parameters=(("window", window), ("starts", starts)),
        followed_in=(starts, "attendance"),
    )


def in_transition(
    transitions: Events, between: tuple[str, str], as_of: str, *, cause: str | None = None
) -> CohortDefinition:
    """Define the pupils and students in a transition.

    Entry is the day of the transition, and nobody is followed up before the transition is known. Exit is the end of the
    last enrolment or course after it. A person with several stands with the first.

    Parameters
    ----------
    transitions
        From the measures of transitions.
    between
        First and last day of entry, both inside.
    as_of
        No fact known on or after this day is seen.
    cause
        Cause of the events that count; None for all.

    Returns
    -------
    CohortDefinition
        With the step recognised; a spell is a transition.

    Raises
    ------
    InputError
        If a date cannot be read.
    """
    window = window_of(between, as_of)
    recognised = Criterion(
        "recognised",
        "vilkas övergång är känd",
        "whose transition is known",
        "spell",
        lambda known, candidates: candidates,
        settled=lambda candidates: candidates.recognised,
    )
    return CohortDefinition(
        name="in_transition",
        candidates=lambda tables, until: _transitions(tables, until, transitions, cause, window),
        criteria=(recognised,),
        as_of=window.as_of,
        sv=f"i en övergång {window.period}",
        en=f"in a transition {window.period}",
        parameters=(("window", window), ("transitions", transitions.key), ("cause", cause)),
        followed_in=("enrolments", "courses", "attendance"),
    )


def _dropped_out(dropouts: Events) -> Criterion:
    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        return candidates.semi_join(_latest(known, dropouts), KEYS)

    texts = ("hade avbrutit studierna dessförinnan", "had dropped out before")
    return Criterion("dropped_out", *texts, "spell", keep, (("dropouts", dropouts.key),))


def _within(dropouts: Events, months: int) -> Criterion:
    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        told = candidates.join(_latest(known, dropouts), KEYS)
        return told.filter(told.entry <= (told.latest + ibis.interval(months=months)).cast("date"))

    texts = (f"började igen inom {months} månader", f"began again within {months} months")
    return Criterion("within", *texts, "spell", keep, (("months", months), ("dropouts", dropouts.key)))


def _latest(known: Known, dropouts: Events) -> ibis.Table:
    """Return the latest dropout before each candidate's entry, known by then."""
    events = known.events(dropouts)
    before = events.filter(events.date < events.period_start)
    return before.group_by("person_id", spell_id=before.period).agg(latest=before.date.max())


def _starts(tables: Tables, until: date, starts: Starts, window: Window) -> ibis.Table:
    rows = tables[starts]
    if starts == "courses":
        told = rows.mutate(spell_id=rows.course_id, year_group=ibis.null("int64"))
        ends = study_ends(course_intervals(rows), until)
    else:
        told = rows.filter(took_place(rows)).mutate(
            spell_id=rows.school_id + ibis.literal("|") + rows.start.cast("string")
        )
        ends = study_ends(enrolment_intervals(rows), until)
    begun = told.filter(told.start.between(ibis.literal(window.first), ibis.literal(window.last)))
    columns = (*KEYS, "school_id", "year_group", "known_from")
    return _with_exit(begun.select(*columns, entry="start"), ends)


def _transitions(tables: Tables, until: date, transitions: Events, cause: str | None, window: Window) -> ibis.Table:
    events = transitions.compute(tables)
    inside = events.filter(events.date.between(ibis.literal(window.first), ibis.literal(window.last)))
    if cause is not None:
        inside = inside.filter(inside.cause == cause)
    days = inside.group_by("person_id", spell_id=inside.date.cast("string") + ibis.literal("|") + inside.cause).agg(
        entry=inside.date.min(), recognised=inside.known_from.min()
    )
    told = with_school(days, tables)
    return _with_exit(told.mutate(known_from=told.recognised), study_ends(all_intervals(tables), until))


def _with_exit(spells: ibis.Table, ends: ibis.Table) -> ibis.Table:
    """Add exit and its cause; an end of studies on the entry or before it lies behind, and none is known ahead.

    So who went from studies to work stays, and so does who came back and turned out never to have shown up: to leave
    such persons out would be to choose by what became known later.
    """
    joined = spells.left_join(ends, "person_id")
    past = joined.exit <= joined.entry
    return joined.select(
        *spells.columns,
        exit=ibis.cases((past, ibis.null("date")), else_=joined.exit),
        exit_cause=ibis.cases((past, ""), else_=joined.exit_cause.fill_null("")),
    )

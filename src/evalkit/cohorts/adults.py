"""Adult students: beginners of Swedish for immigrants, and course participants of municipal adult education."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis

from evalkit.cohorts.adult_cases import beginner_cases, participant_cases
from evalkit.cohorts.ends import course_intervals, study_ends
from evalkit.cohorts.windows import Window, window_of
from evalkit.errors import InputError
from evalkit.values import CohortDefinition, Criterion, Known, Tables
from evalkit.vocabulary.cohort_rules import adult_part, adult_parts

KEYS = ["person_id", "spell_id"]
FOLLOWED_IN = ("courses", "attendance")
SFI = "sfi"


def sfi_beginners(between: tuple[str, str], as_of: str) -> CohortDefinition:
    """Define the beginners of Swedish for immigrants (SFI): never enrolled in it before.

    Entry is the first day of the first course. Exit is the end of the last SFI course, its cause that course's outcome;
    who ended 28 days ago or less is still in the cohort, for the next course may not have begun. Earlier courses are
    seen as far back as the site's table ``courses`` reaches: let ``between`` begin well after that. Courses nobody came
    to count as enrolments; cut with `komvux_participants` to leave out who never came.

    Parameters
    ----------
    between
        First and last day of entry, both inside.
    as_of
        No fact known on or after this day is seen.

    Returns
    -------
    CohortDefinition
        With the step first ever; a spell is a course.

    Raises
    ------
    InputError
        If a date cannot be read.
    """
    window, types = window_of(between, as_of), adult_part(SFI).school_types

    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        courses = known.history("courses", day="start")
        ever = courses.filter(courses.school_type.isin(types)).select("person_id", "start", spell_id="period")
        first = ever.group_by("person_id", "spell_id").agg(first=ever.start.min())
        told = candidates.join(first, KEYS)
        return told.filter(told.entry == told.first)

    return CohortDefinition(
        name="sfi_beginners",
        candidates=lambda tables, until: _courses(tables, until, types, window, came=False),
        criteria=(
            Criterion(
                "first_ever",
                "har aldrig tidigare varit inskrivna i sfi",
                "were never enrolled in SFI before",
                "spell",
                keep,
                (("school_types", types),),
            ),
        ),
        as_of=window.as_of,
        sv=f"började en kurs i sfi {window.period}",
        en=f"began a course of SFI {window.period}",
        parameters=(("window", window), ("school_types", types)),
        followed_in=FOLLOWED_IN,
        cases=beginner_cases(window.first),
    )


def komvux_participants(
    between: tuple[str, str],
    as_of: str,
    parts: Sequence[str] = ("basic", "upper_secondary", "adapted", "unspecified"),
) -> CohortDefinition:
    """Define the course participants of municipal adult education: those who attended a course at least once.

    Entry is the day the person first attended a course, so that nobody is counted as under observation before it is
    known that they came; who attended before the course's own first day is followed from that day, on which the course
    is known. Who never came to a course stays outside, whatever it was closed as. A person stands once, with the first
    course that remains; the flow counts the courses beside the persons. Exit is as in `sfi_beginners`, over the courses
    of the same parts.

    Parameters
    ----------
    between
        First and last day of entry, both inside.
    as_of
        No fact known on or after this day is seen.
    parts
        ``"basic"``, ``"upper_secondary"``, ``"adapted"``, ``"unspecified"`` (level not given), ``"sfi"``.

    Returns
    -------
    CohortDefinition
        With the step attended. A site that does not record ``attended_from`` has no participants.

    Raises
    ------
    InputError
        If there is no such part, or a date cannot be read.
    """
    window = window_of(between, as_of)
    absent = [name for name in parts if name not in {part.id for part in adult_parts()}]
    if absent or not parts:
        raise InputError(
            f"adult education has no part {', '.join(absent) or 'of no name'}",
            remedy=f"choose among {', '.join(part.id for part in adult_parts())}",
        )
    chosen = [adult_part(name) for name in parts]
    types = tuple(code for part in chosen for code in part.school_types)

    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
        courses = known.history("courses", day="start")
        came = courses.filter(courses.course_id == courses.period, courses.attended_from.notnull())
        return candidates.semi_join(came.select("person_id", spell_id="period"), KEYS)

    return CohortDefinition(
        name="komvux_participants",
        candidates=lambda tables, until: _courses(tables, until, types, window, came=True),
        criteria=(
            Criterion(
                "attended",
                "deltog i kursen minst en gång",
                "attended the course at least once",
                "spell",
                keep,
                settled=lambda candidates: ibis.greatest(candidates.entry, candidates.begun),
            ),
        ),
        as_of=window.as_of,
        sv=f"antagna till en kurs i komvux ({', '.join(part.sv for part in chosen)}) {window.period}",
        en=f"admitted to a course of adult education ({', '.join(part.en for part in chosen)}) {window.period}",
        parameters=(("window", window), ("school_types", types)),
        followed_in=FOLLOWED_IN,
        cases=participant_cases(types[0], window.first),
    )


def _courses(tables: Tables, until: date, types: tuple[str, ...], window: Window, *, came: bool) -> ibis.Table:
    """Return courses as candidates: entered on the first day or, where somebody ``came``, on the day they came."""
    every = tables["courses"]
    courses = every.filter(every.school_type.isin(types))
    entry = ibis.coalesce(courses.attended_from, courses.start) if came else courses.start
    ends = study_ends(course_intervals(courses), until)
    begun = courses.mutate(entry=entry)
    told = begun.filter(begun.entry.between(ibis.literal(window.first), ibis.literal(window.last)))
    return told.left_join(ends, "person_id").select(
        "person_id",
        "entry",
        "exit",
        "school_id",
        "known_from",
        begun="start",
        spell_id="course_id",
        exit_cause=ibis.coalesce(ends.exit_cause, ibis.literal("")),
        year_group=ibis.null("int64"),
    )

"""Courses of adult education that were completed: whether, when, and how long it took.

A course is completed where it ended as completed and its grade, if it has one, is a pass. Who was admitted and never
came took no part in the course.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis

from evalkit.errors import InputError
from evalkit.measures.completion.year_9 import KEYS
from evalkit.values import Events, Known, Measure, Tables
from evalkit.values.measure import Kind
from evalkit.vocabulary.cohort_rules import adult_parts
from evalkit.vocabulary.grade_scales import grade_letters
from evalkit.vocabulary.measures import Direction

COMPLETED, NO_SHOW = "completed", "no_show"
DAYS_A_WEEK = 7


def course_completed(part: str = "") -> Measure:
    """Measure whether a person has completed at least one course of adult education before the period's end.

    Parameters
    ----------
    part
        ``"sfi"``, ``"basic"``, ``"upper_secondary"``, ``"adapted"`` or ``"unspecified"``; empty for all of them.

    Returns
    -------
    Measure
        ``course_completed`` (``..._<part>``): a flag for everyone who has begun such a course, no-shows left out. A
        course whose last day is the period's is completed in it, known on the day after.

    Raises
    ------
    InputError
        If adult education has no such part.
    """
    types, name = _school_types(part), _named("course_completed", part)

    def compute(known: Known) -> ibis.Table:
        rows = _of(known.closed("courses"), types)
        came = rows.filter(ibis.coalesce(rows.outcome != NO_SHOW, True))
        passed = ibis.ifelse(_passed(came), 1, 0)
        return came.group_by(*KEYS).agg(**{name: passed.max().cast("int64")})

    return _measure("course_completed", name, types, compute, kind="flag", unit="persons", better="higher")


def weeks_to_completion(part: str = "") -> Measure:
    """Measure how many weeks the courses completed in the period had taken, from the first day to the last.

    Parameters
    ----------
    part
        As in `course_completed`.

    Returns
    -------
    Measure
        ``weeks_to_completion`` (``..._<part>``): a mean over a person's courses whose last day lies in the period, in
        weeks; missing where none was
        completed. Those still under way are not in it, so it describes, and does not compare.

    Raises
    ------
    InputError
        If adult education has no such part.
    """
    types, name = _school_types(part), _named("weeks_to_completion", part)

    def compute(known: Known) -> ibis.Table:
        rows = _of(known.closed("courses"), types)
        done = rows.filter(_passed(rows), rows.end > rows.period_start)
        days = done.end.delta(done.start, unit="day")
        return done.group_by(*KEYS).agg(**{name: (days.sum() / (days.count() * DAYS_A_WEEK)).cast("float64")})

    return _measure("weeks_to_completion", name, types, compute, kind="mean", unit="weeks", better="lower")


def courses_completed(part: str = "") -> Events:
    """Find the courses of adult education that were completed.

    Parameters
    ----------
    part
        As in `course_completed`.

    Returns
    -------
    Events
        ``courses_completed``: one row a course, dated the day after its last; the cause is the course.
        With ``course_id`` and ``start``.

    Raises
    ------
    InputError
        If adult education has no such part.
    """
    types = _school_types(part)

    def compute(tables: Tables) -> ibis.Table:
        rows = _of(tables["courses"], types)
        done = rows.filter(_passed(rows))
        known_from = ibis.greatest(done.known_from, done.end)
        return done.select("person_id", "course_id", "start", date=done.end, known_from=known_from, cause=done.course)

    return Events("courses_completed", compute, parameters=_told(types))


def _measure(
    meaning: str,
    name: str,
    types: tuple[str, ...],
    compute: Callable[[Known], ibis.Table],
    *,
    kind: Kind,
    unit: str,
    better: Direction,
) -> Measure:
    """Return a measure of the courses that ended in a period."""
    told = _told(types)
    return Measure(name, kind, unit, better, (name,), compute, parameters=told, meaning=meaning, lag_days=1)


def _of(rows: ibis.Table, types: tuple[str, ...]) -> ibis.Table:
    return rows.filter(rows.school_type.isin(types))


def _passed(rows: ibis.Table) -> ibis.Value:
    completed = ibis.coalesce(rows.outcome == COMPLETED, False)
    return completed & rows.end.notnull() & ibis.coalesce(rows.grade.isin(_passes()), True)


def _passes() -> tuple[str, ...]:
    return tuple(each.letter for each in grade_letters() if each.passed)


def _school_types(part: str) -> tuple[str, ...]:
    parts = {each.id: each.school_types for each in adult_parts()}
    if not part:
        return tuple(code for codes in parts.values() for code in codes)
    if part not in parts:
        raise InputError(f"adult education has no part {part!r}", remedy=f"choose one of {', '.join(parts)}")
    return parts[part]


def _named(name: str, part: str) -> str:
    return f"{name}_{part}" if part else name


def _told(types: tuple[str, ...]) -> tuple[tuple[str, object], ...]:
    return (("school_types", types), ("passes", _passes()))

"""When and why persons leave, as far as can be seen: the last end of their enrolments or courses."""

from __future__ import annotations

from datetime import date, timedelta

import ibis

from evalkit.values import Tables, took_place
from evalkit.vocabulary.cohort_rules import reference_day
from evalkit.vocabulary.progression_rules import progression_rules

OPEN = date(9999, 12, 31)
NO_SHOW = "no_show"
FIRST_MONTH_OF_SUMMER = 6


def autumn_of(day: ibis.Value) -> ibis.Value:
    """Return the calendar year in which the school year of an enrolment's first day starts; June counts as the next."""
    return day.year() - (day.month() < FIRST_MONTH_OF_SUMMER).cast("int64")


def settled_autumn(until: date) -> date:
    """Return the last reference day before a day: by then it is known who went on after the summer."""
    return max(day for day in (reference_day(until.year - 1), reference_day(until.year)) if day < until)


def stage_ends(enrolments: ibis.Table, last_year: int, left: str, until: date) -> ibis.Table:
    """Find when persons left a stage.

    Parameters
    ----------
    enrolments
        Those of the stage that took place: ``person_id``, ``school_id``, ``year_group``, ``start``, ``end``.
    last_year
        Year group after which the stage is finished.
    left
        What the cause is called where the stage was not finished.
    until
        The first day of which nothing can be seen. Who ended with a school year, and has years left, is still there
        until a reference day has passed.

    Returns
    -------
    ibis.Table
        One row a person: ``person_id``, ``exit`` (null while open), ``exit_cause`` (``""``, ``finished_year_<n>`` or
        ``left``).
    """
    last = _last(enrolments, "school_id")
    ran_out = last.end.year() * 12 + last.end.month() >= (autumn_of(last.start) + 1) * 12 + FIRST_MONTH_OF_SUMMER
    finished = ran_out & (last.year_group >= last_year)
    waiting = ran_out & (last.year_group < last_year) & (last.end > ibis.literal(settled_autumn(until)))
    still_there = last.end.isnull() | waiting
    return last.select(
        "person_id",
        ibis.ifelse(still_there, ibis.null("date"), last.end).name("exit"),
        ibis.cases((still_there, ""), (finished, f"finished_year_{last_year}"), else_=left).name("exit_cause"),
    )


def study_ends(studies: ibis.Table, until: date) -> ibis.Table:
    """Find when persons left studies of any kind.

    Parameters
    ----------
    studies
        From `course_intervals` or `enrolment_intervals`.
    until
        The first day of which nothing can be seen. Who ended so shortly before that the next course may not have begun,
        or with a school year whose next reference day has not passed, is still there.

    Returns
    -------
    ibis.Table
        One row a person: ``person_id``, ``exit`` (null while open), ``exit_cause`` (``""``, the outcome of the last
        course, or ``ended``).
    """
    last = _last(studies, "study_id")
    gap = progression_rules(until).number("course_gap_days")
    in_summer = (last.end.month() >= FIRST_MONTH_OF_SUMMER) & last.of_school
    waiting = (last.end >= ibis.literal(until - timedelta(days=gap))) | (
        in_summer & (last.end > ibis.literal(settled_autumn(until)))
    )
    still_there = last.end.isnull() | waiting
    return last.select(
        "person_id",
        ibis.ifelse(still_there, ibis.null("date"), last.end).name("exit"),
        ibis.cases((still_there, ""), else_=last.outcome.fill_null("ended")).name("exit_cause"),
    )


def course_intervals(courses: ibis.Table) -> ibis.Table:
    """Return courses that somebody came to, or that still last, as intervals for `study_ends`."""
    came = courses.filter(courses.outcome.isnull() | (courses.outcome != NO_SHOW))
    no = ibis.literal(0).cast("int64") > 0
    return came.select("person_id", "start", "end", study_id="course_id", outcome="outcome", of_school=no)


def enrolment_intervals(enrolments: ibis.Table) -> ibis.Table:
    """Return enrolments that took place as intervals for `study_ends`."""
    there = enrolments.filter(took_place(enrolments))
    return there.select(
        "person_id",
        "start",
        "end",
        study_id="school_id",
        outcome=ibis.null("string"),
        of_school=there.start.notnull(),
    )


def all_intervals(tables: Tables) -> ibis.Table:
    """Return enrolments, and courses where the site has them, as intervals for `study_ends`."""
    school = enrolment_intervals(tables["enrolments"])
    if "courses" not in tables:
        return school
    adult = course_intervals(tables["courses"])
    return school.union(adult.select(*school.columns))


def _last(intervals: ibis.Table, tie: str) -> ibis.Table:
    ends = intervals.mutate(until=intervals.end.fill_null(ibis.literal(OPEN)))
    latest_first = ibis.window(group_by="person_id", order_by=[ibis.desc("until"), ibis.desc("start"), ibis.asc(tie)])
    ranked = ends.mutate(place=ibis.row_number().over(latest_first))
    return ranked.filter(ranked.place == 0)

"""Course enrolments as the measures of progression read them: how a course is called, who began, who passed."""

from __future__ import annotations

from datetime import date

import ibis

from evalkit.measures.judged import plus_days, yes
from evalkit.values import Tables
from evalkit.vocabulary.progression_rules import progression_rules
from evalkit.vocabulary.sfi_courses import sfi_courses

RULES = progression_rules(date(2011, 7, 1))
SFI_TYPES = ("SFI", "VUXSFI")
DROPPED = ("discontinued", "ended_no_progress")
FAILS = ("F", "-", "IG")
NEVER_CAME = "no_show"


def course_label(rows: ibis.Table) -> ibis.Value:
    """Return how statistics call a course: ``2C`` for course C on study path 2 of SFI, its code for any other."""
    named = [(rows.course.isin(each.codes), rows.study_path + each.letter) for each in sfi_courses()]
    in_sfi = ibis.cases(*named)
    return ibis.ifelse(rows.school_type.isin(SFI_TYPES), ibis.coalesce(in_sfi, rows.course), rows.course)


def sfi_step(rows: ibis.Table) -> ibis.Value:
    """Return the place of an SFI course in their order, 1 for A; missing for all other courses."""
    sfi = rows.school_type.isin(SFI_TYPES)
    return ibis.cases(*[(sfi & rows.course.isin(each.codes), place) for place, each in enumerate(sfi_courses(), 1)])


def has_passed(rows: ibis.Table) -> ibis.Value:
    """Tell whether a course was passed: a pass grade, or completed where no grade was recorded."""
    fails = rows.grade.isin(FAILS)
    return (rows.grade.notnull() & ~fails) | (rows.grade.isnull() & ibis.coalesce(rows.outcome == "completed", False))


def begun(tables: Tables) -> ibis.Table:
    """Return the course enrolments that students turned up to.

    A course counts from its first day. It is known on the first day attended; where no such day is recorded, once it
    has ended otherwise than as a no-show, or has lasted for four weeks without being closed as one.

    Returns
    -------
    ibis.Table
        ``person_id``, ``course_id``, ``label``, ``step`` (see `sfi_step`), ``school_id``, ``school_type``, ``start``,
        ``end`` (known on that day), ``hours`` (tenths of hours a week, 15 hours where not recorded), ``passed`` and
        ``dropped`` (1 or 0, known at the end), ``known_from``.
    """
    rows = tables["courses"]
    closed = ibis.ifelse(rows.outcome != NEVER_CAME, rows.end, ibis.null("date"))
    came = ibis.ifelse(rows.attended_from < rows.start, rows.start, rows.attended_from)
    settled = ibis.least(came, closed, plus_days(rows.start, RULES.number("begun_after_days")))
    hours = (rows.hours_per_week * 10).round(0).cast("int64").nullif(0)
    found = rows.select(
        "person_id",
        "course_id",
        "school_id",
        "school_type",
        "start",
        "end",
        label=course_label(rows),
        step=sfi_step(rows).cast("int64"),
        hours=ibis.coalesce(hours, 10 * RULES.number("hours_per_week")).cast("int64"),
        passed=yes(has_passed(rows) & rows.end.notnull()),
        dropped=yes(rows.outcome.isin(DROPPED) & rows.end.notnull()),
        known_from=ibis.greatest(rows.known_from, settled),
        nobody=yes((rows.outcome == NEVER_CAME) & (rows.end <= settled)),
    )
    return found.filter(found.nobody == 0).drop("nobody")


def first_begun(rows: ibis.Table) -> ibis.Table:
    """Return of each person the course that was known first, so that what is registered later changes nothing."""
    place = ibis.row_number().over(group_by=rows.person_id, order_by=[rows.known_from, rows.start, rows.course_id])
    ranked = rows.mutate(line=place)
    return ranked.filter(ranked.line == 0).drop("line")

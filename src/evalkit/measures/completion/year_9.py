"""Who is judged at the end of compulsory school, and the grade that counts in each subject.

Judged are pupils who were enrolled in the last year of compulsory school (year 9) on 1 June, from the end of that
school year, whether they have grades or not; and persons of whom no enrolment in compulsory school is known, from the
end of the school year of their first final grade. Who left before June is judged where they went.
"""

from __future__ import annotations

from typing import Literal, get_args

import ibis

from evalkit.errors import InputError
from evalkit.values import Known, took_place
from evalkit.vocabulary.eligibility import eligibility_subjects
from evalkit.vocabulary.grade_scales import grade_letters
from evalkit.vocabulary.school_types import school_type
from evalkit.vocabulary.terms import FIRST_MONTH_OF_AUTUMN

KEYS = ("person_id", "period")
Basis = Literal["final", "year_9", "term"]
"""Which grades count: final ones with later examinations, final ones as year 9 ended, or the latest of any kind."""


def checked(basis: str) -> Basis:
    """Return the basis.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    for known in get_args(Basis):
        if basis == known:
            return known  # type: ignore[no-any-return]
    raise InputError(f"grades are counted on no basis {basis!r}", remedy=f"choose one of {', '.join(get_args(Basis))}")


def counted(basis: Basis) -> tuple[tuple[str, object], ...]:
    """Return all of the vocabulary that decides on who is judged and on subjects' grades, for digests."""
    letters = tuple((each.letter, each.points, each.passed, each.grade) for each in grade_letters())
    told = eligibility_subjects()
    subjects = (told.school_types, told.enrolled_on, tuple(told.same.items()), tuple(told.blocks.items()))
    return (("grades", basis), ("letters", letters), ("counted", subjects))


def nobody(known: Known) -> ibis.Table:
    """Return the grid without a row: what is told of persons where the site handed over no grades."""
    return known.grid.filter(known.grid.person_id.isnull())


def school_year_end(day: ibis.Value) -> ibis.Value:
    """Return the day after the school year that a day lies in."""
    return ibis.date(day.year() + (day.month() >= FIRST_MONTH_OF_AUTUMN).cast("int64"), FIRST_MONTH_OF_AUTUMN, 1)


def last_spring(start: ibis.Value) -> ibis.Value:
    """Return the calendar year in which the school year of an enrolment ends; one from June is of the next."""
    month, _ = eligibility_subjects().enrolled_on
    return start.year() + (start.month() >= month).cast("int64")


def judged(known: Known, basis: Basis) -> ibis.Table:
    """Give who is judged.

    Returns
    -------
    ibis.Table
        ``person_id``, ``period`` and ``finished``, the day after the school year whose rules apply; for ``term`` the
        period's end, for everyone with a grade of compulsory school. ``new`` is 1 in the period in which it could first
        be told: that of the school year's last day, or a later one where only then enrolment or grades were known; for
        ``term`` in each period in which a grade became known. ``graded`` is 1 there too, and in the period in which the
        first final grade became known where that is a later one.
    """
    grades = _compulsory(known)
    if basis == "term":
        told = ibis.greatest(grades.known_from, grades.registered) >= grades.period_start
        now = _whole(told).max()
        return grades.group_by(*KEYS).agg(finished=grades.period_end.max(), new=now, graded=now)
    finals = grades.filter(grades.final)
    first = finals.group_by(*KEYS, "period_start", "period_end").agg(
        finished=school_year_end(finals.registered.min()), known_from=finals.known_from.min()
    )
    over = first.filter(first.finished <= first.period_end)
    alone = over.select(*KEYS, "finished", new=_is_new(over), graded=_is_new(over))
    if "enrolments" not in known:
        return alone
    enrolled = _enrolled(known)
    told = _finishers(enrolled).left_join(first.select(*KEYS, late=first.known_from >= first.period_start), KEYS)
    finishers = told.select(*KEYS, "finished", "new", graded=ibis.ifelse(ibis.coalesce(told.late, False), 1, told.new))
    return finishers.union(alone.anti_join(enrolled.select(*KEYS).distinct(), KEYS))


def judged_now(known: Known, basis: Basis, when: Literal["new", "graded"] = "new") -> ibis.Table:
    """Give who is judged in the period in which it could first be told, so that nobody is added up twice.

    With ``"graded"``, who had no final grade known by then stands in the period of the first one too.
    """
    everyone = judged(known, basis)
    return everyone.filter(everyone[when] == 1)


def subject_grades(known: Known, basis: Basis) -> ibis.Table:
    """Give the grade that counts in each subject: the latest known, and the better one of SV and SVA.

    Returns
    -------
    ibis.Table
        ``person_id``, ``period``, ``finished``, ``subject``, ``passed`` and ``is_grade`` (0 or 1; a dash is no grade),
        ``points``.
    """
    grades, everyone = _compulsory(known), judged(known, basis)
    if basis != "term":
        grades = grades.filter(grades.final)
    rows = grades.join(everyone, KEYS)
    if basis == "year_9":
        rows = rows.filter(rows.registered < rows.finished)
    rows = _by_subject(rows)
    letters = grade_letters()
    rows = rows.mutate(
        passed=_whole(rows.grade.isin([each.letter for each in letters if each.passed])),
        is_grade=_whole(rows.grade.isin([each.letter for each in letters if each.grade])),
        points=ibis.cases(*((rows.grade == each.letter, each.points) for each in letters if each.points), else_=0.0),
    )
    latest = ibis.window(
        group_by=[*KEYS, "subject"],
        order_by=[ibis.asc("in_block"), ibis.desc("registered"), ibis.desc("points"), ibis.asc("grade")],
    )
    ranked = rows.mutate(place=ibis.row_number().over(latest))
    last = ranked.filter(ranked.place == 0)
    same = [(last.subject == other, subject) for other, subject in eligibility_subjects().same.items()]
    last = last.mutate(subject=ibis.cases(*same, else_=last.subject))
    return last.group_by(*KEYS, "finished", "subject").agg(
        passed=last.passed.max(), is_grade=last.is_grade.max(), points=last.points.max()
    )


def _whole(condition: ibis.Value) -> ibis.Value:
    return ibis.ifelse(condition, 1, 0).cast("int64")


def _compulsory(known: Known) -> ibis.Table:
    """Return grades of compulsory school: those of a subject, not of a course."""
    grades = known.history("grades", day="registered")
    return grades.filter(grades.course.isnull())


def _enrolled(known: Known) -> ibis.Table:
    enrolments = known.history("enrolments", day="start")
    judged_types = list(eligibility_subjects().school_types)
    return enrolments.filter(enrolments.school_type.isin(judged_types), took_place(enrolments))


def _finishers(enrolled: ibis.Table) -> ibis.Table:
    """Return who was in the last year on 1 June of a school year that has ended."""
    last_years = []
    for code in eligibility_subjects().school_types:
        years = school_type(code).years
        if years is not None:
            last_years.append((enrolled.school_type == code) & (enrolled.year_group == years[1]))
    spring = last_spring(enrolled.start)
    reference = ibis.date(spring, *eligibility_subjects().enrolled_on)
    ninth = enrolled.mutate(reference=reference, finished=ibis.date(spring, FIRST_MONTH_OF_AUTUMN, 1))
    there = ninth.filter(
        ibis.or_(*last_years),
        ninth.start <= ninth.reference,
        ninth.end.isnull() | (ninth.end > ninth.reference),
        ninth.finished <= ninth.period_end,
    )
    there = there.mutate(new=_is_new(there))
    latest_first = ibis.window(group_by=KEYS, order_by=[ibis.desc("finished"), ibis.asc("new")])
    ranked = there.mutate(place=ibis.row_number().over(latest_first))
    return ranked.filter(ranked.place == 0).select(*KEYS, "finished", "new")


def _is_new(rows: ibis.Table) -> ibis.Value:
    """Tell whether a school year that has ended could be judged in no period before."""
    return _whole((rows.finished > rows.period_start) | (rows.known_from >= rows.period_start))


def _by_subject(rows: ibis.Table) -> ibis.Table:
    """Write the subjects in capitals, and a block's grade once for each of its subjects."""
    blocks = eligibility_subjects().blocks
    code = rows.subject.strip().upper()
    parts = [rows.filter(~code.isin(list(blocks))).mutate(subject=code, in_block=0)]
    for place in range(max(len(subjects) for subjects in blocks.values())):
        told = [(code == block, subjects[place]) for block, subjects in blocks.items() if place < len(subjects)]
        named = ibis.cases(*told, else_=code)
        parts.append(rows.filter(ibis.or_(*(block for block, _ in told))).mutate(subject=named, in_block=1))
    return ibis.union(*parts)

"""Eligibility for upper secondary school, passes and merit points at the end of compulsory school.

The rules are dated and lie in the vocabulary; a pupil is judged by those in force when year 9 ended.
"""

from __future__ import annotations

import ibis

from evalkit.errors import InputError
from evalkit.measures.completion.year_9 import (
    KEYS,
    Basis,
    checked,
    counted,
    judged,
    judged_now,
    last_spring,
    nobody,
    subject_grades,
)
from evalkit.measures.judged import ratio_of
from evalkit.values import Events, Known, Measure, Tables
from evalkit.vocabulary.eligibility import (
    EligibilityRule,
    eligibility_groups,
    eligibility_rules,
    eligibility_subjects,
    merit_rules,
)
from evalkit.vocabulary.terms import FIRST_MONTH_OF_AUTUMN

LAST_YEAR = 9
LEAST = "vocational"
YEAR_9_EVENT = "completed_year_9_eligible"


def eligible(programme_group: str = LEAST, *, grades: str = "final") -> Measure:
    """Measure whether grades open a group of programmes of upper secondary school.

    Parameters
    ----------
    programme_group
        ``"vocational"`` (the least there is, and what statistics call eligible), ``"arts"``, ``"social"`` (EK, HU, SA),
        ``"science"`` (NA, TE) or ``"imv"`` (programme-oriented introduction).
    grades
        ``"final"``: the latest final grades known, later examinations too; ``"year_9"``: final grades as the school
        year of year 9 ended; ``"term"``: the latest grades of any kind, as a forecast before year 9 ends.

    Returns
    -------
    Measure
        ``eligible_<group>`` (``..._year_9``, ``..._term``): a flag for everyone judged, 0 for those without grades.

    Raises
    ------
    InputError
        If there is no such group or basis.
    """
    if programme_group not in eligibility_groups():
        raise InputError(
            f"no rule of eligibility is for {programme_group!r}",
            remedy=f"choose one of {', '.join(eligibility_groups())}",
        )
    basis, meaning = checked(grades), f"eligible_{programme_group}"
    name, rules = _named(meaning, basis), eligibility_rules(programme_group)

    def compute(known: Known) -> ibis.Table:
        if "grades" not in known:
            return nobody(known).select(*KEYS, ibis.literal(0).cast("int64").name(name))
        told = _passed(known, basis, rules)
        meets = [(told.finished >= rule.since, _meets(told, rule)) for rule in rules]
        found = told.select(*KEYS, ibis.cases(*meets).cast("int64").name(name))
        return found.filter(found[name].notnull())

    parameters = (*counted(basis), ("rules", tuple((r.since.isoformat(), r.needed, r.passes) for r in rules)))
    return Measure(name, "flag", "persons", "higher", (name,), compute, parameters=parameters, meaning=meaning)


def subjects_passed(*, grades: str = "final") -> Measure:
    """Measure how many subjects a judged pupil has passed, SV and SVA counted once; 0 without grades.

    Returns
    -------
    Measure
        ``subjects_passed``, a number a pupil; a mean, for where nobody is judged nothing is known.

    Raises
    ------
    InputError
        If there is no such basis.
    """
    basis = checked(grades)
    name = _named("subjects_passed", basis)

    def compute(known: Known) -> ibis.Table:
        if "grades" not in known:
            return nobody(known).select(*KEYS, ibis.literal(0.0).name(name))
        told = _passed(known, basis, ())
        return told.select(*KEYS, told.passes.cast("float64").name(name))

    parameters = counted(basis)
    return Measure(name, "mean", "", "higher", (name,), compute, parameters=parameters, meaning="subjects_passed")


def merit(*, grades: str = "final") -> Measure:
    """Measure merit points: the best 16 grades, and since 2014 the modern language read as language choice on top.

    Returns
    -------
    Measure
        ``merit_points``, a mean of at most 340 points over pupils with a grade; a dash is none.

    Raises
    ------
    InputError
        If there is no such basis.
    """
    basis, rules = checked(grades), merit_rules()
    name = _named("merit_points", basis)

    def compute(known: Known) -> ibis.Table:
        if "grades" not in known:
            return nobody(known).select(*KEYS, ibis.literal(0.0).name(name))
        rows = subject_grades(known, basis)
        best = ibis.cases(*((rows.finished >= rule.since, rule.best) for rule in rules), else_=0)
        extra = ibis.cases(
            *(
                (
                    rows.finished >= rule.since,
                    ibis.or_(*(rows.subject.startswith(code) for code in rule.language_choice)),
                )
                for rule in rules
            ),
            else_=False,
        )
        rows = rows.mutate(best=best, on_top=extra)
        falling = ibis.window(group_by=[*KEYS, "on_top"], order_by=[ibis.desc("points"), ibis.asc("subject")])
        rows = rows.mutate(place=ibis.row_number().over(falling))
        chosen = rows.filter(rows.place < ibis.ifelse(rows.on_top, 1, rows.best))
        sums = chosen.group_by(*KEYS).agg(points=chosen.points.sum(), given=chosen.is_grade.max())
        return sums.filter(sums.given == 1).select(*KEYS, sums.points.cast("float64").name(name))

    told = tuple((rule.since.isoformat(), rule.best, rule.language_choice) for rule in rules)
    parameters = (*counted(basis), ("rules", told))
    return Measure(name, "mean", "points", "higher", (name,), compute, parameters=parameters, meaning="merit_points")


def core_failed(*, grades: str = "final") -> Measure:
    """Measure failed core subjects (SV or SVA, EN, MA): F or a dash, out of those with either or a grade.

    Returns
    -------
    Measure
        ``core_failed``, a ratio; its coverage is core subjects with a record, a dash too, out of three a judged pupil.
        A pupil counts once per year 9, in the period in which it ended, or later, where enrolment or the first final
        grade became known later: of whom no grade is known yet, there are subjects due and none recorded, and the
        grades count when they are known, due once more. Who repeats year 9 counts once for each. With ``"term"`` in
        each period in which a grade became known.

    Raises
    ------
    InputError
        If there is no such basis.
    """
    basis, subjects = checked(grades), eligibility_subjects().core
    name = _named("core_failed", basis)
    columns = (f"{name}_subjects", f"{name}_recorded", f"{name}_due")

    def compute(known: Known) -> ibis.Table:
        if "grades" not in known:
            return nobody(known).select(*KEYS, **{column: ibis.literal(0).cast("int64") for column in columns})
        rows = subject_grades(known, basis)
        core = rows.filter(rows.subject.isin(subjects))
        sums = core.group_by(*KEYS).agg(recorded=core.count(), passed=core.passed.sum())
        told = judged_now(known, basis, "graded").left_join(sums, KEYS, rname="{name}_told")
        recorded, passed = (ibis.coalesce(told[column], 0).cast("int64") for column in ("recorded", "passed"))
        values = (recorded - passed, recorded, ibis.literal(len(subjects)).cast("int64"))
        return told.select(*KEYS, **dict(zip(columns, values, strict=True)))

    return ratio_of(
        name,
        columns,
        compute,
        better="lower",
        coverage=(f"{name}_coverage", columns[1], columns[2]),
        parameters=(*counted(basis), ("subjects", subjects)),
        meaning="core_failed",
    )


def graded(*, grades: str = "final") -> Measure:
    """Measure the share of judged pupils who have any grade; it says how far the other measures of year 9 reach.

    Returns
    -------
    Measure
        ``graded``, a ratio: pupils with a grade, a dash not counted, out of those judged. A pupil counts once per year
        9, in the period in which it ended (later, where enrolment became known later), by what was known at that
        period's end: a first grade known later changes nothing, for nobody could tell that it would come.

    Raises
    ------
    InputError
        If there is no such basis.
    """
    basis = checked(grades)
    name = _named("graded", basis)
    columns = (f"{name}_pupils", f"{name}_judged")

    def compute(known: Known) -> ibis.Table:
        if "grades" not in known:
            return nobody(known).select(*KEYS, **{column: ibis.literal(0).cast("int64") for column in columns})
        rows = subject_grades(known, basis)
        given = rows.group_by(*KEYS).agg(given=rows.is_grade.max())
        told = judged_now(known, basis).left_join(given, KEYS, rname="{name}_told")
        values = (ibis.coalesce(told.given, 0).cast("int64"), ibis.literal(1).cast("int64"))
        return told.select(*KEYS, **dict(zip(columns, values, strict=True)))

    return ratio_of(
        name,
        columns,
        compute,
        better="higher",
        parameters=counted(basis),
        meaning="graded",
    )


def completed_year_9_eligible() -> Events:
    """Find the ends of year 9 with eligibility for vocational programmes, the least there is.

    Returns
    -------
    Events
        ``completed_year_9_eligible``: once a person at most, dated the last day (30 June) of the first school year of
        year 9 at whose end the final grades known open vocational programmes.
    """
    least = eligible(LEAST)
    return Events(YEAR_9_EVENT, lambda tables: _ends(tables, least), repeats=False, parameters=least.parameters)


def _ends(tables: Tables, least: Measure) -> ibis.Table:
    rows = tables["enrolments"]
    ninth = rows.filter(rows.year_group >= LAST_YEAR)
    spring = last_spring(ninth.start)
    grid = ninth.select(
        "person_id",
        spring.cast("string").name("period"),
        ibis.date(spring - 1, FIRST_MONTH_OF_AUTUMN, 1).name("start"),
        ibis.date(spring, FIRST_MONTH_OF_AUTUMN, 1).name("end"),
        ibis.literal("").name("school_id"),
    ).distinct()
    found = least.compute(Known(tables, grid)).filter(lambda each: each[least.name] == 1)
    first = grid.semi_join(found, KEYS).group_by("person_id").agg(known_from=grid.end.min())
    day = (first.known_from - ibis.interval(days=1)).cast("date")
    return first.select("person_id", date=day, known_from=first.known_from, cause=ibis.literal(""))


def _passed(known: Known, basis: Basis, rules: tuple[EligibilityRule, ...]) -> ibis.Table:
    """Return everyone judged with ``passes``, and whether each subject that rules name is passed (0 or 1)."""
    rows = subject_grades(known, basis)
    named = sorted({subject for rule in rules for choice in rule.needed for subject in choice})
    sums = rows.group_by(*KEYS).agg(
        passes=rows.passed.sum(), **{f"passed_{each}": rows.passed.max(where=rows.subject == each) for each in named}
    )
    told = judged(known, basis).left_join(sums, KEYS, rname="{name}_told")
    filled = {column: ibis.coalesce(told[column], 0).cast("int64") for column in sums.columns[len(KEYS) :]}
    return told.select(*KEYS, "finished", **filled)


def _meets(told: ibis.Table, rule: EligibilityRule) -> ibis.Value:
    choices = (ibis.or_(*(told[f"passed_{subject}"] == 1 for subject in choice)) for choice in rule.needed)
    return ibis.and_(told.passes >= rule.passes, *choices)


def _named(name: str, basis: Basis) -> str:
    return name if basis == "final" else f"{name}_{basis}"

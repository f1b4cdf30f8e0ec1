"""From grades in courses to the day on which they first make a diploma.

Courses and subject levels of the same content are one (`evalkit.vocabulary.diploma`), and a course once passed stays
passed, so that points only ever grow.
"""

from __future__ import annotations

import ibis

from evalkit.vocabulary.diploma import (
    JOINERS,
    DiplomaRule,
    certificate_points,
    course_roles,
    diploma_rules,
    other_levels,
    same_courses,
)
from evalkit.vocabulary.grade_scales import grade_letters
from evalkit.vocabulary.programmes import programme_kinds, programmes

PLAIN = "vocational"


def programme_kind(enrolments: ibis.Table) -> ibis.Value:
    """Return ``vocational``, ``preparatory``, ``introductory``, or ``unknown`` where neither code nor kind tells."""
    code = ibis.coalesce(enrolments.programme, "").strip().upper()
    named = ibis.coalesce(enrolments.programme_type, "")
    by_code = [
        (ibis.or_(*(code.startswith(each.code) for each in programmes() if each.kind == kind)), kind)
        for kind in programme_kinds()
    ]
    by_name = [(named.isin(words), kind) for kind, words in programme_kinds().items()]
    return ibis.cases(*by_name, *by_code, else_="unknown")


def course_grades(grades: ibis.Table) -> ibis.Table:
    """Return grades of courses and subject levels of upper secondary level, with ``slot``: one for each content."""
    told = grades.filter(grades.course.notnull())
    code = told.course.upper()
    for joiner in JOINERS:
        code = code.replace(joiner, "")
    rows = told.mutate(slot=code)
    upper = rows.filter(~ibis.or_(*(rows.slot.startswith(beginning) for beginning in other_levels())))
    same = [(upper.slot == other, course) for other, course in same_courses().items()]
    return upper.mutate(slot=ibis.cases(*same, else_=upper.slot))


def diploma_days(rows: ibis.Table, kinds: ibis.Table | None, keys: tuple[str, ...]) -> ibis.Table:
    """Find the first day on which grades make a diploma, by the rule for the education begun last before it.

    Parameters
    ----------
    rows
        From `course_grades`, with ``keys`` and ``day``.
    kinds
        ``keys``, ``day`` and ``kind`` (as of `programme_kind`, or ``adult``) of what was begun; None where no site
        table tells. Kinds without a rule are judged by the vocational, which asks for the least.
    keys
        Whom grades are counted for.

    Returns
    -------
    ibis.Table
        ``keys``, ``graded_day`` (first with a grade), ``certificate_day`` (a grade in all points of the plan),
        ``diploma_day`` and ``rule``; the last three are missing where it never comes to that.
    """
    days = _running(_per_day(rows, keys), keys)
    plan = ibis.coalesce(days.plan, certificate_points())
    days = days.mutate(whole=days.graded >= plan, rule=ibis.literal(PLAIN))
    if kinds is not None:
        days = _with_rule(days.drop("rule"), kinds, keys)
    meets = [((days.rule == rule.kind) & (days.day >= rule.since), _meets(days, rule)) for rule in diploma_rules()]
    days = days.mutate(met=ibis.cases(*meets, else_=False))
    in_order = ibis.window(group_by=keys, order_by=[ibis.desc("met"), ibis.asc("day")])
    ranked = days.mutate(place=ibis.row_number().over(in_order))
    return ranked.group_by(*keys).agg(
        graded_day=ranked.day.min(where=ranked.graded > 0),
        certificate_day=ranked.day.min(where=ranked.whole),
        diploma_day=ranked.day.min(where=ranked.met),
        rule=ranked.rule.max(where=ranked.met & (ranked.place == 0)),
    )


def _per_day(rows: ibis.Table, keys: tuple[str, ...]) -> ibis.Table:
    """Return what each day added: points with a grade and with a pass, courses of rules, extent of the plan."""
    graded = _first(rows, [each.letter for each in grade_letters() if each.grade], keys)
    passed = _first(rows, [each.letter for each in grade_letters() if each.passed], keys)
    roles = course_roles()
    nothing = {role: ibis.literal(0).cast("int64") for role in roles}
    has = {
        role: ibis.ifelse(ibis.or_(*(passed.slot.startswith(each) for each in codes)), 1, 0).cast("int64")
        for role, codes in roles.items()
    }
    none, no_plan = ibis.literal(0.0), ibis.null("float64")
    added = ibis.union(
        graded.select(*keys, "day", graded=graded.worth, passed=none, plan=no_plan, **nothing),
        passed.select(*keys, "day", graded=none, passed=passed.worth, plan=no_plan, **has),
        rows.select(*keys, "day", graded=none, passed=none, plan=rows.plan_points.cast("float64"), **nothing),
    )
    return added.group_by(*keys, "day").agg(
        graded=added.graded.sum(),
        passed=added.passed.sum(),
        plan=added.plan.max(),
        **{role: added[role].max() for role in roles},
    )


def _first(rows: ibis.Table, letters: list[str], keys: tuple[str, ...]) -> ibis.Table:
    """Return each course's first such grade, and what it is worth; later ones add nothing."""
    such = rows.filter(rows.grade.isin(letters))
    such = such.mutate(worth=ibis.coalesce(such.points.cast("float64"), 0.0))
    earliest = ibis.window(group_by=[*keys, "slot"], order_by=[ibis.asc("day"), ibis.desc("worth")])
    ranked = such.mutate(place=ibis.row_number().over(earliest))
    return ranked.filter(ranked.place == 0)


def _running(days: ibis.Table, keys: tuple[str, ...]) -> ibis.Table:
    so_far = ibis.cumulative_window(group_by=keys, order_by="day")
    grown = {column: days[column].sum().over(so_far) for column in ("graded", "passed")}
    seen = {column: days[column].max().over(so_far) for column in ("plan", *course_roles())}
    return days.select(*keys, "day", **grown, **seen)


def _with_rule(days: ibis.Table, kinds: ibis.Table, keys: tuple[str, ...]) -> ibis.Table:
    begun = kinds.select(*keys, begun="day", kind="kind")
    joined = days.left_join(
        begun, [*(days[key] == begun[key] for key in keys), begun.begun <= days.day], rname="{name}_begun"
    )
    latest = ibis.window(group_by=[*keys, "day"], order_by=[ibis.desc("begun"), ibis.asc("kind")])
    ranked = joined.mutate(place=ibis.row_number().over(latest))
    last = ranked.filter(ranked.place == 0)
    ruled = [rule.kind for rule in diploma_rules()]
    rule = ibis.ifelse(ibis.coalesce(last.kind, "").isin(ruled), last.kind, PLAIN)
    return last.select(*days.columns, rule=rule)


def _meets(days: ibis.Table, rule: DiplomaRule) -> ibis.Value:
    due = ibis.coalesce(days.plan, rule.graded) if rule.follows_plan else ibis.literal(rule.graded)
    points = (days.graded >= due) & (days.passed >= rule.passed)
    return ibis.and_(points, *(days[role] == 1 for role in rule.courses))

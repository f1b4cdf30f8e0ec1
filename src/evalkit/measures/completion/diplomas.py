"""The upper secondary diploma: within some years of beginning, and the day it was reached.

Grades tell it, by the diploma's dated rules; no canonical table says that one was issued. A certificate (studiebevis)
is not completion.
"""

from __future__ import annotations

from typing import Literal, TypeVar, get_args

import ibis

from evalkit.errors import InputError
from evalkit.measures.completion.attainment import course_grades, diploma_days, programme_kind
from evalkit.measures.completion.year_9 import KEYS, nobody
from evalkit.measures.judged import ratio_of
from evalkit.values import Events, Known, Measure, Tables, took_place
from evalkit.vocabulary.cohort_rules import adult_part
from evalkit.vocabulary.diploma import certificate_points, course_roles, diploma_clock, diploma_rules, same_courses
from evalkit.vocabulary.grade_scales import grade_letters
from evalkit.vocabulary.programmes import programmes
from evalkit.vocabulary.terms import FIRST_MONTH_OF_AUTUMN

Base = Literal["national", "introductory", "all"]
Credit = Literal["diploma", "diploma_or_certificate2500"]
Unit = Literal["school", "home_municipality", "programme"]
Choice = TypeVar("Choice", str, int)
NATIONAL = ("vocational", "preparatory")
MEANINGS = {"diploma": "diploma_within", "diploma_or_certificate2500": "diploma_or_certificate_within"}


def diploma(clock: int = 4, *, base: str = "national", credit: str = "diploma") -> Measure:
    """Measure how many beginners of upper secondary school reach a diploma within some school years.

    Beginners are pupils in year 1 on 15 October, once, in the first year they are. They are judged when the school
    years have passed, and never before; grades registered later do not count. By then most have left, and those who
    have not are no fair sample: the panel must hold everyone (``build_panel(..., whom="everyone")``).

    Parameters
    ----------
    clock
        3, 4 or 5 school years, the first one included.
    base
        ``"national"``, ``"introductory"`` or ``"all"`` programmes, by the programme on that 15 October.
    credit
        ``"diploma"``, or ``"diploma_or_certificate2500"``: a certificate with grades in the whole plan counts too.

    Returns
    -------
    Measure
        ``diploma_within_<clock>_years``, or ``diploma_or_certificate_within_...``, with ``_<base>`` where it is not
        national: a ratio of one beginner's 0 or 1; coverage is beginners with a grade of upper secondary level.

    Raises
    ------
    InputError
        If there is no such clock, base or credit.
    """
    years = _one_of("clock", clock, diploma_clock().years)
    chosen, credited = _one_of("base", base, get_args(Base)), _one_of("credit", credit, get_args(Credit))
    meaning = MEANINGS[credited]
    name = f"{meaning}_{years}_years" + ("" if chosen == "national" else f"_{chosen}")
    columns = (f"{name}_reached", f"{name}_beginners", f"{name}_graded")

    def compute(known: Known) -> ibis.Table:
        if "grades" not in known or "enrolments" not in known:
            return nobody(known).select(*KEYS, **{column: ibis.literal(0).cast("int64") for column in columns})
        begun = _beginners(known, chosen)
        begun = begun.mutate(deadline=ibis.date(begun.autumn + years, FIRST_MONTH_OF_AUTUMN, 1))
        due = begun.filter(begun.deadline <= begun.period_end, begun.deadline > begun.period_start)
        grades = course_grades(known.history("grades", day="registered"))
        days = diploma_days(grades.mutate(day=grades.registered), _kinds_known(known), KEYS)
        told = due.left_join(days, KEYS, rname="{name}_told")
        reached = _before(told.diploma_day, told.deadline)
        if credited != "diploma":
            reached = reached | _before(told.certificate_day, told.deadline)
        graded = _before(told.graded_day, told.deadline)
        values = (reached.cast("int64"), ibis.literal(1).cast("int64"), graded.cast("int64"))
        return told.select(*KEYS, **dict(zip(columns, values, strict=True)))

    return ratio_of(
        name,
        columns,
        compute,
        better="higher",
        coverage=(f"{name}_coverage", columns[2], columns[1]),
        parameters=(("clock", years), ("base", chosen), ("credit", credited), *_rules()),
        meaning=meaning,
        asks_for="everyone",
    )


def started(unit: str = "programme") -> Measure:
    """Measure where a beginner of upper secondary school began, to divide completion by.

    Parameters
    ----------
    unit
        ``"programme"`` or ``"school"`` on the 15 October of year 1, or ``"home_municipality"``. Figures by school and
        by home municipality are not of the same pupils, and the home is the one in the table persons as handed over:
        the registers do not say since when.

    Returns
    -------
    Measure
        ``started_programme``, ``started_school`` or ``started_home_municipality``: a state, for beginners alone.

    Raises
    ------
    InputError
        If there is no such unit.
    """
    chosen = _one_of("unit", unit, get_args(Unit))
    name = f"started_{chosen}"

    def compute(known: Known) -> ibis.Table:
        if "enrolments" not in known:
            return nobody(known).select(*KEYS, ibis.literal("").name(name))
        begun = _beginners(known, "all")
        if chosen == "home_municipality":
            homes = known.history("persons").select(*KEYS, "home_municipality")
            begun = begun.join(homes, KEYS)
        value = {"programme": "programme", "school": "school_id"}.get(chosen, chosen)
        found = begun.select(*KEYS, begun[value].name(name))
        return found.filter(found[name].notnull())

    return Measure(name, "state", "", "none", (name,), compute, parameters=(("unit", chosen),), meaning="started")


def diplomas() -> Events:
    """Find the days on which persons first could be known to have the grades of a diploma.

    Returns
    -------
    Events
        ``diplomas``: once a person at most; the cause is the rule, ``vocational``, ``preparatory`` or ``adult``.
    """
    return Events("diplomas", _diploma_events, repeats=False, parameters=_rules())


def _diploma_events(tables: Tables) -> ibis.Table:
    grades = course_grades(tables["grades"])
    rows = grades.mutate(day=ibis.greatest(grades.registered, grades.known_from))
    begun = [
        _kinds(tables[name]).mutate(day=lambda row: ibis.greatest(row.day, row.known_from))
        for name in ("enrolments", "courses")
        if name in tables
    ]
    kinds = [each.select("person_id", "day", "kind") for each in begun]
    days = diploma_days(rows, _all(kinds), ("person_id",))
    found = days.filter(days.diploma_day.notnull())
    return found.select("person_id", date=found.diploma_day, known_from=found.diploma_day, cause=found.rule)


def _beginners(known: Known, base: str) -> ibis.Table:
    """Return who was in year 1 of the base on a 15 October before the period's end: the first one, and the place."""
    clock = diploma_clock()
    rows = known.history("enrolments", day="start")
    first_year = rows.filter(
        rows.school_type.isin(clock.school_types),
        rows.year_group == clock.year_group,
        took_place(rows),
    )
    year = first_year.start.year()
    late = first_year.start > ibis.date(year, *clock.reference)
    rows = first_year.mutate(autumn=year + late.cast("int64"))
    rows = rows.mutate(reference=ibis.date(rows.autumn, *clock.reference), kind=programme_kind(rows))
    there = rows.filter(rows.reference < rows.period_end, rows.end.isnull() | (rows.end > rows.reference))
    there = there.filter(_in_base(there.kind, base))
    in_order = ibis.window(group_by=KEYS, order_by=["reference", "start", "school_id"])
    ranked = there.mutate(place=ibis.row_number().over(in_order), programme=_programme_code(there.programme))
    first = ranked.filter(ranked.place == 0)
    return first.select(*KEYS, "period_start", "period_end", "autumn", "kind", "school_id", "programme")


def _programme_code(programme: ibis.Value) -> ibis.Value:
    """Return the programme that a study path code begins with; a code of none as it is."""
    written = programme.strip().upper()
    return ibis.cases(*((written.startswith(each.code), each.code) for each in programmes()), else_=programme)


def _kinds_known(known: Known) -> ibis.Table | None:
    begun = [_kinds(known.history(name, day="start")) for name in ("enrolments", "courses") if name in known]
    return _all([each.select(*KEYS, "day", "kind") for each in begun])


def _kinds(rows: ibis.Table) -> ibis.Table:
    """Return what was begun in upper secondary school and adult education of that level, with ``day`` and ``kind``."""
    adult = [code for part in ("upper_secondary", "unspecified") for code in adult_part(part).school_types]
    grown = rows.school_type.isin(adult)
    if "programme" not in rows.columns:
        return rows.filter(grown).mutate(day=rows.start, kind=ibis.literal("adult"))
    begun = rows.filter(grown | rows.school_type.isin(diploma_clock().school_types))
    kind = ibis.ifelse(begun.school_type.isin(adult), "adult", programme_kind(begun))
    return begun.mutate(day=begun.start, kind=kind)


def _all(parts: list[ibis.Table]) -> ibis.Table | None:
    return ibis.union(*parts) if len(parts) > 1 else next(iter(parts), None)


def _in_base(kind: ibis.Value, base: str) -> ibis.Value:
    return {"national": kind.isin(NATIONAL), "introductory": kind == "introductory"}.get(base, kind.notnull())


def _before(day: ibis.Value, deadline: ibis.Value) -> ibis.Value:
    return ibis.coalesce(day < deadline, False)


def _rules() -> tuple[tuple[str, object], ...]:
    """Return all of the vocabulary that decides on a diploma, for digests."""
    rules = tuple((r.kind, r.since.isoformat(), r.graded, r.follows_plan, r.passed, r.courses) for r in diploma_rules())
    courses = (tuple(sorted(course_roles().items())), tuple(sorted(same_courses().items())))
    letters = tuple((each.letter, each.passed, each.grade) for each in grade_letters())
    kinds = tuple((each.code, each.kind) for each in programmes())
    certificate = certificate_points()
    return (
        ("rules", rules),
        ("certificate", certificate),
        ("courses", courses),
        ("letters", letters),
        ("kinds", kinds),
    )


def _one_of(what: str, asked: Choice, choices: tuple[Choice, ...]) -> Choice:
    if asked not in choices:
        raise InputError(
            f"completion knows no {what} {asked!r}", remedy=f"choose one of {', '.join(map(str, choices))}"
        )
    return asked

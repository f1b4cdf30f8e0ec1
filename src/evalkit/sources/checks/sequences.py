"""Checks of what cannot follow what, of ages, and of facts that came late or have not come yet."""

from __future__ import annotations

from collections.abc import Iterator

import ibis

from evalkit.errors import Finding
from evalkit.sources.checks.days import days_between, school_year_number
from evalkit.sources.checks.examination import Examination, Question, ask
from evalkit.sources.conversion import KNOWN_FROM
from evalkit.sources.register import AT
from evalkit.vocabulary.checks import check
from evalkit.vocabulary.schema import ALWAYS, table_schema
from evalkit.vocabulary.school_types import school_types

ORDERS = (
    ("courses", "applied", "start"),
    ("courses", "start", "attended_from"),
    ("courses", "start", "planned_end"),
    ("persons", "birth_date", "immigrated"),
    ("plans", "created", "due"),
    ("plans", "created", "done"),
    ("forums", "date", "feedback_date"),
    ("forum_statements", "date", "action_date"),
    ("forum_statements", "date", "feedback_date"),
)
"""Table, and two dates of a row of which the second cannot be before the first."""
NEEDS_END = (("courses", "outcome"), ("courses", "grade"))


def check_sequences(examination: Examination) -> list[Finding]:
    """Return what stands in an impossible order, came late, or lies after the day of the sources."""
    return ask([*_orders(examination), *_stages(examination), *_late(examination), *_future(examination)], examination)


def _orders(examination: Examination) -> Iterator[Question]:
    for name, earlier, later in ORDERS:
        if examination.has(name) and {earlier, later} <= set(examination.tables[name].columns):
            table = examination.tables[name]
            headings = {"earlier": (earlier, ""), "later": (later, "")}
            failing = table.filter(table[later] < table[earlier])
            yield Question("impossible_order", name, (later, earlier), failing, {}, headings)
    for name, column in NEEDS_END:
        if examination.has(name):
            table = examination.tables[name]
            failing = table.filter(table[column].notnull() & table.end.isnull())
            headings = {"column": (column, ""), "end": ("end", "")}
            yield Question("outcome_without_end", name, (column, "end"), failing, {}, headings)


def _stages(examination: Examination) -> Iterator[Question]:
    if examination.has("enrolments"):
        yield _year_groups(examination)
    if examination.has("enrolments", "persons"):
        yield _ages(examination)
    if examination.has("enrolments", "grades"):
        yield _early_grades(examination)


def _year_groups(examination: Examination) -> Question:
    table, steps = examination.tables["enrolments"], examination.number("year_group_sequence", "steps")
    given = table.filter(table.year_group.notnull())
    window = ibis.window(group_by=["person_id", "school_type"], order_by=["start", AT])
    marked = given.mutate(
        before=given.year_group.lag().over(window),
        passed=school_year_number(given.start) - school_year_number(given.start.lag().over(window)),
    )
    fell = marked.year_group < marked.before
    failing = marked.filter(fell | (marked.year_group - marked.before > marked.passed + steps))
    return Question("year_group_sequence", "enrolments", ("year_group", "start"), failing)


def _ages(examination: Examination) -> Question:
    limits = check("age_outside_stage").threshold(examination.on)
    known = [kind for kind in school_types() if f"{kind.stage}_from" in limits]
    persons = examination.tables["persons"].select(who="person_id", birth_date="birth_date")
    spells = examination.tables["enrolments"]
    joined = spells.join(persons.filter(persons.birth_date.notnull()), spells.person_id == persons.who)
    age = joined.start.year() - joined.birth_date.year()
    low, high = (
        joined.school_type.cases(*[(kind.code, int(limits[f"{kind.stage}_{end}"])) for kind in known], else_=None)
        for end in ("from", "to")
    )
    outside = ((age < low) | (age > high)).fill_null(False)
    failing = joined.filter(outside | (joined.birth_date >= joined.start))
    return Question("age_outside_stage", "enrolments", ("school_type", "start"), failing)


def _early_grades(examination: Examination) -> Question:
    names = [name for name in ("enrolments", "courses") if examination.has(name)]
    parts = [examination.tables[name].select("person_id", "start") for name in names]
    starts = ibis.union(*parts) if len(parts) > 1 else parts[0]
    firsts = starts.group_by("person_id").aggregate(begin=starts.start.min())
    grades = examination.tables["grades"]
    joined = grades.join(firsts, "person_id")
    failing = joined.filter(joined.registered < joined.begin)
    return Question("grade_before_enrolment", "grades", ("registered",), failing)


def _late(examination: Examination) -> Iterator[Question]:
    def late(name: str, column: str, failing: ibis.Table) -> Question:
        days = examination.number("late_registration", name)
        judged = failing.filter(days_between(failing.event, failing[column]) > days)
        return Question("late_registration", name, (column,), judged, {"days": str(days)}, {"column": (column, "")})

    if examination.has("grades"):
        table = examination.tables["grades"]
        autumn, year = table.term[:2] == "HT", table.term.substr(2, 4).cast("int32")
        ended = ibis.date(year + autumn.ifelse(1, 0), autumn.ifelse(1, 7), 1)
        yield late("grades", "registered", table.mutate(event=ended))
    if examination.has("absences"):
        table = examination.tables["absences"]
        yield late("absences", "registered", table.mutate(event=table.start))
    if examination.has("handovers", "enrolments"):
        table, spells = examination.tables["handovers"], examination.tables["enrolments"]
        starts = spells.group_by(who="person_id", school="school_id").aggregate(event=spells.start.max())
        joined = table.join(starts, [table.person_id == starts.who, table.to_school == starts.school])
        yield late("handovers", "date", joined)


def _future(examination: Examination) -> Iterator[Question]:
    if examination.on is None:
        return
    day = ibis.literal(examination.on)
    for name, table in examination.tables.items():
        column = table_schema(name).known_from
        if column != ALWAYS and examination.has(name):
            facts = {"day": examination.on.isoformat()}
            failing = table.filter(table[KNOWN_FROM] > day)
            yield Question("future_date", name, (column,), failing, facts, {"column": (column, "")})

"""Checks of who is there: persons without enrolment, enrolled without lessons, weeks without lessons, protection."""

from __future__ import annotations

from collections.abc import Iterator

import ibis

from evalkit.errors import Finding
from evalkit.sources.checks.days import days_between, week_of
from evalkit.sources.checks.examination import Examination, Question, ask, finding
from evalkit.sources.checks.intervals import NEVER, merged
from evalkit.sources.register import AT
from evalkit.vocabulary import ss12000
from evalkit.vocabulary.school_types import school_types

FEW = 10
PRESENCE = ("enrolments", "courses", "participants")
AT_SCHOOL = ("person_id", "school_id")


def check_persons(examination: Examination) -> list[Finding]:
    """Return what is odd about who is there."""
    questions = [*_without_enrolment(examination), *_kept_codes(examination)]
    if examination.has("attendance", "enrolments"):
        questions += _lessons_of_the_enrolled(examination)
    return [*ask(questions, examination), *_protected(examination)]


def _without_enrolment(examination: Examination) -> Iterator[Question]:
    there = [name for name in PRESENCE if examination.has(name)]
    if not there or not examination.has("persons"):
        return
    parts = [examination.tables[name].select("person_id") for name in there]
    present = (ibis.union(*parts) if len(parts) > 1 else parts[0]).distinct()
    failing = examination.tables["persons"].anti_join(present, "person_id")
    yield Question("person_without_enrolment", "persons", ("person_id",), failing)


def _kept_codes(examination: Examination) -> Iterator[Question]:
    types = [kind.code for kind in school_types()]
    curricula = ss12000.named_enum("CurriculumEnum")
    for name, column, codes in (
        ("enrolments", "school_type", types),
        ("courses", "school_type", types),
        ("grades", "curriculum", curricula),
    ):
        if examination.has(name):
            table = examination.tables[name]
            failing = table.filter(table[column].notin(codes).fill_null(False))
            yield Question("unknown_kept_code", name, (column,), failing, {}, {"column": (column, "")})


def _protected(examination: Examination) -> list[Finding]:
    if not examination.has("persons"):
        return []
    table = examination.tables["persons"]
    marked = int(table.filter(table.security_marking != "none").count().to_pyarrow().as_py())
    if not marked:
        return []
    near = round(marked, -1)
    about = ("färre än 10", "fewer than 10") if marked < FEW else (f"omkring {near}", f"about {near}")
    return [finding("security_marked", {"about_sv": about[0], "about_en": about[1]}, table="persons")]


def _lessons_of_the_enrolled(examination: Examination) -> Iterator[Question]:
    attendance = examination.tables["attendance"]
    weekly = attendance.select(*AT_SCHOOL, AT, "date", week=week_of(attendance.date))
    weeks = examination.keep(
        "weeks_of_persons",
        weekly.group_by([*AT_SCHOOL, "week"]).aggregate(
            **{AT: weekly[AT].min(), "first": weekly.date.min(), "last": weekly.date.max()}
        ),
    )
    yield _never_there(weeks, examination)
    yield _away_for_weeks(weeks, examination)


def _never_there(weeks: ibis.Table, examination: Examination) -> Question:
    days = examination.number("enrolled_without_attendance", "days")
    open_days = weeks.group_by(school="school_id").aggregate(opened=weeks["first"].min(), closed=weeks["last"].max())
    spells = examination.tables["enrolments"]
    joined = spells.join(open_days, spells.school_id == open_days.school)
    begin = ibis.greatest(joined.start, joined.opened)
    until = ibis.least(joined.end.fill_null(ibis.literal(NEVER)), joined.closed)
    long_enough = joined.filter(days_between(begin, until) > days)
    failing = long_enough.anti_join(weeks.select(*AT_SCHOOL).distinct(), list(AT_SCHOOL))
    return Question(
        "enrolled_without_attendance", "enrolments", ("person_id", "school_id"), failing, {"days": str(days)}
    )


def _away_for_weeks(weeks: ibis.Table, examination: Examination) -> Question:
    most = examination.number("lesson_gap", "weeks")
    distinct = weeks.select(school="school_id", monday="week").distinct()
    order = ibis.window(group_by="school", order_by="monday")
    numbered = distinct.mutate(number=ibis.row_number().over(order))
    joined = weeks.join(numbered, [weeks.school_id == numbered.school, weeks.week == numbered.monday])
    own = ibis.window(group_by=list(AT_SCHOOL), order_by="week")
    marked = joined.mutate(before=joined.number.lag().over(own), left=joined["last"].lag().over(own))
    gaps = marked.filter(marked.number - marked.before - 1 > most)
    spells = merged(examination.tables["enrolments"], AT_SCHOOL, "start", "end").rename(
        who="person_id", place="school_id"
    )
    inside = gaps.join(
        spells,
        [
            gaps.person_id == spells.who,
            gaps.school_id == spells.place,
            spells.begin <= gaps.left,
            gaps.week < spells.until,
        ],
    )
    return Question("lesson_gap", "attendance", ("date",), inside, {"weeks": str(most)})

"""Checks of intervals: that they end after they start, do not overlap, and hold what should lie inside them."""

from __future__ import annotations

from datetime import date

import ibis

from evalkit.errors import Finding, Level
from evalkit.sources.checks.days import FIRST_MONTH, days_between, school_year_number
from evalkit.sources.checks.examination import Examination, Question, ask
from evalkit.sources.register import AT
from evalkit.vocabulary.schema import Rule, TableSchema

NEVER = date(9999, 12, 31)


def check_intervals(schema: TableSchema, examination: Examination) -> list[Finding]:
    """Return the findings of the schema's rules over intervals."""
    questions = []
    for rule in schema.rules:
        if rule.kind == "end_after_start":
            questions.append(_ends_early(schema, rule, examination))
        elif rule.kind == "no_overlap":
            questions.append(_overlaps(schema, rule, examination))
        elif rule.kind == "within_enrolment" and examination.has(rule.of):
            questions += _outside(schema, rule, examination)
    if schema.name == "enrolments":
        questions.append(_gaps(examination))
    return ask(questions, examination)


def merged(spells: ibis.Table, per: tuple[str, ...], start: str, end: str) -> ibis.Table:
    """Return intervals that touch or overlap as one: ``per``, ``begin`` and ``until`` (half-open)."""
    opened = spells.select(*per, begin=spells[start], until=spells[end].fill_null(ibis.literal(NEVER)))
    before = ibis.window(group_by=list(per), order_by=["begin", "until"], preceding=(None, 1))
    marked = opened.mutate(latest=opened.until.max().over(before))
    new = (marked.latest.isnull() | (marked.begin > marked.latest)).ifelse(1, 0)
    running = ibis.window(group_by=list(per), order_by=["begin", "until"], preceding=None, following=0)
    islands = marked.mutate(new=new)
    islands = islands.mutate(island=islands.new.sum().over(running))
    whole = islands.group_by([*per, "island"]).aggregate(begin=islands.begin.min(), until=islands.until.max())
    return whole.drop("island")


def _level(rule: Rule) -> Level:
    return "error" if rule.severity == "fault" else "warning"


def _ends_early(schema: TableSchema, rule: Rule, examination: Examination) -> Question:
    table = examination.tables[schema.name]
    failing = table.filter(table[rule.end] <= table[rule.start])
    headings = {"end": (rule.end, ""), "start": (rule.start, "")}
    return Question("end_not_after_start", schema.name, (rule.end, rule.start), failing, {}, headings, _level(rule))


def _overlaps(schema: TableSchema, rule: Rule, examination: Examination) -> Question:
    table = examination.tables[schema.name]
    spells = table.mutate(until=table[rule.end].fill_null(ibis.literal(NEVER)))
    before = ibis.window(group_by=list(rule.per), order_by=[rule.start, AT], preceding=(None, 1))
    marked = spells.mutate(latest=spells.until.max().over(before))
    failing = marked.filter(marked[rule.start] < marked.latest)
    columns = (rule.start, rule.end, *rule.per)
    headings = {"per": (rule.per[-1], "")}
    return Question(
        "overlapping_intervals", schema.name, columns, failing, {"table": schema.name}, headings, _level(rule)
    )


def _outside(schema: TableSchema, rule: Rule, examination: Examination) -> list[Question]:
    """Return the rows whose date lies in no interval; the rows of persons and years wholly inside one are not asked."""
    table, per = examination.tables[schema.name], list(rule.per)
    spells = examination.keep(f"inside_{rule.id}", merged(examination.tables[rule.of], rule.per, rule.start, rule.end))
    dated = table.select(*per, day=table[rule.date], year=school_year_number(table[rule.date]))
    spans = dated.group_by([*per, "year"]).aggregate(first=dated.day.min(), last=dated.day.max())
    joined = spans.join(spells, per).filter(lambda t: (t.begin <= t["first"]) & (t["last"] < t.until))
    whole = joined.select(*per, "year").distinct()
    doubtful = examination.keep(f"doubtful_{rule.id}", spans.anti_join(whole, [*per, "year"]))
    if not doubtful.count().to_pyarrow().as_py():
        return []
    asked = dated.semi_join(doubtful, [*per, "year"]).select(*per, "day").distinct()
    inside = asked.join(spells, per).filter(lambda t: (t.begin <= t.day) & (t.day < t.until))
    lost = asked.anti_join(inside.select(*per, "day").distinct(), [*per, "day"])
    failing = table.semi_join(lost, [*per, (rule.date, "day")])
    headings = {"date": (rule.date, "")}
    return [Question("outside_enrolment", schema.name, (rule.date, *per), failing, {}, headings, _level(rule))]


def _gaps(examination: Examination) -> Question:
    table, days = examination.tables["enrolments"], examination.number("enrolment_gap", "days")
    spells = table.mutate(until=table.end.fill_null(ibis.literal(NEVER)))
    before = ibis.window(group_by="person_id", order_by=["start", AT], preceding=(None, 1))
    marked = spells.mutate(latest=spells.until.max().over(before))
    same_year = school_year_number(marked.latest) == school_year_number(marked.start)
    in_summer = marked.latest.month() == FIRST_MONTH  # an enrolment that ends with June ends on the first of July
    late = marked.filter((marked.start > marked.latest) & same_year & ~in_summer)
    failing = late.filter(days_between(late.latest, late.start) > days)
    return Question("enrolment_gap", "enrolments", ("start",), failing, {"days": str(days)})

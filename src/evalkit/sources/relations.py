"""Checks between rows and between tables, as Ibis expressions made from the schema."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import reduce

import ibis

from evalkit.errors import InputError
from evalkit.sources.register import AT, FileRegister
from evalkit.sources.told import rows_phrase
from evalkit.vocabulary.schema import ColumnSchema, Rule, TableSchema

NEVER = date(9999, 12, 31)
ROWS_AT_A_TIME = 4_000_000
DIGITS = "0123456789abcdef"

Found = tuple[int, int]
"""How many rows fail, and the ``_at`` of the first."""


def check_key(table: ibis.Table, schema: TableSchema, register: FileRegister) -> list[InputError]:
    """Return a fault if two rows share the key, told at the second of them.

    Large tables are looked through a part of the persons at a time, so that memory stays bounded.
    """
    found: list[Found] = []
    for part in _parts(table, schema):
        keys = part.group_by(list(schema.key)).aggregate(n=part.count(), last=part[AT].max())
        found += _answer(keys.filter(keys.n > 1), lambda bad: (bad.n - 1).sum(), lambda bad: bad["last"].min())
    if not found:
        return []
    count, first = sum(n for n, _ in found), min(at for _, at in found)
    headings = [register.heading(first, schema.name, name) for name in schema.key]
    return [
        InputError(
            f"{rows_phrase(count)}: an earlier row has the same {', '.join(headings)}",
            where=register.where(first, schema.name, schema.key[-1]),
            remedy="take the row away, or correct what tells it from the other",
        )
    ]


def check_references(tables: Mapping[str, ibis.Table], schema: TableSchema, register: FileRegister) -> list[InputError]:
    """Return a fault per column that refers to a row another table does not have."""
    table = tables[schema.name]
    referring = [column for column in schema.columns if column.references is not None]
    asked = []
    for place, column in enumerate(referring):
        other, other_column = str(column.references).split(".")
        given = table.filter(table[column.name].notnull())
        named = given.group_by(column.name).aggregate(n=given.count(), first=given[AT].min())
        lost = named.anti_join(tables[other], named[column.name] == tables[other][other_column])
        asked.append(lost.aggregate(n=lost.n.sum(), first=lost["first"].min()).mutate(place=ibis.literal(place)))
    if not asked:
        return []
    answers = ibis.union(*asked) if len(asked) > 1 else asked[0]
    found = sorted(answers.filter(answers.n > 0).to_pyarrow().to_pylist(), key=lambda answer: int(answer["place"]))
    return [_lost(referring[answer["place"]], answer["n"], answer["first"], schema, register) for answer in found]


def _lost(column: ColumnSchema, count: int, first: int, schema: TableSchema, register: FileRegister) -> InputError:
    other = str(column.references).partition(".")[0]
    return InputError(
        f"{rows_phrase(count)}: the table {other} does not have what this refers to",
        where=register.where(first, schema.name, column.name),
        remedy=f"hand over the missing row of {other}, or take the row away",
    )


def check_rules(
    tables: Mapping[str, ibis.Table], schema: TableSchema, register: FileRegister
) -> tuple[list[InputError], list[str]]:
    """Return the faults and the warnings of a table's rules."""
    faults: list[InputError] = []
    warnings: list[str] = []
    for rule in schema.rules:
        if rule.of and rule.of not in tables:
            continue
        failing, column = FAILING[rule.kind](tables, schema, rule)
        for count, first in _answer(failing, lambda bad: bad.count(), lambda bad: bad[AT].min()):
            problem, remedy = _words(rule, schema, register, first)
            where = register.where(first, schema.name, column)
            if rule.severity == "warning":
                warnings.append(f"{problem} ({where})")
            else:
                faults.append(InputError(f"{rows_phrase(count)}: {problem}", where=where, remedy=remedy))
    return faults, warnings


def _answer(
    failing: ibis.Table, count: Callable[[ibis.Table], ibis.Scalar], first: Callable[[ibis.Table], ibis.Scalar]
) -> list[Found]:
    answer = failing.aggregate(n=count(failing), first=first(failing)).to_pyarrow().to_pylist()[0]
    return [(int(answer["n"]), int(answer["first"]))] if answer["n"] else []


def _parts(table: ibis.Table, schema: TableSchema) -> Iterator[ibis.Table]:
    rows = int(table.count().to_pyarrow().as_py())
    if rows <= ROWS_AT_A_TIME or "person_id" not in schema.key:
        yield table
        return
    width = max(1, len(DIGITS) * ROWS_AT_A_TIME // rows)
    for start in range(0, len(DIGITS), width):
        yield table.filter(table.person_id[:1].isin(list(DIGITS[start : start + width])))


Failing = tuple[ibis.Table, str]


def _sum_of(table: ibis.Table, names: tuple[str, ...]) -> ibis.Value:
    return reduce(operator.add, [table[name].fill_null(0) for name in names])


def _more_than(tables: Mapping[str, ibis.Table], schema: TableSchema, rule: Rule) -> Failing:
    table = tables[schema.name]
    return table.filter(_sum_of(table, rule.left) > table[rule.right] + rule.tolerance), rule.left[0]


def _less_than(tables: Mapping[str, ibis.Table], schema: TableSchema, rule: Rule) -> Failing:
    table = tables[schema.name]
    judged = table.filter(table[rule.when]) if rule.when else table
    return judged.filter(_sum_of(judged, rule.left) < judged[rule.right] - rule.tolerance), rule.left[0]


def _ends_early(tables: Mapping[str, ibis.Table], schema: TableSchema, rule: Rule) -> Failing:
    table = tables[schema.name]
    return table.filter(table[rule.end] <= table[rule.start]), rule.end


def _overlaps(tables: Mapping[str, ibis.Table], schema: TableSchema, rule: Rule) -> Failing:
    table = tables[schema.name]
    spells = table.mutate(until=table[rule.end].fill_null(ibis.literal(NEVER)))
    before = ibis.window(group_by=list(rule.per), order_by=[rule.start, AT], preceding=(None, 1))
    marked = spells.mutate(latest=spells.until.max().over(before))
    return marked.filter(marked[rule.start] < marked.latest), rule.start


def _outside(tables: Mapping[str, ibis.Table], schema: TableSchema, rule: Rule) -> Failing:
    table, spells = tables[schema.name], tables[rule.of]
    keys = [*rule.per, rule.date]
    asked = table.group_by(keys).aggregate(**{AT: table[AT].min()})
    spells = spells.select(*rule.per, begin=spells[rule.start], until=spells[rule.end].fill_null(ibis.literal(NEVER)))
    inside = asked.join(spells, list(rule.per)).filter(lambda t: (t.begin <= t[rule.date]) & (t[rule.date] < t.until))
    lost = asked.anti_join(inside.select(keys).distinct(), keys)
    return table.semi_join(lost, keys), rule.date


FAILING: Mapping[str, Callable[[Mapping[str, ibis.Table], TableSchema, Rule], Failing]] = {
    "not_more_than": _more_than,
    "not_less_than": _less_than,
    "end_after_start": _ends_early,
    "no_overlap": _overlaps,
    "within_enrolment": _outside,
}


def _words(rule: Rule, schema: TableSchema, register: FileRegister, first: int) -> tuple[str, str]:
    """Return what a rule demands and how to mend, with the file's own headings."""

    def named(column: str) -> str:
        return register.heading(first, schema.name, column)

    sums = " + ".join(dict.fromkeys(named(name) for name in rule.left))
    if rule.kind == "not_more_than":
        return f"expected {sums} to be at most {named(rule.right)}", "correct the minutes at the rows"
    if rule.kind == "not_less_than":
        return f"expected {sums} to add up to {named(rule.right)}", "correct the minutes at the rows"
    if rule.kind == "end_after_start":
        return (
            f"expected {named(rule.end)} to be later than {named(rule.start)}",
            "correct the dates; if ends are last days, set `end_is_last_day: true` in the site file",
        )
    if rule.kind == "no_overlap":
        return (
            f"expected a person's {schema.name} of one {named(rule.per[-1])} not to overlap, but an earlier one lasts",
            "end the earlier one before the later begins, or take one of them away",
        )
    return (
        f"expected {named(rule.date)} to lie within an enrolment of the person",
        "correct the date, or hand over the enrolment it belongs to",
    )

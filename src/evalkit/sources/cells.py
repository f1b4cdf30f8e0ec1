"""Checks of single values: one aggregate tells how many fail and where the first stands; no row is collected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis

from evalkit.errors import InputError
from evalkit.sources.conversion import BAD
from evalkit.sources.extract import Extract
from evalkit.sources.register import AT, FileRegister
from evalkit.sources.told import rows_phrase
from evalkit.vocabulary.schema import ColumnSchema, TableSchema

EXAMPLE = date(2024, 8, 31)
KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "ja or nej (also true/false, 1/0)",
    "string": "text",
}


@dataclass(frozen=True, eq=False)
class _Check:
    column: ColumnSchema
    failing: ibis.BooleanValue
    expected: str
    remedy: str


def check_cells(staged: ibis.Table, schema: TableSchema, extract: Extract, register: FileRegister) -> list[InputError]:
    """Return a fault per column and kind of check that some value fails.

    Parameters
    ----------
    staged
        As `convert` returns.
    extract
        What it was made from, which says how values should have been written.
    """
    checks = [check for place, column in enumerate(schema.columns) for check in _checks(staged, place, column, extract)]
    failed = _count(staged, checks) + _count_codes(staged, schema)
    faults = []
    for check, count, first in failed:
        where = register.where(first, schema.name, check.column.name)
        problem = f"{rows_phrase(count)}: expected {check.expected}"
        faults.append(InputError(problem, where=where, remedy=check.remedy))
    return faults


def _checks(staged: ibis.Table, place: int, column: ColumnSchema, extract: Extract) -> list[_Check]:
    value, unread = staged[column.name], (staged[BAD] & (1 << place)) != 0
    checks = [_Check(column, unread, *_readable(column, extract))]
    if not column.nullable:
        missing = value.isnull() & ~unread
        checks.append(_Check(column, missing, "a value, but the cell is empty", "fill it in at the rows"))
    if column.minimum is not None:
        checks.append(_Check(column, value < column.minimum, *_range(column)))
    if column.maximum is not None:
        checks.append(_Check(column, value > column.maximum, *_range(column)))
    return checks


def _readable(column: ColumnSchema, extract: Extract) -> tuple[str, str]:
    codes = extract.values.get(column.name)
    if column.identity:
        return (
            "an identity number of twelve digits whose check digit is right",
            "correct the number; ten digits do only where the century can be told",
        )
    if codes and extract.strict_values:
        return (
            f"one of the codes that the site file maps: {', '.join(sorted(codes))}",
            f"correct the rows, or add the code under `values: {{{column.name}: ...}}` in the site file",
        )
    if column.type == "date":
        written = f"a date such as {EXAMPLE.strftime(extract.date_format)}, written {extract.date_format}"
        return written, "correct the rows, or set `date_format` in the site file"
    if column.type == "number":
        return f"a number written like 1{extract.decimal}5", "correct the rows, or set `decimal` in the site file"
    clock = " or a time such as 08:30" if column.clock else ""
    mapped = f"correct the rows, or map the file's codes under `values: {{{column.name}: ...}}` in the site file"
    return KINDS[column.type] + clock, mapped


def _range(column: ColumnSchema) -> tuple[str, str]:
    unit = f" {column.unit}" if column.unit else ""
    if column.maximum is None:
        return f"at least {column.minimum:g}{unit}", "correct the rows"
    return f"{column.minimum:g} to {column.maximum:g}{unit}", "correct the rows"


def _count(staged: ibis.Table, checks: list[_Check]) -> list[tuple[_Check, int, int]]:
    """Count every check in one scan."""
    sums = {f"n{place}": check.failing.sum() for place, check in enumerate(checks)}
    firsts = {f"first{place}": staged[AT].min(where=check.failing) for place, check in enumerate(checks)}
    answer = staged.aggregate(**sums, **firsts).to_pyarrow().to_pylist()[0]
    return [
        (check, answer[f"n{place}"], answer[f"first{place}"])
        for place, check in enumerate(checks)
        if answer[f"n{place}"]
    ]


def _count_codes(staged: ibis.Table, schema: TableSchema) -> list[tuple[_Check, int, int]]:
    """Check codes and patterns on the distinct values only."""
    coded = [column for column in schema.columns if column.allowed or column.pattern]
    asked = []
    for place, column in enumerate(coded):
        distinct = staged.group_by(column.name).aggregate(n=staged.count(), first=staged[AT].min())
        value = distinct[column.name]
        wrong = distinct.filter(
            value.notin(column.allowed) if column.allowed else ~value.re_search(f"^({column.pattern})$")
        )
        asked.append(wrong.aggregate(n=wrong.n.sum(), first=wrong["first"].min()).mutate(place=ibis.literal(place)))
    if not asked:
        return []
    answers = ibis.union(*asked) if len(asked) > 1 else asked[0]
    found = sorted(answers.filter(answers.n > 0).to_pyarrow().to_pylist(), key=lambda answer: int(answer["place"]))
    return [
        (
            _Check(coded[answer["place"]], ibis.literal(True), *_code(coded[answer["place"]])),
            answer["n"],
            answer["first"],
        )
        for answer in found
    ]


def _code(column: ColumnSchema) -> tuple[str, str]:
    if column.allowed:
        return (
            f"one of {', '.join(column.allowed)}",
            f"correct the rows, or map the file's codes under `values: {{{column.name}: ...}}` in the site file",
        )
    return f"a code such as {column.example}", "correct the rows; a code keeps its leading zeros"

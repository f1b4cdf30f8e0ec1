"""Checks of single rows: one screening scan per table, and a closer look only at what it finds.

The screening asks nothing but counts of values, smallest and largest numbers and the union of the reading marks, so
that it costs little more than reading the columns. Codes and patterns are checked on the distinct values only.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from functools import reduce
from typing import Any

import ibis

from evalkit.errors import Finding
from evalkit.sources.checks.examination import Examination, Question, ask
from evalkit.sources.checks.hashes import united
from evalkit.sources.conversion import BAD
from evalkit.sources.extract import Extract
from evalkit.vocabulary.schema import ColumnSchema, Rule, TableSchema

EXAMPLE = "2024-08-31"
UNREADABLE = {"integer": "unreadable_integer", "boolean": "unreadable_boolean", "string": "unreadable_text"}
RULES = {"not_more_than": "sum_above_limit", "not_less_than": "sum_below_limit"}
NOT_EMPTY = "n"


def check_values(
    staged: ibis.Table, schema: TableSchema, extract: Extract, examination: Examination
) -> tuple[list[Finding], int]:
    """Check every value of one staged extract, and the sums within its rows.

    Parameters
    ----------
    staged
        As `convert` returns.
    extract
        What it was made from, which says how values should have been written.

    Returns
    -------
    tuple
        The findings, and how many rows there are.
    """
    seen = staged.aggregate(**_screen(staged, schema)).to_pyarrow().to_pylist()[0]
    if not seen[NOT_EMPTY]:
        return [], 0
    questions: list[Question] = []
    for place, column in enumerate(schema.columns):
        # Why an identity could not be read is told where it gets its pseudonym.
        unread = bool(int(seen["bad"]) & (1 << place)) and not column.identity
        questions += _of_column(staged, schema, (place, column), extract, seen, unread=unread)
    questions += [_of_rule(staged, schema, rule) for rule in _sums(schema) if seen[f"rule_{rule.id}"]]
    questions += _of_codes(staged, schema)
    return ask(questions, examination), int(seen[NOT_EMPTY])


def _screen(staged: ibis.Table, schema: TableSchema) -> dict[str, ibis.Value]:
    asked: dict[str, ibis.Value] = {NOT_EMPTY: staged.count(), "bad": united(staged[BAD].cast("int64"))}
    for column in schema.columns:
        value = staged[column.name]
        if not column.nullable:
            asked[f"given_{column.name}"] = value.count()
        if column.minimum is not None:
            asked[f"least_{column.name}"] = value.min()
        if column.maximum is not None:
            asked[f"most_{column.name}"] = value.max()
    return asked | {f"rule_{rule.id}": _breaks(staged, rule).sum() for rule in _sums(schema)}


def _of_column(
    staged: ibis.Table,
    schema: TableSchema,
    placed: tuple[int, ColumnSchema],
    extract: Extract,
    seen: Mapping[str, Any],
    *,
    unread: bool,
) -> list[Question]:
    place, column = placed
    value, marked = staged[column.name], (staged[BAD] & (1 << place)) != 0
    asked: list[tuple[str, ibis.BooleanValue, dict[str, str]]] = []
    if unread:
        name, facts = _readable(column, extract)
        asked.append((name, marked, facts))
    if not column.nullable and seen[f"given_{column.name}"] < seen[NOT_EMPTY]:
        asked.append(("missing_value", value.isnull() & ~marked, {}))
    low, high = seen.get(f"least_{column.name}"), seen.get(f"most_{column.name}")
    if low is not None and low < column.minimum:
        asked.append(("out_of_range", value < column.minimum, _range(column)))
    if high is not None and high > column.maximum:
        asked.append(("out_of_range", value > column.maximum, _range(column)))
    return [
        Question(name, schema.name, (column.name,), staged.filter(failing), {"column": column.name, **facts})
        for name, failing, facts in asked
    ]


def _readable(column: ColumnSchema, extract: Extract) -> tuple[str, dict[str, str]]:
    """Return which check an unread value fails, and how it should have been written."""
    codes = extract.values.get(column.name)
    if codes and extract.strict_values:
        return "unmapped_code", {"codes": ", ".join(sorted(codes))}
    if column.type == "date":
        return "unreadable_date", _date_facts(extract.date_format)
    if column.type == "number":
        return "unreadable_number", {"decimal": extract.decimal}
    return ("unreadable_time" if column.clock else UNREADABLE[column.type]), {}


def _date_facts(written: str | None) -> dict[str, str]:
    if written is None:
        return {"example": EXAMPLE, "written_sv": "", "written_en": ""}
    example = written.replace("%Y", "2024").replace("%y", "24").replace("%m", "08").replace("%d", "31")
    return {"example": example, "written_sv": f", skrivet {written}", "written_en": f", written {written}"}


def _range(column: ColumnSchema) -> dict[str, str]:
    if column.maximum is None:
        unit = f" {column.unit}" if column.unit else ""
        return {"range_sv": f"minst {column.minimum:g}", "range_en": f"at least {column.minimum:g}{unit}"}
    unit = f" {column.unit}" if column.unit else ""
    limits = f"{column.minimum:g}", f"{column.maximum:g}"
    return {"range_sv": f"{limits[0]} till {limits[1]}", "range_en": f"{limits[0]} to {limits[1]}{unit}"}


def _sums(schema: TableSchema) -> list[Rule]:
    return [rule for rule in schema.rules if rule.kind in RULES]


def _breaks(staged: ibis.Table, rule: Rule) -> ibis.BooleanValue:
    total = reduce(operator.add, [staged[name].fill_null(0) for name in rule.left])
    if rule.kind == "not_more_than":
        return (total > staged[rule.right] + rule.tolerance).fill_null(False)
    short = (total < staged[rule.right] - rule.tolerance).fill_null(False)
    return short & staged[rule.when].fill_null(False) if rule.when else short


def _of_rule(staged: ibis.Table, schema: TableSchema, rule: Rule) -> Question:
    return Question(
        RULES[rule.kind],
        schema.name,
        (rule.left[0], *rule.left[1:], rule.right),
        staged.filter(_breaks(staged, rule)),
        headings={"sum": (" ".join(rule.left), " + "), "limit": (rule.right, "")},
        level="error" if rule.severity == "fault" else "warning",
    )


def _of_codes(staged: ibis.Table, schema: TableSchema) -> list[Question]:
    """Return the columns of which some distinct value is no code, or does not follow the pattern."""
    coded = [column for column in schema.columns if column.allowed or column.pattern]
    asked = []
    for place, column in enumerate(coded):
        distinct = staged.select(code=staged[column.name]).distinct()
        wrong = distinct.filter(_is_wrong(distinct.code, column))
        asked.append(wrong.aggregate(n=wrong.count()).mutate(place=ibis.literal(place)))
    if not asked:
        return []
    answers = ibis.union(*asked) if len(asked) > 1 else asked[0]
    places = sorted(answer["place"] for answer in answers.to_pyarrow().to_pylist() if answer["n"])
    return [
        Question(
            "unknown_code" if column.allowed else "wrong_pattern",
            schema.name,
            (column.name,),
            staged.filter(_is_wrong(staged[column.name], column)),
            {"column": column.name, "codes": ", ".join(column.allowed), "example": column.example},
        )
        for column in (coded[place] for place in places)
    ]


def _is_wrong(value: ibis.Value, column: ColumnSchema) -> ibis.BooleanValue:
    wrong = value.notin(column.allowed) if column.allowed else ~value.re_search(f"^({column.pattern})$")
    return wrong.fill_null(False)

"""Checks that what a row refers to is there, on the distinct values only."""

from __future__ import annotations

import ibis

from evalkit.errors import Finding
from evalkit.sources.checks.examination import Examination, Question, ask
from evalkit.vocabulary.schema import ColumnSchema, TableSchema


def check_references(schema: TableSchema, examination: Examination) -> list[Finding]:
    """Return a finding per column that refers to a row another table does not have."""
    referring = [column for column in schema.columns if _other(column) in examination.tables]
    asked = [_lost(schema, column, examination).mutate(place=place) for place, column in enumerate(referring)]
    if not asked:
        return []
    answers = ibis.union(*asked) if len(asked) > 1 else asked[0]
    places = sorted(answer["place"] for answer in answers.to_pyarrow().to_pylist() if answer["n"])
    return ask([_question(schema, referring[place], examination) for place in places], examination)


def _other(column: ColumnSchema) -> str:
    return (column.references or "").partition(".")[0]


def _lost(schema: TableSchema, column: ColumnSchema, examination: Examination) -> ibis.Table:
    distinct = examination.tables[schema.name].select(named=column.name).distinct()
    lost = _without(distinct.filter(distinct.named.notnull()), "named", column, examination)
    return lost.aggregate(n=lost.count())


def _without(rows: ibis.Table, name: str, column: ColumnSchema, examination: Examination) -> ibis.Table:
    other, _, key = str(column.references).partition(".")
    known = examination.tables[other].select(known=key)
    return rows.anti_join(known, rows[name] == known.known)


def _question(schema: TableSchema, column: ColumnSchema, examination: Examination) -> Question:
    table = examination.tables[schema.name]
    failing = _without(table.filter(table[column.name].notnull()), column.name, column, examination)
    return Question("missing_reference", schema.name, (column.name,), failing, {"other": _other(column)})

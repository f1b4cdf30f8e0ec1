"""Tables drawn from the schema itself, for every form a source may have, and the one damage that breaks them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from evalkit.sources.pseudonyms import STAFF, canonical, pseudonym
from evalkit.vocabulary import test_number as number_of
from evalkit.vocabulary.schema import ALWAYS, ColumnSchema, TableSchema, table_names, table_schema

Row = dict[str, Any]
Tables = dict[str, list[Row]]
FORMS = ("csv", "parquet", "duckdb", "excel")
DIALECTS = (("utf-8", ";"), ("utf-8-sig", ","), ("cp1252", "\t"), ("latin-1", "|"), ("utf-8", "§"))
LETTERS = "abcåäöéÅÄÖ 0123456789;,|\t'\"=+-@<>&[]/\\%$#_.:!?"
ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
MARK = "Qx"
"""Begins every drawn text and its number, so that no message can hold it by chance."""


class Drawing:
    """Draws the rows of all tables by one source of chance."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.tables: Tables = {}
        self.number = 0

    def all(self, names: set[str]) -> Tables:
        """Return the tables named, and those they cannot do without."""
        for name in table_names():
            if name in names | {"persons", "school_units", "buildings", "enrolments"}:
                self.tables[name] = self._rows(table_schema(name))
        return self.tables

    def _rows(self, schema: TableSchema) -> list[Row]:
        rows: dict[tuple[Any, ...], Row] = {}
        for _ in range(self.chance.randint(2, 5)):
            row = {column.name: self._value(column, schema) for column in schema.columns}
            self._obey(row, schema)
            rows[tuple(row[name] for name in schema.key)] = row
        if any(rule.kind == "no_overlap" for rule in schema.rules):
            own = {row["person_id"]: row for row in rows.values()}
            return list(own.values())
        return list(rows.values())

    def _value(self, column: ColumnSchema, schema: TableSchema) -> Any:
        if column.nullable and self.chance.random() < 0.3:
            return None
        if column.references is not None:
            other, _, name = column.references.partition(".")
            return self.chance.choice(self.tables[other])[name]
        if column.identity:
            return self._identity(column)
        if column.allowed:
            return self.chance.choice(column.allowed)
        if column.pattern:
            return self._follows(column.pattern)
        if column.type == "string":
            return self.text()
        return self._measured(column)

    def _measured(self, column: ColumnSchema) -> Any:
        if column.type == "boolean":
            return self.chance.random() < 0.5
        if column.type == "date":
            return date(1990, 1, 1) + timedelta(days=self.chance.randint(0, 14_000))
        low = 0 if column.minimum is None else int(column.minimum)
        high = 2**31 - 1 if column.maximum is None else int(column.maximum)
        value = self.chance.choice((low, high, self.chance.randint(low, high)))
        return value if column.type == "integer" else float(value // 1000) + self.chance.randrange(1000) / 1000

    def text(self) -> str:
        """Return a text that no other is, without blanks at the ends."""
        self.number += 1
        inside = "".join(self.chance.choices(LETTERS, k=self.chance.randint(0, 12)))
        return self.chance.choice(("", "=", "-", "@", "'")) + f"{MARK}{self.number:04d}{inside}."

    def _identity(self, column: ColumnSchema) -> str:
        self.number += 1
        if column.identity == "staff":
            return self.text()
        day = date(1950, 1, 1) + timedelta(days=17 * self.number + self.chance.randrange(17))
        return number_of(day, self.number % 10, sex=self.chance.choice(("woman", "man")))

    def _follows(self, pattern: str) -> str:
        if pattern.startswith("(HT"):
            return f"{self.chance.choice(('HT', 'VT'))}{self.chance.randint(1990, 2029)}"
        if pattern.startswith("(school"):
            return " ".join(self.chance.choices(("school", "vux", "ame"), k=self.chance.randint(1, 3)))
        return "".join(self.chance.choices("0123456789", k=int(pattern[3:-1])))

    def _obey(self, row: Row, schema: TableSchema) -> None:
        for rule in schema.rules:
            if rule.kind == "end_after_start" and row[rule.end or "end"] is not None:
                row[rule.end or "end"] = row[rule.start] + timedelta(days=self.chance.randint(1, 400))
            elif rule.kind == "not_more_than":
                row |= dict.fromkeys(rule.left, self.chance.randint(0, row[rule.right] // len(rule.left)))
            elif rule.kind == "within_enrolment":
                spell = self.chance.choice(self.tables["enrolments"])
                row |= {"person_id": spell["person_id"], "date": spell["start"]}


def stored(tables: Tables, key: bytes) -> Tables:
    """Return what the store must hold of drawn tables: pseudonyms, defaults, and from when each row was known."""
    return {name: [_stored(row, table_schema(name), key) for row in rows] for name, rows in tables.items()}


def _stored(row: Row, schema: TableSchema, key: bytes) -> Row:
    made: Row = {}
    for column in schema.columns:
        value = row[column.name]
        if value is not None and column.identity == "person":
            value = pseudonym(value, key)
        elif value is not None and column.identity:
            value = pseudonym(canonical(value, STAFF), key, STAFF)
        elif column.known_if is not None:
            value = (value or 0) if row[column.known_if] else None
        made[column.name] = value
    return made | {"known_from": date(1900, 1, 1) if schema.known_from == ALWAYS else row[schema.known_from]}


def write(rows: list[Row], schema: TableSchema, form: str, folder: Path, chance: Random) -> dict[str, Any]:
    """Write the rows of a table in a form; return what the site file says of it."""
    told: dict[str, Any] = {"kind": form, "table": schema.name, "path": f"{schema.name}.{form}"}
    path, names = folder / told["path"], list(rows[0])
    types = {column.name: ARROW[column.type] for column in schema.columns}
    if form == "csv":
        encoding, separator = chance.choice(DIALECTS)
        told |= chance.choice(({}, {"separator": separator})) | ({"separator": separator} if separator == "§" else {})
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=separator, lineterminator=chance.choice(("\n", "\r\n")))
            writer.writerows([names, *([_written(row[name]) for name in names] for row in rows)])
        return told
    if form == "excel":
        book = openpyxl.Workbook()
        for line in [names, *([row[name] for name in names] for row in rows)]:
            book.worksheets[0].append(line)
            for cell in book.worksheets[0][book.worksheets[0].max_row]:
                if cell.data_type == "f":
                    cell.data_type = "s"
        book.save(path)
        return told
    columns = {name: [row[name] for row in rows] for name in names}
    table = pa.table({name: _column(values, types.get(name, pa.string())) for name, values in columns.items()})
    if form == "parquet":
        pq.write_table(table, path)
        return told
    with duckdb.connect(str(path)) as database:
        database.register("rows_in", table)
        database.execute("CREATE TABLE handed AS SELECT * FROM rows_in")
    return told | {"relation": "handed"}


def _column(values: list[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # a damage is text in a column that is none
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, float):
        return f"{value:.3f}".replace(".", ",")
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Damage:
    """One thing done to sound tables: what, and the table and columns of which it must be told."""

    kind: str
    table: str
    columns: tuple[str, ...]


DAMAGES = ("type", "range", "code", "key", "reference", "interval", "missing")


def damage(tables: Tables, kind: str, drawing: Drawing) -> Damage | None:
    """Break drawn tables in one place; None where none of them can be broken so."""
    places = [
        (name, column.name)
        for name in tables
        for column in table_schema(name).columns
        if _breakable(kind, table_schema(name), column)
    ]
    if not places:
        return None
    name, column = drawing.chance.choice(places)
    rows = tables[name]
    row = drawing.chance.choice(rows)
    if kind == "key":
        rows.append(dict(row))
        return Damage(kind, name, table_schema(name).key)
    if kind == "missing":
        tables[name] = [{other: value for other, value in each.items() if other != column} for each in rows]
        return Damage(kind, name, (column,))
    row[column] = _bad(kind, table_schema(name), row, column, drawing)
    return Damage(kind, name, (column,))


def _breakable(kind: str, schema: TableSchema, column: ColumnSchema) -> bool:
    ends = {rule.end or "end" for rule in schema.rules if rule.kind == "end_after_start"}
    return {
        "type": column.type != "string",
        "range": column.minimum is not None or column.maximum is not None,
        "code": bool(column.allowed),
        "key": column.name in schema.key,
        "reference": column.references is not None and not column.identity,
        "interval": column.name in ends,
        "missing": not column.nullable and column.default is None and column.name != "municipality",
    }[kind]


def _bad(kind: str, schema: TableSchema, row: Row, name: str, drawing: Drawing) -> Any:
    column = schema.column(name)
    if kind == "range":
        return int(column.minimum - 1) if column.minimum is not None else int((column.maximum or 0) + 1)
    if kind == "interval":
        start: Mapping[str, str] = {
            rule.end or "end": rule.start for rule in schema.rules if rule.kind == "end_after_start"
        }
        return row[start[name]] - timedelta(days=3)
    if kind == "reference" and column.pattern:
        return "00000000"
    return drawing.text()

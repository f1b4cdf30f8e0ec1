"""Tables of a site drawn by hand, staged as the import stages them, so that one check can look at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from evalkit.errors import Finding
from evalkit.sources.checks import Examination, check_tables, check_values
from evalkit.sources.conversion import BAD, KNOWN_FROM
from evalkit.sources.engine import Workshop, connect
from evalkit.sources.extract import Extract
from evalkit.sources.register import AT, ROW_BITS, FileEntry, FileRegister
from evalkit.vocabulary.schema import ALWAYS, ColumnSchema, table_schema

ON = date(2026, 2, 15)
ONE, TWO, THREE = "11111111", "22222222", "33333333"
MONDAY = date(2023, 9, 4)
TYPES = {
    "string": pa.string(),
    "integer": pa.int32(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
UNITS = [{"school_id": code, "name": f"Skola {code[0]}", "municipality": "1481"} for code in (ONE, TWO, THREE)]

Row = Mapping[str, Any]
Site = Mapping[str, Sequence[Row]]


def lesson(person: str, day: date, number: int = 0, **more: Any) -> dict[str, Any]:
    """Return a lesson of an hour, all of it attended, at eight and every 75 minutes after."""
    row: dict[str, Any] = {
        "person_id": person,
        "lesson_id": f"{day}-{number}",
        "school_id": ONE,
        "class_id": "7a",
        "subject": "MA",
        "date": day,
        "start_minute": 480 + 75 * number,
        "minutes_offered": 60,
        "minutes_attended": 60,
        "minutes_valid_absence": 0,
        "minutes_invalid_absence": 0,
        "minutes_other": 0,
        "reported": True,
    }
    return row | more


def spell(
    person: str, start: date = date(2023, 8, 16), end: date | None = date(2024, 6, 12), **more: Any
) -> dict[str, Any]:
    """Return an enrolment in year 7 at the first school."""
    return {
        "person_id": person,
        "school_id": ONE,
        "school_type": "GR",
        "year_group": 7,
        "start": start,
        "end": end,
    } | more


def weekdays(first: date, count: int) -> list[date]:
    """Return so many weekdays from a day on."""
    days = [first + timedelta(days=number) for number in range(2 * count + 4)]
    return [day for day in days if day.weekday() < 5][:count]


def found_in(site: Site, folder: Path, *, files: Mapping[str, Sequence[int]] | None = None) -> list[Finding]:
    """Return every finding over values and tables; a row's number is its place in the list, from 1."""
    with drawn(site, folder, files=files) as examination:
        findings = []
        for name, table in examination.tables.items():
            findings += check_values(table, table_schema(name), Extract(name, table), examination)[0]
        return [*findings, *check_tables(examination)]


def only(name: str, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings of one check."""
    return [one for one in findings if one.check == name]


def rows_told(one: Finding) -> list[int | None]:
    """Return the rows that a finding names."""
    return [where.row for where in one.places]


@contextmanager
def drawn(site: Site, folder: Path, *, files: Mapping[str, Sequence[int]] | None = None) -> Iterator[Examination]:
    """Stage the tables on DuckDB; ``files`` gives the file's number of each row of a table."""
    connection = connect(None, memory="500MB", threads=1, scratch=folder)
    shop = Workshop(connection, folder, 1)
    register = FileRegister([FileEntry("one.csv", {}), FileEntry("two.csv", {})])
    tables = {
        name: shop.keep(f"staged_{name}", staged(name, rows, (files or {}).get(name))) for name, rows in site.items()
    }
    try:
        yield Examination(tables, {name: len(rows) for name, rows in site.items()}, register, shop.keep, ON)
    finally:
        connection.disconnect()


def staged(name: str, rows: Sequence[Row], files: Sequence[int] | None = None) -> pa.Table:
    """Return rows as the import stages them."""
    schema = table_schema(name)
    columns = {
        column.name: pa.array([row.get(column.name, _default(column)) for row in rows], TYPES[column.type])
        for column in schema.columns
    }
    known = [date(1900, 1, 1) if schema.known_from == ALWAYS else row[schema.known_from] for row in rows]
    numbers = [(file << ROW_BITS) + place for place, file in enumerate(files or [0] * len(rows), start=1)]
    return pa.table(
        columns
        | {KNOWN_FROM: pa.array(known, pa.date32()), AT: pa.array(numbers, pa.int64())}
        | {BAD: pa.array([0] * len(rows), pa.int32())}
    )


def _default(column: ColumnSchema) -> Any:
    if column.default is None:
        return None
    if column.type == "boolean":
        return column.default == "true"
    return int(column.default) if column.type == "integer" else column.default

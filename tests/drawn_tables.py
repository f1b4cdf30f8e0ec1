"""Small tables drawn in tests: text in, `Tables` of a site; frames out, text.

A drawn table has a header line and one line a row, columns divided by spaces; ``-`` is missing. Columns that are not
drawn get a plain default, and ``known_from`` the day that the schema names. The grade that is a dash is drawn ``–``.
"""

from __future__ import annotations

from datetime import date

import ibis
import pandas as pd

from evalkit.values import Tables
from evalkit.vocabulary import terms_of
from evalkit.vocabulary.schema import table_names, table_schema

LONG_AGO = date(1900, 1, 1)
DRAWN = {"-": None, "–": "-"}
TYPES = {"string": "string", "integer": "int64", "number": "float64", "boolean": "boolean", "date": "date"}
SCHEMAS = {name: {column.name: TYPES[column.type] for column in table_schema(name).columns} for name in table_names()}
DEFAULTS: dict[str, dict[str, object]] = {
    "persons": {"sex": "woman", "birth_date": date(2008, 5, 1), "security_marking": "none"},
    "school_units": {"name": "-", "municipality": "1440", "school_types": "GR"},
    "enrolments": {"school_type": "GR"},
    "courses": {"school_id": "V", "school_type": "VUXSFI", "course": "SFIC"},
    "attendance": {"subject": "MA", "start_minute": 480, "mode": "campus", "reported": True},
    "grades": {"final": True, "term": "VT2022", "registered": date(2022, 6, 10)},
    "forums": {"station": "1"},
    "survey": {"wave": "1"},
}


def drawn(text: str) -> list[dict[str, str | None]]:
    """Read a drawn table as rows."""
    header, *lines = [line.split() for line in text.strip().splitlines() if line.strip()]
    assert all(len(line) == len(header) for line in lines), "a drawn row has another number of columns than its header"
    return [dict(zip(header, map(DRAWN.get, line, line), strict=True)) for line in lines]


def table(name: str, rows: list[dict[str, object]]) -> ibis.Table:
    """Return rows as a canonical table, its defaults filled in."""
    schema = SCHEMAS[name] | {"known_from": "date"}
    whole = [_filled(name, row) for row in rows]
    frame = pd.DataFrame({column: [_typed(row[column], kind) for row in whole] for column, kind in schema.items()})
    for column, kind in schema.items():
        if kind == "int64":
            frame[column] = frame[column].astype("Int64")
    return ibis.memtable(frame, schema=schema)


def site(
    *,
    school_years: tuple[str, ...] = ("2021/22", "2022/23"),
    assignment_date: date | None = date(2021, 10, 15),
    named_schools: tuple[str, ...] = (),
    **texts: str,
) -> Tables:
    """Return a site's tables as drawn."""
    named = {name: table(name, list(drawn(text))) for name, text in texts.items()}
    return Tables(named, None, terms_of(school_years), assignment_date, named_schools, "Ale")


def seen(frame: pd.DataFrame, *columns: str) -> list[list[str]]:
    """Return columns of a frame as a drawn table's cells."""
    return [list(columns), *[[_drawn_cell(value) for value in row] for row in frame[list(columns)].to_numpy(object)]]


def matches(frame: pd.DataFrame, text: str) -> bool:
    """Tell whether the frame has, in order, the rows and columns drawn; show both where it has not."""
    expected = [line.split() for line in text.strip().splitlines() if line.strip()]
    found = seen(frame, *expected[0])
    assert found == expected
    return True


def _filled(name: str, row: dict[str, object]) -> dict[str, object]:
    schema = table_schema(name)
    plain = {column.name: column.default for column in schema.columns if column.default is not None}
    whole = dict.fromkeys(SCHEMAS[name]) | plain | DEFAULTS.get(name, {}) | row
    if name == "attendance" and "minutes_offered" not in row:
        parts = ("attended", "other", "valid_absence", "invalid_absence")
        whole["minutes_offered"] = sum(int(str(whole[f"minutes_{part}"] or 0)) for part in parts)
    whole.setdefault("known_from", LONG_AGO if schema.known_from == "always" else whole[schema.known_from])
    return whole


def _typed(value: object, kind: str) -> object:
    if value is None or not isinstance(value, str):
        return value
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "boolean":
        return {"true": True, "false": False}[value]
    return {"int64": int, "float64": float}.get(kind, str)(value)


def _drawn_cell(value: object) -> str:
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return "-"
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value).replace(" ", "_") or "''"

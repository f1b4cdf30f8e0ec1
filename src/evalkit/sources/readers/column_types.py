"""Columns that bear types of their own: what DuckDB selects of each so that the tables can take it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from evalkit.errors import InputError, Where
from evalkit.sources.readers.raw import UnreadableError

AS_THEY_ARE = ("VARCHAR", "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
DATES = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
AS_TEXT = ("UBIGINT", "HUGEINT", "UHUGEINT", "UUID", "TIME")
FRACTIONS = ("FLOAT", "DOUBLE")
ZONE = "Europe/Stockholm"
"""Where a moment with a time zone gets the day it is stored by."""


def quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def select_columns(places: Mapping[str, int], described: Sequence[tuple[str, str]], where: Where) -> str:
    """Return the SELECT list that gives ``c<place>`` for every wanted heading.

    Parameters
    ----------
    places
        From `Request.match`.
    described
        Name and DuckDB type of every column.

    Raises
    ------
    UnreadableError
        If a wanted column holds lists, bytes or the like, of which no table has any.
    """
    chosen, faults = [], []
    for heading, place in places.items():
        name, kind = described[place]
        value = _value(quoted(name), kind)
        if value is None:
            faults.append(
                InputError(
                    f"the column holds {_told(kind)}, where one date, number or text is wanted",
                    where=Where(where.file, where.sheet, heading),
                    remedy="hand over the part that is wanted as a column of its own",
                )
            )
        else:
            chosen.append(f"{value} AS c{place}")
    if faults:
        raise UnreadableError(faults)
    return ", ".join(dict.fromkeys(chosen))


def _value(name: str, kind: str) -> str | None:
    if kind in AS_THEY_ARE or kind in DATES:
        return name
    if kind.strip('"') == "NULL":
        return "NULL::VARCHAR"
    if kind in AS_TEXT or kind.startswith(("ENUM(", "DECIMAL(")):
        whole = kind.endswith(",0)") or not kind.startswith("DECIMAL(")
        return f"CAST({name} AS {'VARCHAR' if whole else 'DOUBLE'})"
    if kind in FRACTIONS:
        # what is not a number is how some programs write that there is none
        return f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"({name} AT TIME ZONE '{ZONE}')"
    return None


def _told(kind: str) -> str:
    if kind.endswith("]"):
        return "lists"
    word = re.split(r"[( ]", kind)[0]
    return {"STRUCT": "records", "MAP": "maps", "BLOB": "bytes", "JSON": "JSON"}.get(word, f"values of type {word}")

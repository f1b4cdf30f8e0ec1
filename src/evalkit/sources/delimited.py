"""CSV files: every value read as text, with the row it stands in."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import ibis

from evalkit.errors import InputError, Where
from evalkit.sources.encodings import as_utf8
from evalkit.sources.flat import Reading, no_rows
from evalkit.sources.register import AT


def read_delimited(reading: Reading, path: Path, label: str) -> ibis.Table:
    """Return the canonical columns of a CSV file as text, kept in the workshop.

    Raises
    ------
    InputError
        If the file is empty, in another encoding, lacks a column, or is no CSV.
    """
    separator = reading.source.separator
    if path.stat().st_size == 0:
        raise InputError(
            "the file is empty", where=Where(file=label), remedy="hand it over again, or take it out of the site file"
        )
    plain = as_utf8(path, label, encoding=reading.source.encoding, separator=separator, folder=reading.shop.folder)
    headings = _read_headings(plain, separator)
    found = reading.headings(headings, label)
    base = reading.enter(label, found, (plain, separator))
    wanted = ", ".join(f'c{headings.index(heading)} AS "{name}"' for name, heading in found.items())
    table = f"csv_{base}"
    try:
        reading.shop.run(
            f"CREATE TABLE {table} AS SELECT {base} + row_number() OVER () + 1 AS {AT}, {wanted} "
            f"FROM {_scan(plain, separator, len(headings))}"
        )
    except duckdb.Error:
        raise _malformed(plain, label, separator, len(headings)) from None
    if reading.shop.run(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is None:
        raise no_rows(label, row=2)
    return reading.canonical(reading.shop.connection.table(table))


def _scan(path: Path, separator: str, width: int) -> str:
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
    quoted_path, quoted_separator = (text.replace("'", "''") for text in (str(path), separator))
    return f"""read_csv('{quoted_path}', delim = '{quoted_separator}', quote = '"', escape = '"', header = true,
        auto_detect = false, columns = {{{columns}}})"""


def _read_headings(path: Path, separator: str) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [heading.strip() for heading in next(csv.reader(file, delimiter=separator), [])]


def _malformed(path: Path, label: str, separator: str, width: int) -> InputError:
    """Find the row that is no CSV, without repeating what stands in it."""
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, record in enumerate(csv.reader(file, delimiter=separator, strict=True), start=1):
                if record and len(record) != width:
                    return InputError(
                        f"the row has {len(record)} columns, but there are {width} headings",
                        where=Where(file=label, row=number),
                        remedy=f"put the value that holds {separator} in quotes, or correct `separator`",
                    )
    except csv.Error:
        number += 1
    return InputError(
        "the file is not CSV from this row on",
        where=Where(file=label, row=number or None),
        remedy="look for a quotation mark that is opened and not closed",
    )

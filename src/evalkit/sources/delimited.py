"""CSV files: every value read as text, with the row it stands in."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import ibis

from evalkit.errors import InputError, Where
from evalkit.sources.config import Source
from evalkit.sources.encodings import as_utf8
from evalkit.sources.engine import Workshop
from evalkit.sources.extract import Extract
from evalkit.sources.headings import check_column_map, match_headings
from evalkit.sources.register import AT, FileEntry, FileRegister
from evalkit.vocabulary.schema import TableSchema


def read_delimited(
    source: Source, schema: TableSchema, files: Sequence[tuple[Path, str]], shop: Workshop, register: FileRegister
) -> tuple[Extract | None, list[InputError]]:
    """Read the CSV files of a source into the workshop.

    Parameters
    ----------
    files
        Path of each, and what users call it.

    Returns
    -------
    tuple
        The rows as text (None if nothing could be read), and the faults found.
    """
    faults = check_column_map(source, schema, files[0][1])
    parts: list[ibis.Table] = []
    for path, label in files:
        try:
            parts.append(_read_file(source, schema, path, label, shop, register, faults))
        except InputError as fault:
            faults.append(fault)
    if faults:
        return None, faults
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return (
        Extract(
            table=schema.name,
            rows=rows,
            values=source.values,
            date_format=source.date_format,
            decimal=source.decimal,
            end_is_last_day=source.end_is_last_day,
        ),
        faults,
    )


def _read_file(
    source: Source,
    schema: TableSchema,
    path: Path,
    label: str,
    shop: Workshop,
    register: FileRegister,
    faults: list[InputError],
) -> ibis.Table:
    if path.stat().st_size == 0:
        raise InputError(
            "the file is empty", where=Where(file=label), remedy="hand it over again, or take it out of the site file"
        )
    plain = as_utf8(path, label, encoding=source.encoding, separator=source.separator, folder=shop.folder)
    headings = _read_headings(plain, source.separator)
    found, missing = match_headings(source, schema, headings, label)
    faults += missing
    named = {f"{schema.name}.{canonical}": heading for canonical, heading in found.items()}
    base = register.add(FileEntry(label, named, (plain, source.separator)))
    places = {canonical: headings.index(heading) for canonical, heading in found.items()}
    name = f"csv_{base}"
    try:
        shop.run(_statement(name, plain, source.separator, len(headings), places, base))
    except duckdb.Error:
        raise _malformed(plain, label, source.separator, len(headings)) from None
    table: ibis.Table = shop.connection.table(name)
    if not missing and shop.run(f"SELECT 1 FROM {name} LIMIT 1").fetchone() is None:
        raise InputError(
            "the file has headings but no rows",
            where=Where(file=label, row=2),
            remedy="hand it over again, or take it out of the site file",
        )
    return table.select(AT, *schema_order(schema, found, table))


def schema_order(schema: TableSchema, found: dict[str, str], table: ibis.Table) -> list[Any]:
    """Return the table's canonical columns in the schema's order, null where the file has none."""
    return [
        table[column] if column in found else ibis.null("string").name(column) for column in schema.column_names
    ]


def _statement(name: str, path: Path, separator: str, width: int, places: dict[str, int], base: int) -> str:
    columns = "{" + ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width)) + "}"
    wanted = ", ".join(f'c{place} AS "{canonical}"' for canonical, place in places.items()) or "c0"
    delimiter = separator.replace("'", "''")
    return f"""
        CREATE TABLE {name} AS
        SELECT {base} + row_number() OVER () + 1 AS {AT}, {wanted}
        FROM read_csv('{str(path).replace("'", "''")}', delim = '{delimiter}', quote = '"', escape = '"', header = true,
                      auto_detect = false, columns = {columns})
    """


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
                        f"the row has {len(record)} columns, the headings are {width}",
                        where=Where(file=label, row=number),
                        remedy=f"put the value that holds {separator!r} in quotes, or correct `separator` in the site file",
                    )
    except csv.Error:
        number += 1
    return InputError(
        "the file is not CSV from this row on",
        where=Where(file=label, row=number or None),
        remedy="look for a quotation mark that is opened and not closed",
    )

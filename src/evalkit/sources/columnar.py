"""Parquet files: columns as typed, with the row they stand in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import ibis

from evalkit.errors import InputError, Where
from evalkit.sources.config import Source
from evalkit.sources.delimited import schema_order
from evalkit.sources.engine import Workshop
from evalkit.sources.extract import Extract
from evalkit.sources.headings import check_column_map, match_headings
from evalkit.sources.register import AT, FileEntry, FileRegister
from evalkit.vocabulary.schema import TableSchema


def read_columnar(
    source: Source, schema: TableSchema, files: Sequence[tuple[Path, str]], shop: Workshop, register: FileRegister
) -> tuple[Extract | None, list[InputError]]:
    """Open the Parquet files of a source; parameters and result as `read_delimited`."""
    faults = check_column_map(source, schema, files[0][1])
    parts: list[ibis.Table] = []
    for path, label in files:
        try:
            parts.append(_open_file(source, schema, path, label, shop, register, faults))
        except InputError as fault:
            faults.append(fault)
    if faults:
        return None, faults
    rows = ibis.union(*_alike(parts)) if len(parts) > 1 else parts[0]
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


def _open_file(
    source: Source,
    schema: TableSchema,
    path: Path,
    label: str,
    shop: Workshop,
    register: FileRegister,
    faults: list[InputError],
) -> ibis.Table:
    quoted = str(path).replace("'", "''")
    try:
        headings = [row[0] for row in shop.run(f"DESCRIBE SELECT * FROM read_parquet('{quoted}')").fetchall()]
        count = shop.run(f"SELECT count(*) FROM read_parquet('{quoted}')").fetchone()[0]
    except duckdb.Error:
        raise InputError(
            "the file is not Parquet", where=Where(file=label), remedy="hand it over again, or correct `kind`"
        ) from None
    found, missing = match_headings(source, schema, headings, label)
    faults += missing
    if count == 0:
        raise InputError(
            "the file has no rows",
            where=Where(file=label),
            remedy="hand it over again, or take it out of the site file",
        )
    named = {f"{schema.name}.{canonical}": heading for canonical, heading in found.items()}
    base = register.add(FileEntry(label, named))
    wanted = ", ".join(f'"{heading.replace(chr(34), chr(34) * 2)}" AS "{name}"' for name, heading in found.items())
    table: ibis.Table = shop.connection.sql(
        f"SELECT {base} + file_row_number + 1 AS {AT}{', ' if wanted else ''}{wanted} "
        f"FROM read_parquet('{quoted}', file_row_number = true)"
    )
    return table.select(AT, *schema_order(schema, found, table))


def _alike(parts: Sequence[ibis.Table]) -> list[ibis.Table]:
    """Return tables of equal types: columns that files type differently become text."""
    types = [part.schema() for part in parts]
    mixed = [name for name in parts[0].columns if len({schema[name] for schema in types}) > 1]
    return [part.mutate(**{name: part[name].cast("string") for name in mixed}) for part in parts]

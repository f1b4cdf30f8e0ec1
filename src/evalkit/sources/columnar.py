"""Parquet files: columns as typed, with the row they stand in."""

from __future__ import annotations

from pathlib import Path

import duckdb
import ibis

from evalkit.errors import InputError, Where
from evalkit.sources.flat import Reading, no_rows
from evalkit.sources.register import AT


def open_columnar(reading: Reading, path: Path, label: str) -> ibis.Table:
    """Return the canonical columns of a Parquet file, read when they are asked for.

    Raises
    ------
    InputError
        If the file is no Parquet file, lacks a column or has no rows.
    """
    file = f"read_parquet('{str(path).replace(chr(39), chr(39) * 2)}', file_row_number = true)"
    try:
        described = reading.shop.run(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {file}").fetchall()
        filled = reading.shop.run(f"SELECT 1 FROM {file} LIMIT 1").fetchone()
    except duckdb.Error:
        raise InputError(
            "the file is not Parquet",
            where=Where(file=label),
            remedy="hand it over again, or correct `kind` in the site file",
        ) from None
    found = reading.headings([column[0] for column in described], label)
    if filled is None:
        raise no_rows(label)
    base = reading.enter(label, found)
    wanted = ", ".join(f'"{heading.replace(chr(34), chr(34) * 2)}" AS "{name}"' for name, heading in found.items())
    rows = reading.shop.view(f"parquet_{base}", f"SELECT {base} + file_row_number + 1 AS {AT}, {wanted} FROM {file}")
    return reading.canonical(rows)

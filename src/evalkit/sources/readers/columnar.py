"""Parquet files: columns as typed, with the row they stand in."""

from __future__ import annotations

from pathlib import Path

import duckdb

from evalkit.errors import InputError, Where
from evalkit.sources.files import sql_path
from evalkit.sources.readers.column_types import select_columns
from evalkit.sources.readers.raw import Raw, Request, no_rows
from evalkit.sources.register import AT

ROW = "file_row_number"


def open_columnar(request: Request, path: Path, label: str) -> Raw:
    """Return the wanted columns of a Parquet file, read when they are asked for.

    Raises
    ------
    InputError, UnreadableError
        If the file is no Parquet file, lacks a column, has no rows, or holds lists or the like in a wanted column.
    """
    file = f"read_parquet({sql_path(path)}, {ROW} = true)"
    try:
        described = request.shop.run(f"DESCRIBE SELECT * EXCLUDE ({ROW}) FROM {file}").fetchall()
        filled = request.shop.run(f"SELECT 1 FROM {file} LIMIT 1").fetchone()
    except duckdb.Error:
        raise InputError(
            "the file is not Parquet",
            where=Where(file=label),
            remedy="hand it over again, or correct `kind` in the site file",
        ) from None
    columns = [(column[0], column[1]) for column in described]
    places = request.match([name for name, _ in columns], Where(file=label))
    chosen = select_columns(places, columns, Where(file=label))
    if filled is None:
        raise no_rows(label)
    base = request.enter(label)
    rows = request.shop.view(f"parquet_{base}", f"SELECT {base} + {ROW} + 1 AS {AT}, {chosen} FROM {file}")
    return Raw(rows, {heading: f"c{place}" for heading, place in places.items()})

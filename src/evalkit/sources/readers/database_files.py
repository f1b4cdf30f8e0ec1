"""DuckDB database files, opened read-only and shut off from everything outside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from evalkit.errors import InputError, Where
from evalkit.sources.readers.column_types import select_columns
from evalkit.sources.readers.headings import suggest
from evalkit.sources.readers.raw import Raw, Request, no_rows
from evalkit.sources.readers.relation_names import quoted_relation, relation_parts
from evalkit.sources.summary import lacks_room

CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "memory_limit": "500MB",
    "threads": "1",
    "lock_configuration": "true",
}
"""A view of someone else's database could otherwise read any file, or fetch one."""
ROWS_AT_A_TIME = 100_000


def read_database_file(request: Request, path: Path, label: str) -> Raw:
    """Return the wanted columns of a table or view, kept in the workshop; the file itself is never copied.

    Rows are numbered as they are read, for those of a database have no numbers of their own.

    Raises
    ------
    InputError, UnreadableError
        If the file is no DuckDB database of this version or another program holds it, or the relation is not there,
        lacks a column, has no rows, or is a view that reads what stands outside the file.
    """
    where = Where(file=label, sheet=None)
    parts = relation_parts(request.layout.relation, where)
    with _opened(path, where) as database:
        name = quoted_relation(parts)
        columns = _described(database, name, parts[-1], where)
        places = request.match([column for column, _ in columns], where)
        base = request.enter(label)
        chosen = select_columns(places, columns, where)
        try:
            batches = database.sql(f"SELECT {chosen} FROM {name}").to_arrow_reader(ROWS_AT_A_TIME)
            rows = request.take(batches, base)
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            if lacks_room(error):
                raise
            raise InputError(
                f"the relation {request.layout.relation} could not be read",
                where=where,
                remedy="hand over a table, or a view of tables of the same file only",
            ) from None
    if rows is None:
        raise no_rows(label)
    return Raw(rows, {heading: f"c{place}" for heading, place in places.items()})


@contextmanager
def _opened(path: Path, where: Where) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        database = duckdb.connect(str(path), read_only=True, config=CLOSED)
    except duckdb.Error as error:
        raise _closed(str(error), where) from None
    try:
        yield database
    finally:
        database.close()


def _closed(said: str, where: Where) -> InputError:
    if "Could not set lock" in said:
        return InputError(
            "another program holds the database open", where=where, remedy="close it there, or hand over a copy"
        )
    if "version number" in said:
        return InputError(
            "the database was written by another version of DuckDB",
            where=where,
            remedy=f"write it with DuckDB {duckdb.__version__}, or hand over Parquet",
        )
    return InputError(
        "the file is no DuckDB database, or a broken one",
        where=where,
        remedy="hand it over again, or correct `kind` in the site file",
    )


def _described(database: duckdb.DuckDBPyConnection, name: str, bare: str, where: Where) -> list[tuple[str, str]]:
    try:
        return [(row[0], row[1]) for row in database.execute(f"DESCRIBE SELECT * FROM {name}").fetchall()]
    except duckdb.CatalogException:
        there = database.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database() ORDER BY 1"
        ).fetchall()
        raise InputError(
            f"the database has no table or view {bare}",
            where=where,
            remedy=suggest(bare, [row[0] for row in there], "correct `relation` in the site file"),
        ) from None
    except duckdb.Error:
        raise InputError(
            f"the relation {bare} cannot be read",
            where=where,
            remedy="hand over a table, or a view of tables of the same file only",
        ) from None

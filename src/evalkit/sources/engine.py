"""DuckDB behind Ibis, with every limit said aloud."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
import ibis
import pyarrow as pa

from evalkit.sources.private import private_folder

EngineName = Literal["duckdb", "spark"]
UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
SHARE_OF_MEMORY = 0.7
"""Of the memory asked for, what DuckDB gets; the rest is for Python and what DuckDB takes beyond its limit."""


@dataclass(frozen=True)
class Workshop:
    """A connection with a database of its own in a folder that only its owner reads.

    Parameters
    ----------
    connection
        Ibis backend on DuckDB.
    folder
        For transcoded files and whatever is made; gone when the work is over.
    threads
        How many may work at a time.
    """

    connection: Any
    folder: Path
    threads: int

    def run(self, sql: str, *parameters: object) -> Any:
        """Run one statement and return its cursor; safe from several threads."""
        return self.connection.con.cursor().execute(sql, list(parameters) or None)

    def keep(self, name: str, rows: ibis.Table | pa.Table) -> ibis.Table:
        """Make a table of the workshop from an expression or an Arrow table."""
        cursor = self.connection.con.cursor()
        if isinstance(rows, pa.Table):
            cursor.register("handed_in", rows)
            cursor.execute(f"CREATE TABLE {name} AS SELECT * FROM handed_in")
            cursor.unregister("handed_in")
        else:
            cursor.execute(f"CREATE TABLE {name} AS {self.connection.compile(rows)}")
        kept: ibis.Table = self.connection.table(name)
        return kept

    def view(self, name: str, sql: str) -> ibis.Table:
        """Name a query, to be answered when it is asked."""
        self.run(f"CREATE VIEW {name} AS {sql}")
        seen: ibis.Table = self.connection.table(name)
        return seen


def connect(database: Path | None, *, memory: str, threads: int, scratch: Path) -> Any:
    """Return an Ibis backend on DuckDB.

    Parameters
    ----------
    database
        File, or None for memory.
    memory
        Such as ``"2GB"``; DuckDB gets a part of it.
    threads
        How many DuckDB may use.
    scratch
        Folder it may spill to.
    """
    limit = f"{int(bytes_of(memory) * SHARE_OF_MEMORY / 10**6)}MB"
    connection = ibis.duckdb.connect(
        ":memory:" if database is None else database,
        memory_limit=limit,
        threads=threads,
        temp_directory=str(scratch),
    )
    connection.raw_sql("SET GLOBAL TimeZone = 'Europe/Stockholm'")
    # a notebook's kernel without ipywidgets has no progress bar to switch off, and says so as an error
    with contextlib.suppress(duckdb.InvalidInputException):
        connection.raw_sql("SET enable_progress_bar = false")
    return connection


@contextmanager
def open_workshop(parent: Path, *, memory: str, threads: int) -> Iterator[Workshop]:
    """Open a workshop in a new folder under ``parent``, and leave nothing of it behind; see `private_folder`."""
    with private_folder(parent) as folder:
        connection = connect(folder / "stage.duckdb", memory=memory, threads=threads, scratch=folder / "spill")
        try:
            yield Workshop(connection, folder, threads)
        finally:
            connection.disconnect()


def bytes_of(memory: str) -> int:
    """Return how many bytes a text such as ``"2GB"`` means.

    Raises
    ------
    ValueError
        If it is no such text.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)", memory.strip())
    if match is None or match[2].upper() not in UNITS:
        raise ValueError(f"memory is written 2GB or 500MB, not {memory!r}")
    return int(float(match[1]) * UNITS[match[2].upper()])

"""The canonical tables on disk: sorted Parquet, one file per table, attendance one per school year."""

from __future__ import annotations

import contextlib
import errno
import secrets
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import ibis

from evalkit.sources.conversion import KNOWN_FROM
from evalkit.sources.engine import EngineName, connect
from evalkit.sources.spark import connect_spark, installed_version, read_parquet
from evalkit.vocabulary.schema import TableSchema, table_names
from evalkit.vocabulary.terms import SchoolYear, school_year_of


def write_table(rows: ibis.Table, schema: TableSchema, folder: Path, connection: Any) -> None:
    """Write one canonical table, sorted, so that equal content gives equal bytes.

    Parameters
    ----------
    rows
        Checked, with the schema's columns and ``known_from``.
    """
    stored = rows.select(*schema.column_names, KNOWN_FROM)
    rest = [name for name in schema.column_names if name not in schema.order]
    order = [*schema.order, *rest]
    if not schema.partition:
        _write(stored.order_by(order), folder / f"{schema.name}.parquet", connection)
        return
    (folder / schema.name).mkdir(mode=0o700)
    for year in _school_years(stored):
        inside = (stored[KNOWN_FROM] >= ibis.literal(year.start)) & (stored[KNOWN_FROM] < ibis.literal(year.end))
        path = folder / schema.name / f"{year.label.replace('/', '-')}.parquet"
        _write(stored.filter(inside).order_by(order), path, connection)


def open_tables(
    folder: Path,
    names: Sequence[str] | None = None,
    *,
    memory: str = "2GB",
    threads: int = 2,
    engine: EngineName = "duckdb",
    master: str | None = None,
) -> dict[str, ibis.Table]:
    """Open stored tables on one connection of an engine.

    Parameters
    ----------
    folder
        As `open_sources` wrote it.
    names
        Which tables; by default all that are there.
    memory, threads
        Limits of the engine.
    engine
        What answers questions about them; the answers are the same.
    master
        Address of a Spark cluster's master, see `connect_spark`.

    Returns
    -------
    dict
        Table expression by canonical name.

    Raises
    ------
    KeyError
        If a table asked for is not stored.
    InputError
        If Spark is asked for and cannot be had.
    """
    stored = {name: _files(folder, name) for name in table_names()}
    there = [name for name, files in stored.items() if files]
    wanted = list(there if names is None else names)
    absent = [name for name in wanted if name not in there]
    if absent:
        raise KeyError(f"no table {', '.join(absent)} is stored; there are {', '.join(there)}")
    if engine == "spark":
        on_spark = connect_spark(memory=memory, threads=threads, scratch=folder.parent, master=master)
        return {name: read_parquet(on_spark, stored[name], name) for name in wanted}
    connection = connect(None, memory=memory, threads=threads, scratch=folder.parent / ".spill")
    return {name: connection.read_parquet([str(path) for path in stored[name]], table_name=name) for name in wanted}


def engine_version(engine: EngineName) -> str:
    """Return what stands for an engine in the address of a result; DuckDB's version is in every address."""
    return "duckdb" if engine == "duckdb" else f"spark {installed_version()}"


def move_into_place(made: Path, out: Path) -> None:
    """Let a finished folder take the place of ``out`` in one move."""
    while True:
        try:
            made.replace(out)
        except OSError as taken:
            # another intake may put its folder there, or take it away, at any moment
            if taken.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            old = out.with_name(f".{out.name}-{secrets.token_hex(4)}")
            with contextlib.suppress(FileNotFoundError):
                out.replace(old)
                shutil.rmtree(old)
        else:
            return


def _files(folder: Path, name: str) -> list[Path]:
    single, parts = folder / f"{name}.parquet", folder / name
    return [single] if single.is_file() else sorted(parts.glob("*.parquet"))


def _school_years(rows: ibis.Table) -> list[SchoolYear]:
    day = rows[KNOWN_FROM]
    months = rows.select(year=day.year(), month=day.month()).distinct().to_pyarrow().to_pylist()
    return sorted({school_year_of(date(month["year"], month["month"], 1)) for month in months})


def _write(rows: ibis.Table, path: Path, connection: Any) -> None:
    connection.to_parquet(rows, path, compression="zstd")
    path.chmod(0o600)

"""PostgreSQL servers: one relation, streamed in a read-only transaction that sees one moment."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
from adbc_driver_postgresql import dbapi

from evalkit.errors import InputError, Where
from evalkit.sources.config import Layout
from evalkit.sources.readers.column_types import ZONE, quoted
from evalkit.sources.readers.limits import server_limits
from evalkit.sources.readers.raw import Raw, Request, UnreadableError, no_rows
from evalkit.sources.readers.relation_names import quoted_relation, relation_parts

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
SETTINGS = {
    "TimeZone": ZONE,
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "lock_timeout": "30s",
}
"""What a row looks like as text must not hang on the account's own settings."""
TEXT, NUMBERS, DATES, FRACTIONS = (
    ("S", "E"),
    ("int2", "int4", "int8", "bool"),
    ("date", "timestamp"),
    ("float4", "float8"),
)
AS_TEXT = ("numeric", "uuid", "time", "citext", "bpchar", "name")
DENIED, TIMED_OUT = "42501", ("57014", "55P03")


def read_server(request: Request) -> Raw:
    """Return the wanted columns of a table or view of a server, kept in the workshop.

    Rows are numbered as they are read, for those of a relation have no order and no numbers of their own. Dates that
    are infinite become missing. The transaction is read-only and repeatable read: whatever a view calls cannot write.

    Raises
    ------
    InputError, UnreadableError
        If the server does not answer or let the account in, the relation is not there, lacks a column, has no rows,
        or takes longer than the time allowed. No message repeats what the server says, nor the connection text.
    """
    layout = request.layout
    where = Where(file=layout.relation)
    name = quoted_relation(relation_parts(layout.relation, where))
    with _transaction(layout, where) as cursor:
        columns = _described(cursor, name, where)
        places = request.match([column[0] for column in columns], where)
        chosen = _selected(places, columns, where)
        base = request.enter(layout.relation or "")
        with _retold(layout, where):
            cursor.execute(f"SELECT {chosen} FROM {name}")
            rows = request.take(cursor.fetch_record_batch(), base)
    if rows is None:
        raise no_rows(layout.relation or "")
    return Raw(rows, {heading: f"c{place}" for heading, place in places.items()})


def digest_server(layout: Layout) -> str:
    """Return a digest of a relation's columns and rows that the server works out; their order does not count.

    The rows are counted, and the four quarters of the MD5 of each row as text are summed: the digest tells a changed
    table from an unchanged one, and is no defence against someone who forges one.

    Raises
    ------
    InputError
        As `read_server`.
    """
    where = Where(file=layout.relation)
    name = quoted_relation(relation_parts(layout.relation, where))
    sums = ", ".join(f"sum(('x' || substr(h, {1 + 8 * part}, 8))::bit(32)::bigint)::text" for part in range(4))
    with _transaction(layout, where) as cursor:
        columns = _described(cursor, name, where)
        with _retold(layout, where):
            cursor.execute(f"SELECT count(*), {sums} FROM (SELECT md5(r::text) AS h FROM {name} AS r) AS hashed")
            told = repr((columns, cursor.fetchone()))
    return hashlib.sha256(told.encode()).hexdigest()


@contextmanager
def _transaction(layout: Layout, where: Where) -> Iterator[Any]:
    with _retold(layout, where):
        connection = dbapi.connect(_connection_text(layout, where), autocommit=True)
    try:
        cursor = connection.cursor()
        with _retold(layout, where):
            cursor.execute(BEGIN)
            limit = {"statement_timeout": f"{server_limits().statement_seconds}s"}
            for setting, value in {**SETTINGS, **limit}.items():
                cursor.execute(f"SET LOCAL {setting} = '{value}'")
        yield cursor
        cursor.close()
    finally:
        connection.close()


def _connection_text(layout: Layout, where: Where) -> str:
    variable = layout.connection_variable or ""
    text = os.environ.get(variable, "").strip()
    if not text:
        raise InputError(
            f"the environment variable {variable} is not set" if variable else "the source names no connection",
            where=where,
            remedy="put the server's connection text into the variable that `connection_variable` names",
        )
    if "connect_timeout" in text:
        return text
    seconds = f"connect_timeout={server_limits().connect_seconds}"
    if text.startswith(("postgresql://", "postgres://")):
        return f"{text}{'&' if '?' in text else '?'}{seconds}"
    return f"{text} {seconds}"


@contextmanager
def _retold(layout: Layout, where: Where) -> Iterator[None]:
    """Tell a server's faults in our words: its own hold hosts, accounts and values."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except (dbapi.Error, duckdb.Error, OSError) as error:
        state = getattr(error, "sqlstate", None) or ""
        if state == DENIED:
            problem, remedy = "the account may not read the relation", "have it granted SELECT, and nothing more"
        elif state in TIMED_OUT or "timeout" in str(error):
            problem, remedy = "the server took longer than allowed", "ask for a table instead of a slow view"
        elif state:
            problem, remedy = f"the relation could not be read (SQLSTATE {state})", "ask whoever runs the server"
        else:
            problem = f"the server of {layout.connection_variable} does not answer, or broke off"
            remedy = "check the connection text in the variable, and that the server runs"
        raise InputError(problem, where=where, remedy=remedy) from None


def _described(cursor: Any, name: str, where: Where) -> list[tuple[str, str, str]]:
    """Return name, type and category of every column."""
    literal = name.replace("'", "''")
    with _retold(Layout("postgresql"), where):
        cursor.execute(
            f"""SELECT a.attname::text, t.typname::text, t.typcategory::text
            FROM pg_attribute AS a JOIN pg_type AS d ON d.oid = a.atttypid
            JOIN pg_type AS t ON t.oid = coalesce(nullif(d.typbasetype, 0), d.oid)
            WHERE a.attrelid = to_regclass('{literal}') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""
        )
        found = [(row[0], row[1], row[2]) for row in cursor.fetchall()]
    if not found:
        raise InputError(
            "the database has no such table or view",
            where=where,
            remedy="correct `relation` in the site file; write its schema too",
        )
    return found


def _selected(places: dict[str, int], columns: list[tuple[str, str, str]], where: Where) -> str:
    chosen, faults = {}, []
    for heading, place in places.items():
        value = _value(quoted(columns[place][0]), *columns[place][1:])
        if value is None:
            faults.append(
                InputError(
                    f"the column holds values of type {columns[place][1]}, where one date, number or text is wanted",
                    where=Where(where.file, None, heading),
                    remedy="hand over a view that gives the part that is wanted",
                )
            )
        else:
            chosen[place] = f"{value} AS c{place}"
    if faults:
        raise UnreadableError(faults)
    return ", ".join(chosen.values())


def _value(name: str, kind: str, category: str) -> str | None:
    if kind in NUMBERS:
        return name
    if kind in FRACTIONS:
        return f"nullif({name}, 'NaN')"
    if kind in DATES:
        return f"CASE WHEN isfinite({name}) THEN {name} END"
    if kind == "timestamptz":
        return f"CASE WHEN isfinite({name}) THEN {name} AT TIME ZONE '{ZONE}' END"
    return f"{name}::text" if kind in AS_TEXT or category in TEXT else None

"""What every engine has built in and Ibis does not offer on all of them."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from functools import reduce

import ibis
import ibis.expr.datatypes as dt

ROWS_AT_A_TIME = 14_000_000
"""Rows whose hashes are grouped at a time, so that memory stays bounded."""
HASH = "_hash"


@ibis.udf.scalar.builtin(name="hash")  # type: ignore[untyped-decorator]
def _hash(value) -> dt.int64:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Return the engine's own hash: every engine has one, and no answer depends on it."""


@ibis.udf.agg.builtin(name="bit_or")  # type: ignore[untyped-decorator]
def united(bits: dt.int64) -> dt.int64:
    """Return the union of the bits of all rows."""


def hash_of(table: ibis.Table, columns: Sequence[str]) -> ibis.IntegerValue:
    """Return a number that rows equal in the columns share; rows that are not equal may share it too."""
    return reduce(operator.xor, [_hash(table[name]) for name in columns])


def parts_of(table: ibis.Table, rows: int, columns: Sequence[str]) -> Iterator[ibis.Table]:
    """Give the table in parts of about ``ROWS_AT_A_TIME`` rows, with the hash; equal rows are in one part."""
    parts = 1
    while parts * ROWS_AT_A_TIME < rows:
        parts *= 2
    hashed = table.mutate(**{HASH: hash_of(table, columns)})
    for part in range(parts):
        yield hashed if parts == 1 else hashed.filter((hashed[HASH] & (parts - 1)) == part)

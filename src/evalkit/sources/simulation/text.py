"""Build millions of lines of text from few pieces, as Arrow arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from evalkit.sources.simulation.arrays import Integers

ID_BLOCK = 4096


def picked(values: Sequence[str] | pa.Array, index: Integers) -> pa.Array:
    """Return ``values[index]`` as an array of text."""
    pieces = values if isinstance(values, pa.Array) else pa.array(list(values), type=pa.string())
    return pieces.take(pa.array(index))


def joined(*parts: str | pa.Array) -> pa.Array:
    """Return the parts joined row by row; a plain text is repeated."""
    return pc.binary_join_element_wise(*[pa.scalar(part) if isinstance(part, str) else part for part in parts], "")


def numbered(values: Integers) -> pa.Array:
    """Return whole numbers as text."""
    return pa.array(values).cast(pa.string())


def lines(array: pa.Array, size: int) -> Iterator[tuple[bytes, int]]:
    """Yield the rows' text run together, ``size`` rows at a time, with the number of rows.

    The rows already end as they must: nothing is put between them.
    """
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    content = memoryview(array.buffers()[2]) if len(array) else memoryview(b"")
    for first in range(0, len(array), size):
        last = min(first + size, len(array))
        yield bytes(content[offsets[first] : offsets[last]]), last - first


def record_id(municipality: str, kind: int, number: int) -> str:
    """Return a made-up UUID that tells municipality, kind of record and number."""
    return f"{municipality}{kind:04x}-0000-4000-8000-{number:012x}"


def record_ids(municipality: str, kind: int, first: int, count: int) -> pa.Array:
    """Return the UUIDs of ``count`` records in a row."""
    numbers = np.arange(first, first + count)
    start = first // ID_BLOCK
    blocks = [
        record_id(municipality, kind, block * ID_BLOCK)[:-3]
        for block in range(start, int(first + count) // ID_BLOCK + 1)
    ]
    return joined(
        picked(blocks, numbers // ID_BLOCK - start),
        picked([f"{rest:03x}" for rest in range(ID_BLOCK)], numbers % ID_BLOCK),
    )


def dates(ordinals: Integers, *, missing: str = "") -> pa.Array:
    """Return days as ``YYYY-MM-DD``; the ordinal 0 is ``missing``."""
    distinct, place = np.unique(ordinals, return_inverse=True)
    return picked([date.fromordinal(int(day)).isoformat() if day else missing for day in distinct], place)


def iso_day(ordinal: int) -> str:
    """Return a day as ``YYYY-MM-DD``."""
    return date.fromordinal(int(ordinal)).isoformat()


def day_offsets(days: Sequence[date]) -> list[str]:
    """Return Stockholm's distance from UTC at school hours; summer time goes from March's last Sunday to October's."""
    return ["+02:00" if _last_sunday(day.year, 3) <= day < _last_sunday(day.year, 10) else "+01:00" for day in days]


def clock_times() -> list[str]:
    """Return every minute of a day as ``HH:MM:00``."""
    return [f"{minute // 60:02d}:{minute % 60:02d}:00" for minute in range(24 * 60)]


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)

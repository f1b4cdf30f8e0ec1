"""Turn arrays of the simulator into typed columns with missing values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from evalkit.sources.simulation.arrays import Flags, Floats, Integers

ORDINAL_OF_EPOCH = 719_163


def day_column(ordinals: Integers) -> pa.Array:
    """Return ordinals as dates; 0 is missing."""
    return pa.array((ordinals - ORDINAL_OF_EPOCH).astype(np.int32), mask=ordinals == 0).cast(pa.date32())


def code_column(codes: Sequence[str], place: Integers) -> pa.Array:
    """Return ``codes[place]``; a negative place is missing, and so is an empty code."""
    known = pa.array([code or None for code in codes], type=pa.string())
    return known.take(pa.array(np.maximum(place, 0).astype(np.int64), mask=np.asarray(place) < 0))


def number_column(values: Floats | Integers | Flags, missing: Flags | None = None) -> pa.Array:
    """Return numbers, or truth values; where ``missing``, none."""
    return pa.array(np.asarray(values), mask=missing)


def same(text: str, count: int) -> pa.Array:
    """Return a text over and over."""
    return pa.array([text], type=pa.string()).take(pa.array(np.zeros(count, dtype=np.int64)))


def weekdays(ordinals: Integers) -> Integers:
    """Return the days; Saturdays and Sundays become the Monday after."""
    late = (ordinals - 1) % 7 - 4
    return np.where((late > 0) & (ordinals > 0), ordinals + 3 - late, ordinals)

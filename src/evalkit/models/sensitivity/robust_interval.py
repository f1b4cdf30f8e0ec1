"""Intervals that hold whatever the drift within a bound, and the bound at which they take in no effect."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evalkit.models.sensitivity.moment_inequalities import (
    FIRST_STAGE,
    WIDEST,
    Statistics,
    critical_value,
    not_rejected,
    read_statistics,
    widest_range,
)
from evalkit.models.sensitivity.restrictions import Path, Restriction, relative_magnitudes, smoothness

GRID = 1_000
NOTHING = (np.nan, np.nan)
FARTHEST = 2.0**10
PRECISION = 1e-3

Interval = tuple[float, float]


def relative_interval(path: Path, bound: float, level: float, *, hybrid: bool = True) -> Interval:
    """Return the interval under relative magnitudes: the hull of those for each largest step and sign.

    Parameters
    ----------
    path
        With at least one term before.
    bound
        Largest step after, in largest steps before.
    level
        Confidence level.
    hybrid
        Whether the conditional test comes after a least-favourable one (C-LF), as it does by default in the paper.
    """
    return _hull(path, relative_magnitudes(path.before, path.after, bound), level, hybrid)


def smooth_tested_interval(path: Path, bound: float, level: float, *, hybrid: bool = True) -> Interval:
    """Return the interval under smoothness by the tests of `relative_interval`; `fixed_length_interval` is shorter."""
    return _hull(path, smoothness(path.before, path.after, bound), level, hybrid)


def breakdown(interval_at: Callable[[float], Interval], unit: float) -> float:
    """Return the smallest bound, to a thousandth, at which the interval takes in 0; infinite if none does.

    Parameters
    ----------
    interval_at
        Interval at a bound.
    unit
        A bound of ordinary size; bounds up to 1024 times it are tried.
    """

    def takes_in_nought(bound: float) -> bool:
        low, high = interval_at(bound)
        return low <= 0.0 <= high

    if takes_in_nought(0.0):
        return 0.0
    low, high = 0.0, unit
    while not takes_in_nought(high):
        low, high = high, high * 2.0
        if high > FARTHEST * unit:
            return float("inf")
    while high - low > PRECISION * high:
        middle = (low + high) / 2.0
        low, high = (low, middle) if takes_in_nought(middle) else (middle, high)
    return high


def _hull(path: Path, restrictions: tuple[Restriction, ...], level: float, hybrid: bool) -> Interval:
    found = [_kept_range(read_statistics(path, one), 1.0 - level, hybrid) for one in restrictions]
    kept = [one for one in found if one is not None]
    if not kept:
        return NOTHING
    return min(low for low, _ in kept), max(high for _, high in kept)


def _kept_range(statistics: Statistics, alpha: float, hybrid: bool) -> Interval | None:
    """Return the smallest and largest effect not rejected: on a grid, then on a grid between its outer steps."""
    first = FIRST_STAGE * alpha if hybrid else 0.0
    critical = critical_value(statistics, 1.0 - first) if hybrid else np.inf
    ends = widest_range(statistics, critical if hybrid else WIDEST)
    if ends is None:
        return None
    second = (alpha - first) / (1.0 - first)
    effects = np.linspace(*ends, GRID)
    kept = np.flatnonzero(not_rejected(statistics, effects, second, critical))
    if not len(kept):
        return None
    outer = []
    for place, way in ((kept[0], -1), (kept[-1], 1)):
        beyond = effects[min(max(place + way, 0), GRID - 1)]
        closer = np.linspace(effects[place], beyond, GRID)
        outer.append(closer[np.flatnonzero(not_rejected(statistics, closer, second, critical))[-1]])
    return float(outer[0]), float(outer[1])

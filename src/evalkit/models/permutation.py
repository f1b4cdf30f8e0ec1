"""Permutation tests on studentised differences, and the intervals that invert them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.models.arrays import Booleans, Floats
from evalkit.values import Segment

SLACK = 1e-9
FINENESS = 5.0
NOTHING = 1e-150


@dataclass(frozen=True)
class Count:
    """How many assignments are at least as extreme as the observed one, the observed among them."""

    as_extreme: int
    assignments: int

    @property
    def p(self) -> float:
        """Two-sided p-value."""
        return self.as_extreme / self.assignments

    @property
    def attainable(self) -> float:
        """The smallest p that these assignments can give."""
        return 1.0 / self.assignments


def fine_enough(assignments: int, level: float) -> bool:
    """Tell whether so many assignments can carry a headline: p must move in steps of a fifth of ``1 - level`` or less.

    With fewer the test is valid but wastes power: at 30 assignments and .05 it rejects at 1/30.
    """
    return assignments * (1.0 - level) * (1.0 + SLACK) >= FINENESS


def distance(effect: Floats, deviation: Floats) -> Floats:
    """Return how far from 0 effects lie, in their own standard deviations; one that cannot vary is 0 only at 0."""
    least = np.maximum(SLACK * deviation.max(axis=-1, keepdims=True), NOTHING)
    return np.asarray(np.abs(effect) / np.maximum(deviation, least), dtype=float)


def as_extreme(effect: Floats, deviation: Floats) -> Booleans:
    """Tell which assignments lie at least as far from 0, in their own standard deviations, as the first.

    Parameters
    ----------
    effect, deviation
        (N,) or (R, N) effects and their standard deviations; the first along the last axis is the observed.
    """
    far = distance(effect, deviation)
    return np.asarray(far >= far[..., :1] * (1.0 - SLACK), dtype=bool)


def count_extreme(effect: Floats, deviation: Floats) -> Count:
    """Count the assignments at least as extreme as the first."""
    return Count(int(as_extreme(effect, deviation).sum()), len(effect))


def invert(effect: Floats, exposure: Floats, deviation: Floats, level: float) -> tuple[Segment, ...]:
    """Return every constant effect that the permutation test does not reject, exactly.

    Under an effect x the observed difference is ``effect[0] - x`` and that of another assignment
    ``effect - x * exposure``, since some of its schools were treated. Each assignment is at least as extreme as the
    observed one for x in an interval around the observed effect, or outside one; their counts are summed over x.

    Parameters
    ----------
    effect, exposure, deviation
        (N,) The observed assignment comes first; its exposure is 1.
    level
        Confidence level; x is kept where p is above ``1 - level``.
    """
    centre = float(effect[0])
    offset = effect[1:] - exposure[1:] * centre
    ratio = deviation[1:] / deviation[0]
    first, second = _roots(offset, exposure[1:], ratio), _roots(offset, exposure[1:], -ratio)
    bounded = np.abs(exposure[1:]) < ratio * (1.0 - SLACK)
    low, high = np.minimum(first, second), np.maximum(first, second)
    begins = np.sort(np.concatenate([low[bounded], high[~bounded]]))
    ends = np.sort(np.concatenate([high[bounded], low[~bounded]]))
    base = 1 + int((~bounded).sum())
    points = np.unique(np.concatenate([begins, ends, [0.0]]))
    points = points[np.isfinite(points)]
    between = (points[1:] + points[:-1]) / 2.0
    tested = np.concatenate([[points[0] - 1.0], np.stack([points, np.append(between, points[-1] + 1.0)], 1).ravel()])
    count = base + np.searchsorted(begins, tested, side="right") - np.searchsorted(ends, tested, side="left")
    kept = count > (1.0 - level) * len(effect) * (1.0 + SLACK)
    return _segments(kept, points + centre)


def _roots(offset: Floats, exposure: Floats, ratio: Floats) -> Floats:
    """Return where ``offset - exposure x = ratio x``; parallel lines meet infinitely far to the side they lean to."""
    slope = exposure + ratio
    parallel = np.abs(slope) <= SLACK * np.abs(ratio)
    far = np.where(offset * exposure > 0, np.inf, np.where(offset * exposure < 0, -np.inf, 0.0))
    return np.asarray(np.where(parallel, far, offset / np.where(parallel, 1.0, slope)), dtype=float)


def _segments(kept: Booleans, points: Floats) -> tuple[Segment, ...]:
    """Join tested places into segments; they alternate: before all points, point, gap, point, ..., after all."""
    segments: list[Segment] = []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]]).astype(int)))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        low = -np.inf if begin == 0 else float(points[(begin - 1) // 2])
        high = np.inf if end == len(kept) else float(points[(end - 1) // 2])
        segments.append(Segment(low, high))
    return tuple(segments)


def unite(intervals: tuple[tuple[Segment, ...], ...]) -> tuple[Segment, ...]:
    """Return the union of several intervals, as segments in order."""
    joined: list[Segment] = []
    for segment in sorted((s for interval in intervals for s in interval), key=lambda s: (s.low, s.high)):
        if joined and segment.low <= joined[-1].high:
            joined[-1] = Segment(joined[-1].low, max(joined[-1].high, segment.high))
        else:
            joined.append(segment)
    return tuple(joined)


def covers(interval: tuple[Segment, ...], effects: Floats) -> Booleans:
    """Tell which effects lie in one of an interval's segments."""
    inside = [(effects >= segment.low) & (effects <= segment.high) for segment in interval]
    return np.asarray(np.any(inside, axis=0) if inside else np.zeros(np.shape(effects), dtype=bool), dtype=bool)

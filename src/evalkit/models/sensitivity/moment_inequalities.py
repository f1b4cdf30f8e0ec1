"""Tests of a weighted mean effect under inequalities on the drift.

The conditional test is Andrews, Roth and Pakes (2023), Inference for Linear Conditional Moment Inequalities, Review of
Economic Studies 90(6); the hybrid puts a least-favourable test of level ``kappa`` first (Rambachan and Roth 2023).
Their linear programme asks for the smallest excess over the inequalities that any split of the effect over terms
leaves. Its dual has, for inequalities that come in pairs, one for each term after, only these P + 2 corners: the effect
all pushed one way, all pushed the other way, and, for each term, the two inequalities of its pair weighed alike. So no
programme is solved: the largest of P + 2 linear statistics is the test's statistic, and which of them is the largest
decides what is conditioned on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import log_ndtr

from evalkit.models.arrays import Booleans, Floats
from evalkit.models.sensitivity.restrictions import Path, Restriction

DRAWS = 2**13
FIRST_STAGE = 0.1
WIDEST = 8.0
TINY = 1e-10


@dataclass(frozen=True, eq=False)
class Statistics:
    """J linear statistics ``base - slope * effect`` with covariance (J, J); each is at most as variable as 1."""

    base: Floats
    slope: Floats
    covariance: Floats


def read_statistics(path: Path, restriction: Restriction) -> Statistics:
    """Return the corners' statistics of a path under a restriction."""
    pull = np.linalg.solve(restriction.upper[:, path.before :].T, path.weight)
    rows = np.vstack([restriction.upper, restriction.lower])
    spread = np.einsum("ij,jk,ik->i", rows, path.covariance, rows)
    deviation = np.sqrt(np.maximum(spread, 0.0))
    up, down = np.maximum(pull, 0.0), np.maximum(-pull, 0.0)
    pairs = np.hstack([np.eye(path.after), np.eye(path.after)])
    corners = np.vstack([np.concatenate([up, down]), np.concatenate([down, up]), pairs])
    scale = corners @ deviation
    corners, scale = corners[scale > 0], scale[scale > 0]
    direction = np.array([1.0, -1.0] + [0.0] * path.after)[: len(scale)]
    weight = (corners @ rows) / scale[:, None]
    return Statistics(
        base=weight @ path.value - corners.sum(axis=1) * restriction.room / scale,
        slope=direction / scale,
        covariance=weight @ path.covariance @ weight.T,
    )


def critical_value(statistics: Statistics, level: float) -> float:
    """Return the least-favourable critical value: what the largest statistic exceeds by chance alone.

    By 8,192 fixed draws; the hybrid interval moves by less than a thousandth of its length for others.
    """
    values, vectors = np.linalg.eigh(statistics.covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return float(np.quantile((root @ _normals(len(root))).max(axis=0), level))


def widest_range(statistics: Statistics, critical: float) -> tuple[float, float] | None:
    """Return the effects at which no statistic exceeds the critical value; None if one does whatever the effect."""
    flat = statistics.slope == 0.0
    if (statistics.base[flat] > critical).any():
        return None
    low = float(((statistics.base - critical)[~flat] / statistics.slope[~flat])[statistics.slope[~flat] > 0].max())
    high = float(((statistics.base - critical)[~flat] / statistics.slope[~flat])[statistics.slope[~flat] < 0].min())
    return (low, high) if low <= high else None


def not_rejected(statistics: Statistics, effects: Floats, alpha: float, critical: float) -> Booleans:
    """Tell which effects the conditional test keeps.

    Parameters
    ----------
    statistics
        Of one restriction.
    effects
        (E,) effects to test.
    alpha
        Level of the conditional test.
    critical
        Effects with a statistic above this are rejected at once, and the test conditions on not being so; infinite for
        the conditional test alone.
    """
    value = statistics.base[:, None] - statistics.slope[:, None] * effects
    largest, place = value.max(axis=0), value.argmax(axis=0)
    kept = np.zeros(len(effects), dtype=bool)
    for corner in np.unique(place):
        here = place == corner
        variance = statistics.covariance[corner, corner]
        if variance < TINY:
            kept[here] = largest[here] <= TINY
            continue
        low, high = _truncation(statistics, int(corner), value[:, here])
        root = np.sqrt(variance)
        upper = np.minimum(high, critical) / root
        tail = _tail(largest[here] / root, low / root, upper)
        kept[here] = (largest[here] <= critical) & ((largest[here] <= 0.0) | (tail >= alpha))
    return kept


def _truncation(statistics: Statistics, corner: int, value: Floats) -> tuple[Floats, Floats]:
    """Return between what values the corner's statistic is the largest, given the part independent of it."""
    share = statistics.covariance[:, corner] / statistics.covariance[corner, corner]
    rest = value - share[:, None] * value[corner]
    free = 1.0 - share
    with np.errstate(divide="ignore", invalid="ignore"):
        cross = rest / free[:, None]
    low = np.where((free > TINY)[:, None], cross, -np.inf).max(axis=0)
    high = np.where((free < -TINY)[:, None], cross, np.inf).min(axis=0)
    return low, high


def _tail(value: Floats, low: Floats, high: Floats) -> Floats:
    """Return the chance that a standard normal between ``low`` and ``high`` exceeds ``value``."""
    value = np.clip(value, low, high)
    above, all_above, beyond = log_ndtr(-value), log_ndtr(-low), log_ndtr(-high)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = above + np.log1p(-np.exp(np.minimum(beyond - above, 0.0)))
        whole = all_above + np.log1p(-np.exp(np.minimum(beyond - all_above, 0.0)))
        return np.where(high > low, np.exp(part - whole), 1.0)


@lru_cache(maxsize=32)
def _normals(rows: int) -> Floats:
    return np.random.default_rng(0).standard_normal((rows, DRAWS))

"""What a design tells before the difference after the start is looked at: numbers from arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit
from scipy.stats import rankdata

from evalkit.models.arrays import Booleans, Floats, Integers

FREEDOM_FOR_SLOPE = 3
SLACK = 1e-9


@dataclass(frozen=True)
class Regression:
    """How far treated schools lay from the others before the start, and what of it would go away by itself.

    Parameters
    ----------
    baseline, deviations
        Difference of the treated schools' level before the start, in units of the outcome and in standard deviations
        between untreated schools.
    change, low, high
        Change that this difference alone predicts, with its interval.
    """

    baseline: float
    deviations: float
    change: float
    low: float
    high: float


def size_percentiles(size: Floats) -> Floats:
    """Return where each of G schools lies among all by size, 0-1; ties share the middle of their ranks."""
    return np.asarray((rankdata(size) - 0.5) / len(size), dtype=float)


def exchangeability(size: Floats, assignments: Integers) -> float:
    """Return the exact p of treated schools lying this far from the middle size.

    Parameters
    ----------
    size
        (G,) pupils of each school.
    assignments
        (N, k) every set of schools that could have been treated, the observed first.

    Notes
    -----
    The statistic is the treated schools' mean distance from the middle rank, so that one small and one large school do
    not make up for one another.
    """
    distance = _from_the_middle(size, assignments)
    return float((distance >= distance[0] - SLACK).mean())


def exchangeability_attainable(size: Floats, assignments: Integers) -> float:
    """Return the smallest p that `exchangeability` can give: that of the schools farthest from the middle size."""
    distance = _from_the_middle(size, assignments)
    return float((distance >= distance.max() - SLACK).mean())


def regression_to_mean(
    level: Floats,
    contrast: Floats,
    *,
    pupils: Floats,
    weight: Floats,
    stratum: Integers,
    untreated: Booleans,
    confidence: float,
) -> Regression | None:
    """Predict what a selection on the level before the start would do to the contrast without any effect.

    The slope of contrast on level is that of untreated schools, weighted by pupils, within strata and starts; the
    interval leaves out one untreated school at a time (jackknife, t with one degree of freedom fewer than the
    untreated schools leave).

    Parameters
    ----------
    level, contrast, pupils
        (G, S) mean outcome before each start, contrast and pupils. Contrasts of treated schools are not used.
    weight
        (G, S) how the estimate weighs schools: each start's add up to 0, the positive ones to 1 in all.
    stratum, untreated
        (G,) schools compared with one another, and which were never treated.
    confidence
        Level of the interval.

    Returns
    -------
    Regression or None
        None where fewer than 3 degrees of freedom are left, or levels do not differ.
    """
    calm = np.flatnonzero(untreated)
    freedom = len(calm) - len(np.unique(stratum[calm]))
    if freedom < FREEDOM_FOR_SLOPE:
        return None
    baseline = (weight * level).sum(axis=0)
    centred = _centred(level[calm], np.ones_like(pupils[calm]), stratum[calm])
    share = np.clip(weight, 0.0, None).sum(axis=0)
    spread = float(np.sqrt(((centred**2).sum(axis=0) / freedom) @ share))
    if not spread > 0:
        return None
    change = float(_slopes(level, contrast, pupils, stratum, calm) @ baseline)
    without = np.array(
        [_slopes(level, contrast, pupils, stratum, np.delete(calm, one)) @ baseline for one in range(len(calm))]
    )
    error = np.sqrt((len(calm) - 1) / len(calm) * ((without - without.mean()) ** 2).sum())
    reach = float(stdtrit(freedom - 1, (1.0 + confidence) / 2.0) * error)
    total = float(baseline.sum())
    return Regression(total, total / spread, change, change - reach, change + reach)


def largest_jump(series: Floats, weight: Floats) -> tuple[float, int] | None:
    """Return the largest change, from one time to the next, of treated minus comparison, and at which time.

    Parameters
    ----------
    series
        (G, T) coverage of each school and time, NaN where there is none.
    weight
        (G,) plus for treated, minus for comparisons; schools without both times are left out of a change, and the
        weights of the others on their side are raised to make up for it.

    Returns
    -------
    tuple or None
        Size of the change and the place of the later time; None where no change can be told.
    """
    steps = np.diff(series, axis=1)
    seen = np.isfinite(steps)
    changes = np.full(steps.shape[1], np.nan)
    for time in range(steps.shape[1]):
        plus, minus = (np.where(seen[:, time], np.clip(side, 0.0, None), 0.0) for side in (weight, -weight))
        if plus.sum() > 0 and minus.sum() > 0:
            step = np.where(seen[:, time], steps[:, time], 0.0)
            changes[time] = plus @ step / plus.sum() - minus @ step / minus.sum()
    if not np.isfinite(changes).any():
        return None
    place = int(np.nanargmax(np.abs(changes)))
    return float(abs(changes[place])), place + 1


def _from_the_middle(size: Floats, assignments: Integers) -> Floats:
    """Return (N,) the mean distance of each assignment's schools from the middle rank."""
    return np.asarray(np.abs(size_percentiles(size) - 0.5)[assignments].mean(axis=1), dtype=float)


def _slopes(level: Floats, contrast: Floats, pupils: Floats, stratum: Integers, used: Integers) -> Floats:
    """Return the (S,) slopes of contrast on level over some schools; 0 where their levels do not differ."""
    size = pupils[used]
    x, y = _centred(level[used], size, stratum[used]), _centred(contrast[used], size, stratum[used])
    square = (size * x**2).sum(axis=0)
    return np.asarray((size * x * y).sum(axis=0) / np.where(square > 0, square, np.inf), dtype=float)


def _centred(values: Floats, size: Floats, stratum: Integers) -> Floats:
    """Take away each stratum's weighted mean from (G, S) values."""
    member = (stratum[:, None] == np.unique(stratum)[None, :]).astype(float)
    mean = (member.T @ (size * values)) / (member.T @ size)
    return np.asarray(values - member @ mean, dtype=float)

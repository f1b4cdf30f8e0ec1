"""The shortest interval of fixed length when the drift's slope may change by at most a bound per term.

Armstrong and Kolesár (2018), Econometrica 86(2), as applied by Rambachan and Roth (2023). A linear estimator whose bias
is finite takes out any linear drift; it then is a sum of second differences, and its largest bias is the bound times
the sum of their weights' sizes. Those centred on the reference and later are given by the mean that is asked for; the
earlier ones are free and chosen so that the interval is shortest. Length is convex in them.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

from evalkit.models.arrays import Floats
from evalkit.models.sensitivity.restrictions import Path, differences

FAR = 8.0
HALVINGS = 80


def fixed_length_interval(path: Path, bound: float, level: float) -> tuple[float, float]:
    """Return the interval's ends.

    Parameters
    ----------
    path
        With at least one term before.
    bound
        On the change of slope per term; not negative.
    level
        Confidence level.
    """
    bends = differences(path.before, path.after, 2)
    early, late = bends[: path.before - 1], bends[path.before - 1 :]
    given = np.linalg.solve(late[:, path.before :].T, path.weight)
    unit = path.deviation
    covariance, limit = path.covariance / unit**2, bound / unit
    fixed, size = late.T @ given, float(np.abs(given).sum())

    def half_length(parts: Floats) -> tuple[float, Floats]:
        free = len(parts) // 2
        weight = fixed + early.T @ (parts[:free] - parts[free:])
        deviation = float(np.sqrt(weight @ covariance @ weight))
        ratio = limit * (size + float(parts.sum())) / deviation
        reach = folded_quantile(ratio, level)
        by_bias = float(np.tanh(reach * ratio))
        by_noise = (reach - ratio * by_bias) * (early @ (covariance @ weight)) / deviation
        slope = np.concatenate([by_noise + limit * by_bias, -by_noise + limit * by_bias])
        return reach * deviation, slope

    free = path.before - 1
    parts = np.zeros(0)
    if free:
        parts = minimize(
            half_length,
            np.zeros(2 * free),
            jac=True,
            bounds=[(0.0, None)] * (2 * free),
            method="L-BFGS-B",
            options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 5000, "maxfun": 50_000},
        ).x
    centre = float((fixed + early.T @ (parts[:free] - parts[free:])) @ path.value)
    reach = half_length(parts)[0] * unit
    return centre - reach, centre + reach


def folded_quantile(shift: float, level: float) -> float:
    """Return the quantile of ``|N(shift, 1)|``, shift not negative."""
    if shift > FAR:
        return shift + float(ndtri(level))
    low, high = 0.0, shift + float(ndtri((1 + level) / 2))
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        inside = ndtr(middle - shift) - ndtr(-middle - shift) < level
        low, high = (middle, high) if inside else (low, middle)
    return high

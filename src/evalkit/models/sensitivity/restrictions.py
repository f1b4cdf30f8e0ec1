"""What is assumed of the drift between treated and compared, as rows of linear inequalities.

Rambachan and Roth (2023), A More Credible Approach to Parallel Trends, Review of Economic Studies 90(5). The drift has
one entry for each of K terms before and P terms after the reference, at which it is 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.models.arrays import Floats


@dataclass(frozen=True, eq=False)
class Path:
    """An estimated path and the weighted mean of it that is asked for.

    Parameters
    ----------
    value, covariance
        (K + P,) and (K + P, K + P) terms before, then after, the reference.
    before
        K.
    weight
        (P,) of the terms after.
    """

    value: Floats
    covariance: Floats
    before: int
    weight: Floats

    @property
    def after(self) -> int:
        """P."""
        return len(self.weight)

    @property
    def mean(self) -> float:
        """The weighted mean after, were there no drift."""
        return float(self.weight @ self.value[self.before :])

    @property
    def deviation(self) -> float:
        """Its standard deviation."""
        part = self.covariance[self.before :, self.before :]
        return float(np.sqrt(self.weight @ part @ self.weight))


@dataclass(frozen=True, eq=False)
class Restriction:
    """Inequalities in pairs: ``upper @ drift <= room`` and ``lower @ drift <= room``.

    There are as many pairs as terms after the reference, and the columns of ``lower`` for those terms are minus those
    of ``upper``; the rows on earlier terms alone are left out, as they tell nothing about the effect.
    """

    upper: Floats
    lower: Floats
    room: float


def differences(before: int, after: int, order: int) -> Floats:
    """Return the matrix that takes first or second differences of a path whose reference term is left out."""
    whole = np.diff(np.eye(before + after + 1), n=order, axis=0)
    return np.delete(whole, before, axis=1)


def relative_magnitudes(before: int, after: int, bound: float) -> tuple[Restriction, ...]:
    """Bound each step of the drift after the reference by ``bound`` times the largest step before.

    The largest step is unknown, so there is one restriction for each earlier step and sign; the drift satisfies the
    bound if it satisfies one of them.
    """
    steps = differences(before, after, 1)
    later = steps[before:]
    made = []
    for step in steps[:before]:
        for sign in (1.0, -1.0):
            largest = bound * sign * step
            made.append(Restriction(later - largest, -later - largest, 0.0))
    return tuple(made)


def smoothness(before: int, after: int, bound: float) -> tuple[Restriction, ...]:
    """Bound each change of the drift's slope, from one term to the next, by ``bound``."""
    later = differences(before, after, 2)[before - 1 :]
    return (Restriction(later, -later, bound),)

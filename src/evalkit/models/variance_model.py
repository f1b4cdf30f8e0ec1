"""Spread between schools: ``a + c / classes + b / pupils``, with a from the untreated schools alone.

The form follows Ferman and Pinto (2019), Review of Economics and Statistics 101(3); the spread ``a`` is judged by its
restricted likelihood with a flat prior on the standard deviation (Gelman 2006, Bayesian Analysis 1(3)).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from evalkit.models.arrays import Booleans, Floats, Integers
from evalkit.models.school_design import SchoolDesign

UNKNOWN_CLASS_CORRELATIONS = (0.0, 0.03, 0.06, 0.10)
GRID = 80
FREEDOM_NEEDED = 2


@dataclass(frozen=True, eq=False)
class Spread:
    """What the untreated schools say about ``a``, in R data sets at once.

    Parameters
    ----------
    grid, weight
        (R, K) Values of ``a`` and their posterior weights, which add up to 1.
    mode
        (R,) Value of greatest restricted likelihood.
    """

    grid: Floats
    weight: Floats
    mode: Floats


def sampling_variance(design: SchoolDesign, correlation: float | None) -> Floats:
    """Return ``c / classes + b / pupils`` for each school and start.

    Parameters
    ----------
    design
        The design.
    correlation
        Where classes are unknown: the share of a person's variance assumed to be shared in a class.

    Returns
    -------
    numpy.ndarray
        (G, S), in squared units of the contrast.
    """
    unknown = np.isnan(design.class_variance)
    assumed = 0.0 if correlation is None else correlation
    b = np.where(unknown, design.person_variance * (1.0 - assumed), design.person_variance)
    c = np.where(unknown, design.person_variance * assumed, design.class_variance)
    return np.asarray(c / design.classes + b / design.pupils, dtype=float)


def class_correlations(design: SchoolDesign) -> tuple[float | None, ...]:
    """Return the class correlations under which the answer must hold: one, as found, where classes are known."""
    return UNKNOWN_CLASS_CORRELATIONS if np.isnan(design.class_variance).any() else (None,)


def fit_spread(contrast: Floats, variance: Floats, stratum: Integers, used: Booleans, shares: Floats) -> Spread:
    """Judge the spread between schools by restricted likelihood on a grid.

    Parameters
    ----------
    contrast
        (R, G, S) contrasts of R data sets.
    variance
        (G, S) sampling variances.
    stratum
        (G,) schools of one stratum share a mean.
    used
        (R, G) which schools count (the untreated).
    shares
        (S,) or (R, S) weight of each start; the starts' likelihoods are averaged, not multiplied, since they rest on
        the same schools.
    """
    centred = np.where(used[:, :, None], contrast, 0.0)
    centred = centred - centred.sum(axis=1, keepdims=True) / used.sum(axis=1)[:, None, None]
    centred = np.where(used[:, :, None], centred, 0.0)
    size = np.sqrt((centred**2).sum(axis=(1, 2)) / (used.sum(axis=1) * contrast.shape[2]))
    size = np.maximum(size, 1e-9 + np.sqrt(float(variance.mean())) * 1e-3)
    weights = np.broadcast_to(shares, (contrast.shape[0], contrast.shape[2]))
    place = (np.arange(GRID) + 0.5) / GRID
    deviation = size[:, None] * (place / (1.0 - place))
    height_at = partial(
        _log_likelihood, contrast=centred, variance=variance, stratum=stratum, used=used, shares=weights
    )
    height = height_at(deviation**2)
    weight = np.exp(height - height.max(axis=1, keepdims=True)) / (1.0 - place) ** 2
    best = height.argmax(axis=1)
    rows = np.arange(len(best))
    low = np.where(best == 0, 0.0, deviation[rows, np.maximum(best - 1, 0)])
    high = deviation[rows, np.minimum(best + 1, GRID - 1)]
    closer = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, GRID // 2 + 1)
    finer = height_at(closer**2)
    mode = closer[rows, finer.argmax(axis=1)] ** 2
    return Spread(deviation**2, weight / weight.sum(axis=1, keepdims=True), mode)


def _log_likelihood(
    spread: Floats, *, contrast: Floats, variance: Floats, stratum: Integers, used: Booleans, shares: Floats
) -> Floats:
    member = (stratum[:, None] == np.unique(stratum)[None, :]).astype(float)
    total = np.zeros(spread.shape)
    for start in range(contrast.shape[2]):
        room = spread[:, :, None] + variance[None, None, :, start]
        weight = used[:, None, :] / room
        outcome = contrast[:, None, :, start]
        mass = weight @ member
        inhabited = mass > 0
        mass = np.where(inhabited, mass, 1.0)
        squares = (weight * outcome**2).sum(axis=2) - (((weight * outcome) @ member) ** 2 / mass).sum(axis=2)
        height = -0.5 * ((np.log(room) * used[:, None, :]).sum(axis=2) + np.log(mass).sum(axis=2) + squares)
        total += shares[:, start, None] * height
    return total

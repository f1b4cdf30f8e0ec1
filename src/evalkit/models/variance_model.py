"""Spread between schools: ``a + c / classes + b / pupils``, with a from the untreated schools alone.

The form follows Ferman and Pinto (2019), Review of Economics and Statistics 101(3). How sure ``a`` is, is told by its
confidence distribution: the weighted squares ``Q(a)`` of the untreated schools' contrasts follow chi-square at the true
``a`` (Viechtbauer 2007, Statistics in Medicine 26(1)), so ``P(chi-square > Q(a))`` is the confidence in a spread of at
most ``a``, and that at 0 is confidence in no spread at all. Unlike a posterior it takes no prior: where the schools say
little of ``a``, as with small schools, a prior decides and the test hardly ever rejects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import chdtrc

from evalkit.models.arrays import Booleans, Floats, Integers
from evalkit.models.school_design import SchoolDesign

UNKNOWN_CLASS_CORRELATIONS = (0.0, 0.03, 0.06, 0.10)
GRID = 80
FREEDOM_NEEDED = 2
LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class Spread:
    """What the untreated schools say about ``a``, in R data sets at once.

    Parameters
    ----------
    grid, weight
        (R, K) Values of ``a``, 0 first, and the confidence in each, which adds up to 1.
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
    b, c = split_variance(design.person_variance, design.class_variance, correlation)
    return np.asarray(c / design.classes + b / design.pupils, dtype=float)


def split_variance(person: Floats, between: Floats, correlation: float | None) -> tuple[Floats, Floats]:
    """Return ``(b, c)``: what persons and classes add; where classes are unknown (NaN), as the correlation says."""
    unknown = np.isnan(between)
    assumed = 0.0 if correlation is None else correlation
    return np.where(unknown, person * (1.0 - assumed), person), np.where(unknown, person * assumed, between)


def class_correlations(design: SchoolDesign) -> tuple[float | None, ...]:
    """Return the class correlations under which the answer must hold: one, as found, where classes are known."""
    return UNKNOWN_CLASS_CORRELATIONS if np.isnan(design.class_variance).any() else (None,)


def fit_spread(contrast: Floats, variance: Floats, stratum: Integers, used: Booleans, shares: Floats) -> Spread:
    """Judge the spread between schools on a grid.

    Parameters
    ----------
    contrast
        (R, G, S) contrasts of R data sets.
    variance
        (G, S) or (R, G, S) sampling variances.
    stratum
        (G,) schools of one stratum share a mean.
    used
        (R, G) which schools count (the untreated).
    shares
        (S,) or (R, S) weight of each start; what the starts say is averaged, not multiplied, since they rest on the
        same schools.
    """
    centred = np.where(used[:, :, None], contrast, 0.0)
    centred = centred - centred.sum(axis=1, keepdims=True) / used.sum(axis=1)[:, None, None]
    centred = np.where(used[:, :, None], centred, 0.0)
    size = np.sqrt((centred**2).sum(axis=(1, 2)) / (used.sum(axis=1) * contrast.shape[2]))
    size = np.maximum(size, 1e-9 + np.sqrt(variance.mean(axis=(-2, -1))) * 1e-3)
    # schools without any variance of their own would weigh infinitely where the spread is 0
    variance = np.maximum(np.broadcast_to(variance, contrast.shape), (LEAST * size[:, None, None]) ** 2)
    weights = np.broadcast_to(shares, (contrast.shape[0], contrast.shape[2]))
    edge, middle = np.arange(GRID) / GRID, (np.arange(GRID) + 0.5) / GRID
    edges = size[:, None] * (edge / (1.0 - edge))
    profile = partial(_profile, contrast=centred, variance=variance, stratum=stratum, used=used, shares=weights)
    height, confidence = profile(edges**2)
    best = height.argmax(axis=1)
    rows = np.arange(len(best))
    low, high = edges[rows, np.maximum(best - 1, 0)], edges[rows, np.minimum(best + 1, GRID - 1)]
    closer = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, GRID // 2 + 1)
    finer, _ = profile(closer**2)
    mode = closer[rows, finer.argmax(axis=1)] ** 2
    none = np.zeros((len(best), 1))
    grid = np.concatenate([none, (size[:, None] * (middle / (1.0 - middle))) ** 2], axis=1)
    risen = np.maximum.accumulate(np.concatenate([none, confidence, none + 1.0], axis=1), axis=1)
    return Spread(grid, np.diff(risen, axis=1), mode)


def _profile(
    spread: Floats, *, contrast: Floats, variance: Floats, stratum: Integers, used: Booleans, shares: Floats
) -> tuple[Floats, Floats]:
    """Return, at (R, K) spreads, the restricted log-likelihood and the confidence that the spread is no larger."""
    member = (stratum[:, None] == np.unique(stratum)[None, :]).astype(float)
    counted = used.astype(float)[:, :, None]
    means = ((counted * member).sum(axis=1) > 0).sum(axis=1)
    freedom = (used.sum(axis=1) - means)[:, None].astype(float)
    height, confidence = np.zeros(spread.shape), np.zeros(spread.shape)
    for start in range(contrast.shape[2]):
        room = spread[:, :, None] + variance[:, None, :, start]
        weight = 1.0 / room
        outcome = np.where(used, contrast[:, :, start], 0.0)[:, :, None]
        mass = weight @ (counted * member)
        mass = np.where(mass > 0, mass, 1.0)
        centre = (weight @ (outcome * member)) ** 2 / mass
        squares = (weight @ outcome**2)[:, :, 0] - centre.sum(axis=2)
        logs = (np.log(room, out=room) @ counted)[:, :, 0]
        share = shares[:, start, None]
        height += share * -0.5 * (logs + np.log(mass).sum(axis=2) + squares)
        confidence += share * np.where(freedom > 0, chdtrc(np.maximum(freedom, 1.0), np.maximum(squares, 0.0)), 1.0)
    return height, confidence

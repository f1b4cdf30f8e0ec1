"""Standard errors from influence by cluster, and bands that hold everywhere at once."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from evalkit.models.arrays import Floats

Multiplier = Literal["rademacher", "mammen"]
Convention = Literal["CR1", "CR0"]

DRAWS = 999
BLOCK = 4_000_000
"""Multipliers held at a time."""


def clustered_error(influence: Floats, convention: Convention = "CR1") -> float:
    """Return the standard error of an effect with (C,) contributions by cluster.

    It says nothing where few clusters are treated: see `CLUSTERS_NEEDED`. ``"CR0"`` is the root of the sum of squares,
    as R's ``did``; ``"CR1"`` multiplies the variance by C / (C - 1). There is no (N-1)/(N-K), for no regression is
    fitted over the rows. NaN with one cluster.
    """
    clusters = len(influence)
    if clusters < 2:
        return math.nan
    factor = clusters / (clusters - 1) if convention == "CR1" else 1.0
    return math.sqrt(factor * float((influence**2).sum()))


def uniform_quantile(
    influence: Floats, *, level: float, seed: int, draws: int = DRAWS, multiplier: Multiplier = "rademacher"
) -> float:
    """Return how many standard errors a band over P points reaches to hold at all of them with a probability.

    Each draw multiplies every cluster's contributions by one random number of mean 0 and variance 1 and takes the
    largest deviation, in standard errors, over the points (Callaway and Sant'Anna 2021, algorithm 1, with clusters).

    Parameters
    ----------
    influence
        (P, C) contributions by cluster; points without any spread are left out.
    level
        Probability.
    seed
        Of the draws. Clusters are drawn in the order of their contributions, so their names and order do not matter.
    draws
        How many.
    multiplier
        ``"rademacher"`` (-1 or 1 with equal chance) or ``"mammen"`` (two points with third moment 1).

    Returns
    -------
    float
        NaN if no point has spread.
    """
    spread = np.sqrt((influence**2).sum(axis=1))
    kept = spread > 0
    if not kept.any():
        return math.nan
    scaled = influence[kept] / spread[kept, None]
    scaled = scaled[:, np.argsort(scaled.sum(axis=0), kind="stable")]
    generator = np.random.default_rng(seed)
    step = max(1, BLOCK // draws)
    drawn = np.zeros((draws, len(scaled)))
    for first in range(0, scaled.shape[1], step):
        part = scaled[:, first : first + step]
        drawn += _multipliers(generator, draws, part.shape[1], multiplier) @ part.T
    largest = np.sort(np.abs(drawn).max(axis=1))
    return float(largest[min(math.ceil(level * (draws + 1)), draws) - 1])


def _multipliers(generator: np.random.Generator, draws: int, clusters: int, multiplier: Multiplier) -> Floats:
    if multiplier == "rademacher":
        bits = generator.integers(0, 2, size=(draws, clusters), dtype=np.int8)
        return np.asarray(2.0 * bits - 1.0, dtype=float)
    root = math.sqrt(5.0)
    low = generator.random((draws, clusters)) < (root + 1.0) / (2.0 * root)
    return np.asarray(np.where(low, (1.0 - root) / 2.0, (1.0 + root) / 2.0), dtype=float)

"""Read the magnitudes the simulator draws from, and turn the absence mixture into quantiles."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from evalkit.sources.simulation.arrays import Floats

GRID = 20_001


@cache
def magnitudes() -> dict[str, Any]:
    """Return the content of ``magnitudes.toml``; callers do not change it."""
    text = (files("evalkit.sources.simulation") / "magnitudes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


STAGES = ("F-3", "4-6", "7", "8", "9", "GY", "IM")
"""Stages with a distribution of absence of their own."""


def absence_quantile(stage: int | str, ranks: Floats) -> Floats:
    """Return the total-absence propensity at each rank of a stage's mixture.

    Parameters
    ----------
    stage
        One of ``STAGES``; the year group 7, 8 or 9 will do.
    ranks
        Shape (n,), between 0 and 1; a pupil keeps one rank through the years of a stage.

    Returns
    -------
    ndarray
        Shape (n,), shares of offered time.
    """
    points, cumulated = _mixture(str(stage))
    return np.interp(ranks, cumulated, points)


def normal_ranks(scores: Floats) -> Floats:
    """Return the standard normal distribution function at each score, to six digits."""
    grid, cumulated = _normal()
    return np.interp(scores, grid, cumulated)


@cache
def _mixture(stage: str) -> tuple[Floats, Floats]:
    entry = next(item for item in magnitudes()["absence"] if item["stage"] == stage)
    points = np.linspace(0.0, 1.0, GRID)
    middle = (points[1:] + points[:-1]) / 2
    density = np.zeros(GRID - 1)
    for weight, (first, second) in zip(entry["weights"], entry["shapes"], strict=True):
        constant = math.lgamma(first + second) - math.lgamma(first) - math.lgamma(second)
        density += weight * np.exp(constant + (first - 1) * np.log(middle) + (second - 1) * np.log1p(-middle))
    cumulated = np.concatenate([[0.0], np.cumsum(density)])
    return points, cumulated / cumulated[-1]


@cache
def _normal() -> tuple[Floats, Floats]:
    grid = np.linspace(-8.0, 8.0, GRID)
    return grid, np.array([0.5 * (1.0 + math.erf(score / math.sqrt(2.0))) for score in grid])

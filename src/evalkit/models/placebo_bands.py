"""Bands around a path from placebo paths, each in standard deviations that leave its own schools out.

The observed path is divided by standard deviations judged from schools that are not in it. A placebo must be treated
alike: divided by those of all placebos its own path would look tamer than it is, and a band for 28 untreated schools
and two treated would hold the whole path in 92 studies of 100 instead of 95.
"""

from __future__ import annotations

import numpy as np

from evalkit.models.arrays import Floats, Integers

ROWS = 500


def studentise(assignments: Integers, placebos: Floats) -> tuple[Floats, Floats]:
    """Return each term's standard deviation over placebos, and the placebos' sizes in their own.

    Parameters
    ----------
    assignments
        (N, k) schools of each placebo.
    placebos
        (N, R) their paths.

    Returns
    -------
    tuple
        (R,) root mean squares over all placebos, and (N, R) sizes over the root mean squares of those placebos that
        share no school with it (over all, where none is such).
    """
    squares = placebos**2
    deviation = np.sqrt(squares.mean(axis=0))
    member = np.zeros((len(assignments), int(assignments.max()) + 1), dtype=np.float32)
    np.put_along_axis(member, assignments, 1.0, axis=1)
    sizes = np.empty_like(placebos)
    for first in range(0, len(placebos), ROWS):
        rows = slice(first, first + ROWS)
        apart = (member[rows] @ member.T == 0).astype(float)
        count = apart.sum(axis=1, keepdims=True)
        own = np.where(count > 0, np.sqrt(apart @ squares / np.maximum(count, 1.0)), deviation)
        sizes[rows] = np.abs(placebos[rows]) / np.maximum(own, np.finfo(float).tiny)
    return deviation, sizes


def upper_quantile(values: Floats, level: float) -> Floats:
    """Return, per column, what at most ``1 - level`` of all exceed, an observed value counted among them.

    Parameters
    ----------
    values
        (N,) or (N, R).
    """
    rank = int(np.ceil(level * (len(values) + 1)))
    return np.asarray(np.sort(values, axis=0)[min(rank, len(values)) - 1], dtype=float)


def p_value(observed: float, others: Floats) -> float:
    """Return the share at least as large as the observed, itself counted."""
    return float((1 + (others >= observed * (1.0 - 1e-9)).sum()) / (1 + len(others)))

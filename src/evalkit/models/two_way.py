"""Within-person regressions with person and term effects, on arrays, without dummies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.errors import DesignError
from evalkit.models.arrays import Floats, Integers
from evalkit.models.cluster_covariance import inverse_root

COLLINEAR = 1e-10


@dataclass(frozen=True, eq=False)
class TwoWay:
    """A fitted two-way within regression.

    Parameters
    ----------
    coefficients
        (p,) of the regressors.
    cross
        (G, p + T - 1, p + T - 1) cross products of each cluster, units swept out: regressors first, then terms but the
        first. One matrix, their sum, where only that was asked for.
    scores
        (G, p + T - 1) cross products with the residuals.
    rows, units, parameters
        N; units; K without the units, which are nested in clusters.
    """

    coefficients: Floats
    cross: Floats
    scores: Floats
    rows: int
    units: int
    parameters: int


def fit_two_way(
    outcome: Floats, regressors: Floats, unit: Integers, time: Integers, cluster: Integers, *, by_cluster: bool = True
) -> TwoWay:
    """Regress an outcome on regressors with unit and time effects.

    Parameters
    ----------
    outcome
        (N,)
    regressors
        (N, p)
    unit, time, cluster
        (N,) codes from 0 without gaps; each unit lies in one cluster.
    by_cluster
        Keep the cross products of each cluster, which CR2 needs.

    Raises
    ------
    DesignError
        If a regressor does not vary within units beyond what time explains.
    """
    counts = np.bincount(unit).astype(float)
    y = _sweep(outcome, unit, counts)
    x = np.column_stack([_sweep(column, unit, counts) for column in regressors.T])
    width, groups = x.shape[1], int(cluster.max()) + 1
    terms = int(time.max()) + 1
    cell = cluster * terms + time
    mixed = np.stack([_by_cell(cell, column, groups, terms) for column in x.T], axis=1)
    squares = _squares_by_cluster(x, cluster, groups)
    weight, home = np.zeros((len(counts), terms)), np.zeros(len(counts), dtype=np.int64)
    weight[unit, time] = 1.0 / np.sqrt(counts[unit])
    if by_cluster:
        home[unit] = cluster
    else:
        mixed, squares = mixed.sum(axis=0, keepdims=True), squares.sum(axis=0, keepdims=True)
    presence = _presence_by_cluster(weight, home, groups if by_cluster else 1)
    cross = np.concatenate(
        [
            np.concatenate([squares, mixed], axis=2),
            np.concatenate([mixed.transpose(0, 2, 1), presence], axis=2),
        ],
        axis=1,
    )
    target = np.concatenate([x.T @ y, np.bincount(time, y, minlength=terms)[1:]])
    total = cross.sum(axis=0)
    _refuse_collinear(total, width)
    root = inverse_root(total)
    solution = root @ (root.T @ target)
    shift = np.concatenate([[0.0], solution[width:]])[time]
    residual = y - x @ solution[:width] - _sweep(shift, unit, counts)
    by_regressor = np.column_stack([np.bincount(cluster, column * residual, minlength=groups) for column in x.T])
    scores = np.concatenate([by_regressor, _by_cell(cell, residual, groups, terms)], axis=1)
    return TwoWay(solution[:width], cross, scores, len(outcome), len(counts), width + terms)


def _sweep(values: Floats, unit: Integers, counts: Floats) -> Floats:
    return np.asarray(values - (np.bincount(unit, values) / counts)[unit], dtype=float)


def _by_cell(cell: Integers, values: Floats, groups: int, terms: int) -> Floats:
    """Sum values by cluster and term, the first term left out: (G, T - 1)."""
    sums = np.bincount(cell, values, minlength=groups * terms).reshape(groups, terms)
    return np.asarray(sums[:, 1:], dtype=float)


def _squares_by_cluster(x: Floats, cluster: Integers, groups: int) -> Floats:
    width = x.shape[1]
    squares = np.empty((groups, width, width))
    for i in range(width):
        for j in range(i, width):
            squares[:, i, j] = squares[:, j, i] = np.bincount(cluster, x[:, i] * x[:, j], minlength=groups)
    return squares


def _presence_by_cluster(weight: Floats, home: Integers, groups: int) -> Floats:
    """Return each cluster's cross products of the term dummies, units swept out: (G, T - 1, T - 1).

    ``weight`` (U, T) is 1 over the root of a unit's rows where it is seen, 0 elsewhere; ``home`` (U,) its cluster.
    """
    order = np.argsort(home, kind="stable")
    edges = np.searchsorted(home[order], np.arange(groups + 1))
    presence = np.empty((groups, weight.shape[1], weight.shape[1]))
    for group in range(groups):
        mine = weight[order[edges[group] : edges[group + 1]]]
        presence[group] = np.diag((mine > 0).sum(axis=0)) - mine.T @ mine
    return presence[:, 1:, 1:]


def _refuse_collinear(total: Floats, width: int) -> None:
    """Refuse regressors that the term effects explain."""
    times = total[width:, width:]
    explained = total[:width, width:] @ np.linalg.pinv(times, rcond=COLLINEAR, hermitian=True) @ total[width:, :width]
    left = np.diag(total[:width, :width] - explained)
    if (left <= COLLINEAR * np.maximum(np.diag(total)[:width], 1e-300)).any():
        raise DesignError(
            "what is studied does not vary within persons over time, so no within-person answer exists",
            remedy="choose a measure that changes from term to term, or a longer stretch of terms",
        )

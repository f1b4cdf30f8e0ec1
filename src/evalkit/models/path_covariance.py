"""How far, and how much together, the terms of a path move by chance.

The covariance over terms is the mean square of null paths (what untreated schools show), drawn towards a structure of
three numbers: schools' shocks that die out as ``rho`` to the power of the terms between, plus noise of each term alone
(sampling of pupils). The structure keeps every matrix invertible, whatever the number of schools; how far to go towards
it follows Ledoit and Wolf (2004), Journal of Multivariate Analysis 88(2), with the sampling variance of a covariance of
normal paths (Schäfer and Strimmer 2005, Statistical Applications in Genetics and Molecular Biology 4(1)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from evalkit.models.arrays import Floats, Integers

PERSISTENCE = np.linspace(0.0, 0.98, 50)
FLOOR = 1e-6


@dataclass(frozen=True, eq=False)
class PathCovariance:
    """What chance does to R terms of a path, measured from one reference term.

    Parameters
    ----------
    value
        (R, R) covariance.
    shrinkage
        Share of the structure in it, 0 to 1.
    persistence
        The structure's ``rho``.
    freedom
        Degrees of freedom the mean square rests on.
    """

    value: Floats
    shrinkage: float
    persistence: float
    freedom: int


def path_covariance(paths: Floats, steps: Integers, reference: int, freedom: int) -> PathCovariance:
    """Judge the covariance over terms from null paths.

    Parameters
    ----------
    paths
        (N, R) paths around 0, each measured from the reference term.
    steps
        (R,) terms relative to the start, the reference not among them.
    reference
        The reference term.
    freedom
        How many independent paths these amount to: untreated schools minus the stratum means they leave free.
    """
    raw = paths.T @ paths / len(paths)
    target, persistence = _structure(paths, steps, reference)
    size = np.diag(raw)
    noise = (raw**2 + size[:, None] * size[None, :]) / max(freedom, 1)
    distance = float(((raw - target) ** 2).sum())
    shrinkage = 1.0 if distance <= 0 else min(1.0, float(noise.sum()) / distance)
    value = (1.0 - shrinkage) * raw + shrinkage * target
    return PathCovariance(value, shrinkage, persistence, freedom)


def _structure(paths: Floats, steps: Integers, reference: int) -> tuple[Floats, float]:
    """Fit ``E (y_t - y_u)^2 = 2 (b + a (1 - rho^|t - u|))`` to all pairs of terms, a and b not below 0."""
    terms = np.append(steps, reference)
    whole = np.column_stack([paths, np.zeros(len(paths))])
    first, second = np.triu_indices(len(terms), 1)
    squares = ((whole[:, first] - whole[:, second]) ** 2).mean(axis=0) / 2.0
    gaps = np.abs(terms[first] - terms[second])
    fits = [nnls(np.column_stack([1.0 - rho**gaps, np.ones(len(gaps))]), squares) for rho in PERSISTENCE]
    best = int(np.argmin([miss for _, miss in fits]))
    rho, (shared, alone) = float(PERSISTENCE[best]), fits[best][0]
    alone = max(alone, FLOOR * float(squares.mean()))
    levels = shared * rho ** np.abs(terms[:, None] - terms[None, :]) + alone * np.eye(len(terms))
    away = np.hstack([np.eye(len(steps)), -np.ones((len(steps), 1))])
    return away @ levels @ away.T, rho

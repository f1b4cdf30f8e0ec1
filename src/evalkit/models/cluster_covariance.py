"""Standard errors with few clusters, from k x k sums a cluster: CR2 with Satterthwaite degrees of freedom, CR3, CR1.

CR2: Bell and McCaffrey (2002), Survey Methodology 28(2); Pustejovsky and Tipton (2018), Journal of Business & Economic
Statistics 36(4), whose theorem lets fixed effects nested in clusters be swept out first. CR3: MacKinnon, Nielsen and
Webb (2023), Journal of Applied Econometrics 38(5). Nothing of a cluster's size squared is ever made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from evalkit.models.arrays import Floats

RANK = 1e-10
TOLD = 1e-6


@dataclass(frozen=True)
class Uncertainty:
    """Standard error of one combination of coefficients, and its degrees of freedom; NaN where it cannot be had."""

    standard_error: float
    freedom: float

    @property
    def known(self) -> bool:
        """Whether an interval can be built on it."""
        usable = math.isfinite(self.standard_error) and self.standard_error > 0 and math.isfinite(self.freedom)
        return usable and self.freedom > 0

    def reach(self, level: float) -> float:
        """Half the width of the interval; infinite where unknown."""
        return float(stdtrit(self.freedom, (1 + level) / 2)) * self.standard_error if self.known else math.inf

    def p(self, value: float) -> float | None:
        """Two-sided p of a value against 0."""
        return float(2 * stdtr(self.freedom, -abs(value) / self.standard_error)) if self.known else None

    def detectable(self, level: float, power: float = 0.8) -> float | None:
        """Return the effect that the test finds with this power."""
        if not self.known:
            return None
        return float(stdtrit(self.freedom, (1 + level) / 2) + stdtrit(self.freedom, power)) * self.standard_error


def bias_reduced(cross: Floats, scores: Floats, combination: Floats) -> Uncertainty:
    """Return the CR2 standard error of ``combination @ coefficients`` with Satterthwaite degrees of freedom.

    Parameters
    ----------
    cross
        (G, k, k) ``X_g' X_g`` of each cluster, fixed effects nested in clusters swept out.
    scores
        (G, k) ``X_g' e_g`` with the residuals.
    combination
        (k,)

    Notes
    -----
    With ``M = (sum X_g' X_g)^-1 = L L'``, the adjusted cluster vector ``(I - X_g M X_g')^(-1/2) X_g M c`` equals
    ``X_g L (I - L' S_g L)^(-1/2) L' c``, so k x k roots suffice. Working model: equal, independent errors.
    """
    if len(cross) < 2:
        return Uncertainty(math.nan, math.nan)
    root = inverse_root(cross.sum(axis=0))
    inverse = root @ root.T
    values, vectors = np.linalg.eigh(np.eye(root.shape[1]) - root.T @ cross @ root)
    factor = np.where(values > RANK, 1.0 / np.sqrt(np.maximum(values, RANK)), 0.0)
    turned = np.einsum("gji,j->gi", vectors, root.T @ combination)
    adjusted = np.einsum("gij,gj->gi", vectors, factor * turned) @ root.T
    variance = float((np.einsum("gk,gk->g", adjusted, scores) ** 2).sum())
    pushed = np.einsum("gij,gj->gi", cross, adjusted)
    own = np.einsum("gk,gk->g", adjusted, pushed)
    overlap = np.einsum("gi,ij,gj->g", pushed, inverse, pushed)
    together = inverse @ (pushed.T @ pushed)
    trace = float((own - overlap).sum())
    squares = float((own**2 - 2.0 * own * overlap).sum() + np.trace(together @ together))
    freedom = trace**2 / squares if squares > 0 and trace > 0 else math.nan
    return Uncertainty(math.sqrt(variance), freedom)


def jackknife(cross: Floats, scores: Floats, combination: Floats) -> Uncertainty:
    """Return the CR3 standard error, ``(G-1)/G`` times the squared changes when a cluster is left out.

    Parameters
    ----------
    cross, scores, combination
        As for `bias_reduced`.

    Returns
    -------
    Uncertainty
        G - 1 degrees of freedom; unknown where some cluster is the only one that tells of the combination.

    Notes
    -----
    Leaving cluster g out changes the coefficients by ``-(sum S - S_g)^-1 X_g' e_g``, so no regression is run again.
    """
    clusters = len(cross)
    if clusters < 2:
        return Uncertainty(math.nan, math.nan)
    total = cross.sum(axis=0)
    changes = np.empty(clusters)
    for group, (mine, score) in enumerate(zip(cross, scores, strict=True)):
        rest = total - mine
        root = inverse_root(rest)
        reach = root @ (root.T @ combination)
        if np.abs(rest @ reach - combination).max() > TOLD * np.abs(combination).max():
            return Uncertainty(math.nan, math.nan)
        changes[group] = reach @ score
    return Uncertainty(math.sqrt((clusters - 1) / clusters * float((changes**2).sum())), float(clusters - 1))


def plain_clustered(cross: Floats, scores: Floats, combination: Floats, rows: int, parameters: int) -> Uncertainty:
    """Return the CR1 standard error: ``G/(G-1) * (N-1)/(N-K)``, with G - 1 degrees of freedom.

    Parameters
    ----------
    cross
        (k, k) ``X' X``.
    scores, combination
        As for `bias_reduced`.
    rows, parameters
        N, and K without the fixed effects nested in clusters.
    """
    clusters = len(scores)
    if clusters < 2:
        return Uncertainty(math.nan, math.nan)
    root = inverse_root(cross)
    pushed = scores @ (root @ (root.T @ combination))
    factor = clusters / (clusters - 1) * (rows - 1) / (rows - parameters)
    return Uncertainty(math.sqrt(factor * float((pushed**2).sum())), float(clusters - 1))


def inverse_root(cross: Floats) -> Floats:
    """Return L with ``L L'`` a (generalised) inverse of a symmetric matrix, whatever the units of its columns."""
    diagonal = np.diag(cross)
    unit = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    values, vectors = np.linalg.eigh(cross * np.outer(unit, unit))
    kept = values > RANK * values.max()
    return np.asarray(unit[:, None] * vectors[:, kept] / np.sqrt(values[kept]), dtype=float)

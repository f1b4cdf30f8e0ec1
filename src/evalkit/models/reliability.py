"""How well the items of a scale hang together: Cronbach's alpha and McDonald's omega."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import fdtri

from evalkit.errors import InputError
from evalkit.models.arrays import Floats
from evalkit.values import Diagnostic, Diagnostics, Estimate, ItemMoments, Segment

Coefficient = Literal["alpha", "omega"]
FEWEST_PERSONS = 3
FEWEST_ITEMS = {"alpha": 2, "omega": 3}
LEAST_UNIQUENESS = 1e-6
LEAST_LOADING = 1e-3
METHODS = {
    "alpha": "Cronbach's alpha (1951) from the covariances of the items",
    "omega": "McDonald's omega (1999), one factor by maximum likelihood (statsmodels), variance as implied by it",
}
CONVENTIONS = {"alpha": "interval by Feldt (1965), F distribution, for parallel items", "omega": "no interval"}
DELETION = {
    "listwise": "persons who answered every item",
    "pairwise": "each covariance from all who answered both items; n is that of the smallest pair",
}


@dataclass(frozen=True, eq=False)
class OneFactor:
    """One factor behind the items.

    Parameters
    ----------
    loadings
        Shape (k,), on the items' own scale, with a positive sum.
    uniquenesses
        Shape (k,), variance of each item that the factor leaves.
    """

    loadings: Floats
    uniquenesses: Floats


def reliability(moments: ItemMoments, *, coefficient: Coefficient = "alpha", level: float = 0.95) -> Estimate:
    """Estimate the reliability of a scale's sum or mean from the moments of its items.

    Parameters
    ----------
    moments
        Item means and covariances of one wave, reversed items turned round.
    coefficient
        ``"alpha"``, right where all items measure the same thing equally well, else too low; ``"omega"``, which lets
        items load differently on the one factor.
    level
        Confidence level of alpha's interval; omega has none.

    Returns
    -------
    Estimate
        ``cronbach_alpha`` or ``mcdonald_omega``, design ``"level"``, no unit. A negative alpha stands as it is, with
        the detail ``reason`` ``"negative"``: an item is reversed that should not be, or the items have nothing in
        common. The value is None where it is not defined, with the reason ``"too_few_persons"``, ``"too_few_items"``,
        ``"no_variance"``, ``"not_positive_definite"`` (pairwise covariances that do not fit together) or
        ``"no_one_factor"``. The diagnostic ``items_against`` counts items that load against the others.

    Raises
    ------
    InputError
        If there is no such coefficient.
    """
    if coefficient not in METHODS:
        raise InputError(f"there is no reliability {coefficient!r}", remedy="use one of alpha, omega")
    value, reason, found = _coefficient(moments, coefficient)
    interval: tuple[Segment, ...] = ()
    if coefficient == "alpha" and value is not None:
        interval = (feldt_interval(value, moments.n, len(moments.items), level),)
    return Estimate(
        name="cronbach_alpha" if coefficient == "alpha" else "mcdonald_omega",
        estimand=f"share of the variance of {moments.dimension or 'the whole'} scale that its items have in common",
        design="level",
        value=value,
        unit="",
        interval=interval,
        level=level,
        n=moments.n,
        method=METHODS[coefficient],
        convention=f"{CONVENTIONS[coefficient]}; {DELETION[moments.missing]}",
        diagnostics=_diagnostics(moments, found),
        details=(
            ("wave", moments.wave),
            ("dimension", moments.dimension),
            *((("reason", reason),) if reason else ()),
        ),
        persons_minimum=moments.n,
        origin=moments.origin,
    )


def cronbach_alpha(covariance: Floats) -> float | None:
    """Return alpha, k / (k - 1) * (1 - sum of variances / variance of the sum).

    Parameters
    ----------
    covariance
        Shape (k, k), k at least 2.

    Returns
    -------
    float or None
        At most 1, possibly negative; None where the sum does not vary.
    """
    items, whole = len(covariance), float(covariance.sum())
    if not whole > 1e-12 * float(np.trace(covariance)):
        return None
    return items / (items - 1) * (1.0 - float(np.trace(covariance)) / whole)


def feldt_interval(alpha: float, persons: int, items: int, level: float) -> Segment:
    """Return Feldt's interval: (1 - parameter) / (1 - alpha) follows F with n - 1 and (n - 1)(k - 1) degrees.

    Source: Feldt, Woodruff and Salih (1987), Applied Psychological Measurement 11, 93-103, formulas 6 and 7.
    """
    degrees = persons - 1, (persons - 1) * (items - 1)
    tail = (1.0 - level) / 2.0
    low, high = (1.0 - (1.0 - alpha) * float(fdtri(*degrees, point)) for point in (1.0 - tail, tail))
    return Segment(low, high)


def one_factor(covariance: Floats) -> OneFactor | None:
    """Fit one factor by maximum likelihood.

    Parameters
    ----------
    covariance
        Shape (k, k), positive definite, k at least 3.

    Returns
    -------
    OneFactor or None
        None where the search does not settle, leaves an item no variance of its own, or finds fewer than three items
        that load, for then the factor is not determined.
    """
    from statsmodels.multivariate.factor import Factor  # slow to load, and most notebooks have no use for it

    spread = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(spread, spread)
    model = Factor(corr=correlation, n_factor=1, method="ml")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(start=_start(correlation), maxiter=500)
    standard = model.loadings[:, 0]
    proper = bool((model.uniqueness > LEAST_UNIQUENESS).all()) and int((np.abs(standard) > LEAST_LOADING).sum()) >= 3
    if not model.mle_retvals.success or not proper:
        return None
    loadings = standard * spread
    return OneFactor(loadings * (1.0 if loadings.sum() >= 0 else -1.0), model.uniqueness * spread**2)


def mcdonald_omega(factor: OneFactor) -> float:
    """Return omega: the factor's variance of the items' sum over all variance of the sum."""
    common = float(factor.loadings.sum() ** 2)
    return common / (common + float(factor.uniquenesses.sum()))


def _start(correlation: Floats) -> tuple[Floats, Floats]:
    """Return loadings (k, 1) and uniquenesses (k,) by the first principal component: no chance in the search."""
    values, vectors = np.linalg.eigh(correlation)
    loadings = np.clip(vectors[:, -1:] * np.sqrt(max(values[-1] - 1.0, 0.1)), -0.95, 0.95)
    return loadings, 1.0 - loadings[:, 0] ** 2


def _coefficient(moments: ItemMoments, coefficient: Coefficient) -> tuple[float | None, str, OneFactor | None]:
    """Return the value, the reason where it is undefined or negative, and the factor."""
    covariance = moments.covariance
    if len(moments.items) < FEWEST_ITEMS[coefficient]:
        return None, "too_few_items", None
    if moments.n < FEWEST_PERSONS or not np.isfinite(covariance).all():
        return None, "too_few_persons", None
    if coefficient == "alpha":
        alpha = cronbach_alpha(covariance)
        return alpha, "no_variance" if alpha is None else "negative" if alpha < 0 else "", None
    if not (np.diag(covariance) > 0).all():
        return None, "no_variance", None
    spread = np.sqrt(np.diag(covariance))
    if np.linalg.eigvalsh(covariance / np.outer(spread, spread))[0] <= 1e-9:
        return None, "not_positive_definite", None
    factor = one_factor(covariance)
    return (None, "no_one_factor", None) if factor is None else (mcdonald_omega(factor), "", factor)


def _diagnostics(moments: ItemMoments, factor: OneFactor | None) -> Diagnostics:
    against = None if factor is None else int((factor.loadings < 0).sum())
    return Diagnostics(
        (
            Diagnostic("items", len(moments.items)),
            Diagnostic("items_against", against, "", moments.n),
            Diagnostic("coverage", moments.n / moments.persons, "share", moments.persons),
        )
    )

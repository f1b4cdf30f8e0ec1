"""The effect in one comparison of two times and two groups with covariates, and each unit's influence on it.

Sant'Anna and Zhao (2020), Journal of Econometrics 219(1). The estimators are those that R's ``did`` takes from
``DRDID``: ``reg_did_panel``, ``std_ipw_did_panel`` (weights normalised, after Hajek) and, for its default ``dr``,
``drdid_panel``: the traditional doubly robust one (propensity by maximum likelihood, outcome by least squares), not the
improved one.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.special import expit

from evalkit.errors import DesignError
from evalkit.models.arrays import Floats

Estimator = Literal["doubly_robust", "outcome_regression", "inverse_weighting"]

TRIM = 0.995
"""Compared units this likely to be treated get no weight: DRDID's ``trim.level``."""
OVERLAP = 0.999
"""A propensity this high means that nobody comparable exists: the limit of R's ``did``."""
COLLINEAR = 1e-10
STEPS = 60


def two_by_two(
    change: Floats, treated: Floats, weight: Floats, covariates: Floats, estimator: Estimator
) -> tuple[float, Floats]:
    """Estimate the effect on the treated.

    Parameters
    ----------
    change
        (n,) Outcome at the later time minus at the base.
    treated, weight
        (n,) 1 or 0; 0 or more.
    covariates
        (n, K) at the earlier time.

    Returns
    -------
    tuple
        The effect, and (n,) its linearisation: contributions that sum to 0 and whose squares sum to the variance.

    Raises
    ------
    DesignError
        If covariates are collinear or the treated have nobody comparable.
    """
    x = _standardised(covariates, weight)
    own, other = weight * treated, weight * (1.0 - treated)
    moment = x.T @ own / own.sum()
    remainder = change
    if estimator != "inverse_weighting":
        gram = (x * other[:, None]).T @ x
        _refuse_collinear(gram)
        remainder = change - x @ np.linalg.solve(gram, x.T @ (other * change))
    value = float(own @ remainder / own.sum())
    influence = own * (remainder - value) / own.sum()
    if estimator != "outcome_regression":
        likely = propensity(x, treated, weight)
        odds = np.where(likely < TRIM, other * likely / (1.0 - likely), 0.0)
        mean, total = float(odds @ remainder / odds.sum()), odds.sum()
        value -= mean
        influence -= odds * (remainder - mean) / total
        pull = x.T @ (odds * (remainder - mean)) / total
        information = (x * (weight * likely * (1.0 - likely))[:, None]).T @ x
        influence -= weight * (treated - likely) * (x @ np.linalg.solve(information, pull))
        moment = moment - x.T @ odds / total
    if estimator != "inverse_weighting":
        influence -= other * remainder * (x @ np.linalg.solve(gram, moment))
    return value, influence


def propensity(x: Floats, treated: Floats, weight: Floats) -> Floats:
    """Return (n,) the probability of being treated by weighted logistic regression on (n, K) ``x``.

    Raises
    ------
    DesignError
        If covariates are collinear, or tell treated and compared apart.
    """
    scaled = weight / weight.mean()
    coefficients = np.zeros(x.shape[1])
    for _ in range(STEPS):
        likely = expit(x @ coefficients)
        information = (x * (scaled * likely * (1.0 - likely))[:, None]).T @ x
        if likely[scaled > 0].max() >= OVERLAP and np.abs(coefficients).max() > 1.0:
            break
        _refuse_collinear(information)
        step = np.linalg.solve(information, x.T @ (scaled * (treated - likely)))
        coefficients = coefficients + step
        if np.abs(step).max() <= 1e-11 * (1.0 + np.abs(coefficients).max()):
            break
    likely = expit(x @ coefficients)
    if likely[scaled > 0].max() >= OVERLAP:
        raise DesignError(
            "the covariates tell apart those who start and those they are compared with, so nobody is comparable",
            remedy="leave out the covariate that only the treated have, or coarsen it",
        )
    return np.asarray(likely, dtype=float)


def _standardised(covariates: Floats, weight: Floats) -> Floats:
    """Return a constant and the covariates on a common scale, which changes no estimate."""
    mean = np.average(covariates, axis=0, weights=weight)
    deviation = np.sqrt(np.average((covariates - mean) ** 2, axis=0, weights=weight))
    if (deviation <= COLLINEAR * np.maximum(np.abs(mean), 1e-300)).any():
        raise DesignError(
            "a covariate is the same for everyone who is compared", remedy="leave it out, or choose more units"
        )
    return np.column_stack([np.ones(len(covariates)), (covariates - mean) / deviation])


def _refuse_collinear(gram: Floats) -> None:
    values = np.linalg.eigvalsh(gram)
    if not values[0] > COLLINEAR * values[-1]:
        raise DesignError(
            "the covariates cannot be told apart among those who are compared",
            remedy="leave out covariates that follow from the others",
        )

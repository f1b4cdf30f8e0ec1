"""What others would use where few schools are treated: for the placebo table and validation, never as a result.

Each takes the design's own contrasts and gives an interval around the same effect. Cluster-robust methods are those of
a regression of contrasts on treatment, weighted by pupils and clustered by school, which equals the regression on
pupils. Conley and Taber (2011), Review of Economics and Statistics 93(1); Ferman and Pinto (2019), Review of Economics
and Statistics 101(3).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from evalkit.models.arrays import Floats, Integers
from evalkit.models.assignments import comparison_weights
from evalkit.models.cluster_covariance import Uncertainty, bias_reduced, jackknife, plain_clustered
from evalkit.models.school_design import SchoolDesign
from evalkit.models.wild_bootstrap import wild_bootstrap
from evalkit.values import Segment

COMPETITORS = (
    "conley_taber",
    "ferman_pinto",
    "cluster_robust",
    "bias_reduced",
    "jackknife",
    "wild_bootstrap",
)
MOST_COMBINATIONS = 10_000
WILD_DRAWS = 399
FLAT = 1e-12

Interval = tuple[Segment, ...]


def competing_intervals(design: SchoolDesign, level: float, draws: int = WILD_DRAWS) -> dict[str, Interval | None]:
    """Return every competitor's interval; None where it cannot be had, such as the jackknife's with one treated.

    Parameters
    ----------
    design
        The design, with its contrasts.
    level
        Confidence level.
    draws
        Weightings of the wild bootstrap.
    """
    own = comparison_weights(design, design.treated[None, :])[0]
    effect = float((own * design.contrast).sum())
    made: dict[str, Interval | None] = {
        "conley_taber": conley_taber(design, effect, level),
        "ferman_pinto": ferman_pinto(design, effect, level),
    }
    sums = stack_contrasts(design)
    first = np.eye(sums.cross.shape[1])[0]
    pupils = int(sums.pupils)
    found = {
        "cluster_robust": plain_clustered(sums.cross.sum(axis=0), sums.scores, first, pupils, len(first)),
        "bias_reduced": bias_reduced(sums.cross, sums.scores, first),
        "jackknife": jackknife(sums.cross, sums.scores, first),
    }
    made |= {name: _around(effect, uncertainty, level) for name, uncertainty in found.items()}
    wild = wild_bootstrap(sums.cross, sums.scores, first, effect, seed=design.seed, level=level, draws=draws)
    return {**made, "wild_bootstrap": None if wild is None else wild.interval}


@dataclass(frozen=True, eq=False)
class Stacked:
    """Sums of the regression: (G, P, P) ``X_g' X_g``, (G, P) ``X_g' e_g``, treatment first, and the pupils behind."""

    cross: Floats
    scores: Floats
    pupils: float


def stack_contrasts(design: SchoolDesign) -> Stacked:
    """Stack treated schools at their start with the untreated of their stratum at the same start.

    Each stratum and start has its own intercept. Untreated schools are weighted by pupils, times what gives every
    stratum and start the weight of its treated pupils, so that the coefficient is the effect of `few_treated_effect`;
    with one start and one stratum that factor is 1.
    """
    calm = design.untreated
    cells = sorted({(int(design.stratum[g]), int(s)) for g, s in zip(design.treated, design.slots, strict=True)})
    rows: list[tuple[int, int, int, float]] = []
    for number, (stratum, slot) in enumerate(cells):
        others = np.flatnonzero(calm & (design.stratum == stratum))
        mine = design.treated[(design.slots == slot) & (design.stratum[design.treated] == stratum)]
        rows += [(int(g), slot, number, 1.0) for g in mine] + [(int(g), slot, number, 0.0) for g in others]
    at, when, place = np.array(rows, dtype=float)[:, :3].astype(np.int64).T
    treated = np.array([row[3] for row in rows])
    size = design.pupils[at, when]
    mass = np.bincount(place, size * treated), np.bincount(place, size * (1.0 - treated))
    factor = mass[1].sum() / mass[0].sum() * mass[0] / mass[1]
    weight = size * np.where(treated > 0, 1.0, factor[place])
    terms = np.column_stack([treated, place[:, None] == np.arange(len(cells))[None, :]]).astype(float)
    outcome = design.contrast[at, when]
    pushed = terms * weight[:, None]
    fitted = np.linalg.lstsq(terms * np.sqrt(weight)[:, None], outcome * np.sqrt(weight), rcond=None)[0]
    left = outcome - terms @ fitted
    clusters = np.unique(at, return_inverse=True)[1]
    cross = np.zeros((clusters.max() + 1, terms.shape[1], terms.shape[1]))
    np.add.at(cross, clusters, pushed[:, :, None] * terms[:, None, :])
    scores = np.zeros(cross.shape[:2])
    np.add.at(scores, clusters, pushed * left[:, None])
    return Stacked(cross, scores, float(size.sum()))


def conley_taber(design: SchoolDesign, effect: float, level: float) -> Interval:
    """Take the untreated schools' deviations from their mean as the chance part of the treated, all alike."""
    deviation = _deviations(design)
    chance = _combine(design, deviation, np.ones_like(deviation))
    return _beyond(effect, chance, level)


def ferman_pinto(design: SchoolDesign, effect: float, level: float) -> Interval:
    """Do as `conley_taber`, with deviations scaled to each treated school's size by ``a + b / pupils``.

    The model is fitted to the untreated schools' squared deviations by least squares; neither part may be negative.
    """
    deviation = _deviations(design)
    calm = design.untreated
    a, b = fit_crude(deviation[calm].ravel() ** 2, 1.0 / design.pupils[calm].ravel())
    scale = np.sqrt(np.maximum(a + b / design.pupils, np.finfo(float).tiny))
    return _beyond(effect, _combine(design, deviation / scale, scale), level)


def fit_crude(squared: Floats, inverse: Floats) -> tuple[float, float]:
    """Return ``(a, b)``, neither negative, that fit ``a + b * inverse`` to squared deviations by least squares."""
    centred = inverse - inverse.mean()
    steep = float((centred**2).sum())
    # schools of one size say nothing of b
    b = float(centred @ squared) / steep if steep > FLAT * float(inverse @ inverse) else 0.0
    a = float(squared.mean() - b * inverse.mean())
    if b < 0:
        return float(squared.mean()), 0.0
    if a < 0:
        return 0.0, float(inverse @ squared / (inverse @ inverse))
    return a, b


def _deviations(design: SchoolDesign) -> Floats:
    """Return (G, S) contrasts minus the pupil-weighted mean of the stratum's untreated schools."""
    calm = design.untreated
    found = np.zeros_like(design.contrast)
    for stratum in np.unique(design.stratum):
        alike = calm & (design.stratum == stratum)
        if alike.any():
            mean = np.average(design.contrast[alike], axis=0, weights=design.pupils[alike])
            found[alike] = design.contrast[alike] - mean
    return found


def _combine(design: SchoolDesign, deviation: Floats, scale: Floats) -> Floats:
    """Return the chance part for every way to draw, with replacement, an untreated school for each treated one."""
    calm, k = np.flatnonzero(design.untreated), len(design.treated)
    own = design.pupils[design.treated, design.slots]
    own = own / own.sum() * scale[design.treated, design.slots]
    drawn = _draws(len(calm), k, design.seed)
    parts = deviation[calm[drawn], design.slots[None, :]]
    return np.asarray(parts @ own, dtype=float)


def _draws(schools: int, places: int, seed: int) -> Integers:
    if schools**places <= MOST_COMBINATIONS:
        return np.array(list(itertools.product(range(schools), repeat=places)), dtype=np.int64)
    return np.random.default_rng(seed).integers(schools, size=(MOST_COMBINATIONS, places))


def _beyond(effect: float, chance: Floats, level: float) -> Interval:
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(chance, [tail, 1.0 - tail], method="inverted_cdf")
    return (Segment(effect - float(high), effect - float(low)),)


def _around(effect: float, uncertainty: Uncertainty, level: float) -> Interval | None:
    reach = uncertainty.reach(level)
    return None if math.isinf(reach) else (Segment(effect - reach, effect + reach),)

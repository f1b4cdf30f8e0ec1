"""Power of the headline test, by simulation on the untreated schools' contrasts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evalkit.errors import DesignError
from evalkit.models.arrays import Booleans, Floats, Integers
from evalkit.models.assignments import (
    comparison_weights,
    count_assignments,
    keep_admissible,
    list_assignments,
    variance_parts,
)
from evalkit.models.permutation import SLACK, fine_enough
from evalkit.models.school_analysis import model_reach
from evalkit.models.school_design import SchoolDesign
from evalkit.models.variance_model import FREEDOM_NEEDED, Spread, class_correlations, fit_spread, sampling_variance

WANTED = 0.8
REPLICATIONS = 1_000
ASSIGNMENTS = 999
STEPS = 60
FARTHEST = 8.0


@dataclass(frozen=True, eq=False)
class Power:
    """How often each size of effect is found, and the smallest found in 8 of 10 (None if none is)."""

    effect: Floats
    power: Floats
    smallest: float | None
    replications: int
    treated: int
    rule: str


@dataclass(frozen=True, eq=False)
class Trials:
    """R simulated studies without any effect.

    Parameters
    ----------
    design
        Holds the slots of the imagined treated schools.
    treated
        (R, k) the schools treated in each.
    contrast
        (R, G, S) all schools' contrasts.
    weights
        (R, G, S) how each study's effect weighs them.
    spread
        What each study's untreated schools say about the spread.
    variance
        (G, S) sampling variances.
    """

    design: SchoolDesign
    treated: Integers
    contrast: Floats
    weights: Floats
    spread: Spread
    variance: Floats

    @property
    def effect(self) -> Floats:
        """(R,) The difference found in each study."""
        return np.asarray(np.einsum("rgs,rgs->r", self.weights, self.contrast), dtype=float)

    @property
    def deviation(self) -> Floats:
        """(R,) Its standard deviation at the likeliest spread."""
        slope, base = variance_parts(self.weights, self.variance)
        return np.asarray(np.sqrt(slope * self.spread.mode + base), dtype=float)


def simulate_power(design: SchoolDesign, treated: int | None, level: float) -> Power:
    """Simulate the headline test of a design, at the largest class correlation that must be allowed for.

    Parameters
    ----------
    design
        The design.
    treated
        How many schools to imagine as treated, drawn anew in each study; None for those treated.
    level
        Confidence level of the test.

    Raises
    ------
    DesignError
        If that many treated schools leave none to compare with.
    """
    slots = design.slots if treated is None else np.sort(np.resize(np.arange(len(design.starts)), treated))
    ways = count_assignments(len(design.schools), slots)
    permuted = design.freedom >= 1 and fine_enough(ways, level)
    rule = "permutation" if permuted else "variance_model"
    if not permuted and design.freedom < FREEDOM_NEEDED:
        return Power(np.zeros(1), np.zeros(1), None, 0, len(slots), rule)
    generator = np.random.default_rng([design.seed, treated or 0])
    trials = _simulate(design, slots, treated is not None, generator)
    sizes = np.linspace(0.0, FARTHEST * float(np.median(trials.deviation)), STEPS + 1)
    if permuted:
        found = _found_by_permutation(trials, sizes, level)
    else:
        slope, base = variance_parts(trials.weights, trials.variance)
        deviations = np.sqrt(slope[:, None] * trials.spread.grid + base[:, None])
        reach = model_reach(deviations, trials.spread.weight, level)
        found = np.abs(trials.effect[None, :] + sizes[:, None]) >= reach[None, :]
    power = found.mean(axis=1)
    return Power(sizes, power, _crossing(sizes, power), len(trials.treated), len(slots), rule)


def _simulate(actual: SchoolDesign, slots: Integers, anew: bool, generator: np.random.Generator) -> Trials:
    variance = sampling_variance(actual, class_correlations(actual)[-1])
    known = fit_spread(actual.contrast[None], variance, actual.stratum, actual.untreated[None], actual.shares)
    scores = _scores(actual, variance, float(known.mode[0]))
    design = replace(actual, slots=slots)
    schools = len(design.schools)
    picked = scores[generator.integers(len(scores), size=(REPLICATIONS, schools))]
    sign = generator.choice([-1.0, 1.0], size=(REPLICATIONS, schools, 1))
    spread = np.full(REPLICATIONS, known.mode[0])
    if actual.freedom >= FREEDOM_NEEDED:
        spread = generator.choice(known.grid[0], size=REPLICATIONS, p=known.weight[0])
    contrast = picked * sign * np.sqrt(spread[:, None, None] + variance[None])
    rows = _draw_treated(design, generator) if anew else np.tile(design.treated, (REPLICATIONS, 1))
    used = np.ones((REPLICATIONS, schools), dtype=bool)
    np.put_along_axis(used, rows, False, axis=1)
    shares = np.bincount(design.slots, minlength=len(design.starts)) / len(design.slots)
    fitted = fit_spread(contrast, variance, design.stratum, used, shares)
    return Trials(design, rows, contrast, comparison_weights(design, rows), fitted, variance)


def _scores(design: SchoolDesign, variance: Floats, spread: float) -> Floats:
    """Standardise the untreated schools' contrasts around their stratum means, to a mean square of 1."""
    rows = []
    for stratum in np.unique(design.stratum[design.untreated]):
        alike = design.untreated & (design.stratum == stratum)
        if alike.sum() > 1:
            rows.append(
                (design.contrast[alike] - design.contrast[alike].mean(axis=0)) / np.sqrt(spread + variance[alike])
            )
    scores = np.concatenate(rows)
    size = np.sqrt((scores**2).mean())
    return scores / size if size > 0 else np.ones_like(scores)


def _draw_treated(design: SchoolDesign, generator: np.random.Generator) -> Integers:
    schools = len(design.schools)
    if len(design.slots) >= schools:
        raise DesignError(
            f"{len(design.slots)} treated schools of {schools} leave none to compare with",
            remedy="ask about fewer treated schools",
        )
    wanted = 20 * REPLICATIONS
    rows = generator.random((wanted, schools)).argsort(axis=1)[:, : len(design.slots)]
    admissible = keep_admissible(design, rows)
    if len(admissible) < REPLICATIONS:
        raise DesignError(
            f"{len(design.slots)} treated schools seldom leave a school to compare with in every municipality",
            remedy="ask about fewer treated schools",
        )
    return admissible[:REPLICATIONS]


def _found_by_permutation(trials: Trials, sizes: Floats, level: float) -> Booleans:
    """Tell which of R studies find an effect of each size: (sizes, R)."""
    design, studies = trials.design, len(trials.treated)
    others = _other_assignments(design, trials.treated)
    weights = comparison_weights(design, others)
    slope, base = variance_parts(weights, trials.variance)
    flat = weights.reshape(len(others), -1).T
    effect = trials.contrast.reshape(studies, -1) @ flat
    deviation = np.sqrt(trials.spread.mode[:, None] * slope[None] + base[None])
    share = np.zeros_like(trials.contrast)
    np.put_along_axis(
        share,
        trials.treated[:, :, None],
        np.broadcast_to(design.exposure[design.slots], (studies, len(design.slots), len(design.starts))),
        axis=1,
    )
    exposure = share.reshape(studies, -1) @ flat
    allowed = (1.0 - level) * (len(others) + 1) * (1.0 + SLACK)
    observed = np.abs(trials.effect[None, :] + sizes[:, None]) / trials.deviation[None, :]
    found = np.empty(observed.shape, dtype=bool)
    for row, size in enumerate(sizes):
        far = np.abs(effect + size * exposure) / deviation
        found[row] = 1 + (far >= observed[row][:, None] * (1.0 - SLACK)).sum(axis=1) <= allowed
    return found


def _other_assignments(design: SchoolDesign, treated: Integers) -> Integers:
    """List what the studies' assignment is compared with: all others where it is the same in each, otherwise a draw."""
    fixed = bool((treated == treated[0]).all())
    everyone = np.arange(len(design.schools))
    listed, _ = list_assignments(
        everyone,
        design.slots,
        treated[0],
        seed=design.seed,
        most=ASSIGNMENTS if fixed else 0,
        drawn=ASSIGNMENTS,
    )
    return keep_admissible(design, listed[1:])


def _crossing(sizes: Floats, power: Floats) -> float | None:
    reached = np.flatnonzero(power >= WANTED)
    if not len(reached):
        return None
    last = int(reached[0])
    if last == 0:
        return float(sizes[0])
    rise = (WANTED - power[last - 1]) / (power[last] - power[last - 1])
    return float(sizes[last - 1] + rise * (sizes[last] - sizes[last - 1]))

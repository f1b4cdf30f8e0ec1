"""Power of the headline test, by simulation on the untreated schools' contrasts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evalkit.errors import DesignError
from evalkit.models.arrays import Floats, Integers
from evalkit.models.assignments import by_size, comparison_weights, count_admissible, keep_admissible, variance_parts
from evalkit.models.permutation import covers
from evalkit.models.prepared_assignments import prepare
from evalkit.models.repeated_studies import Studies, choose_permutation, find_headline, studies_suffice
from evalkit.models.school_design import SchoolDesign
from evalkit.models.variance_model import FREEDOM_NEEDED, class_correlations, fit_spread, sampling_variance

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


def simulate_power(design: SchoolDesign, treated: int | None, level: float) -> Power:
    """Simulate the headline test of a design, in a world with the largest class correlation that must be allowed for.

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
    ways = count_admissible(design, slots)
    if design.freedom < 1:
        return Power(np.zeros(1), np.zeros(1), None, 0, len(slots), "variance_model")
    generator = np.random.default_rng([design.seed, treated or 0])
    trials, scale = _simulate(design, slots, treated is not None, generator)
    assignments = prepare(trials.design, most=ASSIGNMENTS, drawn=ASSIGNMENTS)
    permuted = choose_permutation(trials, assignments, level, ways)
    rule = "permutation" if permuted.mean() > 0.5 else "variance_model"
    if not permuted.any() and not studies_suffice(trials):
        return Power(np.zeros(1), np.zeros(1), None, 0, len(slots), rule)
    kept = find_headline(trials, assignments, level, permuted)
    sizes = np.linspace(0.0, FARTHEST * scale, STEPS + 1)
    # an effect of x is found where the interval without it leaves out -x
    power = 1.0 - np.mean([covers(interval, -sizes) for interval in kept], axis=0)
    return Power(sizes, power, _crossing(sizes, power), len(kept), len(slots), rule)


def _simulate(
    actual: SchoolDesign, slots: Integers, anew: bool, generator: np.random.Generator
) -> tuple[Studies, float]:
    """Return studies without any effect, and the median standard deviation of what they find."""
    correlation = class_correlations(actual)[-1]
    variance = sampling_variance(actual, correlation)
    known = fit_spread(actual.contrast[None], variance, actual.stratum, actual.untreated[None], actual.shares)
    scores = _scores(actual, variance, float(known.mode[0]))
    design = replace(actual, slots=slots)
    schools = len(design.schools)
    # drawn for the smallest school first, and handed to the schools as they stand
    place = np.argsort(by_size(design))
    picked = scores[generator.integers(len(scores), size=(REPLICATIONS, schools))][:, place]
    sign = generator.choice([-1.0, 1.0], size=(REPLICATIONS, schools, 1))[:, place]
    spread = np.full(REPLICATIONS, known.mode[0])
    if actual.freedom >= FREEDOM_NEEDED:
        spread = generator.choice(known.grid[0], size=REPLICATIONS, p=known.weight[0])
    rows = _draw_treated(design, generator) if anew else design.treated[None, :]
    slope, base = variance_parts(comparison_weights(design, rows), variance)
    studies = Studies(
        design=replace(design, treated=rows[0]),
        treated=rows,
        contrast=picked * sign * np.sqrt(spread[:, None, None] + variance[None]),
        person_variance=actual.person_variance[None],
        class_variance=actual.class_variance[None],
    )
    return studies, float(np.sqrt(np.median(slope * spread + base)))


def _scores(design: SchoolDesign, variance: Floats, spread: float) -> Floats:
    """Standardise the untreated schools' contrasts around their stratum means, to a mean square of 1."""
    rows, calm = [], by_size(design)
    calm = calm[design.untreated[calm]]
    for stratum in np.unique(design.stratum[calm]):
        alike = calm[design.stratum[calm] == stratum]
        if len(alike) > 1:
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
    rows = by_size(design)[generator.random((wanted, schools)).argsort(axis=1)[:, : len(design.slots)]]
    admissible = keep_admissible(design, rows)
    if len(admissible) < REPLICATIONS:
        raise DesignError(
            f"{len(design.slots)} treated schools seldom leave a school to compare with in every municipality",
            remedy="ask about fewer treated schools",
        )
    return admissible[:REPLICATIONS]


def _crossing(sizes: Floats, power: Floats) -> float | None:
    reached = np.flatnonzero(power >= WANTED)
    if not len(reached):
        return None
    last = int(reached[0])
    if last == 0:
        return float(sizes[0])
    rise = (WANTED - power[last - 1]) / (power[last] - power[last - 1])
    return float(sizes[last - 1] + rise * (sizes[last] - sizes[last - 1]))

"""The tests of one design under one assumption about classes, made once for effect, placebos and power."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr

from evalkit.models.arrays import Booleans, Floats, Integers
from evalkit.models.assignments import (
    by_size,
    comparison_weights,
    keep_admissible,
    list_assignments,
    list_stratified,
    sampling_load,
    variance_parts,
)
from evalkit.models.permutation import NOTHING, Count, count_extreme, fine_enough, invert, unite
from evalkit.models.school_design import SchoolDesign
from evalkit.models.variance_model import FREEDOM_NEEDED, Spread, class_correlations, fit_spread, sampling_variance
from evalkit.values import Segment

HALVINGS = 60
ALIKE = 2.0
Rule = Literal["permutation", "variance_model"]
Reason = Literal["sizes_alike", "sizes_differ", "too_few_assignments", "too_few_untreated"]

EVERYTHING = (Segment(-np.inf, np.inf),)


@dataclass(frozen=True, eq=False)
class SchoolAnalysis:
    """N assignments of one design, the observed first.

    Parameters
    ----------
    correlation
        The class correlation assumed; None where classes are known.
    assignments, weights
        (N, k) and (N, G, S).
    effect, exposure
        (N,) Difference of each assignment, and how much of a true effect of 1 it would hold.
    slope, base
        (N,) An assignment's difference has variance ``slope * a + base``.
    spread
        What the untreated schools say about ``a``.
    drawn
        Whether the assignments are a draw.
    stratified, stratified_drawn
        The same test over assignments within each stratum.
    """

    design: SchoolDesign
    correlation: float | None
    assignments: Integers
    weights: Floats
    effect: Floats
    exposure: Floats
    slope: Floats
    base: Floats
    spread: Spread
    drawn: bool
    stratified: Count
    stratified_drawn: bool

    @property
    def deviation(self) -> Floats:
        """(N,) Standard deviation of each assignment's difference, at the likeliest ``a``."""
        return np.asarray(np.sqrt(self.slope * self.spread.mode[0] + self.base), dtype=float)

    @property
    def count(self) -> Count:
        """How many of the N assignments are as extreme as the observed."""
        return count_extreme(self.effect, self.deviation)

    def permutation_interval(self, level: float) -> tuple[Segment, ...]:
        """Effects that the permutation test does not reject."""
        return invert(self.effect, self.exposure, self.deviation, level)

    def model_p(self, effect: float = 0.0) -> float:
        """Two-sided p by the variance model, averaged over what is known about ``a``."""
        deviations = np.sqrt(self.slope[0] * self.spread.grid[0] + self.base[0])
        return float(model_p(abs(self.effect[0] - effect), deviations, self.spread.weight[0]))

    def model_interval(self, level: float) -> tuple[Segment, ...]:
        """Effects that the variance model does not reject; everything where too few schools are untreated."""
        if self.design.freedom < FREEDOM_NEEDED:
            return EVERYTHING
        deviations = np.sqrt(self.slope[0] * self.spread.grid[0] + self.base[0])
        reach = model_reach(deviations[None, :], self.spread.weight, level)[0]
        return (Segment(float(self.effect[0] - reach), float(self.effect[0] + reach)),)


def model_p(distance: float, deviations: Floats, weight: Floats) -> float:
    """Return the two-sided p of a distance under a mixture of normal distributions around 0.

    Parameters
    ----------
    distance
        How far from 0.
    deviations, weight
        (K,) the mixture.
    """
    return float(2.0 * (weight * ndtr(-distance / np.maximum(deviations, NOTHING))).sum())


def model_reach(deviations: Floats, weight: Floats, level: float) -> Floats:
    """Return the distance at which `model_p` equals ``1 - level``, for each of R mixtures (R, K)."""
    low, high = np.zeros(len(deviations)), deviations.max(axis=1) * 10.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        inside = 2.0 * (weight * ndtr(-middle[:, None] / np.maximum(deviations, NOTHING))).sum(axis=1) > 1.0 - level
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return np.asarray((low + high) / 2.0, dtype=float)


def analyse(design: SchoolDesign) -> tuple[SchoolAnalysis, ...]:
    """Carry out the tests of a design, once for each class correlation that must be allowed for."""
    found, drawn = list_assignments(by_size(design), design.slots, design.treated, seed=design.seed)
    assignments = keep_admissible(design, found)
    weights = comparison_weights(design, assignments)
    narrow, narrow_drawn = list_stratified(design)
    inside = comparison_weights(design, keep_admissible(design, narrow))
    share = np.zeros((len(design.schools), len(design.starts)))
    share[design.treated] = design.exposure[design.slots]
    made = []
    for correlation in class_correlations(design):
        variance = sampling_variance(design, correlation)
        spread = fit_spread(design.contrast[None], variance, design.stratum, design.untreated[None, :], design.shares)
        slope, base = variance_parts(weights, variance)
        steep, flat = variance_parts(inside, variance)
        within = count_extreme(_total(inside, design.contrast), np.sqrt(steep * spread.mode[0] + flat))
        made.append(
            SchoolAnalysis(
                design=design,
                correlation=correlation,
                assignments=assignments,
                weights=weights,
                effect=_total(weights, design.contrast),
                exposure=_total(weights, share),
                slope=slope,
                base=base,
                spread=spread,
                drawn=drawn,
                stratified=within,
                stratified_drawn=narrow_drawn,
            )
        )
    return tuple(made)


def sizes_alike(ratio: Floats) -> Booleans:
    """Tell whether observed assignments rest on pupils as the median one does, within a factor of 2.

    Only then does permutation compare like with like. Elsewhere the order of the studentised differences hangs on a
    plugged-in spread: with the treated ten times larger it finds fewer effects than the variance model, and with the
    treated ten times smaller it rejects too often.
    """
    return np.asarray((ratio <= ALIKE) & (ratio >= 1.0 / ALIKE), dtype=bool)


def load_ratio(analysis: SchoolAnalysis) -> float:
    """Return the observed assignment's `sampling_load` over the median one's."""
    load = sampling_load(analysis.design, analysis.weights)
    return float(load[0] / np.median(load[1:] if analysis.drawn else load))


def choose_headline(analysis: SchoolAnalysis, level: float) -> tuple[Rule, Reason]:
    """Choose the headline's test from the design alone, and say why."""
    if not fine_enough(len(analysis.assignments), level):
        return "variance_model", "too_few_assignments"
    if analysis.design.freedom < 1:
        return "variance_model", "too_few_untreated"
    if not sizes_alike(np.array([load_ratio(analysis)]))[0]:
        return "variance_model", "sizes_differ"
    return "permutation", "sizes_alike"


def offers_permutation(analysis: SchoolAnalysis, level: float) -> bool:
    """Tell, from the design alone, whether permutation is the headline at this level."""
    return choose_headline(analysis, level)[0] == "permutation"


def headline_interval(analyses: tuple[SchoolAnalysis, ...], level: float) -> tuple[Segment, ...]:
    """Return the headline interval: what the chosen test keeps under any of the class correlations."""
    if offers_permutation(analyses[0], level):
        return unite(tuple(one.permutation_interval(level) for one in analyses))
    return unite(tuple(one.model_interval(level) for one in analyses))


def _total(weights: Floats, values: Floats) -> Floats:
    return np.asarray(np.einsum("ngs,gs->n", weights, values), dtype=float)

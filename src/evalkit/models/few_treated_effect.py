"""The effect of something that only a few schools did."""

from __future__ import annotations

import math

import numpy as np

from evalkit.models.assignments import comparison_weights
from evalkit.models.permutation import Count, unite
from evalkit.models.school_analysis import (
    SchoolAnalysis,
    analyse,
    choose_headline,
    headline_interval,
    load_ratio,
    offers_permutation,
)
from evalkit.models.school_design import SchoolDesign, read_design
from evalkit.models.simulated_power import simulate_power
from evalkit.models.unseen_outcome import hide_outcome
from evalkit.models.variance_model import FREEDOM_NEEDED
from evalkit.values import Diagnostic, Diagnostics, Estimate, SchoolSums

Fact = tuple[str, str | float | int]


def few_treated_effect(sums: SchoolSums, *, level: float = 0.95, name: str = "forum_effect") -> Estimate:
    """Estimate what treatment changed, where only a few schools were treated.

    Each pupil's mean outcome from a treated school's start on, minus the mean before, is averaged over the school's
    pupils; so is that of comparison schools over the same terms. The effect is the pupil-weighted mean of the
    differences. Chance is judged by giving the start dates to every set of schools, with each difference divided by its
    own standard deviation under ``a + c / classes + b / pupils``.

    The rule that chooses the headline sees the design alone. Comparison: schools of the same municipality, if each
    municipality with a treated school has at least two schools that were never treated, otherwise all schools. Test:
    permutation, if its smallest attainable p is at most a fifth of ``1 - level`` and the treated schools are as large
    as others (the share of variance due to few pupils is within a factor of 2 of the median assignment's), otherwise
    the variance model, which carries what is not known of the spread between schools. Where classes are unknown (fewer
    than nine in ten pupils stand in a known class, or schools have fewer than 20 classes beyond their first) the
    interval is the union over class correlations of 0, .03, .06 and .10, and what stands beside it the widest of them.

    Parameters
    ----------
    sums
        Of all the study's sites, as from `combine_sums`.
    level
        Confidence level.
    name
        Name of the estimate.

    Returns
    -------
    Estimate
        Design ``"effect"``. Shares are in percentage points. Details: ``rule`` (``"permutation"`` or
        ``"variance_model"``), ``rule_reason`` (``"sizes_alike"``, ``"sizes_differ"``, ``"too_few_assignments"`` or
        ``"too_few_untreated"``), ``load_ratio`` (variance due to few pupils, per variance due to schools, over that of
        the median assignment), ``comparison``, ``assignments``, ``as_extreme``, ``p_permutation``, ``p_model``,
        ``low_model``, ``high_model``, ``assignments_stratified``, ``as_extreme_stratified``,
        ``attainable_p_stratified``, ``effect_school_weighted``, ``effect_all_schools``, ``first_start``,
        ``last_start``, ``monte_carlo_error``.

    Raises
    ------
    DesignError
        If no school is treated, none can be compared, or the treated were not seen both before and after.
    """
    design = read_design(sums)
    analyses = analyse(design)
    first = analyses[0]
    permuted = offers_permutation(first, level)
    widest = max(analyses, key=lambda one: one.count.as_extreme if permuted else one.model_p())
    count = max((one.count for one in analyses), key=lambda one: one.as_extreme)
    judged = permuted or design.freedom >= FREEDOM_NEEDED
    return Estimate(
        name=name,
        estimand=_estimand(sums.outcome, design),
        design="effect",
        value=float(first.effect[0]),
        unit=design.unit,
        interval=headline_interval(analyses, level),
        level=level,
        p=(count.p if permuted else widest.model_p()) if judged else None,
        attainable_p=count.attainable,
        n=int(design.pupils.max(axis=1).sum()),
        clusters=len(design.schools),
        treated_clusters=len(design.treated),
        method=_method(permuted, judged, first),
        convention=_convention(design, first.drawn),
        diagnostics=_diagnostics(design, widest, level, sums),
        details=_details(sums, design, analyses, level),
        persons_minimum=design.fewest_pupils,
        origin=sums.origin,
    )


def _estimand(outcome: str, design: SchoolDesign) -> str:
    place = "of their municipality" if design.comparison == "within_municipality" else "of the study"
    return (
        f"change in {outcome} from before to after the start, in the treated schools in excess of the untreated "
        f"schools {place} over the same terms, among pupils seen both before and from the start on; pupils kept in "
        "the school of the assignment date and weighted equally"
    )


def _method(permuted: bool, judged: bool, analysis: SchoolAnalysis) -> str:
    if not judged:
        return "no interval: too few untreated schools"
    if not permuted:
        return "variance model a + c/classes + b/pupils, averaged over the confidence distribution of a"
    kind = "drawn" if analysis.drawn else "enumerated"
    return f"{kind} studentised permutation of start dates over schools, inverted"


def _convention(design: SchoolDesign, drawn: bool) -> str:
    classes = "bounded at 0, .03, .06 and .10" if np.isnan(design.class_variance).any() else "from the pupils' classes"
    order = "; assignments are drawn over schools ordered by pupils, ties by name" if drawn else ""
    return (
        "no cluster-robust standard error; spread between schools from the untreated schools' weighted squares, "
        f"class correlation {classes}; the effect is taken as constant when the test is inverted{order}"
    )


def _details(
    sums: SchoolSums, design: SchoolDesign, analyses: tuple[SchoolAnalysis, ...], level: float
) -> tuple[Fact, ...]:
    """Return what stands beside the headline; each number is the widest or largest over the class correlations."""
    labels = dict(sums.labels)
    model = unite(tuple(one.model_interval(level) for one in analyses))
    count, stratified = (
        max(counts, key=lambda one: one.as_extreme)
        for counts in ([one.count for one in analyses], [one.stratified for one in analyses])
    )
    rule, reason = choose_headline(analyses[0], level)
    facts: list[Fact] = [
        ("rule", rule),
        ("rule_reason", reason),
        ("load_ratio", load_ratio(analyses[0])),
        ("comparison", design.comparison),
        ("assignments", count.assignments),
        ("as_extreme", count.as_extreme),
        ("p_permutation", count.p),
        ("monte_carlo_error", _monte_carlo_error(count) if analyses[0].drawn else 0.0),
        ("low_model", model[0].low),
        ("high_model", model[-1].high),
        ("effect_school_weighted", _school_weighted(design)),
        ("effect_all_schools", _over_all_schools(sums)),
        ("first_start", labels.get(design.starts[0], str(design.starts[0]))),
        ("last_start", labels.get(design.starts[-1], str(design.starts[-1]))),
    ]
    if design.freedom >= FREEDOM_NEEDED:
        facts.append(("p_model", max(one.model_p() for one in analyses)))
    if design.comparison == "within_municipality":
        facts += [
            ("assignments_stratified", stratified.assignments),
            ("as_extreme_stratified", stratified.as_extreme),
            ("p_stratified", stratified.p),
            ("attainable_p_stratified", stratified.attainable),
        ]
    return tuple(facts)


def _diagnostics(design: SchoolDesign, widest: SchoolAnalysis, level: float, sums: SchoolSums) -> Diagnostics:
    smallest, largest = design.pupils.min(), design.pupils.max()
    found = simulate_power(read_design(hide_outcome(sums)), None, level)
    items = [
        Diagnostic("detectable_effect", found.smallest, design.unit),
        Diagnostic("schools", len(design.schools)),
        Diagnostic("treated_schools", len(design.treated)),
        Diagnostic("comparison_schools", _compared(design)),
        Diagnostic("schools_left_out", design.left_out),
        Diagnostic("treated_left_out", design.treated_left_out),
        Diagnostic("size_ratio", float(largest / smallest)),
        Diagnostic("coverage", design.coverage, "share", int(design.pupils.max(axis=1).sum())),
        Diagnostic("school_deviation", math.sqrt(widest.spread.mode[0]), design.unit),
        Diagnostic("deviation", float(widest.deviation[0]), design.unit),
        Diagnostic("attainable_p", widest.count.attainable),
    ]
    if design.comparison == "within_municipality":
        items.append(Diagnostic("attainable_p_stratified", widest.stratified.attainable))
    return Diagnostics(tuple(items))


def _compared(design: SchoolDesign) -> int:
    return int((np.isin(design.stratum, design.stratum[design.treated]) & design.untreated).sum())


def _school_weighted(design: SchoolDesign) -> float:
    weights = comparison_weights(design, design.treated[None, :], np.ones_like(design.pupils))
    return float((weights[0] * design.contrast).sum())


def _over_all_schools(sums: SchoolSums) -> float:
    design = read_design(sums, "all_schools")
    weights = comparison_weights(design, design.treated[None, :])
    return float((weights[0] * design.contrast).sum())


def _monte_carlo_error(count: Count) -> float:
    return math.sqrt(count.p * (1.0 - count.p) / count.assignments)

"""What a study can and cannot carry, told before the outcome after the start is seen."""

from __future__ import annotations

import math

import numpy as np

from evalkit.errors import DesignError
from evalkit.models.arrays import Floats
from evalkit.models.assignments import by_size, comparison_weights, keep_admissible, list_assignments
from evalkit.models.design_checks import (
    Regression,
    exchangeability,
    exchangeability_attainable,
    largest_jump,
    regression_to_mean,
    size_percentiles,
)
from evalkit.models.effective_clusters import effective_number
from evalkit.models.few_treated_effect import few_treated_effect
from evalkit.models.school_design import COMPARISONS_NEEDED, SchoolDesign, keep_schools, read_design
from evalkit.models.simulated_power import simulate_power
from evalkit.models.unseen_outcome import hide_outcome
from evalkit.values import Diagnostic, Diagnostics, Estimate, SchoolSums

POINTS = 100.0


def design_report(
    sums: SchoolSums, *, coverage_sums: SchoolSums | None = None, level: float = 0.95, name: str = "forum_design"
) -> Estimate:
    """Report on a study's design before its outcome is seen.

    No number here depends on the outcome of treated schools from their start on, neither on its level nor on how much
    it varies: it is taken out of the sums before anything is worked out. How many pupils have it there does count.

    Parameters
    ----------
    sums
        Of all the study's sites, as from `combine_sums`.
    coverage_sums
        Sums of the outcome's coverage, such as the share of lessons with a registration; the effect on it should be
        none (a negative control). Without them coverage is how many of the school's pupils have the outcome at all.
    level
        Confidence level of intervals and of the test whose power is told.
    name
        Name of the estimate.

    Returns
    -------
    Estimate
        Design ``"level"``; the value is the effective number of schools (Carter, Schnepel and Steigerwald 2017), with
        schools' contrasts alike in variance. Diagnostics, with None where the sums cannot tell:

        ``treated_schools``, ``comparison_schools``, ``comparisons_fewest`` (of any treated school),
        ``schools_left_out``, ``treated_left_out``, ``schools_merged``, ``moved_share``; ``largest_leverage`` (share of
        the estimate's variance that one school carries); ``size_percentile_1`` and so on (of each treated school, from
        the smallest), ``exchangeability_p`` and ``exchangeability_attainable_p`` (the smallest that any assignment
        could give); ``coverage`` (of the pupils enrolled in the schools compared, how many are in the contrasts),
        ``coverage_effect`` with ``_low`` and ``_high``,
        ``registration_change`` (largest change of coverage from one term to the next, treated minus comparison);
        ``overlap`` (share of the start terms at which every treated school has at least two to be compared with; None
        where treated schools were left out when the sums were protected);
        ``baseline_difference`` (level before the start, treated minus comparison), ``baseline_deviations`` (the same
        in standard deviations between schools), ``regression_to_mean`` with ``_low`` and ``_high`` (the change that
        the difference alone predicts); ``detectable_effect``.

    Raises
    ------
    DesignError
        As `few_treated_effect`; a coverage that cannot be run through the design is told as None instead.
    """
    unseen = hide_outcome(sums)
    design = read_design(unseen)
    weights = comparison_weights(design, design.treated[None, :])[0]
    power = simulate_power(design, None, level)
    jump = _registration(sums if coverage_sums is None else coverage_sums, design, weights, coverage_sums is None)
    shares = weights.sum(axis=1) ** 2
    everyone = int(design.pupils.max(axis=1).sum())
    items = (
        *_counts(design, everyone),
        Diagnostic("largest_leverage", float(shares.max() / shares.sum()), "share", everyone),
        *_sizes(design),
        Diagnostic("coverage", design.coverage, "share", everyone),
        *_negative_control(coverage_sums, level),
        Diagnostic("registration_change", jump[0], jump[1], everyone),
        Diagnostic("overlap", _overlap(sums, design), "share"),
        *_selection(unseen, design, level),
        Diagnostic("detectable_effect", power.smallest, design.unit),
    )
    return Estimate(
        name=name,
        estimand=f"effective number of schools behind the effect on {sums.outcome}, given who was treated and when",
        design="level",
        value=effective_number(shares),
        unit="schools",
        level=level,
        n=everyone,
        clusters=len(design.schools),
        treated_clusters=len(design.treated),
        method="G over 1 plus the squared variation of the schools' shares of the variance",
        convention="schools' contrasts alike in variance; treated schools' outcomes from the start on not used",
        diagnostics=Diagnostics(items),
        details=(("comparison", design.comparison), *((("registration_change_at", jump[2]),) if jump[2] else ())),
        persons_minimum=int(design.pupils[design.treated, design.slots].min()),
        origin=sums.origin,
    )


def _counts(design: SchoolDesign, everyone: int) -> tuple[Diagnostic, ...]:
    alike = design.stratum[design.treated][:, None] == design.stratum[None, design.untreated]
    compared = int(alike.any(axis=0).sum())
    moved = None if math.isnan(design.moved_share) else design.moved_share
    return (
        Diagnostic("treated_schools", len(design.treated)),
        Diagnostic("comparison_schools", compared),
        Diagnostic("comparisons_fewest", int(alike.sum(axis=1).min())),
        Diagnostic("schools_left_out", design.left_out),
        Diagnostic("treated_left_out", design.treated_left_out),
        Diagnostic("schools_merged", design.merged),
        Diagnostic("moved_share", moved, "share", everyone),
    )


def _sizes(design: SchoolDesign) -> list[Diagnostic]:
    size = design.pupils.mean(axis=1)
    listed, _ = list_assignments(by_size(design), design.slots, design.treated, seed=design.seed)
    own = sorted(zip(size_percentiles(size)[design.treated], size[design.treated], strict=True))
    items = [
        Diagnostic(f"size_percentile_{number}", float(place), "share", int(pupils))
        for number, (place, pupils) in enumerate(own, start=1)
    ]
    admissible = keep_admissible(design, listed)
    return [
        *items,
        Diagnostic("exchangeability_p", exchangeability(size, admissible)),
        Diagnostic("exchangeability_attainable_p", exchangeability_attainable(size, admissible)),
    ]


def _overlap(sums: SchoolSums, design: SchoolDesign) -> float | None:
    """Return the share of start terms at which every treated school has contrasts and at least two comparisons.

    None where treated schools were left out when the sums were protected: their terms are not known.
    """
    if sums.treated_left_out:
        return None
    place = {school: int(stratum) for school, stratum in zip(design.schools, design.stratum, strict=True)}
    comparisons = np.bincount(design.stratum[design.untreated], minlength=int(design.stratum.max()) + 1)
    began = sums.schools.dropna(subset=["treated_from"])
    keys = began["municipality"] + "/" + began["school"]
    fine = np.array([key in place and comparisons[place[key]] >= COMPARISONS_NEEDED for key in keys])
    return float(np.mean([fine[began["treated_from"] == start].all() for start in began["treated_from"].unique()]))


def _negative_control(coverage_sums: SchoolSums | None, level: float) -> list[Diagnostic]:
    names = ("coverage_effect", "coverage_effect_low", "coverage_effect_high")
    if coverage_sums is None:
        return [Diagnostic(each, None) for each in names]
    try:
        found = few_treated_effect(coverage_sums, level=level)
    except DesignError:
        return [Diagnostic(each, None) for each in names]
    ends = (found.value, found.low, found.high)
    told = [float(end) if end is not None and math.isfinite(end) else None for end in ends]
    return [Diagnostic(each, value, found.unit, found.n) for each, value in zip(names, told, strict=True)]


def _registration(sums: SchoolSums, design: SchoolDesign, weights: Floats, own: bool) -> tuple[float | None, str, str]:
    """Return the largest change of coverage, its unit, and the term of it."""
    terms = sums.terms.assign(key=sums.terms["municipality"] + "/" + sums.terms["school"])
    scale = POINTS if own or sums.unit == "share" else 1.0
    counted = terms["pupils"] / terms["enrolled"] if own else terms["outcome_sum"] / terms["pupils"]
    unit = "percentage_points" if own or sums.unit == "share" else sums.unit
    times = sorted(terms["time"].unique())
    wide = terms.assign(coverage=scale * counted.clip(upper=1.0 if own else None)).pivot(
        index="key", columns="time", values="coverage"
    )
    series = wide.reindex(index=list(design.schools), columns=times).to_numpy(dtype=float, na_value=np.nan)
    found = largest_jump(series, weights.sum(axis=1))
    if found is None:
        return None, unit, ""
    time = int(times[found[1]])
    return found[0], unit, dict(sums.labels).get(time, str(time))


def _selection(sums: SchoolSums, design: SchoolDesign, level: float) -> list[Diagnostic]:
    found = _regression(sums, design, level)
    persons = int(design.pupils[design.untreated].max(axis=1).sum())
    facts = (
        ("baseline_difference", None if found is None else found.baseline, design.unit),
        ("baseline_deviations", None if found is None else found.deviations, "deviations"),
        ("regression_to_mean", None if found is None else found.change, design.unit),
        ("regression_to_mean_low", None if found is None else found.low, design.unit),
        ("regression_to_mean_high", None if found is None else found.high, design.unit),
    )
    return [Diagnostic(name, value, unit, persons) for name, value, unit in facts]


def _regression(sums: SchoolSums, design: SchoolDesign, level: float) -> Regression | None:
    before = _levels(sums, design)
    known = np.flatnonzero(np.isfinite(before).all(axis=1))
    part = keep_schools(design, known)
    if (part.treated < 0).any() or not np.isin(part.stratum[part.treated], part.stratum[part.untreated]).all():
        return None
    weights = comparison_weights(part, part.treated[None, :])[0]
    return regression_to_mean(
        before[known],
        part.contrast,
        pupils=part.pupils,
        weight=weights,
        stratum=part.stratum,
        untreated=part.untreated,
        confidence=level,
    )


def _levels(sums: SchoolSums, design: SchoolDesign) -> Floats:
    """Return (G, S) mean outcome over the terms before each start."""
    scale = POINTS if sums.unit == "share" else 1.0
    terms = sums.terms.assign(key=sums.terms["municipality"] + "/" + sums.terms["school"])
    columns = []
    for start in design.starts:
        total = terms[terms["time"] < start].groupby("key")[["outcome_sum", "pupils"]].sum()
        columns.append((total["outcome_sum"] / total["pupils"]).reindex(list(design.schools)).to_numpy(dtype=float))
    return scale * np.stack(columns, axis=1)

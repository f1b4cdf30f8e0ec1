"""Several estimators of one effect, side by side, with the causes of their differences."""

from __future__ import annotations

import pandas as pd

from evalkit.models.agreement.causes import differ_on_schools, tell
from evalkit.models.agreement.on_schools import Line, compare_on_schools
from evalkit.models.agreement.on_terms import ON_TERMS, Designs, OnTerms, compare_on_terms, explain, give_intervals
from evalkit.models.agreement.school_panel import SchoolPanel, spread_over_terms
from evalkit.models.school_analysis import analyse
from evalkit.models.school_design import SchoolDesign, read_design
from evalkit.values import Curve, SchoolSums

Fact = tuple[str, str | float | int]


def agreement(sums: SchoolSums, *, level: float = 0.95, name: str = "forum_estimators") -> Curve:
    """Ask several estimators for the pupil-weighted change of the treated schools.

    The headline is that of `few_treated_effect`. ``school_weighted`` and ``all_schools`` change one thing of it. The
    others see the schools' term means (`SchoolSums.terms`), all schools of the study as comparison, and each school by
    its mean pupils a term; each averages a treated school's terms first and then the schools by pupils, except
    ``two_way``, which weighs terms as the regression does.

    No interval rests on a clustered standard error. An interval is given where the estimator is linear in the outcomes,
    so that the permutation test of the headline can be carried out on it (`assigned_weights.permute`).

    Parameters
    ----------
    sums
        Of all the study's sites.
    level
        Confidence level.
    name
        Name of the curve.

    Returns
    -------
    Curve
        Kind ``"estimators"``: headline, school_weighted, all_schools, two_way, group_time, imputation, two_stage,
        etwfe, synthetic, without those that cannot answer; ``schools`` are the treated ones and ``pupils`` theirs.
        Details, in the unit of the curve:

        ``gap_<method>``: the answer less the headline's. ``step_<cause>_<method>``: its parts, which add up to it;
        steps of zero are left out. ``cause_<method>``: the largest part, one of

        * ``none``: the same answer
        * ``weighting``: schools count alike instead of by pupils
        * ``comparison_set``: compared with all schools instead of those of the municipality
        * ``covariates``: nothing is adjusted for
        * ``composition``: all pupils seen in a term, each term alike, instead of the pupils seen before and after
        * ``base_term``: the last term before the start is the base instead of all terms before
        * ``not_yet_treated``: schools count as comparison until their own start
        * ``forbidden_comparisons``: schools that started earlier are compared with those that start later
        * ``term_weights``: terms and starts count as the regression weighs them
        * ``synthetic_weights``: untreated schools and earlier terms are weighed to run as the treated did
        * ``unbalanced_rule``: schools that miss a term count with the terms they have

        ``reason_<method>``: why an estimator has no answer, as in `Answer`, or
        ``"no_terms"``. ``no_interval_<method>``: why an estimator has no interval; ``"sizes_differ"``,
        ``"too_few_assignments"`` or ``"too_few_untreated"`` where permutation cannot be the headline's either,
        ``"unbalanced"``, or ``"not_linear"``. ``forbidden_share``: weight of forbidden
        comparisons in the two-way regression. ``factor_without_clusters``, ``factor_counting_terms``,
        ``factor_counting_nested``: what a clustered standard error would be multiplied by without ``G/(G-1)``, with
        term effects counted as parameters, and with school effects counted too.
        ``comparison``, ``assignments``, ``starts``, ``terms``, ``schools_compared``, ``balanced`` (0 or 1).

    Raises
    ------
    DesignError
        As `few_treated_effect`.
    """
    design = read_design(sums)
    wide = design if design.comparison == "all_schools" else read_design(sums, "all_schools")
    plain = read_design(sums.unadjusted, "all_schools") if sums.adjusted else wide
    analyses = analyse(design)
    wider = analyses if wide is design else analyse(wide)
    lines = compare_on_schools(analyses, wider, level)
    panel = spread_over_terms(sums, wide)
    found = None if panel is None else compare_on_terms(panel)
    if panel is not None and found is not None:
        lines += give_intervals(found, panel, wider, level)
    return Curve(
        name=name,
        kind="estimators",
        estimand=f"change in {sums.outcome} from before to after the start, in the treated schools in excess of others",
        unit=design.unit,
        frame=_frame(lines, design),
        method="several estimators; intervals by permutation of the start dates where an estimator is linear",
        details=(
            ("comparison", design.comparison),
            ("assignments", len(wider[0].assignments)),
            ("starts", len(design.starts)),
            ("schools_compared", len(wide.schools)),
            *_differences(lines, found, panel, Designs(wide, plain)),
            *((f"no_interval_{line.method}", line.withheld) for line in lines if line.withheld),
            *_terms(found, panel),
        ),
        origin=sums.origin,
    )


def _differences(
    lines: tuple[Line, ...], found: OnTerms | None, panel: SchoolPanel | None, designs: Designs
) -> tuple[Fact, ...]:
    values = {line.method: line.value for line in lines}
    headline = values["headline"]
    differences = {
        "school_weighted": differ_on_schools("weighting", values["school_weighted"] - headline),
        "all_schools": differ_on_schools("comparison_set", values["all_schools"] - headline),
    }
    if found is not None and panel is not None:
        differences |= explain(found, panel, headline, designs)
    return tell(differences)


def _terms(found: OnTerms | None, panel: SchoolPanel | None) -> tuple[Fact, ...]:
    """Return the facts of the panel of terms."""
    if found is None or panel is None:
        return tuple((f"reason_{method}", "no_terms") for method in ON_TERMS)
    facts: list[Fact] = [
        ("terms", len(panel.times)),
        ("balanced", int(panel.balanced)),
        ("factor_without_clusters", found.every.conventions.without_clusters),
        ("factor_counting_terms", found.every.conventions.counting_terms),
        ("factor_counting_nested", found.every.conventions.counting_nested),
    ]
    if found.every.comparisons.value is not None:
        facts.append(("forbidden_share", found.every.comparisons.forbidden_share))
    return (*facts, *((f"reason_{method}", reason) for method, reason in found.reasons.items()))


def _frame(lines: tuple[Line, ...], design: SchoolDesign) -> pd.DataFrame:
    schools, pupils = len(design.treated), int(design.pupils[design.treated, design.slots].sum())
    table = [(one.method, one.value, *one.ends, int(one.method == "headline"), schools, pupils) for one in lines]
    return pd.DataFrame(table, columns=["method", "value", "low", "high", "headline", "schools", "pupils"])

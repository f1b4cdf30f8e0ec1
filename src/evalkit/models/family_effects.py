"""The effects on a family of outcomes, with p values that hold for all of them together.

Step-down: Westfall and Young (1993), Resampling-Based Multiple Testing; Romano and Wolf (2005), Journal of the American
Statistical Association 100(469), and (2016), Statistics & Probability Letters 113. Holm (1979), Scandinavian Journal of
Statistics 6(2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evalkit.errors import DesignError
from evalkit.models.arrays import Floats
from evalkit.models.permutation import SLACK, distance
from evalkit.models.school_analysis import SchoolAnalysis, analyse, headline_interval, offers_permutation
from evalkit.models.school_design import SchoolDesign, read_design
from evalkit.models.variance_model import FREEDOM_NEEDED
from evalkit.values import Curve, SchoolSums

METHODS = {
    "romano_wolf": "Romano-Wolf step-down over the same assignments of start dates in every outcome, studentised",
    "holm": "Holm on each outcome's own p, since permutation is not the headline's test in all of them",
    "none": "no p: too few untreated schools",
}


def family_effects(sums: Sequence[SchoolSums], *, level: float = 0.95, name: str = "forum_family") -> Curve:
    """Estimate what treatment changed in each of a family of outcomes, and judge them together.

    Each outcome's effect, interval and p are as `few_treated_effect` finds them, on the schools that have a contrast in
    every outcome. Where its rule takes permutation in all of them, the same assignments of start dates to schools are
    used in every outcome, so that an assignment's statistics are as dependent as the outcomes are; the adjusted p steps
    down over the largest of them. Otherwise Holm's adjustment, which is valid whatever the dependence and whichever
    test each p is from. Where classes are unknown, p is the largest over class correlations of 0, .03, .06 and .10.

    Parameters
    ----------
    sums
        One for each outcome of the family, each of all the study's sites.
    level
        Confidence level of the intervals, which are each outcome's own: not adjusted for the others.
    name
        Name of the curve.

    Returns
    -------
    Curve
        Kind ``"family"``, outcomes in the order given: ``outcome``, ``unit``, ``value``, ``low``, ``high``, ``p``,
        ``p_adjusted``, ``schools`` (treated) and ``pupils`` (the fewest that any compared group stands for). Shares are
        in percentage points. Its unit is the outcomes', empty if they differ. Details: ``adjustment``
        (``"romano_wolf"``, ``"holm"``, ``"none"``), ``comparison``, ``outcomes``, ``outcomes_permuted`` (whose p is a
        permutation's), ``assignments``, ``attainable_p``, ``treated_schools``, ``schools_left_out``.

    Raises
    ------
    DesignError
        If there is no outcome or one stands twice, if they differ in terms or in when a school was treated, if no
        treated school has them all, or as `few_treated_effect`.
    """
    designs, left_out = _common_designs(sums)
    analyses = [analyse(design) for design in designs]
    judged = _judge(analyses, level)
    edges = [headline_interval(each, level) for each in analyses]
    frame = pd.DataFrame(
        {
            "outcome": [one.outcome for one in sums],
            "unit": [design.unit for design in designs],
            "value": [float(each[0].effect[0]) for each in analyses],
            "low": [each[0].low if each else np.nan for each in edges],
            "high": [each[-1].high if each else np.nan for each in edges],
            "p": judged.p,
            "p_adjusted": judged.adjusted,
            "schools": [len(design.treated) for design in designs],
            "pupils": [design.fewest_pupils for design in designs],
        }
    )
    units = set(frame["unit"])
    first = analyses[0][0]
    return Curve(
        name=name,
        kind="family",
        estimand=(
            "changes from before to after the start, in the treated schools in excess of the untreated schools, in "
            f"{', '.join(frame['outcome'])}"
        ),
        unit=units.pop() if len(units) == 1 else "",
        frame=frame,
        method=METHODS[judged.adjustment],
        details=(
            ("adjustment", judged.adjustment),
            ("comparison", designs[0].comparison),
            ("outcomes", len(sums)),
            ("outcomes_permuted", judged.permuted),
            ("assignments", len(first.assignments)),
            ("attainable_p", first.count.attainable),
            ("treated_schools", len(designs[0].treated)),
            ("schools_left_out", left_out),
        ),
        origin=sums[0].origin,
    )


def step_down(far: Floats) -> Floats:
    """Return step-down adjusted p values of M outcomes from N assignments.

    Parameters
    ----------
    far
        (M, N) Distance from 0 of each outcome's statistic under each assignment; the observed assignment comes first.

    Returns
    -------
    numpy.ndarray
        (M,) Outcomes are taken from the farthest to the nearest; each is held against the largest statistic among
        itself and those not taken yet, and no adjusted p is below one taken before it.
    """
    order = np.argsort(-far[:, 0], kind="stable")
    largest = np.maximum.accumulate(far[order[::-1]], axis=0)[::-1]
    share = (largest >= far[order, :1] * (1.0 - SLACK)).mean(axis=1)
    adjusted = np.empty(len(far))
    adjusted[order] = np.maximum.accumulate(share)
    return adjusted


@dataclass(frozen=True, eq=False)
class _Judged:
    """(M,) p values of M outcomes, each alone and all together, and how many are a permutation's."""

    adjustment: str
    p: Floats
    adjusted: Floats
    permuted: int


def _judge(analyses: list[tuple[SchoolAnalysis, ...]], level: float) -> _Judged:
    permuted = [offers_permutation(each[0], level) for each in analyses]
    p = np.array([_headline_p(each, by_count) for each, by_count in zip(analyses, permuted, strict=True)])
    if all(permuted):
        return _Judged("romano_wolf", p, _step_down_over_correlations(analyses), len(p))
    if np.isnan(p).any():
        return _Judged("none", p, np.full(len(p), np.nan), sum(permuted))
    from statsmodels.stats.multitest import multipletests  # slow to load, and seldom needed

    return _Judged("holm", p, multipletests(p, method="holm")[1], sum(permuted))


def _headline_p(analyses: tuple[SchoolAnalysis, ...], permuted: bool) -> float:
    if permuted:
        return max(one.count.p for one in analyses)
    if analyses[0].design.freedom < FREEDOM_NEEDED:
        return np.nan
    return max(one.model_p() for one in analyses)


def _step_down_over_correlations(analyses: list[tuple[SchoolAnalysis, ...]]) -> Floats:
    """Return the largest adjusted p over class correlations, taken alike in all outcomes with unknown classes."""
    stepped = []
    for assumed in range(max(len(each) for each in analyses)):
        chosen = [each[min(assumed, len(each) - 1)] for each in analyses]
        stepped.append(step_down(np.stack([distance(one.effect, one.deviation) for one in chosen])))
    return np.asarray(np.max(stepped, axis=0), dtype=float)


def _common_designs(sums: Sequence[SchoolSums]) -> tuple[list[SchoolDesign], int]:
    """Return the outcomes' designs on the schools that all have, and how many schools that leaves out."""
    _refuse_what_differs(sums)
    designs = [read_design(one) for one in sums]
    common = set.intersection(*(set(design.schools) for design in designs))
    if any(len(design.schools) > len(common) for design in designs):
        kept = [_restrict(one, common) for one in sums]
        if not kept[0].schools["treated_from"].notna().any():
            raise DesignError(
                "no treated school has contrasts in every outcome of the family, so they cannot be judged together",
                remedy="declare outcomes that the treated schools have in common, or extend the study's terms",
            )
        designs = [read_design(one) for one in kept]
    seed = min(design.seed for design in designs)
    every = {key for one in sums for key in _keys(one.schools)}
    return [replace(design, seed=seed) for design in designs], len(every) - len(common)


def _refuse_what_differs(sums: Sequence[SchoolSums]) -> None:
    if not sums:
        raise DesignError("there are no outcomes to judge together", remedy="declare the study's family of outcomes")
    outcomes = [one.outcome for one in sums]
    if len(set(outcomes)) < len(outcomes):
        raise DesignError("an outcome stands twice in the family", remedy="hand in each outcome's school sums once")
    if len({one.labels for one in sums}) > 1:
        raise DesignError(
            "the outcomes' school sums differ in their terms", remedy="make them all from the same panel's terms"
        )
    schools = pd.concat([one.schools for one in sums], ignore_index=True)
    if schools.groupby(_keys(schools))["treated_from"].nunique(dropna=False).gt(1).any():
        raise DesignError(
            "a school is treated from different terms in different outcomes",
            remedy="make every outcome's school sums from the same study file and forums table",
        )


def _restrict(sums: SchoolSums, kept: set[str]) -> SchoolSums:
    def among(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[_keys(frame).isin(list(kept))]

    return replace(
        sums,
        schools=among(sums.schools),
        terms=among(sums.terms),
        contrasts=among(sums.contrasts),
        covariates=among(sums.covariates),
    )


def _keys(frame: pd.DataFrame) -> pd.Series[str]:
    return frame["municipality"] + "/" + frame["school"]

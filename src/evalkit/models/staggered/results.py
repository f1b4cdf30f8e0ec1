"""Means of group-time effects told as an estimate or a curve, with an interval only where clusters allow one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtrit

from evalkit.models.cluster_covariance import Uncertainty
from evalkit.models.staggered.aggregation import Aggregate, Basis, Point, aggregate, basis
from evalkit.models.staggered.few_clusters import CLUSTERS_NEEDED, enough
from evalkit.models.staggered.group_time import Estimator, GroupTime
from evalkit.models.staggered.two_by_two_cells import Base
from evalkit.models.staggered.uncertainty import DRAWS, clustered_error, uniform_quantile
from evalkit.models.staggered.units_by_time import Control, Unbalanced, UnitsByTime
from evalkit.values import Curve, Diagnostic, Diagnostics, Estimate, Panel, Segment, fingerprint

Band = Literal["uniform", "pointwise"]
Fact = tuple[str, str | float | int]

MEANS: dict[Aggregate, str] = {
    "simple": "over all times from the start on, cohorts by size",
    "dynamic": "by time since the start, cohorts by size",
    "group": "by cohort, over its times from the start on",
    "calendar": "by time, cohorts already treated by size",
}
AXES: dict[Aggregate, str] = {"dynamic": "since_start", "group": "start", "calendar": "time"}
UNBALANCED: dict[Unbalanced, str] = {
    "pairwise": "pairwise (each comparison of two times uses the units seen at both)",
    "balanced": "balanced (only units seen at all times)",
}
CONTROLS: dict[Control, str] = {"never": "units never treated", "not_yet": "units never or not yet treated"}
ESTIMATORS: dict[Estimator, str] = {
    "doubly_robust": "doubly robust given covariates",
    "outcome_regression": "outcome regression on covariates",
    "inverse_weighting": "normalised inverse weighting by covariates",
}
COLUMNS = ["relative", "value", "low", "high", "band_low", "band_high", "schools", "pupils"]


@dataclass(frozen=True)
class Choices:
    """What the caller asked for."""

    control: Control
    aggregate: Aggregate
    covariates: bool
    estimator: Estimator
    base: Base
    unbalanced: Unbalanced


@dataclass(frozen=True, eq=False)
class Result:
    """Effects by cohort and time, and all that is told beside them.

    ``by_persons`` says that weights count persons; ``coverage`` is the share of the panel's rows that could be used.
    """

    panel: Panel
    units: UnitsByTime
    effects: GroupTime
    outcome: str
    unit: str
    by_persons: bool
    choices: Choices
    level: float
    coverage: float

    def persons(self, point: Point) -> tuple[int, int]:
        """Return the treated persons under a point, and the fewest in any group compared in it."""
        treated = self.effects.treated_weight if self.by_persons else self.effects.treated
        compared = self.effects.compared_weight if self.by_persons else self.effects.compared
        used = point.share > 0
        most = np.zeros(len(self.effects.starts))
        np.maximum.at(most, np.array([cell.cohort for cell in self.effects.cells])[used], treated[used])
        return int(most.sum()), int(min(treated[used].min(), compared[used].min()))

    def judge(self, point: Point) -> Judged:
        """Return a point with its uncertainty, where it may have one."""
        found = basis(self.effects, point)
        error = clustered_error(point.influence) if enough(found.treated, found.compared) else math.nan
        return Judged(point, found, Uncertainty(error, min(found.treated, found.compared) - 1.0))

    def is_reference(self, point: Point) -> bool:
        """Whether a point is 0 because it is measured from itself."""
        used = np.flatnonzero(point.share > 0)
        return all(self.effects.cells[k].time == self.effects.cells[k].base for k in used)


@dataclass(frozen=True, eq=False)
class Judged:
    """A point, what it rests on, and its uncertainty (unknown where it rests on too little)."""

    point: Point
    basis: Basis
    uncertainty: Uncertainty

    @property
    def reason(self) -> str | None:
        """Why there is no interval, None where there is one."""
        if self.uncertainty.known:
            return None
        if enough(self.basis.treated, self.basis.compared):
            return "no_standard_error"
        return "few_treated_clusters" if self.basis.treated <= self.basis.compared else "few_compared_clusters"


def estimate_of(result: Result, name: str) -> Estimate:
    """Return the mean over all cells from the start on."""
    found = result.judge(aggregate(result.effects, "simple").overall)
    value, sure = found.point.value, found.uncertainty
    reach = sure.reach(result.level)
    persons, fewest = result.persons(found.point)
    return Estimate(
        name=name,
        estimand=_estimand(result),
        design="effect",
        value=value,
        unit=result.unit,
        interval=(Segment(value - reach, value + reach),) if sure.known else (),
        level=result.level,
        standard_error=sure.standard_error if sure.known else None,
        p=sure.p(value),
        n=_everyone(result),
        clusters=_clusters(result),
        treated_clusters=found.basis.clusters,
        method=_method(result, found.reason),
        convention=_convention(result, found),
        diagnostics=_diagnostics(result, found, persons),
        details=(*_facts(result), *_reasons(found)),
        persons_minimum=fewest,
        origin=result.panel.origin,
    )


def curve_of(result: Result, band: Band, name: str) -> Curve:
    """Return the means along one axis, with the overall of them."""
    found = aggregate(result.effects, result.choices.aggregate)
    points, overall = [result.judge(point) for point in found.points], result.judge(found.overall)
    free = [one for one in points if one.uncertainty.known]
    uniform, seed = math.nan, _seed(points)
    if band == "uniform" and free:
        uniform = uniform_quantile(np.stack([one.point.influence for one in free]), level=result.level, seed=seed)
    frame = pd.DataFrame([_row(result, one, uniform) for one in points], columns=COLUMNS)
    reach = overall.uncertainty.reach(result.level)
    facts: list[Fact] = [("axis", AXES[result.choices.aggregate]), ("overall", overall.point.value)]
    if overall.uncertainty.known:
        facts += [
            ("overall_low", overall.point.value - reach),
            ("overall_high", overall.point.value + reach),
            ("overall_standard_error", overall.uncertainty.standard_error),
        ]
    facts += [
        ("bands", "multiplier" if math.isfinite(uniform) else "none"),
        ("convention", _convention(result, overall)),
    ]
    refused = sum(one.reason is not None and not result.is_reference(one.point) for one in points)
    return Curve(
        name=name,
        kind="event_study",
        estimand=_estimand(result),
        unit=result.unit,
        frame=frame,
        method=_method(
            result, overall.reason, f"uniform bands from {DRAWS} Rademacher draws over clusters, seed {seed}"
        )
        if math.isfinite(uniform)
        else _method(result, overall.reason),
        details=(*facts, ("points_without_interval", refused), *_facts(result), *_reasons(overall)),
        origin=result.panel.origin,
    )


def _row(result: Result, found: Judged, uniform: float) -> tuple[float, ...]:
    value, sure = found.point.value, found.uncertainty
    near = far = math.nan
    if sure.known:
        near = sure.reach(result.level)
        if math.isfinite(uniform):
            # the bootstrap takes standard errors as known; t at the same probability does not
            far = max(float(stdtrit(sure.freedom, ndtr(uniform))) * sure.standard_error, near)
    elif result.is_reference(found.point):
        near = far = 0.0
    edges = (value - near, value + near, value - far, value + far)
    return (found.point.at, value, *edges, found.basis.clusters, result.persons(found.point)[0])


def _seed(points: list[Judged]) -> int:
    """Return the seed that the spread of the points gives, whatever names, units and times are called."""
    spread = np.sqrt([float((one.point.influence**2).sum()) for one in points])
    relative = np.round(spread / max(spread.max(), 1e-300), 6)
    return int(fingerprint(tuple(float(one) for one in relative))[:12], 16)


def _everyone(result: Result) -> int:
    return int(result.units.own_weight.sum()) if result.by_persons else result.units.outcome.shape[1]


def _clusters(result: Result) -> int:
    return int((result.effects.load.sum(axis=0) > 0).sum())


def _estimand(result: Result) -> str:
    return (
        f"mean effect on {result.outcome} among the treated, {MEANS[result.choices.aggregate]}, "
        f"compared with {CONTROLS[result.choices.control]}"
    )


def _method(result: Result, reason: str | None, more: str = "") -> str:
    choices = result.choices
    told = "group-time effects (Callaway and Sant'Anna)"
    told += f", {ESTIMATORS[choices.estimator]}" if choices.covariates else ""
    if reason in ("few_treated_clusters", "few_compared_clusters"):
        side = "treated" if reason == "few_treated_clusters" else "compared"
        told += f"; no interval: fewer than {CLUSTERS_NEEDED} effective {side} clusters, use few_treated_effect"
    elif reason is not None:
        told += "; no interval: no standard error can be had"
    return f"{told}; {more}" if more else told


def _convention(result: Result, found: Judged) -> str:
    choices, cluster = result.choices, result.panel.cluster
    if found.uncertainty.known:
        told = (
            f"CR1 by {cluster}: sums of influence times G/(G-1), t with {found.uncertainty.freedom:.1f} degrees of "
            "freedom (effective clusters on the smaller side less 1)"
        )
    else:
        told = f"no cluster-robust or multiplier standard error by {cluster}"
    base = "the time before each" if choices.base == "varying" else "the last time before treatment can act"
    return f"{told}; unbalanced panel: {UNBALANCED[choices.unbalanced]}; times before the start measured from {base}"


def _reasons(found: Judged) -> tuple[Fact, ...]:
    if found.reason is None:
        return ()
    return (("reason", found.reason), ("instead", "few_treated_effect"))


def _facts(result: Result) -> tuple[Fact, ...]:
    choices = result.choices
    return (
        ("control", choices.control),
        ("estimator", choices.estimator if choices.covariates else "means"),
        ("unbalanced", choices.unbalanced),
        ("base_period", choices.base),
        ("anticipation", result.units.anticipation),
        ("cells", len(result.effects.cells)),
        ("cells_left_out", result.effects.impossible),
        ("units_started_early", result.units.started_early),
        ("units_incomplete", result.units.incomplete),
    )


def _diagnostics(result: Result, found: Judged, persons: int) -> Diagnostics:
    sure = found.uncertainty
    return Diagnostics(
        (
            Diagnostic("detectable_effect", sure.detectable(result.level), result.unit),
            Diagnostic("schools", _clusters(result)),
            Diagnostic("treated_schools", found.basis.clusters),
            Diagnostic("effective_treated_schools", found.basis.treated),
            Diagnostic("effective_comparison_schools", found.basis.compared),
            Diagnostic("degrees_of_freedom", sure.freedom if sure.known else None),
            Diagnostic("coverage", result.coverage, "share", _everyone(result)),
            Diagnostic("treated_persons", persons, "persons", persons),
        )
    )

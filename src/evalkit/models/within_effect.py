"""How an outcome moves with a measure within the same person."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.errors import DesignError, InputError
from evalkit.models.arrays import Integers
from evalkit.models.cluster_covariance import Uncertainty, bias_reduced, jackknife, plain_clustered
from evalkit.models.two_way import TwoWay, fit_two_way
from evalkit.models.wild_bootstrap import WildBootstrap, wild_bootstrap
from evalkit.values import Diagnostic, Diagnostics, Estimate, Panel, Segment, fingerprint

# as in a site's school sums, where a share of lessons may pass 1 a little
LARGEST_SHARE = 2.0

Covariance = Literal["bias_reduced", "cluster_robust", "jackknife", "wild_bootstrap"]

CONVENTIONS: dict[Covariance, str] = {
    "bias_reduced": (
        "CR2 by {cluster}, Satterthwaite degrees of freedom ({freedom:.1f}); person effects nested in clusters"
    ),
    "cluster_robust": (
        "CR1 by {cluster}, G/(G-1)*(N-1)/(N-K) with person effects nested in clusters not counted in K, "
        "{freedom:.0f} degrees of freedom"
    ),
    "jackknife": (
        "CR3 by {cluster}: (G-1)/G times the squared changes when a cluster is left out, {freedom:.0f} degrees of "
        "freedom; person effects nested in clusters"
    ),
    "wild_bootstrap": (
        "restricted wild bootstrap by {cluster}, {points} weights, {samples} samples ({kind}), test inverted; person "
        "effects nested in clusters"
    ),
}


def within_effect(
    panel: Panel,
    *,
    outcome: str,
    on: str,
    name: str = "within_effect",
    level: float = 0.95,
    covariance: Covariance = "bias_reduced",
) -> Estimate:
    """Estimate how much an outcome differs when the same person's measure is one point higher.

    Linear regression with person and term effects (linearmodels' PanelOLS). It is an association: what makes a measure
    rise in a term may move the outcome too.

    Parameters
    ----------
    panel
        Persons by terms; rows without outcome or measure are left out, and persons seen once say nothing.
    outcome, on
        Columns of the panel. An outcome that lies in 0-1 throughout is a share, reported in percentage points.
    name
        Name of the estimate.
    level
        Confidence level.
    covariance
        ``"bias_reduced"`` (CR2), right with few clusters; ``"wild_bootstrap"``, the named alternative, whose interval
        inverts a test; ``"cluster_robust"`` (CR1), the usual one, and ``"jackknife"`` (CR3), for comparison.

    Returns
    -------
    Estimate
        Design ``"association"``, per one point of ``on``. With one cluster the interval is open and the detail
        ``reason`` is ``"one_cluster"``; ``"no_standard_error"`` where the clusters hold too little to judge by.

    Raises
    ------
    InputError
        If there is no such covariance.
    DesignError
        If a column is missing, nobody is seen twice, the measure does not vary within persons, or a person stands in
        two clusters.
    """
    if covariance not in CONVENTIONS:
        raise InputError(f"there is no covariance {covariance!r}", remedy=f"take one of {', '.join(CONVENTIONS)}")
    rows = _usable_rows(panel, outcome, on)
    scale = share_scale(rows[outcome])
    codes = _codes(rows, panel)
    fit = fit_two_way(rows[outcome].to_numpy(float), rows[[on]].to_numpy(float), codes.unit, codes.time, codes.cluster)
    value = _panel_ols(rows, panel, outcome, on)
    judged = _judge(fit, covariance, value, scale=scale, level=level, seed=_seed(outcome, on, codes))
    unit = "percentage_points" if scale == 100.0 else "points"
    return Estimate(
        name=name,
        estimand=f"difference in {outcome} when the same person's {on} is one point higher, same term",
        design="association",
        value=value * scale,
        unit=unit,
        interval=judged.interval,
        level=level,
        standard_error=judged.standard_error,
        p=judged.p,
        attainable_p=judged.attainable_p,
        n=codes.persons,
        clusters=codes.clusters,
        method="PanelOLS (linearmodels) with person and term effects",
        convention=judged.convention(panel.cluster),
        diagnostics=_diagnostics(
            rows[on], codes, judged.uncertainty, level, coverage=len(rows) / len(panel.frame), unit=unit
        ),
        details=(("outcome", outcome), ("on", on), ("covariance", covariance), *_reason(codes.clusters, judged)),
        persons_minimum=codes.persons,
        origin=panel.origin,
    )


def share_scale(values: pd.Series[float]) -> float:
    """Return 100 for shares, of which none is negative or above 2, else 1."""
    return 100.0 if len(values) and bool(values.between(0.0, LARGEST_SHARE).all()) else 1.0


@dataclass(frozen=True, eq=False)
class _Codes:
    """Row codes of unit, time and cluster, and how many persons and clusters they stand for."""

    unit: Integers
    time: Integers
    cluster: Integers
    persons: int
    clusters: int


def _usable_rows(panel: Panel, outcome: str, on: str) -> pd.DataFrame:
    absent = [column for column in (outcome, on) if column not in panel.frame.columns]
    if absent:
        raise DesignError(
            f"the panel has no column {', '.join(absent)}", remedy="build the panel with the measure of that name"
        )
    columns = list(dict.fromkeys([panel.unit, panel.time, panel.cluster, outcome, on]))
    rows = panel.frame[columns].dropna()
    rows = rows[rows.groupby(panel.unit)[panel.time].transform("size") > 1]
    if rows.empty:
        raise DesignError(
            f"nobody has {outcome} and {on} in two terms, so persons cannot be compared with themselves",
            remedy="study more terms, or check that both measures cover the same terms",
        )
    if rows.groupby(panel.unit)[panel.cluster].nunique().gt(1).any():
        raise DesignError(
            "a person stands in two clusters, so the clusters cannot carry the uncertainty",
            remedy="cluster by a column that stays the same for each person, such as the school of the assignment date",
        )
    return rows.assign(**{outcome: rows[outcome].astype(float), on: rows[on].astype(float)})


def _codes(rows: pd.DataFrame, panel: Panel) -> _Codes:
    unit = pd.factorize(rows[panel.unit], sort=True)[0].astype(np.int64)
    time = pd.factorize(rows[panel.time], sort=True)[0].astype(np.int64)
    cluster = pd.factorize(rows[panel.cluster], sort=True)[0].astype(np.int64)
    return _Codes(unit, time, cluster, int(unit.max()) + 1, int(cluster.max()) + 1)


@dataclass(frozen=True)
class _Judgement:
    """How sure the value is; ``uncertainty`` is that of the convention, CR2 beside a bootstrap."""

    covariance: Covariance
    value: float
    level: float
    uncertainty: Uncertainty
    bootstrap: WildBootstrap | None

    @property
    def known(self) -> bool:
        return self.bootstrap is not None if self.covariance == "wild_bootstrap" else self.uncertainty.known

    @property
    def standard_error(self) -> float | None:
        return self.uncertainty.standard_error if self.known and self.bootstrap is None else None

    @property
    def p(self) -> float | None:
        if self.bootstrap is not None:
            return self.bootstrap.p
        return self.uncertainty.p(self.value) if self.known else None

    @property
    def attainable_p(self) -> float | None:
        return None if self.bootstrap is None else self.bootstrap.attainable_p

    @property
    def interval(self) -> tuple[Segment, ...]:
        if self.bootstrap is not None:
            return self.bootstrap.interval
        reach = self.uncertainty.reach(self.level) if self.known else math.inf
        return (Segment(self.value - reach, self.value + reach),)

    def convention(self, cluster: str) -> str:
        if not self.known:
            return f"no standard error can be had by {cluster}"
        if self.bootstrap is None:
            return CONVENTIONS[self.covariance].format(cluster=cluster, freedom=self.uncertainty.freedom)
        return CONVENTIONS["wild_bootstrap"].format(
            cluster=cluster,
            points=self.bootstrap.weights.capitalize(),
            samples=self.bootstrap.samples,
            kind="all up to sign" if self.bootstrap.enumerated else "drawn with a fixed seed",
        )


def _judge(fit: TwoWay, covariance: Covariance, value: float, *, scale: float, level: float, seed: int) -> _Judgement:
    first = np.eye(fit.scores.shape[1])[0]
    bootstrap = None
    if covariance == "cluster_robust":
        found = plain_clustered(fit.cross.sum(axis=0), fit.scores, first, fit.rows, fit.parameters)
    elif covariance == "jackknife":
        found = jackknife(fit.cross, fit.scores, first)
    else:
        found = bias_reduced(fit.cross, fit.scores, first)
    if covariance == "wild_bootstrap":
        bootstrap = wild_bootstrap(fit.cross, scale * fit.scores, first, scale * value, seed=seed, level=level)
    scaled = Uncertainty(found.standard_error * scale, found.freedom)
    return _Judgement(covariance, value * scale, level, scaled, bootstrap)


def _seed(outcome: str, on: str, codes: _Codes) -> int:
    """Return a seed that neither the order of rows nor the names of persons and schools change."""
    return int(fingerprint(outcome, on, len(codes.unit), codes.persons, codes.clusters)[:12], 16)


def _panel_ols(rows: pd.DataFrame, panel: Panel, outcome: str, on: str) -> float:
    from linearmodels.panel import PanelOLS  # slow to load, and most notebooks have no use for it

    indexed = rows.set_index([panel.unit, panel.time])
    model = PanelOLS(indexed[outcome], indexed[[on]], entity_effects=True, time_effects=True)
    return float(model.fit(cov_type="unadjusted").params[on])


def _reason(clusters: int, judged: _Judgement) -> tuple[tuple[str, str], ...]:
    if judged.known:
        return ()
    return (("reason", "one_cluster" if clusters < 2 else "no_standard_error"),)


def _diagnostics(
    measure: pd.Series[float],
    codes: _Codes,
    uncertainty: Uncertainty,
    level: float,
    *,
    coverage: float,
    unit: str,
) -> Diagnostics:
    found = uncertainty.freedom if uncertainty.known else None
    return Diagnostics(
        (
            Diagnostic("detectable_effect", uncertainty.detectable(level), unit),
            Diagnostic("schools", codes.clusters),
            Diagnostic("degrees_of_freedom", found),
            Diagnostic("coverage", coverage, "share", codes.persons),
            Diagnostic("rows", len(measure), "", codes.persons),
            Diagnostic("terms", int(codes.time.max()) + 1),
            Diagnostic("spread_within_persons", _within_spread(measure, codes.unit), "points", codes.persons),
        )
    )


def _within_spread(values: pd.Series[float], unit: Integers) -> float:
    numbers = values.to_numpy(dtype=float)
    means = np.bincount(unit, numbers) / np.bincount(unit)
    return float(np.sqrt(((numbers - means[unit]) ** 2).mean()))

"""How an outcome moves with a measure within the same person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.errors import DesignError
from evalkit.models.arrays import Integers
from evalkit.models.cluster_covariance import Uncertainty, bias_reduced, plain_clustered
from evalkit.models.two_way import TwoWay, fit_two_way
from evalkit.values import Diagnostic, Diagnostics, Estimate, Panel, Segment

StandardError = Literal["CR2", "CR1"]

CONVENTIONS = {
    "CR2": "CR2 by {cluster}, Satterthwaite degrees of freedom ({freedom:.1f}); person effects nested in clusters",
    "CR1": (
        "CR1 by {cluster}, G/(G-1)*(N-1)/(N-K) with person effects nested in clusters not counted in K, "
        "{freedom:.0f} degrees of freedom"
    ),
}


def within_effect(
    panel: Panel,
    *,
    outcome: str,
    on: str,
    name: str = "within_effect",
    level: float = 0.95,
    standard_error: StandardError = "CR2",
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
    standard_error
        ``"CR2"``, right with few clusters (Bell and McCaffrey), or ``"CR1"``, the usual one, for comparison.

    Returns
    -------
    Estimate
        Design ``"association"``, per one point of ``on``. With one cluster the interval is open and the detail
        ``reason`` is ``"one_cluster"``; ``"no_standard_error"`` where the clusters hold too little to judge by.

    Raises
    ------
    DesignError
        If a column is missing, nobody is seen twice, the measure does not vary within persons, or a person stands in
        two clusters.
    """
    rows = _usable_rows(panel, outcome, on)
    scale = share_scale(rows[outcome])
    codes = _codes(rows, panel)
    fit = fit_two_way(rows[outcome].to_numpy(float), rows[[on]].to_numpy(float), codes.unit, codes.time, codes.cluster)
    uncertainty = _uncertainty(fit, standard_error)
    value = _panel_ols(rows, panel, outcome, on)
    scaled = Uncertainty(uncertainty.standard_error * scale, uncertainty.freedom)
    reach = scaled.reach(level)
    unit = "percentage_points" if scale == 100.0 else "points"
    return Estimate(
        name=name,
        estimand=f"difference in {outcome} when the same person's {on} is one point higher, same term",
        design="association",
        value=value * scale,
        unit=unit,
        interval=(Segment(value * scale - reach, value * scale + reach),),
        level=level,
        standard_error=scaled.standard_error if scaled.known else None,
        p=scaled.p(value * scale),
        n=codes.persons,
        clusters=codes.clusters,
        method="PanelOLS (linearmodels) with person and term effects",
        convention=_convention(standard_error, panel.cluster, scaled),
        diagnostics=_diagnostics(
            rows[on], codes, scaled, scaled.detectable(level), coverage=len(rows) / len(panel.frame), unit=unit
        ),
        details=(("outcome", outcome), ("on", on), *_reason(codes.clusters, scaled)),
        persons_minimum=codes.persons,
        origin=panel.origin,
    )


def share_scale(values: pd.Series[float]) -> float:
    """Return 100 for shares, which lie in 0-1 throughout, else 1."""
    return 100.0 if len(values) and bool(values.between(0.0, 1.0).all()) else 1.0


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


def _uncertainty(fit: TwoWay, standard_error: StandardError) -> Uncertainty:
    first = np.eye(fit.scores.shape[1])[0]
    if standard_error == "CR2":
        return bias_reduced(fit.cross, fit.scores, first)
    return plain_clustered(fit.cross.sum(axis=0), fit.scores, first, fit.rows, fit.parameters)


def _panel_ols(rows: pd.DataFrame, panel: Panel, outcome: str, on: str) -> float:
    from linearmodels.panel import PanelOLS  # slow to load, and most notebooks have no use for it

    indexed = rows.set_index([panel.unit, panel.time])
    model = PanelOLS(indexed[outcome], indexed[[on]], entity_effects=True, time_effects=True)
    return float(model.fit(cov_type="unadjusted").params[on])


def _convention(standard_error: StandardError, cluster: str, uncertainty: Uncertainty) -> str:
    if not uncertainty.known:
        return f"no standard error can be had by {cluster}"
    return CONVENTIONS[standard_error].format(cluster=cluster, freedom=uncertainty.freedom)


def _reason(clusters: int, uncertainty: Uncertainty) -> tuple[tuple[str, str], ...]:
    if uncertainty.known:
        return ()
    return (("reason", "one_cluster" if clusters < 2 else "no_standard_error"),)


def _diagnostics(
    measure: pd.Series[float],
    codes: _Codes,
    uncertainty: Uncertainty,
    detectable: float | None,
    *,
    coverage: float,
    unit: str,
) -> Diagnostics:
    found = uncertainty.freedom if uncertainty.known else None
    return Diagnostics(
        (
            Diagnostic("detectable_effect", detectable, unit),
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

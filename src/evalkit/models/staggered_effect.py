"""The effect of something that starts at different times, in panels with many treated clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

from evalkit.errors import DesignError
from evalkit.models.arrays import Floats, Integers
from evalkit.models.staggered.aggregation import Aggregate
from evalkit.models.staggered.group_time import Estimator, group_time_effects
from evalkit.models.staggered.results import Band, Choices, Result, curve_of, estimate_of
from evalkit.models.staggered.two_by_two_cells import Base
from evalkit.models.staggered.units_by_time import Control, Unbalanced, UnitsByTime, arrange
from evalkit.models.within_effect import share_scale
from evalkit.values import Curve, Estimate, Panel

Values = TypeVar("Values", Floats, Integers)


def staggered_effect(
    panel: Panel,
    *,
    outcome: str,
    control: Control = "never",
    aggregate: Aggregate = "simple",
    covariates: Sequence[str] = (),
    estimator: Estimator = "doubly_robust",
    anticipation: int = 0,
    base_period: Base = "varying",
    unbalanced: Unbalanced = "pairwise",
    weight: str | None = None,
    level: float = 0.95,
    band: Band = "uniform",
    name: str = "staggered_effect",
) -> Estimate | Curve:
    """Estimate group-time effects (Callaway and Sant'Anna 2021) and take means of them.

    A cohort is the units that start at the same time. Its effect at a time is its change since the last time before
    the start, minus the change of units not treated then. An interval is given only where it rests on at least
    `CLUSTERS_NEEDED` effective treated and as many effective compared clusters: with fewer its size is not what it
    says. It takes t with the effective clusters on the smaller side less 1 as degrees of freedom. Where there is no
    interval, `few_treated_effect` on school sums gives one.

    Parameters
    ----------
    panel
        The same units again and again. Starts are in ``panel.treated_from``; a start after the last time is never.
        Units that started before anything could be compared are left out. Uncertainty is by ``panel.cluster``.
    outcome
        Column; one that lies in 0-1 throughout is a share, reported in percentage points.
    control
        Compare with units ``"never"`` treated, or also with those ``"not_yet"`` treated at either time.
    aggregate
        ``"simple"``, ``"dynamic"`` (by time since the start), ``"group"`` (by cohort) or ``"calendar"`` (by time).
    covariates
        Columns; their value at the earlier of the two times counts.
    estimator
        How covariates count: ``"doubly_robust"`` (the traditional one, R ``did``'s default ``dr``),
        ``"outcome_regression"`` or ``"inverse_weighting"`` (normalised). Without covariates they are the same.
    anticipation
        How many times before the start treatment may already act.
    base_period
        Times before that are measured from the time before each (``"varying"``) or from the same last time before
        treatment can act as the later ones (``"universal"``).
    unbalanced
        ``"pairwise"``: each comparison of two times uses the units seen at both; ``"balanced"``: only units seen at all
        times are used.
    weight
        Column of weights, by default ``panel.weight``, which counts persons; the one at the earlier time counts, and
        for the size of a cohort the first seen.
    level
        Confidence level.
    band
        ``"uniform"`` adds bands that hold at all points at once (multiplier bootstrap over clusters, seeded by the
        result); ``"pointwise"`` leaves them empty.
    name
        Name of the result.

    Returns
    -------
    Estimate or Curve
        ``"simple"``: design ``"effect"``; without an interval the detail ``reason`` is ``"few_treated_clusters"``,
        ``"few_compared_clusters"`` or ``"no_standard_error"``, and ``instead`` is ``"few_treated_effect"``.
        Otherwise a curve of kind ``"event_study"`` whose detail ``axis`` tells what its column ``relative`` holds:
        ``"since_start"``, ``"start"`` (of the cohort) or ``"time"``; ``low``, ``high`` and the bands are missing where
        no interval is given. Its details ``overall`` and, where given, ``overall_low`` and ``overall_high`` are the
        mean as R's ``aggte`` takes it.

    Raises
    ------
    DesignError
        If nobody can be compared, a unit changes cluster or start, or the covariates leave nobody comparable.

    Examples
    --------
    In a notebook, with 60 schools that began in different terms and 40 that never did::

        curve = staggered_effect(panel, outcome="attendance_rate", aggregate="dynamic", control="not_yet")
        curve.frame                 # one row per term since the start, with bands
        curve.detail("overall")     # the mean from the start on, in percentage points
    """
    rows, scale = _usable_rows(panel, outcome, tuple(covariates), weight or panel.weight)
    units = _laid_out(rows, panel, scale, control=control, unbalanced=unbalanced, anticipation=anticipation)
    effects = group_time_effects(units, control=control, estimator=estimator, base=base_period)
    result = Result(
        panel=panel,
        units=units,
        effects=effects,
        outcome=outcome,
        unit="percentage_points" if scale == 100.0 else "points",
        by_persons=weight is None and panel.weight is not None,
        choices=Choices(control, aggregate, bool(covariates), estimator, base_period, unbalanced),
        level=level,
        coverage=len(rows) / len(panel.frame),
    )
    return estimate_of(result, name) if aggregate == "simple" else curve_of(result, band, name)


def _usable_rows(
    panel: Panel, outcome: str, covariates: tuple[str, ...], weight: str | None
) -> tuple[pd.DataFrame, float]:
    """Return rows that hold all: ``unit``, ``time``, ``cluster``, ``start``, ``outcome``, ``weight``, covariates."""
    needed = [outcome, *covariates, *([weight] if weight else [])]
    absent = [column for column in needed if column not in panel.frame.columns]
    if absent:
        raise DesignError(
            f"the panel has no column {', '.join(absent)}", remedy="build the panel with the measure of that name"
        )
    if panel.treated_from is None:
        raise DesignError(
            "the panel does not say from when anyone is treated", remedy="build it with the table of what was done"
        )
    frame = panel.frame.dropna(subset=needed)
    columns = {
        "unit": pd.factorize(frame[panel.unit])[0],
        "time": frame[panel.time].to_numpy(dtype=np.int64),
        "cluster": pd.factorize(frame[panel.cluster], sort=True)[0],
        "start": frame[panel.treated_from].to_numpy(dtype=float, na_value=np.nan),
        "outcome": frame[outcome].to_numpy(dtype=float),
        **{f"covariate {place}": frame[column].to_numpy(dtype=float) for place, column in enumerate(covariates)},
    }
    if weight:
        columns["weight"] = frame[weight].to_numpy(dtype=float)
    rows = pd.DataFrame(columns)
    rows["start"] = rows["start"].where(rows["start"] != 0)
    return rows, share_scale(rows["outcome"])


def _laid_out(
    rows: pd.DataFrame, panel: Panel, scale: float, *, control: Control, unbalanced: Unbalanced, anticipation: int
) -> UnitsByTime:
    if anticipation < 0:
        raise DesignError("anticipation is negative", remedy="give the number of times before the start, 0 or more")
    if rows.empty:
        raise DesignError("nobody has the outcome together with all covariates", remedy="check their coverage")
    unit = rows["unit"].to_numpy()
    chosen = [column for column in rows if str(column).startswith("covariate ")]
    return arrange(
        unit,
        rows["time"].to_numpy(),
        rows["outcome"].to_numpy() * scale,
        _one_a_unit(rows["start"].fillna(np.inf).to_numpy(), unit, panel.treated_from or ""),
        _one_a_unit(rows["cluster"].to_numpy(), unit, panel.cluster),
        weight=rows["weight"].to_numpy() if "weight" in rows else None,
        covariates=rows[chosen].to_numpy() if chosen else None,
        control=control,
        unbalanced=unbalanced,
        anticipation=anticipation,
    )


def _one_a_unit(values: Values, unit: Integers, column: str) -> Values:
    """Return each unit's value, which its rows must share."""
    own = np.empty(int(unit.max()) + 1, dtype=values.dtype)
    own[unit] = values
    if (own[unit] != values).any():
        raise DesignError(
            f"{column} changes over time for the same unit, so its effect and cluster cannot be told",
            remedy="use a column that stays the same for each unit, such as the school of the assignment date",
        )
    return own

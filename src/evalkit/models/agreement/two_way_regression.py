"""Two-way fixed effects, through linearmodels, and what its standard error owes to convention."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evalkit.models.agreement.answers import Answer, Cells, ask


@dataclass(frozen=True)
class Conventions:
    """What other conventions make of the standard error of `regress_two_way`, as factors of it.

    Parameters
    ----------
    without_clusters
        Without ``G/(G-1)``.
    counting_terms
        Where K counts the time effects, as the project's own regressions and fixest do.
    counting_nested
        Where K counts the unit effects too, although they are nested in clusters (linearmodels' default).
    """

    without_clusters: float
    counting_terms: float
    counting_nested: float


def regress_two_way(cells: Cells) -> Answer:
    """Regress the outcome on treatment with unit and time effects, weighted.

    The standard error is that of R's plm: ``G/(G-1) * (N-1)/(N-K)`` where K counts treatment alone.
    """

    def task() -> Answer:
        from linearmodels.panel import PanelOLS

        rows = cells.frame.assign(treatment=cells.treated.astype(float)).set_index(["unit", "time"])
        weights = rows["weight"] if cells.weighted else None
        model = PanelOLS(rows["outcome"], rows[["treatment"]], entity_effects=True, time_effects=True, weights=weights)
        fit = model.fit(
            cov_type="clustered", clusters=rows[["cluster"]], auto_df=False, count_effects=False, group_debias=True
        )
        return Answer("two_way", float(fit.params["treatment"]), float(fit.std_errors["treatment"]))

    return ask("two_way", task)


def compare_conventions(cells: Cells) -> Conventions:
    """Return what conventions make of the same standard error in these rows."""
    frame = cells.frame
    clusters, rows = frame["cluster"].nunique(), len(frame)
    units, times = frame["unit"].nunique(), frame["time"].nunique()
    return Conventions(
        without_clusters=math.sqrt((clusters - 1) / clusters),
        counting_terms=_factor(rows, times),
        counting_nested=_factor(rows, times + units - 1),
    )


def _factor(rows: int, counted: int) -> float:
    """Return by what the standard error grows where K counts so many parameters beside treatment."""
    return math.sqrt((rows - 1) / (rows - 1 - counted)) if rows - 1 > counted else math.inf

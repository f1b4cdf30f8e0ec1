"""Schools by terms out of school sums: the panel that the estimators share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.models.arrays import Floats, Integers
from evalkit.models.school_design import SchoolDesign
from evalkit.values import Panel, SchoolSums

OUTCOME = "mean"


@dataclass(frozen=True, eq=False)
class SchoolPanel:
    """The terms of a design's schools.

    Parameters
    ----------
    outcome
        (G, T) mean outcome, NaN where a school has none.
    weight
        (G,) mean pupils a term, each school's weight in all terms.
    times
        (T,)
    first
        (k,) index of the first treated term of each of the design's treated schools.
    panel
        The same as rows, with columns ``school``, ``time``, ``treated_from``, ``pupils`` and ``mean``.
    """

    outcome: Floats
    weight: Floats
    times: Integers
    first: Integers
    panel: Panel

    @property
    def balanced(self) -> bool:
        """Whether every school has every term."""
        return bool(np.isfinite(self.outcome).all())


def spread_over_terms(sums: SchoolSums, design: SchoolDesign) -> SchoolPanel | None:
    """Return the panel of the design's schools, None where a school has no term before or from its start on."""
    scale = 100.0 if sums.unit == "share" else 1.0
    terms = sums.terms[sums.terms["pupils"] > 0]
    terms = terms.assign(key=terms["municipality"] + "/" + terms["school"])
    terms = terms[terms["key"].isin(design.schools)]
    if terms["key"].nunique() < len(design.schools):
        return None
    terms = terms.assign(mean=scale * terms["outcome_sum"] / terms["pupils"])
    times = np.sort(terms["time"].unique()).astype(np.int64)
    outcome = terms.pivot(index="key", columns="time", values="mean").reindex(index=list(design.schools), columns=times)
    weight = terms.groupby("key")["pupils"].mean().reindex(list(design.schools)).to_numpy(dtype=float)
    began = np.full(len(design.schools), np.nan)
    began[design.treated] = np.array(design.starts, dtype=float)[design.slots]
    first = np.searchsorted(times, began[design.treated])
    seen = np.isfinite(outcome.to_numpy(dtype=float))[design.treated]
    if not all(row[:start].any() and row[start:].any() for row, start in zip(seen, first, strict=True)):
        return None
    rows = pd.DataFrame(
        {
            "school": terms["key"],
            "time": terms["time"].astype("int64"),
            "treated_from": terms["key"].map(dict(zip(design.schools, began, strict=True))),
            "pupils": terms["key"].map(dict(zip(design.schools, weight, strict=True))),
            OUTCOME: terms["mean"],
        }
    )
    panel = Panel(rows, "school", "time", "school", treated_from="treated_from", weight="pupils", labels=sums.labels)
    return SchoolPanel(outcome.to_numpy(dtype=float), weight, times, first.astype(np.int64), panel)


def terms_before_and_after(panel: SchoolPanel, design: SchoolDesign, *, complete: bool) -> float:
    """Return the difference of the terms' means alone: after less before, treated schools less untreated, by weight.

    Parameters
    ----------
    panel, design
        The schools.
    complete
        Leave out schools that miss a term; otherwise they count with the terms they have, where these lie on both
        sides of the start.
    """
    parts, masses = [], []
    whole = np.asarray(np.isfinite(panel.outcome).all(axis=1) | (not complete))
    for first in np.unique(panel.first):
        after, before = panel.outcome[:, first:], panel.outcome[:, :first]
        seen = whole & np.isfinite(after).any(axis=1) & np.isfinite(before).any(axis=1)
        change = np.full(len(panel.outcome), np.nan)
        change[seen] = np.nanmean(after[seen], axis=1) - np.nanmean(before[seen], axis=1)
        mine = design.treated[panel.first == first]
        mine, others = mine[seen[mine]], np.flatnonzero(seen & design.untreated)
        if len(mine) and len(others):
            own = np.average(change[mine], weights=panel.weight[mine])
            parts.append(own - np.average(change[others], weights=panel.weight[others]))
            masses.append(panel.weight[mine].sum())
    return float(np.average(parts, weights=masses)) if parts else float("nan")

"""How an outcome's mean changed from one term to another. Never called an effect."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.errors import DesignError
from evalkit.models.arrays import Booleans, Floats
from evalkit.models.cluster_covariance import Uncertainty, bias_reduced
from evalkit.models.within_effect import share_scale
from evalkit.values import Diagnostic, Diagnostics, Estimate, Panel, Segment


def change_over_time(
    panel: Panel,
    *,
    outcome: str,
    between: tuple[str, str],
    year_group: int | None = None,
    name: str = "change",
    level: float = 0.95,
) -> Estimate:
    """Compare the mean over persons in a later term with that in an earlier one.

    Parameters
    ----------
    panel
        Persons by terms.
    outcome
        Column; one that lies in 0-1 throughout the panel is a share, reported in percentage points.
    between
        Labels of the earlier and the later term.
    year_group
        Only persons in this year group in the term; they are mostly different persons in the two terms.
    name
        Name of the estimate.
    level
        Confidence level.

    Returns
    -------
    Estimate
        Design ``"change"``: later minus earlier. Details ``from``, ``to`` (labels), ``from_level``, ``to_level``
        (percent for shares), ``year_group``. The interval takes the schools as a sample of what could have happened in
        them (CR2 by cluster, Satterthwaite degrees of freedom); with one cluster it is open and the detail ``reason``
        is ``"one_cluster"``.

    Raises
    ------
    DesignError
        If a term or column is unknown, or a term has no person with an outcome.
    """
    rows, there = _rows(panel, outcome, between, year_group)
    later = (rows["_later"] == 1.0).to_numpy()
    values = rows[outcome].to_numpy(dtype=float)
    scale = share_scale(panel.frame[outcome].dropna())
    before, after = float(values[~later].mean()) * scale, float(values[later].mean()) * scale
    found = _uncertainty(values * scale, later, rows[panel.cluster])
    change, reach = after - before, found.reach(level)
    clusters = int(rows[panel.cluster].nunique())
    unit = "percentage_points" if scale == 100.0 else "points"
    persons = (int((~later).sum()), int(later.sum()))
    facts: list[tuple[str, str | float | int]] = [
        ("from", between[0]),
        ("to", between[1]),
        ("from_level", before),
        ("to_level", after),
    ]
    facts += [("year_group", year_group)] if year_group is not None else []
    facts += [] if found.known else [("reason", "one_cluster" if clusters < 2 else "no_standard_error")]
    return Estimate(
        name=name,
        estimand=f"mean of {outcome} over persons in {between[1]} minus that in {between[0]}",
        design="change",
        value=change,
        unit=unit,
        interval=(Segment(change - reach, change + reach),),
        level=level,
        standard_error=found.standard_error if found.known else None,
        p=found.p(change),
        n=int(rows[panel.unit].nunique()),
        clusters=clusters,
        method="difference of means over persons",
        convention=_convention(found, panel.cluster),
        diagnostics=_diagnostics(
            found, Diagnostic("detectable_effect", found.detectable(level), unit), clusters, persons, len(rows) / there
        ),
        details=tuple(facts),
        persons_minimum=min(persons),
        origin=panel.origin,
    )


def _rows(panel: Panel, outcome: str, between: tuple[str, str], year_group: int | None) -> tuple[pd.DataFrame, int]:
    """Return the two terms' rows with an outcome, and how many rows there are with or without."""
    times = {label: time for time, label in panel.labels}
    unknown = [label for label in between if label not in times]
    if unknown or outcome not in panel.frame.columns:
        raise DesignError(
            f"the panel has no {', '.join(unknown) or outcome}",
            remedy=f"choose among the terms {', '.join(times)} and the measures the panel was built with",
        )
    frame = panel.frame[panel.frame[panel.time].isin([times[label] for label in between])]
    if year_group is not None:
        frame = frame[frame["year_group"] == year_group]
    rows = frame.dropna(subset=[outcome])
    rows = rows.assign(_later=(rows[panel.time] == times[between[1]]).astype(float))
    for label in between:
        if not (rows[panel.time] == times[label]).any():
            raise DesignError(f"nobody has {outcome} in {label}", remedy="choose another term, year group or outcome")
    return rows, len(frame)


def _uncertainty(values: Floats, later: Booleans, cluster: pd.Series[str]) -> Uncertainty:
    code = pd.factorize(cluster, sort=True)[0]
    groups = int(code.max()) + 1
    design = np.column_stack([np.ones(len(values)), later.astype(float)])
    means = np.where(later, values[later].mean(), values[~later].mean())
    cross = np.stack([design[code == group].T @ design[code == group] for group in range(groups)])
    residual = values - means
    scores = np.stack([design[code == group].T @ residual[code == group] for group in range(groups)])
    return bias_reduced(cross, scores, np.array([0.0, 1.0]))


def _convention(found: Uncertainty, cluster: str) -> str:
    if not found.known:
        return f"no standard error can be had by {cluster}"
    return f"CR2 by {cluster}, Satterthwaite degrees of freedom ({found.freedom:.1f})"


def _diagnostics(
    found: Uncertainty, detectable: Diagnostic, clusters: int, persons: tuple[int, int], coverage: float
) -> Diagnostics:
    return Diagnostics(
        (
            detectable,
            Diagnostic("schools", clusters),
            Diagnostic("degrees_of_freedom", found.freedom if found.known else None),
            Diagnostic("coverage", coverage, "share", sum(persons)),
            Diagnostic("persons_from", persons[0], "persons", persons[0]),
            Diagnostic("persons_to", persons[1], "persons", persons[1]),
        )
    )

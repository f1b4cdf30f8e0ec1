"""Effects by cohort and time, with their influence summed by cluster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.errors import DesignError
from evalkit.models.arrays import Floats, Integers
from evalkit.models.staggered.two_by_two import Estimator, two_by_two
from evalkit.models.staggered.two_by_two_cells import Base, Cell, list_cells
from evalkit.models.staggered.units_by_time import Control, UnitsByTime

__all__ = ["Control", "Estimator", "GroupTime", "group_time_effects"]


@dataclass(frozen=True, eq=False)
class GroupTime:
    """K cells of a staggered design, over C clusters.

    Parameters
    ----------
    starts, times
        (S,), (T,) as in `UnitsByTime`.
    cells
        The K cells that can be estimated.
    value
        (K,) Mean effect in the cohort at the time.
    influence
        (K, C) Contributions to ``value``, summed over a cluster's units. They sum to 0; their squares sum to the
        variance.
    load
        (S + 1, C) Weight of each cohort's units in each cluster.
    treated, compared
        (K,) Units in each cell.
    treated_weight, compared_weight
        (K,) What they weigh.
    impossible
        Cells left out because nobody treated, or nobody to compare with, was seen at both times.
    """

    starts: Integers
    times: Integers
    cells: tuple[Cell, ...]
    value: Floats
    influence: Floats
    load: Floats
    treated: Integers
    compared: Integers
    treated_weight: Floats
    compared_weight: Floats
    impossible: int

    @property
    def since(self) -> Integers:
        """(K,) Time since the cohort's start."""
        return np.array([self.times[c.time] - self.starts[c.cohort] for c in self.cells], dtype=np.int64)


def group_time_effects(
    units: UnitsByTime,
    *,
    control: Control = "never",
    estimator: Estimator = "doubly_robust",
    base: Base = "varying",
) -> GroupTime:
    """Estimate the effect in every cohort at every time.

    Without covariates the three estimators are the same: the mean change of the treated minus that of the compared.

    Parameters
    ----------
    units
        From `arrange`, called with the same ``control``.
    control, base
        As in `list_cells`.
    estimator
        As in `two_by_two`. Covariates and weights are those at the earlier of the two times, the base
        wherever treatment can act.

    Raises
    ------
    DesignError
        If no cell can be estimated, or covariates do not allow one.
    """
    cells = list_cells(units.starts, units.times, control=control, anticipation=units.anticipation, base=base)
    sides = _Sides(units)
    found = [
        (cell, part)
        for cell in cells
        if (part := _conditional(units, cell, estimator) if len(units.covariates) else _difference(sides, cell))
        is not None
    ]
    if not found:
        raise DesignError(
            "nobody treated was seen both before and after the start together with someone to compare with",
            remedy="choose more terms, or an outcome that more units have",
        )
    own = units.own_weight
    load = [
        np.bincount(units.cluster[s], own[s], units.clusters) for s in map(units.slice_of, range(len(units.edges) - 1))
    ]
    return GroupTime(
        starts=units.starts,
        times=units.times,
        cells=tuple(cell for cell, _ in found),
        value=np.array([part.value for _, part in found]),
        influence=np.stack([part.influence for _, part in found]),
        load=np.stack(load),
        treated=np.array([part.treated[0] for _, part in found], dtype=np.int64),
        compared=np.array([part.compared[0] for _, part in found], dtype=np.int64),
        treated_weight=np.array([part.treated[1] for _, part in found], dtype=float),
        compared_weight=np.array([part.compared[1] for _, part in found], dtype=float),
        impossible=len(cells) - len(found),
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """One cell's effect and influence by cluster; ``treated`` and ``compared`` are units and weight."""

    value: float
    influence: Floats
    treated: tuple[int, float]
    compared: tuple[int, float]


@dataclass(frozen=True, eq=False)
class _Side:
    """The mean change of some cohorts, and its influence by cluster."""

    mean: float
    influence: Floats
    units: int
    weight: float


class _Sides:
    """Mean changes by cohorts and times; those of compared units recur in many cells."""

    def __init__(self, units: UnitsByTime) -> None:
        self.units = units
        self.known: dict[tuple[tuple[int, ...], int, int], _Side | None] = {}

    def find(self, cohorts: tuple[int, ...], time: int, base: int) -> _Side | None:
        """Return the side, None where nobody of these cohorts was seen at both times."""
        key = (cohorts, time, base)
        if key not in self.known:
            self.known[key] = self._work_out(*key)
        return self.known[key]

    def _work_out(self, cohorts: tuple[int, ...], time: int, base: int) -> _Side | None:
        sums, weights, seen = np.zeros(self.units.clusters), np.zeros(self.units.clusters), 0
        for where in _stretches(self.units, cohorts):
            change, weight, cluster = _changes(self.units, where, time, base)
            seen += len(change)
            sums += np.bincount(cluster, change if weight is None else change * weight, self.units.clusters)
            weights += np.bincount(cluster, weight, self.units.clusters)
        total = float(weights.sum())
        if not seen:
            return None
        mean = float(sums.sum()) / total
        return _Side(mean, (sums - mean * weights) / total, seen, total)


def _difference(sides: _Sides, cell: Cell) -> _Part | None:
    """Return the mean change of the treated minus that of the compared."""
    own = sides.find((cell.cohort,), cell.time, cell.base)
    other = sides.find(cell.compared, cell.time, cell.base)
    if own is None or other is None:
        return None
    return _Part(
        own.mean - other.mean,
        own.influence - other.influence,
        (own.units, own.weight),
        (other.units, other.weight),
    )


def _conditional(units: UnitsByTime, cell: Cell, estimator: Estimator) -> _Part | None:
    """Return the effect given the covariates at the earlier time."""
    parts, earlier = [], min(cell.time, cell.base)
    for cohort in (cell.cohort, *cell.compared):
        where = units.slice_of(cohort)
        change = units.outcome[cell.time, where] - units.outcome[cell.base, where]
        weight = _weight_at(units, where, earlier)
        weight = np.ones(len(change)) if weight is None else weight
        there = np.isfinite(change)
        x = units.covariates[:, earlier, where].T[there]
        own = np.full(len(x), float(cohort == cell.cohort))
        parts.append((change[there], own, weight[there], x, units.cluster[where][there]))
    change, treated, weight, x, cluster = (np.concatenate(column) for column in zip(*parts, strict=True))
    count, heavy = int(treated.sum()), float(treated @ weight)
    if not count or count == len(treated):
        return None
    if cell.time == cell.base:
        value, influence = 0.0, np.zeros(len(change))
    else:
        value, influence = two_by_two(change, treated, weight, x, estimator)
    return _Part(
        value,
        np.bincount(cluster, influence, units.clusters).astype(float),
        (count, heavy),
        (len(treated) - count, float(weight.sum()) - heavy),
    )


def _stretches(units: UnitsByTime, cohorts: tuple[int, ...]) -> list[slice]:
    """Return where cohorts stand, neighbours taken together."""
    found: list[slice] = []
    for cohort in cohorts:
        where = units.slice_of(cohort)
        if found and found[-1].stop == where.start:
            found[-1] = slice(found[-1].start, where.stop)
        else:
            found.append(where)
    return found


def _changes(units: UnitsByTime, where: slice, time: int, base: int) -> tuple[Floats, Floats | None, Integers]:
    """Return change, weight and cluster of the units there that were seen at both times."""
    change = units.outcome[time, where] - units.outcome[base, where]
    weight, cluster = _weight_at(units, where, min(time, base)), units.cluster[where]
    if units.complete:
        return change, weight, cluster
    there = np.isfinite(change)
    return change[there], None if weight is None else weight[there], cluster[there]


def _weight_at(units: UnitsByTime, where: slice, time: int) -> Floats | None:
    if units.weight is None:
        return None
    return units.weight[where] if units.weight.ndim == 1 else units.weight[time, where]

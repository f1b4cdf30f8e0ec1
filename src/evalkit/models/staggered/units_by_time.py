"""Rows of a panel laid out as times by units, units that start together side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.errors import DesignError
from evalkit.models.arrays import Booleans, Floats, Integers

Unbalanced = Literal["pairwise", "balanced"]
Control = Literal["never", "not_yet"]


@dataclass(frozen=True, eq=False)
class UnitsByTime:
    """T times by U units in S cohorts; a cohort is the units that start at the same time.

    Parameters
    ----------
    times
        (T,) in order.
    starts
        (S,) first treated times, in order.
    edges
        (S + 2,) The units of cohort ``s`` stand at ``edges[s]:edges[s + 1]``. Cohort S is never treated; where there
        are no such units it is the last to start, and the times from its start on are left out.
    outcome
        (T, U), NaN where a unit was not seen.
    cluster
        (U,) codes from 0.
    clusters
        How many codes there are.
    weight
        (U,), (T, U) where it changes over time, or None where all count alike.
    covariates
        (K, T, U)
    complete
        Whether every unit was seen at every time.
    anticipation
        How many times before the start the treatment may already act.
    started_early, incomplete
        Units left out because they started before anything could be compared, or (rule ``"balanced"``) were not seen
        at every time.
    """

    times: Integers
    starts: Integers
    edges: Integers
    outcome: Floats
    cluster: Integers
    clusters: int
    weight: Floats | None
    covariates: Floats
    complete: bool
    anticipation: int
    started_early: int
    incomplete: int

    def slice_of(self, cohort: int) -> slice:
        """Return where a cohort's units stand."""
        return slice(int(self.edges[cohort]), int(self.edges[cohort + 1]))

    @property
    def own_weight(self) -> Floats:
        """(U,) Each unit's weight when it was first seen."""
        if self.weight is None:
            return np.ones(self.outcome.shape[1])
        if self.weight.ndim == 1:
            return self.weight
        first = np.argmax(np.isfinite(self.weight), axis=0)
        return np.asarray(self.weight[first, np.arange(len(first))], dtype=float)


def arrange(
    unit: Integers,
    time: Integers,
    outcome: Floats,
    start: Floats,
    cluster: Integers,
    *,
    weight: Floats | None = None,
    covariates: Floats | None = None,
    control: Control = "never",
    unbalanced: Unbalanced = "pairwise",
    anticipation: int = 0,
) -> UnitsByTime:
    """Lay out N rows.

    Parameters
    ----------
    unit, time
        (N,) Codes of the U units from 0 without gaps, and whole numbers; no pair stands twice.
    outcome, weight
        (N,) A row that lacks one of them or a covariate, or weighs nothing, is as if it were not there.
    start, cluster
        (U,) First treated time, NaN for never (one between two times counts from the later); codes from 0.
    covariates
        (N, K)
    control
        ``"never"`` asks for units that are never treated. A start after the last time is never.
    unbalanced
        ``"pairwise"`` keeps every unit, and each comparison of two times uses the units seen at both; ``"balanced"``
        keeps only units seen at all times.
    anticipation
        As in `UnitsByTime`.

    Raises
    ------
    DesignError
        If nobody is left to be treated or compared.
    """
    kept = _usable(outcome, weight, covariates)
    place, times = _time_codes(time, kept)
    began = np.where(np.isnan(start), np.inf, np.ceil(start))
    began[_seen_units(unit, place, kept, len(start), len(times)) == 0] = np.nan
    began, ends, early = _comparable(began, times, control, anticipation)
    seen = _seen_units(unit, place, kept, len(start), ends)
    incomplete = 0
    if unbalanced == "balanced":
        whole = seen == ends
        incomplete = int((~whole & (seen > 0) & ~np.isnan(began)).sum())
        began, ends, _ = _comparable(np.where(whole, began, np.nan), times[:ends], control, anticipation)
    began = np.where(seen > 0, began, np.nan)
    order, starts, edges = _cohorts(began)
    position = np.full(len(start), -1, dtype=np.int64)
    position[order] = np.arange(len(order))
    sheet = _sheet(position[unit], place, kept, (ends, len(order)))
    many = covariates.shape[1] if covariates is not None else 0
    laid_out = np.empty((many, ends, len(order)))
    for index in range(many):
        laid_out[index] = sheet.lay(covariates[:, index])  # type: ignore[index]
    return UnitsByTime(
        times=times[:ends],
        starts=starts,
        edges=edges,
        outcome=sheet.lay(outcome),
        cluster=cluster[order],
        clusters=int(cluster.max()) + 1,
        weight=None if weight is None else _steady(sheet.lay(weight)),
        covariates=laid_out,
        complete=sheet.complete,
        anticipation=anticipation,
        started_early=early,
        incomplete=incomplete,
    )


@dataclass(frozen=True, eq=False)
class _Sheet:
    """Where the rows that count (all where ``rows`` is None) stand in a table of times by units."""

    rows: Booleans | None
    place: Integers
    column: Integers
    shape: tuple[int, int]
    complete: bool

    def lay(self, values: Floats) -> Floats:
        """Return (T, U) values, NaN where there is no row."""
        laid = np.empty(self.shape) if self.complete else np.full(self.shape, np.nan)
        laid[self.place, self.column] = values if self.rows is None else values[self.rows]
        return laid


def _sheet(column: Integers, place: Integers, kept: Booleans | None, shape: tuple[int, int]) -> _Sheet:
    """Return where rows stand, given each one's column (-1 for none) and place."""
    rows = (column >= 0) & (place < shape[0])
    if kept is not None:
        rows &= kept
    count = int(rows.sum())
    complete = count == shape[0] * shape[1]
    if count == len(rows):
        return _Sheet(None, place, column, shape, complete)
    return _Sheet(rows, place[rows], column[rows], shape, complete)


def _usable(outcome: Floats, weight: Floats | None, covariates: Floats | None) -> Booleans | None:
    """Return which rows hold everything, None where all do."""
    kept: Booleans = np.isfinite(outcome)
    if weight is not None:
        if (weight < 0).any():
            raise DesignError("a weight is negative", remedy="weights are numbers of persons or shares, 0 or more")
        kept &= weight > 0
    if covariates is not None and covariates.shape[1]:
        kept &= np.isfinite(covariates).all(axis=1)
    return None if kept.all() else kept


def _time_codes(time: Integers, kept: Booleans | None) -> tuple[Integers, Integers]:
    """Return each row's place among the times that were seen, and those times."""
    if not len(time) or (kept is not None and not kept.any()):
        raise DesignError("nobody has the outcome", remedy="check the measure's coverage")
    first = int(time.min())
    counts = np.bincount(time - first if kept is None else time[kept] - first, minlength=int(time.max()) - first + 1)
    places = np.cumsum(counts > 0) - 1
    return np.asarray(places[time - first], dtype=np.int64), np.flatnonzero(counts).astype(np.int64) + first


def _comparable(start: Floats, times: Integers, control: Control, anticipation: int) -> tuple[Floats, int, int]:
    """Return each unit's start, how many of the times can be used, and how many units started too early.

    The start of a unit to compare with throughout is infinite, that of one left out is NaN, before and after.
    """
    began = start.copy()
    began[began > times[-1] + anticipation] = np.inf
    early = began <= times[0] + anticipation
    began[early] = np.nan
    ends = len(times)
    present = began[~np.isnan(began)]
    if not len(present) or not np.isfinite(present).any():
        raise DesignError(
            "no treated unit is seen before its start, so there is no effect to estimate",
            remedy="let the panel's terms begin before the first start, or check treated_from",
        )
    if np.isinf(present).any():
        return began, ends, int(early.sum())
    if control == "never":
        raise DesignError(
            "nobody who can be compared was never treated",
            remedy='compare with those not treated yet: control="not_yet"',
        )
    last = present.max()
    ends = int((times < last - anticipation).sum())
    began[began == last] = np.inf
    began[began > times[ends - 1] + anticipation] = np.inf
    if not np.isfinite(began).any():
        raise DesignError(
            "everyone is treated from the same time, so there is nobody to compare with",
            remedy="add units that are treated later or never",
        )
    return began, ends, int(early.sum())


def _seen_units(unit: Integers, place: Integers, kept: Booleans | None, units: int, ends: int) -> Integers:
    rows = place < ends
    if kept is not None:
        rows &= kept
    return np.bincount(unit if rows.all() else unit[rows], minlength=units)


def _cohorts(began: Floats) -> tuple[Integers, Integers, Integers]:
    """Return units in order of their start, the starts, and where each cohort's units begin."""
    order = np.argsort(began, kind="stable")
    order = order[: int((~np.isnan(began)).sum())]
    finite = np.unique(began[np.isfinite(began)])
    edges = np.searchsorted(began[order], [*finite, np.inf], side="left")
    return order.astype(np.int64), finite.astype(np.int64), np.append(edges, len(order)).astype(np.int64)


def _steady(weight: Floats) -> Floats:
    """Return one weight a unit where it never changes."""
    first = np.argmax(np.isfinite(weight), axis=0)
    own = weight[first, np.arange(weight.shape[1])]
    same = (weight == own) | np.isnan(weight)
    return np.asarray(own if same.all() else weight, dtype=float)

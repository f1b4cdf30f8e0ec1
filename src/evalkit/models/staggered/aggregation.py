"""Means of group-time effects: over everything, by time since the start, by cohort, by calendar time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.errors import DesignError
from evalkit.models.arrays import Booleans, Floats, Integers
from evalkit.models.effective_clusters import effective_number
from evalkit.models.staggered.group_time import GroupTime

Aggregate = Literal["simple", "dynamic", "group", "calendar"]


@dataclass(frozen=True, eq=False)
class Point:
    """One mean of effects.

    Parameters
    ----------
    at
        Time since the start, start of the cohort, or time; 0 for an overall.
    value
        The mean effect.
    influence
        (C,) Contributions by cluster, those through the cohorts' sizes included.
    share
        (K,) What each cell counts for; sums to 1.
    """

    at: int
    value: float
    influence: Floats
    share: Floats


@dataclass(frozen=True)
class Basis:
    """What a point rests on: clusters with someone treated, and effective clusters on both sides."""

    clusters: int
    treated: float
    compared: float


@dataclass(frozen=True, eq=False)
class Aggregated:
    """Means of group-time effects in order, and the overall of them; ``points`` is empty for ``"simple"``."""

    points: tuple[Point, ...]
    overall: Point


def aggregate(effects: GroupTime, kind: Aggregate) -> Aggregated:
    """Take means as R's ``aggte`` does (Callaway and Sant'Anna 2021, section 3).

    Parameters
    ----------
    effects
        By cohort and time.
    kind
        ``"simple"``: over all cells from the start on, by the size of the cohort. ``"dynamic"``: by time since the
        start; overall the plain mean from the start on. ``"group"``: the plain mean over a cohort's times from the
        start on; overall by the size of the cohort. ``"calendar"``: by time, cohorts by size; overall the plain mean.

    Raises
    ------
    DesignError
        If no time from a start on can be estimated.
    """
    since, cohort = effects.since, np.array([cell.cohort for cell in effects.cells])
    time = np.array([cell.time for cell in effects.cells])
    after = since >= 0
    if not after.any():
        raise DesignError("nothing was seen from the start on", remedy="choose terms that reach past the start")
    if kind == "simple":
        return Aggregated((), _by_size(effects, 0, after))
    if kind == "dynamic":
        points = tuple(_by_size(effects, int(at), since == at) for at in np.unique(since))
        return Aggregated(points, _plain(point for point in points if point.at >= 0))
    if kind == "calendar":
        points = tuple(_by_size(effects, int(effects.times[at]), after & (time == at)) for at in np.unique(time[after]))
        return Aggregated(points, _plain(points))
    points = tuple(_one_cohort(effects, int(g), after & (cohort == g)) for g in np.unique(cohort[after]))
    return Aggregated(points, _over_cohorts(effects, points, np.unique(cohort[after])))


def basis(effects: GroupTime, point: Point) -> Basis:
    """Return how many clusters a point rests on."""
    own, other = np.zeros(len(effects.load)), np.zeros(len(effects.load))
    sizes = effects.load.sum(axis=1)
    for cell, share in zip(effects.cells, point.share, strict=True):
        if share > 0:
            own[cell.cohort] += share / sizes[cell.cohort]
            other[list(cell.compared)] += share / sizes[list(cell.compared)].sum()
    treated = own @ effects.load
    return Basis(int((treated > 0).sum()), effective_number(treated), effective_number(other @ effects.load))


def _by_size(effects: GroupTime, at: int, chosen: Booleans) -> Point:
    """Return the mean over some cells by the size of their cohort."""
    cohort = np.array([cell.cohort for cell in effects.cells])[chosen]
    sizes = effects.load.sum(axis=1)
    total = sizes[cohort].sum()
    share = np.zeros(len(chosen))
    share[chosen] = sizes[cohort] / total
    value = float(share @ effects.value)
    slope = np.bincount(cohort, (effects.value[chosen] - value) / total, len(sizes))
    return Point(at, value, share @ effects.influence + slope @ effects.load, share)


def _one_cohort(effects: GroupTime, cohort: int, chosen: Booleans) -> Point:
    share = chosen / chosen.sum()
    return Point(int(effects.starts[cohort]), float(share @ effects.value), share @ effects.influence, share)


def _over_cohorts(effects: GroupTime, points: tuple[Point, ...], cohorts: Integers) -> Point:
    loads = effects.load[cohorts]
    sizes = loads.sum(axis=1)
    weights = sizes / sizes.sum()
    values = np.array([point.value for point in points])
    value = float(weights @ values)
    influence = weights @ np.stack([point.influence for point in points])
    influence = influence + ((values - value) / sizes.sum()) @ loads
    return Point(0, value, influence, weights @ np.stack([point.share for point in points]))


def _plain(points: Iterable[Point]) -> Point:
    """Return the plain mean of points."""
    chosen = list(points)
    return Point(
        0,
        float(np.mean([point.value for point in chosen])),
        np.mean([point.influence for point in chosen], axis=0),
        np.mean([point.share for point in chosen], axis=0),
    )

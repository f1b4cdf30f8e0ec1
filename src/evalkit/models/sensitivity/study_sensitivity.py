"""What would overturn the effect of something that only a few schools did."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from evalkit.errors import DesignError
from evalkit.models.arrays import Floats, Integers
from evalkit.models.assignments import comparison_weights, variance_parts
from evalkit.models.path_covariance import PathCovariance, path_covariance
from evalkit.models.school_design import read_design
from evalkit.models.school_paths import REFERENCE, Paths, Point, read_paths, read_points, single_paths
from evalkit.models.sensitivity.fixed_length import fixed_length_interval
from evalkit.models.sensitivity.restrictions import Path
from evalkit.models.sensitivity.robust_interval import Interval, breakdown, relative_interval
from evalkit.values import Curve, SchoolSums

Fact = tuple[str, str | float | int]
Asked = Literal["relative", "smooth", "both"]
RELATIVE_BOUNDS = (0.0, 0.5, 1.0, 1.5, 2.0)
SMOOTH_MULTIPLES = (0.0, 1.0, 2.0, 3.0, 4.0)
EVERYTHING = (-math.inf, math.inf)


def sensitivity(
    sums: SchoolSums, *, restriction: Asked = "both", level: float = 0.95, name: str = "forum_sensitivity"
) -> Curve:
    """Tell how far treated and compared schools may have drifted apart before the effect could be nothing.

    The path of `event_study` over the terms that every treated school has is taken as effect plus drift. Under
    ``"relative"`` no step of the drift after the start exceeds ``bound`` times the largest step before it (intervals by
    the conditional least-favourable test); under ``"smooth"`` its slope changes by at most ``bound`` from one term to
    the next (shortest interval of fixed length). See Rambachan and Roth (2023).

    Chance over terms comes from placebo paths, or where these are too few to judge by, from the untreated schools'
    single paths scaled by the variance model; never from a cluster-robust covariance. It is drawn towards a structure
    as `path_covariance` tells, and widened because it rests on few schools: every standard deviation is multiplied by
    the quantile of Student's t with the schools' degrees of freedom over that of the normal distribution.

    Smooth bounds are multiples of a scale found before any school's outcome is compared: the standard deviation that
    sampling of pupils alone gives the effect, divided by the terms after the start, rounded down to 1, 2 or 5 times a
    power of ten (1 where pupils do not differ).

    Parameters
    ----------
    sums
        Of all the study's sites.
    restriction
        Which bounds to show.
    level
        Confidence level.
    name
        Name of the curve.

    Returns
    -------
    Curve
        Kind ``"sensitivity"``: ``restriction``, ``bound``, ``low``, ``high``, ``schools`` (treated), ``pupils`` (the
        fewest in any of the terms). Ends are infinite where too few schools are untreated, and missing where every
        effect is refused. Details: ``value`` (the mean
        after the start without drift), ``breakdown_relative``, ``breakdown_smooth`` (smallest bound whose interval
        takes in 0, infinite where none does), ``smooth_scale``, ``terms_before``, ``terms_after``, ``terms_left_out``,
        ``comparison``, ``covariance`` (``"placebo"`` or ``"variance_model"``), ``placebos``, ``freedom``,
        ``shrinkage``, ``persistence``, ``widening``.

    Raises
    ------
    DesignError
        As `few_treated_effect`; also if the treated schools share fewer than two terms before their starts.
    """
    design = read_design(sums)
    paths = read_paths(sums, design)
    points, left_out = _shared_points(paths)
    chance = _chance(paths, points, level)
    path = None if chance is None else _path(points, chance, level)
    scale = _smooth_scale(paths, sum(point.relative > REFERENCE for point in points))
    kinds = [kind for kind in _kinds(path, scale, level) if restriction in (kind.name, "both")]
    crowd = (points[0].schools, min(point.pupils for point in points))
    rows = [(kind.name, bound, *kind.interval(bound), *crowd) for kind in kinds for bound in kind.bounds]
    return Curve(
        name=name,
        kind="sensitivity",
        estimand=_estimand(sums.outcome),
        unit=design.unit,
        frame=pd.DataFrame(rows, columns=["restriction", "bound", "low", "high", "schools", "pupils"]),
        method="conditional least-favourable test (relative), shortest interval of fixed length (smooth)",
        details=(
            ("value", _mean(points)),
            *((f"breakdown_{kind.name}", breakdown(kind.interval, kind.unit)) for kind in kinds),
            ("smooth_scale", scale),
            ("terms_before", sum(point.relative < REFERENCE for point in points)),
            ("terms_after", sum(point.relative > REFERENCE for point in points)),
            ("terms_left_out", left_out),
            ("comparison", paths.design.comparison),
            ("covariance", "placebo" if paths.permuted(level) else "variance_model"),
            ("placebos", len(paths.assignments)),
            *_told(chance, level),
        ),
        origin=sums.origin,
    )


@dataclass(frozen=True)
class _Kind:
    """One restriction: its name, the bounds to show, a bound of ordinary size, and the interval at a bound."""

    name: str
    bounds: tuple[float, ...]
    unit: float
    interval: Callable[[float], Interval]


def _kinds(path: Path | None, scale: float, level: float) -> tuple[_Kind, ...]:
    def relative(bound: float) -> Interval:
        return EVERYTHING if path is None else relative_interval(path, bound, level)

    def smooth(bound: float) -> Interval:
        return EVERYTHING if path is None else fixed_length_interval(path, bound, level)

    return (
        _Kind("relative", RELATIVE_BOUNDS, 1.0, relative),
        _Kind("smooth", tuple(multiple * scale for multiple in SMOOTH_MULTIPLES), scale, smooth),
    )


def _estimand(outcome: str) -> str:
    return (
        f"change in {outcome} from the term before the start to the terms from the start on that every treated school "
        "has, in treated schools in excess of comparison schools; schools weighted by pupils, terms by the treated "
        "schools' pupils in them"
    )


def _shared_points(paths: Paths) -> tuple[list[Point], int]:
    """Keep the terms that every treated school has: with others the mean over schools would jump with its members."""
    found = [point for point in read_points(paths) if point.relative != REFERENCE]
    shared = [point for point in found if point.schools == len(paths.design.treated)]
    if not any(point.relative < REFERENCE for point in shared):
        raise DesignError(
            "the treated schools share fewer than two terms before their starts, so no drift before them is seen",
            remedy="extend the study's terms so that they begin earlier, or study the earliest starts apart",
        )
    return shared, len(found) - len(shared)


def _chance(paths: Paths, points: list[Point], level: float) -> PathCovariance | None:
    """Judge the covariance over terms; None where too few schools are untreated or none of them moves."""
    steps = _steps(points)
    if paths.permuted(level):
        null = np.stack([point.placebos for point in points], axis=1)
    else:
        null = single_paths(paths, steps.tolist())
    freedom = paths.design.freedom
    if freedom < 1 or not len(null) or not (null != 0).any(axis=0).all():
        return None
    return path_covariance(null, steps, REFERENCE, freedom)


def _path(points: list[Point], chance: PathCovariance, level: float) -> Path:
    steps = _steps(points)
    return Path(
        value=np.array([point.value for point in points]),
        covariance=chance.value * _widening(chance.freedom, level) ** 2,
        before=int((steps < REFERENCE).sum()),
        weight=_weight(points),
    )


def _steps(points: list[Point]) -> Integers:
    return np.array([point.relative for point in points], dtype=np.int64)


def _weight(points: list[Point]) -> Floats:
    pupils = np.array([point.pupils for point in points if point.relative > REFERENCE], dtype=float)
    return np.asarray(pupils / pupils.sum(), dtype=float)


def _mean(points: list[Point]) -> float:
    return float(_weight(points) @ [point.value for point in points if point.relative > REFERENCE])


def _widening(freedom: int, level: float) -> float:
    """Return Student's quantile over the normal one."""
    return float(stdtrit(freedom, (1 + level) / 2) / ndtri((1 + level) / 2))


def _told(chance: PathCovariance | None, level: float) -> tuple[Fact, ...]:
    if chance is None:
        return ()
    return (
        ("freedom", chance.freedom),
        ("shrinkage", chance.shrinkage),
        ("persistence", chance.persistence),
        ("widening", _widening(chance.freedom, level)),
    )


def _smooth_scale(paths: Paths, after: int) -> float:
    weights = comparison_weights(paths.design, paths.design.treated[None, :])
    raw = math.sqrt(float(variance_parts(weights, paths.variance)[1][0])) / after
    if raw == 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(raw))
    return float(max(step * power for step in (1.0, 2.0, 5.0) if step * power <= raw * (1.0 + 1e-9)))

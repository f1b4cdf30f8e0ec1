"""Term by term, before and after the start: treated schools minus the schools they are compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from evalkit.models.arrays import Floats, Integers
from evalkit.models.path_covariance import PathCovariance, path_covariance
from evalkit.models.placebo_bands import p_value, studentise, upper_quantile
from evalkit.models.pre_trend import slope_found
from evalkit.models.school_design import read_design
from evalkit.models.school_paths import REFERENCE, Paths, Point, read_paths, read_points, single_paths
from evalkit.values import Curve, SchoolSums

Fact = tuple[str, str | float | int]
DRAWS = 4_000


def event_study(sums: SchoolSums, *, level: float = 0.95, name: str = "forum_event_study") -> Curve:
    """Follow treated schools term by term around their start, minus comparison schools in the same terms.

    School-term means are measured from the term before each treated school's start. Bands come from giving the start
    dates to untreated schools: each placebo path is put on the observed one's scale by the variance model of
    `few_treated_effect` and divided, term by term, by the standard deviation over placebos that share no school with
    it. Pointwise bands take each term's own quantile, uniform ones that of the largest over terms. Where placebos are
    too few, or fewer than eight schools are untreated to each treated one, t quantiles are used with the untreated
    schools' single paths, and for the uniform band their error is divided over the terms. Untreated schools that lack
    a term are left out.

    The path before the start is tested by the same largest deviation, over its own terms. Beside the p-value stands
    what the test could have found (Roth 2022): the slope of a linear violation that it finds in 50 and 80 of 100
    studies with chance like this one's, and what such a slope would add to the mean effect after the start. Neither
    decides whether an effect is shown.

    Parameters
    ----------
    sums
        Of all the study's sites.
    level
        Confidence level of the bands; the test before the start is made at ``1 - level``.
    name
        Name of the curve.

    Returns
    -------
    Curve
        Kind ``"event_study"``: ``relative`` (terms since the start, -1 is the reference and exactly 0), ``value``,
        ``low``, ``high``, ``band_low``, ``band_high``, ``schools`` (treated schools under the point), ``pupils``
        (theirs in that term). Details: ``placebos``, ``bands`` (``"permutation"`` or ``"t"``), ``comparison``,
        ``reference``, ``schools_left_out``; where there are terms before the reference and schools to judge them by,
        ``pretrend_p``, ``pretrend_terms``, ``pretrend_slope_50``, ``pretrend_slope_80`` (per term),
        ``pretrend_bias_50``, ``pretrend_bias_80`` (added to the mean over terms from the start, weighted by pupils).

    Raises
    ------
    DesignError
        As `few_treated_effect`.
    """
    design = read_design(sums)
    paths = read_paths(sums, design)
    permuted = paths.permuted(level)
    points = read_points(paths)
    return Curve(
        name=name,
        kind="event_study",
        estimand=f"{sums.outcome} in treated schools minus comparison schools, since the term before the start",
        unit=design.unit,
        frame=_banded(paths, points, level),
        method="studentised placebo paths over untreated schools" if permuted else "t quantiles over untreated schools",
        details=(
            ("placebos", len(paths.assignments)),
            ("bands", "permutation" if permuted else "t"),
            ("comparison", paths.design.comparison),
            ("reference", REFERENCE),
            ("schools_left_out", paths.left_out),
            *_pre_trend(paths, points, level),
        ),
        origin=sums.origin,
    )


@dataclass(frozen=True, eq=False)
class _Chance:
    """What chance does to R terms: deviations, and how many of them are too many for one term and for any of them.

    ``sizes`` (N, R) are the placebos in their own deviations, None where t quantiles are used.
    """

    deviation: Floats
    each: Floats
    together: float
    sizes: Floats | None


def _judge(paths: Paths, points: list[Point], level: float) -> _Chance:
    if paths.permuted(level):
        placebos = np.stack([point.placebos for point in points], axis=1)
        deviation, sizes = studentise(paths.assignments, placebos)
        together = float(upper_quantile(sizes.max(axis=1), level))
        return _Chance(deviation, upper_quantile(sizes, level), together, sizes)
    singles = [single_paths(paths, [point.relative]) for point in points]
    freedom = paths.design.freedom
    known = [freedom >= 1 and len(one) > 0 for one in singles]
    spread = [np.sqrt((one**2).mean()) if there else np.inf for one, there in zip(singles, known, strict=True)]
    each = np.full(len(points), stdtrit(max(freedom, 1), (1 + level) / 2))
    divided = float(stdtrit(max(freedom, 1), 1 - (1 - level) / (2 * max(len(points), 1))))
    return _Chance(np.array(spread, dtype=float), each, divided, None)


def _banded(paths: Paths, points: list[Point], level: float) -> pd.DataFrame:
    free = [point for point in points if point.relative != REFERENCE]
    chance = _judge(paths, free, level)
    near = dict(zip([point.relative for point in free], chance.each * chance.deviation, strict=True))
    far = dict(zip([point.relative for point in free], chance.together * chance.deviation, strict=True))
    rows = []
    for point in points:
        reach, wide = near.get(point.relative, 0.0), far.get(point.relative, 0.0)
        edges = (point.value - reach, point.value + reach, point.value - wide, point.value + wide)
        rows.append((point.relative, point.value, *edges, point.schools, point.pupils))
    columns = ["relative", "value", "low", "high", "band_low", "band_high", "schools", "pupils"]
    return pd.DataFrame(rows, columns=columns)


def _pre_trend(paths: Paths, points: list[Point], level: float) -> tuple[Fact, ...]:
    """Test the path before the start and tell what the test could have found; nothing where it cannot be tested."""
    before = [point for point in points if point.relative < REFERENCE]
    if not before:
        return ()
    chance = _judge(paths, before, level)
    if not (np.isfinite(chance.deviation) & (chance.deviation > 0)).all():
        return ()
    steps = np.array([point.relative for point in before], dtype=np.int64)
    observed = float(np.max(np.abs([point.value for point in before]) / chance.deviation))
    if chance.sizes is not None:
        p = p_value(observed, chance.sizes.max(axis=1))
        null = np.stack([point.placebos for point in before], axis=1)
    else:
        freedom = paths.design.freedom
        p = min(1.0, 2.0 * len(steps) * float(stdtr(freedom, -observed)))
        null = _drawn(
            path_covariance(single_paths(paths, steps.tolist()), steps, REFERENCE, freedom), paths.design.seed
        )
    facts = (("pretrend_p", p), ("pretrend_terms", len(steps)))
    return (*facts, *_slopes(points, steps, chance, null))


def _slopes(points: list[Point], steps: Integers, chance: _Chance, null: Floats) -> tuple[Fact, ...]:
    after = [point for point in points if point.relative > REFERENCE]
    weight = np.array([point.pupils for point in after], dtype=float)
    lever = float(weight @ [point.relative - REFERENCE for point in after] / weight.sum())
    distance = (steps - REFERENCE).astype(float)
    found = {share: slope_found(share / 100.0, distance, chance.deviation, null, chance.together) for share in (50, 80)}
    return (
        *((f"pretrend_slope_{share}", slope) for share, slope in found.items()),
        *((f"pretrend_bias_{share}", slope * lever) for share, slope in found.items()),
    )


def _drawn(chance: PathCovariance, seed: int) -> Floats:
    generator = np.random.default_rng(seed)
    return generator.multivariate_normal(np.zeros(len(chance.value)), chance.value, DRAWS, method="cholesky")

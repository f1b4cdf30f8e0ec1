"""Term by term, before and after the start: treated schools minus the schools they are compared with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from evalkit.errors import DesignError
from evalkit.models.arrays import Floats, Integers
from evalkit.models.assignments import comparison_weights, keep_admissible, list_assignments, variance_parts
from evalkit.models.permutation import fine_enough
from evalkit.models.school_design import SchoolDesign, keep_schools, read_design
from evalkit.models.variance_model import class_correlations, fit_spread, sampling_variance
from evalkit.values import Curve, SchoolSums

REFERENCE = -1


def event_study(sums: SchoolSums, *, level: float = 0.95, name: str = "forum_event_study") -> Curve:
    """Follow treated schools term by term around their start, minus comparison schools in the same terms.

    School-term means are measured from the term before each treated school's start. Bands come from giving the start
    dates to untreated schools: each placebo path is put on the observed one's scale by the variance model of
    `few_treated_effect`; pointwise bands take each term's own quantile, uniform ones that of the largest deviation over
    terms, in each term's own standard deviations. Where too few placebos exist, t quantiles are used, and for the
    uniform band those are divided over the terms. Untreated schools that lack a term are left out.

    Parameters
    ----------
    sums
        Of all the study's sites.
    level
        Confidence level of the bands.
    name
        Name of the curve.

    Returns
    -------
    Curve
        Kind ``"event_study"``: ``relative`` (terms since the start, -1 is the reference and exactly 0), ``value``,
        ``low``, ``high``, ``band_low``, ``band_high``, ``schools`` (treated schools under the point), ``pupils``
        (theirs in that term). Details: ``placebos``, ``bands`` (``"permutation"`` or ``"t"``), ``comparison``,
        ``reference``, ``schools_left_out``.

    Raises
    ------
    DesignError
        As `few_treated_effect`.
    """
    design = read_design(sums)
    paths = _paths(sums, design)
    placebos = len(paths.assignments)
    permuted = fine_enough(placebos, level)
    points = [point for point in (_point(paths, step) for step in paths.steps) if point is not None]
    return Curve(
        name=name,
        kind="event_study",
        estimand=f"{sums.outcome} in treated schools minus comparison schools, since the term before the start",
        unit=design.unit,
        frame=_banded(points, paths.design.freedom, level, permuted),
        method="studentised placebo paths over untreated schools" if permuted else "t quantiles over untreated schools",
        details=(
            ("placebos", placebos),
            ("bands", "permutation" if permuted else "t"),
            ("comparison", paths.design.comparison),
            ("reference", REFERENCE),
            ("schools_left_out", paths.left_out),
        ),
        origin=sums.origin,
    )


@dataclass(frozen=True, eq=False)
class _Paths:
    """All schools' term means, and the N ways to hand the starts to untreated schools.

    ``outcome`` and ``pupils`` are (G, T); ``calm`` is the design of the untreated schools alone, whose numbering the
    (N, k) ``assignments`` use; ``variance`` (G, S) and ``spread`` are those of the contrasts.
    """

    design: SchoolDesign
    calm: SchoolDesign
    times: Integers
    outcome: Floats
    pupils: Floats
    assignments: Integers
    variance: Floats
    spread: float
    left_out: int

    @property
    def steps(self) -> range:
        """Terms relative to any treated school's start."""
        starts = self.design.starts
        return range(int(self.times.min()) - max(starts), int(self.times.max()) - min(starts) + 1)


@dataclass(frozen=True, eq=False)
class _Point:
    """One term relative to the start; placebo differences are on the observed one's scale."""

    relative: int
    value: float
    placebos: Floats
    schools: int
    pupils: int


def _paths(sums: SchoolSums, whole: SchoolDesign) -> _Paths:
    outcome, pupils = _term_means(sums, whole)
    kept = np.flatnonzero(np.isfinite(outcome).all(axis=1) | ~whole.untreated)
    design = _comparable(keep_schools(whole, kept))
    calm = keep_schools(design, np.flatnonzero(design.untreated))
    variance = sampling_variance(design, class_correlations(design)[-1])
    spread = fit_spread(design.contrast[None], variance, design.stratum, design.untreated[None], design.shares)
    return _Paths(
        design=design,
        calm=calm,
        times=_times(sums),
        outcome=outcome[kept],
        pupils=pupils[kept],
        assignments=_calm_assignments(calm),
        variance=variance,
        spread=float(spread.mode[0]),
        left_out=len(outcome) - len(kept) + whole.left_out,
    )


def _comparable(design: SchoolDesign) -> SchoolDesign:
    """Compare with all schools where a treated school's stratum lost its last comparison."""
    if not design.untreated.any():
        raise DesignError(
            "no untreated school has pupils in every term, so the course of events cannot be compared",
            remedy="shorten the study's terms to those that the schools have in common",
        )
    if np.isin(design.stratum[design.treated], design.stratum[design.untreated]).all():
        return design
    return replace(design, stratum=np.zeros_like(design.stratum), comparison="all_schools")


def _calm_assignments(calm: SchoolDesign) -> Integers:
    k = len(calm.slots)
    if len(calm.schools) <= k:
        return np.empty((0, k), dtype=np.int64)
    listed, _ = list_assignments(np.arange(len(calm.schools)), calm.slots, np.arange(k), seed=calm.seed)
    return keep_admissible(calm, listed)


def _times(sums: SchoolSums) -> Integers:
    return np.unique(np.array([time for time, _ in sums.labels] or sums.terms["time"], dtype=np.int64))


def _term_means(sums: SchoolSums, design: SchoolDesign) -> tuple[Floats, Floats]:
    """Return (G, T) mean outcome and pupils, missing where a school had none."""
    scale = 100.0 if sums.unit == "share" else 1.0
    terms = sums.terms.assign(key=sums.terms["municipality"] + "/" + sums.terms["school"])
    times = _times(sums).tolist()
    wide = {
        column: terms.pivot(index="key", columns="time", values=column)
        .reindex(index=list(design.schools), columns=times)
        .to_numpy(dtype=float, na_value=np.nan)
        for column in ("pupils", "outcome_sum")
    }
    pupils = np.where(wide["pupils"] > 0, wide["pupils"], np.nan)
    return scale * wide["outcome_sum"] / pupils, pupils


def _point(paths: _Paths, step: int) -> _Point | None:
    """Return the difference at one term relative to the start, with its placebos; None where no school has it."""
    design, index = paths.design, {int(time): place for place, time in enumerate(paths.times)}
    change = np.full((len(design.schools), len(design.starts)), np.nan)
    there = np.zeros_like(change)
    for place, start in enumerate(design.starts):
        if start + step in index and start + REFERENCE in index:
            change[:, place] = paths.outcome[:, index[start + step]] - paths.outcome[:, index[start + REFERENCE]]
            there[:, place] = paths.pupils[:, index[start + step]]
    seen = np.isfinite(change[design.treated, design.slots])
    if not seen.any():
        return None
    known = np.where(np.isfinite(change), change, 0.0)
    part = replace(design, treated=design.treated[seen], slots=design.slots[seen])
    own = comparison_weights(part, part.treated[None, :])
    calm = replace(paths.calm, slots=part.slots)
    others = comparison_weights(calm, paths.assignments[:, seen])
    own_slope, own_base = variance_parts(own, paths.variance)
    slope, base = variance_parts(others, paths.variance[design.untreated])
    ratio = np.sqrt((own_slope * paths.spread + own_base) / (slope * paths.spread + base))
    return _Point(
        relative=step,
        value=float((own[0] * known).sum()),
        placebos=np.einsum("ngs,gs->n", others, known[design.untreated]) * ratio,
        schools=int(seen.sum()),
        pupils=int(there[part.treated, part.slots].sum()),
    )


def _banded(points: list[_Point], freedom: int, level: float, permuted: bool) -> pd.DataFrame:
    free = [point for point in points if point.relative != REFERENCE]
    deviation = {p.relative: float(np.sqrt((p.placebos**2).mean())) if len(p.placebos) else np.inf for p in free}
    if permuted:
        reach = {p.relative: _quantile(np.abs(p.placebos), level) for p in free}
        together = [np.abs(p.placebos) / max(deviation[p.relative], 1e-300) for p in free]
        widest = _quantile(np.max(together, axis=0), level)
    else:
        reach = {p.relative: float(stdtrit(max(freedom, 1), (1 + level) / 2)) * deviation[p.relative] for p in free}
        widest = float(stdtrit(max(freedom, 1), 1 - (1 - level) / (2 * max(len(free), 1))))
    rows = []
    for point in points:
        near = reach.get(point.relative, 0.0)
        far = widest * deviation.get(point.relative, 0.0)
        edges = (point.value - near, point.value + near, point.value - far, point.value + far)
        rows.append((point.relative, point.value, *edges, point.schools, point.pupils))
    columns = ["relative", "value", "low", "high", "band_low", "band_high", "schools", "pupils"]
    return pd.DataFrame(rows, columns=columns)


def _quantile(values: Floats, level: float) -> float:
    """Return the value that, itself counted among them, leaves at most ``1 - level`` of all above."""
    rank = int(np.ceil(level * (len(values) + 1)))
    return float(np.sort(values)[min(rank, len(values)) - 1])

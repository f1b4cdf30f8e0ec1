"""Schools' paths over terms, before and after the start, and those that untreated schools would show."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evalkit.errors import DesignError
from evalkit.models.arrays import Booleans, Floats, Integers
from evalkit.models.assignments import comparison_weights, keep_admissible, list_assignments, variance_parts
from evalkit.models.permutation import fine_enough
from evalkit.models.school_design import SchoolDesign, keep_schools
from evalkit.models.variance_model import class_correlations, fit_spread, sampling_variance
from evalkit.values import SchoolSums

REFERENCE = -1
UNTREATED_EACH = 8


@dataclass(frozen=True, eq=False)
class Paths:
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

    def permuted(self, level: float) -> bool:
        """Tell, from the design alone, whether placebos can judge chance by their own quantiles.

        They must be many enough, and the untreated schools at least eight to each treated one: with fewer, placebos
        share so many schools that they vary less than the observed path does (joint coverage .74 at 11 to 3).
        """
        enough = len(self.calm.schools) >= UNTREATED_EACH * len(self.calm.slots)
        return enough and fine_enough(len(self.assignments), level)


@dataclass(frozen=True, eq=False)
class Point:
    """One term relative to the start; the (N,) placebo differences are on the observed one's scale."""

    relative: int
    value: float
    placebos: Floats
    schools: int
    pupils: int


def read_paths(sums: SchoolSums, whole: SchoolDesign) -> Paths:
    """Read the schools' term means; untreated schools that lack a term are left out.

    Raises
    ------
    DesignError
        If no untreated school has every term.
    """
    outcome, pupils = _term_means(sums, whole)
    kept = np.flatnonzero(np.isfinite(outcome).all(axis=1) | ~whole.untreated)
    design = _comparable(keep_schools(whole, kept))
    calm = keep_schools(design, np.flatnonzero(design.untreated))
    variance = sampling_variance(design, class_correlations(design)[-1])
    spread = fit_spread(design.contrast[None], variance, design.stratum, design.untreated[None], design.shares)
    return Paths(
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


def read_points(paths: Paths) -> list[Point]:
    """Return every term that any treated school has, in order."""
    return [found for found in (_point(paths, step) for step in paths.steps) if found is not None]


def single_paths(paths: Paths, steps: list[int]) -> Floats:
    """Return each untreated school's own path beside its comparisons, on the scale of the observed difference.

    The variance model of the contrasts gives the scale, so that these stand in for placebos where whole assignments
    are too few.

    Parameters
    ----------
    paths
        Of the study.
    steps
        Terms relative to the start that some treated school has.

    Returns
    -------
    numpy.ndarray
        (N, len(steps)), one row per untreated school that has a comparison and start; N may be 0.
    """
    rows: list[Floats] = []
    for slot in range(len(paths.design.starts)):
        calm = replace(paths.calm, slots=np.array([slot], dtype=np.int64))
        alone = keep_admissible(calm, np.arange(len(calm.schools), dtype=np.int64)[:, None])
        columns = []
        for step in steps:
            change, _ = _changes(paths, step)
            if not np.isfinite(change[paths.design.untreated, slot]).all():
                break
            seen = np.isfinite(change[paths.design.treated, paths.design.slots])
            columns.append(_placebos(paths, calm, alone, change, seen))
        if len(columns) == len(steps) and len(alone):
            rows.append(np.stack(columns, axis=1))
    return np.concatenate(rows) if rows else np.empty((0, len(steps)))


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


def _changes(paths: Paths, step: int) -> tuple[Floats, Floats]:
    """Return (G, S) change from the reference to one term, and pupils in that term; missing outside the study."""
    index = {int(time): place for place, time in enumerate(paths.times)}
    starts = paths.design.starts
    change = np.full((len(paths.design.schools), len(starts)), np.nan)
    there = np.zeros_like(change)
    for place, start in enumerate(starts):
        if start + step in index and start + REFERENCE in index:
            change[:, place] = paths.outcome[:, index[start + step]] - paths.outcome[:, index[start + REFERENCE]]
            there[:, place] = paths.pupils[:, index[start + step]]
    return change, there


def _point(paths: Paths, step: int) -> Point | None:
    """Return the difference at one term relative to the start, with its placebos; None where no school has it."""
    design = paths.design
    change, there = _changes(paths, step)
    seen = np.isfinite(change[design.treated, design.slots])
    if not seen.any():
        return None
    part = _seen_part(design, seen)
    own = _own_weights(design, seen)
    calm = replace(paths.calm, slots=part.slots)
    return Point(
        relative=step,
        value=float((own[0] * np.where(np.isfinite(change), change, 0.0)).sum()),
        placebos=_placebos(paths, calm, paths.assignments[:, seen], change, seen),
        schools=int(seen.sum()),
        pupils=int(there[part.treated, part.slots].sum()),
    )


def _seen_part(design: SchoolDesign, seen: Booleans) -> SchoolDesign:
    return replace(design, treated=design.treated[seen], slots=design.slots[seen])


def _own_weights(design: SchoolDesign, seen: Booleans) -> Floats:
    """Return (1, G, S) how the observed difference weighs schools; treated ones without this term compare nobody."""
    size = design.pupils.copy()
    size[design.treated[~seen]] = 0.0
    part = _seen_part(design, seen)
    return comparison_weights(part, part.treated[None, :], size)


def _placebos(paths: Paths, calm: SchoolDesign, assignments: Integers, change: Floats, seen: Booleans) -> Floats:
    """Return what each assignment of untreated schools shows, times the observed standard deviation over its own."""
    design = paths.design
    own_slope, own_base = variance_parts(_own_weights(design, seen), paths.variance)
    others = comparison_weights(calm, assignments)
    slope, base = variance_parts(others, paths.variance[design.untreated])
    ratio = np.sqrt((own_slope * paths.spread + own_base) / (slope * paths.spread + base))
    known = np.where(np.isfinite(change), change, 0.0)[design.untreated]
    return np.asarray(np.einsum("ngs,gs->n", others, known) * ratio, dtype=float)

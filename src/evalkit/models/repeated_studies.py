"""Many data sets of one design, each judged as `few_treated_effect` judges one: for power, placebos and validation.

Weights, and how variance follows from them, depend on the sizes of schools alone, so they are made once; the effects of
all data sets are then one matrix product. Data sets are taken a few at a time, so that memory stays small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from evalkit.models.arrays import Booleans, Floats, Integers
from evalkit.models.assignments import comparison_weights, order_alike, sampling_load, variance_parts
from evalkit.models.permutation import NOTHING, SLACK, fine_enough, invert, unite
from evalkit.models.prepared_assignments import Assignments
from evalkit.models.school_analysis import EVERYTHING, model_reach, sizes_alike
from evalkit.models.school_design import SchoolDesign
from evalkit.models.variance_model import FREEDOM_NEEDED, Spread, class_correlations, fit_spread, split_variance
from evalkit.values import Segment

CELLS = 2_000_000
TOGETHER = 250

Intervals = tuple[tuple[Segment, ...], ...]


@dataclass(frozen=True, eq=False)
class Studies:
    """R data sets of one design.

    Parameters
    ----------
    design
        Sizes, strata, starts, exposure and seed; its own contrasts and treated schools are not read.
    treated
        (R, k) treated schools of each, or (1, k) where they are the same.
    contrast
        (R, G, S) contrasts.
    person_variance, class_variance
        (R, S) or (1, S), as in the design; NaN class variances are unknown.
    """

    design: SchoolDesign
    treated: Integers
    contrast: Floats
    person_variance: Floats
    class_variance: Floats

    @property
    def correlations(self) -> tuple[float | None, ...]:
        """The class correlations that the answer must hold under."""
        return class_correlations(replace(self.design, class_variance=self.class_variance))


@dataclass(frozen=True, eq=False)
class PValues:
    """Two-sided p of E effects in R data sets, (E, R) each, the largest over the class correlations.

    ``plain`` takes every assignment's difference as equally uncertain.
    """

    permutation: Floats
    variance_model: Floats
    plain: Floats


@dataclass(frozen=True, eq=False)
class _Chunk:
    """r data sets under one class correlation; N columns are assignments, ``own_`` is the observed one.

    ``effect`` (r, N), ``exposure`` (r or 1, N), ``squared`` (r, N) variances; ``own_effect`` (r,), ``own_squared``
    (r,); ``deviations`` (r, K) of the observed effect at each value of the spread; ``spread``.
    """

    rows: slice
    effect: Floats
    exposure: Floats
    squared: Floats
    own_effect: Floats
    own_squared: Floats
    deviations: Floats
    spread: Spread


def choose_permutation(studies: Studies, assignments: Assignments, level: float, count: int | None = None) -> Booleans:
    """Tell, as `offers_permutation` does, in which data sets permutation is the headline; (R,).

    ``count`` is how many assignments are to be thought of, where fewer are at hand.
    """
    own = sampling_load(studies.design, comparison_weights(studies.design, studies.treated))
    alike = np.broadcast_to(sizes_alike(own / np.median(assignments.load)), (len(studies.contrast),))
    fine = fine_enough(assignments.count if count is None else count, level)
    return np.asarray(alike & fine & (_freedom(studies) >= 1), dtype=bool)


def find_p(studies: Studies, assignments: Assignments, effects: Floats) -> PValues:
    """Test effects in every data set.

    Parameters
    ----------
    studies
        The data sets.
    assignments
        Of the same design.
    effects
        (E, R) or (E, 1) constant effects to test.
    """
    wanted = np.broadcast_to(effects, (len(effects), len(studies.contrast)))
    permutation, model, plain = (np.zeros(wanted.shape) for _ in range(3))
    for chunk in _chunks(studies, assignments):
        for number, tested in enumerate(wanted[:, chunk.rows]):
            left = chunk.own_effect - tested
            others = (chunk.effect - tested[:, None] * chunk.exposure) ** 2
            shrunk = (left * (1.0 - SLACK)) ** 2
            studentised = (others * chunk.own_squared[:, None] >= shrunk[:, None] * chunk.squared).sum(axis=1)
            same = (others >= shrunk[:, None]).sum(axis=1)
            missing = int(not assignments.complete)
            by_model = 2.0 * (chunk.spread.weight * ndtr(-np.abs(left)[:, None] / chunk.deviations)).sum(axis=1)
            for table, found in (
                (permutation, (studentised + missing) / assignments.count),
                (plain, (same + missing) / assignments.count),
                (model, by_model if studies_suffice(studies) else np.ones(len(left))),
            ):
                table[number, chunk.rows] = np.maximum(table[number, chunk.rows], found)
    return PValues(permutation, model, plain)


def find_intervals(studies: Studies, assignments: Assignments, level: float, *, studentised: bool = True) -> Intervals:
    """Return, for every data set, the effects that the permutation test keeps under any of the class correlations."""
    found: list[tuple[Segment, ...]] = [()] * len(studies.contrast)
    places = _places(studies, assignments) if assignments.complete else None
    for chunk in _chunks(studies, assignments):
        exposure = np.broadcast_to(chunk.exposure, chunk.effect.shape)
        for row, number in enumerate(range(*chunk.rows.indices(len(found)))):
            drop = None if places is None else places[number % len(places)]
            others = slice(None) if drop is None else np.arange(len(assignments.members)) != drop
            squared = np.append(chunk.own_squared[row], chunk.squared[row, others])
            kept = invert(
                np.append(chunk.own_effect[row], chunk.effect[row, others]),
                np.append(1.0, exposure[row, others]),
                np.sqrt(squared) if studentised else np.ones_like(squared),
                level,
            )
            found[number] = unite((found[number], kept))
    return tuple(found)


def find_model_intervals(studies: Studies, level: float) -> Intervals:
    """Return, for every data set, the effects that the variance model keeps under any of the class correlations."""
    if not studies_suffice(studies):
        return (EVERYTHING,) * len(studies.contrast)
    found: list[tuple[Segment, ...]] = [()] * len(studies.contrast)
    for chunk in _chunks(studies, None):
        reach = model_reach(chunk.deviations, chunk.spread.weight, level)
        for row, number in enumerate(range(*chunk.rows.indices(len(found)))):
            middle = float(chunk.own_effect[row])
            one = (Segment(middle - float(reach[row]), middle + float(reach[row])),)
            found[number] = unite((found[number], one))
    return tuple(found)


def studies_suffice(studies: Studies) -> bool:
    """Tell whether enough schools are untreated for the variance model."""
    return _freedom(studies) >= FREEDOM_NEEDED


def find_headline(studies: Studies, assignments: Assignments, level: float, permuted: Booleans) -> Intervals:
    """Return the interval of the chosen test, for every data set."""
    by_permutation = find_intervals(studies, assignments, level) if permuted.any() else ()
    by_model = find_model_intervals(studies, level) if not permuted.all() else ()
    return tuple(by_permutation[row] if chosen else by_model[row] for row, chosen in enumerate(permuted))


def _freedom(studies: Studies) -> int:
    return replace(studies.design, treated=studies.treated[0]).freedom


def _chunks(studies: Studies, assignments: Assignments | None) -> Iterator[_Chunk]:
    """Go through the data sets a few at a time, and for each few through the class correlations."""
    design, sets = studies.design, len(studies.contrast)
    wide = 1 if assignments is None else max(1, len(assignments.members))
    step = max(1, min(TOGETHER, CELLS // wide))
    for begin in range(0, sets, step):
        rows = slice(begin, min(begin + step, sets))
        treated = studies.treated if len(studies.treated) == 1 else studies.treated[rows]
        own = comparison_weights(design, treated)
        contrast = studies.contrast[rows]
        effect, exposure = _differences(design, treated, contrast, assignments)
        own_effect = (own * contrast).sum(axis=(1, 2))
        used = np.ones((len(treated), len(design.schools)), dtype=bool)
        np.put_along_axis(used, treated, False, axis=1)
        used = np.broadcast_to(used, contrast.shape[:2])
        shares = _shares(design, treated)
        for correlation in studies.correlations:
            b, c = _variances(studies, rows, correlation)
            variance = c[:, None, :] / design.classes + b[:, None, :] / design.pupils
            spread = fit_spread(contrast, variance, design.stratum, used, shares)
            slope, base = variance_parts(own, variance)
            if assignments is None:
                squared = np.empty((len(contrast), 0))
            else:
                squared = b @ assignments.per_pupil.T + c @ assignments.per_class.T
                squared = squared + spread.mode[:, None] * assignments.slope
            yield _Chunk(
                rows=rows,
                effect=effect,
                exposure=exposure,
                squared=squared,
                own_effect=own_effect,
                own_squared=slope * spread.mode + base,
                deviations=np.maximum(np.sqrt(slope[:, None] * spread.grid + base[:, None]), NOTHING),
                spread=spread,
            )


def _differences(
    design: SchoolDesign, treated: Integers, contrast: Floats, assignments: Assignments | None
) -> tuple[Floats, Floats]:
    """Return (r, N) what each assignment finds, and (r or 1, N) how much of a true effect of 1 it would hold."""
    if assignments is None:
        return np.empty((len(contrast), 0)), np.empty((1, 0))
    share = np.zeros((len(treated), *contrast.shape[1:]))
    lifted = np.broadcast_to(design.exposure[design.slots], (*treated.shape, len(design.starts)))
    np.put_along_axis(share, treated[:, :, None], lifted, axis=1)
    turned = assignments.weights.T
    return contrast.reshape(len(contrast), -1) @ turned, share.reshape(len(share), -1) @ turned


def _shares(design: SchoolDesign, treated: Integers) -> Floats:
    """Return (r or 1, S) how much of the treated pupils began at each start."""
    own = design.pupils[treated, design.slots[None, :]]
    starts = (design.slots[:, None] == np.arange(len(design.starts))).astype(float)
    return np.asarray(own @ starts / own.sum(axis=1, keepdims=True), dtype=float)


def _variances(studies: Studies, rows: slice, correlation: float | None) -> tuple[Floats, Floats]:
    """Return (r, S) what a pupil and what a class add, each for itself."""
    count = len(studies.contrast[rows])
    person = studies.person_variance if len(studies.person_variance) == 1 else studies.person_variance[rows]
    between = studies.class_variance if len(studies.class_variance) == 1 else studies.class_variance[rows]
    b, c = split_variance(person, between, correlation)
    shape = (count, person.shape[1])
    return np.broadcast_to(b, shape), np.broadcast_to(c, shape)


def _places(studies: Studies, assignments: Assignments) -> list[int]:
    """Return where the observed assignment of each data set stands among all."""
    slots = studies.design.slots
    index = {tuple(row): place for place, row in enumerate(order_alike(assignments.members, slots).tolist())}
    return [index[tuple(row)] for row in order_alike(studies.treated, slots).tolist()]

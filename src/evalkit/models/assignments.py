"""Which schools could have been the treated ones, and what each such assignment compares."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np

from evalkit.models.arrays import Floats, Integers
from evalkit.models.school_design import SchoolDesign

MOST_ENUMERATED = 10_000
DRAWN = 9_999


def list_assignments(
    schools: Integers,
    slots: Integers,
    observed: Integers,
    *,
    seed: int,
    most: int = MOST_ENUMERATED,
    drawn: int = DRAWN,
) -> tuple[Integers, bool]:
    """List every way to hand the start dates to schools, or draw some.

    Parameters
    ----------
    schools
        Schools that may be treated; a draw follows their order, see `by_size`.
    slots
        (k,) Which start each of the k treated schools has, in rising order; equal starts can be swapped, so they count
        once.
    observed
        (k,) The schools treated in fact; always the first row.
    seed
        Of the draw, where there are more than ``most``.
    drawn
        How many are then drawn.

    Returns
    -------
    tuple
        (N, k) assignments, and whether they are a draw.
    """
    if count_assignments(len(schools), slots) <= most:
        found = _listed(np.sort(schools), slots)
        ordered = order_alike(observed[None, :], slots)
        return np.concatenate([observed[None, :], found[(found != ordered).any(axis=1)]]), False
    generator = np.random.default_rng(seed)
    ranks = generator.random((drawn, len(schools))).argsort(axis=1)[:, : len(slots)]
    return np.concatenate([observed[None, :], schools[ranks]]), True


def by_size(design: SchoolDesign) -> Integers:
    """Return the schools from the smallest on, ties by name: a draw over them does not hang on what schools are called.

    Nor may it depend on the outcome, which would settle the ties.
    """
    return np.argsort(design.pupils.sum(axis=1), kind="stable")


def list_stratified(design: SchoolDesign, most: int = MOST_ENUMERATED) -> tuple[Integers, bool]:
    """List every way to hand each stratum's start dates to its own schools, or draw some; the observed comes first."""
    strata, everyone = np.unique(design.stratum[design.treated]), by_size(design)
    parts: list[tuple[Integers, Integers]] = []
    count = 1
    for stratum in strata:
        where = np.flatnonzero(design.stratum[design.treated] == stratum)
        schools = everyone[design.stratum[everyone] == stratum]
        parts.append((where, schools))
        count *= count_assignments(len(schools), design.slots[where])
    drawn = count > most
    lists = []
    for number, (where, schools) in enumerate(parts):
        seed = design.seed + number + 1
        limit = 0 if drawn else most
        lists.append(list_assignments(schools, design.slots[where], design.treated[where], seed=seed, most=limit)[0])
    chosen = [np.arange(len(one)) for one in lists] if drawn else _all_pairs([len(one) for one in lists])
    full = np.empty((len(chosen[0]), len(design.treated)), dtype=np.int64)
    for (where, _), one, rows in zip(parts, lists, chosen, strict=True):
        full[:, where] = one[rows]
    return full, drawn


def count_assignments(schools: int, slots: Integers) -> int:
    """Return how many ways there are to hand k start dates to that many schools."""
    ways = math.perm(schools, len(slots))
    for size in _group_sizes(slots):
        ways //= math.factorial(size)
    return ways


def count_admissible(design: SchoolDesign, slots: Integers) -> int:
    """Return how many assignments of start dates to a design's schools are admissible, where they can be listed.

    Where there are too many to list, it is how many there are in all: enough for any test either way.
    """
    ways = count_assignments(len(design.schools), slots)
    if ways > MOST_ENUMERATED:
        return ways
    return len(keep_admissible(design, _listed(np.arange(len(design.schools)), slots)))


def keep_admissible(design: SchoolDesign, assignments: Integers, needed: int = 1) -> Integers:
    """Keep the assignments in which every treated school still has that many schools to be compared with."""
    size = np.bincount(design.stratum)
    places = design.stratum[assignments]
    taken = (places[:, :, None] == places[:, None, :]).sum(axis=2)
    kept: Integers = assignments[(taken + needed <= size[places]).all(axis=1)]
    return kept


def comparison_weights(design: SchoolDesign, assignments: Integers, size: Floats | None = None) -> Floats:
    """Return how each assignment weighs the contrasts: plus for the treated, minus for the comparisons.

    Parameters
    ----------
    design
        The design.
    assignments
        (N, k) admissible assignments.
    size
        (G, S) what schools are weighted by; the pupils unless given.

    Returns
    -------
    numpy.ndarray
        (N, G, S). Each start's weights add up to 0, and the positive ones to 1 in all.
    """
    size = design.pupils if size is None else size
    rows = np.arange(len(assignments))
    own = size[assignments, design.slots[None, :]]
    own = own / own.sum(axis=1, keepdims=True)
    free = np.ones((len(assignments), size.shape[0]))
    np.put_along_axis(free, assignments, 0.0, axis=1)
    weights = np.zeros((len(assignments), *size.shape))
    for position, slot in enumerate(design.slots):
        school = assignments[:, position]
        alike = design.stratum[None, :] == design.stratum[school][:, None]
        share = free * alike * size[None, :, slot]
        weights[:, :, slot] -= own[:, [position]] * share / share.sum(axis=1, keepdims=True)
        weights[rows, school, slot] += own[:, position]
    return weights


def variance_parts(weights: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return ``(A, B)`` so that an assignment's effect has variance ``A a + B``.

    Contrasts of one school at two starts are taken as perfectly correlated, which can only widen the interval.

    Parameters
    ----------
    weights
        (N, G, S) as from `comparison_weights`.
    variance
        (G, S) or (N, G, S) sampling variances.
    """
    total = weights.sum(axis=2)
    return (total**2).sum(axis=1), (total * (weights * variance).sum(axis=2)).sum(axis=1)


def sampling_load(design: SchoolDesign, weights: Floats) -> Floats:
    """Return (N,) how much of each assignment's variance is due to few pupils, per unit of spread between schools."""
    total = weights.sum(axis=2)
    return np.asarray(np.einsum("ng,ngs,gs->n", total, weights, 1.0 / design.pupils) / (total**2).sum(axis=1))


def order_alike(assignments: Integers, slots: Integers) -> Integers:
    """Sort the schools that share a start, so that equal assignments look equal; (N, k)."""
    ordered = assignments.copy()
    for slot in np.unique(slots):
        ordered[:, slots == slot] = np.sort(assignments[:, slots == slot], axis=1)
    return ordered


def _listed(schools: Integers, slots: Integers) -> Integers:
    every = list(_every(schools.tolist(), _group_sizes(slots)))
    return np.array(every, dtype=np.int64).reshape(-1, len(slots))


def _group_sizes(slots: Integers) -> list[int]:
    return [int(size) for size in np.unique(slots, return_counts=True)[1]]


def _every(schools: list[int], sizes: list[int]) -> Iterator[tuple[int, ...]]:
    if not sizes:
        yield ()
        return
    for chosen in itertools.combinations(schools, sizes[0]):
        rest = [school for school in schools if school not in chosen]
        for others in _every(rest, sizes[1:]):
            yield chosen + others


def _all_pairs(sizes: list[int]) -> list[Integers]:
    return [axis.ravel().astype(np.int64) for axis in np.meshgrid(*(np.arange(size) for size in sizes), indexing="ij")]

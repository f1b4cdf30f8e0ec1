"""All that follows for a test from the sizes of schools alone, made once for many data sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.models.arrays import Floats, Integers
from evalkit.models.assignments import (
    DRAWN,
    MOST_ENUMERATED,
    by_size,
    comparison_weights,
    keep_admissible,
    list_assignments,
    list_stratified,
    sampling_load,
)
from evalkit.models.school_design import SchoolDesign


@dataclass(frozen=True, eq=False)
class Assignments:
    """N ways to hand the start dates to schools, and what each compares.

    Parameters
    ----------
    members
        (N, k) treated schools.
    weights
        (N, G * S) as from `comparison_weights`.
    slope, per_pupil, per_class
        (N,), (N, S), (N, S): an effect's variance is ``slope a + per_pupil @ b + per_class @ c``.
    load
        (N,) as from `sampling_load`.
    complete
        Whether these are all there are, the observed one among them; otherwise they are a draw, to which the observed
        one is added.
    """

    members: Integers
    weights: Floats
    slope: Floats
    per_pupil: Floats
    per_class: Floats
    load: Floats
    complete: bool

    @property
    def count(self) -> int:
        """How many assignments a test compares, the observed among them."""
        return len(self.members) + (not self.complete)


def prepare(design: SchoolDesign, *, most: int = MOST_ENUMERATED, drawn: int = DRAWN) -> Assignments:
    """List the admissible assignments of a design over all its schools, with all that follows from sizes."""
    listed, is_draw = list_assignments(
        by_size(design), design.slots, design.treated, seed=design.seed, most=most, drawn=drawn
    )
    return _assignments(design, keep_admissible(design, listed[1:] if is_draw else listed), not is_draw)


def prepare_stratified(design: SchoolDesign) -> Assignments:
    """List the admissible assignments within each stratum."""
    listed, is_draw = list_stratified(design)
    return _assignments(design, keep_admissible(design, listed[1:] if is_draw else listed), not is_draw)


def _assignments(design: SchoolDesign, members: Integers, complete: bool) -> Assignments:
    weights = comparison_weights(design, members)
    total = weights.sum(axis=2)
    return Assignments(
        members=members,
        weights=weights.reshape(len(members), -1),
        slope=(total**2).sum(axis=1),
        per_pupil=np.einsum("ng,ngs,gs->ns", total, weights, 1.0 / design.pupils),
        per_class=np.einsum("ng,ngs,gs->ns", total, weights, 1.0 / design.classes),
        load=sampling_load(design, weights),
        complete=complete,
    )

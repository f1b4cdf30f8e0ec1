"""What comes after a course: the next one, at once or later, or nothing; and coming back after a dropout."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evalkit.sources.simulation.adults.catalogue import BASIC, NO_COURSE, SFI, adult_magnitudes, catalogue
from evalkit.sources.simulation.arrays import Flags, Floats, Integers


class SoonerOrLater(NamedTuple):
    """Two uniform draws for each student: whether to go on, and how soon."""

    whether: Floats
    when: Floats


def next_course(course: Integers, passed: Flags, chance: SoonerOrLater) -> tuple[Integers, Integers]:
    """Return the next course (``NO_COURSE`` for none) and the gap before it in weeks, each of shape (students,)."""
    told, courses = adult_magnitudes()["transitions"], catalogue()
    kind, following = courses.school_type[course], courses.following[course]
    out_of_sfi = (kind == SFI) & (courses.school_type[following] != SFI)
    going_on = np.select(
        [out_of_sfi, kind == SFI, kind == BASIC],
        [told["sfi_to_basic"], told["sfi_next"], told["basic_next"]],
        told["upper_next"],
    )
    onward = np.where(passed & (following != NO_COURSE) & (chance.whether < going_on), following, NO_COURSE)
    onward = np.where(~passed & (chance.whether < told["again_after_fail"]), course, onward)
    soon = told["soon"]
    later = 3 + (chance.when - soon) / (1 - soon) * (told["longest_gap_weeks"] - 3)
    gap = np.where(chance.when < soon, chance.when / soon * 3, later).astype(np.int64)
    return onward, gap


def return_weeks(chance: Floats) -> Integers:
    """Return after how many weeks a student who left comes back, some within months and some years later; 0: never."""
    told = adult_magnitudes()["reentry"]
    soon, late = told["soon"], told["late"]
    within = told["soonest_week"] - np.log1p(-np.clip(chance / soon, 0, 1 - 1e-9)) / told["soon_weekly"]
    after = told["late_from_week"] - np.log1p(-np.clip((chance - soon) / late, 0, 1 - 1e-9)) / told["late_weekly"]
    weeks = np.select([chance < soon, chance < soon + late], [np.ceil(within), np.ceil(after)], 0)
    return np.asarray(weeks, dtype=np.int64)

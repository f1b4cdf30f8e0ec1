"""Weekly hazards of dropping out of a course and of completing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from evalkit.sources.simulation.adults.catalogue import (
    POINTS_A_WEEK,
    SCHOOL_TYPES,
    SFI,
    Catalogue,
    adult_magnitudes,
)
from evalkit.sources.simulation.arrays import Flags, Floats, Integers

LONGEST_WEEKS = 1000
SHORTEST_COURSE = 4
SURE = 50.0


@dataclass(frozen=True, eq=False)
class Hazards:
    """Hazards a week, by course and week in it.

    Parameters
    ----------
    school_type, points
        Shape (courses,).
    length, dropping
        Shape (courses, 2): of SFI, women and men.
    shape
        Shape (weeks,): relative dropout hazard by week in the course; ``cumulated`` sums it.
    """

    school_type: Integers
    points: Integers
    length: Floats
    dropping: Floats
    shape: Floats
    cumulated: Floats

    def planned_weeks(self, course: Integers, pace: Integers) -> Integers:
        """Return how long Komvux courses take at a pace (percent of full time)."""
        weeks = np.ceil(self.points[course] / POINTS_A_WEEK * 100 / pace)
        return np.maximum(weeks, SHORTEST_COURSE).astype(np.int64)

    def dropout(self, course: Integers, woman: Flags, weeks: Integers, pace: Integers) -> Floats:
        """Return the hazard of dropping out at average need; in Komvux the share is the same whatever the length."""
        komvux = adult_magnitudes()["komvux"]
        sex = np.where(woman, 0, 1)
        wanted = -np.log(1 - komvux["discontinued"]) * komvux["dropping_factor"]
        over = self.cumulated[self.planned_weeks(course, pace)]
        base = np.where(self.school_type[course] == SFI, self.dropping[course, sex], wanted / over)
        return np.asarray(base * self.shape[weeks])

    def completion(self, course: Integers, woman: Flags, progress: Floats, pace: Integers) -> Floats:
        """Return the hazard of completing: rising with time in SFI, certain on the planned day in Komvux."""
        sex, power = np.where(woman, 0, 1), adult_magnitudes()["sfi"]["weibull"]
        sfi = self.school_type[course] == SFI
        length = np.where(sfi, self.length[course, sex], 1.0)
        rising = power / length * (progress / length) ** (power - 1)
        done = np.where(progress >= self.planned_weeks(course, pace), SURE, 0.0)
        return np.where(sfi, rising, done)

    def passing(self, course: Integers, day: int) -> Floats:
        """Return the chance that a completed course is passed, by the year it ends; in SFI to complete is to pass."""
        komvux = adult_magnitudes()["komvux"]
        year = date.fromordinal(day).year
        chances = [1.0]
        for kind in SCHOOL_TYPES[1:]:
            by_year = {int(each): share for each, share in komvux["passed"][kind].items()}
            known = min(max(year, min(by_year)), max(by_year))
            chances.append(by_year[known] / (1 - komvux["discontinued"]))
        return np.array(chances)[self.school_type[course]]


def hazards_of(courses: Catalogue) -> Hazards:
    """Return the hazards of a catalogue's courses."""
    dropout = adult_magnitudes()["dropout"]
    week = np.arange(LONGEST_WEEKS)
    shape = np.select(
        [week < dropout["peak_from"], week < dropout["peak_until"], week < dropout["late_from"]],
        [dropout["early"], dropout["peak"], dropout["middle"]],
        dropout["late"],
    )
    return Hazards(
        courses.school_type, courses.points, courses.length, courses.dropping, shape, np.cumsum(shape) - shape[0]
    )

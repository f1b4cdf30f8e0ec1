"""Draw who begins adult education, and when."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from evalkit.sources.simulation.adults.catalogue import SCHOOL_TYPES, SFI, adult_magnitudes, catalogue
from evalkit.sources.simulation.adults.settings import AdultShares
from evalkit.sources.simulation.arrays import Flags, Integers, States

COMPULSORY_PART, COMPULSORY, UPPER_SECONDARY, POST_SECONDARY = range(4)
SWEDEN, EU, THIRD_COUNTRY = range(3)
CITIZENSHIPS = ("sweden", "eu", "third_country")
EDUCATION_BY_PATH = {1: (0.9, 0.1, 0.0, 0.0), 2: (0.1, 0.55, 0.3, 0.05), 3: (0.0, 0.05, 0.35, 0.6)}
EDUCATION_IN_KOMVUX = (0.05, 0.45, 0.4, 0.1)


@dataclass(frozen=True, eq=False)
class Entrants:
    """Beginners; every array has shape (persons,).

    Parameters
    ----------
    person
        Number, from 0.
    woman
        Legal sex.
    age
        In years at the start.
    school_type
        Place in ``SCHOOL_TYPES``: SFI, VUXGR, VUXGY.
    study_path
        1, 2, 3 in SFI, else 0.
    education
        Highest completed: part of compulsory school, compulsory, upper secondary, post-secondary.
    citizenship
        Place in ``CITIZENSHIPS``.
    arrival
        Day (ordinal) of immigration; 0 for those born in Sweden.
    start
        First Monday (ordinal) of the first course.
    course
        Number of the first course in the catalogue.
    """

    person: Integers
    woman: Flags
    age: Integers
    school_type: States
    study_path: States
    education: States
    citizenship: States
    arrival: Integers
    start: Integers
    course: States

    def only(self, chosen: Integers) -> Entrants:
        """Return the chosen persons, numbered anew in that order."""
        picked = {field.name: getattr(self, field.name)[chosen] for field in fields(self)}
        return Entrants(**{**picked, "person": np.arange(len(chosen))})


def draw_entrants(count: int, shares: AdultShares, end: date, rng: np.random.Generator) -> Entrants:
    """Return beginners of every week from long before the window until ``end``, so that the stock is in balance."""
    school_type = np.searchsorted(np.cumsum([shares.sfi, shares.basic]), rng.random(count), side="right")
    courses, share = catalogue(), rng.random(count)
    course = np.empty(count, dtype=np.int64)
    for kind in range(len(SCHOOL_TYPES)):
        own = np.flatnonzero(courses.school_type == kind)
        cumulated = np.cumsum(courses.first[own]) / courses.first[own].sum()
        here = school_type == kind
        course[here] = own[np.searchsorted(cumulated, share[here], side="right").clip(max=len(own) - 1)]
    path = courses.path[course]
    women = adult_magnitudes()["start"]["women"]
    woman = rng.random(count) < np.array([women[str(each)] for each in range(4)])[path]
    start = _starts(count, end, rng)
    citizenship = _citizenships(school_type, rng)
    since = (rng.gamma(1.2, 1.0, count) * np.where(school_type == SFI, 260, 1500)).astype(np.int64) + 30
    return Entrants(
        person=np.arange(count),
        woman=woman,
        age=_ages(school_type, rng),
        school_type=school_type.astype(np.int8),
        study_path=path.astype(np.int8),
        education=_educations(path, rng),
        citizenship=citizenship,
        arrival=np.where(citizenship == SWEDEN, 0, start - since),
        start=start,
        course=course.astype(np.int8),
    )


def _starts(count: int, end: date, rng: np.random.Generator) -> Integers:
    """Return Mondays; fewer begin in June to August and in late December."""
    begin = adult_magnitudes()["start"]
    mondays = np.arange(begin["first_monday"].toordinal(), end.toordinal(), 7)
    months = np.array([date.fromordinal(int(day)).month for day in mondays])
    weights = np.where((months >= 6) & (months <= 7), begin["summer"], 1.0)
    cumulated = np.cumsum(weights) / weights.sum()
    place = np.searchsorted(cumulated, rng.random(count), side="right").clip(max=len(mondays) - 1)
    return np.asarray(mondays[place])


def _ages(school_type: Integers, rng: np.random.Generator) -> Integers:
    youngest = np.where(school_type == SFI, 17, 20)
    return np.asarray(np.minimum(youngest + rng.gamma(2.2, 6.5, len(school_type)).astype(np.int64), 66))


def _educations(path: Integers, rng: np.random.Generator) -> States:
    shares = np.cumsum([EDUCATION_IN_KOMVUX, *(EDUCATION_BY_PATH[each] for each in (1, 2, 3))], axis=1)
    return np.asarray((rng.random(len(path))[:, None] > shares[path, :-1]).sum(axis=1), dtype=np.int8)


def _citizenships(school_type: Integers, rng: np.random.Generator) -> States:
    begin, draw = adult_magnitudes()["start"], rng.random(len(school_type))
    third, eu = (
        np.array([begin[name][kind] for kind in SCHOOL_TYPES])[school_type] for name in ("third_country", "eu")
    )
    return np.where(draw < third, THIRD_COUNTRY, np.where(draw < third + eu, EU, SWEDEN)).astype(np.int8)

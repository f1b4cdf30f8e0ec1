"""Let persons go through preschool, förskoleklass and years 1-9: schools, moves, late arrivals, years taken again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.sources.simulation.arrays import Flags, Integers
from evalkit.sources.simulation.careers.households import YEAR, Persons
from evalkit.sources.simulation.careers.places import Places
from evalkit.sources.simulation.careers.spells import FKLASS, FS, GR, Spells, first_day, july
from evalkit.sources.simulation.magnitudes import magnitudes

LAST = 9
STAGE_CHANGE = (1, 4, 7)


@dataclass(frozen=True, eq=False)
class AfterNine:
    """How compulsory school ended.

    Parameters
    ----------
    person
        Numbers of those who finished year 9 here.
    autumn
        Calendar year in which they go on.
    school
        Where they finished.
    """

    person: Integers
    autumn: Integers
    school: Integers


def add_preschool(spells: Spells, persons: Persons, places: Places, rng: np.random.Generator) -> None:
    """Add one spell of preschool each, from about one and a half years to the summer before förskoleklass."""
    goes = (rng.random(len(persons)) < magnitudes()["compulsory"]["preschool"]) & ~persons.adult
    start = persons.born + rng.integers(365, 900, len(persons))
    unit = places.preschools[places.district(persons.family) % len(places.preschools)]
    chosen = np.flatnonzero(goes)
    spells.add(chosen, unit[chosen], start[chosen], july(persons.class_of)[chosen], school_type=FS)


def add_compulsory(spells: Spells, persons: Persons, places: Places, rng: np.random.Generator) -> AfterNine:
    """Add förskoleklass and years 1-9, a year group at a time; return who finished year 9 here."""
    table = magnitudes()["compulsory"]
    count = len(persons)
    # who arrives late is often placed a year below the age
    shift = (persons.late & (rng.random(count) < 0.2)).astype(np.int16)
    school = places.primaries[places.district(persons.family) % len(places.primaries)]
    lower = places.secondaries[places.district(persons.family) % len(places.secondaries)]
    strays = rng.random(count) > table["feeder"]
    lower = np.where(strays, places.secondaries[rng.integers(0, len(places.secondaries), count)], lower)
    chosen = np.flatnonzero(~persons.adult)
    finished = np.zeros(count, dtype=bool)
    for year_group in range(LAST + 1):
        if year_group == STAGE_CHANGE[-1]:
            school = lower
        units = places.secondaries if year_group >= STAGE_CHANGE[-1] else places.primaries
        moves = rng.random(count) < table["summer_change"]
        school = np.where(moves, units[rng.integers(0, len(units), count)], school)
        again = rng.random(count) < table["repeats"]
        for repeated in (False, True):
            taking = chosen[again[chosen]] if repeated else chosen
            autumn = persons.class_of[taking] + year_group + shift[taking] + repeated
            kept = _year(spells, taking, school, units, autumn=autumn, year_group=year_group, rng=rng)
            finished[taking] = kept if year_group == LAST else False
        shift = shift + again
    _never_came(spells, persons, places, table["never_came"], rng)
    return _after(spells, persons, shift, school, finished)


def _year(
    spells: Spells,
    person: Integers,
    school: Integers,
    units: Integers,
    *,
    autumn: Integers,
    year_group: int,
    rng: np.random.Generator,
) -> Flags:
    """Add a school year; some change schools in the middle of it. Return who was there at its end."""
    start, end = first_day(autumn), july(autumn + 1)
    changes = rng.random(len(person)) < magnitudes()["compulsory"]["autumn_change"] * (len(units) > 1)
    middle = np.where(changes, start + rng.integers(20, 280, len(person)), end)
    kind = GR if year_group else FKLASS
    whole = spells.add(person, school[person], start, middle, school_type=kind, year_group=year_group)
    moving = np.flatnonzero(changes)
    other = (np.searchsorted(units, school[person[moving]]) + 1) % len(units)
    school[person[moving]] = units[other]
    second = spells.add(
        person[moving], school[person[moving]], middle[moving], end[moving], school_type=kind, year_group=year_group
    )
    whole[moving] = second
    return whole & spells.stays_until(person, end)


def _never_came(spells: Spells, persons: Persons, places: Places, share: float, rng: np.random.Generator) -> None:
    """Admit a few to förskoleklass who move before it begins: a cancelled enrolment."""
    chosen = np.flatnonzero((rng.random(len(persons)) < share) & ~persons.adult & spells.any)
    start = np.maximum(first_day(persons.class_of[chosen]) - int(YEAR), persons.here_from[chosen])
    unit = places.primaries[rng.integers(0, len(places.primaries), len(chosen))]
    spells.add(chosen, unit, start, start + 14, school_type=FKLASS, year_group=0, cancelled=True)


def _after(spells: Spells, persons: Persons, shift: Integers, school: Integers, finished: Flags) -> AfterNine:
    person = np.flatnonzero(finished)
    autumn = persons.class_of[person] + LAST + 1 + shift[person]
    known = spells.known(july(autumn))
    return AfterNine(person[known], autumn[known], school[person[known]])

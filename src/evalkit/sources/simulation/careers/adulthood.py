"""Let young people without an examen, and those who came as adults, enter Komvux and SFI, as stage-level spells."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Flags, Integers
from evalkit.sources.simulation.careers.households import YEAR, Persons
from evalkit.sources.simulation.careers.places import Places
from evalkit.sources.simulation.careers.spells import SCHOOL_TYPES, SFI, VUXGR, VUXGY, Spells, july
from evalkit.sources.simulation.magnitudes import magnitudes

SFI_AGE, KOMVUX_AGE = 16, 20
ENTRANTS = ("person", "school_type", "study_path", "start")


def add_adult_education(
    spells: Spells, persons: Persons, places: Places, *, left: Integers, without: Flags, rng: np.random.Generator
) -> pd.DataFrame:
    """Add spells of adult education; return who entered it.

    Parameters
    ----------
    left
        Shape (persons,): day (ordinal) upper secondary school ended, or was to begin; 0 where it does not matter.
    without
        Shape (persons,): whether it ended without an examen.

    Returns
    -------
    DataFrame
        One row an entry that lies within what is known: person, school_type (code), study_path (1-3 in SFI, else 0),
        start (ordinal).
    """
    table = magnitudes()["adults"]
    entries = [_komvux(spells, persons, places, left=left, without=without, rng=rng)]
    person, start = _newcomers(persons, table, rng)
    path = 1 + np.searchsorted(np.cumsum(table["study_paths"]), rng.random(len(person))).clip(max=2)
    end = start + _between(table["sfi_days"], len(person), rng)
    entries.append(_add(spells, places, person, (start, end), school_type=SFI, path=path))
    goes_on = np.flatnonzero(rng.random(len(person)) < table["basic_after_sfi"])
    for kind, share in ((VUXGR, table["upper_after_basic"]), (VUXGY, 0.0)):
        start = end[goes_on] + rng.integers(5, 200, len(goes_on))
        end[goes_on] = start + _between(table["komvux_days"], len(goes_on), rng)
        there = (start, end[goes_on])
        entries.append(_add(spells, places, person[goes_on], there, school_type=kind, path=np.zeros_like(goes_on)))
        goes_on = goes_on[rng.random(len(goes_on)) < share]
    found = pd.concat(entries, ignore_index=True)
    return found.sort_values(["start", "person"], kind="stable", ignore_index=True)


def _komvux(
    spells: Spells,
    persons: Persons,
    places: Places,
    *,
    left: Integers,
    without: Flags,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Let some without an examen come to Komvux, at twenty at the earliest: July of the year one turns twenty."""
    table = magnitudes()["adults"]
    person = np.flatnonzero(without & (left > 0) & (rng.random(len(left)) < table["komvux_after_dropout"]))
    delay = _between(table["komvux_delay_days"], len(person), rng)
    earliest = july(persons.birth_year[person] + KOMVUX_AGE)
    start = np.maximum(left[person], earliest) + delay
    end = start + _between(table["komvux_days"], len(person), rng)
    return _add(spells, places, person, (start, end), school_type=VUXGY, path=np.zeros(len(person), dtype=np.int64))


def _between(days: list[int], count: int, rng: np.random.Generator) -> Integers:
    return rng.integers(days[0], days[1], count)


def _newcomers(persons: Persons, table: dict[str, list[int]], rng: np.random.Generator) -> tuple[Integers, Integers]:
    person = np.flatnonzero(persons.adult & (persons.arrived > 0))
    start = persons.here_from[person] + _between(table["sfi_delay_days"], len(person), rng)
    return person, np.maximum(start, persons.born[person] + int((SFI_AGE + 0.5) * YEAR))


def _add(
    spells: Spells,
    places: Places,
    person: Integers,
    window: tuple[Integers, Integers],
    *,
    school_type: int,
    path: Integers,
) -> pd.DataFrame:
    unit = np.full(len(person), places.adult)
    kept = spells.add(person, unit, *window, school_type=school_type)
    values = (person[kept], SCHOOL_TYPES[school_type], path[kept], window[0][kept])
    return pd.DataFrame(dict(zip(ENTRANTS, values, strict=True)))

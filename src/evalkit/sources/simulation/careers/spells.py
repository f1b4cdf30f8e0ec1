"""Collect enrolment spells stage by stage, as arrays, and hand them on as one table."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Flags, Integers
from evalkit.vocabulary import school_calendar

SCHOOL_TYPES = ("FS", "FKLASS", "GR", "GY", "SFI", "VUXGR", "VUXGY")
FS, FKLASS, GR, GY, SFI, VUXGR, VUXGY = range(len(SCHOOL_TYPES))
VOCATIONAL = ("BA", "BF", "EE", "FT", "FS", "HT", "FR", "IN", "NB", "RL", "VF", "VO", "HA", "HV")
PREPARATORY = ("EK", "ES", "HU", "NA", "SA", "TE")
INTRODUCTORY = ("IMV", "IMY", "IMA", "IMS")
PROGRAMMES = ("", *VOCATIONAL, *PREPARATORY, *INTRODUCTORY)
NO_PROGRAMME = 0
NO_YEAR = -1
SHORTEST = 10
"""Days; a shorter stretch between two moves makes no spell."""
COLUMNS = {
    "person": np.int32,
    "school": np.int16,
    "school_type": np.int8,
    "year_group": np.int8,
    "programme": np.int8,
    "start": np.int32,
    "end": np.int32,
    "cancelled": np.bool_,
}
FIRST_YEAR, LAST_YEAR = 1960, 2060


def programme_kind(programme: Integers) -> Integers:
    """Return 0 for none, 1 vocational, 2 higher-education preparatory, 3 introductory."""
    first = np.array([1, 1 + len(VOCATIONAL), 1 + len(VOCATIONAL) + len(PREPARATORY)])
    return np.searchsorted(first, programme, side="right").astype(np.int8)


@cache
def _first_days() -> Integers:
    days = []
    for year in range(FIRST_YEAR, LAST_YEAR):
        try:
            first = school_calendar(f"{year}/{(year + 1) % 100:02d}").school_days[0]
        except KeyError:
            first = date(year, 8, 20)
        days.append(first.toordinal())
    return np.array(days, dtype=np.int32)


@cache
def _julys() -> Integers:
    return np.array([date(year, 7, 1).toordinal() for year in range(FIRST_YEAR, LAST_YEAR)], dtype=np.int32)


def first_day(autumn: Integers) -> Integers:
    """Return the first school day (ordinal) of school years that start in the given calendar years."""
    return np.asarray(_first_days()[np.clip(autumn - FIRST_YEAR, 0, LAST_YEAR - FIRST_YEAR - 1)])


def july(year: Integers) -> Integers:
    """Return 1 July (ordinal) of calendar years: the end of the school year before."""
    return np.asarray(_julys()[np.clip(year - FIRST_YEAR, 0, LAST_YEAR - FIRST_YEAR - 1)])


class Spells:
    """Spells while they are drawn.

    Parameters
    ----------
    here_from, here_to
        Shape (persons,): days (ordinals, half-open) in the municipality; spells are cut to them.
    seen_until
        Day (ordinal) after which nothing is known.
    """

    def __init__(self, here_from: Integers, here_to: Integers, seen_until: int) -> None:
        self._seen_until = seen_until
        self._from, self._to = here_from, np.minimum(here_to, seen_until)
        self._parts: list[dict[str, np.ndarray]] = []
        self.any = np.zeros(len(here_from), dtype=bool)

    def add(
        self,
        person: Integers,
        school: Integers,
        start: Integers,
        end: Integers,
        *,
        school_type: int,
        year_group: Integers | int = NO_YEAR,
        programme: Integers | int = NO_PROGRAMME,
        cancelled: bool = False,
    ) -> Flags:
        """Add the spells that lie within the person's time here; return which of those given did."""
        start, end = np.maximum(start, self._from[person]), np.minimum(end, self._to[person])
        kept = end - start >= SHORTEST
        values = {
            "person": person,
            "school": school,
            "school_type": np.full(len(person), school_type),
            "year_group": np.broadcast_to(year_group, len(person)),
            "programme": np.broadcast_to(programme, len(person)),
            "start": start,
            "end": end,
            "cancelled": np.full(len(person), cancelled),
        }
        self._parts.append({name: np.asarray(values[name])[kept].astype(kind) for name, kind in COLUMNS.items()})
        if not cancelled:
            self.any[person[kept]] = True
        return np.asarray(kept)

    def stays_until(self, person: Integers, day: Integers) -> Flags:
        """Return who is still in the municipality, and seen to be, on a day."""
        return np.asarray(self._to[person] >= day)

    def known(self, day: Integers) -> Flags:
        """Return which days are known of."""
        return np.asarray(day <= self._seen_until)

    def table(self) -> pd.DataFrame:
        """Return the spells by person and start; ``open`` tells those that go on when nothing more is known."""
        joined = {name: np.concatenate([part[name] for part in self._parts]) for name in COLUMNS}
        order = np.lexsort((joined["start"], joined["person"]))
        table = pd.DataFrame({name: values[order] for name, values in joined.items()})
        return table.assign(open=table["end"].to_numpy() >= self._seen_until)

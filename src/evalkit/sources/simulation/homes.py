"""Draw what pupils of a site bring with them: guardians' education, where they were born, and talent."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from evalkit.sources.simulation.arrays import Flags, Floats, Integers, States
from evalkit.sources.simulation.careers.attainment import SUBJECTS
from evalkit.sources.simulation.careers.households import ELSEWHERE, EUROPE, SWEDEN
from evalkit.sources.simulation.magnitudes import magnitudes

AGE_IN_YEAR_7 = 13
YEAR = 365.25


@dataclass(frozen=True, eq=False)
class Homes:
    """Background of pupils, by their number from 0.

    Parameters
    ----------
    woman
        Legal sex.
    education
        Guardians' highest: 0 compulsory or less, 1 upper secondary, 2 post-secondary.
    region
        Place of birth: 0 Sweden, 1 Europe, 2 elsewhere.
    arrived
        Day of immigration (ordinal); 0 for those born in Sweden.
    late
        Arrived at ten or later.
    ability
        Standard normal.
    particular
        Shape (persons, subjects): talent for each of ``SUBJECTS``, standard normal.
    second_language, modern_language
        Reads Swedish as a second language; reads a modern language.
    """

    woman: Flags
    education: States
    region: States
    arrived: Integers
    late: Flags
    ability: Floats
    particular: Floats
    second_language: Flags
    modern_language: Flags

    def only(self, chosen: Integers) -> Homes:
        """Return the chosen pupils, in that order."""
        return Homes(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def and_also(self, others: Homes) -> Homes:
        """Return these pupils, and others after them."""
        return Homes(
            **{
                field.name: np.concatenate([getattr(self, field.name), getattr(others, field.name)])
                for field in fields(self)
            }
        )


def draw_homes(intakes: Integers, rng: np.random.Generator) -> Homes:
    """Return the background of pupils whose intakes start year 7 in the years ``intakes``."""
    table, grades = magnitudes()["households"], magnitudes()["attainment"]
    count = len(intakes)
    woman = rng.random(count) < table["woman"]
    abroad = rng.random(count) < table["abroad"] / 2
    age = rng.random(count) * AGE_IN_YEAR_7
    start = np.array([np.datetime64(f"{int(year)}-01-01").astype(int) for year in np.unique(intakes)]) + 719_163
    place = np.searchsorted(np.unique(intakes), intakes)
    arrived = np.where(abroad, start[place] - ((AGE_IN_YEAR_7 - age) * YEAR).astype(np.int64), 0)
    outside = rng.random(count) < table["outside_europe"]
    draws = rng.random((2, count))
    home, away = (np.cumsum(table[name]) / np.sum(table[name]) for name in ("education", "education_abroad"))
    late = abroad & (age >= table["late_from_age"])
    return Homes(
        woman=woman,
        education=np.where(abroad, np.searchsorted(away, draws[0], "right"), np.searchsorted(home, draws[0], "right"))
        .clip(max=2)
        .astype(np.int8),
        region=np.where(abroad, np.where(outside, ELSEWHERE, EUROPE), SWEDEN).astype(np.int8),
        arrived=arrived.astype(np.int64),
        late=late,
        ability=rng.standard_normal(count),
        particular=rng.standard_normal((count, len(SUBJECTS))),
        modern_language=rng.random(count) < grades["modern_language"],
        second_language=draws[1] < np.where(late, 0.9, grades["second_language"]),
    )

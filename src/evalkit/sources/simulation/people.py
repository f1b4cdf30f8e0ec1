"""Make the identities of pupils: test numbers, names, markings. Every person is fictitious."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from evalkit.errors import InputError
from evalkit.sources.simulation.arrays import Flags, Integers, States
from evalkit.sources.simulation.magnitudes import magnitudes
from evalkit.sources.simulation.settings import PopulationSettings
from evalkit.vocabulary import test_number

NUMBERS_A_DAY = 10
AGE_IN_YEAR_7 = 13
MARKINGS = ("Ingen", "Sekretessmarkering", "Skyddad folkbokföring")


@dataclass(frozen=True)
class People:
    """Pupils of one site, by their number from 0.

    Parameters
    ----------
    civic
        Twelve-digit test numbers.
    woman
        Legal sex.
    born
        Dates of birth.
    given, family
        Names.
    marking
        Place in ``MARKINGS``.
    """

    civic: tuple[str, ...]
    woman: Flags
    born: tuple[date, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    marking: States

    def hyphened(self) -> list[str]:
        """Return the numbers as ``YYYYMMDD-NNNC``."""
        return [f"{number[:8]}-{number[8:]}" for number in self.civic]


def make_people(
    intakes: Integers,
    settings: PopulationSettings,
    rng: np.random.Generator,
    *,
    place: int,
    places: int,
    sex: Flags | None = None,
) -> People:
    """Return identities for pupils who start year 7 in the years ``intakes``.

    Parameters
    ----------
    intakes
        Shape (n,), calendar years.
    sex
        Shape (n,): who is a woman; drawn where it is not told.
    place, places
        Which of the study's sites this is, and how many there are: each site has test numbers of its own.

    Raises
    ------
    InputError
        If there are more pupils than test numbers.
    """
    count = len(intakes)
    woman = rng.random(count) < 0.49 if sex is None else sex
    years = intakes - AGE_IN_YEAR_7 - (rng.random(count) < settings.year_older)
    slots = slots_of(years, woman, rng, place, places)
    odd = rng.random(count) < settings.coordination
    born = tuple(
        date(int(year), 1, 1) + timedelta(days=int(slot) // NUMBERS_A_DAY)
        for year, slot in zip(years, slots, strict=True)
    )
    civic = tuple(
        test_number(day, int(slot) % NUMBERS_A_DAY, sex="woman" if her else "man", coordination=bool(temporary))
        for day, slot, her, temporary in zip(born, slots, woman, odd, strict=True)
    )
    names = magnitudes()["names"]
    first, second, mark = rng.random(count), rng.random(count), rng.random(count)
    marking = (mark < settings.protected + settings.confidential).astype(np.int8) + (mark < settings.protected)
    return People(
        civic=civic,
        woman=woman,
        born=born,
        given=tuple(_pick(names["women" if her else "men"], draw) for her, draw in zip(woman, first, strict=True)),
        family=tuple(_pick(names["families"], draw) for draw in second),
        marking=marking.astype(np.int8),
    )


def _pick(names: list[str], draw: float) -> str:
    return names[int(draw * len(names))]


def slots_of(years: Integers, woman: Flags, rng: np.random.Generator, place: int, places: int) -> Integers:
    """Return a (day of year, serial) slot for each person, distinct within birth year and sex."""
    slots = np.zeros(len(years), dtype=np.int64)
    for year in np.unique(years):
        own = np.arange(place, (365 + isleap(int(year))) * NUMBERS_A_DAY, places)
        for her in (False, True):
            chosen = np.flatnonzero((years == year) & (woman == her))
            if len(chosen) > len(own):
                raise InputError(
                    f"there are {len(own)} test numbers for each site, birth year and sex, and more pupils than that",
                    remedy="simulate fewer pupils at the largest site",
                )
            slots[chosen] = rng.permutation(own)[: len(chosen)]
    return slots

"""Make the identities of adult students: test numbers, some temporary at first, names, addresses. All fictitious."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from evalkit.errors import InputError
from evalkit.sources.simulation.adults.catalogue import SFI
from evalkit.sources.simulation.adults.entrants import SWEDEN, Entrants
from evalkit.sources.simulation.adults.names import CLOSE_NAMES, FAMILY_NAMES, MENS_NAMES, STREETS, WOMENS_NAMES
from evalkit.sources.simulation.arrays import Flags, Integers, States
from evalkit.sources.simulation.people import NUMBERS_A_DAY, slots_of
from evalkit.sources.simulation.text import picked
from evalkit.vocabulary import test_number

TEMPORARY_SERIALS = 99
TEMPORARY, COORDINATION, LASTING_COORDINATION = 0.03, 0.02, 0.025
LATEST_CHANGE_DAYS = 500
PROTECTED, CONFIDENTIAL = 0.004, 0.008
MARKINGS = ("none", "confidential", "protected")


@dataclass(frozen=True, eq=False)
class Identities:
    """Who the persons of a site are; tuples and arrays by person.

    Parameters
    ----------
    before, after
        Twelve characters: the number at first, and the number it became (the same for most).
    changed
        Day (ordinal) of the change; 0 for those who kept theirs.
    born
        Day of birth (ordinal).
    given, family, street
        Names and addresses, as they stand in exports and must not be kept.
    marking
        Place in ``MARKINGS``.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    changed: Integers
    born: Integers
    given: tuple[str, ...]
    family: tuple[str, ...]
    street: tuple[str, ...]
    marking: States

    def on(self, person: Integers, day: Integers) -> pa.Array:
        """Return the numbers that were in use on days (ordinals); shapes (rows,)."""
        changed = self.changed[person]
        current = (changed == 0) | (day >= changed)
        return picked([*self.before, *self.after], person + np.where(current, len(self.before), 0))

    def current(self, person: Integers) -> pa.Array:
        """Return the numbers in use today."""
        return picked(self.after, person)

    def aliased(self) -> Integers:
        """Return the persons whose number changed."""
        return np.flatnonzero(self.changed)


def make_identities(entrants: Entrants, end: date, rng: np.random.Generator, *, place: int, places: int) -> Identities:
    """Return identities for the entrants of a site.

    Parameters
    ----------
    end
        The day the exports are made; later changes of number are not known.
    place, places
        Which of the study's sites this is, and how many there are: each site has test numbers of its own.

    Raises
    ------
    InputError
        If there are more persons than test numbers.
    """
    count = len(entrants.person)
    years = np.array([date.fromordinal(int(day)).year for day in entrants.start]) - entrants.age
    slots = slots_of(years, entrants.woman, rng, place, places)
    firsts = np.array([date(int(year), 1, 1).toordinal() for year in years])
    born = firsts + slots // NUMBERS_A_DAY
    kind, moment = rng.random(count), rng.random(count)
    newcomer = (entrants.school_type == SFI) & (entrants.citizenship != SWEDEN)
    temporary = newcomer & (kind < TEMPORARY)
    coordination = newcomer & ~temporary & (kind < TEMPORARY + COORDINATION)
    lasting = newcomer & ~temporary & ~coordination & (kind < TEMPORARY + COORDINATION + LASTING_COORDINATION)
    changed = entrants.start + 20 + (moment * LATEST_CHANGE_DAYS).astype(np.int64)
    changed = np.where((temporary | coordination) & (changed < end.toordinal()), changed, 0)
    numbers = _numbers(born, slots % NUMBERS_A_DAY, entrants.woman, np.zeros(count, dtype=np.bool_))
    coordinated = _numbers(born, slots % NUMBERS_A_DAY, entrants.woman, coordination | lasting)
    unsettled = _temporary_numbers(born, temporary, place=place, places=places)
    before = tuple(tf or other for tf, other in zip(unsettled, coordinated, strict=True))
    after = tuple(new if day else old for new, old, day in zip(numbers, before, changed, strict=True))
    mark = rng.random(count)
    draws = rng.random((4, count))
    return Identities(
        before=before,
        after=after,
        changed=changed,
        born=born,
        given=_given(entrants.woman, draws[0]),
        family=tuple(FAMILY_NAMES[int(draw * len(FAMILY_NAMES))] for draw in draws[1]),
        street=tuple(f"{STREETS[int(s * len(STREETS))]} {1 + int(n * 60)}" for s, n in zip(*draws[2:], strict=True)),
        marking=((mark < PROTECTED + CONFIDENTIAL).astype(np.int8) + (mark < PROTECTED)).astype(np.int8),
    )


def _given(woman: Flags, draws: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[str, ...]:
    women, men = WOMENS_NAMES + CLOSE_NAMES, MENS_NAMES + CLOSE_NAMES
    return tuple(
        (women if her else men)[int(draw * len(women if her else men))] for her, draw in zip(woman, draws, strict=True)
    )


def _numbers(born: Integers, serial: Integers, woman: Flags, coordination: Flags) -> list[str]:
    return [
        test_number(date.fromordinal(int(day)), int(each), sex="woman" if her else "man", coordination=bool(odd))
        for day, each, her, odd in zip(born, serial, woman, coordination, strict=True)
    ]


def _temporary_numbers(born: Integers, temporary: Flags, *, place: int, places: int) -> list[str]:
    """Return ``YYYYMMDDTFNN`` where the number is temporary, else nothing; each site has serials of its own."""
    used: dict[int, int] = {}
    numbers = [""] * len(born)
    for person in np.flatnonzero(temporary):
        day = int(born[person])
        serial = used[day] = used.get(day, -1) + 1
        rank = 1 + place + places * serial
        if rank > TEMPORARY_SERIALS:
            raise InputError("there are too few temporary numbers for a birth date", remedy="simulate fewer persons")
        numbers[person] = f"{date.fromordinal(day):%Y%m%d}TF{rank:02d}"
    return numbers

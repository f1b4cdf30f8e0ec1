"""The schools of a municipality by stage, as many as its persons need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.sources.simulation.arrays import Integers

PERSONS_PER = {"preschools": 1000, "primaries": 1600, "secondaries": 3200, "uppers": 9000}
NAMES = {"preschools": "förskola", "primaries": "skola F–6", "secondaries": "skola", "uppers": "gymnasium"}
TYPES = {"preschools": "FS", "primaries": "FKLASS GR", "secondaries": "GR", "uppers": "GY", "adult": "VUXGR VUXGY SFI"}
LARGEST_NUMBER = 90
"""Units of a municipality that has a code of two digits for each."""
DISTRICTS_APART = 2_654_435_761


@dataclass(frozen=True, eq=False)
class Places:
    """Numbers of school units by stage; each array is ascending. ``adult`` is the one unit of adult education."""

    preschools: Integers
    primaries: Integers
    secondaries: Integers
    uppers: Integers
    adult: int

    @property
    def count(self) -> int:
        """Number of units."""
        return self.adult + 1

    def district(self, family: Integers) -> Integers:
        """Return a number for each family: where it lives, and so which schools its children are offered."""
        return (family.astype(np.int64) * DISTRICTS_APART % 2**32) >> 7

    def types(self) -> list[str]:
        """Return each unit's school types, in the order of numbers."""
        found = [""] * self.count
        for name, text in TYPES.items():
            for number in np.atleast_1d(getattr(self, name)):
                found[int(number)] = text
        return found

    def names(self, municipality: str) -> list[str]:
        """Return each unit's name, in the order of numbers."""
        found = [f"{municipality} vuxenutbildning"] * self.count
        for name, text in NAMES.items():
            for place, number in enumerate(getattr(self, name), start=1):
                found[int(number)] = f"{municipality} {text} {place}"
        return found


def draw_places(persons: int) -> Places:
    """Return the units of a municipality with so many persons in the register."""
    numbers, first = {}, 0
    wanted = sum(persons / each for each in PERSONS_PER.values())
    fewer = max(1.0, wanted / LARGEST_NUMBER)
    for name, each in PERSONS_PER.items():
        count = max(2 if name != "uppers" else 1, round(persons / each / fewer))
        numbers[name] = np.arange(first, first + count)
        first += count
    return Places(**numbers, adult=first)

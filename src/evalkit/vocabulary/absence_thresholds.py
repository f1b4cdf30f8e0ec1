"""Named thresholds of absence, dated: no law sets a number, so they may be replaced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Literal

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml

Held = Literal["total", "invalid", "lesson", "spell", "contact"]
FIRST_THRESHOLDS = date(2021, 7, 1)
"""The first day on which thresholds and bands are in force."""


@dataclass(frozen=True)
class AbsenceThreshold:
    """A limit that absence reaches or does not.

    Parameters
    ----------
    name
        Such as ``"chronic"``.
    of
        What is held against it: ``"total"`` or ``"invalid"`` absence of the reported minutes, minutes absent from one
        ``"lesson"``, absent school days in one ``"spell"``, or days until ``"contact"`` about one.
    limit
        A share in (0, 1] where ``of`` is total or invalid, else whole minutes or days.
    sv, en
        What readers call it.
    provenance
        Where it is from, and how sure that is.
    """

    name: str
    of: Held
    limit: Fraction
    sv: str
    en: str
    provenance: Provenance


@cache
def absence_thresholds(on: date) -> dict[str, AbsenceThreshold]:
    """Return the thresholds in force on a day by name."""
    entries = [entry for entry in read_toml("absence_thresholds")["thresholds"] if entry["since"] <= on]
    return {
        entry["name"]: AbsenceThreshold(
            name=entry["name"],
            of=entry["of"],
            limit=Fraction(next(entry[unit] for unit in ("share", "minutes", "days") if unit in entry)),
            sv=entry["sv"],
            en=entry["en"],
            provenance=Provenance(entry["source"], certainty_mark(entry["certainty"])),
        )
        for entry in sorted(entries, key=lambda entry: entry["since"])
    }


def absence_threshold(name: str, on: date = FIRST_THRESHOLDS) -> AbsenceThreshold:
    """Return a threshold as it was on a day.

    Raises
    ------
    KeyError
        If none of that name was in force; the message lists those that were.
    """
    found = absence_thresholds(on)
    if name not in found:
        raise KeyError(f"no threshold of absence is called {name!r} on {on}; there are {', '.join(found) or 'none'}")
    return found[name]

"""Municipalities and counties. Codes are strings of four and two characters; leading zeros are part of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml


@dataclass(frozen=True)
class Municipality:
    """One municipality.

    Parameters
    ----------
    code
        Four characters, such as ``"1440"``; the first two are the county's.
    name, county, county_name
        Such as ``"Ale"``, ``"14"``, ``"Västra Götaland"``.
    population_2023
        Inhabitants on 31 December 2023.
    """

    code: str
    name: str
    county: str
    county_name: str
    population_2023: int


@cache
def municipalities() -> tuple[Municipality, ...]:
    """Return the thirteen municipalities of the Gothenburg region, by name as in the source."""
    data = read_toml("municipalities")
    return tuple(
        Municipality(
            code=entry["code"],
            name=entry["name"],
            county=entry["county"],
            county_name=data["counties"][entry["county"]],
            population_2023=entry["population_2023"],
        )
        for entry in data["municipalities"]
    )


def municipality(code: str | int) -> Municipality:
    """Return the municipality with this code; an integer gets back its lost zeros.

    Raises
    ------
    KeyError
        If the code is not among those known.
    """
    wanted = f"{code:04d}" if isinstance(code, int) else code
    for found in municipalities():
        if found.code == wanted:
            return found
    raise KeyError(f"no municipality with code {wanted!r} is known here")


def counties() -> dict[str, str]:
    """Return the names of Sweden's counties by their two-character code."""
    return dict(read_toml("municipalities")["counties"])


def municipality_provenance() -> Provenance:
    """Return where the codes are from."""
    entry = read_toml("municipalities")["provenance"]
    return Provenance(entry["source"], certainty_mark(entry["certainty"]))

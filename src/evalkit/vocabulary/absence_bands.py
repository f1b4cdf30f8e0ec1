"""Bands of total absence, dated: no law sets a number, so they may be replaced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml


@dataclass(frozen=True, order=True)
class AbsenceBand:
    """A band ``[lower, upper)`` of total absence as a share of reported minutes; the last band includes 1.

    Parameters
    ----------
    lower, upper
        Shares between 0 and 1.
    label
        In percent, such as ``"10-15"``.
    """

    lower: float
    upper: float
    label: str


@cache
def absence_bands(on: date) -> tuple[AbsenceBand, ...]:
    """Return the bands in force on a day, lowest first."""
    return tuple(AbsenceBand(band["lower"], band["upper"], band["label"]) for band in _set_on(on)["bands"])


def absence_band_of(share: float, on: date) -> AbsenceBand:
    """Return the band that a share of absence falls in.

    Raises
    ------
    ValueError
        If the share is not between 0 and 1.
    """
    if not 0 <= share <= 1:
        raise ValueError("total absence is a share between 0 and 1")
    bands = absence_bands(on)
    return next((band for band in bands if band.lower <= share < band.upper), bands[-1])


def absence_band_provenance(on: date) -> Provenance:
    """Return where the bands in force on a day are from."""
    entry = _set_on(on)
    return Provenance(entry["source"], certainty_mark(entry["certainty"]))


def _set_on(on: date) -> dict[str, Any]:
    sets = [entry for entry in read_toml("absence_bands")["sets"] if entry["since"] <= on]
    if not sets:
        raise KeyError(f"no absence bands are in force on {on}")
    return dict(max(sets, key=lambda entry: entry["since"]))

"""The axes of a table: levels in the order readers see them, and whether they share out the persons."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pandas as pd

from evalkit.values import Axis
from evalkit.vocabulary import absence_bands

TOTAL = "total"
MISSING_LEVEL = "missing"
TIMES = ("term", "month", "week", "year", "school_year", "time")
KNOWN_LEVELS = {
    "sex": ("woman", "man", "unknown"),
    "absence_band": tuple(band.label for band in absence_bands(date(2021, 7, 1))),
}
COMPLETE = ("absence_band",)


def with_levels(rows: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Return the rows with the dividing columns as categoricals of text, ``"missing"`` where nothing is known."""
    return rows.assign(**{name: _as_text(rows[name]) for name in by})


def axes_of(rows: pd.DataFrame, by: tuple[str, ...], *, repeated: bool, place: str) -> tuple[Axis, ...]:
    """Describe how the rows are divided.

    Parameters
    ----------
    rows
        ``person_id`` and the dividing columns as text.
    by
        Dividing columns.
    repeated
        Whether a person may stand at several times (a panel); then terms, weeks and the like are axes without a total.
    place
        Name of the total over schools; empty for ``"total"``.

    Returns
    -------
    tuple of Axis
        An axis is a partition if nobody stands in two of its levels at one time.
    """
    times = [name for name in by if repeated and name in TIMES]
    axes = []
    for name in by:
        levels = _ordered(name, set(rows[name]))
        if name in times:
            axes.append(Axis(name, levels, total=None, partition=False))
            continue
        total = place if name == "school" and place else TOTAL
        axes.append(Axis(name, levels, total=total, partition=_shares_out(rows, name, times)))
    return tuple(axes)


def _shares_out(rows: pd.DataFrame, name: str, times: list[str]) -> bool:
    pairs = rows[["person_id", *times, name]].drop_duplicates()
    return not pairs.duplicated(["person_id", *times]).any()


def _as_text(column: pd.Series) -> Any:
    codes, found = pd.factorize(column)
    texts = [f"{value:g}" if isinstance(value, float) else str(value) for value in found]
    known: Any = pd.Categorical([*texts, MISSING_LEVEL])
    # the code of a missing value is -1, and so the last text
    return pd.Categorical.from_codes(known.codes[codes], dtype=known.dtype)


def _ordered(name: str, found: set[str]) -> tuple[str, ...]:
    known = KNOWN_LEVELS.get(name, ())
    first = [level for level in known if level in found or name in COMPLETE]
    rest = sorted(found - set(known) - {MISSING_LEVEL}, key=lambda level: _place_of(name, level))
    return (*first, *rest, *([MISSING_LEVEL] if MISSING_LEVEL in found else []))


def _place_of(name: str, level: str) -> tuple[object, ...]:
    term = re.fullmatch(r"(HT|VT)(\d{4})", level) if name == "term" else None
    if term is not None:
        return (int(term[2]), 0 if term[1] == "VT" else 1)
    parts = re.split(r"(\d+)", level)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part)

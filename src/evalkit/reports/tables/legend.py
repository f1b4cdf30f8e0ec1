"""The line under a table that explains the signs in it, and no others."""

from __future__ import annotations

from dataclasses import dataclass

from evalkit.reports.labels import Words
from evalkit.reports.tables.cells import Grid

MEANINGS = {
    "..": "sign.suppressed",
    "~0": "sign.near_zero",
    "~100": "sign.near_hundred",
    "0": "sign.zero",
    "u.s.": "sign.missing",
    ".": "sign.not_applicable",
}


@dataclass(frozen=True)
class Sign:
    """One sign and what it means."""

    sign: str
    meaning: str


def signs_used(grid: Grid, words: Words) -> tuple[Sign, ...]:
    """Return the signs that stand in a table with their meaning, in the order of the legend."""
    return tuple(Sign(sign, words.say(MEANINGS[sign])) for sign in grid.signs)


def legend_text(signs: tuple[Sign, ...]) -> str:
    """Return the legend as one line of plain text."""
    return "; ".join(f"{sign.sign} {sign.meaning}" for sign in signs)

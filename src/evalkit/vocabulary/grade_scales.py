"""Grade scales: what each letter is worth, and whether it is a pass."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from evalkit.vocabulary.reading import read_toml


@dataclass(frozen=True)
class GradeLetter:
    """One grade.

    Parameters
    ----------
    letter
        As in the table of grades, such as ``"E"`` or ``"-"``.
    points
        Merit points.
    passed
        Whether it is a pass.
    grade
        Whether it is a grade at all: a dash says that absence left nothing to grade.
    """

    letter: str
    points: float
    passed: bool
    grade: bool


@cache
def grade_letters() -> tuple[GradeLetter, ...]:
    """Return the letters of every scale; no two scales share a letter."""
    return tuple(
        GradeLetter(entry["letter"], entry["points"], entry["passed"], entry.get("grade", True))
        for scale in read_toml("grade_scales")["scales"]
        for entry in scale["letters"]
    )

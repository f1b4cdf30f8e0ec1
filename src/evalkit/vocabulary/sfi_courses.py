"""Courses of Swedish for immigrants (SFI), in order, with the codes registers write and the study paths they are on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml


@dataclass(frozen=True)
class SfiCourse:
    """A course of SFI.

    Parameters
    ----------
    letter
        ``"A"`` to ``"D"``.
    codes
        Course codes in registers.
    paths
        Study paths the course is on.
    """

    letter: str
    codes: tuple[str, ...]
    paths: tuple[str, ...]


@cache
def sfi_courses() -> tuple[SfiCourse, ...]:
    """Return the courses, lowest first."""
    return tuple(
        SfiCourse(entry["letter"], tuple(entry["codes"]), tuple(entry["paths"]))
        for entry in read_toml("sfi_courses")["courses"]
    )


def study_path_courses() -> tuple[str, ...]:
    """Return the nine courses that statistics name, such as ``"2C"``: study path and letter."""
    return tuple(sorted(f"{path}{course.letter}" for course in sfi_courses() for path in course.paths))


def sfi_provenance() -> Provenance:
    """Return where the courses are from."""
    entry = read_toml("sfi_courses")["provenance"]
    return Provenance(entry["source"], certainty_mark(entry["certainty"]))

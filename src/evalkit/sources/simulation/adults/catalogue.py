"""Courses of adult education by number: SFI's nine study path courses, then Komvux basic and upper secondary."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from evalkit.sources.simulation.arrays import Floats, Integers

SCHOOL_TYPES = ("SFI", "VUXGR", "VUXGY")
SFI, BASIC, UPPER = range(3)
NO_COURSE = -1
POINTS_A_WEEK = 20
"""Credit points of one week of full-time study [V2]."""


@cache
def adult_magnitudes() -> dict[str, Any]:
    """Return the content of ``magnitudes.toml``; callers do not change it."""
    text = (files("evalkit.sources.simulation.adults") / "magnitudes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Courses by number.

    Parameters
    ----------
    codes, names, level_names, subjects
        Code, name, name by the subject levels of 2025 (the same where there is none), subject.
    school_type, path, points, following, placement
        Shape (courses,): place in ``SCHOOL_TYPES``, study path (0 outside SFI), credit points (0 for SFI), number of
        the course that follows (``NO_COURSE``), and whether part of it is at a workplace.
    length, dropping
        Shape (courses, 2), women and men: scale of the time to completion of SFI courses in weeks, and base of their
        weekly dropout hazard; 0 outside SFI.
    first
        Shape (courses,): share of beginners of the school type who start there.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    level_names: tuple[str, ...]
    subjects: tuple[str, ...]
    school_type: Integers
    path: Integers
    points: Integers
    following: Integers
    placement: Integers
    length: Floats
    dropping: Floats
    first: Floats


@cache
def catalogue() -> Catalogue:
    """Return the courses."""
    facts = adult_magnitudes()
    entries = [_sfi_entry(key, facts) for key in facts["sfi"]["lengths"]]
    for kind, level in ((BASIC, "basic"), (UPPER, "upper")):
        entries += [{**entry, "type": kind, "path": 0} for entry in facts[level]]
    keys = [entry.get("key", entry["code"]) for entry in entries]
    return Catalogue(
        codes=tuple(entry["code"] for entry in entries),
        names=tuple(entry["name"] for entry in entries),
        level_names=tuple(entry.get("level_name", entry["name"]) for entry in entries),
        subjects=tuple(entry["subject"] for entry in entries),
        school_type=np.array([entry["type"] for entry in entries]),
        path=np.array([entry["path"] for entry in entries]),
        points=np.array([entry["points"] for entry in entries]),
        following=np.array([keys.index(entry["next"]) if entry["next"] else NO_COURSE for entry in entries]),
        placement=np.array([entry.get("placement", False) for entry in entries]),
        length=np.array([entry.get("length", (0, 0)) for entry in entries], dtype=np.float64),
        dropping=np.array([entry.get("dropping", (0, 0)) for entry in entries], dtype=np.float64),
        first=np.array([entry["first"] for entry in entries], dtype=np.float64),
    )


def course_key(number: int) -> str:
    """Return how statistics name a course: ``1A`` to ``3D`` in SFI, else its code."""
    courses = catalogue()
    code = courses.codes[number]
    return f"{courses.path[number]}{code[-1]}" if courses.school_type[number] == SFI else code


def _sfi_entry(key: str, facts: dict[str, Any]) -> dict[str, Any]:
    path, letter = int(key[0]), key[1]
    following = "ABCD".find(letter) + 1
    return {
        "key": key,
        "code": f"SFI{letter}",
        "name": f"Svenska för invandrare {letter}",
        "subject": "SFI",
        "type": SFI,
        "path": path,
        "points": 0,
        "next": f"{path}{'ABCD'[following]}" if following < len("ABCD") else "GRNSVAC",
        "length": facts["sfi"]["lengths"][key],
        "dropping": facts["sfi"]["dropping"][key],
        "first": facts["start"]["sfi"][key],
    }

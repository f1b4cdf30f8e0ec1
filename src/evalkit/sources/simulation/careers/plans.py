"""Plans of study at upper secondary school: which courses a programme holds, and when they end."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

from evalkit.sources.simulation.arrays import Flags, Integers
from evalkit.sources.simulation.careers.spells import PREPARATORY, PROGRAMMES
from evalkit.vocabulary.diploma import course_roles, diploma_rules, subject_levels, written_together


class Course(NamedTuple):
    """One course, or subject level."""

    code: str
    subject: str
    name: str
    points: int


@dataclass(frozen=True, eq=False)
class Plan:
    """What one programme holds; arrays of shape (courses,).

    Parameters
    ----------
    course
        Places in `catalogue`.
    year
        Year of study, 1-3.
    autumn
        Whether the course ends in December; the others end in June.
    required
        Whether a diploma of the programme asks for a pass.
    project
        Whether it is the diploma project.
    points
        Extent of the whole plan; 0 where there is none.
    """

    course: Integers
    year: Integers
    autumn: Flags
    required: Flags
    project: Flags
    points: int


@cache
def catalogue() -> tuple[Course, ...]:
    """Return every course of every programme's plan, as those write it who began before Gy25 and read Swedish."""
    every = (_courses(entry, code, extended=True) for entry in _facts()["plans"] for code in entry["programmes"])
    return tuple(dict.fromkeys(course for courses in every for _, _, course in courses))


@cache
def plan_of(programme: int, *, extended: bool) -> Plan:
    """Return the plan of a programme.

    Parameters
    ----------
    programme
        Place in ``PROGRAMMES``.
    extended
        With the courses by which a vocational programme gives eligibility for higher education.
    """
    code = PROGRAMMES[programme]
    entry = next(each for each in _facts()["plans"] if code in each["programmes"])
    rows = list(_courses(entry, code, extended=extended))
    places = {course: place for place, course in enumerate(catalogue())}
    rule = next(
        each for each in diploma_rules() if each.kind == ("preparatory" if code in PREPARATORY else "vocational")
    )
    return Plan(
        course=np.array([places[course] for _, _, course in rows]),
        year=np.array([year for year, _, _ in rows]),
        autumn=np.array([autumn for _, autumn, _ in rows]),
        required=np.array([role_of(course) in rule.courses for _, _, course in rows]),
        project=np.array([role_of(course) == "project" for _, _, course in rows]),
        points=entry.get("points_with_more" if extended else "points", entry.get("points", 0)),
    )


def role_of(course: Course) -> str:
    """Return what the rules of a diploma call a course; empty where they ask for no such course."""
    code = written_together(course.code)
    return next((role for role, codes in course_roles().items() if code.startswith(codes)), "")


@cache
def as_written(*, gy25: bool, second_language: bool) -> tuple[Course, ...]:
    """Return the courses of `catalogue` as the records of a pupil write them, in the same order.

    Parameters
    ----------
    gy25
        Subject levels in place of courses, where the vocabulary tells which.
    second_language
        Swedish as a second language in place of Swedish.
    """
    found = [_second(course) if second_language else course for course in catalogue()]
    return tuple(_level(course) if gy25 else course for course in found)


def _second(course: Course) -> Course:
    table = _facts()["second_language"]
    if course.code not in table["codes"]:
        return course
    name = course.name.replace(*table["name"])
    return course._replace(code=table["codes"][course.code], subject=table["subject"], name=name)


def _level(course: Course) -> Course:
    if course.code not in subject_levels():
        return course
    code, name = subject_levels()[course.code]
    # a subject level's code begins with its subject's
    return course._replace(code=code, subject=code[:4], name=name)


@cache
def _facts() -> dict[str, Any]:
    text = (files("evalkit.sources.simulation.careers") / "plans.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _courses(entry: dict[str, Any], programme: str, *, extended: bool) -> Iterator[tuple[int, bool, Course]]:
    """Return year, whether it ends in the autumn, and the course."""
    for term in ("autumn", "spring", *(("more",) if extended and "more" in entry else ())):
        by_year = zip(entry[term], entry.get(f"programme_{term}", [""] * len(entry[term])), strict=True)
        for place, (codes, letters) in enumerate(by_year):
            courses = [_common(code, programme) for code in codes] + [_own(letter, programme) for letter in letters]
            for course in courses:
                yield place + 1, term == "autumn", course


def _common(code: str, programme: str) -> Course:
    told = _facts()["courses"][code]
    return Course(code.format(programme=programme), told["subject"], told["name"], told["points"])


def _own(letter: str, programme: str) -> Course:
    told = _facts()["programme_courses"]
    code, subject, name = (
        told[part].format(letter=letter, programme=programme) for part in ("code", "subject", "name")
    )
    return Course(code, subject, name, told["points"])

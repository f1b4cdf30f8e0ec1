"""The upper secondary diploma by dated rules, and which courses and subject levels they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml

JOINERS = (" ", "-", "–", ",")


@dataclass(frozen=True)
class DiplomaRule:
    """What a diploma asks of grades.

    Parameters
    ----------
    kind
        ``vocational``, ``preparatory`` or ``adult``.
    since
        First day of the rule.
    graded
        Points with a grade, pass or not.
    follows_plan
        Whether the extent of the pupil's plan, where it is told, takes the place of ``graded``.
    passed
        Points with a pass.
    courses
        Roles of courses that must be passed, see `course_roles`.
    """

    kind: str
    since: date
    graded: int
    follows_plan: bool
    passed: int
    courses: tuple[str, ...]
    provenance: Provenance


@dataclass(frozen=True)
class DiplomaClock:
    """How completion within some years is counted.

    Parameters
    ----------
    school_types, year_group, reference
        Pupils of these school types and this year on this month and day are beginners.
    years
        School years that may be asked for.
    """

    school_types: tuple[str, ...]
    year_group: int
    reference: tuple[int, int]
    years: tuple[int, ...]


@cache
def diploma_rules() -> tuple[DiplomaRule, ...]:
    """Return the rules, latest first."""
    found = [
        DiplomaRule(
            kind=entry["kind"],
            since=entry["since"],
            graded=entry["graded"],
            follows_plan=entry["plan"],
            passed=entry["passed"],
            courses=tuple(entry["courses"]),
            provenance=Provenance(entry["source"], certainty_mark(entry["certainty"])),
        )
        for entry in read_toml("diploma")["rules"]
    ]
    return tuple(sorted(found, key=lambda rule: rule.since, reverse=True))


@cache
def diploma_clock() -> DiplomaClock:
    """Return how completion within some years is counted."""
    entry = read_toml("diploma")["clock"]
    return DiplomaClock(
        school_types=tuple(entry["school_types"]),
        year_group=entry["year_group"],
        reference=(entry["reference"]["month"], entry["reference"]["day"]),
        years=tuple(entry["years"]),
    )


def certificate_points() -> int:
    """Return the points with a grade of a certificate (studiebevis) over a whole plan, where no plan is told."""
    return int(read_toml("diploma")["certificate"]["points"])


@cache
def course_roles() -> dict[str, tuple[str, ...]]:
    """Return how the codes of the courses that rules ask for begin, by role; see `same_courses`."""
    return {role: tuple(beginnings) for role, beginnings in read_toml("course_levels")["roles"].items()}


@cache
def same_courses() -> dict[str, str]:
    """Return the course code that counts, for every other written-together code or name of the same course.

    Subject levels (Gy25) stand under the course (Gy11) of the same content, and Swedish as a second language under
    Swedish, as the two never count twice.
    """
    told = read_toml("course_levels")
    found = dict(told["same"])
    for entry in told["levels"]:
        course = written_together(entry["course"])
        others = (written_together(other) for other in (entry["level"], *entry["names"]))
        found |= dict.fromkeys(others, told["same"].get(course, course))
    return found


@cache
def subject_levels() -> dict[str, tuple[str, str]]:
    """Return code and name of the subject level (Gy25) of the same content, for every course (Gy11) that has one."""
    return {entry["course"]: (entry["level"], entry["names"][-1]) for entry in read_toml("course_levels")["levels"]}


def other_levels() -> tuple[str, ...]:
    """Return how codes of courses below upper secondary level begin."""
    return tuple(read_toml("course_levels")["other_levels"]["codes"])


def written_together(text: str) -> str:
    """Return a code or name in capitals, without spaces, commas and dashes."""
    for joiner in JOINERS:
        text = text.replace(joiner, "")
    return text.upper()

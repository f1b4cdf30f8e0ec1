"""Dated rules that cohorts rest on: reference day, stages, activity responsibility, parts of adult education."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml


@dataclass(frozen=True)
class Stage:
    """Year groups that belong together.

    Parameters
    ----------
    school_types
        Codes of SS 12000.
    years
        First and last year group.
    """

    id: str
    school_types: tuple[str, ...]
    years: tuple[int, int]


@dataclass(frozen=True)
class ActivityRule:
    """Whom the municipal activity responsibility (kommunalt aktivitetsansvar) covers.

    Parameters
    ----------
    under_age
        Years; it ends on this birthday.
    duty_age, duty_ends
        Compulsory attendance ends on this month and day of the calendar year in which this age is reached.
    schools
        School types whose pupils are not covered.
    equivalent
        School types whose studies count as those of upper secondary school.
    gap_days
        A gap of so many days, or fewer, between two enrolments is none.
    """

    under_age: int
    duty_age: int
    duty_ends: tuple[int, int]
    schools: tuple[str, ...]
    equivalent: tuple[str, ...]
    gap_days: int
    provenance: Provenance


@dataclass(frozen=True)
class AdultPart:
    """A part of municipal adult education, by its codes of SS 12000 and what readers call it."""

    id: str
    school_types: tuple[str, ...]
    sv: str
    en: str


def reference_day(autumn: int) -> date:
    """Return the day on which pupils are counted in the autumn of a year."""
    rule = _in_force("reference_days", date(autumn, 1, 1))
    return date(autumn, rule["month"], rule["day"])


@cache
def stages() -> tuple[Stage, ...]:
    """Return the stages of school, youngest first."""
    told = read_toml("cohort_rules")["stages"]
    return tuple(Stage(entry["id"], tuple(entry["school_types"]), tuple(entry["years"])) for entry in told)


def stage_of(year_group: int, school_type: str) -> Stage:
    """Return the stage that a year group of a school type belongs to.

    Raises
    ------
    KeyError
        If there is none.
    """
    for stage in stages():
        if school_type in stage.school_types and stage.years[0] <= year_group <= stage.years[1]:
            return stage
    raise KeyError(f"the school type {school_type!r} has no year group {year_group}")


def activity_rule(on: date) -> ActivityRule:
    """Return the rule of the municipal activity responsibility in force on a day."""
    rule = _in_force("activity_responsibility", on)
    ends = rule["duty_ends"]
    return ActivityRule(
        under_age=rule["under_age"],
        duty_age=ends["age"],
        duty_ends=(ends["month"], ends["day"]),
        schools=tuple(rule["schools"]),
        equivalent=tuple(rule["equivalent"]),
        gap_days=rule["gap_days"],
        provenance=Provenance(rule["source"], certainty_mark(rule["certainty"])),
    )


@cache
def adult_parts() -> tuple[AdultPart, ...]:
    """Return the parts of municipal adult education."""
    return tuple(
        AdultPart(entry["id"], tuple(entry["school_types"]), entry["sv"], entry["en"])
        for entry in read_toml("cohort_rules")["adult_parts"]
    )


def adult_part(name: str) -> AdultPart:
    """Return the part of municipal adult education with this id.

    Raises
    ------
    KeyError
        If there is none.
    """
    for part in adult_parts():
        if part.id == name:
            return part
    raise KeyError(f"adult education has no part {name!r}; it has {', '.join(part.id for part in adult_parts())}")


def return_months(on: date) -> int:
    """Return within how many months of a dropout a new start is a return."""
    return int(_in_force("returns", on)["months"])


def _in_force(kind: str, on: date) -> dict[str, Any]:
    rules = [rule for rule in read_toml("cohort_rules")[kind] if rule["since"] <= on]
    if not rules:
        raise KeyError(f"no rule of {kind} was in force on {on}")
    return dict(max(rules, key=lambda rule: rule["since"]))

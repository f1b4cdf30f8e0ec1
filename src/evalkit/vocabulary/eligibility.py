"""Eligibility for upper secondary school and merit points, by dated rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml


@dataclass(frozen=True)
class EligibilityRule:
    """What opens a group of programmes.

    Parameters
    ----------
    group
        ``vocational``, ``arts``, ``social``, ``science`` or ``imv``.
    since
        First day of the end of year 9 that the rule is for; it holds until the group's next rule.
    needed
        Subjects to pass, each a choice of one.
    passes
        Subjects to pass in all, those among them.
    """

    group: str
    since: date
    needed: tuple[tuple[str, ...], ...]
    passes: int
    provenance: Provenance


@dataclass(frozen=True)
class EligibilitySubjects:
    """How compulsory school's subjects are counted.

    Parameters
    ----------
    school_types
        Whose last year is judged.
    enrolled_on
        Month and day on which a pupil must be in that year to be judged at its end.
    core
        Subjects that every national programme asks for.
    same
        Subjects counted as another, with which they never count twice.
    blocks
        Subject blocks, and the subjects each stands for.
    """

    school_types: tuple[str, ...]
    enrolled_on: tuple[int, int]
    core: tuple[str, ...]
    same: dict[str, str]
    blocks: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class MeritRule:
    """How merit points are summed.

    Parameters
    ----------
    since
        First day of the end of year 9 that the rule is for.
    best
        How many of the best grades count.
    language_choice
        Beginnings of the subject codes of which one counts on top of these.
    """

    since: date
    best: int
    language_choice: tuple[str, ...]
    provenance: Provenance


@cache
def eligibility_rules(group: str) -> tuple[EligibilityRule, ...]:
    """Return a group's rules, latest first.

    Raises
    ------
    KeyError
        If there is no such group; the message lists those there are.
    """
    found = [
        EligibilityRule(
            group=group,
            since=entry["since"],
            needed=tuple(tuple(choice) for choice in each["needed"]),
            passes=each["passes"],
            provenance=Provenance(entry["source"], certainty_mark(entry["certainty"])),
        )
        for entry in read_toml("eligibility")["rules"]
        for each in entry["groups"]
        if each["group"] == group
    ]
    if not found:
        raise KeyError(f"no rule of eligibility is for {group!r}; there are {', '.join(eligibility_groups())}")
    return tuple(sorted(found, key=lambda rule: rule.since, reverse=True))


@cache
def eligibility_groups() -> tuple[str, ...]:
    """Return the groups of programmes that have rules."""
    entries = read_toml("eligibility")["rules"]
    return tuple(dict.fromkeys(each["group"] for entry in entries for each in entry["groups"]))


@cache
def eligibility_subjects() -> EligibilitySubjects:
    """Return how subjects are counted."""
    entry = read_toml("eligibility")["subjects"]
    return EligibilitySubjects(
        school_types=tuple(entry["school_types"]),
        enrolled_on=(entry["enrolled_on"]["month"], entry["enrolled_on"]["day"]),
        core=tuple(entry["core"]),
        same=dict(entry["same"]),
        blocks={block: tuple(subjects) for block, subjects in entry["blocks"].items()},
    )


@cache
def merit_rules() -> tuple[MeritRule, ...]:
    """Return the rules of merit points, latest first."""
    found = [
        MeritRule(
            entry["since"],
            entry["best"],
            tuple(entry["language_choice"]),
            Provenance(entry["source"], certainty_mark(entry["certainty"])),
        )
        for entry in read_toml("merit")["rules"]
    ]
    return tuple(sorted(found, key=lambda rule: rule.since, reverse=True))

"""Rules by which a person who stays away is held to have interrupted the studies, dated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml


@dataclass(frozen=True)
class DropoutRule:
    """A rule about absence in a row.

    Parameters
    ----------
    name
        ``"komvux"`` or ``"upper_secondary"``.
    days, months
        The absence has to last longer than so many calendar days or months; one of them is 0.
    table, school_types
        Where it stands who studies (``courses`` or ``enrolments``), and of which school types.
    valid_share
        A day's absence of which at least this share (numerator, denominator) is valid ends the run.
    longest_pause_days
        More calendar days than these from one day of absence to the next end the run.
    provenance
        Of the length; how days are judged is this project's own.
    """

    name: str
    days: int
    months: int
    table: str
    school_types: tuple[str, ...]
    valid_share: tuple[int, int]
    longest_pause_days: int
    provenance: Provenance


@cache
def dropout_rule(name: str, on: date) -> DropoutRule:
    """Return the rule in force on a day.

    Raises
    ------
    KeyError
        If there is none of that name; the message lists those there are.
    """
    told = read_toml("dropout_rules")
    named = [entry for entry in told["rules"] if entry["name"] == name]
    if not named:
        known = ", ".join(sorted({entry["name"] for entry in told["rules"]}))
        raise KeyError(f"there is no dropout rule {name!r}; there are {known}")
    rule, judging = _in_force(named, on), _in_force(told["judging"], on)
    numerator, denominator = judging["valid_share"]
    return DropoutRule(
        name=name,
        days=rule.get("days", 0),
        months=rule.get("months", 0),
        table=rule["table"],
        school_types=tuple(rule["school_types"]),
        valid_share=(numerator, denominator),
        longest_pause_days=judging["longest_pause_days"],
        provenance=Provenance(rule["source"], certainty_mark(rule["certainty"])),
    )


def _in_force(entries: list[dict[str, Any]], on: date) -> dict[str, Any]:
    begun = [entry for entry in entries if entry["since"] <= on]
    if not begun:
        raise KeyError(f"no such rule was in force on {on}")
    return max(begun, key=lambda entry: entry["since"])

"""Periods and limits behind the measures of progression, transitions and support, dated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml


@dataclass(frozen=True)
class ProgressionRules:
    """The rules in force on a day; what each means stands beside it in ``facts/progression_rules.toml``."""

    values: dict[str, Any]
    provenance: Provenance

    def number(self, name: str) -> int:
        """Return a whole number, such as ``number("plan_weeks")``."""
        return int(self.values[name])

    def share(self, name: str) -> tuple[int, int]:
        """Return a share as numerator and denominator."""
        numerator, denominator = self.values[name]
        return int(numerator), int(denominator)

    def numbers(self, name: str) -> dict[str, int]:
        """Return whole numbers by name, such as ``numbers("lost_after_days")["adult"]``."""
        return {key: int(value) for key, value in self.values[name].items()}

    def codes(self, name: str) -> dict[str, tuple[str, ...]]:
        """Return codes by group, such as ``codes("core_subjects")["english"]``."""
        return {key: tuple(value) for key, value in self.values[name].items()}


@cache
def progression_rules(on: date) -> ProgressionRules:
    """Return the rules in force on a day.

    Raises
    ------
    KeyError
        If none were.
    """
    begun = [entry for entry in read_toml("progression_rules")["rules"] if entry["since"] <= on]
    if not begun:
        raise KeyError(f"no rules of progression are in force on {on}")
    entry = max(begun, key=lambda each: each["since"])
    values = {key: value for key, value in entry.items() if key not in ("since", "source", "certainty")}
    return ProgressionRules(values, Provenance(entry["source"], certainty_mark(entry["certainty"])))

"""Statuses of participants, dated: groups of them, ladders of steps, and windows after leaving a project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.reading import read_toml


@dataclass(frozen=True)
class StatusGroup:
    """Statuses of one kind that count as the same thing, such as being in work."""

    name: str
    kind: str
    statuses: tuple[str, ...]
    provenance: Provenance


@dataclass(frozen=True)
class Ladder:
    """Steps from the lowest up, each with its codes; the lowest is step 0."""

    name: str
    kind: str
    steps: tuple[tuple[str, ...], ...]
    provenance: Provenance

    def place(self, code: str) -> int:
        """Return the step of a code.

        Raises
        ------
        KeyError
            If it is on no step.
        """
        for number, codes in enumerate(self.steps):
            if code in codes:
                return number
        raise KeyError(f"{code!r} is on no step of the ladder {self.name}")


@dataclass(frozen=True)
class Window:
    """Days after leaving: from ``months`` calendar months after the last day, to ``days`` days later, both included."""

    name: str
    months: int
    days: int
    provenance: Provenance


def status_group(name: str, on: date | None = None) -> StatusGroup:
    """Return a group of statuses as it was on a day, the latest where it is None.

    Raises
    ------
    KeyError
        If there is no such group.
    """
    entry = _entry("groups", name, on)
    return StatusGroup(name, entry["kind"], tuple(entry["statuses"]), _provenance(entry))


def ladder(name: str, on: date | None = None) -> Ladder:
    """Return a ladder as it was on a day, the latest where it is None.

    Raises
    ------
    KeyError
        If there is no such ladder.
    """
    entry = _entry("ladders", name, on)
    return Ladder(name, entry["kind"], tuple(tuple(step) for step in entry["steps"]), _provenance(entry))


def window(name: str, on: date | None = None) -> Window:
    """Return a window after leaving as it was on a day, the latest where it is None.

    Raises
    ------
    KeyError
        If there is no such window.
    """
    entry = _entry("windows", name, on)
    return Window(name, entry["months"], entry["days"], _provenance(entry))


def _entry(part: str, name: str, on: date | None) -> dict[str, Any]:
    entries = read_toml("ladders")[part]
    named = [entry for entry in entries if entry["name"] == name and (on is None or entry["since"] <= on)]
    if not named:
        raise KeyError(f"no {name!r} among the {part}; there are {', '.join(sorted({e['name'] for e in entries}))}")
    return dict(max(named, key=lambda entry: entry["since"]))


def _provenance(entry: dict[str, Any]) -> Provenance:
    return Provenance(entry["source"], certainty_mark(entry["certainty"]))

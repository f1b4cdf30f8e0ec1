"""Errors that say what is wrong, where, and how to mend it; never a value that could identify a person."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "note"]
MOST_TOLD = 20
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Unicode categories of what orders a terminal or a page about instead of being read."""


def readable(text: str) -> str:
    """Return a text as it may be shown: line ends stay, whatever else is no visible character is replaced."""
    if text.isprintable():
        return text
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if letter != "\n" and unicodedata.category(letter) in UNSEEN else letter
        for letter in text
    )


@dataclass(frozen=True)
class Where:
    """The place of a fault in what a user handed over.

    ``row`` counts as the user's program counts: the first line or row of a file is 1. ``None`` where it does not apply.
    """

    file: str | None = None
    sheet: str | None = None
    column: str | None = None
    row: int | None = None

    def __post_init__(self) -> None:
        for name in ("file", "sheet", "column"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, readable(getattr(self, name)))

    def __str__(self) -> str:
        """Return the place as one phrase, such as ``forums.csv, row 12, column Datum``."""
        parts = [
            self.file,
            f"sheet {self.sheet}" if self.sheet else None,
            f"row {self.row}" if self.row is not None else None,
            f"column {self.column}" if self.column else None,
        ]
        return ", ".join(part for part in parts if part)


class EvalkitError(Exception):
    """Base of every error this package raises on purpose.

    Parameters
    ----------
    problem
        What is wrong, in one sentence.
    where
        The place, or None.
    remedy
        How to mend it, in one sentence.
    """

    exit_code = 1

    def __init__(self, problem: str, *, where: Where | None = None, remedy: str = "") -> None:
        self.problem = readable(problem)
        self.where = where
        self.remedy = readable(remedy)
        super().__init__(self.problem)

    def __str__(self) -> str:
        """Return problem, place and remedy, one line each."""
        return _told(self.problem, self.where, self.remedy)


class InputError(EvalkitError):
    """A study file, site file or data source is not as it must be. Nothing was written."""

    exit_code = 2


@dataclass(frozen=True)
class Finding:
    """What a check found in the sources of one site; never a value of a person.

    Parameters
    ----------
    check
        Id in the catalogue of checks, which says what it means and how it is mended, in both languages.
    level
        An error stops the import; a warning must be reckoned with in the analysis; a note is worth knowing.
    problem, remedy
        What is wrong and how to mend it, in one sentence each, in English.
    table, columns
        Canonical names; empty where none applies.
    count, share
        How many rows (or groups of rows), and their share of all that were looked at, between 0 and 1.
    places
        The first of them, five at most.
    groups
        The first schools and months (or other groups of many persons), five at most, as readers know them.
    facts
        What the catalogue's texts are filled in with, by name.
    """

    check: str
    level: Level
    problem: str
    remedy: str = ""
    table: str = ""
    columns: tuple[str, ...] = ()
    count: int = 0
    share: float | None = None
    places: tuple[Where, ...] = ()
    groups: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "problem", readable(self.problem))
        object.__setattr__(self, "remedy", readable(self.remedy))
        object.__setattr__(self, "groups", tuple(readable(group) for group in self.groups))
        object.__setattr__(self, "facts", tuple((name, readable(said)) for name, said in self.facts))

    @property
    def where(self) -> Where | None:
        """Return the first place, None where there is none."""
        return self.places[0] if self.places else None

    def __str__(self) -> str:
        """Return problem, first place and remedy, one line each."""
        return _told(self.problem, self.where, self.remedy)


class SourceFaultsError(InputError):
    """Faults found in the sources of one site, told together, and whatever else was found beside them.

    Parameters
    ----------
    findings
        At least one of them an error. A reader's own `InputError` becomes a finding.
    """

    def __init__(self, findings: Sequence[Finding | InputError]) -> None:
        self.findings = tuple(one if isinstance(one, Finding) else _unreadable(one) for one in findings)
        super().__init__(f"{len(self.faults)} fault(s) in the sources")

    @property
    def faults(self) -> tuple[Finding, ...]:
        """Return the errors among the findings."""
        return tuple(one for one in self.findings if one.level == "error")

    def __str__(self) -> str:
        """Return the faults, one after the other, twenty at most."""
        told = [str(fault) for fault in self.faults[:MOST_TOLD]]
        left = len(self.faults) - len(told)
        if left:
            told.append(_told(f"and {left} more faults", None, "mend these first, then check again"))
        return "\n".join(told)


class DesignError(EvalkitError):
    """The design cannot answer the question, so no estimate is given."""

    exit_code = 3


class DisclosureError(EvalkitError):
    """A number tried to leave without protection, or the protection cannot be had."""

    exit_code = 4


class RenderError(EvalkitError):
    """A report could not be rendered."""

    exit_code = 5


class RunError(EvalkitError):
    """A run could not be carried through."""

    exit_code = 1


def _unreadable(fault: InputError) -> Finding:
    places = () if fault.where is None else (fault.where,)
    return Finding("unreadable_source", "error", fault.problem, fault.remedy, count=1, places=places)


def _told(problem: str, where: Where | None, remedy: str) -> str:
    lines = [problem]
    if where is not None and str(where):
        lines.append(f"  where: {where}")
    if remedy:
        lines.append(f"  mend:  {remedy}")
    return "\n".join(lines)

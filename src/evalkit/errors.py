"""Errors that say what is wrong, where, and how to mend it; never a value that could identify a person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Where:
    """The place of a fault in what a user handed over.

    ``row`` counts as the user's program counts: the first line or row of a file is 1. ``None`` where it does not apply.
    """

    file: str | None = None
    sheet: str | None = None
    column: str | None = None
    row: int | None = None

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
        self.problem = problem
        self.where = where
        self.remedy = remedy
        super().__init__(problem)

    def __str__(self) -> str:
        """Return problem, place and remedy, one line each."""
        lines = [self.problem]
        if self.where is not None and str(self.where):
            lines.append(f"  where: {self.where}")
        if self.remedy:
            lines.append(f"  mend:  {self.remedy}")
        return "\n".join(lines)


class InputError(EvalkitError):
    """A study file, site file or data source is not as it must be. Nothing was written."""

    exit_code = 2


class SourceFaultsError(InputError):
    """Several faults found in the sources of one site, told together."""

    def __init__(self, faults: tuple[InputError, ...]) -> None:
        self.faults = faults
        super().__init__(f"{len(faults)} fault(s) in the sources")

    def __str__(self) -> str:
        """Return every fault, one after the other."""
        return "\n".join(str(fault) for fault in self.faults)


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

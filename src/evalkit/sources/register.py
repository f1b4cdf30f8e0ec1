"""Where every row came from, in one number."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evalkit.errors import Where

ROW_BITS = 40
AT = "_at"
"""Column of every staged table: number of the file and row in it."""


@dataclass(frozen=True)
class FileEntry:
    """One file that rows come from.

    Parameters
    ----------
    label
        The file as users know it.
    headings
        What the file calls a canonical column, by ``table.column``.
    delimited
        The file in UTF-8 and its separator, where rows must be counted anew because empty lines are skipped.
    sheet
        Of a workbook.
    """

    label: str
    headings: Mapping[str, str]
    delimited: tuple[Path, str] | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Remark:
    """Something that a reader found out and that is worth knowing.

    Parameters
    ----------
    check
        Its id in the catalogue of checks.
    facts
        What the catalogue's sentences leave open; never a value of a person.
    where
        The first place, or None.
    count
        How many rows it is about; 0 where it is about the whole file.
    """

    check: str
    facts: Mapping[str, str] = field(default_factory=dict)
    where: Where | None = None
    count: int = 0


@dataclass
class FileRegister:
    """All files of one import, numbered as they are opened, and what their readers remarked."""

    entries: list[FileEntry] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def add(self, entry: FileEntry) -> int:
        """Enter a file and return what its row 0 is called in the column ``_at``."""
        self.entries.append(entry)
        return (len(self.entries) - 1) << ROW_BITS

    def where(self, at: int, table: str = "", column: str = "") -> Where:
        """Return the place of a row, with the file's own name of the column."""
        return self.places([at], table, column)[0]

    def places(self, rows: Sequence[int], table: str = "", column: str = "") -> tuple[Where, ...]:
        """Return the places of several rows, each file read once at most."""
        found: dict[int, Where] = {}
        for number in {at >> ROW_BITS for at in rows}:
            entry = self.entries[number]
            own = [at for at in rows if at >> ROW_BITS == number]
            counted = {at: at & ((1 << ROW_BITS) - 1) for at in own}
            if entry.delimited is not None:
                lines = _counted_with_empty_lines(*entry.delimited, set(counted.values()))
                counted = {at: lines.get(row, row) for at, row in counted.items()}
            heading = entry.headings.get(f"{table}.{column}", column)
            place = {"file": entry.label, "sheet": entry.sheet, "column": heading or None}
            found |= {at: Where(**place, row=row) for at, row in counted.items()}
        return tuple(found[at] for at in rows)

    def heading(self, at: int, table: str, column: str) -> str:
        """Return what the file of a row calls a column."""
        return self.entries[at >> ROW_BITS].headings.get(f"{table}.{column}", column)


def _counted_with_empty_lines(path: Path, separator: str, rows: set[int]) -> dict[int, int]:
    """Return the line of each row; a row past a cell longer than the csv module takes is left out."""
    found: dict[int, int] = {}
    seen = 0
    with contextlib.suppress(csv.Error), path.open(encoding="utf-8-sig", newline="") as file:
        for number, record in enumerate(csv.reader(file, delimiter=separator), start=1):
            seen += bool(record)
            if record and seen in rows:
                found[seen] = number
                if len(found) == len(rows):
                    break
    return found

"""Where every row came from, in one number."""

from __future__ import annotations

import csv
from collections.abc import Mapping
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
    """

    label: str
    headings: Mapping[str, str]
    delimited: tuple[Path, str] | None = None


@dataclass
class FileRegister:
    """All files of one import, numbered as they are opened."""

    entries: list[FileEntry] = field(default_factory=list)

    def add(self, entry: FileEntry) -> int:
        """Enter a file and return what its row 0 is called in the column ``_at``."""
        self.entries.append(entry)
        return (len(self.entries) - 1) << ROW_BITS

    def where(self, at: int, table: str = "", column: str = "") -> Where:
        """Return the place of a row, with the file's own name of the column."""
        entry = self.entries[at >> ROW_BITS]
        row = at & ((1 << ROW_BITS) - 1)
        if entry.delimited is not None:
            row = _counted_with_empty_lines(*entry.delimited, row)
        heading = entry.headings.get(f"{table}.{column}", column)
        return Where(file=entry.label, row=row, column=heading or None)

    def heading(self, at: int, table: str, column: str) -> str:
        """Return what the file of a row calls a column."""
        return self.entries[at >> ROW_BITS].headings.get(f"{table}.{column}", column)


def _counted_with_empty_lines(path: Path, separator: str, row: int) -> int:
    with path.open(encoding="utf-8-sig", newline="") as file:
        seen = 0
        for number, record in enumerate(csv.reader(file, delimiter=separator), start=1):
            seen += bool(record)
            if seen == row:
                return number
    return row

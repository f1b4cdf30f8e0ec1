"""What is wanted of a file, and what its reader hands back: the rows as they stand, under the file's own headings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import ibis
import pyarrow as pa

from evalkit.errors import InputError, Where
from evalkit.sources.config import Layout
from evalkit.sources.engine import Workshop
from evalkit.sources.readers.headings import match_headings, tidy
from evalkit.sources.register import AT, FileEntry, FileRegister


class UnreadableError(Exception):
    """Faults that keep a file from being read, told together."""

    def __init__(self, faults: Sequence[InputError]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{len(faults)} fault(s)")


@dataclass(frozen=True, eq=False)
class Request:
    """What is wanted of the files of one layout.

    Parameters
    ----------
    layout
        How they are written.
    needed, welcome
        Headings that must be there, and those that may, each with what it is needed for (a canonical column, or
        empty).
    names
        What the files call canonical columns, by ``table.column``, for faults found later.
    """

    layout: Layout
    needed: Mapping[str, str]
    welcome: Mapping[str, str]
    names: Mapping[str, str]
    shop: Workshop
    register: FileRegister

    @property
    def wanted(self) -> tuple[str, ...]:
        """Return all headings, those needed first."""
        return (*self.needed, *(heading for heading in self.welcome if heading not in self.needed))

    def match(self, headings: Sequence[str], where: Where) -> dict[str, int]:
        """Return the place of every wanted heading that is there.

        Raises
        ------
        UnreadableError
            If a needed one is not there, or one stands twice.
        """
        found, faults = match_headings(self.needed, self.welcome, [tidy(heading) for heading in headings], where)
        if faults:
            raise UnreadableError(faults)
        return found

    def enter(self, label: str, *, sheet: str | None = None, delimited: tuple[Path, str] | None = None) -> int:
        """Enter a file in the register; return what its row 0 is called."""
        return self.register.add(FileEntry(label, self.names, delimited, sheet))

    def take(self, batches: pa.RecordBatchReader, base: int) -> ibis.Table | None:
        """Keep streamed rows, numbered from 1 as they come; None if there are none."""
        cursor, name = self.shop.connection.con.cursor(), f"streamed_{base}"
        cursor.register("handed_in", batches)
        cursor.execute(f"CREATE TABLE {name} AS SELECT {base} + row_number() OVER () AS {AT}, * FROM handed_in")
        cursor.unregister("handed_in")
        empty = self.shop.run(f"SELECT 1 FROM {name} LIMIT 1").fetchone() is None
        return None if empty else self.shop.connection.table(name)


@dataclass(frozen=True, eq=False)
class Raw:
    """Rows of a file.

    Parameters
    ----------
    rows
        ``_at``, and a column for each heading that was found.
    columns
        Name of that column by heading.
    """

    rows: ibis.Table
    columns: Mapping[str, str] = field(default_factory=dict)

    def value(self, heading: str) -> ibis.Value:
        """Return the column under a heading."""
        return self.rows[self.columns[heading]]


ReadFile = Callable[[Request, Path, str], Raw]
"""From a request, a file and what users call it to its rows."""


def no_rows(label: str, row: int | None = None, sheet: str | None = None) -> InputError:
    """Return the fault of a file without rows."""
    return InputError(
        "the file has headings but no rows",
        where=Where(file=label, sheet=sheet, row=row),
        remedy="hand it over again, or take it out of the site file",
    )

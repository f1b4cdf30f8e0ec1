"""What a reader finds in the tables of a release, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.disclosure.attack import Position
from evalkit.disclosure.release import Release
from evalkit.values import Table


@dataclass(frozen=True)
class PublishedRow:
    """One row of one table.

    Parameters
    ----------
    table
        Described as asked for.
    universe
        Of whom.
    position
        Levels, totals left out.
    asked, told, marks
        The row as asked for, as published, and its marks.
    current
        Whether this release publishes it, not an earlier one.
    """

    table: Table
    universe: str
    position: Position
    asked: dict[str, Any]
    told: dict[str, Any]
    marks: dict[str, Any]
    current: bool

    def true(self, column: str) -> float | None:
        """Return the true number, None where there is none."""
        return None if pd.isna(self.asked[column]) else float(self.asked[column])

    def shows(self, column: str) -> bool:
        """Tell whether a number is published."""
        return not pd.isna(self.told[column])


@dataclass(frozen=True)
class Finding:
    """What a reader found out, in words without numbers."""

    table: str
    column: str
    told: str


def publish(release: Release, earlier: Sequence[Release]) -> list[PublishedRow]:
    """Return every row of a release's tables, and of earlier ones about the same persons."""
    rows = [row for key in sorted(release.protected) for row in _rows(release, key, current=True)]
    universes = {row.universe for row in rows}
    for before in earlier:
        for key in sorted(before.protected):
            rows += [row for row in _rows(before, key, current=False) if row.universe in universes]
    return rows


def _rows(release: Release, key: str, *, current: bool) -> Iterator[PublishedRow]:
    table, told = release.requests[key], release.protected[key]
    if not isinstance(table, Table) or not isinstance(told.value, Table):
        return
    universe = table.universe or f"only {table.name}"
    asked, shown, marks = (frame.to_dict("records") for frame in (table.frame, told.value.frame, told.marks))
    for before, after, mark in zip(asked, shown, marks, strict=True):
        position = frozenset(
            (axis.name, str(before[axis.name]))
            for axis in table.axes
            if axis.total is None or before[axis.name] != axis.total
        )
        yield PublishedRow(
            table,
            universe,
            position,
            {str(name): value for name, value in before.items()},
            {str(name): value for name, value in after.items()},
            {str(name): value for name, value in mark.items()},
            current,
        )


def adding_axes(rows: Sequence[PublishedRow]) -> dict[tuple[str, str], bool]:
    """Return whether the levels of each universe's axes share out its persons: only if every table says so."""
    found: dict[tuple[str, str], bool] = {}
    for row in rows:
        for axis in row.table.axes:
            found[row.universe, axis.name] = found.get((row.universe, axis.name), True) and axis.partition
    return found

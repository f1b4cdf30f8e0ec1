"""Which numbers of many tables are the same number, and what they are parts of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from evalkit.errors import DisclosureError
from evalkit.values import Column, Table


class Cell(NamedTuple):
    """One number by its meaning: of whom, what, and at which levels; a total stands at no level of its axis."""

    universe: str
    column: str
    levels: tuple[tuple[str, str], ...]


class Part(NamedTuple):
    """One count within another."""

    part: Cell
    whole: Cell

    @property
    def complement(self) -> Cell:
        """The persons of the whole who are not in the part."""
        return Cell(self.part.universe, f"{self.whole.column} less {self.part.column}", self.part.levels)


@dataclass
class Counts:
    """The counts of persons in many tables.

    Parameters
    ----------
    truth
        Every count by its cell.
    parts
        Pairs of part and whole, and whether a share of the two is shown.
    places
        Names of the tables in which a cell stands, for messages.
    axes
        Whether an axis of a universe divides each person into one level only.
    """

    truth: dict[Cell, float] = field(default_factory=dict)
    parts: dict[Part, bool] = field(default_factory=dict)
    places: dict[Cell, tuple[str, ...]] = field(default_factory=dict)
    axes: dict[tuple[str, str], bool] = field(default_factory=dict)


def gather_counts(tables: Iterable[Table]) -> Counts:
    """Collect every count of persons.

    Parameters
    ----------
    tables
        As asked for, nothing hidden. A missing count is no cell.

    Raises
    ------
    DisclosureError
        If two tables give one number two values.
    """
    counts = Counts()
    for table in tables:
        note_axes(counts.axes, table)
        names = [column.name for column in table.columns if is_count(column)]
        for row, levels in rows_of(table):
            for name in names:
                if not math.isnan(value := number(row[name])):
                    _note(counts, Cell(universe_of(table), name, levels), value, table.name)
        _note_parts(counts, table)
    return counts


def is_count(column: Column) -> bool:
    """Tell whether a column counts persons who must be protected."""
    return column.kind == "count" and column.sensitive


def number(value: Any) -> float:
    """Return a cell's value as a float, NaN where it is missing."""
    return math.nan if value is None or value != value else float(value)


def universe_of(table: Table) -> str:
    """Return whom a table is about; a table that does not say is about persons of its own."""
    return table.universe or f"table {table.name}"


def rows_of(table: Table) -> Iterator[tuple[dict[str, Any], tuple[tuple[str, str], ...]]]:
    """Give each row with the levels it stands at, totals left out."""
    for row in table.frame.to_dict("records"):
        levels = [(axis.name, str(row[axis.name])) for axis in table.axes if row[axis.name] != axis.total]
        yield {str(name): value for name, value in row.items()}, tuple(sorted(levels))


def note_axes(axes: dict[tuple[str, str], bool], table: Table) -> None:
    """Note the axes of one table; an axis divides persons only if every table of the universe says so."""
    for axis in table.axes:
        key = (universe_of(table), axis.name)
        axes[key] = axis.partition and axes.get(key, True)


def share_parts(table: Table) -> dict[str, tuple[str, str]]:
    """Return numerator and denominator of every share column.

    Raises
    ------
    DisclosureError
        If a share does not say which counts of its table it is made from.
    """
    counts = {column.name for column in table.columns if column.kind == "count"}
    found: dict[str, tuple[str, str]] = {}
    for column in table.columns:
        if column.kind != "share" or not column.sensitive:
            continue
        if column.numerator not in counts or column.denominator not in counts:
            raise DisclosureError(
                f"the share {column.name!r} of table {table.name!r} cannot be protected without its two counts",
                remedy="give the table both counts, hidden if they are not to be shown",
            )
        found[column.name] = (column.numerator, column.denominator)
    return found


def _note(counts: Counts, cell: Cell, value: float, table: str) -> None:
    known = counts.truth.setdefault(cell, value)
    places = counts.places.get(cell, ())
    if known != value:
        raise DisclosureError(
            f"tables {places[0]!r} and {table!r} are about the same persons, but column {cell.column!r} differs between them",
            remedy="give tables about different persons different universes, or different counts different names",
        )
    if table not in places:
        counts.places[cell] = (*places, table)


def _note_parts(counts: Counts, table: Table) -> None:
    names = {column.name for column in table.columns if is_count(column)}
    pairs = {(c.name, c.denominator): False for c in table.columns if is_count(c) and c.denominator in names}
    pairs |= dict.fromkeys(share_parts(table).values(), True)
    for _, levels in rows_of(table):
        for (part, whole), shown in pairs.items():
            pair = Part(Cell(universe_of(table), part, levels), Cell(universe_of(table), str(whole), levels))
            if pair.part in counts.truth and pair.whole in counts.truth:
                _check_part(counts, pair, table.name)
                counts.parts[pair] = shown or counts.parts.get(pair, False)


def _check_part(counts: Counts, pair: Part, table: str) -> None:
    if counts.truth[pair.part] > counts.truth[pair.whole]:
        raise DisclosureError(
            f"table {table!r} says that {pair.part.column!r} is a part of {pair.whole.column!r}, but it is larger",
            remedy="name the whole that the part belongs to",
        )

"""Which numbers of many tables are the same number, and what they are parts of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

import pandas as pd

from evalkit.errors import DisclosureError
from evalkit.values import Table


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


class Told(IntEnum):
    """What readers are told of a part: nothing but a share among its members, its count, or its share of the whole."""

    NOTHING = 0
    COUNT = 1
    SHARE = 2


@dataclass
class Counts:
    """The counts of persons in many tables.

    Parameters
    ----------
    truth
        Every count by its cell.
    parts
        Pairs of part and whole, and what readers are told of the part.
    carriers
        Parts that a shown rate or mean rests on.
    places
        Names of the tables in which a cell stands, for messages.
    axes
        Whether an axis of a universe divides each person into one level only.
    """

    truth: dict[Cell, float] = field(default_factory=dict)
    parts: dict[Part, Told] = field(default_factory=dict)
    carriers: set[Cell] = field(default_factory=set)
    places: dict[Cell, tuple[str, ...]] = field(default_factory=dict)
    axes: dict[tuple[str, str], bool] = field(default_factory=dict)


def gather_counts(tables: Iterable[Table]) -> Counts:
    """Collect every count of persons that readers see or can work out from one share.

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
        names = seen_counts(table)
        for row, levels in rows_of(table):
            for name in names:
                if not math.isnan(value := number(row[name])):
                    _note(counts, Cell(universe_of(table), name, levels), value, table.name)
        _note_parts(counts, table)
    return counts


def seen_counts(table: Table) -> tuple[str, ...]:
    """Return the counts of persons that readers see, or can work out from a share that they see."""
    divided = {name for share, pair in share_parts(table).items() if table.column(share).shown for name in pair}
    return tuple(c.name for c in table.columns if c.kind == "count" and c.sensitive and (c.shown or c.name in divided))


def number(value: Any) -> float:
    """Return a cell's value as a float, NaN where it is missing."""
    return math.nan if pd.isna(value) else float(value)


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
            f"tables {places[0]!r} and {table!r} are about the same persons, but differ in column {cell.column!r}",
            remedy="give tables about different persons different universes, or different counts different names",
        )
    if table not in places:
        counts.places[cell] = (*places, table)


def _note_parts(counts: Counts, table: Table) -> None:
    seen = seen_counts(table)
    columns = [column for column in table.columns if column.name in seen]
    pairs = {(c.name, c.denominator): Told.COUNT if c.shown else Told.NOTHING for c in columns if c.denominator in seen}
    pairs |= {pair: Told.SHARE for share, pair in share_parts(table).items() if table.column(share).shown}
    carriers = {c.persons for c in table.columns if c.kind in ("rate", "mean") and c.shown and c.sensitive}
    for _, levels in rows_of(table):
        for (part, whole), told in pairs.items():
            pair = Part(Cell(universe_of(table), part, levels), Cell(universe_of(table), str(whole), levels))
            if pair.part in counts.truth and pair.whole in counts.truth:
                _check_part(counts, pair, table.name)
                counts.parts[pair] = max(told, counts.parts.get(pair, told))
                counts.carriers |= {pair.part} if part in carriers else set()


def _check_part(counts: Counts, pair: Part, table: str) -> None:
    if counts.truth[pair.part] > counts.truth[pair.whole]:
        raise DisclosureError(
            f"table {table!r} says that {pair.part.column!r} is a part of {pair.whole.column!r}, but it is larger",
            remedy="name the whole that the part belongs to",
        )

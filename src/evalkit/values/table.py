"""Tables whose cells know what they count, so that they can be protected together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from evalkit.values.frames import settle
from evalkit.values.origin import Origin

ColumnKind = Literal["count", "share", "rate", "mean", "amount", "text"]


@dataclass(frozen=True)
class Axis:
    """One way the persons of a table are divided.

    Parameters
    ----------
    name
        Column of the frame, and the meaning: ``"sex"``, ``"term"``, ``"school"``. The same name in two tables of the
        same universe means the same division.
    levels
        In the order readers see them. The total is not among them.
    total
        The level that stands for all ``levels`` together, or None where the frame has no such rows.
    partition
        Whether each person stands in exactly one level (then levels add up to the total); False for terms and waves, in
        which the same person stands many times.
    """

    name: str
    levels: tuple[str, ...]
    total: str | None = None
    partition: bool = True


@dataclass(frozen=True)
class Column:
    """What one column of numbers says.

    Parameters
    ----------
    name
        Column of the frame.
    kind
        ``"count"`` of persons; ``"share"`` of one count in another; ``"rate"``, a ratio of two amounts; ``"mean"``, an
        amount per person; ``"amount"``, a sum over persons; ``"text"``.
    numerator, denominator
        For share, rate and mean: the columns divided. For a count that is part of another: ``denominator`` is the
        whole.
    persons
        Count column that says how many persons a rate, mean or amount rests on.
    unit
        ``"persons"``, ``"share"`` (0-1, shown in percent), ``"points"``, ``"minutes"``, ``"groups"``, ``""``.
    decimals
        As shown (of percent where the unit is share).
    shown
        False for columns that only feed others.
    sensitive
        False for numbers that are about no pupil, such as how many forums a school held.
    """

    name: str
    kind: ColumnKind
    numerator: str | None = None
    denominator: str | None = None
    persons: str | None = None
    unit: str = "persons"
    decimals: int = 0
    shown: bool = True
    sensitive: bool = True


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers over divisions of one set of persons.

    Parameters
    ----------
    name
        Stable name; titles and labels are found by it.
    universe
        Digest of whom the table is about. Cells of equal universe, column meaning and levels are the same number
        wherever they stand, so that a release can be protected as a whole.
    axes, columns
        What the frame's columns mean.
    frame
        One row per combination of levels (totals included where an axis has one).

    Raises
    ------
    ValueError
        If a column is missing, a combination of levels stands twice or a level is unknown.
    """

    name: str
    universe: str
    axes: tuple[Axis, ...]
    columns: tuple[Column, ...]
    frame: pd.DataFrame
    origin: Origin | None = None

    def __post_init__(self) -> None:
        keys = [axis.name for axis in self.axes]
        absent = [name for name in keys + [c.name for c in self.columns] if name not in self.frame.columns]
        if absent:
            raise ValueError(f"table {self.name!r} has no column {', '.join(absent)}")
        if keys and self.frame.duplicated(keys).any():
            raise ValueError(f"table {self.name!r} holds each combination of {', '.join(keys)} once")
        for axis in self.axes:
            known = {*axis.levels, axis.total} - {None}
            if not set(self.frame[axis.name]) <= known:
                raise ValueError(f"table {self.name!r} has a level of {axis.name!r} that its axis does not name")
        object.__setattr__(self, "frame", settle(self.frame[keys + [c.name for c in self.columns]]))

    def column(self, name: str) -> Column:
        """Return the description of one column."""
        return next(column for column in self.columns if column.name == name)

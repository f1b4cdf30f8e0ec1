"""What a table says over time: one line a group, with the places where nothing may or can be shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from evalkit.errors import InputError
from evalkit.reports.figures.scale import steps
from evalkit.values import SUPPRESSED, Axis, Column, Protected, Table

TIME_AXES = ("term", "wave", "school_year")
EXPOSURE = "forum_exposed"
FEW = 3
LEAST_SPAN = 4.0
Role = Literal["main", "treated", "other", "first", "second", "third"]


@dataclass(frozen=True)
class Series:
    """One group over time.

    Parameters
    ----------
    label
        Level of the axis; empty where the table is not divided.
    role
        How it is drawn.
    values
        One per time, NaN where there is none; percent where the unit is share.
    marks
        One per time: why there is none.
    since
        Place in time of the group's first forum, None if it held none.
    """

    label: str
    role: Role
    values: tuple[float, ...]
    marks: tuple[str, ...]
    since: int | None = None

    @property
    def known(self) -> tuple[int, ...]:
        """Places in time that have a value."""
        return tuple(place for place, value in enumerate(self.values) if not math.isnan(value))

    @property
    def protected(self) -> tuple[int, ...]:
        """Places in time whose value is protected."""
        return tuple(place for place, mark in enumerate(self.marks) if mark == SUPPRESSED or mark.startswith("~"))

    @property
    def pieces(self) -> tuple[tuple[int, ...], ...]:
        """Unbroken stretches of places that have a value."""
        found: list[list[int]] = []
        for place in self.known:
            if found and found[-1][-1] == place - 1:
                found[-1].append(place)
            else:
                found.append([place])
        return tuple(tuple(piece) for piece in found)


@dataclass(frozen=True)
class Course:
    """Every group of a table over time.

    Parameters
    ----------
    column
        What is drawn.
    times
        Labels in order.
    by
        Name of the axis that divides the groups, empty if there is none.
    total
        Label of the whole, empty if the table has none.
    series
        In the order of the axis, the whole last.
    """

    column: Column
    times: tuple[str, ...]
    by: str
    total: str
    series: tuple[Series, ...]

    def ends(self, series: Series) -> tuple[int, int] | None:
        """Return the first and last known places of one season, autumn if it has two; None where fewer are known."""
        for season in ("HT", "VT", ""):
            places = [place for place in series.known if self.times[place].startswith(season)]
            if len(places) > 1:
                return places[0], places[-1]
        return None

    @property
    def seasonal(self) -> bool:
        """Whether both halves of the year are there."""
        return {label[:2] for label in self.times} >= {"HT", "VT"}


def main_column(table: Table) -> Column:
    """Return the number a picture of the table shows: the first shown rate, share or mean, else the first count."""
    shown = [column for column in table.columns if column.shown and column.kind != "text" and column.name != EXPOSURE]
    return next((column for column in shown if column.kind in {"rate", "share", "mean"}), shown[0])


def axis_of(table: Table, names: tuple[str, ...]) -> Axis | None:
    """Return the table's first axis of one of the names."""
    return next((axis for axis in table.axes if axis.name in names), None)


def course(protected: Protected) -> Course:
    """Read a protected table as a course over time.

    Parameters
    ----------
    protected
        Holds a table with one time axis and at most one other.

    Raises
    ------
    InputError
        If the table has no time axis, or more than one other.
    """
    table = protected.value
    assert isinstance(table, Table)
    time = axis_of(table, TIME_AXES)
    others = [axis for axis in table.axes if axis is not time]
    if time is None or len(others) > 1:
        raise InputError(
            f"table {table.name!r} cannot be drawn as lines",
            remedy=f"tabulate by one of {', '.join(TIME_AXES)} and at most one other division",
        )
    by = others[0] if others else None
    levels: tuple[str, ...] = ("",) if by is None else by.levels
    if by is not None and by.total and not _is_few(by):
        levels = (*levels, by.total)
    column = main_column(table)
    reading = _Reading(protected, table, column, time, by)
    found = (reading.series(level) for level in levels)
    drawn = tuple(one for one in found if one is not None)
    return Course(column, time.levels, by.name if by else "", (by.total or "") if by else "", drawn)


@dataclass(frozen=True, eq=False)
class _Reading:
    """A protected table, taken apart for a course."""

    protected: Protected
    table: Table
    column: Column
    time: Axis
    by: Axis | None

    def series(self, level: str) -> Series | None:
        """Read one group; None where the table has no row of it."""
        frame, marks = self.table.frame, self.protected.marks
        rows = frame if self.by is None else frame[frame[self.by.name] == level]
        if rows.empty:
            return None
        place = {str(label): int(row) for row, label in zip(rows.index, rows[self.time.name], strict=True)}
        scale = 100.0 if self.column.unit == "share" else 1.0
        name, times = self.column.name, self.time.levels
        values = tuple(number_at(frame, place.get(label), name) * scale for label in times)
        signs = tuple(str(marks.at[place[label], name]) if label in place else "" for label in times)
        since = None
        if self.by is not None and level != self.by.total:
            shown = [is_exposed(self.protected, self.table, place.get(label)) for label in times]
            since = shown.index(True) if True in shown else None
        return Series(level, _role(self.by, level, since), values, signs, since)


def number_at(frame: pd.DataFrame, row: int | None, column: str) -> float:
    """Return one cell as a number, NaN where there is none."""
    value: Any = None if row is None or column not in frame.columns else frame.at[row, column]
    return math.nan if pd.isna(value) else float(value)


def is_exposed(protected: Protected, table: Table, row: int | None) -> bool:
    """Say whether the school of a row has held a forum: more than half of its pupils go to one that has."""
    if row is None or EXPOSURE not in table.frame.columns:
        return False
    return bool(protected.marks.at[row, EXPOSURE] == "~100" or number_at(table.frame, row, EXPOSURE) > 0.5)


def _is_few(by: Axis) -> bool:
    """Say whether the groups are few enough to stand beside each other, with no line for the whole."""
    return by.name != "school" and len(by.levels) <= FEW


def _role(by: Axis | None, level: str, since: int | None) -> Role:
    if by is None or level == by.total:
        return "main"
    if _is_few(by):
        order: tuple[Role, ...] = ("first", "second", "third")
        return order[by.levels.index(level)]
    return "treated" if since is not None else "other"


def marks_of(drawn: Course) -> tuple[float, ...]:
    """Return the marks of the upright axis: at least four percentage points, so that little does not look like much."""
    known = [series.values[place] for series in drawn.series for place in series.known]
    if not known:
        return (0.0, 100.0)
    low, high = min(known), max(known)
    room = max(0.0, LEAST_SPAN - (high - low)) / 2 if drawn.column.unit == "share" else 0.0
    low, high = low - room, high + room
    if drawn.column.unit == "share":
        low, high = max(low, 0.0), min(high, 100.0)
    return steps(low, high)


def is_shortened(drawn: Course) -> bool:
    """Say whether the upright axis of the picture starts elsewhere than at zero."""
    return marks_of(drawn)[0] != 0

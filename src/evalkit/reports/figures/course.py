"""What a table says over time: one line a group, with the places where nothing may or can be shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from evalkit.errors import InputError
from evalkit.reports.figures.scale import steps
from evalkit.values import SUPPRESSED, Axis, Column, Protected, Table

TIME_AXES = ("term", "wave", "school_year")
EXPOSURE = "forum_exposed"
FEW = 3
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
    levels: tuple[str, ...] = ("",) if by is None else by.levels + ((by.total,) if by.total else ())
    column = main_column(table)
    series = tuple(_series(protected, table, column, time, by, level) for level in levels)
    drawn = tuple(one for one in series if one is not None)
    return Course(column, time.levels, by.name if by else "", (by.total or "") if by else "", drawn)


def _series(protected: Protected, table: Table, column: Column, time: Axis, by: Axis | None, level: str) -> Series | None:
    rows = table.frame if by is None else table.frame[table.frame[by.name] == level]
    if rows.empty:
        return None
    place = {label: row for row, label in zip(rows.index, rows[time.name], strict=True)}
    scale = 100.0 if column.unit == "share" else 1.0
    values = tuple(_number(table.frame, place, label, column.name) * scale for label in time.levels)
    marks = tuple(str(protected.marks.at[place[label], column.name]) if label in place else "" for label in time.levels)
    since = _first_exposed(protected, table, place, time)
    return Series(level, _role(by, level, since), values, marks, since if by is None or level != by.total else None)


def _number(frame: pd.DataFrame, place: dict[str, int], label: str, column: str) -> float:
    value = frame.at[place[label], column] if label in place else math.nan
    return math.nan if pd.isna(value) else float(value)


def _first_exposed(protected: Protected, table: Table, place: dict[str, int], time: Axis) -> int | None:
    if EXPOSURE not in table.frame.columns:
        return None
    for number, label in enumerate(time.levels):
        if label in place:
            share = table.frame.at[place[label], EXPOSURE]
            if protected.marks.at[place[label], EXPOSURE] == "~100" or (not pd.isna(share) and share > 0.5):
                return number
    return None


def _role(by: Axis | None, level: str, since: int | None) -> Role:
    if by is None or level == by.total:
        return "main"
    if by.name != "school" and len(by.levels) <= FEW:
        order: tuple[Role, ...] = ("first", "second", "third")
        return order[by.levels.index(level)]
    return "treated" if since is not None else "other"


def is_shortened(drawn: Course) -> bool:
    """Say whether the upright axis of the picture starts elsewhere than at zero."""
    known = [series.values[place] for series in drawn.series for place in series.known]
    return bool(known) and steps(min(known), max(known))[0] != 0

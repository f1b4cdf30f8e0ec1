"""What stands in each cell: a number in the reader's language, or one of the signs."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evalkit.errors import InputError
from evalkit.reports.figures.course import TIME_AXES, axis_of, main_column
from evalkit.reports.labels import Words, upper_first
from evalkit.reports.numbers import NO_BREAK, is_term, number, percent, signed, term
from evalkit.values import MISSING, NOT_APPLICABLE, SUPPRESSED, ZERO, Axis, Column, Protected, Table

SIGNS = (SUPPRESSED, "~0", "~100", ZERO, MISSING, NOT_APPLICABLE)


@dataclass(frozen=True)
class Cell:
    """Text of one cell; ``sign`` is the sign it is, empty for a number."""

    text: str
    sign: str = ""


@dataclass(frozen=True)
class Heading:
    """Text of one column's head; ``numeric`` for columns of numbers."""

    text: str
    numeric: bool = True


@dataclass(frozen=True)
class Row:
    """One row: names of its levels, its cells, and whether it is a total."""

    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    total: bool


@dataclass(frozen=True)
class Grid:
    """A table as text.

    Parameters
    ----------
    stub
        Heads of the columns of names.
    headings
        Heads of the columns of numbers.
    rows
        In the order of the axes' levels, totals last within their axis.
    """

    stub: tuple[str, ...]
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]

    @property
    def signs(self) -> tuple[str, ...]:
        """Return the signs that stand in the table, in the order of the legend."""
        used = {cell.sign for row in self.rows for cell in row.cells}
        return tuple(sign for sign in SIGNS if sign in used)


def read_cells(protected: Protected, words: Words) -> Grid:
    """Write out a protected table.

    Parameters
    ----------
    protected
        Holds a table.
    words
        Language of heads and numbers.

    Returns
    -------
    Grid
        Only columns that are shown; a number that is missing in the value is never written as one.
    """
    table = protected.value
    assert isinstance(table, Table)
    columns = [column for column in table.columns if column.shown]
    order = _row_order(table)
    rows = []
    for index in order:
        cells = tuple(
            _cell(column, table.frame.at[index, column.name], str(protected.marks.at[index, column.name]), words)
            for column in columns
        )
        levels = [(axis, str(table.frame.at[index, axis.name])) for axis in table.axes]
        names = tuple(level_text(axis, level, words) for axis, level in levels)
        rows.append(Row(names, cells, any(level == axis.total for axis, level in levels)))
    stub = tuple(upper_first(words.name("axis", axis.name)) for axis in table.axes)
    heads = tuple(Heading(column_text(column, words), column.kind != "text") for column in columns)
    return Grid(stub, heads, tuple(rows))


def read_wide(protected: Protected, words: Words) -> Grid:
    """Write out one column of a protected table with two axes: a row a group, a column a time.

    Raises
    ------
    InputError
        If the table has not two axes, one of them a time.
    """
    table = protected.value
    assert isinstance(table, Table)
    time = axis_of(table, TIME_AXES)
    groups = [axis for axis in table.axes if axis is not time]
    if time is None or len(groups) != 1:
        raise InputError(f"table {table.name!r} has not a time and one other division", remedy='use view="table"')
    column, group = main_column(table), groups[0]
    places = zip(table.frame[group.name], table.frame[time.name], table.frame.index, strict=True)
    where = {(str(level), str(when)): int(row) for level, when, row in places}
    levels = [
        level for level in (*group.levels, *((group.total,) if group.total else ())) if (level, time.levels[0]) in where
    ]
    rows = tuple(
        Row(
            (level_text(group, level, words),),
            tuple(_cell_at(protected, where.get((level, when)), column, words) for when in time.levels),
            level == group.total,
        )
        for level in levels
    )
    heads = tuple(Heading(term(when, words.language, form="figure")) for when in time.levels)
    return Grid((upper_first(words.name("axis", group.name)),), heads, rows)


def _cell_at(protected: Protected, row: int | None, column: Column, words: Words) -> Cell:
    table = protected.value
    if row is None or not isinstance(table, Table):
        return Cell(NOT_APPLICABLE, NOT_APPLICABLE)
    return _cell(column, table.frame.at[row, column.name], str(protected.marks.at[row, column.name]), words)


def column_text(column: Column, words: Words) -> str:
    """Return the head of one column."""
    return upper_first(words.name("column", column.name))


def level_text(axis: Axis, level: str, words: Words) -> str:
    """Return what readers call one level of an axis; the total is said to be one."""
    if level == axis.total:
        key = f"total.{axis.name}"
        return words.say(key, {"name": level}) if words.has(key) else words.say("total", {"name": level})
    if is_term(level):
        return upper_first(term(level, words.language))
    return upper_first(words.level(axis.name, level))


def _row_order(table: Table) -> list[int]:
    frame = pd.DataFrame({"row": table.frame.index})
    names = []
    for axis in table.axes:
        places = {level: place for place, level in enumerate((*axis.levels, axis.total))}
        frame[axis.name] = [places[level] for level in table.frame[axis.name]]
        names.append(axis.name)
    return [int(row) for row in (frame.sort_values(names, kind="stable") if names else frame)["row"]]


def _cell(column: Column, value: object, mark: str, words: Words) -> Cell:
    if mark:
        return Cell(mark, mark)
    if column.kind == "text":
        return Cell("" if value is None else str(value))
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return Cell(MISSING, MISSING)
    amount = float(value)  # type: ignore[arg-type]
    if column.unit == "share":
        return Cell(percent(amount, words.language, decimals=column.decimals))
    if column.unit in {"change", "percentage_points"}:
        return Cell(signed(amount, words.language, decimals=column.decimals))
    text = number(amount, words.language, decimals=column.decimals)
    return Cell(text, ZERO if text == ZERO and amount == 0 else "")


def unbroken(text: str) -> str:
    """Return a text whose spaces do not break."""
    return text.replace(" ", NO_BREAK)

"""Where and when dialogue forums were held: a row a school, a column a term."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evalkit.errors import InputError
from evalkit.reports.figures.canvas import Canvas, blank
from evalkit.reports.figures.course import EXPOSURE, TIME_AXES, axis_of, is_exposed, number_at
from evalkit.reports.labels import Words
from evalkit.reports.numbers import number, term
from evalkit.values import Protected, Table

LEFT, TOP, ROW, SPACE = 190.0, 30.0, 18.0, 4.0


@dataclass(frozen=True)
class Grid:
    """Which schools held forums, from when.

    Parameters
    ----------
    place
        Name of the whole, empty if the table names none.
    times, schools
        Labels in order.
    since
        Place in time of each school's first forum, None if it held none.
    held
        Forums by school and time where the table counts them, else zero.
    """

    place: str
    times: tuple[str, ...]
    schools: tuple[str, ...]
    since: tuple[int | None, ...]
    held: tuple[tuple[int, ...], ...]

    @property
    def treated(self) -> tuple[tuple[str, int], ...]:
        """Schools that held forums, with the place in time of the first."""
        return tuple(
            (school, since) for school, since in zip(self.schools, self.since, strict=True) if since is not None
        )


def grid(protected: Protected) -> Grid:
    """Read a protected table by term and school as a grid.

    Parameters
    ----------
    protected
        Holds a table with the axes ``school`` and a time, and either a count of forums, which is about no pupil, or the
        share of pupils in a school that has held one (``forum_exposed``).

    Raises
    ------
    InputError
        If the table has other axes or neither column.
    """
    table = protected.value
    assert isinstance(table, Table)
    time, school = axis_of(table, TIME_AXES), axis_of(table, ("school",))
    counted = next(
        (column.name for column in table.columns if column.unit in {"groups", "forums"} and not column.sensitive), ""
    )
    if time is None or school is None or not (counted or EXPOSURE in table.frame.columns):
        raise InputError(
            f"table {table.name!r} cannot be drawn as a grid",
            remedy="tabulate forums.exposed() by term and school",
        )
    places = zip(table.frame[school.name], table.frame[time.name], table.frame.index, strict=True)
    cells = {(str(label), str(when)): int(row) for label, when, row in places}
    held, since = [], []
    for label in school.levels:
        counts = tuple(_count(table, cells.get((label, when)), counted) for when in time.levels)
        shown = [is_exposed(protected, table, cells.get((label, when))) for when in time.levels]
        first = (
            [place for place, count in enumerate(counts) if count]
            if counted
            else [p for p, yes in enumerate(shown) if yes]
        )
        held.append(counts)
        since.append(first[0] if first else None)
    return Grid(school.total or "", time.levels, school.levels, tuple(since), tuple(held))


def _count(table: Table, row: int | None, column: str) -> int:
    value = number_at(table.frame, row, column)
    return 0 if math.isnan(value) else int(value)


def draw_grid(drawn: Grid, words: Words, *, width: float) -> Canvas:
    """Draw the grid: dark where the first forum was held, light after it, grey without.

    Returns
    -------
    Canvas
        As wide as asked.
    """
    canvas = blank(TOP + ROW * len(drawn.schools) + 8, width=width)
    step = (canvas.width - LEFT) / len(drawn.times)
    for place, label in enumerate(drawn.times):
        text = term(label, words.language, form="figure")
        canvas.write(canvas.sheet, LEFT + step * (place + 0.5) - SPACE / 2, 14, text, align="center", size=12)
    canvas.write(canvas.sheet, 0, TOP + ROW / 2 - 1, drawn.place, role="text", weight=600)
    for row in range(len(drawn.schools)):
        _school(canvas, drawn, row)
        _terms(canvas, drawn, row, step, words)
    return canvas


def _school(canvas: Canvas, drawn: Grid, row: int) -> None:
    school, named = drawn.schools[row], drawn.since[row] is not None
    canvas.write(
        canvas.sheet,
        LEFT - 12,
        TOP + ROW * row + ROW / 2 - 1,
        school.removeprefix(f"{drawn.place} ") if drawn.place else school,
        role="treated" if named else "text-notes",
        weight=600 if named else 400,
        size=13 if named else 12,
        align="right",
    )


def _terms(canvas: Canvas, drawn: Grid, row: int, step: float, words: Words) -> None:
    top, since = TOP + ROW * row, drawn.since[row]
    for place, count in enumerate(drawn.held[row]):
        role = "empty"
        if since is not None and place >= since:
            role = "treated" if place == since else "treated-ground"
        left = LEFT + step * place
        canvas.box(left, top, step - SPACE, ROW - SPACE, role=role)
        if count:
            x, y = left + step / 2 - SPACE / 2, top + ROW / 2 - 2
            ink = "paper" if role == "treated" else "text"
            text = number(count, words.language)
            canvas.write(canvas.sheet, x, y, text, role=ink, weight=600, size=12, align="center")

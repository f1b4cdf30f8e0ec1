"""Results on one line of values, a row each: name and reason, the mark, and numbers at the right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from matplotlib.axes import Axes

from evalkit.reports.figures.canvas import Canvas, blank, breadth, lines_of
from evalkit.reports.figures.palette import ROLES

BESIDE, SHARE, GAP, EDGE = 500.0, 0.37, 16.0, 14.0
LABEL, REASON, HEADING, SPACE, MARK, SLACK = 17.0, 15.5, 30.0, 14.0, 20.0, 4.0
HEAD, LINE, FOOT, SECOND = 14.0, 14.0, 52.0, 17.0


@dataclass(frozen=True)
class Row:
    """One result.

    Parameters
    ----------
    label, reason
        What it is, and a few words about it; the reason may be empty.
    cells
        What stands at the right, one text a column.
    strong
        Whether it is the one talked about.
    above
        Heading over this row and those that follow, empty for none.
    """

    label: str
    reason: str
    cells: tuple[str, ...]
    strong: bool = False
    above: str = ""


@dataclass(frozen=True, eq=False)
class Laid:
    """Rows on a sheet: marks go to ``axes`` at the height of each row's middle, in pixels from the top.

    ``bands`` are top and bottom of what each row leaves free for marks.
    """

    canvas: Canvas
    axes: Axes
    middles: tuple[float, ...]
    bands: tuple[tuple[float, float], ...]

    def above(self, value: float, text: str, *, role: str) -> None:
        """Write over the first row what an upright line stands for, within the sheet."""
        (low, high), end = self.axes.get_xlim(), self.axes.get_position()
        left, right = end.x0 * self.canvas.width, end.x1 * self.canvas.width
        half = breadth(text, size=12, weight=600) / 2
        x = left + (value - low) / (high - low) * (right - left)
        y = (1 - end.y1) * self.canvas.height - 10
        self.canvas.write(self.canvas.sheet, max(x, half), y, text, role=role, size=12, weight=600, align="center")

    def upright(self, value: float, *, role: str, width: float, dash: bool = False) -> None:
        """Draw one value as an upright line through all rows."""
        for band in self.bands:
            style = (0, (4, 2)) if dash else "-"
            self.axes.plot(
                [value, value], band, color=ROLES[role], linewidth=width, linestyle=style, solid_capstyle="butt",
                zorder=2,
            )  # fmt: skip

    def field(self, low: float, high: float, *, role: str) -> None:
        """Fill what lies between two values behind all rows, as far as the axis goes."""
        least, most = self.axes.get_xlim()
        for band in self.bands:
            self.axes.fill_between([max(low, least), min(high, most)], *band, color=ROLES[role], linewidth=0, zorder=0)


def lay_rows(
    rows: Sequence[Row], headings: Sequence[str], *, marks: Sequence[tuple[float, str]], axis: str, width: float
) -> Laid:
    """Write the words of rows, and draw the line of values under them.

    Parameters
    ----------
    rows
        From above.
    headings
        One a column of cells.
    marks
        Place and text of each mark on the line of values, in order; the outer ones are its ends.
    axis
        Words under the line of values.
    width
        In pixels; names stand beside the marks where there is room, else above them.

    Returns
    -------
    Laid
        With room for the marks.
    """
    beside = width >= BESIDE
    edges = _edges(rows, headings)
    left = width * SHARE if beside else EDGE
    written = [_lines(row, left - GAP if beside else width) for row in rows]
    heights = [_height(row, lines, beside=beside) for row, lines in zip(rows, written, strict=True)]
    top = _top(headings)
    tops = list(accumulate(heights, initial=top))
    below = lines_of(axis, width)
    canvas = blank(tops[-1] + FOOT + SECOND * (len(below) - 1), width=width)
    plot = width - left - edges[0] - EDGE
    axes = canvas.panel(left, top, plot, tops[-1] - top)
    axes.set_xlim(marks[0][0], marks[-1][0])
    axes.set_ylim(tops[-1] - top, 0)
    for place, text in enumerate(headings):
        _heading(canvas, width - edges[place] + GAP, text)
    middles, bands = [], []
    for row, lines, start, end in zip(rows, written, tops, tops[1:], strict=False):
        middle = _write(canvas, row, lines, start, beside=beside)
        for place, text in enumerate(row.cells):
            role, weight = ("main", 700) if row.strong else ("text", 400)
            x = width - edges[place] + GAP
            canvas.write(canvas.sheet, x, middle, text, role=role, weight=600 if text == ".." else weight)
        middles.append(middle - top)
        band = (start + (HEADING if row.above else 0.0), end) if beside else (middle - MARK / 2, middle + MARK / 2)
        bands.append((band[0] - top, band[1] - top))
    _foot(canvas, axes, marks, below)
    return Laid(canvas, axes, tuple(middles), tuple(bands))


def _edges(rows: Sequence[Row], headings: Sequence[str]) -> list[float]:
    """Return how far from the right edge each column begins, with the gap before it."""
    widest = []
    for place, heading in enumerate(headings):
        texts = [breadth(row.cells[place], weight=700 if row.strong else 400) for row in rows if row.cells]
        texts += [breadth(line, size=12) for line in heading.split("\n")]
        widest.append(max(texts) + GAP)
    return list(accumulate(reversed(widest), initial=SLACK))[:0:-1]


def _lines(row: Row, width: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return lines_of(row.label, width, weight=600), lines_of(row.reason, width, size=12)


def _height(row: Row, lines: tuple[tuple[str, ...], tuple[str, ...]], *, beside: bool) -> float:
    words = LABEL * len(lines[0]) + REASON * len(lines[1])
    return (HEADING if row.above else 0.0) + words + SPACE + (0.0 if beside else MARK)


def _top(headings: Sequence[str]) -> float:
    return HEAD + LINE * max((text.count("\n") + 1 for text in headings), default=0)


def _heading(canvas: Canvas, x: float, text: str) -> None:
    for place, line in enumerate(text.split("\n")):
        canvas.write(canvas.sheet, x, 8 + LINE * place, line, role="text-notes", size=12)


def _write(
    canvas: Canvas, row: Row, lines: tuple[tuple[str, ...], tuple[str, ...]], top: float, *, beside: bool
) -> float:
    """Write the words of a row; return the height at which its mark stands."""
    if row.above:
        canvas.write(canvas.sheet, 0, top + HEADING / 2 - 2, row.above, role="text-notes", size=12, weight=600)
        canvas.line((0, canvas.width), (top + HEADING - 7, top + HEADING - 7))
        top += HEADING
    y = top + SPACE / 2 + LABEL / 2
    role = "main" if row.strong else "text"
    for line in lines[0]:
        canvas.write(canvas.sheet, 0, y, line, role=role, weight=600)
        y += LABEL
    for line in lines[1]:
        canvas.write(canvas.sheet, 0, y, line, role="text-notes", size=12)
        y += REASON
    bottom = y - LABEL / 2
    return (top + SPACE / 2 + bottom) / 2 if beside else bottom + MARK / 2


def _foot(canvas: Canvas, axes: Axes, marks: Sequence[tuple[float, str]], axis: Sequence[str]) -> None:
    end = axes.get_position()
    left, right, bottom = end.x0 * canvas.width, end.x1 * canvas.width, (1 - end.y0) * canvas.height
    canvas.line((left, right), (bottom, bottom))
    for place, text in marks:
        canvas.write(axes, place, axes.get_ylim()[0] + 14, text, align="center", size=12)
    # Words wider than the line of values begin where the sheet does.
    middle = max((left + right) / 2, *(breadth(line) / 2 for line in axis))
    for row, line in enumerate(axis):
        canvas.write(canvas.sheet, middle, bottom + 38 + SECOND * row, line, role="text-notes", align="center")


def draw_span(axes: Axes, middle: float, ends: tuple[float, float], *, role: str, thick: float) -> None:
    """Draw an interval at a row's height; an end outside the axis, or open, becomes an arrowhead at its edge."""
    low, high = axes.get_xlim()
    inside = [min(max(end, low), high) for end in ends]
    axes.plot(
        inside,
        [middle, middle],
        color=ROLES[role],
        linewidth=thick,
        solid_capstyle="butt",
        zorder=4,
    )
    for end, edge, marker in ((ends[0], low, "<"), (ends[1], high, ">")):
        if not low <= end <= high:
            axes.plot([edge], [middle], marker, color=ROLES[role], markersize=7, zorder=5, clip_on=False)


def draw_dot(axes: Axes, middle: float, value: float, *, role: str, size: float, filled: bool) -> None:
    """Draw a value at a row's height: filled, or hollow; nothing where it lies outside the axis."""
    low, high = axes.get_xlim()
    if math.isnan(value) or not low <= value <= high:
        return
    face, edge = (role, "paper") if filled else ("paper", role)
    axes.plot(
        [value],
        [middle],
        "o",
        markersize=size,
        markerfacecolor=ROLES[face],
        markeredgecolor=ROLES[edge],
        markeredgewidth=2,
        zorder=6,
        clip_on=False,
    )

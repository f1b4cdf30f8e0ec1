"""One small picture a site, each with the others in grey."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from evalkit.reports.figures.canvas import WIDTH, Align, Canvas, Picture, blank
from evalkit.reports.figures.course import Course, Series
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.figures.scale import decimals_of, steps
from evalkit.reports.labels import Words
from evalkit.reports.numbers import number, term

LEFT, TOP, PLOT, FOOT, GAP = 48.0, 30.0, 132.0, 30.0, 22.0


def draw_multiples(courses: Sequence[tuple[str, Course]], words: Words) -> Picture:
    """Draw each site's whole over time beside the others'.

    Parameters
    ----------
    courses
        Name, and the site's course over the same times.
    words
        Language.
    """
    lines = [(name, drawn.series[-1], drawn) for name, drawn in courses]
    known = [value for _, series, _ in lines for value in series.values if not math.isnan(value)]
    marks = steps(min(known), max(known), most=5)
    each = (WIDTH - LEFT - GAP * (len(lines) - 1)) / len(lines)
    canvas = blank(TOP + PLOT + FOOT)
    for place, (name, series, drawn) in enumerate(lines):
        left = LEFT + place * (each + GAP)
        axes = canvas.panel(left, TOP, each, PLOT)
        axes.set_xlim(-0.4, len(drawn.times) - 0.6)
        axes.set_ylim(marks[0], marks[-1])
        for mark in marks:
            axes.axhline(mark, color=ROLES["lines"], linewidth=1, zorder=0)
            if place == 0:
                text = f"{number(mark, words.language, decimals=decimals_of(marks))}\N{NO-BREAK SPACE}%"
                canvas.write(axes, -0.75, mark, text, align="right", size=12, role="text-notes")
        for other, theirs, _ in lines:
            if other != name:
                _stroke(axes, theirs, "others", 1.0)
        _stroke(axes, series, "main", 2.6)
        canvas.write(canvas.sheet, left, 12, name, role="text", weight=600, size=14)
        _ends(canvas, axes, series, drawn, words)
    return canvas.finish()


def _stroke(axes: Axes, series: Series, role: str, width: float) -> None:
    for piece in series.pieces:
        values = [series.values[place] for place in piece]
        axes.plot(piece, values, color=ROLES[role], linewidth=width, zorder=5 if role == "main" else 2)


def _ends(canvas: Canvas, axes: Axes, series: Series, drawn: Course, words: Words) -> None:
    low, high = axes.get_ylim()
    for place in drawn.ends(series) or ():
        value = series.values[place]
        text = f"{number(value, words.language, decimals=1)}\N{NO-BREAK SPACE}%"
        axes.plot([place], [value], "o", color=ROLES["main"], markersize=6, zorder=6)
        align: Align = "left" if place == 0 else "right" if place > len(drawn.times) - 3 else "center"
        up = value + (high - low) * 0.09
        canvas.write(axes, place, up, text, role="main", size=12, weight=600, align=align, halo=True)
        label = term(drawn.times[place], words.language, form="figure")
        canvas.write(axes, place, low - (high - low) * 0.1, label, role="text-notes", size=12, align=align)

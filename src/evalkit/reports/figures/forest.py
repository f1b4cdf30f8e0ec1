"""One estimate a site, above each other on one line of values; too few sites are never pooled."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from evalkit.reports.figures.canvas import WIDTH, Canvas, Picture, blank
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.figures.scale import decimals_of, steps
from evalkit.reports.labels import Words
from evalkit.reports.numbers import signed, span
from evalkit.values import Estimate

LEFT, RIGHT, TOP, ROW, FOOT = 132.0, 236.0, 34.0, 40.0, 52.0


def draw_forest(rows: Sequence[tuple[str, Estimate, bool]], words: Words, *, unit: str) -> Picture:
    """Draw one estimate a site.

    Parameters
    ----------
    rows
        Name, estimate in the unit shown, and whether there is enough data to judge (else dashed, with a hollow point).
    words
        Language.
    unit
        Words under the axis.
    """
    plot = WIDTH - LEFT - RIGHT
    canvas = blank(TOP + ROW * len(rows) + FOOT)
    axes = canvas.panel(LEFT, TOP, plot, ROW * len(rows))
    marks = _marks([estimate for _, estimate, _ in rows])
    axes.set_xlim(marks[0], marks[-1])
    axes.set_ylim(len(rows), 0)
    axes.axvline(0, color=ROLES["text"], linewidth=1.5, zorder=2)
    _headings(canvas, words)
    for number, (name, estimate, judged) in enumerate(rows):
        _row(canvas, axes, number + 0.5, estimate, judged)
        _words(canvas, TOP + ROW * (number + 0.5), name, estimate, words)
    foot = TOP + ROW * len(rows)
    canvas.line((LEFT, LEFT + plot), (foot, foot))
    for mark in marks:
        text = signed(mark, words.language, decimals=decimals_of(marks))
        canvas.write(axes, mark, len(rows) + 0.38, text, align="center", size=12)
    canvas.write(canvas.sheet, LEFT + plot / 2, foot + 38, unit, align="center", role="text-notes", size=12)
    return canvas.finish()


def _marks(estimates: Sequence[Estimate]) -> tuple[float, ...]:
    ends = [0.0]
    for estimate in estimates:
        ends += [end for end in (estimate.low, estimate.high, estimate.value) if end is not None and math.isfinite(end)]
    return steps(min(ends), max(ends), most=6)


def _headings(canvas: Canvas, words: Words) -> None:
    canvas.write(canvas.sheet, 0, 14, words.say("overview.site"), role="text-notes", size=12)
    edge = WIDTH - RIGHT
    canvas.write(canvas.sheet, edge + 24, 14, words.say("overview.change"), role="text-notes", size=12)
    canvas.write(canvas.sheet, edge + 92, 14, words.say("overview.interval"), role="text-notes", size=12)


def _row(canvas: Canvas, axes: Axes, height: float, estimate: Estimate, judged: bool) -> None:
    role = "main" if judged else "text-second"
    low, high = axes.get_xlim()
    for segment in estimate.interval:
        ends = [max(segment.low, low), min(segment.high, high)]
        axes.plot(
            ends, [height] * 2, color=ROLES[role], linewidth=3, linestyle="-" if judged else (0, (3, 2)), zorder=4
        )
    if estimate.value is not None:
        face, edge = (role, "paper") if judged else ("paper", role)
        axes.plot(
            [estimate.value],
            [height],
            "o",
            markersize=11,
            markerfacecolor=ROLES[face],
            markeredgecolor=ROLES[edge],
            markeredgewidth=2,
            zorder=6,
        )


def _words(canvas: Canvas, y: float, name: str, estimate: Estimate, words: Words) -> None:
    edge = WIDTH - RIGHT
    canvas.write(canvas.sheet, 0, y, name, role="text", weight=600, size=14)
    if estimate.value is None:
        canvas.write(canvas.sheet, edge + 24, y, "..", role="text", weight=600, size=14)
        return
    value = signed(estimate.value, words.language)
    canvas.write(canvas.sheet, edge + 24, y, value, role="text", weight=600, size=14)
    if estimate.interval and math.isfinite(estimate.low) and math.isfinite(estimate.high):
        canvas.write(canvas.sheet, edge + 92, y, span(estimate.low, estimate.high, words.language), size=13)

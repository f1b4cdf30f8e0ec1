"""One estimate with its interval, beside what could have been missed."""

from __future__ import annotations

import math
from collections.abc import Callable

from matplotlib.axes import Axes

from evalkit.reports.figures.canvas import Canvas, blank
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.figures.scale import decimals_of, steps
from evalkit.reports.labels import Words
from evalkit.reports.numbers import signed
from evalkit.values import Estimate, Segment

TOP, PLOT, FOOT = 30.0, 96.0, 34.0
OPEN, NARROW = 0.04, 500.0


def draw_interval(
    estimate: Estimate,
    words: Words,
    *,
    decimals: int = 1,
    detectable: float | None = None,
    judged: bool = True,
    width: float,
) -> Canvas:
    """Draw an estimate on a line of values.

    Parameters
    ----------
    estimate
        In the unit it is shown in; its interval may be open.
    words
        Language of labels and numbers.
    decimals
        Of the numbers written at value and ends.
    detectable
        Smallest effect that is safely found; effects smaller than it are shaded.
    judged
        False for too little data: dashed, with a hollow point.
    width
        In pixels.

    Returns
    -------
    Canvas
        As wide as asked.
    """
    canvas = blank(TOP + PLOT + FOOT, width=width)
    axes = canvas.panel(74, TOP, width - 148, PLOT)
    marks = _marks(estimate, detectable, most=8 if width > NARROW else 5)
    axes.set_xlim(marks[0], marks[-1])
    axes.set_ylim(0, 1)
    if detectable is not None and math.isfinite(detectable):
        axes.axvspan(-detectable, detectable, color=ROLES["panel"], linewidth=0, zorder=0)
        canvas.write(axes, 0, 1.16, words.say("figure.too_small"), align="center", role="text-notes")
    axes.axhline(0, color=ROLES["lines"], linewidth=1)
    axes.axvline(0, color=ROLES["text"], linewidth=1.5, zorder=2)
    _axis(canvas, axes, marks, words, width)
    for segment in estimate.interval:
        _bar(canvas, axes, max(segment.low, marks[0]), min(segment.high, marks[-1]), judged)
        _ends(canvas, axes, segment, judged, lambda end: signed(end, words.language, decimals=decimals))
    if estimate.value is None and not estimate.interval:
        canvas.write(axes, 0, 0.5, words.say("figure.no_estimate"), role="text-notes", align="center", halo=True)
    if estimate.value is not None:
        _point(canvas, axes, estimate.value, judged, signed(estimate.value, words.language, decimals=decimals))
    return canvas


def _marks(estimate: Estimate, detectable: float | None, most: int) -> tuple[float, ...]:
    ends = [end for segment in estimate.interval for end in (segment.low, segment.high) if math.isfinite(end)]
    ends += [0.0] + ([] if estimate.value is None else [estimate.value])
    if detectable is not None and math.isfinite(detectable):
        ends += [-detectable, detectable]
    room = (max(ends) - min(ends)) * OPEN or 1.0
    return steps(min(ends) - room, max(ends) + room, most=most)


def _axis(canvas: Canvas, axes: Axes, marks: tuple[float, ...], words: Words, width: float) -> None:
    for mark in marks:
        canvas.write(
            axes, mark, -0.14, signed(mark, words.language, decimals=decimals_of(marks)), align="center", size=12
        )
    bottom = TOP + PLOT * 1.14
    canvas.write(canvas.sheet, 0, bottom, f"\N{LEFTWARDS ARROW} {words.say('figure.lower')}", role="text-notes")
    canvas.write(
        canvas.sheet,
        width,
        bottom,
        f"{words.say('figure.higher')} \N{RIGHTWARDS ARROW}",
        role="text-notes",
        align="right",
    )


def _bar(canvas: Canvas, axes: Axes, low: float, high: float, judged: bool) -> None:
    if judged:
        axes.plot([low, high], [0.45, 0.45], color=ROLES["amount-3"], linewidth=12, solid_capstyle="butt", zorder=4)
    else:
        axes.plot([low, high], [0.45, 0.45], color=ROLES["text-second"], linewidth=2.5, linestyle=(0, (3, 2)), zorder=4)


def _ends(canvas: Canvas, axes: Axes, segment: Segment, judged: bool, written: Callable[[float], str]) -> None:
    role = "main" if judged else "text-second"
    for end in (segment.low, segment.high):
        if math.isfinite(end):
            axes.plot([end, end], [0.32, 0.58], color=ROLES[role], linewidth=2.5, zorder=5)
            canvas.write(axes, end, 0.14, written(end), role=role, align="center", size=14, halo=near_zero(axes, end))
        else:
            edge = axes.get_xlim()[0 if end < 0 else 1]
            marker = "<" if end < 0 else ">"
            axes.plot([edge], [0.45], marker, color=ROLES[role], markersize=10, zorder=6, clip_on=False)


def _point(canvas: Canvas, axes: Axes, value: float, judged: bool, text: str) -> None:
    role = "main" if judged else "text-second"
    face, edge = (role, "paper") if judged else ("paper", role)
    axes.plot(
        [value],
        [0.45],
        "o",
        markersize=14,
        markerfacecolor=ROLES[face],
        markeredgecolor=ROLES[edge],
        markeredgewidth=2.5,
        zorder=8,
    )
    canvas.write(axes, value, 0.82, text, role=role, size=20, weight=700, align="center", halo=near_zero(axes, value))


def near_zero(axes: Axes, value: float) -> bool:
    """Say whether text at a value meets the line at zero."""
    low, high = axes.get_xlim()
    return abs(value) < 0.07 * (high - low)

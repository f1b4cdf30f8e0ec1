"""Every other way to choose the schools, as squares, and the one that was."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from evalkit.reports.figures.canvas import Canvas, blank, breadth, lines_of
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.figures.scale import decimals_of, steps
from evalkit.reports.labels import Words
from evalkit.reports.numbers import number, signed
from evalkit.values import Curve

LEFT, TOP, FOOT, LINE = 20.0, 54.0, 62.0, 18.0
TALLEST, SMALL, LARGE = 26, 6.0, 12.0


def squares_of(curve: Curve) -> int:
    """Return how many assignments one square stands for."""
    most = int(curve.frame["assignments"].max()) if len(curve.frame) else 1
    return max(1, math.ceil(most / TALLEST))


def draw_placebo(curve: Curve, words: Words, *, width: float) -> Canvas:
    """Draw the differences that other choices of schools give.

    Parameters
    ----------
    curve
        Kind ``"placebo_distribution"``; detail ``observed`` is the study's own.
    words
        Language of labels and numbers.
    width
        In pixels.

    Returns
    -------
    Canvas
        As wide as asked.
    """
    frame = curve.frame
    each = squares_of(curve)
    tallest = max((math.ceil(count / each) for count in frame["assignments"]), default=1)
    observed = float(curve.detail("observed") or 0.0)
    ends = [float(frame["left"].min()), float(frame["right"].max()), observed, 0.0]
    marks = steps(min(ends), max(ends), most=9)
    bin_width = float((frame["right"] - frame["left"]).median()) * (width - 2 * LEFT) / (marks[-1] - marks[0])
    side = min(max(0.72 * bin_width + 2, SMALL), LARGE)
    plot = max(tallest, 8) * side
    axis = lines_of(words.say("figure.placebo_axis"), width)
    canvas = blank(TOP + plot + FOOT + LINE * (len(axis) - 1), width=width)
    axes = canvas.panel(LEFT, TOP, canvas.width - 2 * LEFT, plot)
    axes.set_xlim(marks[0], marks[-1])
    axes.set_ylim(0, plot)
    columns = (frame[name].tolist() for name in ("left", "right", "assignments", "as_extreme"))
    for left, right, every, far in zip(*columns, strict=True):
        _stack(axes, (float(left), float(right)), (math.ceil(every / each), math.ceil(far / each)), side)
    axes.axhline(0, color=ROLES["lines"], linewidth=1)
    for mark in marks:
        text = signed(mark, words.language, decimals=decimals_of(marks))
        canvas.write(axes, mark, -16, text, align="center", size=12)
    for row, line in enumerate(axis):
        y = TOP + plot + 44 + LINE * row
        canvas.write(canvas.sheet, canvas.width / 2, y, line, role="text-notes", align="center")
    _observed(canvas, axes, observed, plot, words)
    _extreme(canvas, curve, words)
    return canvas


def _stack(axes: Axes, edges: tuple[float, float], squares: tuple[int, int], side: float) -> None:
    wide, middle = (edges[1] - edges[0]) * 0.72, sum(edges) / 2
    for row in range(squares[0]):
        far = row < squares[1]
        box = Rectangle(
            (middle - wide / 2, row * side + 1),
            wide,
            side - 2,
            facecolor=ROLES["main" if far else "others"],
            linewidth=0,
            zorder=3,
        )
        axes.add_patch(box)


def _observed(canvas: Canvas, axes: Axes, observed: float, plot: float, words: Words) -> None:
    axes.plot([observed, observed], [0, plot + 24], color=ROLES["treated"], linewidth=3, clip_on=False, zorder=8)
    low, high = axes.get_xlim()
    text = words.say("figure.observed", {"value": signed(observed, words.language)})
    room = (high - observed) / (high - low) * (canvas.width - 2 * LEFT) + LEFT
    right = breadth(text, size=15, weight=700) + 12 < room
    shift = (high - low) * 0.012
    canvas.write(
        axes,
        observed + (shift if right else -shift),
        plot + 16,
        text,
        role="treated",
        size=15,
        weight=700,
        align="left" if right else "right",
        halo=True,
    )


def _extreme(canvas: Canvas, curve: Curve, words: Words) -> None:
    every, far = int(curve.frame["assignments"].sum()), int(curve.frame["as_extreme"].sum())
    facts = {"n": number(far, words.language), "all": number(every, words.language)}
    canvas.write(canvas.sheet, 0, 10, words.count("figure.as_extreme", far, facts), role="main", size=14, weight=600)

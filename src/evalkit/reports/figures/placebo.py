"""Every other way to choose the schools, as squares, and the one that was."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from evalkit.reports.figures.canvas import WIDTH, Canvas, Picture, blank
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.figures.scale import decimals_of, steps
from evalkit.reports.labels import Words
from evalkit.reports.numbers import number, signed
from evalkit.values import Curve

LEFT, TOP, FOOT = 20.0, 44.0, 62.0
TALLEST, SIDE = 26, 9.0


def squares_of(curve: Curve) -> int:
    """Return how many assignments one square stands for."""
    most = int(curve.frame["assignments"].max()) if len(curve.frame) else 1
    return max(1, math.ceil(most / TALLEST))


def draw_placebo(curve: Curve, words: Words) -> Picture:
    """Draw the differences that other choices of schools give.

    Parameters
    ----------
    curve
        Kind ``"placebo_distribution"``; detail ``observed`` is the study's own.
    words
        Language of labels and numbers.

    Returns
    -------
    Picture
        720 pixels wide.
    """
    frame = curve.frame
    each = squares_of(curve)
    tallest = max((math.ceil(count / each) for count in frame["assignments"]), default=1)
    plot = max(tallest, 8) * SIDE
    canvas = blank(TOP + plot + FOOT)
    axes = canvas.panel(LEFT, TOP, WIDTH - 2 * LEFT, plot)
    observed = float(curve.detail("observed") or 0.0)
    ends = [float(frame["left"].min()), float(frame["right"].max()), observed, 0.0]
    marks = steps(min(ends), max(ends), most=9)
    axes.set_xlim(marks[0], marks[-1])
    axes.set_ylim(0, plot)
    for row in frame.itertuples():
        _stack(axes, float(row.left), float(row.right), math.ceil(row.assignments / each), math.ceil(row.as_extreme / each), observed)
    axes.axhline(0, color=ROLES["lines"], linewidth=1)
    for mark in marks:
        text = signed(mark, words.language, decimals=decimals_of(marks))
        canvas.write(axes, mark, -16, text, align="center", size=12)
    canvas.write(canvas.sheet, WIDTH / 2, TOP + plot + 44, words.say("figure.placebo_axis"), role="text-notes", align="center")
    _observed(canvas, axes, observed, plot, words)
    _extreme(canvas, curve, words)
    return canvas.finish()


def _stack(axes: Axes, left: float, right: float, squares: int, extreme: int, observed: float) -> None:
    wide = (right - left) * 0.72
    middle = (left + right) / 2
    for row in range(squares):
        far = row < extreme
        box = Rectangle(
            (middle - wide / 2, row * SIDE + 1.5), wide, SIDE - 2.5, facecolor=ROLES["main" if far else "others"], linewidth=0, zorder=3
        )
        axes.add_patch(box)


def _observed(canvas: Canvas, axes: Axes, observed: float, plot: float, words: Words) -> None:
    axes.plot([observed, observed], [0, plot + 14], color=ROLES["treated"], linewidth=3, clip_on=False, zorder=8)
    right = observed < sum(axes.get_xlim()) / 2 + (axes.get_xlim()[1] - axes.get_xlim()[0]) * 0.2
    shift = (axes.get_xlim()[1] - axes.get_xlim()[0]) * 0.012
    text = words.say("figure.observed", {"value": signed(observed, words.language)})
    canvas.write(
        axes,
        observed + (shift if right else -shift),
        plot + 8,
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
    canvas.write(canvas.sheet, 0, 10, words.say("figure.as_extreme", facts), role="main", size=14, weight=600)

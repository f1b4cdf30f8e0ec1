"""How often an effect of each size would be found."""

from __future__ import annotations

import math

from matplotlib.axes import Axes

from evalkit.reports.figures.canvas import Canvas, blank
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.figures.scale import decimals_of, steps
from evalkit.reports.labels import Words
from evalkit.reports.numbers import number, percent, signed
from evalkit.values import Curve

LEFT, RIGHT, TOP, PLOT, FOOT = 62.0, 92.0, 16.0, 220.0, 62.0
WANTED, TALL = 0.8, 1.02


def detectable_in(curve: Curve) -> float:
    """Return the smallest effect of the curve that is found in eight cases of ten, NaN if none is."""
    effects, power = curve.frame["effect"].tolist(), curve.frame["power"].tolist()
    for (low, under), (high, over) in zip(
        zip(effects, power, strict=True), zip(effects[1:], power[1:], strict=True), strict=False
    ):
        if under < WANTED <= over:
            return float(low + (high - low) * (WANTED - under) / (over - under))
    return math.nan


def draw_power(curve: Curve, words: Words, *, width: float) -> Canvas:
    """Draw a power curve.

    Parameters
    ----------
    curve
        Kind ``"power"``.
    words
        Language of labels and numbers.
    width
        In pixels.

    Returns
    -------
    Canvas
        As wide as asked.
    """
    import seaborn as sns  # slow to load, and not every notebook draws

    canvas = blank(TOP + PLOT + FOOT, width=width)
    axes = canvas.panel(LEFT, TOP, canvas.width - LEFT - RIGHT, PLOT)
    axes.set_xlim(0, float(curve.frame["effect"].max()))
    axes.set_ylim(0, TALL)
    axes.axhspan(0, WANTED, color=ROLES["panel"], linewidth=0, zorder=0)
    axes.axhline(WANTED, color=ROLES["text-notes"], linewidth=1.2, linestyle=(0, (3, 2)), zorder=1)
    axes.axhline(0, color=ROLES["lines"], linewidth=1)
    sns.lineplot(
        data=curve.frame,
        x="effect",
        y="power",
        estimator=None,
        color=ROLES["main"],
        linewidth=3,
        legend=False,
        ax=axes,
        zorder=5,
    )
    _scales(canvas, axes, words)
    _smallest(canvas, axes, curve, words)
    return canvas


def _scales(canvas: Canvas, axes: Axes, words: Words) -> None:
    marks = steps(0, axes.get_xlim()[1])
    for level in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        canvas.write(
            canvas.sheet,
            LEFT - 10,
            TOP + PLOT * (1 - level / TALL),
            percent(level, words.language, decimals=0),
            align="right",
            size=12,
        )
    for mark in marks:
        if mark <= axes.get_xlim()[1]:
            canvas.write(
                axes, mark, -0.075, signed(mark, words.language, decimals=decimals_of(marks)), align="center", size=12
            )
    middle = LEFT + (canvas.width - LEFT - RIGHT) / 2
    canvas.write(
        canvas.sheet, middle, TOP + PLOT + 46, words.say("figure.power_axis"), role="text-notes", align="center"
    )
    canvas.write(
        canvas.sheet,
        canvas.width - RIGHT + 10,
        TOP + PLOT * (1 - WANTED / TALL),
        words.say("figure.wanted"),
        role="text-notes",
    )


def _smallest(canvas: Canvas, axes: Axes, curve: Curve, words: Words) -> None:
    smallest = detectable_in(curve)
    if math.isnan(smallest):
        return
    axes.plot([smallest, smallest], [0, WANTED], color=ROLES["main"], linewidth=2, zorder=4)
    axes.plot(
        [smallest],
        [WANTED],
        "o",
        markersize=10,
        color=ROLES["main"],
        markeredgecolor=ROLES["paper"],
        markeredgewidth=2,
        zorder=7,
    )
    right = smallest < axes.get_xlim()[1] * 0.6
    shift = axes.get_xlim()[1] * (0.02 if right else -0.02)
    text = words.say("figure.smallest", {"value": number(smallest, words.language, decimals=1)})
    canvas.write(
        axes,
        smallest + shift,
        0.36,
        text,
        role="main",
        weight=600,
        size=13,
        align="left" if right else "right",
        halo=True,
    )

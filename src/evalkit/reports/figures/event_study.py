"""The difference to the comparison schools, term by term before and after the first forum."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from evalkit.reports.figures.canvas import Canvas, blank
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.figures.scale import decimals_of, known, steps
from evalkit.reports.labels import Words
from evalkit.reports.numbers import number, signed
from evalkit.values import Curve

LEFT, RIGHT, TOP, PLOT, FOOT = 62.0, 8.0, 34.0, 236.0, 84.0
REFERENCE = -1


def draw_event_study(curve: Curve, words: Words, *, width: float) -> Canvas:
    """Draw an event study.

    Parameters
    ----------
    curve
        Kind ``"event_study"``, protected, in percentage points.
    words
        Language of labels and numbers.
    width
        In pixels.

    Returns
    -------
    Canvas
        As wide as asked: thick lines pointwise, thin lines for all terms together, number of schools under each point.
    """
    canvas = blank(TOP + PLOT + FOOT, width=width)
    axes = canvas.panel(LEFT, TOP, canvas.width - LEFT - RIGHT, PLOT)
    points: list[dict[Any, Any]] = curve.frame.sort_values("relative").to_dict("records")
    times = [int(point["relative"]) for point in points]
    ends = [point[name] for point in points for name in ("low", "high", "band_low", "band_high", "value")]
    finite = [float(end) for end in ends if isinstance(end, float) and math.isfinite(end)] + [0.0]
    marks = steps(min(finite), max(finite), most=8)
    axes.set_xlim(min(times) - 0.8, max(times) + 0.8)
    axes.set_ylim(marks[0], marks[-1])
    _ground(canvas, axes, marks, words)
    most = max((int(point["schools"]) for point in points if known(point["schools"])), default=0)
    for point in points:
        _point(canvas, axes, point, words)
        _below(canvas, axes, point, most, words)
    _names(canvas, axes, words)
    return canvas


def _ground(canvas: Canvas, axes: Axes, marks: tuple[float, ...], words: Words) -> None:
    right = axes.get_xlim()[1]
    axes.add_patch(
        Rectangle(
            (-0.5, marks[0]),
            right + 0.5,
            marks[-1] - marks[0],
            facecolor=ROLES["treated-ground"],
            linewidth=0,
            alpha=0.55,
            zorder=0,
        )
    )
    for mark in marks:
        zero = mark == 0
        axes.axhline(mark, color=ROLES["text" if zero else "lines"], linewidth=1.5 if zero else 1, zorder=1)
        canvas.write(
            axes,
            axes.get_xlim()[0] - 0.12,
            mark,
            signed(mark, words.language, decimals=decimals_of(marks)),
            align="right",
            size=12,
        )
    canvas.write(canvas.sheet, LEFT, 10, words.say("figure.event_axis"), role="text-notes")
    canvas.write(axes, -0.62, marks[-1], words.say("figure.before"), weight=600, align="right", vertical="bottom")
    canvas.write(axes, -0.4, marks[-1], words.say("figure.after"), weight=600, role="text", vertical="bottom")


def _point(canvas: Canvas, axes: Axes, point: dict[Any, Any], words: Words) -> None:
    time, value = int(point["relative"]), point["value"]
    if not known(value):
        if time != REFERENCE:
            canvas.write(
                axes, time, 0, words.say("figure.protected"), role="text-notes", size=11, align="center", halo=True
            )
            return
        value = 0.0
    role = "treated" if time >= 0 else "text-second"
    if time == REFERENCE:
        _reference(canvas, axes, words)
        return
    for low, high, width in (("band_low", "band_high", 1.2), ("low", "high", 5.0)):
        if known(point[low]) and known(point[high]):
            bounds = [max(float(point[low]), axes.get_ylim()[0]), min(float(point[high]), axes.get_ylim()[1])]
            axes.plot([time, time], bounds, color=ROLES[role], linewidth=width, solid_capstyle="butt", zorder=4)
    axes.plot(
        [time],
        [value],
        "o",
        markersize=11,
        markerfacecolor=ROLES[role],
        markeredgecolor=ROLES["paper"],
        markeredgewidth=2,
        zorder=6,
    )


def _reference(canvas: Canvas, axes: Axes, words: Words) -> None:
    low, high = axes.get_ylim()
    foot = low + (high - low) * 0.13
    axes.plot(
        [REFERENCE, REFERENCE - 0.25], [0, foot + (high - low) * 0.04], color=ROLES["text-notes"], linewidth=1, zorder=2
    )
    axes.plot(
        [REFERENCE], [0], "o", markersize=10, markerfacecolor=ROLES["paper"], markeredgecolor=ROLES["text-second"],
        markeredgewidth=2, zorder=6,
    )  # fmt: skip
    text = words.say("figure.reference_term")
    canvas.write(axes, REFERENCE + 0.42, foot, text, role="text-notes", align="right", halo=True)


def _below(canvas: Canvas, axes: Axes, point: dict[Any, Any], most: int, words: Words) -> None:
    time = int(point["relative"])
    place = float(canvas.sheet.transData.inverted().transform(axes.transData.transform((time, 0)))[0])
    canvas.write(
        canvas.sheet, place, TOP + PLOT + 18, signed(time, words.language, decimals=0), align="center", size=12
    )
    schools = point["schools"]
    if known(schools):
        fewer = int(schools) < most
        canvas.write(
            canvas.sheet,
            place,
            TOP + PLOT + 42,
            number(float(schools), words.language),
            align="center",
            size=12,
            role="treated" if fewer else "text-second",
            weight=700 if fewer else 400,
        )


def _names(canvas: Canvas, axes: Axes, words: Words) -> None:
    canvas.write(
        canvas.sheet,
        LEFT - 6,
        TOP + PLOT + 42,
        words.say("figure.schools_row"),
        role="text-notes",
        size=12,
        align="right",
    )
    middle = LEFT + (canvas.width - LEFT - RIGHT) / 2
    canvas.write(
        canvas.sheet, middle, TOP + PLOT + 68, words.say("figure.terms_from_first"), role="text-notes", align="center"
    )

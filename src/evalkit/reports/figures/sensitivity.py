"""How far the schools may have parted ways anyway before the conclusion falls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes

from evalkit.reports.figures.canvas import Align, Canvas, blank
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.figures.scale import decimals_of, number_in, steps
from evalkit.reports.labels import Words
from evalkit.reports.numbers import number, signed
from evalkit.values import Curve

LEFT, RIGHT, TOP, PLOT, FOOT, BETWEEN, ROOM = 48.0, 8.0, 52.0, 170.0, 58.0, 60.0, 0.6
SIDE_BY_SIDE, LEAST_BOUND = 500.0, 0.01
RESTRICTIONS = ("relative", "smooth")
Holds = Literal["all", "to", "never", "open", "unknown"]


@dataclass(frozen=True)
class Bounded:
    """The interval when deviations up to a bound are allowed; NaN where protected, infinite where open."""

    bound: float
    low: float
    high: float

    @property
    def hidden(self) -> bool:
        """Whether the interval is protected."""
        return math.isnan(self.low) or math.isnan(self.high)

    @property
    def apart(self) -> bool:
        """Whether the interval lies on one side of zero and does not touch it."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Breakdown:
    """Up to which bound a conclusion holds: all tried, to one, none; or no interval has an end, or one is hidden."""

    holds: Holds
    bound: float


def intervals_in(curve: Curve) -> dict[str, tuple[Bounded, ...]]:
    """Return the intervals of each restriction that the curve has, in the order of their bounds."""
    scale = 100.0 if curve.unit == "share" else 1.0
    found: dict[str, tuple[Bounded, ...]] = {}
    for restriction in RESTRICTIONS:
        points = curve.frame[curve.frame["restriction"] == restriction].sort_values("bound").to_dict("records")
        read = []
        for point in points:
            low, high = (scale * number_in(point[end]) for end in ("low", "high"))
            bound = float(point["bound"]) * (scale if restriction == "smooth" else 1.0)
            read.append(Bounded(bound, low, high))
        if read:
            found[restriction] = tuple(read)
    return found


def breakdown_of(curve: Curve, restriction: str) -> Breakdown:
    """Return up to which bound the interval keeps off zero: as the curve states it, else the last one tried that does.

    A protected interval on the way makes the answer unknown: what comes after it cannot be told from what is shown.
    """
    stated, held = number_in(curve.detail(f"breakdown_{restriction}")), math.nan
    stated *= 100.0 if restriction == "smooth" and curve.unit == "share" else 1.0
    for one in intervals_in(curve).get(restriction, ()):
        if one.hidden:
            return Breakdown("unknown", held)
        if not one.apart:
            if math.isinf(one.low) and math.isinf(one.high) and math.isnan(held):
                return Breakdown("open", held)
            found = stated if math.isfinite(stated) else held
            return Breakdown("never" if math.isnan(held) else "to", found)
        held = one.bound
    if math.isnan(held):
        return Breakdown("unknown", held)
    return Breakdown("to", stated) if math.isfinite(stated) else Breakdown("all", held)


def written_bound(bound: float, words: Words) -> str:
    """Write a bound; never rounded up, for the conclusion must hold at what is written."""
    decimals = 1 if bound >= 0.1 or bound == 0 else 2
    return number(math.floor(bound * 10**decimals + 1e-9) / 10**decimals, words.language, decimals=decimals)


def draw_sensitivity(curve: Curve, words: Words, *, width: float) -> Canvas:
    """Draw how an interval grows with the deviations allowed.

    Parameters
    ----------
    curve
        Kind ``"sensitivity"``, protected.
    words
        Language of labels and numbers.
    width
        In pixels.

    Returns
    -------
    Canvas
        As wide as asked: a panel a restriction, beside each other where there is room. Solid lines keep off zero,
        dashed ones cover it; the last bound at which the conclusion holds is marked.
    """
    panels = intervals_in(curve)
    beside = width >= SIDE_BY_SIDE and len(panels) > 1
    down = 1 if beside else len(panels)
    each = TOP + PLOT + FOOT
    canvas = blank(each * down, width=width)
    room = (width - LEFT - RIGHT - (BETWEEN if beside else 0)) / (2 if beside else 1)
    marks = _marks(panels)
    for place, (restriction, intervals) in enumerate(panels.items()):
        left = LEFT + (place * (room + BETWEEN) if beside else 0)
        top = TOP + (0 if beside else place * each)
        axes = canvas.panel(left, top, room, PLOT)
        _ground(canvas, axes, intervals, marks, words)
        _names(canvas, axes, restriction, (left, top, room), words)
        for one in intervals:
            _interval(canvas, axes, one)
        _breakdown(canvas, axes, breakdown_of(curve, restriction), words)
    return canvas


def _marks(panels: dict[str, tuple[Bounded, ...]]) -> tuple[float, ...]:
    """Return marks that hold zero, every interval up to the first that covers it, and some of the wider ones."""
    least, most = [0.0], [0.0]
    for intervals in panels.values():
        first = next((place for place, one in enumerate(intervals) if not one.apart), len(intervals))
        for one in intervals[: first + 2]:
            least += [one.low] if math.isfinite(one.low) else []
            most += [one.high] if math.isfinite(one.high) else []
    if min(least) == max(most):
        return steps(-1.0, 1.0)
    return steps(min(least), max(most), most=7)


def _ground(canvas: Canvas, axes: Axes, intervals: Sequence[Bounded], marks: tuple[float, ...], words: Words) -> None:
    last = max(one.bound for one in intervals)
    space = 0.08 * (last or 1.0)
    axes.set_xlim(-space, last + space)
    axes.set_ylim(marks[0], marks[-1])
    for mark in marks:
        zero = mark == 0
        axes.axhline(mark, color=ROLES["text" if zero else "lines"], linewidth=1.5 if zero else 1, zorder=1)
        text = signed(mark, words.language, decimals=decimals_of(marks))
        canvas.write(axes, -space * 1.5, mark, text, align="right", size=12)
    below = marks[0] - (marks[-1] - marks[0]) * 16 / PLOT
    scale = [mark for mark in steps(0.0, last or 1.0, most=5) if mark <= last + 1e-9]
    for mark in scale:
        text = number(mark, words.language, decimals=decimals_of(scale))
        canvas.write(axes, mark, below, text, align="center", size=12)


def _names(canvas: Canvas, axes: Axes, restriction: str, place: tuple[float, float, float], words: Words) -> None:
    left, top, room = place
    text = words.say(f"figure.{restriction}_panel")
    canvas.write(canvas.sheet, left, top - 40, text, role="text", weight=600)
    axis = words.say(f"figure.{restriction}_axis")
    canvas.write(canvas.sheet, left + room / 2, top + PLOT + 38, axis, role="text-notes", align="center", size=12)


def _interval(canvas: Canvas, axes: Axes, one: Bounded) -> None:
    low, high = axes.get_ylim()
    if one.hidden:
        canvas.write(axes, one.bound, 0, "..", role="text", weight=600, align="center", halo=True)
        return
    role = "main" if one.apart else "text-second"
    ends = [min(max(end, low), high) for end in (one.low, one.high)]
    dash = "-" if one.apart else (0, (2, 1.4))
    axes.plot(
        [one.bound] * 2, ends, color=ROLES[role], linewidth=5 if one.apart else 3, linestyle=dash,
        solid_capstyle="butt", dash_capstyle="butt", zorder=4,
    )  # fmt: skip
    for end, edge, marker in ((one.low, low, "v"), (one.high, high, "^")):
        if not low <= end <= high:
            axes.plot([one.bound], [edge], marker, color=ROLES[role], markersize=7, zorder=5, clip_on=False)


def _breakdown(canvas: Canvas, axes: Axes, found: Breakdown, words: Words) -> None:
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    above = high + (high - low) * 14 / PLOT
    if found.holds in {"unknown", "open", "never"}:
        text = words.say("figure.no_start") if found.holds == "never" else ""
        canvas.write(axes, left, above, text, size=12)
        return
    at_zero = "figure.holds_at_zero" if found.bound < LEAST_BOUND else "figure.holds_to"
    text = words.say(
        "figure.holds_all" if found.holds == "all" else at_zero, {"bound": written_bound(found.bound, words)}
    )
    place = min(found.bound, right)
    if found.holds == "to" and found.bound <= right:
        axes.plot(
            [found.bound] * 2, [low, high], color=ROLES["text"], linewidth=2, linestyle=(0, (4, 2)), zorder=3,
            clip_on=False,
        )  # fmt: skip
    share = (place - left) / (right - left)
    align: Align = "left" if share < 0.3 else "right" if share > 0.7 else "center"
    canvas.write(axes, place, above, text, role="text", weight=600, align=align)

"""How often each interval is wrong where there is nothing to find: on the study's own untreated schools."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.reports.figures.canvas import Canvas
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.figures.rows import Row, draw_dot, lay_rows
from evalkit.reports.figures.scale import decimals_of, known, number_in, steps
from evalkit.reports.labels import Words, lower_first
from evalkit.reports.numbers import number, percent
from evalkit.values import Curve

LEAST_SHOWN, NOT_TRIED, ERRORS = 0.1, ".", 1.96


@dataclass(frozen=True)
class Trial:
    """How one method's interval did on schools without treatment; NaN where it could not be tried, or has no end."""

    method: str
    size: float
    width: float
    placebos: int
    headline: bool
    offered: bool


def trials_in(curve: Curve) -> tuple[Trial, ...]:
    """Return the trials: the method used, then the others offered, then those not used; the least often wrong first."""
    scale = 100.0 if curve.unit == "share" else 1.0
    found = []
    for point in curve.frame.to_dict("records"):
        size, width = (number_in(point[name]) for name in ("size", "width"))
        trials = int(point["placebos"]) if known(point["placebos"]) else 0
        flags = {name: bool(point[name] == 1) for name in ("headline", "offered")}
        found.append(Trial(str(point["method"]), size, scale * width, trials, **flags))
    return tuple(sorted(found, key=_order))


def _order(one: Trial) -> tuple[bool, bool, float]:
    return not one.headline, not one.offered, one.size if math.isfinite(one.size) else math.inf


def nominal_in(curve: Curve) -> float:
    """Return how often an interval is meant to be wrong."""
    level = curve.detail("level")
    return 1 - float(level) if isinstance(level, int | float) else 0.05


def chance_in(curve: Curve) -> tuple[float, float]:
    """Return between which shares chance alone may put a method that is wrong as often as intended, 19 times in 20."""
    nominal, error = nominal_in(curve), number_in(curve.detail("error"))
    if math.isnan(error):
        return nominal, nominal
    return max(nominal - ERRORS * error, 0.0), nominal + ERRORS * error


def draw_placebo_size(curve: Curve, words: Words, *, width: float) -> Canvas:
    """Draw how often each interval is wrong.

    Parameters
    ----------
    curve
        Kind ``"placebo_size"``.
    words
        Language of labels and numbers.
    width
        In pixels.

    Returns
    -------
    Canvas
        As wide as asked: a dot a method against the line of what is intended, in the field of what chance may give;
        hollow for methods not used.
    """
    trials, nominal = trials_in(curve), nominal_in(curve)
    largest = [one.size for one in trials if math.isfinite(one.size)]
    marks = steps(0.0, max(*largest, *chance_in(curve), LEAST_SHOWN), most=6 if width > 600 else 4)
    laid = lay_rows(
        [_row(place, trials, curve, words) for place in range(len(trials))],
        (words.say("figure.wrong"), words.say("figure.breadth")),
        marks=[(mark, percent(mark, words.language, decimals=max(decimals_of(marks) - 2, 0))) for mark in marks],
        axis=words.say("figure.size_axis"),
        width=width,
    )
    laid.field(*chance_in(curve), role="empty")
    laid.upright(nominal, role="text", width=2, dash=True)
    text = words.say("figure.nominal", {"share": percent(nominal, words.language, decimals=0)})
    laid.above(nominal, text, role="text")
    for one, middle in zip(trials, laid.middles, strict=True):
        role = "main" if one.headline else "text-second"
        if math.isfinite(one.size):
            laid.axes.plot([nominal, one.size], [middle] * 2, color=ROLES[role], linewidth=2, zorder=3)
        draw_dot(laid.axes, middle, one.size, role=role, size=14 if one.headline else 10, filled=one.offered)
    return laid.canvas


def _row(place: int, trials: Sequence[Trial], curve: Curve, words: Words) -> Row:
    one = trials[place]
    if math.isfinite(one.size):
        wide = number(one.width, words.language, decimals=1) if math.isfinite(one.width) else words.say("figure.open")
        cells = (percent(one.size, words.language), wide)
    else:
        cells = (NOT_TRIED, NOT_TRIED)
    above = ""
    if not one.offered and not one.headline and (place == 0 or trials[place - 1].offered or trials[place - 1].headline):
        above = words.say("figure.not_used")
    label, reason = words.name("method", one.method), words.say("figure.usable") if one.offered else ""
    if one.headline:
        rule = words.name("method", str(curve.detail("rule") or ""))
        label, reason = words.say("figure.headline_method"), words.say("figure.used_now", {"rule": lower_first(rule)})
    return Row(label, reason, cells, strong=one.headline, above=above)

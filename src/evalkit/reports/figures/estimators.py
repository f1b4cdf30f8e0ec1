"""One question answered in several ways, a row each, beside the interval of the headline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.reports.figures.canvas import Canvas
from evalkit.reports.figures.rows import Row, draw_dot, draw_span, lay_rows
from evalkit.reports.figures.scale import decimals_of, number_in, steps
from evalkit.reports.labels import Words
from evalkit.reports.numbers import decimals_for, signed, span
from evalkit.values import Curve

ROOM = 0.6


@dataclass(frozen=True)
class Answer:
    """What one way to compute it gives, in the unit shown; NaN where protected, or where no interval is valid."""

    method: str
    value: float
    low: float
    high: float
    headline: bool

    @property
    def hidden(self) -> bool:
        """Whether the answer is protected."""
        return math.isnan(self.value)

    @property
    def bounded(self) -> bool:
        """Whether there is a valid interval; its ends may be open."""
        return not (math.isnan(self.low) or math.isnan(self.high))


def answers_in(curve: Curve) -> tuple[Answer, ...]:
    """Return the answers: the headline first, then those with an interval, then those without."""
    scale = 100.0 if curve.unit == "share" else 1.0
    points = curve.frame.to_dict("records")
    found = []
    for point in points:
        value, low, high = (scale * number_in(point[name]) for name in ("value", "low", "high"))
        found.append(Answer(str(point["method"]), value, low, high, headline=point["headline"] == 1))
    return tuple(sorted(found, key=lambda one: (not one.headline, not (one.bounded or one.hidden), one.hidden)))


def shown_unit(unit: str) -> str:
    """Return the unit in which a number of a unit is shown: shares are compared in percentage points."""
    return "percentage_points" if unit == "share" else unit


def written_ends(low: float, high: float, decimals: int, words: Words) -> str:
    """Write an interval whose ends may be open; nothing where there is none."""
    if math.isnan(low) or math.isnan(high):
        return ""
    if math.isfinite(low) and math.isfinite(high):
        return span(low, high, words.language, decimals=decimals)
    facts = {
        name: signed(end, words.language, decimals=decimals) if math.isfinite(end) else ""
        for name, end in (("low", low), ("high", high))
    }
    key = "figure.open_up" if math.isfinite(low) else "figure.open_down" if math.isfinite(high) else "figure.open_both"
    return words.say(key, facts)


def written_cells(value: float, ends: tuple[float, float], decimals: int, words: Words) -> tuple[str, str]:
    """Write a value and its interval; two dots where they are protected."""
    if math.isnan(value):
        return "..", ""
    return signed(value, words.language, decimals=decimals), written_ends(*ends, decimals, words)


def decimals_in(numbers: Sequence[float]) -> int:
    """Return the decimals of a figure's numbers; none that is not zero is written as zero."""
    return decimals_for(*(number for number in numbers if math.isfinite(number)), most=2)


def draw_estimators(curve: Curve, words: Words, *, width: float) -> Canvas:
    """Draw several estimators of one effect.

    Parameters
    ----------
    curve
        Kind ``"estimators"``, protected.
    words
        Language of labels and numbers.
    width
        In pixels.

    Returns
    -------
    Canvas
        As wide as asked; the headline's interval is a field behind all rows.
    """
    answers = answers_in(curve)
    decimals = decimals_in([number for one in answers for number in (one.value, one.low, one.high)])
    marks = _marks(answers, most=7 if width > 600 else 5)
    unit = words.count(f"unit.{shown_unit(curve.unit)}", 2)
    laid = lay_rows(
        [_row(place, answers, decimals, curve, words) for place in range(len(answers))],
        (words.say("figure.difference"), words.say("figure.interval")),
        marks=[(mark, signed(mark, words.language, decimals=decimals_of(marks))) for mark in marks],
        axis=words.say("figure.difference_axis", {"unit": unit}),
        width=width,
    )
    first = answers[0]
    if first.headline and first.bounded and not first.hidden:
        laid.field(first.low, first.high, role="main-band")
    laid.upright(0, role="text", width=1.5)
    for one, middle in zip(answers, laid.middles, strict=True):
        role = "main" if one.headline else "text-second"
        if one.bounded and not one.hidden:
            draw_span(laid.axes, middle, (one.low, one.high), role=role, thick=5 if one.headline else 2)
        draw_dot(laid.axes, middle, one.value, role=role, size=13 if one.headline else 9, filled=one.bounded)
    return laid.canvas


def _row(place: int, answers: Sequence[Answer], decimals: int, curve: Curve, words: Words) -> Row:
    one = answers[place]
    group, before = _group(one), _group(answers[place - 1]) if place else ""
    return Row(
        label=words.name("method", one.method),
        reason=_reason(one, answers[0], decimals, curve, words),
        cells=written_cells(one.value, (one.low, one.high), decimals, words),
        strong=one.headline,
        above=words.say(group) if group not in {"", before} else "",
    )


def _reason(one: Answer, first: Answer, decimals: int, curve: Curve, words: Words) -> str:
    """Return why an answer differs from the headline where it does and the curve tells, else what the method does."""
    cause, why = f"cause.{curve.detail(f'cause_{one.method}')}", f"method.{one.method}.why"
    if words.has(cause) and not one.hidden:
        alike = first.headline and round(one.value - first.value, decimals) == 0
        return words.say("cause.none" if alike else cause)
    return words.say(why) if words.has(why) else ""


def _group(one: Answer) -> str:
    if one.headline:
        return ""
    return "figure.other_ways" if one.bounded or one.hidden else "figure.without_interval"


def _marks(answers: Sequence[Answer], most: int) -> tuple[float, ...]:
    """Return marks that hold zero, all values and the headline's interval; wider intervals leave the picture."""
    ends = [0.0] + [one.value for one in answers if not one.hidden]
    ends += [end for one in answers if one.headline for end in (one.low, one.high) if math.isfinite(end)]
    low, high = min(ends), max(ends)
    room = ROOM * (high - low) or 1.0
    others = [end for one in answers for end in (one.low, one.high) if math.isfinite(end)]
    low, high = (
        min([low, *(max(end, low - room) for end in others)]),
        max([high, *(min(e, high + room) for e in others)]),
    )
    return steps(low, high, most=most)

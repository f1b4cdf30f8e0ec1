"""Several outcomes of the same schools, a row each, with what chance gives alone and over all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.reports.figures.canvas import Canvas
from evalkit.reports.figures.estimators import decimals_in, shown_unit, written_cells
from evalkit.reports.figures.rows import Row, draw_dot, draw_span, lay_rows
from evalkit.reports.figures.scale import decimals_of, number_in, steps
from evalkit.reports.labels import Words, upper_first
from evalkit.reports.numbers import number, signed
from evalkit.values import Curve

OPEN = 1.15


@dataclass(frozen=True)
class Member:
    """One outcome of a family, in the unit shown; NaN where protected."""

    outcome: str
    unit: str
    value: float
    low: float
    high: float
    p: float
    adjusted: float

    @property
    def hidden(self) -> bool:
        """Whether the outcome is protected."""
        return math.isnan(self.value)

    @property
    def reach(self) -> float:
        """How far from zero value and finite ends go."""
        return max((abs(end) for end in (self.value, self.low, self.high) if math.isfinite(end)), default=0.0) or 1.0


def members_in(curve: Curve) -> tuple[Member, ...]:
    """Return the outcomes in the study's order."""
    found = []
    for point in curve.frame.to_dict("records"):
        unit = str(point["unit"])
        scale = 100.0 if unit == "share" else 1.0
        value, low, high = (scale * number_in(point[name]) for name in ("value", "low", "high"))
        p, adjusted = (number_in(point[name]) for name in ("p", "p_adjusted"))
        found.append(Member(str(point["outcome"]), shown_unit(unit), value, low, high, p, adjusted))
    return tuple(found)


def largest_p(curve: Curve) -> float:
    """Return the p under which a difference counts as clear."""
    level = curve.detail("level")
    return 1 - float(level) if isinstance(level, int | float) else 0.05


def chance_words(one: Member, outcomes: int, words: Words) -> str:
    """Return in how many cases of a hundred chance gives as much: for one outcome, and over all; empty if not known."""
    if math.isnan(one.p):
        return ""
    facts = {"p": _cases(one.p, words), "adjusted": ""}
    if outcomes < 2 or math.isnan(one.adjusted):
        return words.say("family.why.single", facts)
    key = "family.why.both" if outcomes == 2 else "family.why"
    return words.say(key, facts | {"adjusted": _cases(one.adjusted, words)})


def _cases(p: float, words: Words) -> str:
    return words.say("family.under_one") if p < 0.005 else number(100 * p, words.language)


def draw_family(curve: Curve, words: Words, *, width: float) -> Canvas:
    """Draw several outcomes.

    Parameters
    ----------
    curve
        Kind ``"family"``, protected.
    words
        Language of labels and numbers.
    width
        In pixels.

    Returns
    -------
    Canvas
        As wide as asked; outcomes in different units get a scale each, and no marks.
    """
    members = members_in(curve)
    shared = len({one.unit for one in members}) == 1
    marks = _marks(members, most=7 if width > 600 else 5) if shared else (-OPEN, 0.0, OPEN)
    laid = lay_rows(
        [_row(one, len(members), words) for one in members],
        (words.say("figure.difference"), words.say("figure.interval")),
        marks=[(mark, _mark(mark, marks, words) if shared else "") for mark in marks],
        axis=_axis(members[0].unit if shared else "", words),
        width=width,
    )
    laid.upright(0, role="text", width=1.5)
    for one, middle in zip(members, laid.middles, strict=True):
        clear = one.adjusted <= largest_p(curve)
        role, scale = "main" if clear else "text-second", 1.0 if shared else one.reach
        if not (one.hidden or math.isnan(one.low) or math.isnan(one.high)):
            draw_span(laid.axes, middle, (one.low / scale, one.high / scale), role=role, thick=4 if clear else 2)
        draw_dot(laid.axes, middle, one.value / scale, role=role, size=11, filled=clear)
    return laid.canvas


def _mark(mark: float, marks: Sequence[float], words: Words) -> str:
    return signed(mark, words.language, decimals=decimals_of(marks))


def _axis(unit: str, words: Words) -> str:
    if not unit:
        return words.say("figure.own_scales")
    return words.say("figure.difference_axis", {"unit": words.count(f"unit.{unit}", 2)})


def _row(one: Member, outcomes: int, words: Words) -> Row:
    decimals = decimals_in([one.value, one.low, one.high])
    cells = written_cells(one.value, (one.low, one.high), decimals, words)
    label = upper_first(words.name("outcome", one.outcome))
    return Row(label, "" if one.hidden else chance_words(one, outcomes, words), cells)


def _marks(members: Sequence[Member], most: int) -> tuple[float, ...]:
    ends = [0.0]
    ends += [end for one in members for end in (one.value, one.low, one.high) if math.isfinite(end)]
    return steps(min(ends), max(ends), most=most)

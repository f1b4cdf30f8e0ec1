"""From the first candidates to those who are studied: one bar a step, the excluded in another colour."""

from __future__ import annotations

from itertools import accumulate

from evalkit.reports.figures.canvas import Canvas, blank, breadth, lines_of
from evalkit.reports.labels import Words, upper_first
from evalkit.reports.numbers import number, percent, signed
from evalkit.values import Flow, FlowStep

BASE = 5
STEP, BAR, LINE, ROOM = 68.0, 30.0, 19.0, 250.0


def rounded(persons: int) -> int:
    """Return a count rounded to the nearest five, so that steps cannot be subtracted to a person."""
    return int(BASE * round(persons / BASE))


def draw_flow(flow: Flow, words: Words, *, width: float) -> Canvas:
    """Draw the flow of a cohort.

    Parameters
    ----------
    flow
        Protected; counts are rounded to five here as well.
    words
        Language of labels and numbers.
    width
        In pixels.

    Returns
    -------
    Canvas
        As wide as asked.
    """
    labels = [_label(step, words, width, last=step is flow.steps[-1]) for step in flow.steps]
    tops = list(accumulate((STEP + LINE * (len(lines) - 1) for lines in labels), initial=0.0))
    canvas = blank(tops[-1] + 4, width=width)
    counts = [rounded(step.persons) for step in flow.steps]
    scale = (canvas.width - ROOM) / max(counts[0], 1)
    for place, (lines, count) in enumerate(zip(labels, counts, strict=True)):
        last = place == len(counts) - 1 and place > 0
        for row, line in enumerate(lines):
            y = tops[place] + 10 + LINE * row
            canvas.write(canvas.sheet, 0, y, line, role="text", size=14, weight=600 if last else 400)
        top = tops[place] + 24 + LINE * (len(lines) - 1)
        canvas.box(0, top, count * scale, BAR, role="main" if last else "amount-3")
        text = words.count("figure.pupils", count, {"n": number(count, words.language)})
        ink = "paper" if last else "text"
        canvas.write(canvas.sheet, 8, top + BAR / 2, text, role=ink, size=14, weight=600)
        if last:
            left = 8 + breadth(text, size=14, weight=600)
            _included(canvas, counts[-1] / max(counts[0], 1), (left, count * scale), top, words=words)
        if place:
            ends = (count * scale, counts[place - 1] * scale)
            _excluded(canvas, counts[place - 1] - count, ends, top, words=words)
    return canvas


def _label(step: FlowStep, words: Words, width: float, *, last: bool) -> tuple[str, ...]:
    """Return the step's name on as many lines as it needs."""
    text = upper_first(step.sv if words.language == "sv" else step.en)
    return lines_of(text, width, size=14, weight=600 if last else 400)


def _included(canvas: Canvas, share: float, room: tuple[float, float], top: float, *, words: Words) -> None:
    """Say within the last bar how much of the first it is, where the room between text and end allows."""
    left, right = room
    said = words.say("figure.included", {"share": percent(share, words.language, decimals=0)})
    if right - left > breadth(said) + 32:
        canvas.write(canvas.sheet, right - 8, top + BAR / 2, said, role="paper", align="right")


def _excluded(canvas: Canvas, gone: int, ends: tuple[float, float], top: float, *, words: Words) -> None:
    canvas.box(ends[0], top, ends[1] - ends[0], BAR, role="treated")
    text = (
        words.count("figure.pupils", gone, {"n": signed(-gone, words.language, decimals=0)})
        if gone
        else words.say("figure.none")
    )
    canvas.write(canvas.sheet, ends[1] + 10, top + BAR / 2, text, role="treated" if gone else "text-notes")

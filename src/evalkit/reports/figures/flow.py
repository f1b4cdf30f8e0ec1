"""From the first candidates to those who are studied: one bar a step, the excluded in another colour."""

from __future__ import annotations

from evalkit.reports.figures.canvas import WIDTH, Canvas, Picture, blank, breadth
from evalkit.reports.labels import Words
from evalkit.reports.numbers import number, percent, signed
from evalkit.values import Flow

BASE = 5
STEP, BAR, ROOM = 68.0, 30.0, 250.0


def rounded(persons: int) -> int:
    """Return a count rounded to the nearest five, so that steps cannot be subtracted to a person."""
    return int(BASE * round(persons / BASE))


def draw_flow(flow: Flow, words: Words) -> Picture:
    """Draw the flow of a cohort.

    Parameters
    ----------
    flow
        Protected; counts are rounded to five here as well.
    words
        Language of labels and numbers.

    Returns
    -------
    Picture
        720 pixels wide.
    """
    canvas = blank(STEP * len(flow.steps) + 4)
    counts = [rounded(step.persons) for step in flow.steps]
    scale = (WIDTH - ROOM) / max(counts[0], 1)
    for place, (step, count) in enumerate(zip(flow.steps, counts, strict=True)):
        last = place == len(counts) - 1 and place > 0
        top = STEP * place + 24
        label = step.sv if words.language == "sv" else step.en
        canvas.write(
            canvas.sheet, 0, top - 14, label[:1].upper() + label[1:], role="text", size=14, weight=600 if last else 400
        )
        canvas.box(0, top, count * scale, BAR, role="main" if last else "amount-3")
        text = words.count("figure.pupils", count, {"n": number(count, words.language)})
        ink = "paper" if last else "text"
        canvas.write(canvas.sheet, 8, top + BAR / 2, text, role=ink, size=14, weight=600)
        if last:
            _included(canvas, counts, count * scale, top, text, words)
        if place:
            _excluded(canvas, counts[place - 1] - count, count * scale, scale, top, words)
    return canvas.finish()


def _included(canvas: Canvas, counts: list[int], right: float, top: float, text: str, words: Words) -> None:
    share = percent(counts[-1] / max(counts[0], 1), words.language, decimals=0)
    said = words.say("figure.included", {"share": share})
    if right - 16 > breadth(text, size=14, weight=600) + breadth(said) + 16:
        canvas.write(canvas.sheet, right - 8, top + BAR / 2, said, role="paper", align="right")


def _excluded(canvas: Canvas, gone: int, right: float, scale: float, top: float, words: Words) -> None:
    canvas.box(right, top, gone * scale, BAR, role="treated")
    text = words.count("figure.pupils", gone, {"n": signed(-gone, words.language, decimals=0)}) if gone else words.say("figure.none")
    canvas.write(canvas.sheet, right + gone * scale + 10, top + BAR / 2, text, role="treated" if gone else "text-notes")

"""Shares as people: so many of a hundred, then and now."""

from __future__ import annotations

from evalkit.reports.figures.canvas import Canvas, Picture, blank
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.labels import Words
from evalkit.reports.numbers import number

COLUMNS, ROWS, STEP, LEFT = 20, 5, 16.0, 116.0


def draw_dots(pairs: tuple[tuple[str, float], ...], words: Words, *, width: float) -> Picture:
    """Draw shares as dots of a hundred.

    Parameters
    ----------
    pairs
        Label and share (0-1), from above; the last is the one talked about.
    words
        Language of labels and numbers.
    width
        In pixels, at least 440.

    Returns
    -------
    Picture
        As wide as asked.
    """
    canvas = blank(len(pairs) * 104.0, width=width)
    for place, (label, share) in enumerate(pairs):
        last = place == len(pairs) - 1
        _hundred(canvas, 104.0 * place + 12, label, round(100 * share), "main" if last else "text-second", words)
    return canvas.finish()


def _hundred(canvas: Canvas, top: float, label: str, filled: int, role: str, words: Words) -> None:
    of = words.say("figure.of_hundred")
    canvas.write(canvas.sheet, 0, top + 22, number(filled, words.language), role=role, size=30, weight=700)
    canvas.write(canvas.sheet, 46, top + 26, of)
    canvas.write(canvas.sheet, 0, top + 58, label)
    for dot in range(COLUMNS * ROWS):
        column, row = divmod(dot, ROWS)
        colour = ROLES[role if dot < filled else "empty"]
        canvas.sheet.plot([LEFT + column * STEP + 6], [top + row * STEP + 6], "o", color=colour, markersize=11, markeredgewidth=0)

"""Shares as people: so many of a hundred, then and now."""

from __future__ import annotations

from evalkit.reports.figures.canvas import Canvas, blank
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.labels import Words
from evalkit.reports.numbers import number

COLUMNS, ROWS, LARGEST, LEFT = 20, 5, 16.0, 116.0


def draw_dots(pairs: tuple[tuple[str, float], ...], words: Words, *, width: float) -> Canvas:
    """Draw shares as dots of a hundred.

    Parameters
    ----------
    pairs
        Label and share (0-1), from above; the last is the one talked about.
    words
        Language of labels and numbers.
    width
        In pixels, at least 320.

    Returns
    -------
    Canvas
        As wide as asked.
    """
    canvas = blank(len(pairs) * 104.0, width=width)
    for place, pair in enumerate(pairs):
        last = place == len(pairs) - 1
        _hundred(canvas, 104.0 * place + 12, pair, "main" if last else "text-second", words)
    return canvas


def _hundred(canvas: Canvas, top: float, pair: tuple[str, float], role: str, words: Words) -> None:
    label, filled = pair[0], round(100 * pair[1])
    of = words.say("figure.of_hundred")
    canvas.write(canvas.sheet, 0, top + 22, number(filled, words.language), role=role, size=30, weight=700)
    canvas.write(canvas.sheet, 46, top + 26, of)
    canvas.write(canvas.sheet, 0, top + 58, label)
    step = min(LARGEST, (canvas.width - LEFT - 2) / COLUMNS)
    for dot in range(COLUMNS * ROWS):
        column, row = divmod(dot, ROWS)
        colour = ROLES[role if dot < filled else "empty"]
        canvas.sheet.plot(
            [LEFT + column * step + 6],
            [top + row * LARGEST + 6],
            "o",
            color=colour,
            markersize=min(11.0, step - 1.5),
            markeredgewidth=0,
        )

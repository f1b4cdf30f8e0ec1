"""Each picture is drawn for the width it is shown at: wider on the web than in print."""

from __future__ import annotations

from collections.abc import Callable

from evalkit.reports.figures.canvas import WIDTH, Canvas, Picture

PRINT = 520.0
CARD, CARD_PRINT = 440.0, 330.0


def picture(draw: Callable[[float], Canvas], *, page: float = WIDTH, paper: float = PRINT) -> Picture:
    """Draw a picture for the web and for print.

    Parameters
    ----------
    draw
        From a width in pixels to a drawing.
    page, paper
        Widths on the web and in print; the text of a narrower drawing is not set smaller than seven points in print.
    """
    printed = draw(paper).finish()
    return Picture(draw(page).finish().page, printed.svg, printed.png)

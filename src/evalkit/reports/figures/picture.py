"""Each picture is drawn for the width it is shown at: wider on the web than in print."""

from __future__ import annotations

from collections.abc import Callable

from evalkit.reports.figures.canvas import WIDTH, Canvas, Picture

PRINT, PHONE = 520.0, 335.0
CARD, CARD_PRINT = 440.0, 330.0


def picture(
    draw: Callable[[float], Canvas], *, page: float = WIDTH, paper: float = PRINT, phone: float | None = None
) -> Picture:
    """Draw a picture for the web and for print.

    Parameters
    ----------
    draw
        From a width in pixels to a drawing.
    page, paper
        Widths on the web and in print; the text of a narrower drawing is not set smaller than seven points in print.
    phone
        Width on a phone; None where the page's drawing is scrolled there.
    """
    printed = draw(paper).finish()
    narrow = draw(phone).finish().page if phone else ""
    return Picture(draw(page).finish().page, printed.svg, printed.png, narrow)

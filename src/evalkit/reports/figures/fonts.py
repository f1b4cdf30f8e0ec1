"""The typeface of every figure, registered by path so that a missing file fails and nothing is replaced in silence."""

from __future__ import annotations

from functools import cache

from matplotlib.font_manager import FontProperties

from evalkit.reports.locator import project_file

FAMILY = "Inter"
FILES = {400: "Inter-Regular.ttf", 600: "Inter-SemiBold.ttf", 700: "Inter-Bold.ttf"}


@cache
def typeface(weight: int, size: float) -> FontProperties:
    """Return one cut of the typeface.

    Parameters
    ----------
    weight
        400, 600 or 700.
    size
        In pixels of the figure.

    Raises
    ------
    RenderError
        If the file of that cut is missing.
    """
    path = project_file(f"reports/theme/fonts/{FILES[weight]}")
    return FontProperties(family=FAMILY, weight=weight, size=size, fname=str(path))

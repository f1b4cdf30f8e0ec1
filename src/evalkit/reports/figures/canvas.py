"""A sheet measured in the pixels it is shown at."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.textpath import TextPath

from evalkit.reports.figures.fonts import typeface
from evalkit.reports.figures.palette import ROLES, themed

PIXELS_PER_INCH = 72
WIDTH = 720.0
HALO = "halo"

Align = Literal["left", "center", "right"]
Vertical = Literal["top", "center", "baseline", "bottom"]


@dataclass(frozen=True)
class Picture:
    """One drawing in the forms that readers meet.

    Parameters
    ----------
    page
        SVG with the page's colour variables, for the web.
    svg
        SVG in plain colours, for print.
    png
        The same at twice its size, on white, for Word.
    phone
        As ``page``, drawn narrower for a phone; empty where the page's own is scrolled there.
    """

    page: str
    svg: str
    png: bytes
    phone: str = ""


@dataclass(frozen=True, eq=False)
class Canvas:
    """A sheet and its axes in pixels (origin at the top left)."""

    figure: Figure
    sheet: Axes
    width: float
    height: float

    def panel(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return axes for data in a part of the sheet, without frame, ticks or labels."""
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        axes = self.figure.add_axes(box)
        _bare(axes)
        return axes

    def write(
        self,
        axes: Axes,
        x: float,
        y: float,
        text: str,
        *,
        role: str = "text-second",
        size: float = 13,
        weight: int = 400,
        align: Align = "left",
        vertical: Vertical = "center",
        halo: bool = False,
    ) -> Text:
        """Write text at a place in the coordinates of ``axes``; a halo in the paper's colour parts it from lines."""
        return axes.text(
            x,
            y,
            text,
            color=ROLES[role],
            fontproperties=typeface(weight, size),
            ha=align,
            va=vertical,
            gid=HALO if halo else None,
            clip_on=False,
            parse_math=False,
            zorder=20,
        )

    def line(
        self,
        xs: tuple[float, float],
        ys: tuple[float, float],
        *,
        role: str = "lines",
        width: float = 1,
        dash: str = "-",
    ) -> None:
        """Draw one straight line on the sheet."""
        self.sheet.plot(
            xs, ys, color=ROLES[role], linewidth=width, linestyle=dash, solid_capstyle="butt", clip_on=False
        )

    def box(self, left: float, top: float, width: float, height: float, *, role: str) -> None:
        """Fill one rectangle on the sheet."""
        patch = Rectangle((left, top), width, height, facecolor=ROLES[role], edgecolor="none", linewidth=0, zorder=1)
        self.sheet.add_patch(patch)

    def finish(self) -> Picture:
        """Return the drawing in every form; the same drawing gives the same bytes."""
        FigureCanvasAgg(self.figure)
        vector, raster = io.StringIO(), io.BytesIO()
        with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "evalkit", "path.simplify": False}):
            self.figure.savefig(vector, format="svg", transparent=True, metadata=dict.fromkeys(_SILENT))
        # an effect would turn the text of the vector form into outlines
        for text in self.figure.findobj(Text):
            if text.get_gid() == HALO:
                text.set_path_effects([withStroke(linewidth=4, foreground=ROLES["paper"])])
        self.figure.savefig(
            raster, format="png", dpi=2 * PIXELS_PER_INCH, facecolor=ROLES["paper"], metadata={"Software": None}
        )
        svg = _tidy(vector.getvalue(), self.width, self.height)
        return Picture(themed(svg), svg, raster.getvalue())


_SILENT = ("Creator", "Date", "Format", "Type")


def blank(height: float, *, width: float = WIDTH) -> Canvas:
    """Return an empty sheet of so many pixels."""
    figure = Figure(figsize=(width / PIXELS_PER_INCH, height / PIXELS_PER_INCH), dpi=PIXELS_PER_INCH)
    sheet = figure.add_axes((0, 0, 1, 1))
    sheet.set_xlim(0, width)
    sheet.set_ylim(height, 0)
    _bare(sheet)
    return Canvas(figure, sheet, width, height)


@lru_cache(maxsize=1024)
def breadth(text: str, *, size: float = 13, weight: int = 400) -> float:
    """Return how many pixels a text takes."""
    if not text.strip():
        return 0.0
    outline = TextPath((0, 0), text, prop=typeface(weight, size), size=size)
    return float(outline.get_extents().width)


def lines_of(text: str, width: float, *, size: float = 13, weight: int = 400) -> tuple[str, ...]:
    """Return a text on as many lines as it needs in so many pixels; a word that is wider stands alone."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and breadth(longer, size=size, weight=weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines) if text else ()


def _bare(axes: Axes) -> None:
    axes.set_axis_off()
    axes.set_autoscale_on(False)
    axes.patch.set_visible(False)


def _tidy(svg: str, width: float, height: float) -> str:
    """Leave the drawing alone: no prologue, no machine's names, ids that do not clash with another picture's."""
    body = svg[svg.index("<svg") :]
    body = re.sub(
        r"<!--.*?-->|<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", "", body, flags=re.DOTALL
    )
    body = re.sub(r' transform="rotate\(-0 [^)]*\)"', "", body)
    body = re.sub(rf'<g id="{HALO}[^"]*">\s*<text style="', f'<g><text style="{_halo_style()}', body)
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    body = re.sub(r"<svg[^>]*>", "", body, count=1)
    mark = hashlib.sha256(body.encode()).hexdigest()[:8]
    body = re.sub(r'\bid="([^"]+)"', rf'id="f{mark}-\1"', body)
    body = re.sub(r'(url\(#|href="#)', rf"\g<1>f{mark}-", body)
    body = re.sub(r">\s+<", "><", body).replace(" \n", " ")
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" stroke-linejoin="round">'
    )
    return head + body.strip()


def _halo_style() -> str:
    return f"paint-order: stroke; stroke: {ROLES['paper']}; stroke-width: 4px; stroke-linejoin: round; "

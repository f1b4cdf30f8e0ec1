"""How persons divide over ordered bands: what a table says, and the bars."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from evalkit.errors import InputError
from evalkit.reports.figures.canvas import Canvas, blank
from evalkit.reports.figures.course import TIME_AXES, axis_of
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.labels import Words
from evalkit.reports.numbers import EN_DASH, percent
from evalkit.values import SUPPRESSED, Axis, Protected, Table

HIGH = 15.0
LEFT, TOP, FOOT, PLOT = 8.0, 54.0, 58.0, 200.0


@dataclass(frozen=True)
class Band:
    """One band of a distribution: bounds in percent, share 0-1 (NaN where protected), bands it was merged from."""

    low: float
    high: float
    share: float
    merged: int = 1

    @property
    def label(self) -> str:
        """Return the bounds as readers see them."""
        return f"{self.low:g}{EN_DASH}{self.high:g}"


@dataclass(frozen=True)
class Distribution:
    """Shares over bands, for one time or all together.

    Parameters
    ----------
    time
        Label of the time shown, empty if the table has none.
    axis
        Name of the banded axis.
    persons
        In all bands together, NaN where it is protected.
    bands
        In order.
    """

    time: str
    axis: str
    persons: float
    bands: tuple[Band, ...]

    def share_from(self, bound: float) -> float:
        """Return the share at or above a bound, NaN where a band of it is protected or the bound cuts a band."""
        above = [band for band in self.bands if band.high > bound]
        return math.nan if any(band.low < bound for band in above) else sum(band.share for band in above)


def distribution(protected: Protected) -> Distribution:
    """Read a protected table of counts over bands.

    Parameters
    ----------
    protected
        Holds a table with one axis of bands (levels like ``"5-10"``), and at most a time axis beside it; of several
        times the last autumn is read, else the last time.

    Raises
    ------
    InputError
        If the table has no axis of bands.
    """
    table = protected.value
    assert isinstance(table, Table)
    axis = next((axis for axis in table.axes if all(_bounds(level) for level in axis.levels)), None)
    count = next((column for column in table.columns if column.kind == "count" and column.shown), None)
    if axis is None or count is None:
        raise InputError(f"table {table.name!r} has no bands to draw", remedy="tabulate by a banded measure")
    rows = table.frame
    when = axis_of(table, TIME_AXES)
    time = ""
    if when is not None:
        there = [label for label in when.levels if label in set(rows[when.name])]
        time = next((label for label in reversed(there) if label.startswith("HT")), there[-1])
        rows = rows[rows[when.name] == time]
    counts = {level: float("nan") for level in axis.levels}
    counts |= {
        level: float(value)
        for level, value in zip(rows[axis.name], rows[count.name], strict=True)
        if not pd.isna(value)
    }
    hidden = {
        level
        for index, level in zip(rows.index, rows[axis.name], strict=True)
        if protected.marks.at[index, count.name] == SUPPRESSED
    }
    return Distribution(time, axis.name, *_banded(axis, counts, hidden))


def _bounds(level: str) -> tuple[float, float] | None:
    low, _, high = level.partition("-")
    try:
        return float(low), float(high)
    except ValueError:
        return None


def _banded(axis: Axis, counts: dict[str, float], hidden: set[str]) -> tuple[float, tuple[Band, ...]]:
    levels = [level for level in axis.levels if level in hidden or not math.isnan(counts[level])]
    known = sum(counts[level] for level in levels if level not in hidden)
    total = counts.get(axis.total or "", math.nan) if hidden else known
    rest = total - known
    places = [place for place, level in enumerate(levels) if level in hidden]
    neighbours = len(places) > 1 and places[-1] - places[0] == len(places) - 1
    bands = []
    for place, level in enumerate(levels):
        low, high = _bounds(level) or (0.0, 0.0)
        if level not in hidden:
            bands.append(Band(low, high, counts[level] / total if total else math.nan))
        elif not neighbours:
            bands.append(Band(low, high, math.nan))
        elif place == places[-1]:
            start = (_bounds(levels[places[0]]) or (0.0, 0.0))[0]
            bands.append(Band(start, high, rest / total, len(places)))
    return total, tuple(bands)


def draw_bars(drawn: Distribution, words: Words, *, width: float) -> Canvas:
    """Draw one bar a band, its share above and its bounds below, and a bracket over high absence.

    Returns
    -------
    Canvas
        As wide as asked.
    """
    import seaborn as sns  # slow to load, and not every notebook draws

    canvas = blank(TOP + PLOT + FOOT, width=width)
    axes = canvas.panel(LEFT, TOP, canvas.width - 2 * LEFT, PLOT)
    shares = [0.0 if math.isnan(band.share) else 100 * band.share for band in drawn.bands]
    colours = [ROLES[_amount(band)] for band in drawn.bands]
    frame = pd.DataFrame({"band": [band.label for band in drawn.bands], "share": shares})
    sns.barplot(
        data=frame,
        x="band",
        y="share",
        hue="band",
        palette=dict(zip(frame["band"], colours, strict=True)),
        saturation=1,
        errorbar=None,
        linewidth=0,
        width=0.9,
        legend=False,
        ax=axes,
    )
    top = max([*shares, 1.0]) * 1.16
    axes.set_xlim(-0.5, len(shares) - 0.5)
    axes.set_ylim(0, top)
    axes.axhline(0, color=ROLES["lines"], linewidth=1)
    for place, band in enumerate(drawn.bands):
        _write_band(canvas, axes, (place, shares[place]), band, words=words)
    text = words.say("figure.bands_axis")
    canvas.write(canvas.sheet, canvas.width / 2, TOP + PLOT + 44, text, align="center", role="text-notes")
    _bracket(canvas, axes, drawn, words)
    return canvas


def _write_band(canvas: Canvas, axes: Axes, at: tuple[int, float], band: Band, *, words: Words) -> None:
    """Write a band's share above its bar, and its bounds below."""
    (place, share), top = at, axes.get_ylim()[1]
    known = not math.isnan(band.share)
    text = percent(band.share, words.language, decimals=0) if known else words.say("figure.protected")
    size = 15 if known else 12
    canvas.write(axes, place, share + top * 0.05, text, role="text", size=size, weight=600, align="center")
    canvas.write(axes, place, -top * 0.075, band.label, align="center")


def _amount(band: Band) -> str:
    return next(role for bound, role in ((15, "amount-4"), (5, "amount-3"), (-1, "amount-2")) if band.low >= bound)


def _bracket(canvas: Canvas, axes: Axes, drawn: Distribution, words: Words) -> None:
    share = drawn.share_from(HIGH)
    first = next((place for place, band in enumerate(drawn.bands) if band.low >= HIGH), None)
    if math.isnan(share) or first is None:
        return
    step = (canvas.width - 2 * LEFT) / len(drawn.bands)
    left = LEFT + step * (first + 0.05)
    facts = {
        "share": percent(share, words.language, decimals=0),
        "bound": percent(HIGH / 100, words.language, decimals=0),
    }
    canvas.write(canvas.sheet, left, 22, words.say("figure.bands_high", facts), role="treated", size=14, weight=600)
    canvas.line((left, canvas.width - LEFT - step * 0.05), (40, 40), role="treated", width=3)

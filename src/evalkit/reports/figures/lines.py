"""Rates over time, one line a group, with the name at the line's end and a word where a value is protected."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from evalkit.reports.figures.canvas import Align, Canvas, blank
from evalkit.reports.figures.course import Course, Series, marks_of
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.figures.scale import decimals_of, spread
from evalkit.reports.labels import Words
from evalkit.reports.numbers import NO_BREAK, number, percent, term

LEFT, RIGHT, ALONE, TOP, FOOT, GAP = 58.0, 176.0, 24.0, 14.0, 30.0, 17.0
LABELLED, ROOM = 6, 42.0
STROKES: dict[str, tuple[str, float, str]] = {
    "main": ("main", 3.0, "-"),
    "treated": ("treated", 3.0, "-"),
    "other": ("others", 1.4, "-"),
    "first": ("main", 3.0, "-"),
    "second": ("treated", 2.6, "--"),
    "third": ("text-second", 2.2, ":"),
}


def draw_lines(drawn: Course, words: Words, *, width: float) -> Canvas:
    """Draw a course over time.

    Parameters
    ----------
    drawn
        What `course` read.
    words
        Language of labels and numbers.
    width
        In pixels.

    Returns
    -------
    Canvas
        As wide as asked.
    """
    alone = len(drawn.series) == 1
    height = 250.0 if alone else 340.0
    canvas = blank(height, width=width)
    right = ALONE if alone else RIGHT
    marks = marks_of(drawn)
    axes = canvas.panel(LEFT, TOP, width - LEFT - right, height - TOP - FOOT)
    axes.set_xlim(-0.25, len(drawn.times) - 0.75)
    axes.set_ylim(marks[0], marks[-1])
    _frame(canvas, axes, drawn, marks, words)
    for series in sorted(drawn.series, key=_depth):
        _stroke(canvas, axes, series, words)
    if alone:
        _name_ends(canvas, axes, drawn, words)
    else:
        _name_lines(canvas, axes, drawn, words)
    return canvas


def _depth(series: Series) -> int:
    return ("other", "third", "second", "first", "main", "treated").index(series.role)


def _value(amount: float, drawn: Course, words: Words) -> str:
    if drawn.column.unit == "share":
        return percent(amount / 100, words.language, decimals=drawn.column.decimals or 1)
    return number(amount, words.language, decimals=drawn.column.decimals)


def _frame(canvas: Canvas, axes: Axes, drawn: Course, marks: tuple[float, ...], words: Words) -> None:
    decimals = decimals_of(marks)
    for mark in marks:
        axes.axhline(mark, color=ROLES["lines"], linewidth=1, zorder=0)
        if drawn.column.unit == "share":
            text = percent(mark / 100, words.language, decimals=decimals)
        else:
            text = number(mark, words.language, decimals=decimals)
        canvas.write(axes, axes.get_xlim()[0] - 0.12, mark, text, align="right", size=12)
    low = axes.get_ylim()[0]
    drop = (axes.get_ylim()[1] - low) * 0.075
    roomy = axes.get_window_extent().width / len(drawn.times) > ROOM
    for place, label in enumerate(drawn.times):
        if roomy or not drawn.seasonal or label.startswith("HT"):
            text = term(label, words.language, form="figure")
            canvas.write(axes, place, low - drop, text, align="center", size=12, role="text-notes")


def _stroke(canvas: Canvas, axes: Axes, series: Series, words: Words) -> None:
    import seaborn as sns  # slow to load, and not every notebook draws

    role, width, dash = STROKES[series.role]
    rows = [
        {"time": place, "value": series.values[place], "piece": number}
        for number, piece in enumerate(series.pieces)
        for place in piece
    ]
    if rows:
        sns.lineplot(
            data=pd.DataFrame(rows),
            x="time",
            y="value",
            units="piece",
            estimator=None,
            color=ROLES[role],
            linewidth=width,
            linestyle=dash,
            legend=False,
            ax=axes,
            zorder=3 + _depth(series),
        )
    for piece in series.pieces:
        if len(piece) == 1:
            axes.plot(piece, [series.values[piece[0]]], "o", color=ROLES[role], markersize=2 * width, zorder=9)
    if series.since is not None and series.since in series.known:
        _first_forum(canvas, axes, series, words)
    if series.role != "other":
        _protected_places(canvas, axes, series, words)


def _first_forum(canvas: Canvas, axes: Axes, series: Series, words: Words) -> None:
    place = series.since or 0
    value = series.values[place]
    _dot(axes, place, value, "treated")
    below = axes.transData.inverted().transform((0, axes.transData.transform((0, value))[1] - 20))[1]
    text = words.say("figure.first_forum")
    canvas.write(axes, place, below, text, role="treated", size=12, weight=600, align="center", halo=True)


def _protected_places(canvas: Canvas, axes: Axes, series: Series, words: Words) -> None:
    if not series.known:
        return
    role, _, _ = STROKES[series.role]
    for place in series.protected:
        near = sorted(series.known, key=lambda other: abs(other - place))[:2]
        between = len(near) == 2 and min(near) < place < max(near)
        height = sum(series.values[other] for other in near) / 2 if between else series.values[near[0]]
        canvas.write(axes, place, height, words.say("figure.protected"), size=12, role=role, align="center", halo=True)


def _dot(axes: Axes, place: int, value: float, role: str, *, hollow: bool = False) -> None:
    axes.plot(
        [place],
        [value],
        "o",
        markersize=9,
        markerfacecolor=ROLES["paper"] if hollow else ROLES[role],
        markeredgecolor=ROLES[role] if hollow else ROLES["paper"],
        markeredgewidth=2,
        zorder=12,
        clip_on=False,
    )


def _name_ends(canvas: Canvas, axes: Axes, drawn: Course, words: Words) -> None:
    series = drawn.series[0]
    ends = drawn.ends(series)
    if ends is None:
        return
    first, last = ends
    for place, hollow in ((first, True), (last, False)):
        value = series.values[place]
        _dot(axes, place, value, "main", hollow=hollow)
        above = axes.transData.inverted().transform((0, axes.transData.transform((0, value))[1] + 19))[1]
        align: Align = "left" if place == 0 else "center"
        text = _value(value, drawn, words)
        canvas.write(axes, place, above, text, role="main", size=15, weight=600, align=align, halo=True)


def _name_lines(canvas: Canvas, axes: Axes, drawn: Course, words: Words) -> None:
    quiet = sum(series.role == "other" for series in drawn.series)
    named = [series for series in drawn.series if series.known and (series.role != "other" or quiet <= LABELLED)]
    ends = [axes.transData.transform((series.known[-1], series.values[series.known[-1]])) for series in named]
    sheet = canvas.sheet.transData.inverted()
    places = [float(sheet.transform(end)[1]) for end in ends]
    for series, moved in zip(named, spread(places, GAP), strict=True):
        role, _, _ = STROKES[series.role]
        loud = series.role in {"treated", "first", "second", "third", "main"}
        value = _value(series.values[series.known[-1]], drawn, words)
        text = f"{value}{NO_BREAK}{NO_BREAK}{words.level(drawn.by, series.label)}"
        canvas.write(
            canvas.sheet,
            canvas.width - RIGHT + 2,
            moved,
            text,
            role="text-notes" if role == "others" else role,
            size=13,
            weight=600 if loud else 400,
        )

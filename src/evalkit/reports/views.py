"""Every way to see a protected value: which picture, table or words, in which forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Protocol

from evalkit.errors import InputError
from evalkit.reports.figures.canvas import Canvas
from evalkit.reports.figures.course import course
from evalkit.reports.figures.distribution import distribution, draw_bars
from evalkit.reports.figures.dots import draw_dots
from evalkit.reports.figures.estimators import draw_estimators
from evalkit.reports.figures.event_study import draw_event_study
from evalkit.reports.figures.family import draw_family
from evalkit.reports.figures.flow import draw_flow
from evalkit.reports.figures.grid import draw_grid, grid
from evalkit.reports.figures.interval import draw_interval
from evalkit.reports.figures.lines import draw_lines
from evalkit.reports.figures.picture import CARD, CARD_PRINT, PHONE, picture
from evalkit.reports.figures.placebo import draw_placebo
from evalkit.reports.figures.placebo_size import draw_placebo_size
from evalkit.reports.figures.power import draw_power
from evalkit.reports.figures.sensitivity import draw_sensitivity
from evalkit.reports.labels import Words
from evalkit.reports.numbers import is_term, term
from evalkit.reports.sentences import Reading, certainty_of, conclude, find, read, verdict_of
from evalkit.reports.sentences.blinded import check_items, hidden_figure
from evalkit.reports.sentences.boxes import (
    answer_html,
    answer_plain,
    card_html,
    card_plain,
    certainty_html,
    certainty_plain,
    conclusions_html,
    conclusions_plain,
    items_html,
    items_plain,
    note_html,
    note_plain,
)
from evalkit.reports.sentences.captions import Caption, marked, preliminary
from evalkit.reports.sentences.courses import course_caption, distribution_caption, grid_caption
from evalkit.reports.sentences.curves import (
    event_study_caption,
    flow_caption,
    interval_caption,
    placebo_caption,
    power_caption,
)
from evalkit.reports.sentences.design import design_items, is_design
from evalkit.reports.sentences.findings import topic_lead
from evalkit.reports.sentences.headlines import headline_page, headline_what, is_people, people_alt
from evalkit.reports.sentences.methods import estimators_caption, placebo_size_caption
from evalkit.reports.sentences.robustness import family_caption, sensitivity_caption
from evalkit.reports.sentences.sites import missing_sites
from evalkit.reports.sentences.tables import table_caption
from evalkit.reports.shown import Shown, spoken
from evalkit.reports.tables import Grid, read_cells, read_wide, table_html, table_plain
from evalkit.values import Curve, Estimate, Flow, Protectable, Protected, SchoolSums, Table

Draw = Callable[[float], Canvas]


class DrawCurve(Protocol):
    """Draws one kind of curve at a width in pixels."""

    def __call__(self, curve: Curve, words: Words, *, width: float) -> Canvas:
        """Draw."""


BLINDED = "blinded"
DEFAULTS: Mapping[type, str] = {Table: "table", Flow: "flow", Estimate: "finding", Curve: "curve"}


def compose(values: tuple[Protected, ...], view: str | None, words: Words) -> Shown:
    """Compose what is shown of protected values.

    Parameters
    ----------
    values
        The first decides.
    view
        As `show` takes it; None for the noun's own.
    words
        Language.

    Raises
    ------
    InputError
        If the first value has no such view.
    """
    noun = type(values[0].value)
    chosen = view or _default(values)
    composers = VIEWS.get(noun, {})
    if chosen == "conclusions":
        return _conclusions(values, words)
    if chosen not in composers:
        known = ", ".join(repr(name) for name in composers) or "none: school sums are for estimates only"
        raise InputError(f"a {noun.__name__} has no view {chosen!r}", remedy=f"choose one of {known}")
    return composers[chosen](values, words)


def _default(values: tuple[Protected, ...]) -> str:
    value = values[0].value
    if len(values) > 1:
        return "conclusions"
    if isinstance(value, Estimate) and is_design(value):
        return "design"
    return DEFAULTS.get(type(value), "")


def _figure(protected: Protected, draw: Draw, caption: Caption, words: Words, *, phone: float | None = None) -> Shown:
    return Shown(
        kind="figure",
        picture=picture(draw, phone=phone),
        title=caption.title,
        subtitle=caption.subtitle,
        note=marked(caption.note, protected, words),
        alt=caption.alt,
        label=_label(protected.value),
    )


def _label(value: Protectable) -> str:
    return "" if isinstance(value, SchoolSums) else value.name.replace("_", "-")


def _table(values: tuple[Protected, ...], words: Words) -> Shown:
    return _written(values[0], read_cells(values[0], words), words)


def _wide(values: tuple[Protected, ...], words: Words) -> Shown:
    return _written(values[0], read_wide(values[0], words), words)


def _written(protected: Protected, cells: Grid, words: Words) -> Shown:
    table = protected.value
    assert isinstance(table, Table)
    caption = table_caption(table, words)
    note = marked(caption.note, protected, words)
    return Shown(
        kind="table",
        html=table_html(cells, words, title=caption.title, note=note),
        plain=table_plain(cells, words),
        title=caption.title,
        note=note,
        label=_label(table),
    )


def _line(values: tuple[Protected, ...], words: Words) -> Shown:
    drawn = course(values[0])
    return _figure(values[0], lambda width: draw_lines(drawn, words, width=width), course_caption(drawn, words), words)


def _bars(values: tuple[Protected, ...], words: Words) -> Shown:
    drawn = distribution(values[0])
    return _figure(
        values[0], lambda width: draw_bars(drawn, words, width=width), distribution_caption(drawn, words), words
    )


def _grid(values: tuple[Protected, ...], words: Words) -> Shown:
    drawn = grid(values[0])
    return _figure(values[0], lambda width: draw_grid(drawn, words, width=width), grid_caption(drawn, words), words)


def _flow(values: tuple[Protected, ...], words: Words) -> Shown:
    flow = values[0].value
    assert isinstance(flow, Flow)
    return _figure(values[0], lambda width: draw_flow(flow, words, width=width), flow_caption(flow, words), words)


def _curve(values: tuple[Protected, ...], words: Words) -> Shown:
    curve = values[0].value
    assert isinstance(curve, Curve)
    if curve.kind == BLINDED:
        return _note(hidden_figure(curve, words))
    if curve.kind not in CURVES:
        raise InputError(f"a curve of kind {curve.kind!r} has no picture", remedy=f"kinds drawn: {', '.join(CURVES)}")
    if curve.frame.empty:
        return _empty(curve, words)
    draw, describe = CURVES[curve.kind]
    caption = describe(curve, words)
    return _figure(values[0], lambda width: draw(curve, words, width=width), caption, words, phone=PHONE)


def _empty(curve: Curve, words: Words) -> Shown:
    """Return what stands in place of a picture that cannot be drawn, and why."""
    sites = missing_sites(curve.detail("sites_missing"), words)
    if sites:
        return _note(words.say("figure.missing_sites", {"sites": sites}))
    return _note(words.say("figure.out_of_reach" if curve.detail("out_of_reach") else "figure.nothing"))


def _note(text: str) -> Shown:
    return Shown(kind="box", html=note_html(text), plain=note_plain(text))


def _finding(values: tuple[Protected, ...], words: Words) -> Shown:
    estimate = _estimate(values[0])
    finding, note = find(estimate, words), preliminary(values, words)
    if estimate.design == BLINDED:
        items, todo = check_items(estimate, words), words.say("finding.blinded.todo")
        html = answer_html(finding, "") + items_html(items) + f"<p>{escape(todo)}</p>" + note_html(note)
        plain = "\n\n".join(filter(None, (answer_plain(finding, ""), items_plain(items), todo, note_plain(note))))
        return Shown(kind="box", html=html, plain=plain)
    return Shown(kind="box", html=answer_html(finding, note), plain=answer_plain(finding, note))


def _design(values: tuple[Protected, ...], words: Words) -> Shown:
    items, note = design_items(_estimate(values[0]), words), preliminary(values, words)
    if not items:
        return _note(words.say("design.nothing"))
    plain = "\n\n".join(filter(None, (items_plain(items), note_plain(note))))
    return Shown(kind="box", html=items_html(items) + note_html(note), plain=plain)


def _interval(values: tuple[Protected, ...], words: Words) -> Shown:
    estimate = _estimate(values[0])
    if estimate.design == BLINDED:
        return _note(hidden_figure(estimate, words))
    caption = interval_caption(estimate, words)
    return _figure(values[0], _draw_interval(read(estimate, words)), caption, words, phone=PHONE)


def _headline(values: tuple[Protected, ...], words: Words) -> Shown:
    estimate = _estimate(values[0])
    reading, finding = read(estimate, words), find(estimate, words)
    note = preliminary(values, words)
    draw, alt = _card(values, reading, words)
    drawn = picture(draw, page=CARD, paper=CARD_PRINT)
    what, title = headline_what(reading), topic_lead(finding, reading)
    html = card_html(finding, title, what, spoken(drawn.page, alt), note)
    return Shown(kind="finding", html=html, plain=card_plain(finding, title, what, note), picture=drawn, alt=alt)


def _card(values: tuple[Protected, ...], reading: Reading, words: Words) -> tuple[Draw, str]:
    """Return a course where a table is given, people where the outcome is a share of them, else the interval."""
    table = next((value for value in values[1:] if isinstance(value.value, Table)), None)
    if table is not None:
        drawn = course(table)
        return lambda width: draw_lines(drawn, words, width=width), course_caption(drawn, words).alt
    estimate = reading.estimate
    before, after = reading.amount("from_level"), reading.amount("to_level")
    start, end = str(estimate.detail("from") or ""), str(estimate.detail("to") or "")
    if before is not None and after is not None and is_people(reading) and is_term(start) and is_term(end):
        pairs = ((term(start, words.language), before / 100), (term(end, words.language), after / 100))
        return lambda width: draw_dots(pairs, words, width=width), people_alt(pairs, words)
    return _draw_interval(reading), interval_caption(estimate, words).alt


def _draw_interval(reading: Reading) -> Draw:
    judged = verdict_of(reading) != "too_little"
    detectable = reading.amount("detectable_effect") if reading.estimate.design == "effect" else None
    return lambda width: draw_interval(
        reading.estimate, reading.words, decimals=reading.decimals, detectable=detectable, judged=judged, width=width
    )


def _title(values: tuple[Protected, ...], words: Words) -> Shown:
    estimates = [_estimate(value) for value in values]
    title, lead = headline_page(estimates, words)
    first = read(estimates[0], words)
    certainty = certainty_of(first, verdict_of(first))
    page = (("title", title), ("subtitle", lead))
    return Shown(kind="box", html=certainty_html(certainty), plain=certainty_plain(certainty), page=page)


def _conclusions(values: tuple[Protected, ...], words: Words) -> Shown:
    conclusions, note = conclude(values, words), preliminary(values, words)
    html, plain = conclusions_html(conclusions, words, note), conclusions_plain(conclusions, words, note)
    return Shown(kind="box", html=html, plain=plain)


def _estimate(protected: Protected) -> Estimate:
    if not isinstance(protected.value, Estimate):
        raise InputError(
            f"this view takes estimates, not a {type(protected.value).__name__}", remedy="hand it protected estimates"
        )
    return protected.value


Composer = Callable[[tuple[Protected, ...], Words], Shown]
VIEWS: Mapping[type, Mapping[str, Composer]] = {
    Table: {"table": _table, "wide": _wide, "line": _line, "bars": _bars, "grid": _grid},
    Flow: {"flow": _flow},
    Estimate: {
        "finding": _finding,
        "design": _design,
        "interval": _interval,
        "headline": _headline,
        "title": _title,
    },
    Curve: {"curve": _curve},
}
CURVES: Mapping[str, tuple[DrawCurve, Callable[[Curve, Words], Caption]]] = {
    "event_study": (draw_event_study, event_study_caption),
    "placebo_distribution": (draw_placebo, placebo_caption),
    "placebo_size": (draw_placebo_size, placebo_size_caption),
    "sensitivity": (draw_sensitivity, sensitivity_caption),
    "estimators": (draw_estimators, estimators_caption),
    "family": (draw_family, family_caption),
    "power": (draw_power, power_caption),
}

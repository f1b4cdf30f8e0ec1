"""Findings, certainty and conclusions as readers meet them: HTML for the page, Markdown for print."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from evalkit.reports.labels import Words
from evalkit.reports.sentences.conclusions import Conclusions
from evalkit.reports.sentences.findings import Finding
from evalkit.reports.sentences.verdict import Certainty

BARS = 3
FULL, EMPTY = "\N{BLACK CIRCLE}", "\N{WHITE CIRCLE}"


def certainty_html(certainty: Certainty) -> str:
    """Return three bars, the word and the reason."""
    bars = "".join(_bar(number, number < certainty.bars) for number in range(BARS))
    picture = f'<svg viewBox="0 0 26 16" width="26" height="16" aria-hidden="true">{bars}</svg>'
    said = f"<p><strong>{escape(certainty.word)}.</strong> {escape(certainty.reason)}</p>"
    return f'<div class="certainty">{picture}{said}</div>'


def _bar(number: int, filled: bool) -> str:
    height = 6 + 4 * number
    fill = "var(--text-second, #46535d)" if filled else "none"
    style = f"fill: {fill}; stroke: var(--text-second, #46535d); stroke-width: 1.2"
    return f'<rect x="{1 + 9 * number}" y="{15 - height}" width="6" height="{height}" rx="1" style="{style}"/>'


def certainty_plain(certainty: Certainty) -> str:
    """Return the same for print."""
    bars = FULL * certainty.bars + EMPTY * (BARS - certainty.bars)
    return f"::: {{.certainty}}\n{bars} **{certainty.word}.** {certainty.reason}\n:::"


def answer_html(finding: Finding, note: str) -> str:
    """Return a finding as the answer at the top of a chapter."""
    stop = "" if finding.runs_on else "."
    text = f"<p><strong>{escape(finding.lead)}{stop}</strong> {escape(finding.rest)}</p>"
    sure = certainty_html(finding.certainty) if finding.certainty else ""
    return f'<div class="answer">{text}{sure}</div>{note_html(note)}'


def answer_plain(finding: Finding, note: str) -> str:
    """Return the same for print."""
    stop = "" if finding.runs_on else "."
    parts = [f"::: {{.answer}}\n**{finding.lead}{stop}** {finding.rest}\n:::"]
    parts += [certainty_plain(finding.certainty)] if finding.certainty else []
    return "\n\n".join(parts + ([note_plain(note)] if note else []))


def items_html(items: Sequence[tuple[str, str]]) -> str:
    """Return named sentences as a list."""
    rows = "".join(f"<li><strong>{escape(name)}.</strong> {escape(text)}</li>" for name, text in items)
    return f"<ul>{rows}</ul>" if items else ""


def items_plain(items: Sequence[tuple[str, str]]) -> str:
    """Return the same for print."""
    return "\n".join(f"- **{name}.** {text}" for name, text in items)


def note_html(text: str) -> str:
    """Return a note, such as what stands in place of a picture; nothing for no text."""
    return f'<p class="figure-note">{escape(text)}</p>' if text else ""


def note_plain(text: str) -> str:
    """Return the same for print."""
    return f"::: {{.figure-note}}\n{text}\n:::" if text else ""


def card_html(finding: Finding, title: str, what: str, picture: str, note: str) -> str:
    """Return a finding as one of several on a page: what it is about, picture, finding, bounds, certainty."""
    sure = certainty_html(finding.certainty) if finding.certainty else ""
    return (
        f'<div class="finding"><p class="finding-what">{escape(what)}</p>{picture}'
        f"<h3>{escape(title)}</h3><p>{escape(finding.own)}</p>{sure}{note_html(note)}</div>"
    )


def card_plain(finding: Finding, title: str, what: str, note: str) -> str:
    """Return the same for print, without the picture."""
    parts = [f"::: {{.finding-what}}\n{what}\n:::", f"### {title}", finding.own]
    parts += [certainty_plain(finding.certainty)] if finding.certainty else []
    return "\n\n".join(parts + ([note_plain(note)] if note else []))


def conclusions_html(conclusions: Conclusions, words: Words, note: str) -> str:
    """Return the box that says what can and cannot be said."""
    columns = "".join(
        f'<div class="{kind}"><h3>{escape(words.say(f"conclusions.{kind}"))}</h3><ul>{_items(texts)}</ul></div>'
        for kind, texts in (("can", conclusions.can), ("cannot", conclusions.cannot))
        if texts
    )
    surer = (
        f'<p class="surer"><strong>{escape(words.say("conclusions.surer"))}</strong> {escape(conclusions.surer)}</p>'
    )
    title = escape(words.say("conclusions.title"))
    return (
        f'<div class="conclusions"><h2>{title}</h2><div class="columns">{columns}</div>{surer}{note_html(note)}</div>'
    )


def _items(texts: tuple[str, ...]) -> str:
    return "".join(f"<li>{escape(text)}</li>" for text in texts)


def conclusions_plain(conclusions: Conclusions, words: Words, note: str) -> str:
    """Return the same for print."""
    parts = ["::::: {.conclusions}", f"## {words.say('conclusions.title')}"]
    for kind, texts in (("can", conclusions.can), ("cannot", conclusions.cannot)):
        if texts:
            items = "\n".join(f"- {text}" for text in texts)
            parts += [f"### {words.say(f'conclusions.{kind}')}", f"::: {{.{kind}}}\n{items}\n:::"]
    parts.append(f"::: {{.surer}}\n**{words.say('conclusions.surer')}** {conclusions.surer}\n:::")
    parts += [note_plain(note)] if note else []
    return "\n\n".join([*parts, ":::::"])

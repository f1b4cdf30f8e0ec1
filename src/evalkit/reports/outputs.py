"""Which of a cell's outputs a format takes, and in what form, so that both renderers take the same."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from evalkit.errors import RenderError
from evalkit.reports.provenance import Format

FORMS: Mapping[tuple[Format, bool], tuple[str, ...]] = {
    ("html", True): ("text/html", "image/svg+xml", "image/png", "text/markdown"),
    ("html", False): ("text/html", "text/markdown", "image/svg+xml", "image/png"),
    ("pdf", True): ("image/svg+xml", "image/png", "text/markdown"),
    ("pdf", False): ("text/markdown", "image/svg+xml", "image/png"),
    ("docx", True): ("image/png", "text/markdown"),
    ("docx", False): ("text/markdown", "image/png"),
}
PICTURES: Mapping[Format, tuple[str, ...]] = {"pdf": ("image/svg+xml", "image/png"), "docx": ("image/png",)}
ABOUT = re.compile(r"::: \{\.finding-what\}\n.*?\n:::\n+", re.DOTALL)
STYLED = re.compile(r"<style\b.*?</style>", re.DOTALL)
CAPTIONED = re.compile(r"<(figcaption|caption)\b.*?</\1>|</?figure\b[^>]*>|<style\b.*?</style>", re.DOTALL)


def text_of(value: object) -> str:
    """Return a notebook's text, which may stand as lines."""
    return "".join(str(part) for part in value) if isinstance(value, list) else str(value)


def facts_of(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `show` wrote about an output: kind, caption, alternative text, label; empty for other outputs."""
    return dict(output.get("metadata", {}).get("evalkit", {}))


def is_card(output: Mapping[str, Any]) -> bool:
    """Return whether an output is a finding with its picture, one of several on a page."""
    return facts_of(output).get("kind") == "finding"


def chosen_outputs(output: Mapping[str, Any], form: Format, *, place: str) -> list[dict[str, Any]]:
    """Return one output in the form that a format takes; a card in print as its picture and its words.

    Parameters
    ----------
    output
        Of an executed notebook.
    form
        ``"html"``, ``"pdf"`` or ``"docx"``.
    place
        Notebook and cell, for errors.

    Returns
    -------
    list of dict
        Empty for what readers never see (streams).

    Raises
    ------
    RenderError
        If the cell had failed, or shows something in no form that the format can take.
    """
    if output["output_type"] == "stream":
        return []
    if output["output_type"] == "error":
        raise RenderError(f"{place} failed when it was run", remedy="mend the notebook and run it again")
    data, facts = output.get("data", {}), facts_of(output)
    words = _first(data, FORMS[form, facts.get("kind") == "figure"], facts)
    if words is not None and form != "html" and is_card(output):
        return _card(words, _first(data, PICTURES[form], facts))
    if words is not None:
        return [words]
    raise RenderError(
        f"{place} shows nothing that {form} can take (it has {', '.join(sorted(data)) or 'nothing'})",
        remedy="show values with show(protect(...))",
    )


def _card(words: dict[str, Any], picture: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return a card for print: what it is about, picture, finding."""
    text = words["data"].get("text/markdown", "")
    above = ABOUT.match(text)
    if picture is None or above is None:
        return [one for one in (picture, words) if one is not None]
    return [_displayed("text/markdown", above.group(0)), picture, _displayed("text/markdown", text[above.end() :])]


def _first(data: Mapping[str, object], mimes: tuple[str, ...], facts: Mapping[str, Any]) -> dict[str, Any] | None:
    for mime in mimes:
        if mime in data:
            return _displayed(mime, _bare(text_of(data[mime]), mime, facts))
    return None


def _displayed(mime: str, content: str) -> dict[str, Any]:
    metadata = {mime: {"width": _shown_width(content)}} if mime == "image/png" else {}
    return {"output_type": "display_data", "data": {mime: content}, "metadata": metadata}


def _shown_width(png: str) -> int:
    """Return the width in pixels at which a picture is shown: half of what it holds, for sharp screens and printers."""
    header = base64.b64decode(png)[:24]
    return int.from_bytes(header[16:20], "big") // 2


def _bare(content: str, mime: str, facts: Mapping[str, Any]) -> str:
    """Leave captions to the renderer; a scrolled table is no landmark, for two may bear the same title."""
    if mime != "text/html":
        return content
    bare = (CAPTIONED if facts.get("label") else STYLED).sub("", content)
    return bare.replace('role="region"', 'role="group"')

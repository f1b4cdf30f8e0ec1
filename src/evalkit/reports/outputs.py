"""Which of a cell's outputs a format takes, and in what form, so that both renderers take the same."""

from __future__ import annotations

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
CAPTIONED = re.compile(r"<(figcaption|caption)\b.*?</\1>|</?figure\b[^>]*>|<style\b.*?</style>", re.DOTALL)


def text_of(value: object) -> str:
    """Return a notebook's text, which may stand as lines."""
    return "".join(str(part) for part in value) if isinstance(value, list) else str(value)


def facts_of(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `show` wrote about an output: kind, caption, alternative text, label; empty for other outputs."""
    return dict(output.get("metadata", {}).get("evalkit", {}))


def chosen_output(output: Mapping[str, Any], form: Format, *, place: str) -> dict[str, Any] | None:
    """Return one output in the one form that a format takes.

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
    dict or None
        None for what readers never see (streams).

    Raises
    ------
    RenderError
        If the cell had failed, or shows something in no form that the format can take.
    """
    if output["output_type"] == "stream":
        return None
    if output["output_type"] == "error":
        raise RenderError(f"{place} failed when it was run", remedy="mend the notebook and run it again")
    data, facts = output.get("data", {}), facts_of(output)
    pictured = facts.get("kind") == "figure"
    for mime in FORMS[form, pictured]:
        if mime in data:
            content = _bare(text_of(data[mime]), mime, facts, form)
            return {"output_type": "display_data", "data": {mime: content}, "metadata": {}}
    raise RenderError(
        f"{place} shows nothing that {form} can take (it has {', '.join(sorted(data)) or 'nothing'})",
        remedy="show values with show(protect(...))",
    )


def _bare(content: str, mime: str, facts: Mapping[str, Any], form: Format) -> str:
    """Leave captions to the renderer, and put what is no float into the box that its kind asks for."""
    if mime == "text/html":
        return (
            CAPTIONED.sub("", content)
            if facts.get("label")
            else re.sub(r"<style\b.*?</style>", "", content, flags=re.DOTALL)
        )
    if mime == "text/markdown" and form != "html" and facts.get("kind") == "finding":
        return f"::: {{.finding}}\n{content.strip()}\n:::\n"
    return content

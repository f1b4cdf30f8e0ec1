"""Outline of a page."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from evalkit.reports.outline.entry import Entry, float_of, tidy

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
CAUGHT = HEADINGS | {"figcaption", "summary", "td", "th", "a", "caption"}
EMPTY = {
    "img",
    "br",
    "meta",
    "link",
    "hr",
    "input",
    "rect",
    "circle",
    "path",
    "line",
    "polyline",
    "polygon",
    "use",
    "wbr",
}


class _Reader(HTMLParser):
    """Collects entries inside `main`; texts nest, as a link does in a cell."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self.inside = False
        self.open: list[tuple[str, dict[str, str], list[str]]] = []
        self.row: list[str] = []
        self.notes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.inside = self.inside or tag == "main"
        if not self.inside:
            return
        classes = attributes.get("class", "").split()
        alternative = attributes.get("alt", "") or (attributes.get("aria-label", "") if tag == "svg" else "")
        if alternative:
            self.entries.append(Entry("alternative", tidy(alternative)))
        if tag == "tr":
            self.row = []
        if tag in CAUGHT or "callout-title" in classes or attributes.get("id", "").startswith("fn"):
            self.open.append((tag, attributes, []))

    def handle_data(self, data: str) -> None:
        for _, _, parts in self.open:
            parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self.inside = False
        if tag == "tr" and self.inside and self.row:
            self.entries.append(Entry("row", " · ".join(self.row)))
            self.row = []
        if self.open and self.open[-1][0] == tag:
            _, attributes, parts = self.open.pop()
            self._close(tag, attributes, tidy("".join(parts)))

    def _close(self, tag: str, attributes: dict[str, str], text: str) -> None:
        if tag in HEADINGS:
            self.entries.append(Entry("heading", text, tag[1]))
        elif tag in {"td", "th"}:
            self.row.append(text)
        elif tag == "figcaption":
            self.entries.append(float_of(text) or Entry("figure", text))
        elif tag == "summary":
            self.entries.append(Entry("fold", text))
        elif tag == "p" and "callout-title" in attributes.get("class", ""):
            self.entries.append(Entry("callout", text))
        elif tag == "a":
            self._link(attributes, text)
        elif attributes.get("id", "").startswith("fn") and tag == "li":
            self.entries.append(Entry("note", text.rstrip("↩︎ ")))

    def _link(self, attributes: dict[str, str], text: str) -> None:
        target = attributes.get("href", "")
        if target.startswith(("#fn", "#ref")) or "footnote" in attributes.get("class", ""):
            return
        self.entries.append(Entry("reference" if target.startswith("#") else "link", text, target))


def html_outline(path: Path) -> list[Entry]:
    """Return the outline of what stands in a page's `main`."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    return reader.entries

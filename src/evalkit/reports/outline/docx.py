"""Outline of a Word file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from evalkit.reports.outline.entry import Entry, float_of, tidy

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
CAPTIONS = {"ImageCaption", "TableCaption"}


def docx_outline(path: Path) -> list[Entry]:
    """Return the outline of a Word file's body, its notes where they are called."""
    with zipfile.ZipFile(path) as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml")).find(f"{W}body")
        related = ElementTree.fromstring(archive.read("word/_rels/document.xml.rels"))
        footnotes = ElementTree.fromstring(archive.read("word/footnotes.xml"))
    targets = {entry.get("Id", ""): entry.get("Target", "") for entry in related}
    notes = {note.get(f"{W}id", ""): tidy(_text(note)) for note in footnotes}
    assert body is not None
    entries: list[Entry] = []
    called_out = False
    for block in body:
        if block.tag == f"{W}tbl":
            entries += _rows(block)
            continue
        style = _style(block)
        titled = style != "Callout" or not called_out
        entries += _paragraph(block, style if titled else "", targets, notes)
        called_out = style == "Callout"
    return entries


def _paragraph(block: Element, style: str, targets: dict[str, str], notes: dict[str, str]) -> Iterator[Entry]:
    text = tidy(_text(block))
    if style.startswith("Heading"):
        yield Entry("heading", text, style.removeprefix("Heading"))
    elif style in CAPTIONS:
        yield float_of(text) or Entry("figure", text)
    elif style == "UnfoldedTitle":
        yield Entry("fold", text)
    elif style == "Callout":
        yield Entry("callout", text)
    for drawn in block.iter(DRAWN):
        yield Entry("alternative", tidy(drawn.get("descr", "")))
    for link in block.iter(f"{W}hyperlink"):
        anchor = link.get(f"{W}anchor")
        said = tidy(_text(link))
        yield Entry("reference", said, f"#{anchor}") if anchor else Entry("link", said, targets[link.get(f"{R}id", "")])
    for called in block.iter(f"{W}footnoteReference"):
        yield Entry("note", notes[called.get(f"{W}id", "")])


def _rows(table: Element) -> Iterator[Entry]:
    for row in table.iter(f"{W}tr"):
        yield Entry("row", " · ".join(tidy(_text(cell)) for cell in row.iter(f"{W}tc")))


def _style(block: Element) -> str:
    style = block.find(f"{W}pPr/{W}pStyle")
    return "" if style is None else style.get(f"{W}val", "")


def _text(element: Element) -> str:
    parts = []
    for node in element.iter():
        if node.tag == f"{W}t":
            parts.append(node.text or "")
        elif node.tag in {f"{W}br", f"{W}tab"}:
            parts.append(" ")
    return "".join(parts)

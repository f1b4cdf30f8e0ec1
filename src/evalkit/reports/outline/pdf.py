"""Outline of a tagged PDF, read from its structure as a screen reader reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evalkit.errors import RenderError
from evalkit.reports.outline.entry import Entry, float_of, tidy

Texts = dict[tuple[int, int], str]


def pdf_outline(path: Path) -> list[Entry]:
    """Return the outline of a tagged PDF.

    Raises
    ------
    RenderError
        If the PDF is not tagged, or `pypdf` (which only tests bring) is missing.
    """
    try:
        from pypdf import PdfReader
    except ImportError as error:
        raise RenderError("outlines of PDF files need pypdf", remedy="pip install 'evalkit[dev]'") from error
    reader = PdfReader(path)
    root: Any = reader.root_object
    if "/StructTreeRoot" not in root:
        raise RenderError(f"{path.name} is not tagged")
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages)}  # type: ignore[union-attr]
    texts: Texts = {}
    for number, page in enumerate(reader.pages):
        texts |= {(number, mark): text for mark, text in _marked_texts(page).items()}
    walk = _Walk(texts, pages)
    return list(walk.entries(root["/StructTreeRoot"], -1))


def _marked_texts(page: Any) -> dict[int, str]:
    """Return the text of each marked piece of a page."""
    texts: dict[int, str] = {}
    open_marks: list[int | None] = []

    def note_mark(operator: bytes, operands: Any, *_: Any) -> None:
        if operator in {b"BDC", b"BMC"}:
            properties = operands[1] if operator == b"BDC" else {}
            open_marks.append(int(properties["/MCID"]) if "/MCID" in properties else None)
        elif operator == b"EMC":
            open_marks.pop()

    def note_text(text: str, *_: Any) -> None:
        mark = next((mark for mark in reversed(open_marks) if mark is not None), None)
        if mark is not None:
            texts[mark] = texts.get(mark, "") + text

    page.extract_text(visitor_operand_before=note_mark, visitor_text=note_text)
    return texts


def _joined(text: str) -> str:
    """Return pieces as one text: a sign that ends a sentence stands at the word before it."""
    return re.sub(r"\s+(?=[.,:;])(?!\.\.)", "", tidy(text))


class _Walk:
    """Goes through the structure tree in reading order."""

    def __init__(self, texts: Texts, pages: dict[int, int]) -> None:
        self.texts = texts
        self.pages = pages

    def entries(self, node: Any, page: int) -> Iterator[Entry]:
        node = node.get_object()
        if not hasattr(node, "get"):
            return
        page = self._page(node, page)
        kind = str(node.get("/S", ""))
        if kind in {"/TOC", "/TOCI"}:
            return
        if kind[1:2] == "H" and kind[2:].isdigit():
            yield Entry("heading", _joined(self.text(node, page)), kind[2:])
        elif kind == "/Caption":
            caption = _joined(self.text(node, page))
            yield float_of(caption) or Entry("figure", caption)
        elif kind == "/TR":
            cells = [_joined(self.text(cell, page)) for cell in self._children(node)]
            yield Entry("row", " · ".join(cells))
        elif kind == "/Figure" and "/Alt" in node:
            yield Entry("alternative", tidy(str(node["/Alt"])))
        elif kind in {"/Note", "/FENote"}:
            yield Entry("note", _joined(self.text(node, page)).lstrip("0123456789 "))
        else:
            yield from self._inside(node, page, kind)

    def _inside(self, node: Any, page: int, kind: str) -> Iterator[Entry]:
        if kind == "/Link":
            target, said = self._target(node), _joined(self.text(node, page))
            if target and not said.isdigit():
                yield Entry("link" if "://" in target else "reference", said, target)
        for child in self._children(node):
            yield from self.entries(child, page)

    def text(self, node: Any, page: int) -> str:
        """Return all text under a node."""
        node = node.get_object()
        if isinstance(node, int):
            return self.texts.get((page, int(node)), "")
        if not hasattr(node, "get"):
            return ""
        page = self._page(node, page)
        if str(node.get("/Type", "")) == "/MCR":
            return self.texts.get((page, int(node["/MCID"])), "")
        return " ".join(self.text(child, page) for child in self._children(node))

    def _children(self, node: Any) -> list[Any]:
        children = node.get("/K", [])
        children = children.get_object() if hasattr(children, "get_object") else children
        return list(children) if isinstance(children, list) else [children]

    def _page(self, node: Any, page: int) -> int:
        reference = node.raw_get("/Pg") if "/Pg" in node else None
        return self.pages.get(reference.idnum, page) if reference is not None else page

    def _target(self, node: Any) -> str:
        for child in (child.get_object() for child in self._children(node)):
            if hasattr(child, "get") and str(child.get("/Type", "")) == "/OBJR":
                annotation = child["/Obj"].get_object()
                action = annotation.get("/A", {})
                return str(action.get("/URI", "")) or self._place(annotation.get("/Dest", action.get("/D", "")))
        return ""

    def _place(self, destination: Any) -> str:
        """Return a named place, else the number of the page."""
        destination = destination.get_object() if hasattr(destination, "get_object") else destination
        if isinstance(destination, list):
            return f"page {self.pages.get(destination[0].idnum, -1) + 1}"
        return f"#{destination}"

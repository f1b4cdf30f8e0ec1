"""Cells in their places: findings beside each other, headings that skip no level."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

Cell = dict[str, Any]

CARD = "card"
TITLE_LEVEL = 1
NOTE = re.compile(r"::: \{\.sidenote\}\n.*?^:::\s*", re.DOTALL | re.MULTILINE)
ANSWER = re.compile(r'\s*(<div class="answer"|::: \{\.answer\})')
HTML_HEADING = re.compile(r"(</?h)([2-6])\b")
MARKDOWN_HEADING = re.compile(r"^(#{2,6})(?=\s)", re.MULTILINE)
FENCED = re.compile(r"^(```+|~~~+).*?^\1\s*$", re.MULTILINE | re.DOTALL)


def is_card(cell: Cell) -> bool:
    """Return whether a cell shows a finding with its picture, one of several on a page."""
    return CARD in cell.get("metadata", {}).get("tags", [])


def beside(cells: Sequence[Cell], markdown: Callable[[str], Cell]) -> list[Cell]:
    """Return cells in which two or more cards in a row stand in one box that sets them beside each other.

    Parameters
    ----------
    cells
        Prepared cells.
    markdown
        Makes a markdown cell of a text.
    """
    arranged: list[Cell] = []
    for carded, group in groupby(cells, key=is_card):
        run = list(group)
        if not carded:
            arranged += run
            continue
        boxed = [part for cell in run for part in _boxed(cell, markdown)]
        arranged += [markdown(":::::: {.findings}"), *boxed, markdown("::::::")] if len(run) > 1 else boxed
    return arranged


def _boxed(cell: Cell, markdown: Callable[[str], Cell]) -> list[Cell]:
    """Put a card whose picture is an output of its own into a box; the rich form brings its box with it."""
    if any("text/html" in output["data"] for output in cell["outputs"]):
        return [cell]
    return [markdown("::::: {.finding}"), cell, markdown(":::::")]


def answers_with_notes(cells: Sequence[Cell], markdown: Callable[[str], Cell]) -> list[Cell]:
    """Return cells in which a note that follows an answer goes before it: a note stands beside what comes after it."""
    arranged: list[Cell] = []
    for cell in cells:
        note = NOTE.match(cell["source"]) if cell["cell_type"] == "markdown" else None
        if note is None or not arranged or not _is_answer(arranged[-1]):
            arranged.append(cell)
            continue
        arranged.insert(-1, markdown(note.group(0).strip()))
        rest = cell["source"][note.end() :].strip()
        if rest:
            arranged.append({**cell, "source": rest})
    return arranged


def _is_answer(cell: Cell) -> bool:
    return any(ANSWER.match(content) for output in cell.get("outputs", []) for content in output["data"].values())


def levelled(cells: Sequence[Cell]) -> list[Cell]:
    """Return cells whose outputs' headings go on from the text's: a page title, then level 2, and so on."""
    last, arranged = TITLE_LEVEL, []
    for cell in cells:
        if cell["cell_type"] == "markdown":
            levels = [len(mark) for mark in MARKDOWN_HEADING.findall(FENCED.sub("", cell["source"]))]
            last = levels[-1] if levels else last
            arranged.append(cell)
            continue
        outputs = []
        for output in cell.get("outputs", []):
            data = {mime: _lifted(mime, content, last) for mime, content in output["data"].items()}
            outputs.append({**output, "data": data})
        arranged.append({**cell, "outputs": outputs} if outputs else cell)
    return arranged


def _lifted(mime: str, content: str, last: int) -> str:
    """Return content whose first heading is at most one level below the text's last."""
    if mime == "text/html":
        levels = [int(level) for tag, level in HTML_HEADING.findall(content) if tag == "<h"]
    elif mime == "text/markdown":
        levels = [len(mark) for mark in MARKDOWN_HEADING.findall(content)]
    else:
        return content
    shift = max(0, levels[0] - last - 1) if levels else 0
    if mime == "text/html":
        return HTML_HEADING.sub(lambda match: f"{match[1]}{int(match[2]) - shift}", content)
    return MARKDOWN_HEADING.sub(lambda match: match[1][shift:], content)

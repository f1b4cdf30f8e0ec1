"""One line of an outline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "figure", "table", "alternative", "row", "reference", "link", "callout", "fold", "note"]


@dataclass(frozen=True)
class Entry:
    """A heading, float, alternative text, row of a table, reference, link, callout, fold or note, in reading order.

    Parameters
    ----------
    kind
        What it is.
    text
        As readers meet it, with single spaces.
    detail
        Level of a heading, number of a float, target of a reference or link; else empty.
    """

    kind: Kind
    text: str
    detail: str = ""

    def __str__(self) -> str:
        """Return the entry as one line of a golden file."""
        head = f"{self.kind} {self.detail}" if self.detail else self.kind
        return f"{head} | {self.text}"


def tidy(text: str) -> str:
    """Return a text with single plain spaces."""
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def float_of(caption: str) -> Entry | None:
    """Return the entry of a caption that begins with its number, such as ``Figur 2.1. Närvaron ökade``."""
    words = tidy(caption).split(" ", 2)
    if len(words) < 2 or not words[1].rstrip(".").replace(".", "").isdigit():
        return None
    kind: Kind = "table" if words[0].lower().startswith("tab") else "figure"
    return Entry(kind, words[2] if len(words) > 2 else "", words[1].rstrip("."))

"""One output of a cell, before it is sent: its forms, and what renderers need to know about it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape

from evalkit.reports.figures.canvas import Picture


@dataclass(frozen=True)
class Shown:
    """One output of a cell, before it is sent.

    Parameters
    ----------
    kind
        ``"figure"``, ``"table"``, ``"finding"``, ``"box"`` or ``"pending"``.
    html, plain
        Body for the page, and Markdown for print; empty for a figure, which has its picture.
    picture
        Of a figure, or of a finding that is one of several on a page.
    title, subtitle, note, alt
        Words around a figure or table; boxes hold theirs.
    label
        Name for references, without prefix; empty for what is no float.
    page
        Title and lead that the whole page takes.
    """

    kind: str
    html: str = ""
    plain: str = ""
    picture: Picture | None = None
    title: str = ""
    subtitle: str = ""
    note: str = ""
    alt: str = ""
    label: str = ""
    page: tuple[tuple[str, str], ...] = ()

    def bundle(self) -> dict[str, str]:
        """Return the output's data by mime type."""
        words = {"text/html": self.html, "text/markdown": self.plain}
        if self.picture is None:
            return words
        pictures = {
            "image/svg+xml": spoken(self.picture.svg, self.alt),
            "image/png": base64.b64encode(self.picture.png).decode("ascii"),
        }
        if self.html:
            return words | pictures
        figure = f"<figure>{self._figcaption()}{_on_screens(self.picture, self.alt)}</figure>"
        return {"text/html": figure} | pictures

    def _figcaption(self) -> str:
        under = f'<span class="subtitle">{escape(self.subtitle)}</span>' if self.subtitle else ""
        note = f'<span class="subtitle">{escape(self.note)}</span>' if self.note else ""
        return f"<figcaption>{escape(self.title)}{under}{note}</figcaption>"

    def facts(self) -> dict[str, object]:
        """Return what the renderers need to know about the output, for its metadata."""
        texts = {
            "caption": self.title,
            "subtitle": self.subtitle,
            "note": self.note,
            "alt": self.alt,
            "label": self.label,
        }
        page: dict[str, object] = {"page": dict(self.page)} if self.page else {}
        return {"kind": self.kind, **{name: text for name, text in texts.items() if text}, **page}


def _on_screens(picture: Picture, alt: str) -> str:
    """Return a picture for wide screens, and for phones where it has a drawing of its own; each sees and says one."""
    if not picture.phone:
        return spoken(picture.page, alt)
    drawn = ((picture.page, "broad"), (picture.phone, "slim"))
    return "".join(spoken(svg, alt).replace("<svg ", f'<svg class="{name}" ', 1) for svg, name in drawn)


def spoken(svg: str, alt: str) -> str:
    """Return a picture that listeners hear the alternative text of."""
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(alt)}" ', 1)

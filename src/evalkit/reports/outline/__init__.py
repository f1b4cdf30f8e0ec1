"""What a report holds, in order: the same for every renderer, so that two can be compared."""

from __future__ import annotations

from pathlib import Path

from evalkit.errors import RenderError
from evalkit.reports.outline.docx import docx_outline
from evalkit.reports.outline.entry import Entry
from evalkit.reports.outline.html import html_outline
from evalkit.reports.outline.pdf import pdf_outline

READERS = {".html": html_outline, ".docx": docx_outline, ".pdf": pdf_outline}

__all__ = ["Entry", "outline"]


def outline(path: Path) -> list[Entry]:
    """Return headings, floats, alternative texts, rows, references, links, callouts, folds and notes, in reading order.

    Parameters
    ----------
    path
        An HTML page, a Word file or a tagged PDF.

    Raises
    ------
    RenderError
        For any other file.
    """
    if path.suffix not in READERS:
        raise RenderError(f"{path.name} has no outline", remedy=f"hand over one of {', '.join(READERS)}")
    return READERS[path.suffix](path)

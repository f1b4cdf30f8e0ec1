"""The whole report as one Word file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from evalkit.reports.embedded.pandoc import pandoc_data, run_pandoc
from evalkit.reports.embedded.source import read_source
from evalkit.reports.provenance import ReportInfo
from evalkit.reports.word_theme import reference_document, repack


@cache
def plain_reference() -> bytes:
    """Return pandoc's own reference document."""
    return pandoc_data("reference.docx")


def render_word(notebook: Mapping[str, Any], path: Path, *, info: ReportInfo) -> None:
    """Write a prepared report as a Word file with the theme's styles, header and footer."""
    source = read_source(notebook)
    with tempfile.TemporaryDirectory(prefix="evalkit-word-") as name:
        folder = Path(name)
        for picture, content in source.files.items():
            (folder / picture).parent.mkdir(parents=True, exist_ok=True)
            (folder / picture).write_bytes(content)
        (folder / "reference.docx").write_bytes(reference_document(info, plain_reference()))
        arguments = ["--to=docx", "--reference-doc=reference.docx", "--output=report.docx"]
        run_pandoc(source.markdown, arguments, folder=folder, epoch=info.epoch)
        repack(folder / "report.docx")
        path.write_bytes((folder / "report.docx").read_bytes())

"""One chapter as a page of the website."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalkit.reports.embedded.pandoc import run_pandoc
from evalkit.reports.embedded.source import read_source
from evalkit.reports.locator import theme_folder


def render_page(notebook: Mapping[str, Any], path: Path, *, epoch: int) -> None:
    """Write a prepared chapter as HTML; pictures that are files go beside it, into `figures/`."""
    source = read_source(notebook)
    for name, content in source.files.items():
        target = path.parent / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    path.write_text(html_page(source.markdown, epoch=epoch), encoding="utf-8")


def html_page(markdown: str, *, epoch: int) -> str:
    """Return Markdown with its front matter as a page in the theme."""
    arguments = ["--to=html5", f"--template={theme_folder() / 'page.html'}", "--wrap=none", "--mathml"]
    with tempfile.TemporaryDirectory(prefix="evalkit-page-") as folder:
        return run_pandoc(markdown, arguments, folder=Path(folder), epoch=epoch)

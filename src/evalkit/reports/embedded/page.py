"""One chapter as a page of the website."""

from __future__ import annotations

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
    arguments = ["--to=html5", f"--template={theme_folder() / 'page.html'}", "--wrap=none", "--mathml"]
    html = run_pandoc(source.markdown, arguments, folder=path.parent, epoch=epoch)
    path.write_text(html, encoding="utf-8")

"""A site's report: its pages, the PDF, the Word file and their provenance, in place all at once or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evalkit.reports.embedded import render_page, render_pdf, render_word
from evalkit.reports.locator import theme_folder
from evalkit.reports.page_frame import PDF, WORD, page_name
from evalkit.reports.prepare import prepare, prepare_report
from evalkit.reports.provenance import ReportInfo, write_provenance
from evalkit.reports.quarto import render_with_quarto
from evalkit.reports.renderers import Renderer

ASSETS = "assets"


def render_site(
    chapters: Sequence[tuple[str, Mapping[str, Any]]], *, info: ReportInfo, renderer: Renderer, out: Path
) -> Path:
    """Render the chapters of one site and put them in place in one move.

    Parameters
    ----------
    chapters
        Name and executed notebook, in the order of ``info.chapters``.
    info
        What the frame says. Its renderer should be ``renderer``.
    renderer
        What `choose_renderer` chose.
    out
        Folder of the report. What it held is replaced, if all goes well.

    Returns
    -------
    Path
        ``out``, holding `index.html` (the first chapter), a page for each other chapter, `assets/`, `report.pdf`,
        `report.docx` and `provenance.json`.

    Raises
    ------
    RenderError
        If anything cannot be rendered; ``out`` is then as it was.
    """
    with replacing(out) as folder:
        copy_assets(folder)
        if renderer.name == "quarto":
            render_with_quarto(chapters, info=info, command=renderer.command, folder=folder)
        else:
            _render_embedded(chapters, info, folder)
        write_provenance(info, folder)
    return out


def _render_embedded(chapters: Sequence[tuple[str, Mapping[str, Any]]], info: ReportInfo, folder: Path) -> None:
    for name, notebook in chapters:
        page = prepare(notebook, chapter=name, form="html", info=info)
        render_page(page, folder / page_name(info, name), epoch=info.epoch)
    render_pdf(prepare_report(chapters, form="pdf", info=info), folder / PDF, epoch=info.epoch)
    render_word(prepare_report(chapters, form="docx", info=info), folder / WORD, info=info)


def copy_assets(folder: Path) -> None:
    """Put style sheet and fonts beside the pages, so that they ask nobody else for anything."""
    assets = folder / ASSETS
    (assets / "fonts").mkdir(parents=True)
    shutil.copyfile(theme_folder() / "theme.css", assets / "theme.css")
    for font in sorted((theme_folder() / "fonts").glob("*.woff2")):
        shutil.copyfile(font, assets / "fonts" / font.name)
    shutil.copyfile(theme_folder() / "fonts" / "OFL.txt", assets / "fonts" / "OFL.txt")


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Give a private folder beside ``out`` that takes its place when the work in it is done."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as name:
        fresh = Path(name) / "new"
        fresh.mkdir(mode=0o755)
        yield fresh
        if out.exists():
            os.rename(out, Path(name) / "old")  # noqa: PTH104
        os.rename(fresh, out)  # noqa: PTH104

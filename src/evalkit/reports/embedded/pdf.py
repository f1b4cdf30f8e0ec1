"""The whole report as one tagged PDF, by way of Typst."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import typst

from evalkit.errors import RenderError
from evalkit.reports.embedded.pandoc import run_pandoc
from evalkit.reports.embedded.source import read_source
from evalkit.reports.locator import theme_folder

STANDARD: Final = "ua-1"
FONTS = ("Inter-Regular.ttf", "Inter-Italic.ttf", "Inter-SemiBold.ttf", "Inter-Bold.ttf")
PARTIALS = ("template.typ", "typst-template.typ", "page.typ", "typst-show.typ")


def render_pdf(notebook: Mapping[str, Any], path: Path, *, epoch: int) -> None:
    """Write a prepared report as PDF/UA-1.

    Raises
    ------
    RenderError
        If Typst refuses the document, or a font of the theme is missing.
    """
    source = read_source(notebook)
    with tempfile.TemporaryDirectory(prefix="evalkit-pdf-") as name:
        folder = Path(name)
        for picture, content in source.files.items():
            (folder / picture).parent.mkdir(parents=True, exist_ok=True)
            (folder / picture).write_bytes(content)
        for partial in PARTIALS:
            shutil.copyfile(theme_folder() / "typst" / partial, folder / partial)
        arguments = ["--to=typst", "--template=template.typ", "--wrap=none"]
        document = run_pandoc(source.markdown, arguments, folder=folder, epoch=epoch)
        (folder / "report.typ").write_text(document, encoding="utf-8")
        path.write_bytes(_compile(folder / "report.typ", epoch))


def _compile(document: Path, epoch: int) -> bytes:
    fonts = theme_folder() / "fonts"
    missing = [name for name in FONTS if not (fonts / name).is_file()]
    if missing:
        raise RenderError(f"{', '.join(missing)} is missing from {fonts}", remedy="install evalkit again")
    try:
        made = typst.compile(
            document,
            root=document.parent,
            font_paths=[fonts],
            ignore_system_fonts=True,
            pdf_standards=STANDARD,
            timestamp=epoch,
        )
    except typst.TypstError as error:
        hints = " ".join(str(hint) for hint in getattr(error, "hints", []) or [])
        raise RenderError(
            f"Typst could not make the PDF: {error} {hints}".strip(),
            remedy="mend the figure or table that is named; every figure needs an alternative text",
        ) from error
    return bytes(made)

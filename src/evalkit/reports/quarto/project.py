"""The project that Quarto is given: every file of it, so that it can be kept and compared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.reports.embedded.word import plain_reference
from evalkit.reports.locator import project_file, theme_folder
from evalkit.reports.page_frame import PDF, WORD, page_name
from evalkit.reports.prepare import prepare, prepare_report
from evalkit.reports.provenance import ReportInfo
from evalkit.reports.word_theme import reference_document

LOG = "render.log"
ARGUMENTS = ("render", ".", "--log", LOG, "--log-level", "info", "--log-format", "json-stream")
THEME = ("page.html", "references.lua", "boxes.lua")
PARTIALS = ("typst-template.typ", "page.typ", "typst-show.typ")


@dataclass(frozen=True)
class ProjectFiles:
    """A Quarto project in memory.

    Parameters
    ----------
    files
        Content by path.
    outputs
        Paths that Quarto makes, each with the name it has in the report.
    """

    files: Mapping[str, bytes]
    outputs: Mapping[str, str]

    def write(self, folder: Path) -> None:
        """Write the project into an empty folder."""
        for name, content in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)


def quarto_project(chapters: Sequence[tuple[str, Mapping[str, Any]]], *, info: ReportInfo) -> ProjectFiles:
    """Return the project of one site's report: the same bytes for the same run.

    Parameters
    ----------
    chapters
        Name and executed notebook, in the order of ``info.chapters``.
    info
        What the frame says.
    """
    files: dict[str, bytes] = {"_quarto.yml": project_file("reports/_quarto.yml").read_bytes()}
    outputs: dict[str, str] = {}
    for name, notebook in chapters:
        page = page_name(info, name)
        files[Path(page).with_suffix(".ipynb").name] = _json(prepare(notebook, chapter=name, form="html", info=info))
        outputs[page] = page
    files[Path(PDF).with_suffix(".ipynb").name] = _json(prepare_report(chapters, form="pdf", info=info))
    files["report-word.ipynb"] = _json(prepare_report(chapters, form="docx", info=info))
    outputs |= {PDF: PDF, "report-word.docx": WORD}
    files |= {name: (theme_folder() / name).read_bytes() for name in THEME}
    files |= {name: (theme_folder() / "typst" / name).read_bytes() for name in PARTIALS}
    files |= {f"fonts/{font.name}": font.read_bytes() for font in sorted((theme_folder() / "fonts").glob("*.ttf"))}
    files["reference.docx"] = reference_document(info, plain_reference())
    return ProjectFiles(files, outputs)


def _json(notebook: Mapping[str, Any]) -> bytes:
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode()

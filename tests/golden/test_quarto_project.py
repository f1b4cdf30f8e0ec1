"""The project that Quarto is given, file by file, and the exact arguments, against what is kept here.

To keep a new one after a change that was meant: ``KEEP_GOLDEN=1 pytest tests/golden``, then read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import drawn_chapters as drawn
from evalkit.reports.quarto import quarto_project
from evalkit.reports.quarto.project import ARGUMENTS

KEPT = Path(__file__).parent / "quarto_project"
IN_FULL = (".ipynb", ".yml")


def manifest() -> str:
    project = quarto_project(drawn.chapters(), info=drawn.INFO)
    lines = [" ".join(["quarto", *ARGUMENTS]), "", *sorted(project.files)]
    lines += ["", *(f"{made} -> {wanted}" for made, wanted in project.outputs.items())]
    return "\n".join(lines) + "\n"


def test_the_project_is_as_kept():
    project = quarto_project(drawn.chapters(), info=drawn.INFO)
    texts = {name: content.decode() for name, content in project.files.items() if name.endswith(IN_FULL)}
    texts["manifest.txt"] = manifest()
    if os.environ.get("KEEP_GOLDEN"):
        KEPT.mkdir(exist_ok=True)
        for name, text in texts.items():
            (KEPT / name).write_text(text, encoding="utf-8")
    assert {path.name for path in KEPT.iterdir()} == set(texts)
    assert [name for name, text in texts.items() if (KEPT / name).read_text(encoding="utf-8") != text] == []


def test_quarto_is_never_told_to_execute():
    settings = (KEPT / "_quarto.yml").read_text(encoding="utf-8")
    assert "enabled: false" in settings
    assert "freeze" not in settings
    assert "--output-dir" not in ARGUMENTS
    assert not any("--execute" in argument for argument in ARGUMENTS)

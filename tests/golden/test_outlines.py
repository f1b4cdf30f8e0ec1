"""The embedded renderer's pages, PDF and Word file against outlines kept here; and what must not slip through.

To keep new outlines after a change that was meant: ``KEEP_GOLDEN=1 pytest tests/golden``, then read the difference.
"""

from __future__ import annotations

import copy
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import drawn_chapters as drawn
from evalkit.errors import RenderError
from evalkit.reports.outline import outline
from evalkit.reports.renderers import choose_renderer, embedded_renderer
from evalkit.reports.website import render_site

KEPT = Path(__file__).parent / "outlines"
FILES = ("index.html", "attendance.html", "report.docx", "report.pdf")
ONLY_SOME_FORMATS_TELL = {"callout", "fold"}


def rendered(folder: Path, *, chapters=None, info=drawn.INFO, renderer=None) -> Path:
    renderer = renderer or embedded_renderer()
    info = replace(info, renderer=renderer.name, renderer_version="for tests")
    return render_site(chapters or drawn.chapters(), info=info, renderer=renderer, out=folder)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    return rendered(tmp_path_factory.mktemp("site") / "ale")


def lines(path: Path) -> list[str]:
    return [str(entry) for entry in outline(path)]


def compare(found: list[str], kept: Path) -> None:
    if os.environ.get("KEEP_GOLDEN"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text("\n".join(found) + "\n", encoding="utf-8")
    assert found == kept.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", FILES)
def test_outline_is_as_kept(site, name):
    compare(lines(site / name), KEPT / f"{name}.txt")


def test_english_outline_is_as_kept(tmp_path):
    compare(lines(rendered(tmp_path / "ale", info=drawn.ENGLISH) / "attendance.html"), KEPT / "attendance.en.html.txt")


@pytest.mark.parametrize("name", ["report.docx", "report.pdf"])
def test_print_holds_what_the_pages_hold(site, name):
    def gist(path: Path) -> set[tuple[str, str]]:
        told = [entry for entry in outline(path) if entry.kind not in ONLY_SOME_FORMATS_TELL]
        return {(entry.kind, entry.text) for entry in told if entry.text != "Om rapporten"}

    assert gist(site / name) == gist(site / "index.html") | gist(site / "attendance.html")


def mutate(change) -> list[tuple[str, dict]]:
    chapters = copy.deepcopy(drawn.chapters())
    change(chapters[1][1])
    return chapters


def cell_with(notebook: dict, text: str) -> dict:
    return next(cell for cell in notebook["cells"] if text in cell["source"])


def facts_of(notebook: dict, kind: str) -> dict:
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    told = [output["metadata"]["evalkit"] for output in outputs]
    return next(facts for facts in told if facts["kind"] == kind)


def replace_text(old: str, new: str):
    def change(notebook: dict) -> None:
        cell = cell_with(notebook, old)
        cell["source"] = cell["source"].replace(old, new)

    return change


MUTATIONS = {
    "a heading goes": replace_text("## Så räknade vi", "Så räknade vi"),
    "a heading sinks": replace_text("## Så räknade vi", "### Så räknade vi"),
    "a reference goes": replace_text("@tbl-course", "tabellen"),
    "a note goes": replace_text("[^1]\n\n[^1]: Lov räknas inte.", ""),
    "a link goes astray": replace_text("https://www.skolverket.se/", "https://www.scb.se/"),
    "a caption changes": lambda notebook: facts_of(notebook, "figure").update(caption="Något annat"),
    "an alternative text changes": lambda notebook: facts_of(notebook, "figure").update(alt="Något annat"),
    "a cell of a table changes": lambda notebook: change_table(notebook, "HT 2021", "HT 2022"),
}
BROKEN = {
    "a label goes": lambda notebook: facts_of(notebook, "table").update(label="tbl-other"),
    "a table goes": lambda notebook: notebook["cells"].remove(cell_with(notebook, "ek.show(ek.protect(table))")),
}


def change_table(notebook: dict, old: str, new: str) -> None:
    data = cell_with(notebook, "ek.show(ek.protect(table))")["outputs"][0]["data"]
    data.update({mime: text.replace(old, new) for mime, text in data.items()})


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_changed_notebook_is_noticed_in_every_format(site, name, tmp_path):
    changed = rendered(tmp_path / "ale", chapters=mutate(MUTATIONS[name]))
    spoken_by_the_drawing = {"attendance.html"} if name == "an alternative text changes" else set()
    same = {file for file in FILES[1:] if lines(changed / file) == lines(site / file)}
    assert same == spoken_by_the_drawing


@pytest.mark.parametrize("name", BROKEN)
def test_a_reference_to_nothing_is_an_error(name, tmp_path):
    with pytest.raises(RenderError, match="@tbl-course refers to nothing"):
        rendered(tmp_path / "ale", chapters=mutate(BROKEN[name]))
    assert list(tmp_path.iterdir()) == []


def test_twice_gives_the_same_bytes(site, tmp_path):
    again = rendered(tmp_path / "ale")
    files = sorted(path.relative_to(site) for path in site.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert [name for name in files if (site / name).read_bytes() != (again / name).read_bytes()] == []


@pytest.mark.quarto
def test_a_real_quarto_gives_the_same_outlines(site, tmp_path):
    if not (os.environ.get("QUARTO_PATH") or shutil.which("quarto")):
        pytest.skip("no quarto (>= 1.9) on the path or in QUARTO_PATH: the real renderer was not compared")
    made = rendered(tmp_path / "ale", renderer=choose_renderer("quarto"))
    for name in FILES:
        assert lines(made / name) == lines(site / name)

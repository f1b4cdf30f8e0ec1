"""The notebooks as they lie in the house: what no renderer has to run to find wrong."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

import evalkit
from evalkit.reports.labels import Words
from evalkit.reports.lint import lint

FOLDER = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
EXPECTED = {"summary", "basis", "attendance", "dialogue_forums"}
PARAMETERS = {"study_file", "site_file", "language", "run"}
DEFINITIONS = {
    "sv": r"årskurs(?:er)? \d(?:–\d)?|[Mm]inst 15 procent",
    "en": r"years? \d(?:–\d)?|[Aa]t least 15 per cent",
}


def cells(path: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return loaded


def tags(cell: dict[str, Any]) -> list[str]:
    return list(cell["metadata"].get("tags", []))


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def code(path: Path) -> list[str]:
    return [source(cell) for cell in cells(path) if cell["cell_type"] == "code"]


def labels(path: Path) -> list[str]:
    return [match for text in code(path) for match in re.findall(r"^#\| label: (\S+)$", text, re.MULTILINE)]


each = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def test_the_four_chapters_are_there() -> None:
    assert {path.stem for path in PATHS} == EXPECTED


@each
def test_the_common_subset_is_kept(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert [str(finding) for finding in lint(notebook, path.name)] == []


@each
def test_the_first_code_cell_holds_the_parameters(path: Path) -> None:
    first = next(cell for cell in cells(path) if cell["cell_type"] == "code")
    assert tags(first) == ["parameters"]
    names = {node.targets[0].id for node in ast.parse(source(first)).body}  # type: ignore[attr-defined]
    assert names == PARAMETERS


@each
def test_nothing_of_a_run_is_committed(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        assert set(cell["metadata"]) <= {"tags"}
    assert "papermill" not in notebook["metadata"]
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])


@each
def test_cells_are_short_and_hold_no_logic(path: Path) -> None:
    for text in code(path):
        assert len(text.splitlines()) <= 15
        assert max(len(line) for line in text.splitlines()) <= 120
        assert not re.search(r"^\s*(def|class|for|while|if|try|with)\b", text, re.MULTILINE)


@each
def test_text_stands_in_both_languages_with_the_same_shape(path: Path) -> None:
    spoken = {language: [source(c) for c in cells(path) if language in tags(c)] for language in ("sv", "en")}
    assert len(spoken["sv"]) == len(spoken["en"]) > 0
    for swedish, english in zip(spoken["sv"], spoken["en"], strict=True):
        for mark in (r"^##+ ", r"^:::", r"^\*\*", r"^- "):
            found = [len(re.findall(mark, text, re.MULTILINE)) for text in (swedish, english)]
            assert found[0] == found[1], f"{path.stem}: {mark} stands {found[0]} and {found[1]} times"
        assert len(swedish.split("\n\n")) == len(english.split("\n\n"))


@each
def test_results_are_shown_never_written(path: Path) -> None:
    for cell in cells(path):
        for language, allowed in DEFINITIONS.items():
            if language in tags(cell):
                left = re.sub(allowed, "", source(cell))
                assert not re.search(r"\d", left), f"{path.stem}: a number stands in the text: {left[:80]}"


def test_the_definition_in_the_text_is_the_one_in_the_code() -> None:
    for path in PATHS:
        assert "ek.attendance.high_absence(0.15)" in "\n".join(code(path))
        assert "school_year_starters(\n    year=7" in "\n".join(code(path))


@each
def test_everything_shown_came_through_protect(path: Path) -> None:
    module = ast.parse("\n".join(code(path)))
    safe = {"protect"}
    protected = {
        node.targets[0].id  # type: ignore[attr-defined]
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _verb(node.value) in safe
    }
    shows = [node for node in ast.walk(module) if isinstance(node, ast.Call) and _verb(node) == "show"]
    assert shows
    for call in shows:
        for argument in call.args:
            named = isinstance(argument, ast.Name) and argument.id in protected
            assert named or (isinstance(argument, ast.Call) and _verb(argument) in safe)


def _verb(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


@each
def test_notebooks_use_the_door_alone(path: Path) -> None:
    module = ast.parse("\n".join(code(path)))
    used = {
        node.attr
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ek"
    }
    assert used <= set(evalkit.__all__)


@each
def test_one_output_a_cell_and_floats_are_labelled(path: Path) -> None:
    for text in code(path):
        calls = re.findall(r"\bek\.show\(", text)
        assert len(calls) <= 1
        view = re.search(r'view="(\w+)"', text)
        floats = bool(calls) and (view.group(1) if view else "") in {"line", "bars", "grid", "interval", "wide"}
        if floats:
            assert "#| label: " in text


def test_labels_are_unique_over_the_report() -> None:
    found = [label for path in PATHS for label in labels(path)]
    assert len(found) == len(set(found)) >= 15


def test_labels_are_those_that_show_composes() -> None:
    """A label is made from the value's name, so that the text can refer to it."""
    for path in PATHS:
        text = "\n".join(code(path))
        names = set(re.findall(r'name="(\w+)"', text)) | {"flow"}
        for label in labels(path):
            assert label.split("-", 1)[1].replace("-", "_") in names


@each
def test_one_name_is_one_value(path: Path) -> None:
    names = re.findall(r'name="(\w+)"', "\n".join(code(path)))
    assert len(names) == len(set(names))


def test_tables_shown_as_tables_have_titles_of_their_own() -> None:
    words = Words("sv")
    for path in PATHS:
        for label in labels(path):
            if label.startswith("tbl-"):
                assert words.has("table." + label[4:].replace("-", "_")), label

"""The house as drawn in DESIGN: floors, rooms, third parties, sizes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "evalkit"
FILES = sorted(SOURCE.rglob("*.py"))

FLOORS = {
    "errors": 0,
    "vocabulary": 0,
    "values": 1,
    "sources": 2,
    "measures": 2,
    "cohorts": 2,
    "panels": 2,
    "models": 2,
    "disclosure": 2,
    "reports": 3,
    "deliveries": 3,
    "studies": 4,
    "cli": 5,
    "__init__": 5,
    "__main__": 5,
}

HOMES = {
    "ibis": {"values", "sources", "measures", "cohorts", "panels"},
    "duckdb": {"sources"},
    "pyarrow": {"sources"},
    "py4j": {"sources"},
    "pyspark": {"sources"},
    "httpx": {"sources"},
    "tenacity": {"sources"},
    "adbc_driver_manager": {"sources"},
    "adbc_driver_postgresql": {"sources"},
    "xlsxwriter": {"sources"},
    "linearmodels": {"models"},
    "diff_diff": {"models"},
    "statsmodels": {"models"},
    "scipy": {"models", "disclosure"},
    "seaborn": {"reports"},
    "matplotlib": {"reports"},
    "babel": {"reports"},
    "pypandoc": {"reports"},
    "typst": {"reports"},
    "pydantic": {"studies"},
    "yaml": {"studies"},
    "papermill": {"studies"},
    "nbformat": {"studies", "reports"},
    "typer": {"cli"},
    "rich": {"cli"},
}


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def identifier(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", FILES, ids=identifier)
def test_imports_go_strictly_down(path: Path) -> None:
    room = room_of(path)
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] != "evalkit" or len(parts) < 2:
            continue
        other = parts[1] if parts[1] in FLOORS else "__init__"
        if other == room:
            continue
        assert FLOORS[other] < FLOORS[room], f"{identifier(path)} ({room}) imports {name}"


@pytest.mark.parametrize("path", FILES, ids=identifier)
def test_third_parties_stay_in_their_rooms(path: Path) -> None:
    room = room_of(path)
    for name in imports_of(path):
        top = name.split(".")[0]
        assert room in HOMES.get(top, {room}), f"{identifier(path)} imports {top}"
        if top in {"pandas", "numpy"}:
            assert FLOORS[room] >= 1


@pytest.mark.parametrize("path", FILES, ids=identifier)
def test_sizes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 320, "split by verb"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = node.end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 45, f"{node.name} has {lines} lines"


def test_only_disclosure_makes_protected_values() -> None:
    users = {room_of(path) for path in FILES if "Birthright" in path.read_text(encoding="utf-8")}
    assert users <= {"values", "disclosure"}


def test_no_drawers_without_a_theme() -> None:
    assert not [path for path in FILES if path.stem in {"utils", "helpers", "common", "misc"}]


def test_values_and_vocabulary_know_no_third_party_beyond_theirs() -> None:
    allowed = {"__future__", "evalkit"}
    for path in FILES:
        if room_of(path) in {"errors", "vocabulary"}:
            import sys

            tops = {name.split(".")[0] for name in imports_of(path)} - allowed
            assert tops <= set(sys.stdlib_module_names), identifier(path)

"""The manual's chapters, made from the spec tests: what each states, the drawn tables that go in, what comes out.

``python tests/manual.py docs/manual`` writes one page a chapter. Only what a passing test holds stands there, and a
test fails when the pages are stale.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evalkit import cohorts, measures
from evalkit.vocabulary.measures import meaning_of
from library import library, meaning_name, spec_tests

SPEC = Path(__file__).parent / "spec"
CHAPTERS = {
    "cohorts": "Cohorts: who is studied",
    "attendance": "Attendance",
    "connectedness": "Connectedness to school",
    "transitions": "Transitions",
    "forums": "Dialogue forums",
    "progression": "Progression, dropout and support",
    "completion": "Completion",
    "participants": "Participants and statuses",
    "panels": "Panels and tables",
}
ASKING = ("measured", "build_cohort", "build_panel", "tabulate", "known_of")


@dataclass(frozen=True)
class Section:
    """One file of a chapter."""

    title: str
    text: str
    entries: tuple[str, ...]


def write_manual(folder: Path) -> tuple[Path, ...]:
    """Write a page for each chapter that has spec tests, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for chapter, title in CHAPTERS.items():
        sections = [_section(path) for path in sorted((SPEC / chapter).glob("test_*.py"))]
        if sections:
            page = folder / f"{chapter}.md"
            page.write_text(_page(title, sections), encoding="utf-8")
            written.append(page)
    listed = folder / "measures.md"
    listed.write_text(_list_of_measures(), encoding="utf-8")
    return (*written, listed)


def _list_of_measures() -> str:
    """Write a line for each function of the library: what it measures, and the spec test that holds it."""
    parts = ["# Measures and events", "A line for each function of the library, at its defaults."]
    for module in measures.__all__:
        head = "| `ek." + module + "` | rows | measures | numerator | denominator | coverage | better | spec test |"
        rows = [head, "|---|---|---|---|---|---|---|---|"]
        for name, made in ((name, made) for room, name, made in library() if room == module):
            told = meaning_of(meaning_name(made))
            held = ", ".join(f"`{path.parent.name}/{path.name}`" for path in spec_tests(module, name))
            texts = (told.numerator["en"], told.denominator["en"], told.coverage["en"], told.direction)
            about = ", ".join(told.rows)
            rows.append(f"| `{name}` | {about} | {told.en}. {told.definition['en']} | {' | '.join(texts)} | {held} |")
        parts += [f"## {module}", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _page(title: str, sections: list[Section]) -> str:
    note = "Every statement below is a test in `tests/spec`; this page is made from them by `make docs`."
    parts = [f"# {title}", note]
    for section in sections:
        parts += [f"## {section.title}", section.text, *section.entries]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(path: Path) -> Section:
    module = ast.parse(path.read_text(encoding="utf-8"))
    title, _, text = inspect.cleandoc(ast.get_docstring(module) or path.stem).partition("\n")
    constants = _texts(module.body, {})
    tests = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    stated = [test for test in sorted(tests, key=lambda test: test.lineno) if ast.get_docstring(test)]
    return Section(title.rstrip("."), text.strip(), tuple(_entry(test, constants) for test in stated))


def _entry(test: ast.FunctionDef, constants: dict[str, str]) -> str:
    own = _texts(ast.walk(test), constants)
    parts = [f"**{inspect.cleandoc(ast.get_docstring(test) or '')}**"]
    calls = sorted(
        (node for node in ast.walk(test) if isinstance(node, ast.Call)),
        key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0),
    )
    for call in calls:
        parts += _told(call, own)
    return "\n\n".join(parts)


def _told(call: ast.Call, constants: dict[str, str]) -> list[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name == "site":
        drawn = [(word.arg, _text(word.value, constants)) for word in call.keywords if word.arg]
        return [f"`{table}`\n\n{_table(text)}" for table, text in drawn if text and "\n" in text]
    if name in ASKING and call.args:
        asked = [ast.unparse(each) for each in call.args if _is_asked(each)]
        return [f"Asked: `{', '.join(asked)}`"] if asked else []
    if name == "matches" and len(call.args) == 2:
        text = _text(call.args[1], constants)
        return [f"Answer:\n\n{_table(text)}"] if text else []
    return []


def _is_asked(node: ast.expr) -> bool:
    """Tell what a reader can write from what a test makes for itself."""
    if isinstance(node, ast.Call):
        named = ast.unparse(node.func)
        return "." in named or named in cohorts.__all__
    return isinstance(node, ast.Constant)


def _texts(nodes: Iterable[ast.AST], known: dict[str, str]) -> dict[str, str]:
    """Return the names that are given a text, beside those known."""
    found = dict(known)
    for node in nodes:
        text = _text(node.value, found) if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Assign) and text is not None:
            found |= {target.id: text for target in node.targets if isinstance(target, ast.Name)}
    return found


def _text(node: ast.expr, constants: dict[str, str]) -> str | None:
    """Return the text that stands in an expression: written out, named, or several one after the other."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        first, second = _text(node.left, constants), _text(node.right, constants)
        return None if first is None or second is None else first + second
    return constants.get(node.id) if isinstance(node, ast.Name) else None


def _table(drawn: str) -> str:
    lines = [line.split() for line in drawn.strip().splitlines() if line.strip()]
    head, *rows = lines
    marked = [["" if cell == "-" else cell.replace("|", "\\|") for cell in row] for row in rows]
    ruled = [head, ["---"] * len(head), *marked]
    return "\n".join("| " + " | ".join(row) + " |" for row in ruled)


if __name__ == "__main__":
    for page in write_manual(Path(sys.argv[1])):
        sys.stdout.write(f"{page}\n")

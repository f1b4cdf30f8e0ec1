"""The common subset: what a notebook may use so that both renderers give the same report."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evalkit.errors import RenderError
from evalkit.reports.front_matter import read_front_matter
from evalkit.reports.outputs import text_of
from evalkit.reports.texts import LANGUAGES

MOST_LINES = 15
HEADING = re.compile(r"^(#{1,6})\s+\S")
OPTION = re.compile(r"^#\|\s*([\w-]+)\s*:")
FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
OPTIONS = {"label", "echo", "output", "warning", "include", "code-fold", "tags"}
COMPOSED = {"fig-cap", "fig-alt", "tbl-cap"}
FRONT = {"title", "subtitle", "support", "nav", "author", "date", "abstract", "bibliography"}
LABEL = re.compile(r"^(fig|tbl)-[a-z0-9-]+$")
REFERENCE = re.compile(r"(?<![\w.])@((?:fig|tbl|sec|eq)-[\w-]+)")
DEFINED = re.compile(r"\{[^}]*#((?:fig|tbl|sec|eq)-[\w-]+)")
FORBIDDEN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\{\{[<%]"), "shortcodes are not in the common subset"),
    (
        re.compile(r"<script|<iframe|<style|<img|\bon\w+\s*=\s*[\"']", re.IGNORECASE),
        "no scripts, styles or raw pictures",
    ),
    (re.compile(r"\.column-(margin|page|screen|body)|\.aside\b"), "columns are Quarto's own: use ::: {.sidenote}"),
    (re.compile(r"layout-(ncol|nrow)|\blayout\s*="), "layouts are not in the common subset"),
    (re.compile(r"!\[[^\]]*\]\(https?:"), "pictures come from the report itself, not from the web"),
    (re.compile(r"\{mermaid\}|\{dot\}"), "diagrams as code are not in the common subset"),
    (re.compile(r"@(?:thm|lem|cor|prp|cnj|def|exm|exr)-"), "theorem references are not in the common subset"),
)
CALLOUT = re.compile(r"\{[^}]*\.callout-\w+[^}]*\}")


@dataclass(frozen=True)
class Finding:
    """One breach: notebook, number of the cell as JupyterLab counts (the first is 1), and what is wrong."""

    notebook: str
    cell: int
    problem: str

    def __str__(self) -> str:
        """Return place and problem on one line."""
        return f"{self.notebook}, cell {self.cell}: {self.problem}"


def lint(notebook: Mapping[str, Any], name: str) -> list[Finding]:
    """Return every breach of the common subset and of the house's rules for notebooks.

    Parameters
    ----------
    notebook
        As committed.
    name
        File name for the findings.

    Returns
    -------
    list of Finding
        In the order of the cells; empty if all is well.
    """
    cells = notebook["cells"]
    found = [Finding(name, 1, problem) for problem in _top(cells)]
    for number, cell in enumerate(cells, start=1):
        for check in CHECKS:
            found += [Finding(name, number, problem) for problem in check(cell)]
    for language in LANGUAGES:
        found += [Finding(name, number, problem) for number, problem in _headings(cells, language)]
        found += [Finding(name, number, problem) for number, problem in _references(cells, language)]
    found += [Finding(name, number, problem) for number, problem in _twins(cells)]
    return sorted(dict.fromkeys(found), key=lambda finding: finding.cell)


# ---- one cell ----


def _top(cells: list[Mapping[str, Any]]) -> Iterator[str]:
    if not cells or cells[0]["cell_type"] != "raw":
        yield "the first cell is raw and holds title: {sv: …, en: …}"
        return
    try:
        front = read_front_matter(text_of(cells[0]["source"]), place="front matter")
    except RenderError as error:
        yield error.problem
        return
    yield from (f"{key} is not one of {', '.join(sorted(FRONT))}" for key in front if key not in FRONT)
    title = front.get("title")
    if not isinstance(title, dict) or any(not title.get(language) for language in LANGUAGES):
        yield "the title stands in sv and en"


def _code(cell: Mapping[str, Any]) -> Iterator[str]:
    if cell["cell_type"] != "code":
        return
    source = text_of(cell["source"])
    if cell.get("outputs") or cell.get("execution_count") is not None:
        yield "outputs and counts are not committed: clear them"
    if len(source.splitlines()) > MOST_LINES:
        yield f"a cell has at most {MOST_LINES} lines"
    if "injected-parameters" in _tags(cell):
        yield "the cell of injected parameters belongs to a run"
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        yield "the code is not Python"
        return
    if any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda) for node in nodes):
        yield "logic belongs in evalkit: no def, class or lambda in a notebook"
    if any(isinstance(node, ast.For | ast.While) for node in nodes):
        yield "logic belongs in evalkit: no loops in a notebook"
    yield from _imports(nodes)


def _imports(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from (f"notebooks import evalkit alone, not {name}" for name in names if name.split(".")[0] != "evalkit")


def _options(cell: Mapping[str, Any]) -> Iterator[str]:
    if cell["cell_type"] != "code":
        return
    for line in text_of(cell["source"]).splitlines():
        match = OPTION.match(line)
        if match and match[1] in COMPOSED:
            yield f"{match[1]} is composed by show() from the values, never a fixed text"
        elif match and match[1] not in OPTIONS:
            yield f"the cell option {match[1]} is not in the common subset"
        elif match and match[1] == "label" and not LABEL.match(line.partition(":")[2].strip()):
            yield "a label is fig- or tbl- and lower-case letters, digits, hyphens"


def _text(cell: Mapping[str, Any]) -> Iterator[str]:
    if cell["cell_type"] != "markdown":
        return
    spoken = set(_tags(cell)) & set(LANGUAGES)
    text = _without_code(text_of(cell["source"]))
    if len(spoken) != 1 and re.search(r"[^\W\d_]{2}", re.sub(r"\{[^}]*\}", "", text)):
        yield "a cell of text carries the tag sv or en"
    yield from (problem for pattern, problem in FORBIDDEN if pattern.search(text))
    for callout in CALLOUT.findall(text):
        if "title=" not in callout:
            yield "a callout has a title"
    for opening in re.findall(r"!\[[^\]]*\]\([^)]*\)(\{[^}]*\})?", text):
        if "fig-alt=" not in opening:
            yield "a picture has a fig-alt"
    if any(cell.get("attachments", {})):
        yield "pictures do not lie in cells: show() makes them"


CHECKS: tuple[Callable[[Mapping[str, Any]], Iterator[str]], ...] = (_code, _options, _text)


# ---- the notebook as a whole ----


def _tags(cell: Mapping[str, Any]) -> list[str]:
    return list(cell.get("metadata", {}).get("tags", []))


def _spoken_in(cells: list[Mapping[str, Any]], language: str) -> Iterator[tuple[int, str]]:
    for number, cell in enumerate(cells, start=1):
        spoken = set(_tags(cell)) & set(LANGUAGES)
        if cell["cell_type"] == "markdown" and (not spoken or language in spoken):
            yield number, _without_code(text_of(cell["source"]))


def _headings(cells: list[Mapping[str, Any]], language: str) -> Iterator[tuple[int, str]]:
    last = 1
    for number, text in _spoken_in(cells, language):
        for line in text.splitlines():
            match = HEADING.match(line)
            if match is None:
                continue
            level = len(match[1])
            if level == 1:
                yield number, "headings start at ##; the title stands in the first cell"
            elif level > last + 1:
                yield number, f"the heading skips from level {last} to {level}"
            last = level


def _references(cells: list[Mapping[str, Any]], language: str) -> Iterator[tuple[int, str]]:
    """Find references to sections that are not there; figures and tables are known only when the notebook has run."""
    defined = {label for _, text in _spoken_in(cells, language) for label in DEFINED.findall(text)}
    for number, text in _spoken_in(cells, language):
        for label in REFERENCE.findall(text):
            if label.startswith(("sec-", "eq-")) and label not in defined:
                yield number, f"@{label} refers to nothing in this notebook ({language})"


def _twins(cells: list[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    """Find cells of one language that have no twin in the other between the same two cells of code."""
    waiting: list[tuple[int, str]] = []
    for number, cell in enumerate([*cells, {"cell_type": "code"}], start=1):
        spoken = [tag for tag in _tags(cell) if tag in LANGUAGES]
        if cell["cell_type"] == "markdown" and len(spoken) == 1:
            other = next((place for place, entry in enumerate(waiting) if entry[1] != spoken[0]), None)
            if other is None:
                waiting.append((number, spoken[0]))
            else:
                waiting.pop(other)
        elif cell["cell_type"] == "code":
            for place, language in waiting:
                yield place, f"the text in {language} has no twin in {'en' if language == 'sv' else 'sv'} beside it"
            waiting = []


def _without_code(text: str) -> str:
    kept, closing = [], ""
    for line in text.splitlines():
        match = FENCE.match(line)
        if closing:
            closing = "" if match and line.strip().startswith(closing) else closing
        elif match:
            closing = match[1]
        else:
            kept.append(re.sub(r"`[^`]*`", "", line))
    return "\n".join(kept)

"""An executed notebook made ready for either renderer, in one language and for one format."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.errors import RenderError
from evalkit.reports.arrange import CARD, answers_with_notes, beside, levelled
from evalkit.reports.front_matter import fenced, in_language, read_front_matter
from evalkit.reports.outputs import chosen_outputs, facts_of, is_card, text_of
from evalkit.reports.page_frame import document_frame, kicker, page_frame
from evalkit.reports.provenance import Format, ReportInfo, facts, versions_text
from evalkit.reports.texts import LANGUAGES, frame_texts

Notebook = dict[str, Any]
Cell = dict[str, Any]

PARAMETERS = "parameters"
DROPPED_TAGS = {"injected-parameters", "sentinel", "evalkit-sentinel", "papermill-error-cell-tag"}
HEADING = re.compile(r"^#\s+(.+?)\s*$", re.MULTILINE)
PREFIX = {"figure": "fig", "table": "tbl"}
OPTION = re.compile(r"^#\|\s*([\w-]+)\s*:\s*(.*)$")


def prepare(notebook: Mapping[str, Any], *, chapter: str, form: Format, info: ReportInfo) -> Notebook:
    """Return one chapter, ready to be rendered by Quarto or by the embedded renderer.

    Parameters
    ----------
    notebook
        Executed, as `nbformat` reads it. It is not changed.
    chapter
        The notebook's name, one of ``info.chapters``.
    form
        ``"html"`` (a page of its own), or ``"pdf"`` or ``"docx"`` (mostly by way of `prepare_report`).
    info
        What the frame says; its language decides which cells stay.

    Returns
    -------
    dict
        A notebook of the common subset: front matter first, cells of one language, each output in one form with its
        caption, alternative text and label as cell options, no counts, times, paths or traces of the run.

    Raises
    ------
    RenderError
        If a cell failed, a language is missing or an output cannot be shown, naming notebook and cell.
    """
    front, body = _chapter(notebook, chapter, form, info)
    frame = page_frame(info, chapter=chapter, title=front.title, subtitle=front.subtitle, support=front.support)
    return _notebook([_raw(fenced(frame)), *body], chapter)


def prepare_report(chapters: Sequence[tuple[str, Mapping[str, Any]]], *, form: Format, info: ReportInfo) -> Notebook:
    """Return all chapters as one notebook, each under a heading of the first level, for PDF or Word.

    Parameters
    ----------
    chapters
        Name and executed notebook, in the order of reading.
    form, info
        As for `prepare`.

    Raises
    ------
    RenderError
        As for `prepare`; and if two chapters use one label.
    """
    cells: list[Cell] = [_raw(fenced(document_frame(info, form)))]
    seen: dict[str, str] = {}
    for number, (name, notebook) in enumerate(chapters, start=1):
        front, body = _chapter(notebook, name, form, info)
        for label in filter(None, (option(cell, "label") for cell in body)):
            if label in seen:
                raise RenderError(
                    f"the label {label} stands in {seen[label]} and in {name}", remedy="labels are unique in a report"
                )
            seen[label] = name
        cells += [_markdown(_opening(front, name, number, info)), *body]
    cells.append(_markdown(_closing(info)))
    return _notebook(cells, info.site or info.study)


def chapter_title(notebook: Mapping[str, Any], *, name: str, language: str) -> str:
    """Return what readers call a chapter in the navigation: ``nav`` of its front matter, else its title."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "raw":
            front = read_front_matter(text_of(cell["source"]), place=f"{name}, cell 1")
            for key in ("nav", "title"):
                if key in front:
                    return in_language(front[key], language, place=f"{key} of {name}")
        if cell["cell_type"] == "markdown" and _speaks(cell, language):
            heading = HEADING.match(text_of(cell["source"]).strip())
            if heading:
                return heading.group(1)
    raise RenderError(
        f"{name} has no title", remedy="begin the notebook with a raw cell that holds title: {sv: …, en: …}"
    )


def _chapter(notebook: Mapping[str, Any], name: str, form: Format, info: ReportInfo) -> tuple[FrontMatter, list[Cell]]:
    """Return a chapter's own front matter and its prepared cells."""
    cells = [dict(cell) for cell in notebook["cells"] if _kept(cell, info.language)]
    front, cells = _front_matter(cells, name, info)
    groups = [_prepared(cell, f"{name}, cell {number}", form) for number, cell in enumerate(cells, start=1)]
    flat = [cell for group in groups for cell in group]
    return front, beside(levelled(answers_with_notes(flat, _markdown)), _markdown)


def _opening(front: FrontMatter, name: str, number: int, info: ReportInfo) -> str:
    """Write a chapter's front matter as its heading, lead and support."""
    attributes = f'#ch-{name.replace("_", "-")} chapter="{number}" kicker={_quoted(kicker(info, number))}'
    parts = [f"# {front.title} {{{attributes}}}"]
    parts += [
        f"::: {{.{kind}}}\n{text}\n:::" for kind, text in (("lead", front.subtitle), ("support", front.support)) if text
    ]
    return "\n\n".join(parts)


def _closing(info: ReportInfo) -> str:
    """Write what the website says in its footer."""
    lines = [f"{fact.term}\n:   {fact.line}" for fact in facts(info)]
    title = f"# {frame_texts(info.language)['provenance']} {{#provenance}}"
    made = f"::: {{.figure-note}}\n{versions_text(info)}\n:::"
    return "\n\n".join([title, "::: {.facts}", *lines, ":::", made])


# ---- cells ----


def _speaks(cell: Mapping[str, Any], language: str) -> bool:
    spoken = set(_tags(cell)) & set(LANGUAGES)
    return not spoken or language in spoken


def _tags(cell: Mapping[str, Any]) -> list[str]:
    return list(cell.get("metadata", {}).get("tags", []))


def _kept(cell: Mapping[str, Any], language: str) -> bool:
    return _speaks(cell, language) and not DROPPED_TAGS & set(_tags(cell))


@dataclass(frozen=True)
class FrontMatter:
    """A chapter's heading, the sentence under it, and the small line under that."""

    title: str
    subtitle: str
    support: str


def _front_matter(cells: list[Cell], name: str, info: ReportInfo) -> tuple[FrontMatter, list[Cell]]:
    """Return what stands at the top of a chapter, and the cells without what held it."""
    values: dict[str, str | dict[str, str]] = {}
    rest = list(cells)
    if rest and rest[0]["cell_type"] == "raw":
        values = read_front_matter(text_of(rest.pop(0)["source"]), place=f"{name}, cell 1")
    front = {
        key: in_language(values.get(key), info.language, place=f"{key} of {name}")
        for key in ("title", "subtitle", "support")
    }
    for cell in rest:
        for output in cell.get("outputs", []):
            said = facts_of(output).get("page", {})
            front |= {key: str(text) for key, text in said.items() if key in front}
    if not front["title"]:
        front["title"], rest = _title_in_text(rest, name)
    return FrontMatter(**front), rest


def _title_in_text(cells: list[Cell], name: str) -> tuple[str, list[Cell]]:
    for place, cell in enumerate(cells):
        if cell["cell_type"] == "markdown":
            text = text_of(cell["source"])
            heading = HEADING.match(text.strip())
            if heading:
                return heading.group(1), [
                    *cells[:place],
                    {**cell, "source": HEADING.sub("", text, count=1)},
                    *cells[place + 1 :],
                ]
            break
    raise RenderError(
        f"{name} has no title", remedy="begin the notebook with a raw cell that holds title: {sv: …, en: …}"
    )


def _prepared(cell: Cell, place: str, form: Format) -> list[Cell]:
    if cell["cell_type"] != "code":
        text = text_of(cell["source"]).strip()
        return [_markdown(text)] if text else []
    tags = _tags(cell)
    if PARAMETERS in tags:
        return [_code("", [], tags=["remove-cell"])]
    outputs, notes, options = [], [], _options(cell)
    for output in cell.get("outputs", []):
        chosen = chosen_outputs(output, form, place=place)
        outputs += chosen
        said = facts_of(output) if chosen else {}
        if is_card(output):
            tags.append(CARD)
        if said.get("kind") not in PREFIX:
            # what could not be drawn is a box of words, and no figure to refer to
            options.pop("label", None)
        options |= _float_options(said, options.get("label", ""))
        if said.get("note"):
            notes.append(_markdown(f"::: {{.figure-note}}\n{said['note']}\n:::"))
    if "remove-cell" in tags or not (outputs or options.get("echo") == "true"):
        return []
    lines = [f"#| {key}: {value}" for key, value in options.items()]
    if options.get("echo") == "true":
        lines += [line for line in text_of(cell["source"]).splitlines() if not OPTION.match(line)]
    return [_code("\n".join(lines), outputs, tags=[CARD] if CARD in tags else []), *notes]


def _options(cell: Cell) -> dict[str, str]:
    matches = (OPTION.match(line) for line in text_of(cell["source"]).splitlines())
    return {match.group(1): match.group(2) for match in matches if match}


def option(cell: Mapping[str, Any], name: str) -> str:
    """Return one option of a prepared cell, empty where it has none."""
    if cell["cell_type"] != "code":
        return ""
    value = _options(dict(cell)).get(name, "")
    return str(json.loads(value)) if value.startswith('"') else value


def _float_options(said: Mapping[str, Any], written: str) -> dict[str, str]:
    """Return the cell options that both renderers read for one figure or table; a label written in the cell stays."""
    prefix = PREFIX.get(str(said.get("kind")))
    if prefix is None or not said.get("label"):
        return {"fig-alt": _quoted(str(said["alt"]))} if said.get("alt") else {}
    own = str(said["label"]).removeprefix(f"{prefix}-")
    label = written if written.startswith(f"{prefix}-") else f"{prefix}-{own}"
    caption = str(said.get("caption", ""))
    if said.get("subtitle"):
        caption += f" [{said['subtitle']}]{{.subtitle}}"
    options = {"label": label, f"{prefix}-cap": _quoted(caption)}
    if prefix == "fig":
        options["fig-alt"] = _quoted(str(said.get("alt", "")))
    return options


def _quoted(text: str) -> str:
    return json.dumps(" ".join(text.split()), ensure_ascii=False)


# ---- notebooks ----


def _raw(text: str) -> Cell:
    return {"cell_type": "raw", "metadata": {}, "source": text}


def _markdown(text: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code(source: str, outputs: list[dict[str, Any]], *, tags: Sequence[str] = ()) -> Cell:
    metadata = {"tags": list(tags)} if tags else {}
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": outputs, "source": source}


def _notebook(cells: Sequence[Cell], name: str) -> Notebook:
    numbered = [{"id": f"{name.replace('_', '-')}-{number}", **cell} for number, cell in enumerate(cells, start=1)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": numbered, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}

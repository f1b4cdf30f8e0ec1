"""A prepared notebook as the Markdown that Quarto would make of it, and the pictures it shows."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evalkit.reports.outputs import text_of
from evalkit.reports.prepare import option

EXTENSIONS = {"image/svg+xml": "svg", "image/png": "png"}
OPTION_LINE = re.compile(r"^#\|.*$\n?", re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """Markdown with its front matter, and files by the path that it names them by."""

    markdown: str
    files: Mapping[str, bytes]


def read_source(notebook: Mapping[str, Any]) -> Source:
    """Return a prepared notebook as one Markdown text.

    Parameters
    ----------
    notebook
        What `prepare` or `prepare_report` gave.

    Returns
    -------
    Source
        Labelled cells in the shapes that Quarto 1.10 gives them (`src/core/jupyter/jupyter.ts`): a picture carries its
        label, other output stands in a labelled div that ends with the caption, a table's cell holds label and caption.
    """
    parts: list[str] = []
    files: dict[str, bytes] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            parts.append(text_of(cell["source"]))
        elif "remove-cell" not in cell["metadata"].get("tags", []):
            parts.append(_code_cell(cell, files))
    return Source("\n\n".join(parts) + "\n", files)


def _code_cell(cell: Mapping[str, Any], files: dict[str, bytes]) -> str:
    label = option(cell, "label")
    parts = []
    if option(cell, "echo") == "true":
        parts.append(f"```python\n{OPTION_LINE.sub('', text_of(cell['source'])).strip()}\n```")
    for number, output in enumerate(cell["outputs"], start=1):
        name = f"{label or cell['id']}-{number}"
        parts.append(_output(cell, output, name, files))
    body = "\n\n".join(parts)
    if label.startswith("tbl-"):
        return f"::: {{#{label} .cell tbl-cap='{_attribute(option(cell, 'tbl-cap'))}'}}\n{body}\n:::"
    return f"::: {{.cell}}\n{body}\n:::"


def _output(cell: Mapping[str, Any], output: Mapping[str, Any], name: str, files: dict[str, bytes]) -> str:
    ((mime, content),) = output["data"].items()
    data = text_of(content)
    label = option(cell, "label")
    caption = option(cell, "fig-cap")
    if mime in EXTENSIONS:
        path = f"figures/{name}.{EXTENSIONS[mime]}"
        files[path] = data.encode() if mime == "image/svg+xml" else base64.b64decode(data)
        alt = _attribute(option(cell, "fig-alt"))
        identity = f"#{label} " if label else ""
        width = output["metadata"].get(mime, {}).get("width")
        identity += f"width={width} " if width else ""
        return f"::: {{.cell-output .cell-output-display}}\n![{caption}]({path}){{{identity}fig-alt='{alt}'}}\n:::"
    body = f"```{{=html}}\n{data}\n```" if mime == "text/html" else data
    if label.startswith("fig-"):
        return f"::: {{#{label} .cell-output .cell-output-display}}\n{body}\n\n{caption}\n:::"
    return f"::: {{.cell-output .cell-output-display}}\n{body}\n:::"


def _attribute(text: str) -> str:
    return text.replace("'", "\\'")

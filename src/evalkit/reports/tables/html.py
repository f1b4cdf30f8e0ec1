"""The rich form: own markup, because the table's ids must be unique on the page and every head must have a scope."""

from __future__ import annotations

from html import escape

from evalkit.reports.labels import Words
from evalkit.reports.tables.cells import Cell, Grid
from evalkit.reports.tables.legend import signs_used


def table_html(grid: Grid, words: Words, *, title: str, note: str = "") -> str:
    """Return a table as HTML.

    Parameters
    ----------
    grid
        What `read_cells` gave.
    words
        Language of the legend.
    title, note
        Stand in the table's caption, above it.

    Returns
    -------
    str
        A scrollable region with one ``table``: caption, heads with scope, protected cells marked as such, legend below.
        Quarto is told to leave it alone.
    """
    under = f'<span class="subtitle">{escape(note)}</span>' if note else ""
    lines = [
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(title)}">',
        '<table data-quarto-disable-processing="true">',
        f"<caption>{escape(title)}{under}</caption>",
        _head(grid),
        _body(grid, words),
        "</table></div>",
    ]
    signs = signs_used(grid, words)
    if signs:
        said = " ".join(f"<span><b>{escape(s.sign)}</b> {escape(s.meaning)}</span>" for s in signs)
        lines.append(f'<p class="legend">{said}</p>')
    return "\n".join(lines)


def _head(grid: Grid) -> str:
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in grid.stub)
    heads = "".join(f'<th scope="col"{_numeric(h.numeric)}>{escape(h.text)}</th>' for h in grid.headings)
    return f"<thead><tr>{names}{heads}</tr></thead>"


def _numeric(numeric: bool) -> str:
    return ' class="number"' if numeric else ""


def _body(grid: Grid, words: Words) -> str:
    if len(grid.stub) < 2:
        rows = "".join(_row(row.names, row.cells, row.total, grid, words) for row in grid.rows)
        return f"<tbody>{rows}</tbody>"
    groups: list[str] = []
    first = ""
    for row in grid.rows:
        if row.names[0] != first or not groups:
            first = row.names[0]
            groups.append("")
            names = row.names
        else:
            names = ("", *row.names[1:])
        groups[-1] += _row(names, row.cells, row.total, grid, words)
    return "".join(f"<tbody>{_spanned(group)}</tbody>" for group in groups)


def _row(names: tuple[str, ...], cells: tuple[Cell, ...], total: bool, grid: Grid, words: Words) -> str:
    heads = "".join(f'<th scope="row">{escape(name)}</th>' if name else "<!--same-->" for name in names)
    body = "".join(_cell(cell, h.numeric, words) for cell, h in zip(cells, grid.headings, strict=True))
    marked = ' class="total"' if total else ""
    return f"<tr{marked}>{heads}{body}</tr>"


def _spanned(group: str) -> str:
    """Let the first name of a group stand over all its rows."""
    rows = group.count("<tr")
    spread = group.replace('<th scope="row">', f'<th scope="rowgroup" rowspan="{rows}">', 1)
    return spread.replace("<!--same-->", "")


def _cell(cell: Cell, numeric: bool, words: Words) -> str:
    classes = [name for name, wanted in (("number", numeric), ("protected", cell.sign == "..")) if wanted]
    marked = f' class="{" ".join(classes)}"' if classes else ""
    if cell.sign == "..":
        return f'<td{marked}><abbr title="{escape(words.say("sign.said"))}">..</abbr></td>'
    return f"<td{marked}>{escape(cell.text)}</td>"

"""The plain form, for PDF and Word: a pipe table."""

from __future__ import annotations

from evalkit.reports.labels import Words
from evalkit.reports.tables.cells import Grid, unbroken
from evalkit.reports.tables.legend import legend_text, signs_used


def table_plain(grid: Grid, words: Words) -> str:
    """Return a table as a Markdown pipe table with its legend.

    Parameters
    ----------
    grid
        What `read_cells` gave.
    words
        Language of the legend.

    Returns
    -------
    str
        Names to the left, numbers to the right; widths in proportion to the longest text, so that print gives each
        column its room. A repeated first name is left out.
    """
    names = len(grid.stub)
    heads = [*grid.stub, *(heading.text for heading in grid.headings)]
    rows = []
    before: tuple[str, ...] = ()
    for row in grid.rows:
        shown = list(row.names)
        if names > 1 and before and before[0] == row.names[0]:
            shown[0] = ""
        before = row.names
        rows.append([unbroken(_safe(name)) for name in shown] + [unbroken(_safe(cell.text)) for cell in row.cells])
    heads = [_safe(head) for head in heads]
    right = [False] * names + [heading.numeric for heading in grid.headings]
    widths = [max(len(row[place]) for row in [heads, *rows]) for place in range(len(heads))]
    rules = ["-" * (width + 1) + (":" if numeric else "-") for width, numeric in zip(widths, right, strict=True)]
    lines = [_line(heads), "|" + "|".join(rules) + "|", *(_line(row) for row in rows)]
    signs = signs_used(grid, words)
    if signs:
        lines += ["", f"::: {{.legend}}\n{_safe(legend_text(signs))}\n:::"]
    return "\n".join(lines)


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _safe(text: str) -> str:
    """Escape what Markdown would take for its own."""
    for sign in ("\\", "|", "*", "_", "~", "<", "$", "#", "@"):
        text = text.replace(sign, "\\" + sign)
    return text

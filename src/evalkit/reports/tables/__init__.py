"""Protected tables as readers meet them: rich on screen, plain in print."""

from evalkit.reports.tables.cells import Cell, Grid, Heading, read_cells, read_wide
from evalkit.reports.tables.html import table_html
from evalkit.reports.tables.legend import Sign, signs_used
from evalkit.reports.tables.plain import table_plain

__all__ = ["Cell", "Grid", "Heading", "Sign", "read_cells", "read_wide", "signs_used", "table_html", "table_plain"]

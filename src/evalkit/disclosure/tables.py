"""Tables with what must be hidden taken out, and a mark in every cell that holds no number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from evalkit.disclosure.cells import Cell, Part, number, rows_of, seen_counts, share_parts, universe_of
from evalkit.disclosure.policy import Policy
from evalkit.disclosure.ratios import amount_of, persons_of, ratio_columns, root_of, too_few
from evalkit.values import MISSING, NOT_APPLICABLE, SUPPRESSED, Column, Table

HIDING_MARKS = (SUPPRESSED, "~0", "~100")


@dataclass(frozen=True)
class Hidden:
    """What a release hides: counts and amounts by their meaning, and the marks of shares near an end."""

    counts: set[Cell] = field(default_factory=set)
    amounts: set[Cell] = field(default_factory=set)
    marks: Mapping[Part, str] = field(default_factory=dict)


def treat_table(table: Table, hidden: Hidden, policy: Policy) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take out what is hidden.

    Parameters
    ----------
    table
        As asked for.
    hidden
        Decided for the release as a whole.
    policy
        The thresholds.

    Returns
    -------
    tuple of pandas.DataFrame
        The treated frame (numbers as floats, NaN where hidden or missing) and the marks, of one shape. Shares, rates
        and means are divided anew from what remains. Columns that are not shown are emptied: they leave nothing behind.
    """
    writer = _Writer(table, hidden, policy)
    rows = [writer.row(row, levels) for row, levels in rows_of(table)]
    names = list(table.frame.columns)
    frame = pd.DataFrame([values for values, _ in rows], columns=names).astype(dict.fromkeys(writer.numeric, "float64"))
    for name in names:
        if name not in writer.numeric:
            frame[name] = table.frame[name]
    return frame, pd.DataFrame([marks for _, marks in rows], columns=names, dtype="object").fillna("")


def count_suppressed(table: Table, marks: pd.DataFrame) -> int:
    """Count the shown cells that were taken."""
    return int(sum(marks[column.name].isin(HIDING_MARKS).sum() for column in table.columns if column.shown))


class _Writer:
    """Writes one table's rows anew."""

    def __init__(self, table: Table, hidden: Hidden, policy: Policy) -> None:
        self.table, self.hidden, self.policy = table, hidden, policy
        self.shares = share_parts(table)
        self.seen = seen_counts(table)
        self.ratios = {column.name for column in ratio_columns(table)}
        self.numeric = [column.name for column in table.columns if column.kind != "text" and column.sensitive]

    def row(self, row: dict[str, Any], levels: tuple[tuple[str, str], ...]) -> tuple[dict[str, Any], dict[str, str]]:
        values: dict[str, Any] = dict(row)
        marks = dict.fromkeys(row, "")
        for column in self.table.columns:
            if column.kind == "text":
                continue
            values[column.name], marks[column.name] = self._cell(column, row, levels)
        return values, marks

    def _cell(self, column: Column, row: dict[str, Any], levels: tuple[tuple[str, str], ...]) -> tuple[float, str]:
        value = number(row[column.name])
        if not column.sensitive:
            return value, MISSING if math.isnan(value) else ""
        if column.name in self.seen and column.shown:
            return self._count(self._place(column.name, levels), value)
        if column.name in self.shares and column.shown:
            return self._share(column, row, levels)
        if column.name in self.ratios:
            return self._ratio(column, row, levels)
        return math.nan, SUPPRESSED

    def _place(self, name: str, levels: tuple[tuple[str, str], ...]) -> Cell:
        return Cell(universe_of(self.table), name, levels)

    def _count(self, cell: Cell, value: float) -> tuple[float, str]:
        if math.isnan(value):
            return value, MISSING
        return (math.nan, SUPPRESSED) if cell in self.hidden.counts else (value, "")

    def _share(self, column: Column, row: dict[str, Any], levels: tuple[tuple[str, str], ...]) -> tuple[float, str]:
        part, whole = (number(row[name]) for name in self.shares[column.name])
        pair = Part(*(self._place(name, levels) for name in self.shares[column.name]))
        if whole == 0:
            return math.nan, NOT_APPLICABLE
        if math.isnan(whole) or math.isnan(part):
            return math.nan, MISSING if math.isnan(number(row[column.name])) else SUPPRESSED
        if pair.whole in self.hidden.counts or whole < self.policy.ratio_persons:
            return math.nan, SUPPRESSED
        if pair.part in self.hidden.counts:
            return math.nan, self.hidden.marks.get(pair, SUPPRESSED)
        return part / whole, ""

    def _ratio(self, column: Column, row: dict[str, Any], levels: tuple[tuple[str, str], ...]) -> tuple[float, str]:
        value = number(row[column.name])
        name = persons_of(self.table, column)
        persons = number(row[name])
        if persons == 0:
            return math.nan, NOT_APPLICABLE
        if math.isnan(value):
            return value, MISSING
        place = self._place(amount_of(self.table, column), levels)
        hidden = place in self.hidden.amounts or place._replace(column=root_of(self.table, name)) in self.hidden.counts
        if hidden or too_few(persons, self.policy):
            return math.nan, SUPPRESSED
        if column.kind == "amount":
            return value, ""
        above, below = number(row[str(column.numerator)]), number(row[str(column.denominator)])
        return (value if math.isnan(above) or math.isnan(below) or below == 0 else above / below), ""

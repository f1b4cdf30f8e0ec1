"""What earlier releases have told of the persons of this one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from evalkit.disclosure.cells import Cell, Part, number, rows_of, seen_counts, share_parts, universe_of
from evalkit.disclosure.counts import Known
from evalkit.disclosure.ratios import amount_of, ratio_columns
from evalkit.disclosure.release import Release
from evalkit.values import Table

Levels = tuple[tuple[str, str], ...]


def earlier_tables(earlier: Iterable[Release], tables: Iterable[Table]) -> list[tuple[Table, Table, Any]]:
    """Return earlier tables about the same persons: as asked for, as released, and the marks."""
    universes = {universe_of(table) for table in tables if table.universe}
    found = []
    for release in earlier:
        for key in sorted(release.protected):
            asked, told = release.requests[key], release.protected[key]
            if isinstance(asked, Table) and isinstance(told.value, Table) and universe_of(asked) in universes:
                found.append((asked, told.value, told.marks))
    return found


def known_counts(earlier: Iterable[tuple[Table, Table, Any]]) -> Known:
    """Return the counts that earlier releases showed and hid, and the shares they marked."""
    shown, hidden, marked, unmarked = set[Cell](), set[Cell](), set[Part](), set[Part]()
    for asked, told, marks in earlier:
        universe = universe_of(asked)
        for before, after, mark, levels in _rows(asked, told, marks):
            seen = {
                name: Cell(universe, name, levels)
                for name in seen_counts(asked)
                if not math.isnan(number(before[name]))
            }
            here = {cell for name, cell in seen.items() if not math.isnan(number(after[name]))}
            for share, names in share_parts(asked).items():
                pair = Part(*(Cell(universe, name, levels) for name in names))
                if not math.isnan(number(after[share])):
                    here |= set(pair)
                elif pair.part in here and not math.isnan(number(before[share])):
                    hidden.add(pair.whole)
                else:
                    (marked if str(mark[share]).startswith("~") else unmarked).add(pair)
            shown |= here
            hidden |= {cell for name, cell in seen.items() if asked.column(name).shown} - here
    return Known(frozenset(shown), frozenset(hidden - shown), frozenset(marked), frozenset(unmarked - marked))


def known_amounts(earlier: Iterable[tuple[Table, Table, Any]]) -> Known:
    """Return the amounts, by numerator, whose rates and means earlier releases showed and hid."""
    shown, hidden = set[Cell](), set[Cell]()
    for asked, told, marks in earlier:
        for before, after, _, levels in _rows(asked, told, marks):
            for column in ratio_columns(asked):
                if not math.isnan(number(before[column.name])):
                    there = not math.isnan(number(after[column.name]))
                    (shown if there else hidden).add(Cell(universe_of(asked), amount_of(asked, column), levels))
    return Known(frozenset(shown), frozenset(hidden - shown))


def _rows(
    asked: Table, told: Table, marks: pd.DataFrame
) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any], Levels]]:
    for (before, levels), after, mark in zip(rows_of(asked), _records(told.frame), _records(marks), strict=True):
        yield before, after, mark, levels


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]

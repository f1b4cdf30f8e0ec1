"""Hiding rates and means: those on too few persons, others so that these cannot be worked out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from evalkit.disclosure.cells import Cell, note_axes, number, rows_of, universe_of
from evalkit.disclosure.counts import MARGIN, Known
from evalkit.disclosure.policy import Policy
from evalkit.disclosure.programme import Programme, Room, UnprotectableError
from evalkit.disclosure.relations import Links, link_partitions, link_repeated_sums
from evalkit.errors import DisclosureError
from evalkit.values import Column, Table

SAME = 1e-9
SPLITS = (0.5, 0.0, 1.0, 0.25, 0.75)
SECOND = 0.1


class Amount(NamedTuple):
    """What a rate or mean is made from in one cell: sum, divisor, persons, and whether a rule hides it."""

    value: float
    weight: float
    persons: float
    by_rule: bool
    unit: str


@dataclass
class Amounts:
    """Every amount of many tables, with the division of persons by their axes."""

    found: dict[Cell, Amount] = field(default_factory=dict)
    axes: dict[tuple[str, str], bool] = field(default_factory=dict)


def hide_ratios(tables: Iterable[Table], hidden_counts: set[Cell], policy: Policy, known: Known) -> set[Cell]:
    """Decide which rates, means and sums are hidden.

    Hidden by rule: those on fewer than ``ratio_persons`` persons, and those whose persons are hidden as a whole. A
    reader is credited with knowing every denominator and every shown ratio exactly; then a hidden one of the first kind
    must stay uncertain by ``ratio_width`` of its unit's scale, one of the second, or hidden for others' sake, by a
    tenth of that. A part of the persons that is hidden only because nearly all belong to it hides no ratio.

    Parameters
    ----------
    tables
        As asked for, nothing hidden.
    hidden_counts
        From `hide_counts`.
    policy, known
        Thresholds, and what earlier releases did.

    Returns
    -------
    set of Cell
        By numerator.

    Raises
    ------
    DisclosureError
        If a ratio cannot be protected.
    """
    amounts = gather_amounts(tables, hidden_counts, policy)
    by_rule = {cell for cell, amount in amounts.found.items() if amount.by_rule} | known.hidden & amounts.found.keys()
    if not policy.complementary or not by_rule:
        return by_rule
    links, spans = _linked(amounts, policy)
    programme = Programme(links, _rooms(links, amounts, spans, known), by_rule - known.shown)
    waiting, settled = sorted(by_rule - known.shown), set[Cell]()
    while waiting:
        for cell in waiting:
            few = amounts.found[cell].persons < policy.ratio_persons
            _open_up(programme, cell, policy.ratio_width * (1.0 if few else SECOND), spans[cell], links.values[cell])
        settled.update(waiting)
        waiting = [cell for cell in sorted(amounts.found) if programme.is_hidden(cell) and cell not in settled]
    return settled | by_rule


def ratio_columns(table: Table) -> list[Column]:
    """Return the rates, means and sums that readers see."""
    return [c for c in table.columns if c.kind in ("rate", "mean", "amount") and c.sensitive and c.shown]


def amount_of(table: Table, column: Column) -> str:
    """Return the column whose number a reader learns from a ratio.

    Raises
    ------
    DisclosureError
        If a rate or mean does not name what it is made from.
    """
    if column.kind == "amount":
        return column.name
    names = {other.name for other in table.columns}
    if column.numerator not in names or column.denominator not in names:
        raise DisclosureError(
            f"{column.kind} {column.name!r} of table {table.name!r} cannot be protected without what it is made from",
            remedy="give the table its numerator and denominator, hidden if they are not to be shown",
        )
    return str(column.numerator)


def persons_of(table: Table, column: Column) -> str:
    """Return the count of persons that a ratio rests on.

    Raises
    ------
    DisclosureError
        If the table has none.
    """
    counts = [other.name for other in table.columns if other.kind == "count"]
    for name in (column.persons, column.denominator, "persons"):
        if name in counts:
            return str(name)
    raise DisclosureError(
        f"nobody knows how many persons {column.name!r} of table {table.name!r} rests on",
        remedy="give the table a count of them, hidden if it is not to be shown, and name it in the column",
    )


def root_of(table: Table, count: str) -> str:
    """Return the whole that a count is part of in its table, the count itself if it is no part."""
    names = {column.name for column in table.columns if column.kind == "count"}
    for _ in names:
        whole = table.column(count).denominator
        if whole is None or whole not in names:
            return count
        count = whole
    return count


def gather_amounts(tables: Iterable[Table], hidden_counts: set[Cell], policy: Policy) -> Amounts:
    """Collect what every rate, mean and sum is made from; where that is missing there is no amount.

    Raises
    ------
    DisclosureError
        If two tables give one amount two values.
    """
    amounts = Amounts()
    for table in tables:
        note_axes(amounts.axes, table)
        for column in ratio_columns(table):
            name, persons = amount_of(table, column), persons_of(table, column)
            root = root_of(table, persons)
            for row, levels in rows_of(table):
                cell = Cell(universe_of(table), name, levels)
                hidden = cell._replace(column=root) in hidden_counts
                amount = _amount(row, column, name, number(row[persons]))
                if amount is not None:
                    by_rule = hidden or too_few(amount.persons, policy) or few_cases(table, column, row, policy)
                    _note(amounts, cell, amount._replace(by_rule=by_rule), table.name)
    return amounts


def too_few(persons: float, policy: Policy) -> bool:
    """Tell whether a ratio rests on too few persons, or on nobody knows how many."""
    return math.isnan(persons) or 0 < persons < policy.ratio_persons


def few_cases(table: Table, column: Column, row: dict[str, Any], policy: Policy) -> bool:
    """Tell whether a ratio of counted events tells of a few of them, or of a few for which it did not hold.

    A person mostly has one such event (a dropout, a transition), so 1 of 25 events is 1 of 25 persons.
    """
    if column.kind != "rate" or table.column(str(column.numerator)).unit != "events":
        return False
    holds, of = number(row[str(column.numerator)]), number(row[str(column.denominator)])
    return 0 < holds < policy.near_minimum or 0 < of - holds < policy.near_minimum


def _amount(row: dict[str, Any], column: Column, name: str, persons: float) -> Amount | None:
    value = number(row[name])
    weight = number(row[column.denominator]) if column.kind != "amount" and column.denominator else persons
    if math.isnan(value) or math.isnan(weight) or math.isnan(persons):
        return None
    return Amount(value, weight, persons, False, "" if column.kind == "amount" else column.unit)


def _note(amounts: Amounts, cell: Cell, amount: Amount, table: str) -> None:
    known = amounts.found.get(cell)
    if known is None:
        amounts.found[cell] = amount
        return
    if abs(known.value - amount.value) > SAME * max(1.0, abs(known.value)):
        raise DisclosureError(
            f"table {table!r} and another are about the same persons, but {cell.column!r} differs between them",
            remedy="give tables about different persons different universes, or different sums different names",
        )
    amounts.found[cell] = known._replace(by_rule=known.by_rule or amount.by_rule)


def _linked(amounts: Amounts, policy: Policy) -> tuple[Links, dict[Cell, tuple[float, float]]]:
    """Return the amounts per unit of weight a person has, their relations, and what a reader knows of each."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    inside: dict[tuple[str, str], bool] = defaultdict(lambda: True)
    for cell, amount in amounts.found.items():
        key = (cell.universe, cell.column)
        sums[key][0] += amount.weight
        sums[key][1] += amount.persons
        low, high = policy.scale(amount.unit) or (math.inf, -math.inf)
        inside[key] &= low * amount.weight - SAME <= amount.value <= high * amount.weight + SAME or amount.weight == 0
    values: dict[Cell, float] = {}
    spans: dict[Cell, tuple[float, float]] = {}
    for cell, amount in amounts.found.items():
        key = (cell.universe, cell.column)
        unit = sums[key][0] / sums[key][1] if sums[key][0] > 0 and sums[key][1] > 0 else 1.0
        low, high = (policy.scale(amount.unit) or (0.0, math.inf)) if inside[key] else (0.0, math.inf)
        values[cell] = amount.value / unit
        spans[cell] = (low * amount.weight / unit, high * amount.weight / unit) if amount.weight else (0.0, 0.0)
    links = Links(values)
    link_partitions(links, amounts.axes)
    link_repeated_sums(links, values, amounts.axes)
    return links, spans


def _rooms(links: Links, amounts: Amounts, spans: dict[Cell, tuple[float, float]], known: Known) -> dict[Cell, Room]:
    deepest: dict[tuple[str, str], int] = defaultdict(int)
    for cell in amounts.found:
        deepest[cell[:2]] = max(deepest[cell[:2]], len(cell.levels))
    rooms = {cell: Room(-math.inf, math.inf, None) for cell in links.derived}
    for cell, amount in amounts.found.items():
        value, (low, high) = links.values[cell], spans[cell]
        cost = (1 + math.log1p(amount.persons)) * MARGIN ** (deepest[cell[:2]] - len(cell.levels))
        rooms[cell] = Room(min(low, value), max(high, value), cost, pinned=cell in known.shown or amount.weight == 0)
    return rooms


def _open_up(programme: Programme, cell: Cell, width: float, span: tuple[float, float], value: float) -> None:
    """Keep an amount uncertain by a share of what a reader knows of it, or of itself where that is nothing."""
    if span == (0.0, 0.0):
        return
    wanted = width * (span[1] - span[0] if math.isfinite(span[1]) else abs(value))
    if programme.spread(cell) >= wanted:
        return
    for split in SPLITS:
        with suppress(UnprotectableError):
            return programme.open_up(cell, wanted * split, wanted * (1 - split))
    raise DisclosureError(
        f"a number in column {cell.column!r} cannot be protected: what stands beside it gives it away",
        remedy="ask for fewer or coarser tables, or leave out what an earlier release does not show",
    )

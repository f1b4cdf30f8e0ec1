"""Hiding counts: the small ones by rule, others so that the small ones cannot be worked out."""

from __future__ import annotations

import math
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from evalkit.disclosure.cells import Cell, Counts, Part, Told
from evalkit.disclosure.policy import Policy
from evalkit.disclosure.programme import Programme, Room, UnprotectableError
from evalkit.disclosure.relations import (
    Links,
    follow_zeros,
    link_bands,
    link_overlaps,
    link_partitions,
    link_parts,
)
from evalkit.errors import DisclosureError

MARGIN, WHOLE = 3.0, 8.0


class Need(NamedTuple):
    """How far a reader must still be able to think one number from what it is, and the count hidden for its sake."""

    cell: Cell
    down: float
    up: float
    guarded: Cell


@dataclass
class Judgement:
    """The counts that are hidden by rule, and what must stay uncertain.

    Parameters
    ----------
    hidden
        Counts that no table may show.
    needs
        Numbers (counts, complements, persons outside an axis) that must not be worked out, and how far.
    marks
        ``"~0"`` or ``"~100"`` for parts whose share is near an end.
    """

    hidden: set[Cell] = field(default_factory=set)
    needs: list[Need] = field(default_factory=list)
    marks: dict[Part, str] = field(default_factory=dict)


class Known(NamedTuple):
    """What earlier releases told: numbers shown and hidden, and shares near an end shown with their mark or without."""

    shown: frozenset[Cell] = frozenset()
    hidden: frozenset[Cell] = frozenset()
    marked: frozenset[Part] = frozenset()
    unmarked: frozenset[Part] = frozenset()


def judge(counts: Counts, policy: Policy) -> Judgement:
    """Apply the primary rules.

    * A count from 1 to ``count_minimum - 1`` is hidden. Every number from 1 to that stays possible.
    * A part of a whole under ``ratio_persons`` is hidden. If it or the rest of its whole is such a count, every number
      from 1 to ``count_minimum - 1`` stays possible; else it stays uncertain by ``spread`` persons, unless a shown 0 or
      100 % of persons around it says what it is.
    * A part is hidden if it, or the rest of its whole, is from 1 to ``near_minimum - 1`` (from 0 where extremes are not
      shown). Every number in that range stays possible. Its share is marked ``~0`` or ``~100``.

    Where the numbers themselves say more (a total of two parts that are not 0 is no 1), as many numbers stay possible.
    How many persons lack a value is not guarded where only the share among those with one is shown.
    """
    judged = Judgement()
    for cell in sorted(counts.truth):
        if 1 <= counts.truth[cell] <= policy.small:
            _cover(judged, cell, cell, counts.truth[cell], (1, policy.small))
    for pair in sorted(pair for pair, told in counts.parts.items() if told):
        part, whole = counts.truth[pair.part], counts.truth[pair.whole]
        if 0 < whole < policy.ratio_persons:
            _judge_small(judged, pair, (part, whole), policy)
        elif whole:
            low, high = policy.near
            if low <= part <= high:
                _cover(judged, pair.part, pair.part, part, policy.near)
                judged.marks[pair] = "~0"
            if low <= whole - part <= high:
                _cover(judged, pair.part, pair.complement, whole - part, policy.near)
                judged.marks[pair] = "~100"
    return judged


def hide_counts(counts: Counts, policy: Policy, known: Known) -> tuple[set[Cell], Judgement]:
    """Decide which counts of a release are hidden.

    Parameters
    ----------
    counts
        Every count of everything released together and, of the same persons, earlier.
    policy
        The thresholds.
    known
        What was shown and hidden earlier; what was shown cannot be hidden again, what was hidden stays so.

    Returns
    -------
    tuple
        The hidden counts and the primary judgement.

    Raises
    ------
    DisclosureError
        If a number cannot be protected, naming the tables.
    """
    judged = judge(counts, policy)
    judged.marks = {pair: mark for pair, mark in judged.marks.items() if pair not in known.unmarked}
    if not policy.complementary:
        return judged.hidden, judged
    links = Links(counts.truth)
    link_partitions(links, counts.axes)
    link_overlaps(links, counts.truth, counts.axes)
    link_parts(links, counts.parts)
    link_bands(links)
    for cell in sorted(links.outside):
        if 1 <= links.values[cell] <= policy.small:
            judged.needs.append(Need(cell, links.values[cell] - 1, policy.small - links.values[cell], cell))
    start = judged.hidden | known.hidden
    nobody = _implied(links, counts, judged, policy)
    implied = {pair.part for pair in counts.parts if {pair.part, pair.complement} & nobody}
    programme = Programme(links, _rooms(links, counts, nobody, policy, known), start - known.shown)
    for need in judged.needs:
        if need.guarded not in known.shown and not (need.cell in implied and need.cell in judged.hidden):
            _open_up(programme, counts, need)
    _widen(programme, counts, start - known.shown - implied)
    for pair in [pair for pair in judged.marks if {pair.part, pair.complement} & programme.dropped_cells]:
        del judged.marks[pair]
    return {cell for cell in counts.truth if programme.is_hidden(cell)} | start, judged


def _judge_small(judged: Judgement, pair: Part, values: tuple[float, float], policy: Policy) -> None:
    part, whole = values
    judged.hidden.add(pair.part)
    rest = whole - part
    if 1 <= rest <= policy.small:
        _cover(judged, pair.part, pair.complement, rest, (1, policy.small))
    if not 1 <= part <= policy.small:
        up = policy.spread if part == 0 else min(max(rest - 1, 0), policy.spread)
        judged.needs.append(Need(pair.part, policy.spread - up, up, pair.part))


def _implied(links: Links, counts: Counts, judged: Judgement, policy: Policy) -> set[Cell]:
    """Return the parts and rests that are nobody, as shown zeros and shares of 0 and 100 % around them say anyway."""
    shown = {cell for cell, value in counts.truth.items() if value == 0 and cell not in judged.hidden}
    for pair in counts.parts:
        part, whole = counts.truth[pair.part], counts.truth[pair.whole]
        if policy.extremes_shown and part == whole >= policy.ratio_persons:
            shown.add(pair.complement)
    return follow_zeros(links, shown)


def _cover(judged: Judgement, hidden: Cell, uncertain: Cell, value: float, span: tuple[int, int]) -> None:
    judged.hidden.add(hidden)
    judged.needs.append(Need(uncertain, max(value - span[0], 0.0), max(span[1] - value, 0.0), hidden))


def _open_up(programme: Programme, counts: Counts, need: Need) -> None:
    """Keep a number as uncertain as asked, lopsided where what is known of its parts leaves no other way."""
    splits = [(need.down - step, need.up + step) for step in range(int(need.down) + 1)]
    splits += [(need.down + step, need.up - step) for step in range(1, int(need.up) + 1)]
    for down, up in splits:
        with suppress(UnprotectableError):
            return programme.open_up(need.cell, down, up)
    tables = ", ".join(repr(name) for name in _tables(counts, need.cell))
    raise DisclosureError(
        f"a count in column {need.cell.column!r} cannot be protected: what stands beside it gives it away ({tables})",
        remedy="ask for fewer or coarser tables, or leave out what an earlier release does not show",
    )


def _tables(counts: Counts, cell: Cell) -> tuple[str, ...]:
    near = {name for other, names in counts.places.items() if other.universe == cell.universe for name in names}
    return counts.places.get(cell) or tuple(sorted(near))


def _widen(programme: Programme, counts: Counts, first: set[Cell]) -> None:
    """Leave no hidden count exactly known: those hidden for others' sake stay uncertain by one person."""
    waiting, settled = sorted(first), set[Cell]()
    while waiting:
        for cell in waiting:
            if programme.spread(cell) < 1 and not programme.is_pinned(cell):
                _open_up(programme, counts, Need(cell, 0.0, 1.0, cell))
        settled.update(waiting)
        waiting = [cell for cell in sorted(counts.truth) if programme.is_hidden(cell) and cell not in settled]


def _rooms(links: Links, counts: Counts, nobody: set[Cell], policy: Policy, known: Known) -> dict[Cell, Room]:
    """Return what a reader knows of each number once it is hidden.

    A reader knows that zeros are shown, that a part whose share is hidden but not marked is not near an end, and that a
    marked one is; so a number may not be protected by values that its mark rules out.
    """
    rooms = {cell: Room(0.0, math.inf, None) for cell in links.derived}
    costs = _costs(counts)
    for cell, value in counts.truth.items():
        rooms[cell] = Room(1.0 if value else 0.0, math.inf, costs[cell], pinned=value == 0 or cell in known.shown)
    for pair, told in counts.parts.items():
        part, rest = _part_rooms(counts, pair, policy, told)
        if pair in known.marked:
            part, rest = replace(part, loosest=None), replace(rest, loosest=None)
        elif pair in known.unmarked:
            part, rest = _loosened(part), _loosened(rest)
        before = rooms[pair.part]
        pinned = pair.part in known.shown or part.pinned or pair.part in nobody
        rooms[pair.part] = replace(
            part, low=max(part.low, _least(counts, pair.part, policy)), cost=before.cost, pinned=pinned
        )
        rooms[pair.complement] = replace(rest, pinned=rest.pinned or pair.complement in nobody)
    return rooms


def _loosened(room: Room) -> Room:
    low, high = room.loosest or (room.low, room.high)
    return replace(room, low=low, high=high)


def _least(counts: Counts, part: Cell, policy: Policy) -> float:
    """Return how many persons a shown rate or mean tells that there are."""
    enough = part in counts.carriers and counts.truth[part] >= policy.ratio_persons
    return float(policy.ratio_persons) if enough else 0.0


def _part_rooms(counts: Counts, pair: Part, policy: Policy, told: Told) -> tuple[Room, Room]:
    """Return what a reader knows of a part and of the rest of its whole."""
    part, whole = counts.truth[pair.part], counts.truth[pair.whole]
    low, high = float(policy.near[0]), float(policy.near[1])
    if told == Told.NOTHING:
        return Room(1.0 if part else 0.0, math.inf, None, part == 0), Room(0.0, math.inf, None, whole == 0)
    if whole < policy.ratio_persons:
        return Room(0.0, math.inf, None, whole == 0), Room(0.0, math.inf, None, whole == 0)
    if policy.extremes_shown and part in (0, whole):
        return Room(0.0, math.inf, None, part == 0), Room(0.0, math.inf, None, part == whole)
    loosest = (low, math.inf)
    if told == Told.COUNT:
        return Room(*loosest, None), Room(*loosest, None)
    marked = part <= high or whole - part <= high
    near = Room(low, high, None, loosest=loosest)
    far = Room(high + 1.0, math.inf, None, loosest=loosest if marked else None)
    return near if part <= high else far, near if whole - part <= high else far


def _costs(counts: Counts) -> dict[Cell, float]:
    """Return what hiding each count loses: small before large, inner before margin, parts before wholes."""
    deepest: dict[tuple[str, str], int] = defaultdict(int)
    for cell in counts.truth:
        key = (cell.universe, cell.column)
        deepest[key] = max(deepest[key], len(cell.levels))
    wholes = {pair.whole for pair in counts.parts}
    return {
        cell: (1 + math.log1p(value))
        * MARGIN ** (deepest[cell.universe, cell.column] - len(cell.levels))
        * (WHOLE if cell in wholes else 1.0)
        for cell, value in counts.truth.items()
    }

"""Choosing which numbers to hide so that others cannot be worked out: linear programming with HiGHS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, hstack
from scipy.sparse.csgraph import connected_components

from evalkit.disclosure.cells import Cell
from evalkit.disclosure.relations import Links

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
MOVED = 1e-6
ALREADY_HIDDEN = 1e-4
DROPPING = 1.0


@dataclass(frozen=True)
class Room:
    """How a hidden number may move in a reader's mind, and what hiding it costs.

    ``low`` and ``high`` are what a reader knows of it once it is hidden. ``cost`` is None for a number that stands in
    no table: nobody sees it, so nothing is lost. ``pinned`` numbers are known whatever is done. ``loosest`` is what a
    reader knows once the mark (``~0`` or ``~100``) that told low and high is dropped; None where no mark tells.
    """

    low: float
    high: float
    cost: float | None
    pinned: bool = False
    loosest: tuple[float, float] | None = None


class UnprotectableError(Exception):
    """No further hiding keeps the number uncertain."""


@dataclass(frozen=True, eq=False)
class Part:
    """Numbers that can move while all others stay: their places, which of them bear marks, and what binds them."""

    members: Places
    marked: Places
    relations: Any


@dataclass(frozen=True, eq=False)
class Reach:
    """Which numbers are looked at together, by which relations, and how far each may move by itself.

    First only those that others firmly bind, the rest staying where they are; then all.
    """

    blocks: Places
    matrix: Any
    up: Floats
    down: Floats
    further_up: Floats
    further_down: Floats


class Programme:
    """Numbers bound by relations, of which some are hidden.

    A number is safe when a reader who knows all others that are shown can still think it as much smaller and larger as
    asked. For each the cheapest set of further numbers to hide is found: the least costly way in which all numbers can
    move together, no relation broken. What moves is hidden (the heuristic of Kelly, Golden and Assad 1992).

    Parameters
    ----------
    links
        Values and relations.
    rooms
        One for every number of ``links``.
    hidden
        Numbers hidden at first.
    """

    def __init__(self, links: Links, rooms: Mapping[Cell, Room], hidden: set[Cell]) -> None:
        self.cells = sorted(links.values)
        self.place = {cell: place for place, cell in enumerate(self.cells)}
        ordered = [rooms[cell] for cell in self.cells]
        truth = np.array([links.values[cell] for cell in self.cells])
        self.pinned = np.array([room.pinned for room in ordered], dtype=bool)
        loosest = [room.loosest or (room.low, room.high) for room in ordered]
        bounds = np.array(
            [(room.low, room.high, *loose) for room, loose in zip(ordered, loosest, strict=True)]
        ).reshape(-1, 4)
        self.down, self.up = truth - bounds[:, 0], bounds[:, 1] - truth
        self.further_down = _difference(bounds[:, 0], bounds[:, 2])
        self.further_up = _difference(bounds[:, 3], bounds[:, 1])
        # Equal costs would leave the choice to the solver.
        rank = 1 + 1e-5 * np.arange(len(self.cells)) / max(len(self.cells), 1)
        self.cost = np.array([room.cost or 0.0 for room in ordered]) * rank
        self.hidden = np.array(
            [cell in hidden or room.cost is None for cell, room in zip(self.cells, ordered, strict=True)]
        )
        self.dropped = np.zeros(len(truth), dtype=bool)
        self.fallen, self.risen = np.zeros(len(truth)), np.zeros(len(truth))
        matrix = self._matrix(links)
        firm = matrix[[row for row in range(len(links.relations)) if row not in links.loose]]
        blocks = self._blocks(firm)
        rise, fall = self._tightened(links, blocks)
        near = (np.minimum(self.up, rise), np.minimum(self.down, fall))
        beyond = (_difference(rise, near[0]), _difference(fall, near[1]))
        beyond = (np.minimum(self.further_up, beyond[0]), np.minimum(self.further_down, beyond[1]))
        whole = Reach(self._blocks(matrix), matrix, self.up, self.down, self.further_up, self.further_down)
        self.scopes = (Reach(blocks, firm, *near, *beyond), whole)
        self._parts: dict[tuple[int, int], Part] = {}

    def is_hidden(self, cell: Cell) -> bool:
        """Tell whether a number is hidden."""
        return bool(self.hidden[self.place[cell]])

    def is_pinned(self, cell: Cell) -> bool:
        """Tell whether a number is known whatever is hidden."""
        return bool(self.pinned[self.place[cell]])

    @property
    def dropped_cells(self) -> set[Cell]:
        """Numbers whose marks must not be shown."""
        return {cell for cell, dropped in zip(self.cells, self.dropped, strict=True) if dropped}

    def open_up(self, cell: Cell, down: float, up: float) -> None:
        """Hide as little more as possible so that a number may be thought ``down`` smaller and ``up`` larger.

        Raises
        ------
        UnprotectableError
            If it cannot be had.
        """
        place = self.place[cell]
        for amount, sign, seen in ((down, -1, self.fallen), (up, 1, self.risen)):
            if amount > seen[place] + MOVED:
                self._move(place, amount, sign)

    def spread(self, cell: Cell) -> float:
        """Return how uncertain a number is known to be."""
        place = self.place[cell]
        return float(self.fallen[place] + self.risen[place])

    def _move(self, place: int, amount: float, sign: int) -> None:
        """Move a number, with those that are firmly bound to it if they suffice, else with all that are bound to it."""
        if not any(self._move_within(scope, place, amount, sign) for scope in range(len(self.scopes))):
            raise UnprotectableError

    def _move_within(self, scope: int, place: int, amount: float, sign: int) -> bool:
        reach = self.scopes[scope]
        part = self._part(scope, int(reach.blocks[place]))
        members, marked, size = part.members, part.marked, len(part.members)
        own, own_marked = int(np.searchsorted(members, place)), np.flatnonzero(members[marked] == place)
        cost = np.where(self.hidden[members], self.cost[members] * ALREADY_HIDDEN, self.cost[members]) + 1e-7
        further = cost[marked] + np.where(self.dropped[members[marked]], 0.0, DROPPING)
        # First all ways up, then all ways down; after each what only a dropped mark allows.
        ups = np.concatenate([reach.up[members], reach.further_up[members[marked]]])
        downs = np.concatenate([reach.down[members], reach.further_down[members[marked]]])
        wanted, unwanted = (ups, downs) if sign > 0 else (downs, ups)
        lows = np.zeros(len(ups))
        lows[own] = min(amount, wanted[own])
        lows[size + own_marked] = amount - lows[own]
        if amount - lows[own] > MOVED and not (wanted[size + own_marked] >= amount - lows[own] - MOVED).any():
            return False
        unwanted[own] = 0.0
        unwanted[size + own_marked] = 0.0
        none = np.zeros(len(ups))
        bounds = Bounds(np.concatenate([lows, none] if sign > 0 else [none, lows]), np.concatenate([ups, downs]))
        limits = LinearConstraint(part.relations, 0.0, 0.0) if part.relations.shape[0] else ()
        found = milp(np.concatenate([cost, further] * 2), constraints=limits, bounds=bounds)
        if found.status != 0:
            return False
        up, down = found.x.reshape(2, -1)
        moves = up[:size] - down[:size]
        moves[marked] += up[size:] - down[size:]
        self._record(members, moves, members[marked][up[size:] + down[size:] > MOVED])
        return True

    def _record(self, members: Places, moves: Floats, dropped: Places) -> None:
        self.hidden[members[np.abs(moves) > MOVED]] = True
        self.dropped[dropped] = True
        self.risen[members] = np.maximum(self.risen[members], moves)
        self.fallen[members] = np.maximum(self.fallen[members], -moves)

    def _part(self, scope: int, block: int) -> Part:
        if (scope, block) not in self._parts:
            reach = self.scopes[scope]
            members = np.flatnonzero((reach.blocks == block) & ~self.pinned)
            rows = reach.matrix[:, members]
            rows = rows[np.flatnonzero(np.diff(rows.indptr))]
            marked = np.flatnonzero((reach.further_up[members] > 0) | (reach.further_down[members] > 0))
            both = hstack([rows, rows[:, marked]])
            self._parts[scope, block] = Part(members, marked, hstack([both, -both], format="csr"))
        return self._parts[scope, block]

    def _tightened(self, links: Links, blocks: Places) -> tuple[Floats, Floats]:
        """Return how far each number may rise and fall by the loose relations if nothing outside its block moves."""
        rise, fall = np.full(len(self.cells), np.inf), np.full(len(self.cells), np.inf)
        for row in sorted(links.loose):
            *terms, (slack, _) = links.relations[row]
            for cell, factor in terms:
                limits, place = (fall if factor > 0 else rise), self.place[cell]
                sharing = sum(blocks[self.place[other]] == blocks[place] for other, _ in terms)
                limits[place] = min(limits[place], links.values[slack] / sharing)
        return rise, fall

    def _matrix(self, links: Links) -> Any:
        rows, columns, values = [], [], []
        for row, relation in enumerate(links.relations):
            for cell, factor in relation:
                rows.append(row)
                columns.append(self.place[cell])
                values.append(factor)
        return csr_matrix((values, (rows, columns)), shape=(len(links.relations), len(self.cells)))

    def _blocks(self, matrix: Any) -> Places:
        """Return which block each number is in; no block binds another, and pinned numbers bind nothing."""
        free = matrix.copy()
        free.data[self.pinned[free.indices]] = 0.0
        free.eliminate_zeros()
        _, labels = connected_components(free.T @ free, directed=False)
        return np.asarray(labels, dtype=np.intp)


def _difference(higher: Floats, lower: Floats) -> Floats:
    """Subtract, infinity less infinity being nothing."""
    both = np.isinf(higher) & (higher == lower)
    return np.subtract(np.where(both, 0.0, higher), np.where(both, 0.0, lower))

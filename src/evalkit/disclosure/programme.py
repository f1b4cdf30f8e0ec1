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
MOVED = 1e-6
ALREADY_HIDDEN = 1e-4


@dataclass(frozen=True)
class Room:
    """How a hidden number may move in a reader's mind, and what hiding it costs.

    ``low`` and ``high`` are what a reader knows of it once it is hidden. ``cost`` is None for a number that stands in no
    table: nobody sees it, so nothing is lost. ``pinned`` numbers are known whatever is done.
    """

    low: float
    high: float
    cost: float | None
    pinned: bool = False


class Unprotectable(Exception):
    """No further hiding keeps the number uncertain."""


class Programme:
    """Numbers bound by relations, of which some are hidden.

    A number is safe when a reader who knows all others that are shown can still think it as much smaller and larger as
    asked. For each the cheapest set of further numbers to hide is found: the least costly way in which all numbers can move
    together, no relation broken (Fischetti and Salazar-González 2001 use the same programme as their heuristic). What moves is hidden.

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
        self.down = np.where(self.pinned, 0.0, truth - np.array([room.low for room in ordered]))
        self.up = np.where(self.pinned, 0.0, np.array([room.high for room in ordered]) - truth)
        # Equal costs would leave the choice to the solver.
        rank = 1 + 1e-5 * np.arange(len(self.cells)) / max(len(self.cells), 1)
        self.cost = np.array([room.cost or 0.0 for room in ordered]) * rank
        self.hidden = np.array([cell in hidden or room.cost is None for cell, room in zip(self.cells, ordered, strict=True)])
        self.fallen, self.risen = np.zeros(len(truth)), np.zeros(len(truth))
        self.matrix = self._matrix(links)
        self.component = self._components()
        self._parts: dict[int, tuple[npt.NDArray[np.intp], Any]] = {}

    def hide(self, cell: Cell) -> None:
        """Hide one number."""
        self.hidden[self.place[cell]] = True

    def is_hidden(self, cell: Cell) -> bool:
        """Tell whether a number is hidden."""
        return bool(self.hidden[self.place[cell]])

    def open_up(self, cell: Cell, down: float, up: float) -> None:
        """Hide as little more as possible so that a number may be thought ``down`` smaller and ``up`` larger.

        Raises
        ------
        Unprotectable
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
        members, relations = self._part(self.component[place])
        own = int(np.searchsorted(members, place))
        cost = np.where(self.hidden[members], self.cost[members] * ALREADY_HIDDEN, self.cost[members]) + 1e-7
        lows = np.zeros(2 * len(members))
        highs = np.concatenate([self.up[members], self.down[members]])
        forced, barred = (own, own + len(members)) if sign > 0 else (own + len(members), own)
        if highs[forced] < amount - MOVED:
            raise Unprotectable
        lows[forced] = min(amount, highs[forced])
        highs[barred] = 0.0
        limits = LinearConstraint(relations, 0.0, 0.0) if relations.shape[0] else ()
        found = milp(np.concatenate([cost, cost]), constraints=limits, bounds=Bounds(lows, highs))
        if found.status != 0:
            raise Unprotectable
        self._record(members, found.x[: len(members)] - found.x[len(members) :])

    def _record(self, members: npt.NDArray[np.intp], moves: Floats) -> None:
        self.hidden[members[np.abs(moves) > MOVED]] = True
        self.risen[members] = np.maximum(self.risen[members], moves)
        self.fallen[members] = np.maximum(self.fallen[members], -moves)

    def _part(self, component: int) -> tuple[npt.NDArray[np.intp], Any]:
        if component not in self._parts:
            members = np.flatnonzero((self.component == component) & ~self.pinned)
            block = self.matrix[:, members]
            block = block[np.flatnonzero(np.diff(block.indptr))]
            self._parts[component] = members, hstack([block, -block], format="csr")
        return self._parts[component]

    def _matrix(self, links: Links) -> Any:
        rows, columns, values = [], [], []
        for row, relation in enumerate(links.relations):
            for cell, factor in relation:
                rows.append(row)
                columns.append(self.place[cell])
                values.append(factor)
        return csr_matrix((values, (rows, columns)), shape=(len(links.relations), len(self.cells)))

    def _components(self) -> npt.NDArray[np.intp]:
        """Number the sets of numbers that can move together; pinned numbers bind nothing."""
        free = self.matrix.copy()
        free.data[self.pinned[free.indices]] = 0.0
        free.eliminate_zeros()
        _, labels = connected_components(free.T @ free, directed=False)
        return np.asarray(labels, dtype=np.intp)

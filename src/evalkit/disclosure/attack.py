"""A reader who knows everything published and wants to know the rest: linear programming over what is unknown."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

Position = frozenset[tuple[str, str]]
Quantity = Hashable
Terms = dict[Quantity, float]
CLOSE = 1e-6


class Reader:
    """Unknown quantities, what bounds them, and how narrowly each can be told.

    A second route to the question that treatment answers, over values and not over moves, so that a fault in the one is
    not repeated in the other.

    Parameters
    ----------
    truth
        Value of every quantity. Only a point of departure: the true values are one thing the reader cannot rule out.
    """

    def __init__(self, truth: Mapping[Any, float]) -> None:
        self.truth: dict[Quantity, float] = dict(truth)
        self.known: set[Quantity] = set()
        self.bounds: dict[Quantity, tuple[float, float]] = {}
        self.equations: list[Terms] = []
        self.orders: list[Terms] = []
        self._seen: dict[Quantity, tuple[float, float]] = {}
        self._puzzles: list[dict[Quantity, Puzzle]] = []

    def bound(self, quantity: Quantity, low: float, high: float = math.inf) -> None:
        """Tell the reader a range, in addition to what was told before."""
        before = self.bounds.get(quantity, (-math.inf, math.inf))
        self.bounds[quantity] = (max(before[0], low), min(before[1], high))

    def equate(self, terms: Terms) -> None:
        """Tell the reader that quantities, with their factors, add up to 0; a gap is a further quantity from 0 up."""
        gap = -self._sum(terms)
        if abs(gap) > CLOSE * max(1.0, *(abs(self.truth[quantity]) for quantity in terms)):
            rest = ("rest", len(self.equations))
            self.truth[rest] = abs(gap)
            self.bound(rest, 0.0)
            terms = {**terms, rest: math.copysign(1.0, gap)}
        self.equations.append(terms)

    def order(self, terms: Terms) -> None:
        """Tell the reader that quantities, with their factors, add up to no less than 0."""
        self.orders.append(terms)

    def uncertainty(self, quantity: Quantity, enough: float) -> float:
        """Return how wide the range is that the reader cannot narrow; the search ends once it is ``enough``.

        First everything stays at the truth but what equations bind to the quantity: a range found so is a part of the
        whole one. Only where it is too narrow everything may move.
        """
        if quantity in self.known:
            return 0.0
        for scope in (0, 1):
            for direction in (1.0, -1.0):
                low, high = self._seen.get(quantity, (self.truth[quantity],) * 2)
                if high - low >= enough:
                    return high - low
                self._note(self._puzzle(quantity, scope).push(quantity, direction, enough))
        low, high = self._seen[quantity]
        return high - low

    def rests(self) -> list[Quantity]:
        """Return the gaps found by `equate`."""
        return [quantity for quantity in self.truth if isinstance(quantity, tuple) and quantity[0] == "rest"]

    def _note(self, found: Mapping[Quantity, float]) -> None:
        for quantity, value in found.items():
            low, high = self._seen.get(quantity, (self.truth[quantity],) * 2)
            self._seen[quantity] = (min(low, value), max(high, value))

    def _sum(self, terms: Terms) -> float:
        return sum(factor * self.truth[quantity] for quantity, factor in terms.items())

    def _puzzle(self, quantity: Quantity, scope: int) -> Puzzle:
        if not self._puzzles:
            self._puzzles = [self._divide(self.equations), self._divide([*self.equations, *self.orders])]
        return self._puzzles[scope][quantity]

    def _divide(self, joining: Sequence[Terms]) -> dict[Quantity, Puzzle]:
        """Divide the unknown quantities into sets that nothing joins, each with all that is known about its members."""
        leader: dict[Quantity, Quantity] = {}

        def find(quantity: Quantity) -> Quantity:
            while leader.setdefault(quantity, quantity) != quantity:
                leader[quantity] = leader[leader[quantity]]
                quantity = leader[quantity]
            return quantity

        for terms in joining:
            unknown = [quantity for quantity in terms if quantity not in self.known]
            for member in unknown[1:]:
                leader[find(member)] = find(unknown[0])
        members: dict[Quantity, list[Quantity]] = defaultdict(list)
        for quantity in self.truth:
            if quantity not in self.known:
                members[find(quantity)].append(quantity)
        told: dict[Quantity, tuple[list[Terms], list[Terms]]] = defaultdict(lambda: ([], []))
        for number, group in enumerate((self.equations, self.orders)):
            for terms in group:
                for head in dict.fromkeys(find(quantity) for quantity in terms if quantity not in self.known):
                    told[head][number].append(terms)
        puzzles = {head: Puzzle(group, *told[head], self.truth, self.bounds) for head, group in members.items()}
        return {quantity: puzzles[head] for head, group in members.items() for quantity in group}


class Puzzle:
    """Quantities that may move together while all others stand still.

    Parameters
    ----------
    members
        Those that may move.
    equations, orders
        Sums that are 0, and sums that are no less than 0.
    truth, bounds
        Of every quantity.
    """

    def __init__(
        self,
        members: list[Quantity],
        equations: list[Terms],
        orders: list[Terms],
        truth: Mapping[Quantity, float],
        bounds: Mapping[Quantity, tuple[float, float]],
    ) -> None:
        self.members = members
        self.place = {member: number for number, member in enumerate(members)}
        self.truth = truth
        self.limits = [bounds.get(member, (-math.inf, math.inf)) for member in members]
        self.equal = self._system(equations, 1.0)
        self.unequal = self._system(orders, -1.0)

    def push(self, quantity: Quantity, direction: float, enough: float) -> dict[Quantity, float]:
        """Return values that fit all that is known, with one quantity pushed as far as it goes or is enough."""
        place, true = self.place[quantity], self.truth[quantity]
        goal = np.zeros(len(self.members))
        goal[place] = -direction
        low, high = self.limits[place]
        limits = list(self.limits)
        limits[place] = (max(low, true - enough - 1), min(high, true + enough + 1))
        found = linprog(goal, *self.unequal, *self.equal, bounds=limits, method="highs")
        # What contradicts itself, or cannot be solved, counts as told: nothing can be said to be safe.
        values = [float(value) for value in found.x] if found.status == 0 else [self.truth[m] for m in self.members]
        return dict(zip(self.members, values, strict=True))

    def _system(self, told: list[Terms], sign: float) -> tuple[Any, Any]:
        if not told:
            return None, None
        entries = [
            (row, self.place[quantity], sign * factor)
            for row, terms in enumerate(told)
            for quantity, factor in terms.items()
            if quantity in self.place
        ]
        sums = [
            -sign
            * sum(factor * self.truth[quantity] for quantity, factor in terms.items() if quantity not in self.place)
            for terms in told
        ]
        rows, columns, factors = zip(*entries, strict=True)
        return coo_matrix((factors, (rows, columns)), shape=(len(told), len(self.members))).tocsr(), np.array(sums)


def add_margins(
    reader: Reader,
    positions: Iterable[Position],
    quantity: Callable[[Position], Quantity],
    adds_up: Callable[[str], bool],
) -> None:
    """Tell the reader that two divisions of the same persons have the same sum.

    Parameters
    ----------
    reader
        Knows the truth of each position's quantity.
    positions
        Where one column stands: sets of (axis, level).
    quantity
        From position to quantity.
    adds_up
        Whether the levels of an axis add up to the total.
    """
    divisions: dict[frozenset[str], list[Position]] = defaultdict(list)
    for position in sorted(positions, key=sorted):
        divisions[frozenset(axis for axis, _ in position)].append(position)
    ordered = sorted(divisions, key=sorted)
    done: set[tuple[frozenset[str], frozenset[str]]] = set()
    for one, other in combinations(ordered, 2):
        common = one & other
        for finer in (one, other):
            if finer == common or (finer, common) in done:
                continue
            if all(adds_up(axis) for axis in one ^ other):
                done.add((finer, common))
                _add_sums(reader, divisions[finer], common, quantity)


def _add_sums(
    reader: Reader, finer: list[Position], common: frozenset[str], quantity: Callable[[Position], Quantity]
) -> None:
    groups: dict[Position, list[Quantity]] = defaultdict(list)
    for position in finer:
        groups[frozenset(level for level in position if level[0] in common)].append(quantity(position))
    for total, members in groups.items():
        whole = quantity(total)
        if whole not in reader.truth:
            reader.truth[whole] = sum(reader.truth[member] for member in members)
            reader.bound(whole, 0.0)
        reader.equate(dict.fromkeys(members, 1.0) | {whole: -1.0})

"""Axes that readers can read: round steps, and labels that do not cover each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeGuard


def steps(low: float, high: float, *, most: int = 6) -> tuple[float, ...]:
    """Return round marks that enclose an interval.

    Parameters
    ----------
    low, high
        Ends; equal ends are widened.
    most
        Marks at most.

    Returns
    -------
    tuple of float
        Multiples of 1, 2 or 5 times a power of ten; the first at or below ``low``, the last at or above ``high``.
    """
    if high <= low:
        low, high = low - 0.5, high + 0.5
    size = 10.0 ** math.floor(math.log10((high - low) / most))
    for factor in (1, 2, 5, 10, 20, 50):
        step = size * factor
        first, last = math.floor(round(low / step, 9)), math.ceil(round(high / step, 9))
        if last - first + 1 <= most:
            break
    return tuple(round(number * step, 10) + 0.0 for number in range(first, last + 1))


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Move places apart until neighbours stand at least ``gap`` from each other, each as near its own as can be.

    Parameters
    ----------
    places
        In any order.
    gap
        Least distance.

    Returns
    -------
    list of float
        In the order given.
    """
    order = sorted(range(len(places)), key=lambda number: (places[number], number))
    groups: list[tuple[list[int], float]] = []
    for number in order:
        members, centre = [number], places[number]
        while groups and centre - groups[-1][1] < gap * (len(members) + len(groups[-1][0])) / 2:
            before, _ = groups.pop()
            members = before + members
            offsets = [places[member] - gap * rank for rank, member in enumerate(members)]
            centre = sum(offsets) / len(offsets) + gap * (len(members) - 1) / 2
        groups.append((members, centre))
    moved = list(places)
    for members, centre in groups:
        for rank, member in enumerate(members):
            moved[member] = centre + gap * (rank - (len(members) - 1) / 2)
    return moved


def known(value: object) -> TypeGuard[float]:
    """Say whether a cell holds a number; protected ones hold none, an open end is one."""
    return isinstance(value, int | float) and not math.isnan(value)


def number_in(value: object) -> float:
    """Return a cell's number, NaN where it holds none."""
    return float(value) if known(value) else math.nan


def decimals_of(marks: Sequence[float]) -> int:
    """Return the decimals that a row of marks needs."""
    return next((n for n in range(4) if all(abs(round(mark, n) - mark) < 1e-9 for mark in marks)), 4)

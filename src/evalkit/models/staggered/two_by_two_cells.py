"""Which comparisons of two times and two groups a staggered design holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.models.arrays import Integers
from evalkit.models.staggered.units_by_time import Control

Base = Literal["varying", "universal"]


@dataclass(frozen=True)
class Cell:
    """One cohort at one time, measured from its base time, and the cohorts it is compared with (all are places)."""

    cohort: int
    time: int
    base: int
    compared: tuple[int, ...]


def list_cells(
    starts: Integers, times: Integers, *, control: Control, anticipation: int, base: Base
) -> tuple[Cell, ...]:
    """List the cells of S cohorts over T times.

    Parameters
    ----------
    starts, times
        (S,), (T,) as in `UnitsByTime`; cohort S is the one never treated.
    control
        ``"never"`` compares with cohort S; ``"not_yet"`` also with those that start after both times.
    anticipation
        Times before the start at which the treatment may act: they too are measured from the last time before them.
    base
        Times before that are measured from the time before each (``"varying"``, as R's did), or all from the last time
        before treatment can act (``"universal"``), which is then a cell with the effect 0.
    """
    never = len(starts)
    cells = []
    for cohort, start in enumerate(starts):
        last_before = int((times + anticipation < start).sum()) - 1
        for time in range(len(times)):
            acts = times[time] + anticipation >= start
            reference = last_before if acts or base == "universal" else time - 1
            if reference < 0:
                continue
            compared: tuple[int, ...] = (never,)
            if control == "not_yet":
                latest = times[max(time, reference)] + anticipation
                later = [int(other) for other in np.flatnonzero(starts > latest) if other != cohort]
                compared = (*later, never)
            cells.append(Cell(cohort, time, reference, compared))
    return tuple(cells)

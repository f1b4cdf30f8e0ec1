"""What is measured about a person in a period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import ibis

from evalkit.values.frames import fingerprint
from evalkit.values.known import Known
from evalkit.values.questions import empty_known, is_own, written_out

Kind = Literal["ratio", "mean", "count", "flag", "state"]


@dataclass(frozen=True, eq=False)
class Measure:
    """A named quantity per person and period.

    Parameters
    ----------
    name
        Column it becomes in a panel, such as ``"attendance_rate"``.
    kind
        ``"ratio"`` of two sums, ``"mean"`` of scores, ``"count"``, ``"flag"`` (0 or 1), ``"state"`` (text).
    unit
        ``"share"`` (0-1), ``"points"``, ``"minutes"``, ``"days"``, ``"weeks"``, ``"persons"``, ``"events"`` or ``""``.
    direction
        ``"higher"`` where more is better, ``"lower"``, or ``"none"``.
    columns
        Columns that ``compute`` gives beside ``person_id`` and ``period``.
    numerator, denominator
        For a ratio: which of ``columns`` are divided.
    coverage
        How much of what should have been recorded was: the name of that share, and the two of ``columns`` divided,
        such as ``("attendance_coverage", "reported_minutes", "offered_minutes")``; None where nothing can be missing.
    compute
        From what is known to an Ibis table with ``person_id``, ``period`` and ``columns``; at most one row per person
        and period of the grid. It reads tables through `Known` alone.
    parameters
        Plain values behind ``compute``, part of every digest.
    meaning
        Entry of the vocabulary of measures that says what it means; the name where it is empty.
    asks_for
        ``"everyone"`` where it is judged when a time has run out, so that those who left belong to it: a panel of the
        enrolled alone would keep those for whom it went one way.
    lag_days
        How many days after the period the measure rests on: 1 where it counts what ended in the period
        (`Known.closed`), for an end is known on the day after the last; 0 for all others. A panel whose ``as_of`` does
        not reach so far says nothing of it in its last period.

    Raises
    ------
    ValueError
        If a ratio has no denominator.
    """

    name: str
    kind: Kind
    unit: str
    direction: Literal["higher", "lower", "none"]
    columns: tuple[str, ...]
    compute: Callable[[Known], ibis.Table]
    numerator: str | None = None
    denominator: str | None = None
    coverage: tuple[str, str, str] | None = None
    parameters: tuple[tuple[str, object], ...] = ()
    meaning: str = ""
    asks_for: Literal["enrolled", "everyone"] = "enrolled"
    lag_days: Literal[0, 1] = 0

    def __post_init__(self) -> None:
        if self.kind == "ratio" and (self.numerator is None or self.denominator is None):
            raise ValueError(f"the ratio {self.name!r} needs a numerator and a denominator")

    @property
    def key(self) -> str:
        """Digest of what the measure means; of one written in a notebook, the question itself is part of it.

        Raises
        ------
        InputError
            If a measure of one's own is no expression over the canonical tables.
        """
        asked = written_out(self.name, lambda: (self.compute(empty_known()),)) if is_own(self.compute) else ()
        divided = (self.direction, self.numerator, self.denominator, self.coverage, self.asks_for, self.lag_days)
        return fingerprint(self.name, self.kind, self.unit, self.columns, self.parameters, divided, asked)

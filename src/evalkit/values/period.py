"""Half-open stretches of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, order=True)
class Period:
    """A stretch of days ``[start, end)``: the start is inside, the end is not.

    Parameters
    ----------
    start, end
        First day, and the day after the last day.
    label
        What readers call it, such as ``"HT2023"``.

    Raises
    ------
    ValueError
        If the end is not after the start.
    """

    start: date
    end: date
    label: str = ""

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a period ends after it starts, but {self.end} is not after {self.start}")

    def contains(self, day: date) -> bool:
        """Tell whether the day lies in the period."""
        return self.start <= day < self.end

"""What one site hands to the study's estimate: sums per school, never persons."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evalkit.values.frames import settle
from evalkit.values.origin import Origin

TERM_COLUMNS = ("site", "municipality", "school", "time", "pupils", "outcome_sum")
CONTRAST_COLUMNS = (
    "site",
    "municipality",
    "school",
    "start",
    "pupils",
    "classes",
    "contrast_sum",
    "variance_within_school",
    "variance_within_class",
)
SCHOOL_COLUMNS = ("site", "municipality", "school", "treated_from")


@dataclass(frozen=True, eq=False)
class SchoolSums:
    """Sums per school of one outcome, for pupils kept in the school they had on the assignment date.

    Parameters
    ----------
    outcome
        Name of the outcome; its unit is ``unit``.
    schools
        One row a school: ``site``, ``municipality``, ``school``, ``treated_from`` (time, NaN for never).
    terms
        One row per school and time: ``pupils`` with an outcome, ``outcome_sum`` over them.
    contrasts
        One row per school and possible ``start`` time: ``pupils`` seen both before and from the start on, their
        ``classes``, ``contrast_sum`` (sum over pupils of mean outcome from the start minus mean outcome before),
        ``variance_within_school`` (of the person's contrast around the school's mean, n - 1),
        ``variance_within_class`` (around the class's mean, n - classes; NaN without classes).
    labels
        What readers call each time, ``(time, label)`` in order.
    minimum
        Fewest pupils any row may stand for, once protected.

    Raises
    ------
    ValueError
        If a column is missing, a (school, time) stands twice, or a row stands for fewer pupils than ``minimum``.
    """

    outcome: str
    unit: str
    schools: pd.DataFrame
    terms: pd.DataFrame
    contrasts: pd.DataFrame
    labels: tuple[tuple[int, str], ...]
    minimum: int = 0
    name: str = "school_sums"
    origin: Origin | None = None

    def __post_init__(self) -> None:
        plan = (
            ("schools", SCHOOL_COLUMNS, ("site", "school")),
            ("terms", TERM_COLUMNS, ("site", "school", "time")),
            ("contrasts", CONTRAST_COLUMNS, ("site", "school", "start")),
        )
        for field, columns, keys in plan:
            frame = getattr(self, field)
            absent = [column for column in columns if column not in frame.columns]
            if absent:
                raise ValueError(f"{field} has no column {', '.join(absent)}")
            if frame.duplicated(list(keys)).any():
                raise ValueError(f"{field} holds each {keys} once")
            if "pupils" in frame and len(frame) and frame["pupils"].min() < self.minimum:
                raise ValueError(f"a row of {field} stands for fewer than {self.minimum} pupils")
            object.__setattr__(self, field, settle(frame[list(columns)], keys))

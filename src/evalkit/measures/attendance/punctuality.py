"""Punctuality: lessons begun and ended on time."""

from __future__ import annotations

from typing import Literal

import ibis

from evalkit.errors import InputError
from evalkit.measures.attendance.lessons import (
    KEYS,
    counted,
    first_lessons,
    late_limit,
    lateness,
    lessons,
    sums,
)
from evalkit.measures.judged import ratio_of
from evalkit.values import Known, Measure

LONGEST_LESSON = 1440


def punctuality(*, position: Literal["first"] | None = None, limit: int | None = None) -> Measure:
    """Measure how many of the lessons a person came to were on time.

    A reported lesson with some minutes present is on time where no minute was absent, and late where 1 up to ``limit``
    minutes were (SS 12000 knows no late arrival, only minutes, so leaving early counts alike). With more minutes absent
    it is neither.

    Parameters
    ----------
    position
        ``"first"`` for only the lesson that begins the person's day, as in `rate`.
    limit
        Minutes; the vocabulary's threshold ``"late"`` (20) where none is given.

    Returns
    -------
    Measure
        ``punctuality``, a ratio in [0, 1]: ``on_time_lessons`` over ``timed_lessons`` (on time or late), with
        ``punctuality_coverage``, ``punctuality_reported`` over ``punctuality_lessons``. Variants are
        ``punctuality_first`` and ``punctuality_within_10``, and so are their columns.

    Raises
    ------
    InputError
        If the position or the limit is none there is.
    """
    if position not in (None, "first"):
        raise InputError("there is no such position of a lesson in the day", remedy='give "first", or nothing')
    if limit is not None and not 0 < limit < LONGEST_LESSON:
        raise InputError("there is no such limit of a late arrival", remedy="give whole minutes, from 1")
    within = late_limit() if limit is None else limit
    own_limit = within != late_limit()
    suffix = "".join([f"_{position}" if position else "", f"_within_{within}" if own_limit else ""])

    def compute(known: Known) -> ibis.Table:
        rows = lessons(known) if position is None else first_lessons(known)
        found = sums(rows)
        if own_limit:
            late = rows.group_by(*KEYS).agg(late_within=counted(lateness(rows, within)))
            found = found.drop("late_lessons").join(late, KEYS).rename(late_lessons="late_within")
        return found.select(
            *KEYS,
            found.on_time_lessons.name(columns[0]),
            (found.on_time_lessons + found.late_lessons).name(columns[1]),
            found.reported_lessons.name(columns[2]),
            found.lessons.name(columns[3]),
        )

    parts = ("on_time_lessons", "timed_lessons", "punctuality_reported", "punctuality_lessons")
    columns = tuple(f"{part}{suffix}" for part in parts)
    return ratio_of(
        f"punctuality{suffix}",
        columns,
        compute,
        better="higher",
        coverage=(f"punctuality_coverage{suffix}", columns[2], columns[3]),
        parameters=(("position", position), ("limit", within)),
        meaning="punctuality",
    )

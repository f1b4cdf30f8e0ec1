"""Course participations of a calendar year: completed, discontinued, or going on, with both denominators."""

from __future__ import annotations

from typing import Literal

import ibis

from evalkit.measures.judged import KEYS, ratio_of, yes
from evalkit.measures.progression.courses import DROPPED, NEVER_CAME, course_label
from evalkit.values import Known, Measure
from evalkit.vocabulary.measures import Direction

Base = Literal["ended", "all"]
GOING_ON = ("break", "moved")


def dropout_rate(
    of: Base = "ended", course: str | None = None, school_types: tuple[str, ...] | None = None, *, name: str = ""
) -> Measure:
    """Measure the share of course participations that were discontinued.

    Parameters
    ----------
    of
        ``"ended"``: of the completed and the discontinued (Skolverket). ``"all"``: of these and those that go on
        into the next year (SCB). The two differ widely, so the name says which.
    course
        A course, such as ``"2C"`` (study path and course of SFI) or a course code; None for all.
    school_types
        School types by code; None for all.
    name
        Column in the panel; ``dropout_rate_of_ended`` or ``dropout_rate_of_all``, with the course, where it is empty.

    Returns
    -------
    Measure
        A ratio of participations. One person in one course counts once in a period: completed where any enrolment was,
        else as the last one. A period is a calendar year in the statistics; any other will do. No-shows stay outside.
        An agreed break and a move to another municipality count as going on. How a course ended counts in the period of
        its last day, known by the day after; later knowledge never does. Coverage: the participations of which the
        outcome is known; one that ended without a recorded outcome is not.
    """
    return _rate("dropout_rate", "discontinued", of, course, school_types, name=name, better="lower")


def completion_rate(
    of: Base = "ended", course: str | None = None, school_types: tuple[str, ...] | None = None, *, name: str = ""
) -> Measure:
    """Measure the share of course participations that were completed; see `dropout_rate`."""
    return _rate("completion_rate", "completed", of, course, school_types, name=name, better="higher")


def _rate(
    what: str,
    hit: str,
    of: Base,
    course: str | None,
    school_types: tuple[str, ...] | None,
    *,
    name: str,
    better: Direction,
) -> Measure:
    meaning = f"{what}_of_{of}"
    own = name or (meaning if course is None else f"{meaning}_{course.lower()}")
    columns = tuple(f"{own}_{part}" for part in (hit, "base", "known", "participations"))

    def compute(known: Known) -> ibis.Table:
        rows = participations(known, course, school_types)
        sums = rows.group_by(*KEYS).agg(
            completed=rows.completed.sum(), discontinued=rows.discontinued.sum(), going_on=rows.going_on.sum(),
            count=rows.count(),
        )  # fmt: skip
        ended = sums.completed + sums.discontinued
        judged = ended + sums.going_on
        parts = (sums[hit], judged if of == "all" else ended, judged, sums["count"])
        return sums.select(*KEYS, **{column: part.cast("int64") for column, part in zip(columns, parts, strict=True)})

    return ratio_of(
        own,
        columns,
        compute,
        better=better,
        coverage=(f"{own}_coverage", columns[2], columns[3]),
        parameters=(("of", of), ("course", course), ("school_types", school_types)),
        meaning=meaning,
        lag_days=1,
    )


def participations(known: Known, course: str | None = None, school_types: tuple[str, ...] | None = None) -> ibis.Table:
    """Give each person's courses of a period, each once, and what had become of them at its end.

    Returns
    -------
    ibis.Table
        ``person_id``, ``period``, ``label``, and 1 in one of ``completed``, ``discontinued``, ``going_on``, or 0 in all
        where it ended and no outcome was recorded. A course belongs to the periods from its first day to its last, and
        what it ended as to the period of the last; that is known on the day after.
    """
    rows = known.closed("courses")
    here = rows.end.isnull() | (rows.end > rows.period_start)
    rows = rows.mutate(label=course_label(rows)).filter(here, rows.outcome.isnull() | (rows.outcome != NEVER_CAME))
    if course is not None:
        rows = rows.filter(rows.label == course)
    if school_types is not None:
        rows = rows.filter(rows.school_type.isin(school_types))
    place = ibis.row_number().over(
        group_by=[rows.person_id, rows.period, rows.label],
        order_by=[yes(rows.outcome == "completed").desc(), rows.start.desc(), rows.course_id.desc()],
    )
    ranked = rows.mutate(line=place)
    last = ranked.filter(ranked.line == 0)
    return last.select(
        *KEYS,
        "label",
        completed=yes(last.outcome == "completed"),
        discontinued=yes(last.outcome.isin(DROPPED)),
        going_on=yes(last.end.isnull() | last.outcome.isin(GOING_ON)),
    )

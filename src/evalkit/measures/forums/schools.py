"""What schools held and heard, per school and term: counts, never a person, a group or a statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import ibis

from evalkit.errors import InputError
from evalkit.values import Tables, took_place
from evalkit.vocabulary.forums import smallest_group
from evalkit.vocabulary.terms import FIRST_MONTH_OF_AUTUMN

Division = Literal["school_id", "term", "dimension", "theme"]
DIVISIONS = ("school_id", "term", "dimension", "theme")


def held(tables: Tables, *, year_groups: Sequence[int] = ()) -> ibis.Table:
    """Count the forums of each school and term, who took part, and when pupils heard back.

    Parameters
    ----------
    tables
        With ``forums`` and ``enrolments``, as known on the day of the report (`Tables.known_before`).
    year_groups
        Whom the forums were for; empty for all pupils of the school.

    Returns
    -------
    ibis.Table
        ``school_id``, ``term``; ``forums``, ``stations``; ``groups`` and ``participants`` (those of each forum's best
        attended station, for they go round), ``counted`` (forums whose participants were recorded), ``enrolled``
        (pupils at the school on the day of those forums): coverage of pupils is participants over enrolled; ``pupils``
        and ``pupils_enrolled`` (participants and enrolled of the single forum with most participants; a pupil stands
        once in them, and in the sums over forums as often as at forums); ``told`` (stations whose pupils were told what
        came of it), ``days_to_feedback`` (their sum of days). All but these two add up; ``groups`` and ``participants``
        are 0 where none were recorded.

    Raises
    ------
    KeyError
        If the site handed over no such tables.
    """
    rows = tables["forums"]
    forums = rows.group_by("forum_id", "school_id").agg(
        date=rows.date.min(),
        stations=rows.station.count(),
        groups=rows.groups.max(),
        participants=rows.participants.max(),
        told=rows.feedback_date.count(),
        days_to_feedback=rows.feedback_date.delta(rows.date, unit="day").sum(),
    )
    there = _enrolled_then(tables, forums, tuple(year_groups))
    both = forums.left_join(there, ["forum_id", "school_id"])
    termed = both.select(
        "forum_id",
        "school_id",
        "stations",
        "groups",
        "participants",
        "told",
        "days_to_feedback",
        term=_term(both.date),
        enrolled=ibis.ifelse(both.participants.isnull(), 0, ibis.coalesce(both.enrolled, 0)),
    )
    fullest = ibis.window(
        group_by=["school_id", "term"],
        order_by=[ibis.desc(ibis.coalesce(termed.participants, -1)), ibis.asc("enrolled"), ibis.asc("forum_id")],
    )
    termed = termed.mutate(first=ibis.row_number().over(fullest) == 0)
    return termed.group_by("school_id", "term").agg(
        pupils=_whole(termed.participants.sum(where=termed["first"])),
        pupils_enrolled=_whole(termed.enrolled.sum(where=termed["first"])),
        forums=termed.stations.count(),
        stations=_whole(termed.stations.sum()),
        groups=_whole(termed.groups.sum()),
        participants=_whole(termed.participants.sum()),
        counted=termed.participants.count(),
        enrolled=_whole(termed.enrolled.sum()),
        told=_whole(termed.told.sum()),
        days_to_feedback=_whole(termed.days_to_feedback.sum()),
    )


def statements(
    tables: Tables,
    *,
    by: Sequence[Division] = ("school_id", "term", "dimension"),
    release_small_groups: bool = False,
    smallest: int | None = None,
) -> ibis.Table:
    """Count what pupils said at forums, and what came of it.

    A statement belongs to no person. What a group with few pupils said is still not told of without the holder's
    release: it is counted as withheld, and nowhere else.

    Parameters
    ----------
    tables
        With ``forum_statements``, as known on the day of the report (`Tables.known_before`).
    by
        What divides the statements.
    release_small_groups
        Whether the holder has released what small groups said, and what groups of unknown size said.
    smallest
        Pupils from which a group is not small; None for the vocabulary's number.

    Returns
    -------
    ibis.Table
        The columns of ``by``; ``statements``, ``with_action``, ``with_feedback`` (of those), ``days_to_feedback`` (sum
        of days over those with feedback), ``withheld`` (statements of small groups) and, where ``by`` holds a dimension
        or theme, ``whole`` (statements over all dimensions and themes; share of a dimension: statements over whole).
        No names, ids, groups or stations.

    Raises
    ------
    KeyError
        If the site handed over no statements.
    InputError
        If there is no such division, or none is named.
    """
    divisions = list(dict.fromkeys(by))
    if not divisions:
        raise InputError("statements are divided by something", remedy=f"use some of {', '.join(DIVISIONS)}")
    if strange := [each for each in divisions if each not in DIVISIONS]:
        raise InputError(
            f"statements are not divided by {', '.join(strange)}", remedy=f"use some of {', '.join(DIVISIONS)}"
        )
    rows = tables["forum_statements"]
    least = smallest_group()[0] if smallest is None else smallest
    told = rows.group_size >= (0 if release_small_groups else least)
    if release_small_groups:
        told = told | rows.group_size.isnull()
    marked = rows.mutate(term=_term(rows.date), told=ibis.coalesce(told, False))
    counts = marked.group_by(divisions).agg(
        statements=_whole(marked.told.sum()),
        with_action=_whole((marked.told & marked.action.notnull()).sum()),
        with_feedback=_whole((marked.told & marked.feedback_date.notnull()).sum()),
        days_to_feedback=_whole(marked.feedback_date.delta(marked.date, unit="day").sum(where=marked.told)),
        withheld=_whole((~marked.told).sum()),
    )
    places = [each for each in divisions if each in ("school_id", "term")]
    if places == divisions:
        return counts
    window = ibis.window(group_by=places) if places else ibis.window()
    return counts.mutate(whole=_whole(counts.statements.sum().over(window)))


def _enrolled_then(tables: Tables, forums: ibis.Table, year_groups: tuple[int, ...]) -> ibis.Table:
    enrolments = tables["enrolments"]
    begun = enrolments.filter(took_place(enrolments))
    if year_groups:
        begun = begun.filter(begun.year_group.isin(year_groups))
    spells = begun.select("person_id", "school_id", "start", "end")
    days = forums.select(forum_id="forum_id", forum_school="school_id", day="date")
    there = spells.join(
        days,
        [
            spells.school_id == days.forum_school,
            spells.start <= days.day,
            spells.end.isnull() | (spells.end > days.day),
        ],
    )
    return there.group_by("forum_id", "school_id").agg(enrolled=there.person_id.nunique())


def _term(day: ibis.Value) -> ibis.Value:
    return ibis.ifelse(day.month() >= FIRST_MONTH_OF_AUTUMN, "HT", "VT") + day.year().cast("string")


def _whole(total: ibis.Value) -> ibis.Value:
    return ibis.coalesce(total, 0).cast("int64")

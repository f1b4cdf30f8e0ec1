"""Draw adult students' attendance day by day, and lesson by lesson."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from evalkit.sources.simulation.adults.careers import DISCONTINUED, Tracks
from evalkit.sources.simulation.adults.catalogue import SCHOOL_TYPES, SFI, adult_magnitudes, catalogue
from evalkit.sources.simulation.adults.enrolled import EVENING, MORNING, ONLINE
from evalkit.sources.simulation.arrays import Flags, Floats, Integers, States
from evalkit.vocabulary import holidays

PRESENT, VALID, INVALID = range(3)
LESSONS = np.array(
    [
        [3, 3, 3, 3, 3],  # SFI by day
        [2, 2, 0, 2, 0],  # SFI in the evening
        [1, 1, 1, 1, 1],  # SFI online
        [0, 1, 0, 1, 0],  # Komvux at half time or less
        [1, 1, 1, 1, 0],  # Komvux above half time
        [0, 0, 1, 0, 0],  # Komvux online
        [0, 1, 0, 1, 2],  # Komvux with a day at a workplace
    ]
)
SFI_DAY, SFI_EVENING, SFI_ONLINE, HALF, FULL, KOMVUX_ONLINE, WITH_PLACEMENT = range(len(LESSONS))
FRIDAY, SATURDAY = 4, 5
LAST_SUMMER_WEEKS = range(28, 32)
CLOSED_FROM, CLOSED_UNTIL = (12, 21), (1, 7)


@dataclass(frozen=True, eq=False)
class Days:
    """One row for each enrolment and day with lessons, by day.

    Parameters
    ----------
    row
        Row of the enrolments.
    day
        Ordinal.
    lessons
        Lessons that day.
    state
        Present, away validly or invalidly, for the whole day.
    share
        Expected absence that day.
    online_row, online_day
        Enrolments with activity online, and the day.
    """

    row: Integers
    day: Integers
    lessons: States
    state: States
    share: Floats
    online_row: Integers
    online_day: Integers


def teaching_days(first: date, end: date) -> tuple[date, ...]:
    """Return the days with teaching in ``[first, end)``: courses start all year, but for July and around New Year."""
    return tuple(day for day in _days(first, end) if _is_teaching_day(day))


def patterns(courses: pd.DataFrame) -> Integers:
    """Return each enrolment's week, a row of ``LESSONS``."""
    number = courses["course"].to_numpy()
    sfi = catalogue().school_type[number] == SFI
    online, evening = courses["form"].to_numpy() == ONLINE, courses["slot"].to_numpy() == EVENING
    placement = catalogue().placement[number] & ~courses["second"].to_numpy(dtype=np.bool_)
    return np.select(
        [sfi & online, sfi & evening, sfi, online, placement, courses["pace"].to_numpy() > 50],
        [SFI_ONLINE, SFI_EVENING, SFI_DAY, KOMVUX_ONLINE, WITH_PLACEMENT, FULL],
        HALF,
    )


def propensities(tracks: Tracks, courses: pd.DataFrame, rng: np.random.Generator) -> Floats:
    """Return each enrolment's long-run absence: a person's own, which need raises, at the level of the school type."""
    told = adult_magnitudes()["absence"]
    own = int(tracks.person.max(initial=-1)) + 1
    shape, means = told["shape"], told["fitted"]
    mean = np.array([means[kind] for kind in SCHOOL_TYPES])
    level = rng.gamma(shape, 1.0, own)[courses["person"].to_numpy()]
    rest = rng.gamma(shape * (1 - mean[0]) / mean[0], 1.0, own)[courses["person"].to_numpy()]
    kind = catalogue().school_type[courses["course"].to_numpy()]
    need = tracks.need[courses["track"].to_numpy(dtype=np.int64)]
    weight = np.exp(adult_magnitudes()["dropout"]["need_on_absence"] * need)
    return np.asarray(level / (level + rest) * mean[kind] / mean[0] * weight)


def draw_days(courses: pd.DataFrame, usual: Floats, days: tuple[date, ...], rng: np.random.Generator) -> Days:
    """Return who was to come and who came, day by day; absence comes in spells.

    Parameters
    ----------
    courses
        As of `Enrolled`.
    usual
        Shape (enrolments,): expected absence on an average day.
    days
        Days with teaching.
    """
    told, pattern = adult_magnitudes()["absence"], patterns(courses)
    start, closed = courses["attended_from"].to_numpy(), courses["end"].to_numpy()
    end = np.where(closed == 0, np.iinfo(np.int64).max, closed)
    candidates = np.flatnonzero((start > 0) & (end > days[0].toordinal()))
    before = np.zeros(len(courses), dtype=np.int8)
    share_before = np.zeros(len(courses))
    factors, dropping = _factors(courses, pattern), _ends_in_dropout(courses)
    last = courses["last_attended"].to_numpy()
    parts: list[tuple[Integers, ...]] = []
    for day in days:
        ordinal = day.toordinal()
        here = candidates[(start[candidates] <= ordinal) & (end[candidates] > ordinal)]
        online = here[np.isin(pattern[here], (SFI_EVENING, SFI_ONLINE, KOMVUX_ONLINE))]
        here = here[LESSONS[pattern[here], day.weekday()] > 0]
        left = last[here] - ordinal
        share = usual[here] * factors[here] * told["months"][str(day.month)] * told["weekdays"][day.weekday()]
        soon = (left <= 7 * told["before_dropout_weeks"]) & dropping[here]
        share = np.clip(share * np.where(soon, told["before_dropout"], 1.0), 0, told["largest"])
        state = _next_state(before[here], share_before[here], share, rng)
        state = np.where(left <= 0, INVALID, state).astype(np.int8)
        before[here], share_before[here] = state, share
        stamps = np.full(len(here), ordinal), np.full(len(online), ordinal)
        parts.append((here, stamps[0], LESSONS[pattern[here], day.weekday()], state, share, online, stamps[1]))
    row, stamp, lessons, state, share, online, online_day = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Days(row, stamp, lessons.astype(np.int8), state.astype(np.int8), share, online, online_day)


def _ends_in_dropout(courses: pd.DataFrame) -> Flags:
    return np.asarray(courses["outcome"].to_numpy() == DISCONTINUED)


def _factors(courses: pd.DataFrame, pattern: Integers) -> Floats:
    told = adult_magnitudes()["absence"]
    early = np.where(courses["slot"].to_numpy() == MORNING, told["early_lesson"], 1.0)
    return np.asarray(early * np.where(np.isin(pattern, (SFI_ONLINE, KOMVUX_ONLINE)), told["online"], 1.0))


def _next_state(before: States, share_before: Floats, share: Floats, rng: np.random.Generator) -> States:
    """Return today's states of a Markov chain whose share away is ``share`` and whose spells last as told."""
    told = adult_magnitudes()["absence"]
    stay = 1 - 1 / told["spell_days"]
    needed = (share - 0.6 * (1 - share_before)) / np.maximum(share_before, 1e-9)
    stays = np.clip(np.maximum(stay, needed), 0, 1)
    begin = np.clip((share - share_before * stays) / np.maximum(1 - share_before, 1e-9), 0, 1)
    draw, kind = rng.random((2, len(share)))
    fresh = np.where(kind < told["valid"], VALID, INVALID)
    continued = np.where(draw < stays, before, PRESENT)
    return np.asarray(np.where(before == PRESENT, np.where(draw < begin, fresh, PRESENT), continued), dtype=np.int8)


def _days(first: date, end: date) -> Iterator[date]:
    for step in range((end - first).days):
        yield first + timedelta(days=step)


def _is_teaching_day(day: date) -> bool:
    closed = (day.month, day.day) >= CLOSED_FROM or (day.month, day.day) < CLOSED_UNTIL
    summer = day.isocalendar().week in LAST_SUMMER_WEEKS
    return not (closed or summer or day.weekday() >= SATURDAY or day in {each.day for each in holidays(day.year)})

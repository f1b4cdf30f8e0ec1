"""Draw attendance: whole days away in spells, single lessons, late arrivals, and what was reported of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Flags, Floats, Integers, Minutes, Shares, States
from evalkit.sources.simulation.expectations import Expectations, stages_of
from evalkit.sources.simulation.magnitudes import magnitudes
from evalkit.sources.simulation.settings import AttendanceSettings
from evalkit.sources.simulation.timetable import PUPILS, STAFF, TEACHING, Timetable

PRESENT, VALID, INVALID = range(3)
LARGEST_START_SHARE = 0.6
LATE_MINUTES = np.minimum(2 - 7.0 * np.log(1 - (np.arange(256) + 0.5) / 256), 30).astype(np.int16)
SHORTENED_BY = 10
STRAY_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class Lessons:
    """What was recorded for each pupil at each event of a school year, in the order of events and then of pupils.

    Parameters
    ----------
    event, stay
        Rows of the timetable's events and of the expectations' stays.
    offered, attended, valid, invalid, other
        Minutes.
    reported
        Whether the teacher reported the lesson.
    counts
        Whether the row is a lesson the pupil was to attend; the rest (cancelled, excepted, other activities) is noise
        that a reader must leave out.
    """

    event: Integers
    stay: Integers
    offered: Minutes
    attended: Minutes
    valid: Minutes
    invalid: Minutes
    other: Minutes
    reported: Flags
    counts: Flags

    def only(self, chosen: Flags) -> Lessons:
        """Return the chosen rows."""
        return Lessons(**{name: getattr(self, name)[chosen] for name in self.__dataclass_fields__})


@dataclass(frozen=True, eq=False)
class Exceptions:
    """Pupils who do not take part in an activity, or in a shorter form of it.

    Parameters
    ----------
    stay, activity
        Rows of stays and activities, one exception each.
    participates
        False: the pupil is exempt. True: the lesson is shorter for the pupil.
    """

    stay: Integers
    activity: Integers
    participates: Flags


def draw_exceptions(
    stays: pd.DataFrame, activities: pd.DataFrame, settings: AttendanceSettings, rng: np.random.Generator
) -> Exceptions:
    """Return the year's exceptions: at most one activity for each pupil."""
    teaching = activities[activities["kind"] == TEACHING]
    first = teaching.groupby("room")["subject"].size().cumsum()
    starts = dict(zip(first.index, [0, *first.tolist()[:-1]], strict=True))
    sizes = teaching.groupby("room")["subject"].size()
    order = teaching.sort_values("room", kind="stable").index.to_numpy()
    draws, picks = rng.random(len(stays)), rng.random(len(stays))
    chosen = np.flatnonzero(draws < settings.exempt + settings.shortened)
    rooms = stays["room"].to_numpy()[chosen]
    activity = np.array(
        [order[starts[room] + int(pick * sizes[room])] for room, pick in zip(rooms, picks[chosen], strict=True)],
        dtype=np.int64,
    )
    return Exceptions(chosen, activity, draws[chosen] >= settings.exempt)


def draw_days(expectations: Expectations, settings: AttendanceSettings, rng: np.random.Generator) -> States:
    """Return whole-day states, shape (stays, days): present, valid or invalid absence, in spells.

    A Markov chain whose share away on each day is exact: a spell goes on with probability ``1 - 1 / spell_days``.
    """
    share = whole_days(expectations.absence)
    valid_share = _valid_share_of_days(expectations.absence, _wanted_shares(expectations, settings.valid_share))
    states = np.zeros(share.shape, dtype=np.int8)
    before = np.zeros(len(share), dtype=np.int8)
    share_before = np.zeros(len(share))
    for day in range(share.shape[1]):
        today = share[:, day].astype(np.float64)
        stay_away = np.full(len(share), 1 - 1 / settings.spell_days)
        needed = (today - LARGEST_START_SHARE * (1 - share_before)) / np.maximum(share_before, 1e-9)
        stay_away = np.clip(np.maximum(stay_away, needed), 0, 1)
        begin = np.clip((today - share_before * stay_away) / np.maximum(1 - share_before, 1e-9), 0, 1)
        draw, kind = rng.random(len(share)), rng.random(len(share))
        fresh = np.where(kind < valid_share, VALID, INVALID).astype(np.int8)
        continued = np.where(draw < stay_away, before, PRESENT).astype(np.int8)
        before = np.where(before == PRESENT, np.where(draw < begin, fresh, PRESENT), continued).astype(np.int8)
        states[:, day], share_before = before, today
    return states


def whole_days(absence: Shares) -> Shares:
    """Return the share of absence that comes as whole days; the rest shrinks as absence grows."""
    forms = magnitudes()["forms"]
    return np.asarray(absence * (1 - (forms["single_lessons"] + forms["late_arrivals"]) * (1 - absence)))


def _wanted_shares(expectations: Expectations, lower_secondary: float) -> Floats:
    """Return each stay's share of absence that is to be valid: the setting in years 7-9, its own in other stages."""
    stages = stages_of(expectations.stays)
    table = magnitudes()["valid_share"]["stages"]
    others = {stage: table[stage] for stage in ("GY", "IM")}
    return np.array([others.get(stage, lower_secondary) for stage in stages.tolist()])


def _valid_share_of_days(absence: Shares, wanted: Floats) -> Floats:
    """Return how much of whole-day absence is valid for all absence to have the share wanted."""
    forms = magnitudes()["forms"]
    thinning = float(np.mean(absence * (1 - absence)) / np.mean(absence))
    single, late = forms["single_lessons"] * thinning, forms["late_arrivals"] * thinning
    return np.asarray((wanted - single * forms["valid_single"] - late * forms["valid_late"]) / (1 - single - late))


def draw_lessons(
    timetable: Timetable,
    expectations: Expectations,
    exceptions: Exceptions,
    settings: AttendanceSettings,
    rng: np.random.Generator,
    *,
    states: States | None = None,
) -> Lessons:
    """Return the year's attendance records, noise included; whole days away are drawn where they are not given."""
    events = timetable.events
    if states is None:
        states = draw_days(expectations, settings, rng)
    event, stay = _rows(events, expectations.stays)
    day = events["day"].to_numpy()[event]
    here = expectations.enrolled[stay, day]
    event, stay, day = event[here], stay[here], day[here]
    excepted = _excepted(events["activity"].to_numpy()[event], stay, exceptions, len(expectations.stays))
    offered = events["minutes"].to_numpy().astype(np.int16)[event]
    offered = np.where(excepted == 2, offered - SHORTENED_BY, offered).astype(np.int16)
    kind = events["kind"].to_numpy()[event]
    cancelled = events["cancelled"].to_numpy()[event]
    lesson = (kind == TEACHING) | (kind == PUPILS)
    counts = lesson & ~cancelled & (excepted != 1)
    attended, valid, invalid, other = _minutes(
        offered,
        states[stay, day],
        expectations.absence[stay, day],
        first=events["first"].to_numpy()[event],
        other_share=settings.other_activity,
        rng=rng,
    )
    reported = events["reported"].to_numpy()[event] & ~(cancelled | (excepted == 1))
    # Few systems keep records of lessons that were not to be attended; those that do must not disturb.
    stray_event = rng.random(len(events)) < np.where(events["kind"] == STAFF, STRAY_SHARE, 0.5)
    drawn = Lessons(event, stay, offered, attended, valid, invalid, other, reported, counts)
    return drawn.only(counts | stray_event[event])


def _rows(events: pd.DataFrame, stays: pd.DataFrame) -> tuple[Integers, Integers]:
    """Pair every event with every stay in its class."""
    order = np.argsort(stays["room"].to_numpy(), kind="stable")
    rooms = stays["room"].to_numpy()[order]
    event_rooms = events["room"].to_numpy()
    first = np.searchsorted(rooms, event_rooms, side="left")
    count = np.searchsorted(rooms, event_rooms, side="right") - first
    event = np.repeat(np.arange(len(events), dtype=np.int32), count)
    within = np.arange(len(event)) - np.repeat(np.cumsum(count) - count, count)
    return event, order[np.repeat(first, count) + within].astype(np.int32)


def _excepted(activity: Integers, stay: Integers, exceptions: Exceptions, stays: int) -> States:
    """Return 1 where the pupil is exempt, 2 where the lesson is shorter, else 0."""
    wanted = np.full(stays, -1, dtype=np.int64)
    wanted[exceptions.stay] = exceptions.activity
    kind = np.zeros(stays, dtype=np.int8)
    kind[exceptions.stay] = np.where(exceptions.participates, 2, 1)
    return np.where(wanted[stay] == activity, kind[stay], 0).astype(np.int8)


def _minutes(
    offered: Minutes,
    state: States,
    absence: Shares,
    *,
    first: Flags,
    other_share: float,
    rng: np.random.Generator,
) -> tuple[Minutes, Minutes, Minutes, Minutes]:
    """Return minutes attended, of valid absence, of invalid absence and of other attendance; summing to the offered."""
    forms = magnitudes()["forms"]
    lateness = forms["first_lesson_lateness"]
    left = absence * (1 - absence) / (1 - whole_days(absence))
    single, late, valid, other = (rng.random(len(offered), dtype=np.float32) for _ in range(4))
    typical = float(LATE_MINUTES.mean()) / 57.0
    late_share = forms["late_arrivals"] / typical * np.where(first, lateness, (1 - 0.24 * lateness) / 0.76)
    whole = (state != PRESENT) | (single < forms["single_lessons"] * left)
    delayed = ~whole & (late < late_share * left)
    minutes_late = np.minimum(LATE_MINUTES[(other * 255).astype(np.int16)], offered - 5)
    away = np.where(whole, offered, np.where(delayed, minutes_late, 0)).astype(np.int16)
    threshold = np.where(whole, forms["valid_single"], forms["valid_late"])
    is_valid = np.where(state == PRESENT, valid < threshold, state == VALID)
    elsewhere = np.where((away == 0) & (other < other_share), offered, 0).astype(np.int16)
    return (
        (offered - away - elsewhere).astype(np.int16),
        np.where(is_valid, away, 0).astype(np.int16),
        np.where(is_valid, 0, away).astype(np.int16),
        elsewhere,
    )

"""Let students go through courses week by week: completing, dropping out, pausing, returning, going on, moving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.sources.simulation.adults.catalogue import SCHOOL_TYPES, SFI, adult_magnitudes, catalogue
from evalkit.sources.simulation.adults.entrants import THIRD_COUNTRY, Entrants
from evalkit.sources.simulation.adults.onward import SoonerOrLater, next_course, return_weeks
from evalkit.sources.simulation.adults.paces import Hazards, hazards_of
from evalkit.sources.simulation.arrays import Flags, Floats, Integers, States

WAITING, STUDYING, BREAK, GONE = range(4)
COMPLETED, DISCONTINUED, NO_SHOW, PAUSED, NO_PROGRESS, MOVED, GOING_ON = range(7)
OUTCOMES = ("completed", "discontinued", "no_show", "break", "ended_no_progress", "moved", "")
PACES, PACE_SHARES = (25, 50, 75, 100), (0.15, 0.6, 0.8)
DRAWS = 6
NEVER = 1_000_000


@dataclass(frozen=True, eq=False)
class Tracks:
    """What a person studies: one course at a time, or two tracks side by side in Komvux.

    Parameters
    ----------
    person, need
        Shape (tracks,): the person's number, and need (standard normal), which weighs on dropout, completing and
        absence, and decides who gets support.
    entered
        Shape (tracks,): week number of the first start.
    course, pace
        Shape (tracks,): first course, and percent of full time.
    woman, eligible
        Shape (tracks,): sex, and whether the project may take the person (third-country nationals).
    """

    person: Integers
    need: Floats
    entered: Integers
    course: Integers
    pace: Integers
    woman: Flags
    eligible: Flags


@dataclass(frozen=True, eq=False)
class Careers:
    """What came of it.

    Parameters
    ----------
    tracks
        Who studied.
    courses
        One row an enrolment in a course: track, person, course, pace, start, end (ordinals, half-open; end 0 while it
        lasts), outcome (place in ``OUTCOMES``), passed, returner, participation (the same before and after a break).
    support
        One row a spell: track, person, start, end (ordinals), project (whether the project gave it).
    """

    tracks: Tracks
    courses: pd.DataFrame
    support: pd.DataFrame


@dataclass(frozen=True)
class Planted:
    """What weighs on dropout: hazard ratios under project support and after a return; the project's first week."""

    support: float
    returner: float
    project_start: int


def draw_tracks(entrants: Entrants, first_monday: int, rng: np.random.Generator) -> Tracks:
    """Return the tracks of the entrants: need, pace, and who takes two courses."""
    count = len(entrants.person)
    schooling = (entrants.education - 1.3) / 0.9
    need = -0.35 * schooling + np.sqrt(1 - 0.35**2) * rng.standard_normal(count)
    share = np.array([0.0, *(adult_magnitudes()["start"]["two_courses"][kind] for kind in SCHOOL_TYPES[1:])])
    double = np.flatnonzero(rng.random(count) < share[entrants.school_type])
    person = np.concatenate([np.arange(count), double])
    courses = catalogue()
    other = rng.integers(1, 8, len(double))
    second = entrants.course[double].astype(np.int64)
    for kind in range(1, len(SCHOOL_TYPES)):
        own = np.flatnonzero(courses.school_type == kind)
        here = entrants.school_type[double] == kind
        second[here] = own[(second[here] - own[0] + other[here]) % len(own)]
    pace = np.array(PACES)[np.searchsorted(PACE_SHARES, rng.random(count))]
    return Tracks(
        person=person,
        need=need[person],
        entered=(entrants.start[person] - first_monday) // 7,
        course=np.concatenate([entrants.course, second]),
        pace=np.where(entrants.school_type[person] == SFI, 50, pace[person]),
        woman=entrants.woman[person],
        eligible=(entrants.citizenship == THIRD_COUNTRY)[person],
    )


class _Register:
    """The students' state while the weeks go by; arrays of shape (tracks,)."""

    def __init__(self, tracks: Tracks, planted: Planted, first_monday: int) -> None:
        count = len(tracks.person)
        self.tracks, self.planted, self.first_monday = tracks, planted, first_monday
        self.hazards: Hazards = hazards_of(catalogue())
        self.state: States = np.full(count, WAITING, dtype=np.int8)
        self.wake: Integers = tracks.entered.copy()
        self.course: Integers = tracks.course.astype(np.int64)
        self.weeks: Integers = np.zeros(count, dtype=np.int64)
        self.progress: Floats = np.zeros(count)
        self.opened: Integers = np.zeros(count, dtype=np.int64)
        self.participation: Integers = np.zeros(count, dtype=np.int64)
        self.returner: Flags = np.zeros(count, dtype=np.bool_)
        self.supported: Integers = np.zeros(count, dtype=np.int64)
        self.by_project: Integers = np.zeros(count, dtype=np.int64)
        self.rows: list[tuple[Any, ...]] = []
        self.spells: list[tuple[Any, ...]] = []

    def close(self, who: Integers, end: Integers, outcome: int, passed: Flags) -> None:
        """Write down the rows that end."""
        if len(who):
            kind = np.full(len(who), outcome, dtype=np.int8)
            participation, returner = self.participation[who], self.returner[who]
            self.rows.append((who, self.course[who], self.opened[who], end, kind, passed, returner, participation))


def draw_careers(tracks: Tracks, planted: Planted, *, first_monday: int, weeks: int, seed: int) -> Careers:
    """Return the careers over so many weeks.

    Parameters
    ----------
    tracks, planted
        Who studies, and what is planted. The same students meet the same chances whatever is planted.
    first_monday
        Ordinal of the Monday of week 0.
    weeks
        How many weeks are drawn; courses that last longer stay open.
    seed
        Every random number follows from it.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    register = _Register(tracks, planted, first_monday)
    for week in range(weeks):
        chances = rng.random((DRAWS, len(tracks.person)))
        _begin(register, week, chances)
        _study(register, week, chances)
        _support(register, week, chances)
    last = np.flatnonzero(register.state == STUDYING)
    register.close(last, np.zeros(len(last), dtype=np.int64), GOING_ON, np.zeros(len(last), dtype=np.bool_))
    return _collected(register)


def _begin(register: _Register, week: int, chances: Floats) -> None:
    """Start or resume courses; some who were admitted never come."""
    awake = np.flatnonzero((register.wake == week) & ((register.state == WAITING) | (register.state == BREAK)))
    monday = register.first_monday + 7 * week
    resumed = register.state[awake] == BREAK
    fresh = awake[~resumed]
    register.participation[fresh] += 1
    register.weeks[fresh] = 0
    register.opened[awake] = monday
    missing = fresh[chances[0, fresh] < adult_magnitudes()["dropout"]["no_show"]]
    register.state[awake] = STUDYING
    if len(missing):
        ends = monday + 14 + (8 * chances[1, missing]).astype(np.int64)
        register.close(missing, ends, NO_SHOW, np.zeros(len(missing), dtype=np.bool_))
        _wait_to_return(register, missing, week + 3, chances[2, missing])


def _study(register: _Register, week: int, chances: Floats) -> None:
    """Let a week pass for those who study: at most one thing happens to each."""
    here = np.flatnonzero(register.state == STUDYING)
    here = here[register.opened[here] < register.first_monday + 7 * week]
    register.weeks[here] += 1
    register.progress[here] += 1
    rates = _rates(register, here, week)
    total = rates.sum(axis=0)
    happens = chances[0, here] < 1 - np.exp(-total)
    share = chances[1, here] * total
    event = (share[None, :] >= np.cumsum(rates, axis=0)).sum(axis=0).clip(max=len(rates) - 1)
    friday = register.first_monday + 7 * week + 5
    any_day = friday - 4 + (5 * chances[2, here]).astype(np.int64)
    none = np.zeros(len(here), dtype=np.bool_)
    for kind in (DISCONTINUED, PAUSED, NO_PROGRESS, MOVED):
        chosen = happens & (event == kind)
        who = here[chosen]
        register.close(who, any_day[chosen], kind, none[chosen])
        if kind == PAUSED:
            first, last = adult_magnitudes()["dropout"]["break_weeks"]
            register.wake[who] = week + first + (chances[3, who] ** 2 * (last - first)).astype(np.int64)
            register.state[who] = BREAK
        elif kind == MOVED:
            register.state[who] = GONE
        else:
            _wait_to_return(register, who, week, chances[3, who])
    _complete(register, here[happens & (event == COMPLETED)], week, chances)


def _rates(register: _Register, here: Integers, week: int) -> Floats:
    """Return weekly hazards, shape (6, students): in the order of ``OUTCOMES``."""
    tracks, dropout = register.tracks, adult_magnitudes()["dropout"]
    hazards, course = register.hazards, register.course[here]
    need, woman = tracks.need[here], tracks.woman[here]
    weight = np.exp(dropout["need"] * need)
    weight *= np.where(register.returner[here], register.planted.returner, 1.0)
    weight *= np.where(register.by_project[here] > week, register.planted.support, 1.0)
    sfi = hazards.school_type[course] == SFI
    drop = hazards.dropout(course, woman, register.weeks[here], tracks.pace[here]) * weight
    faster = np.exp(dropout["need_on_completion"] * need)
    complete = hazards.completion(course, woman, register.progress[here], tracks.pace[here])
    slow = register.weeks[here] >= dropout["no_progress_from"]
    zero = np.zeros(len(here))
    return np.stack(
        [
            np.where(sfi, complete * faster, complete),
            drop,
            zero,
            np.where(register.weeks[here] >= 4, dropout["break_weekly"], 0.0),
            np.where(sfi & slow, dropout["no_progress_weekly"], 0.0),
            zero + dropout["moved_weekly"],
        ]
    )


def _complete(register: _Register, who: Integers, week: int, chances: Floats) -> None:
    """Pass or fail, and go on or not."""
    friday = register.first_monday + 7 * week + 5
    course = register.course[who]
    passed = chances[3, who] < register.hazards.passing(course, friday)
    register.close(who, np.full(len(who), friday), COMPLETED, passed)
    onward, gap = next_course(course, passed, SoonerOrLater(chances[4, who], chances[5, who]))
    stays = onward >= 0
    register.state[who] = np.where(stays, WAITING, GONE)
    register.wake[who] = np.where(stays, week + 1 + gap, NEVER)
    register.course[who] = np.where(stays, onward, course)
    register.progress[who] = 0
    register.returner[who] = False


def _wait_to_return(register: _Register, who: Integers, week: int, chance: Floats) -> None:
    """Let some come back to the same course later."""
    after = return_weeks(chance)
    back = after > 0
    register.state[who] = np.where(back, WAITING, GONE)
    register.wake[who] = np.where(back, week + after, NEVER)
    register.progress[who] *= 0.5
    register.returner[who] = back


def _support(register: _Register, week: int, chances: Floats) -> None:
    """Give support to some of those who study: the more, the greater the need."""
    told, tracks = adult_magnitudes()["support"], register.tracks
    here = np.flatnonzero((register.state == STUDYING) & (register.supported <= week))
    weight = np.exp(told["need"] * tracks.need[here] + told["return"] * register.returner[here])
    open_project = tracks.eligible[here] & (week >= register.planted.project_start)
    usual = told["ordinary_weekly"] * weight
    project = np.where(open_project, told["project_weekly"], 0.0) * weight
    chance = chances[4, here]
    given = chance < 1 - np.exp(-usual - project)
    from_project = given & (chance < 1 - np.exp(-project))
    who = here[given]
    if not len(who):
        return
    first, last = told["weeks"]
    until = week + first + (chances[5, who] * (last - first)).astype(np.int64)
    register.supported[who] = until
    register.by_project[who] = np.where(from_project[given], until, register.by_project[who])
    monday = register.first_monday
    register.spells.append((who, np.full(len(who), monday + 7 * week), monday + 7 * until, from_project[given]))


def _collected(register: _Register) -> Careers:
    names = ["track", "course", "start", "end", "outcome", "passed", "returner", "participation"]
    courses = _frame(names, register.rows, register.tracks)
    courses["pace"] = register.tracks.pace[courses["track"].to_numpy()]
    courses = _without_doublets(courses, register.tracks)
    support = _frame(["track", "start", "end", "project"], register.spells, register.tracks)
    return Careers(
        register.tracks,
        courses.sort_values(["person", "start", "track", "course"], kind="stable", ignore_index=True),
        support.sort_values(["person", "start", "track"], kind="stable", ignore_index=True),
    )


def _frame(names: list[str], parts: list[tuple[Any, ...]], tracks: Tracks) -> pd.DataFrame:
    """Return the rows written down, with the person of each track."""
    nothing = [(np.zeros(0, dtype=np.int64),) * len(names)]
    columns = [np.concatenate(part) for part in zip(*(parts or nothing), strict=True)]
    frame = pd.DataFrame(dict(zip(names, columns, strict=True)))
    frame.insert(1, "person", tracks.person[frame["track"].to_numpy()])
    return frame


def _without_doublets(courses: pd.DataFrame, tracks: Tracks) -> pd.DataFrame:
    """Leave out of a person's second track the courses that are in the first."""
    key = courses["person"].to_numpy(dtype=np.int64) * len(catalogue().codes) + courses["course"].to_numpy(
        dtype=np.int64
    )
    second = courses["track"].to_numpy(dtype=np.int64) > int(tracks.person.max(initial=0))
    return courses[~(second & np.isin(key, key[~second]))]

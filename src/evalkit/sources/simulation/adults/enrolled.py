"""Give course enrolments what registers say of them, and the day of the last attendance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.sources.simulation.adults.careers import (
    COMPLETED,
    DISCONTINUED,
    MOVED,
    NO_PROGRESS,
    NO_SHOW,
    PAUSED,
    Careers,
)
from evalkit.sources.simulation.adults.catalogue import SFI, adult_magnitudes, catalogue
from evalkit.sources.simulation.adults.paces import hazards_of
from evalkit.sources.simulation.arrays import Integers

CAMPUS, ONLINE = range(2)
FORMS = ("campus", "online")
MORNING, AFTERNOON, EVENING = range(3)
UNITS = (
    "Vuxenutbildningen Centrum, sfi",
    "Vuxenutbildningen Norr, sfi",
    "Grundläggande vuxenutbildning",
    "Komvux gymnasial",
)
UNITS_OF_TYPE = ((0, 1), (2, 2), (3, 3))
ONLINE_SHARE = (0.12, 0.25, 0.35)
SLOT_SHARES = (0.5, 0.87)
HOURS_OF_SLOT = (15.0, 15.0, 9.0)
FULL_TIME_HOURS = 16.0
REASONS = (
    "work", "other_education", "move", "illness", "parental_leave", "practical", "finances", "wrong_level",
    "no_progress", "motivation", "language", "conflict", "permit", "establishment_ended", "unreachable",
    "other", "unknown",
)  # fmt: skip
GRADES = ("F", "E", "D", "C", "B", "A")
NONE = -1


@dataclass(frozen=True, eq=False)
class Enrolled:
    """A site's course enrolments and school units.

    Parameters
    ----------
    courses
        As of `Careers.courses`, by person and start, with unit, second (of the
        person's two tracks), slot, form, group, hours, applied, attended_from,
        planned_end, last_attended (the day after), statutory, reason and grade (places, -1 none).
    units
        School unit codes.
    """

    courses: pd.DataFrame
    units: tuple[str, ...]


def describe(careers: Careers, municipality: str, end: int, rng: np.random.Generator) -> Enrolled:
    """Return the enrolments described; ``end`` is the day (ordinal) after the window."""
    courses = careers.courses.copy()
    count = len(courses)
    number, person = courses["course"].to_numpy(), courses["person"].to_numpy()
    kind = catalogue().school_type[number]
    _, same_try = np.unique(courses[["track", "participation"]].to_numpy(), axis=0, return_inverse=True)
    tries, persons = rng.random(same_try.max(initial=0) + 1), rng.random((2, person.max(initial=0) + 1))
    first, second = np.array(UNITS_OF_TYPE).T
    courses["unit"] = np.where(persons[0][person] < 0.6, first[kind], second[kind])
    courses["second"] = courses["track"].to_numpy() > int(person.max(initial=0))
    # A person is never to be at two lessons at a time.
    slot = np.searchsorted(SLOT_SHARES, persons[1][person])
    courses["slot"] = (slot + courses["second"].to_numpy()) % (len(SLOT_SHARES) + 1)
    courses["form"] = np.where(tries[same_try] < np.array(ONLINE_SHARE)[kind], ONLINE, CAMPUS)
    courses["group"] = ((courses["unit"] * 3 + courses["slot"]) * 2 + courses["form"]) * len(catalogue().codes) + number
    pace = courses["pace"].to_numpy()
    by_slot = np.array(HOURS_OF_SLOT)[courses["slot"]]
    courses["hours"] = np.where(kind == SFI, by_slot, np.round(FULL_TIME_HOURS * pace / 100, 1))
    start = courses["start"].to_numpy()
    planned = np.where(kind == SFI, 26, hazards_of(catalogue()).planned_weeks(number, pace))
    courses["applied"] = start - 5 - (rng.gamma(2.0, 12.0, count)).astype(np.int64)
    courses["planned_end"] = start + 7 * planned - 2
    _add_attendance_bounds(courses, end, rng)
    courses["reason"] = _reasons(courses, kind, rng)
    courses["grade"] = _grades(courses, kind, rng)
    return Enrolled(courses, tuple(f"99{municipality}{unit + 1:02d}" for unit in range(len(UNITS))))


def _add_attendance_bounds(courses: pd.DataFrame, end: int, rng: np.random.Generator) -> None:
    """Say when students first came and last did: weeks before a dropout that the rule of three weeks ended."""
    dropout = adult_magnitudes()["dropout"]
    count = len(courses)
    start, closed, outcome = (courses[name].to_numpy() for name in ("start", "end", "outcome"))
    late = np.where(rng.random(count) < 0.12, rng.integers(1, 8, count), 0)
    courses["attended_from"] = np.where((outcome == NO_SHOW) | (start + late >= end), 0, start + late)
    left = np.isin(outcome, (DISCONTINUED, NO_PROGRESS))
    lasted = np.where(closed == 0, end, closed) - start
    statutory = (outcome == DISCONTINUED) & (lasted >= 7 * dropout["statutory_from"])
    statutory &= rng.random(count) < dropout["statutory"]
    after_rule = 22 + np.minimum(rng.exponential(5.0, count).astype(np.int64), 10)
    lag = np.where(statutory, after_rule, np.where(left, rng.integers(0, 8, count), 0))
    courses["statutory"] = statutory
    courses["last_attended"] = np.where(
        closed == 0, end, np.minimum(np.maximum(closed - lag, start + late + 1), closed)
    )
    courses.loc[outcome == NO_SHOW, "last_attended"] = 0


def _reasons(courses: pd.DataFrame, kind: Integers, rng: np.random.Generator) -> Integers:
    """Return reasons of those who left; some are written down as unknown, some not at all."""
    told = adult_magnitudes()["dropout_reasons"]
    count = len(courses)
    outcome, draw, known = courses["outcome"].to_numpy(), rng.random(count), rng.random(count)
    reason = np.full(count, NONE)
    for chosen, name in ((kind == SFI, "sfi"), (kind != SFI, "komvux")):
        places = np.array([REASONS.index(code) for code in told[name]])
        cumulated = np.cumsum(list(told[name].values()))
        picks = np.searchsorted(cumulated / cumulated[-1], draw, side="right").clip(max=len(places) - 1)
        reason = np.where(chosen, places[picks], reason)
    paused = np.where(draw < 0.55, REASONS.index("parental_leave"), REASONS.index("illness"))
    reason = np.where(outcome == PAUSED, paused, reason)
    reason = np.where(outcome == MOVED, REASONS.index("move"), reason)
    reason = np.where(outcome == NO_PROGRESS, REASONS.index("no_progress"), reason)
    missing = (outcome == DISCONTINUED) & (known > told["completeness"])
    half = told["completeness"] + (1 - told["completeness"]) / 2
    reason = np.where(missing, np.where(known < half, REASONS.index("unknown"), NONE), reason)
    return np.where(np.isin(outcome, (DISCONTINUED, PAUSED, MOVED, NO_PROGRESS)), reason, NONE)


def _grades(courses: pd.DataFrame, kind: Integers, rng: np.random.Generator) -> Integers:
    told, draw = adult_magnitudes()["grades"], rng.random(len(courses))
    tables = [np.array(list(told[name].values())) for name in ("sfi_passing", "passing")]
    ranks = [1 + np.searchsorted(table, draw, side="right").clip(max=len(GRADES) - 2) for table in tables]
    passing = np.where(kind == SFI, ranks[0], ranks[1])
    completed = courses["outcome"].to_numpy() == COMPLETED
    return np.where(completed, np.where(courses["passed"].to_numpy(dtype=np.bool_), passing, 0), NONE)

"""Damage lessons: rows handed over twice, minutes that cannot be, a class marked by rote, a routine that changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from evalkit.sources.simulation.arrays import Integers
from evalkit.sources.simulation.presence import Lessons
from evalkit.sources.simulation.site_draw import LessonYear, SiteDraw

ROWS = 12
EXTRA_MINUTES = 40
CHANGE_AT = 0.4
"""Share of the school year after which the routine changes."""

Planted = dict[str, Any]
LessonFault = Callable[[SiteDraw, LessonYear, np.random.Generator], tuple[LessonYear, Planted]]


def _duplicate_rows(draw: SiteDraw, year: LessonYear, rng: np.random.Generator) -> tuple[LessonYear, Planted]:
    """Hand some lessons of the last school year over twice."""
    rows = _some(year, rng)
    times = np.ones(len(year.lessons.event), dtype=np.int64)
    times[rows] = 2
    order = np.repeat(np.arange(len(times)), times)
    doubled = Lessons(**{name: getattr(year.lessons, name)[order] for name in Lessons.__dataclass_fields__})
    return replace(year, lessons=doubled), {"attendance": places(draw, year, rows)}


def _minutes_too_many(draw: SiteDraw, year: LessonYear, rng: np.random.Generator) -> tuple[LessonYear, Planted]:
    """Let pupils attend some lessons of the last school year for longer than they lasted."""
    rows = _some(year, rng)
    attended = year.lessons.attended.copy()
    attended[rows] += EXTRA_MINUTES
    return replace(year, lessons=replace(year.lessons, attended=attended)), {"attendance": places(draw, year, rows)}


def _uniform_attendance_class(draw: SiteDraw, year: LessonYear, rng: np.random.Generator) -> tuple[LessonYear, Planted]:
    """Let everyone in a class be present at every lesson of the last school year, all of it reported."""
    lower = year.expectations.stays.loc[year.expectations.stays["school_type"] == "GR", "room"]
    room = int(rng.choice(np.unique(lower)))
    lessons = year.lessons
    here = year.timetable.events["room"].to_numpy()[lessons.event] == room
    valid, invalid, other = (
        np.where(here, 0, minutes).astype(np.int16) for minutes in (lessons.valid, lessons.invalid, lessons.other)
    )
    attended = np.where(here, lessons.offered, lessons.attended).astype(np.int16)
    reported = lessons.reported | (here & lessons.counts)
    uniform = replace(lessons, attended=attended, valid=valid, invalid=invalid, other=other, reported=reported)
    each = draw.population.classes[room]
    planted = {
        "school_id": draw.schools[each.school].code,
        "class": f"{draw.schools[each.school].code}-{each.intake}{each.letter}",
        "school_year": year.label,
        "rows": int((here & lessons.counts).sum()),
    }
    return replace(year, lessons=uniform), planted


def _routine_change(draw: SiteDraw, year: LessonYear, rng: np.random.Generator) -> tuple[LessonYear, Planted]:
    """Let a school record all absence as valid from a day in the last school year on."""
    stays = year.expectations.stays
    school = int(rng.choice(np.unique(stays.loc[stays["school_type"] == "GR", "school"])))
    place = int(CHANGE_AT * len(year.timetable.days))
    lessons, events = year.lessons, year.timetable.events
    homes = np.array([each.school for each in draw.population.classes])
    here = homes[events["room"].to_numpy()[lessons.event]] == school
    here &= events["day"].to_numpy()[lessons.event] >= place
    valid = np.where(here, lessons.valid + lessons.invalid, lessons.valid).astype(np.int16)
    invalid = np.where(here, 0, lessons.invalid).astype(np.int16)
    planted = {"school_id": draw.schools[school].code, "from": year.timetable.days[place].isoformat()}
    return replace(year, lessons=replace(lessons, valid=valid, invalid=invalid)), planted


def places(draw: SiteDraw, year: LessonYear, rows: Integers) -> list[dict[str, Any]]:
    """Return where rows of lessons are: identity number, date, start in minutes since midnight."""
    events = year.timetable.events.iloc[year.lessons.event[rows]]
    person = year.expectations.stays["person"].to_numpy()[year.lessons.stay[rows]]
    return [
        {
            "personnummer": draw.people.civic[number],
            "date": year.timetable.days[day].isoformat(),
            "start_minute": int(start),
        }
        for number, day, start in zip(person, events["day"], events["start"], strict=True)
    ]


def _some(year: LessonYear, rng: np.random.Generator) -> Integers:
    """Return some rows that count and were reported, in order."""
    rows = np.flatnonzero(year.lessons.counts & year.lessons.reported)
    return np.sort(rng.choice(rows, min(ROWS, len(rows)), replace=False))


LESSON_FAULTS: dict[str, LessonFault] = {
    "duplicate_rows": _duplicate_rows,
    "minutes_too_many": _minutes_too_many,
    "uniform_attendance_class": _uniform_attendance_class,
    "routine_change": _routine_change,
}

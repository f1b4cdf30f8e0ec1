"""Damage a site's export on request, in places that the truth tells, so that checks can be tested on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Integers
from evalkit.sources.simulation.lesson_faults import LESSON_FAULTS
from evalkit.sources.simulation.settings import FAULT_NAMES, SimulationSettings
from evalkit.sources.simulation.site_draw import LessonYear, SiteDraw
from evalkit.sources.simulation.streams import stream
from evalkit.sources.simulation.text import iso_day

FEW = 5
OVERLAP_DAYS = 90
CUT_DAYS = 60
LATE_DAYS = 120

Planted = dict[str, Any]
RegisterFault = Callable[[SiteDraw, np.random.Generator], tuple[SiteDraw, Planted]]


def damage_registers(settings: SimulationSettings, draw: SiteDraw) -> tuple[SiteDraw, Planted]:
    """Return the site with the faults it asks for planted in its registers, and where they are."""
    planted: Planted = {}
    for name in FAULT_NAMES:
        if name in draw.site.faults and name in REGISTER_FAULTS:
            rng = stream(settings.seed, draw.site.id, f"fault {name}")
            draw, planted[name] = REGISTER_FAULTS[name](draw, rng)
    return draw, planted


def damage_lessons(
    settings: SimulationSettings, draw: SiteDraw, years: Iterator[LessonYear], planted: Planted
) -> Iterator[LessonYear]:
    """Yield the school years with faults planted in the first lessons of the last; where is added to ``planted``."""
    wanted = [name for name in FAULT_NAMES if name in draw.site.faults and name in LESSON_FAULTS]
    for year in years:
        damaged = year
        for name in wanted if year.label == settings.school_years[-1] and not year.part else ():
            rng = stream(settings.seed, draw.site.id, f"fault {name} {year.label}")
            damaged, where = LESSON_FAULTS[name](draw, damaged, rng)
            planted.setdefault(name, {}).update(where)
        yield damaged


def _duplicate_rows(draw: SiteDraw, rng: np.random.Generator) -> tuple[SiteDraw, Planted]:
    """Hand over some enrolments and grades twice; lessons are doubled year by year."""
    stays, grades = draw.population.stays, draw.grades
    twice = np.sort(rng.choice(len(stays), min(FEW, len(stays)), replace=False))
    again = np.sort(rng.choice(len(grades), min(FEW, len(grades)), replace=False))
    planted = {
        "enrolments": _people(draw, stays["person"].to_numpy()[twice]),
        "grades": [
            {"personnummer": draw.people.civic[person], "subject": subject, "day": iso_day(day)}
            for person, subject, day in _values(grades.iloc[again], "person", "subject", "day")
        ],
    }
    return (
        replace(_with_stays(draw, _repeated(stays, twice)), grades=_repeated(grades, again)),
        planted,
    )


def _overlapping_enrolments(draw: SiteDraw, rng: np.random.Generator) -> tuple[SiteDraw, Planted]:
    """Enrol a few pupils at two schools of the same type at a time."""
    stays = draw.population.stays
    lower = [school.number for school in draw.schools if school.school_type == "GR"]
    long = (stays["end"] - stays["start"] > 2 * OVERLAP_DAYS) & ~stays["cancelled"] & (stays["school_type"] == "GR")
    rows = stays.iloc[_some(np.flatnonzero(long), rng)]
    other = [lower[(lower.index(school) + 1) % len(lower)] for school in rows["school"]]
    extra = rows.assign(school=other, start=rows["start"] + OVERLAP_DAYS // 2, end=rows["start"] + OVERLAP_DAYS)
    planted = {
        "enrolments": [
            {
                "personnummer": draw.people.civic[person],
                "school_id": draw.schools[school].code,
                "start": iso_day(start),
                "end": iso_day(end),
            }
            for person, school, start, end in _values(extra, "person", "school", "start", "end")
        ]
    }
    return _with_stays(draw, pd.concat([stays, extra.assign(open=False)], ignore_index=True)), planted


def _attendance_outside_enrolment(draw: SiteDraw, rng: np.random.Generator) -> tuple[SiteDraw, Planted]:
    """Let some enrolments begin weeks after the pupil's first lessons."""
    stays = draw.population.stays.copy()
    long = (stays["end"] - stays["start"] > 4 * CUT_DAYS) & ~stays["cancelled"] & (stays["school_type"] == "GR")
    rows = _some(np.flatnonzero(long), rng)
    first = stays["start"].to_numpy()[rows]
    stays.loc[rows, "start"] = first + CUT_DAYS
    planted = {
        "persons": [
            {"personnummer": draw.people.civic[person], "from": iso_day(start), "until": iso_day(start + CUT_DAYS)}
            for person, start in zip(stays["person"].to_numpy()[rows], first, strict=True)
        ]
    }
    return _with_stays(draw, stays), planted


def _missing_school(draw: SiteDraw, rng: np.random.Generator) -> tuple[SiteDraw, Planted]:
    """Leave a school out of the list of schools, while pupils go to it."""
    chosen = int(rng.integers(len(draw.schools)))
    schools = tuple(
        replace(school, handed_over=False) if school.number == chosen else school for school in draw.schools
    )
    return replace(draw, schools=schools), {"school_id": draw.schools[chosen].code}


def _wrong_check_digit(draw: SiteDraw, rng: np.random.Generator) -> tuple[SiteDraw, Planted]:
    """Mistype the last digit of some identity numbers, the same in every file."""
    chosen = _some(np.arange(len(draw.people.civic)), rng)
    civic = list(draw.people.civic)
    for person in chosen:
        civic[person] = f"{civic[person][:-1]}{(int(civic[person][-1]) + 1) % 10}"
    planted = {"personnummer": [civic[person] for person in chosen]}
    return replace(draw, people=replace(draw.people, civic=tuple(civic))), planted


def _late_registration(draw: SiteDraw, rng: np.random.Generator) -> tuple[SiteDraw, Planted]:
    """Register a school's grades of one term months after the term."""
    grades = draw.grades.copy()
    school = int(rng.choice(grades["school"].unique()))
    term = sorted(grades.loc[grades["school"] == school, "term"].unique())[0]
    late = (grades["school"] == school) & (grades["term"] == term)
    grades.loc[late, "day"] += LATE_DAYS
    planted = {"school_id": draw.schools[school].code, "term": term, "days": LATE_DAYS, "grades": int(late.sum())}
    return replace(draw, grades=grades.sort_values(["day", "person", "subject"], ignore_index=True)), planted


def _values(table: pd.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[name].tolist() for name in names), strict=True)


def _some(rows: Integers, rng: np.random.Generator) -> Integers:
    return np.sort(rng.choice(rows, min(FEW, len(rows)), replace=False)) if len(rows) else rows


def _people(draw: SiteDraw, persons: Integers) -> list[str]:
    return [draw.people.civic[person] for person in persons]


def _repeated(table: pd.DataFrame, rows: Integers) -> pd.DataFrame:
    times = np.ones(len(table), dtype=np.int64)
    times[rows] = 2
    return table.iloc[np.repeat(np.arange(len(table)), times)].reset_index(drop=True)


def _with_stays(draw: SiteDraw, stays: pd.DataFrame) -> SiteDraw:
    ordered = stays.sort_values(["person", "start"], kind="stable").reset_index(drop=True)
    return replace(draw, population=replace(draw.population, stays=ordered))


REGISTER_FAULTS: dict[str, RegisterFault] = {
    "duplicate_rows": _duplicate_rows,
    "overlapping_enrolments": _overlapping_enrolments,
    "attendance_outside_enrolment": _attendance_outside_enrolment,
    "missing_school": _missing_school,
    "wrong_check_digit": _wrong_check_digit,
    "late_registration": _late_registration,
}

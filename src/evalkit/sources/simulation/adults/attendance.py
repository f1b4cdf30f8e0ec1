"""Turn days into lesson records, and activity online into check-ins."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from evalkit.sources.simulation.adults.catalogue import adult_magnitudes, catalogue
from evalkit.sources.simulation.adults.columns import code_column, day_column, number_column, same
from evalkit.sources.simulation.adults.enrolled import ONLINE
from evalkit.sources.simulation.adults.lessons import (
    FRIDAY,
    KOMVUX_ONLINE,
    LESSONS,
    PRESENT,
    SFI_DAY,
    SFI_EVENING,
    SFI_ONLINE,
    VALID,
    WITH_PLACEMENT,
    Days,
    patterns,
)
from evalkit.sources.simulation.adults.site import AdultDraw
from evalkit.sources.simulation.arrays import Flags, Floats, Integers
from evalkit.sources.simulation.text import joined, numbered

FIRST_STARTS = np.array([510, 765, 1050])
BETWEEN_STARTS = np.array([75, 75, 105])
LENGTHS = {SFI_DAY: 60, SFI_EVENING: 90, SFI_ONLINE: 60, KOMVUX_ONLINE: 60}
KOMVUX_LENGTH, PLACEMENT_LENGTH = 120, 180
PLACEMENT_STARTS = np.array([480, 700])
MODES = ("campus", "online", "placement")
CAMPUS, REMOTE, PLACEMENT = range(3)
BLENDED_UNIT, BLENDED_FROM = 1, date(2024, 1, 8).toordinal()
LESSON_DAY_ZERO = date(2021, 7, 23).toordinal()
RESOURCE = "lärplattform"
ABSENCE_REASONS = (
    "physical_illness", "mental_illhealth", "family", "work", "adaptation", "teaching", "schedule", "no_policy",
    "leave", "other", "unknown",
)  # fmt: skip


def building_codes(draw: AdultDraw) -> list[str]:
    """Return the code of each unit's building."""
    return [f"{unit}-A" for unit in draw.enrolled.units]


def attendance_table(draw: AdultDraw, rng: np.random.Generator) -> pa.Table:
    """Return one row for each student and lesson, by day."""
    courses, days = draw.enrolled.courses, draw.days
    at = np.repeat(np.arange(len(days.row)), days.lessons)
    ordinal = np.arange(len(at)) - np.repeat(np.cumsum(days.lessons) - days.lessons, days.lessons)
    row, day = days.row[at], days.day[at]
    weekday, group, unit = (day - 1) % 7, courses["group"].to_numpy()[row], courses["unit"].to_numpy()[row]
    pattern = patterns(courses)[row]
    placement = (pattern == WITH_PLACEMENT) & (weekday == FRIDAY)
    blended = (pattern == SFI_DAY) & (unit == BLENDED_UNIT) & (weekday == FRIDAY) & (day >= BLENDED_FROM)
    online = (courses["form"].to_numpy()[row] == ONLINE) | blended
    offered = _lengths(pattern, placement)
    slot = courses["slot"].to_numpy()[row]
    start = np.where(
        placement, PLACEMENT_STARTS[ordinal.clip(max=1)], FIRST_STARTS[slot] + BETWEEN_STARTS[slot] * ordinal
    )
    minutes = _minutes(days, at, offered, ordinal == 0, rng)
    reported = _reported(group, day, ordinal, rng)
    unknown = ~reported
    lesson = group * 1_000_000 + (day - LESSON_DAY_ZERO) * 10 + ordinal
    person = courses["person"].to_numpy()[row]
    return pa.table(
        {
            "person_id": draw.identities.on(person, day),
            "lesson_id": joined(draw.site.municipality, "-", numbered(lesson)),
            "school_id": code_column(draw.enrolled.units, unit),
            "class_id": joined("G", numbered(group)),
            "subject": code_column(catalogue().subjects, courses["course"].to_numpy()[row]),
            "teacher_id": joined("L", draw.site.municipality, numbered(group % 97)),
            "building_id": code_column(building_codes(draw), np.where(online | placement, -1, unit)),
            "date": day_column(day),
            "start_minute": number_column(start.astype(np.int16)),
            "mode": code_column(MODES, np.where(placement, PLACEMENT, np.where(online, REMOTE, CAMPUS))),
            "minutes_offered": number_column(offered.astype(np.int16)),
            **{name: number_column(value, unknown) for name, value in minutes.items()},
            "reported": number_column(reported),
            "reason": code_column(ABSENCE_REASONS, _reasons(minutes["minutes_valid_absence"], reported, rng)),
        }
    )


def checkins_table(draw: AdultDraw, rng: np.random.Generator) -> pa.Table:
    """Return activity on the learning platform, one row for each student, day and first minute."""
    courses, days = draw.enrolled.courses, draw.days
    last = courses["last_attended"].to_numpy()
    share = np.where(days.online_day < last[days.online_row], 0.62 * (1 - draw.usual[days.online_row].clip(0, 0.9)), 0)
    active = rng.random(len(share)) < share
    row, day = days.online_row[active], days.online_day[active]
    person = courses["person"].to_numpy()[row]
    # A person with two courses has one row a day, as the platform does not tell courses apart.
    _, first = np.unique(day * (person.max(initial=0) + 1) + person, return_index=True)
    row, day, person = row[first], day[first], person[first]
    return pa.table(
        {
            "person_id": draw.identities.on(person, day),
            "school_id": code_column(draw.enrolled.units, courses["unit"].to_numpy()[row]),
            "date": day_column(day),
            "minute": number_column(rng.integers(420, 1380, len(row)).astype(np.int16)),
            "direction": same("activity", len(row)),
            "resource": same(RESOURCE, len(row)),
            "count": number_column((1 + rng.poisson(5.0, len(row))).astype(np.int16)),
        }
    )


def _lengths(pattern: Integers, placement: Flags) -> Integers:
    lengths = np.array([LENGTHS.get(kind, KOMVUX_LENGTH) for kind in range(len(LESSONS))])
    return np.where(placement, PLACEMENT_LENGTH, lengths[pattern])


def _minutes(
    days: Days, at: Integers, offered: Integers, first: Flags, rng: np.random.Generator
) -> dict[str, Integers]:
    """Return minutes by kind, which sum to those offered; the first lesson of a day has more late arrivals."""
    told = adult_magnitudes()["absence"]
    state = days.state[at]
    late, other, delay = rng.random((3, len(at)), dtype=np.float32)
    chance: Floats = told["late"] * np.where(first, told["late_first"], 1.0)
    delayed = (state == PRESENT) & (late < chance)
    away = np.where(state != PRESENT, offered, np.where(delayed, 2 + (delay * 28).astype(np.int64), 0))
    elsewhere = np.where((away == 0) & (other < told["other_activity"]), offered, 0)
    valid = (state == VALID) | (delayed & (delay < 0.3))
    return {
        "minutes_attended": (offered - away - elsewhere).astype(np.int16),
        "minutes_valid_absence": np.where(valid, away, 0).astype(np.int16),
        "minutes_invalid_absence": np.where(valid, 0, away).astype(np.int16),
        "minutes_other": elsewhere.astype(np.int16),
    }


def _reported(group: Integers, day: Integers, ordinal: Integers, rng: np.random.Generator) -> Flags:
    """Return which lessons were reported; some teachers report less, and a lesson is reported for all or none."""
    usual = rng.beta(1.2, 1.2 / adult_magnitudes()["absence"]["unreported"] - 1.2, int(group.max(initial=0)) + 1)
    lesson = (group.astype(np.int64) * 4_000 + (day - LESSON_DAY_ZERO)) * 4 + ordinal
    distinct, place = np.unique(lesson, return_inverse=True)
    draws = rng.random(len(distinct))
    return np.asarray(draws[place] >= usual[group])


def _reasons(valid: Integers, reported: Flags, rng: np.random.Generator) -> Integers:
    """Return reasons of valid absence, where they were told."""
    told = adult_magnitudes()["absence_reasons"]
    weights = told["weights"]
    cumulated = np.cumsum(list(weights.values()))
    draw, known = rng.random((2, len(valid)))
    reason = np.searchsorted(cumulated / cumulated[-1], draw, side="right").clip(max=len(weights) - 1)
    return np.where((valid > 0) & reported & (known < told["completeness"]), reason, -1)

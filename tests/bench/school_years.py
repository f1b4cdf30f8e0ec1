"""School years of lesson rows in the store's layout, for benches: made with numpy, a school at a time.

Pupils stay away for whole days in runs, from single lessons, and come late; a twentieth of the lessons is unreported,
and now and then a whole day. A school year has 900 lessons a pupil: 180 days of five.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

DAYS, A_DAY, CLASS, SCHOOL = 180, 5, 25, 1000
LESSONS = DAYS * A_DAY
FIRST_DAY = date(2023, 8, 16)
YEAR = timedelta(days=364)
ROW_GROUP = 122_880
SUBJECTS = ("MA", "SV", "EN", "NO", "SO", "IDH", "BL", "SL", "MU", "HKK")
MODES = ("campus", "online", "placement", "unknown")
REASONS = ("physical_illness", "mental_illhealth", "family", "adaptation", "other", "unknown", "leave")
BACK, AWAY = 0.4, 0.03
"""Chance that a pupil who was away a day comes back the next, and that one who was there stays away."""


@dataclass(frozen=True)
class Place:
    """One school in one school year, ``back`` years before 2023/24."""

    school: int
    back: int
    pupils: int

    @property
    def code(self) -> str:
        """School unit code."""
        return f"{10_000_000 + self.school}"

    @property
    def ids(self) -> list[str]:
        """Pseudonyms, new in every school year, in the order in which rows are sorted."""
        texts = (f"{self.back} {self.school} {pupil}" for pupil in range(self.pupils))
        return sorted(hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts)


def places(rows: int, back: int = 0) -> list[Place]:
    """Return the schools of one school year of about so many lesson rows."""
    pupils = max(CLASS, rows // LESSONS)
    schools = -(-pupils // SCHOOL)
    return [Place(school, back, min(SCHOOL, pupils - school * SCHOOL)) for school in range(schools)]


def school_days(back: int = 0) -> NDArray[np.datetime64]:
    """Return the days with lessons: weekdays, but a week in autumn, two at New Year, one in February and Easter."""
    free = {44, 52, 1, 8, 14}
    every = [FIRST_DAY + timedelta(days=number) for number in range(300)]
    days = [day for day in every if day.weekday() < 5 and day.isocalendar().week not in free][:DAYS]
    return np.array([day - back * YEAR for day in days], dtype="datetime64[D]")


def write_school_year(rows: int, folder: Path, back: int = 0) -> int:
    """Write the tables of one school year into the folders of the store; return how many lesson rows they hold."""
    for name in ("persons", "school_units", "enrolments", "attendance", "checkins", "contacts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    year = (FIRST_DAY - back * YEAR).year
    written, writers = 0, {}
    for place in places(rows, back):
        rng = np.random.default_rng([back, place.school])
        for name, table in _tables(place, rng).items():
            if name not in writers:
                writers[name] = pq.ParquetWriter(folder / name / f"{year}.parquet", table.schema, compression="zstd")
            writers[name].write_table(table, row_group_size=ROW_GROUP)
            written += table.num_rows if name == "attendance" else 0
    for writer in writers.values():
        writer.close()
    return written


def _tables(place: Place, rng: np.random.Generator) -> dict[str, pa.Table]:
    ids, days = place.ids, school_days(place.back)
    begin = FIRST_DAY - place.back * YEAR - timedelta(days=10)
    many = np.zeros(place.pupils, dtype=np.int32)
    everyone = pa.array(ids)
    start = pa.array([begin] * place.pupils, pa.date32())
    persons = {
        "person_id": everyone,
        "sex": _texts(("woman", "man"), rng.integers(0, 2, place.pupils)),
        "security_marking": _texts(("none",), many),
        "known_from": pa.array([date(1900, 1, 1)] * place.pupils, pa.date32()),
    }
    units = {
        "school_id": pa.array([place.code]),
        "name": pa.array([f"Skola {place.school}"]),
        "municipality": pa.array(["1480"]),
        "known_from": pa.array([date(1900, 1, 1)], pa.date32()),
    }
    enrolments = {
        "person_id": everyone,
        "school_id": _texts((place.code,), many),
        "school_type": _texts(("GR",), many),
        "year_group": pa.array(many + 7, pa.int64()),
        "start": start,
        "end": pa.array([begin + timedelta(days=310)] * place.pupils, pa.date32()),
        "cancelled": pa.array(many > 0),
        "known_from": start,
    }
    made = {"persons": pa.table(persons), "enrolments": pa.table(enrolments), "attendance": _lessons(place, rng)}
    if not place.back:
        made["school_units"] = pa.table(units)
    return made | {"checkins": _checkins(place, ids, days, rng), "contacts": _contacts(ids, days, rng)}


def _lessons(place: Place, rng: np.random.Generator) -> pa.Table:
    """Return a school's lesson rows in the store's order: date, person, start."""
    shape = (DAYS, place.pupils, A_DAY)
    rows = DAYS * place.pupils * A_DAY
    day, pupil, slot = (each.reshape(-1).astype(np.int32) for each in np.indices(shape))
    classes = pupil // CLASS
    lesson = (day * (place.pupils // CLASS + 1) + classes) * A_DAY + slot
    unreported = rng.random(rows, np.float32) < 0.05
    unreported |= np.repeat(rng.random(DAYS * place.pupils) < 0.01, A_DAY)
    gone = np.repeat(_away(place.pupils, rng).reshape(-1), A_DAY) | (rng.random(rows, np.float32) < 0.03)
    late = np.where(rng.random(rows, np.float32) < 0.04, rng.integers(1, 30, rows, np.int32), 0)
    absent = np.where(gone, 60, late).astype(np.int32)
    invalid = np.where(rng.random(rows, np.float32) < 0.3, absent, 0).astype(np.int32)
    other = np.where((rng.random(rows, np.float32) < 0.02) & (absent == 0), 60, 0).astype(np.int32)
    when = pa.array(school_days(place.back)[day])
    unsaid = unreported | (absent == 0) | (rng.random(rows, np.float32) < 0.2)
    return pa.table(
        {
            "person_id": _texts(place.ids, pupil),
            "lesson_id": _texts([f"{place.school}-{one}" for one in range(int(lesson.max()) + 1)], lesson),
            "school_id": _texts((place.code,), np.zeros(rows, np.int32)),
            "class_id": _texts([f"c{one}" for one in range(place.pupils // CLASS + 1)], classes),
            "subject": _texts(SUBJECTS, lesson % len(SUBJECTS)),
            "date": when,
            "start_minute": pa.array((490 + 75 * slot).astype(np.int64)),
            "mode": _texts(MODES, np.minimum(rng.geometric(0.9, rows) - 1, 3)),
            "minutes_offered": pa.array(np.full(rows, 60, np.int64)),
            "minutes_attended": pa.array((60 - absent - other).astype(np.int64), mask=unreported),
            "minutes_valid_absence": pa.array((absent - invalid).astype(np.int64), mask=unreported),
            "minutes_invalid_absence": pa.array(invalid.astype(np.int64), mask=unreported),
            "minutes_other": pa.array(other.astype(np.int64), mask=unreported),
            "reported": pa.array(~unreported),
            "teacher_id": _texts([f"t{one:031d}" for one in range(70)], lesson % 70),
            "building_id": _texts([f"b{place.school}"], np.zeros(rows, np.int32)),
            "reason": _texts(REASONS, rng.integers(0, len(REASONS), rows), unsaid),
            "known_from": when,
        }
    )


def _away(pupils: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return who is away which day, in runs."""
    away, now = np.zeros((DAYS, pupils), dtype=bool), np.zeros(pupils, dtype=bool)
    inclined = rng.gamma(1.0, AWAY, pupils)
    for day in range(DAYS):
        drawn = rng.random(pupils)
        now = np.where(now, drawn > BACK, drawn < inclined)
        away[day] = now
    return away


def _checkins(place: Place, ids: list[str], days: NDArray[np.datetime64], rng: np.random.Generator) -> pa.Table:
    day, pupil = np.nonzero(rng.random((DAYS, place.pupils)) < 0.2)
    when, rows = pa.array(days[day]), len(day)
    nought = np.zeros(rows, np.int32)
    return pa.table(
        {
            "person_id": _texts(ids, pupil),
            "school_id": _texts((place.code,), nought),
            "building_id": pa.nulls(rows, pa.string()),
            "date": when,
            "minute": pa.array(rng.integers(480, 960, rows)),
            "direction": _texts(("activity",), nought),
            "resource": _texts(("platform",), nought),
            "count": pa.array(nought + 1, pa.int64()),
            "known_from": when,
        }
    )


def _contacts(ids: list[str], days: NDArray[np.datetime64], rng: np.random.Generator) -> pa.Table:
    day, pupil = np.nonzero(rng.random((DAYS, len(ids))) < 0.02)
    when, nought = pa.array(days[day]), np.zeros(len(day), np.int32)
    return pa.table(
        {
            "contact_id": pa.array([f"{pupil}-{day}" for pupil, day in zip(pupil, day, strict=True)]),
            "person_id": _texts(ids, pupil),
            "date": when,
            "unit": _texts(("school",), nought),
            "channel": _texts(("call",), nought),
            "about": _texts(("absence", "other"), rng.integers(0, 2, len(day))),
            "reached": pa.array(nought == 0),
            "known_from": when,
        }
    )


def _texts(
    values: tuple[str, ...] | list[str], places: NDArray[np.integer], missing: NDArray[np.bool_] | None = None
) -> pa.Array:
    """Return texts by their places in a list; a plain column of text in Parquet."""
    codes = pa.array(places.astype(np.int32), mask=missing)
    return pa.DictionaryArray.from_arrays(codes, pa.array(list(values)))

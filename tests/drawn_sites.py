"""Sites drawn at random from a seed, for tests that compare two routes to one answer."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from drawn_tables import table
from evalkit.values import Tables
from evalkit.vocabulary import terms_of

Row = dict[str, object]
SCHOOL_YEARS = ("2021/22", "2022/23")
FIRST, DAYS = date(2021, 8, 17), 670
SCHOOLS = ("A", "B", "C")


def random_rows(seed: int, persons: int = 8, lessons: int = 240) -> dict[str, list[Row]]:
    """Return the rows of a site's tables: awkward on purpose, with many facts that were known late."""
    rng = np.random.default_rng(seed)
    names = [f"p{number}" for number in range(persons)]
    return {
        "persons": [{"person_id": name, "sex": str(rng.choice(["woman", "man", "unknown"]))} for name in names],
        "school_units": [{"school_id": code, "name": f"skola {code}"} for code in SCHOOLS],
        "enrolments": [row for name in names for row in _enrolments(rng, name)],
        "attendance": [_lesson(rng, str(rng.choice(names)), number) for number in range(lessons)],
        "forums": [
            {"forum_id": f"f{number}", "school_id": str(rng.choice(SCHOOLS)), **_day(rng)}
            for number in range(int(rng.integers(0, 3)))
        ],
        "survey": [row for name in names for row in _answers(rng, name)],
    }


def site_of(rows: dict[str, list[Row]], place: str = "Ale") -> Tables:
    """Return the rows as a site's tables."""
    named = {name: table(name, each) for name, each in rows.items() if each}
    return Tables(named, None, terms_of(SCHOOL_YEARS), date(2021, 10, 15), ("A",), place)


def _day(rng: np.random.Generator, latest_lag: int = 400) -> Row:
    day = FIRST + timedelta(days=int(rng.integers(0, DAYS)))
    lag = int(rng.integers(0, latest_lag)) if rng.random() < 0.5 else 0
    return {"date": day, "known_from": day + timedelta(days=lag)}


def _enrolments(rng: np.random.Generator, name: str) -> list[Row]:
    rows: list[Row] = []
    year_group, start = 7, FIRST + timedelta(days=int(rng.choice([0, 0, 0, 20, 160])))
    while start < date(2023, 6, 1):
        summer = date(start.year + (start.month >= 7), 7, 1)
        end = summer if rng.random() < 0.7 else min(summer, start + timedelta(days=int(rng.integers(20, 200))))
        known = start + timedelta(days=int(rng.integers(0, 200)) if rng.random() < 0.3 else 0)
        rows.append(
            {
                "person_id": name,
                "school_id": str(rng.choice(SCHOOLS)),
                "year_group": year_group,
                "start": start,
                "end": None if rng.random() < 0.05 else end,
                "cancelled": bool(rng.random() < 0.05),
                "known_from": known,
            }
        )
        if rows[-1]["end"] is None or rng.random() < 0.1:
            break
        year_group += end == summer
        start = end if end < summer else date(summer.year, 8, 17)
    return rows


def _lesson(rng: np.random.Generator, name: str, number: int) -> Row:
    reported = bool(rng.random() < 0.85)
    offered = int(rng.choice([40, 60, 80]))
    valid, invalid, other = (int(rng.integers(0, offered // 4)) * int(rng.random() < 0.4) for _ in range(3))
    parts = {"attended": offered - valid - invalid - other, "valid_absence": valid, "invalid_absence": invalid}
    parts["other"] = other
    return {
        "person_id": name,
        "lesson_id": str(number),
        "school_id": str(rng.choice(SCHOOLS)),
        "class_id": None if rng.random() < 0.1 else str(rng.choice(["a", "b", "c"])),
        "minutes_offered": offered,
        "reported": reported,
        **{f"minutes_{part}": (minutes or None) if reported else None for part, minutes in parts.items()},
        **_day(rng),
    }


def _answers(rng: np.random.Generator, name: str) -> list[Row]:
    rows = []
    for wave in range(int(rng.integers(0, 4))):
        when = _day(rng)
        for item in "abc"[: int(rng.integers(1, 4))]:
            answer = None if rng.random() < 0.3 else int(rng.integers(1, 5))
            rows.append({"person_id": name, "wave": f"w{wave}", "item": item, "answer": answer, **when})
    return rows

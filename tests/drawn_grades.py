"""Grades, enrolments and courses drawn at random from a seed, for tests of completion: awkward on purpose."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from drawn_tables import table
from evalkit.values import Tables
from evalkit.vocabulary import terms_of

Row = dict[str, object]
SUBJECTS = (
    "SV",
    "SVA",
    "EN",
    "MA",
    "BI",
    "FY",
    "KE",
    "GE",
    "HI",
    "RE",
    "SH",
    "BL",
    "MU",
    "SL",
    "M2FRA",
    "MLARA",
    "NO",
    "SO",
)
COURSES = ("SVESVE01", "SVASVA01", "ENGENG05", "ENGE1000X", "Engelska5", "MATMAT01a", "MATE1A00X", "GYARBA", "GRNENG2")
LETTERS = ("A", "C", "D", "E", "E", "E", "E", "F", "-")
PROGRAMMES = ("BA", "NANAT", "IMV", "QX", None)
PERSONS = tuple(f"p{number}" for number in range(24))
SPRINGS = (2021, 2022, 2023, 2024, 2025)


def random_rows(seed: int) -> dict[str, list[Row]]:
    """Return the rows of a site's grades, enrolments and courses; many were known late."""
    rng = np.random.default_rng(seed)
    rows: dict[str, list[Row]] = {"persons": [], "enrolments": [], "grades": [], "courses": []}
    for person in PERSONS:
        rows["persons"].append({"person_id": person, "home_municipality": "1440"})
        rows["enrolments"] += _enrolments(rng, person)
        rows["grades"] += [*_year_9(rng, person), *_upper(rng, person)]
        rows["courses"] += _courses(rng, person)
    return {name: [_late(rng, row) for row in each] for name, each in rows.items()}


def site_of(rows: dict[str, list[Row]]) -> Tables:
    """Return the rows as a site's tables."""
    named = {name: table(name, each) for name, each in rows.items() if each}
    return Tables(named, None, terms_of(("2021/22",)), None, (), "Ale")


def without_later(rows: dict[str, list[Row]], day: date) -> dict[str, list[Row]]:
    """Return the rows that were known before a day."""
    return {name: [row for row in each if row.get("known_from", date.min) < day] for name, each in rows.items()}


def _late(rng: np.random.Generator, row: Row) -> Row:
    day = row.get("registered", row.get("start"))
    if not isinstance(day, date):
        return row
    lag = int(rng.integers(0, 500)) if rng.random() < 0.2 else 0
    return row | {"known_from": day + timedelta(days=lag)}


def _day(rng: np.random.Generator) -> date:
    if rng.random() < 0.6:
        return date(int(rng.choice(SPRINGS)), 6, 10)
    return date(2021, 1, 1) + timedelta(days=int(rng.integers(0, 1700)))


def _enrolments(rng: np.random.Generator, person: str) -> list[Row]:
    rows: list[Row] = []
    autumn = int(rng.integers(2020, 2023))
    if rng.random() < 0.8:
        left = date(autumn + 1, int(rng.choice([1, 6, 6, 6, 7])), int(rng.choice([1, 2, 15])))
        own = {"school_id": "A", "school_type": "GR", "year_group": 9, "start": date(autumn, 8, 17)}
        rows.append({"person_id": person, **own, "end": None if rng.random() < 0.1 else left})
    for year in range(1, int(rng.integers(1, 4))):
        start = date(autumn + year, int(rng.choice([8, 8, 11])), 17)
        own = {"school_id": "G", "school_type": str(rng.choice(["GY", "GY", "GY", "VUXGY"])), "start": start}
        programme = PROGRAMMES[int(rng.integers(0, len(PROGRAMMES)))]
        end = start + timedelta(days=int(rng.integers(20, 300)))
        rows.append({"person_id": person, **own, "year_group": year, "programme": programme, "end": end})
    return rows


def _year_9(rng: np.random.Generator, person: str) -> list[Row]:
    found: dict[tuple[object, ...], Row] = {}
    for _ in range(int(rng.choice([0, 20, 60]))):
        row: Row = {
            "person_id": person,
            "subject": str(rng.choice(SUBJECTS)),
            "grade": str(rng.choice(LETTERS)),
            "registered": _day(rng),
            "final": bool(rng.random() < 0.8),
        }
        found[(row["subject"], row["registered"])] = row
    return list(found.values())


def _upper(rng: np.random.Generator, person: str) -> list[Row]:
    names = [*COURSES, *COURSES, "REST", "REST2", "REST3"]
    return [
        {
            "person_id": person,
            "subject": f"S{number}",
            "course": name,
            "points": 800 if name.startswith("REST") else 100,
            "grade": str(rng.choice(LETTERS)),
            "registered": _day(rng),
            "final": True,
            "plan_points": 2600 if rng.random() < 0.05 else None,
        }
        for number, name in enumerate(names)
        if rng.random() < 0.8
    ]


def _courses(rng: np.random.Generator, person: str) -> list[Row]:
    rows: list[Row] = []
    for number in range(int(rng.integers(0, 4))):
        start = date(2021, 1, 1) + timedelta(days=int(rng.integers(0, 1500)))
        ended = rng.random() < 0.7
        rows.append(
            {
                "person_id": person,
                "course_id": f"{person}-{number}",
                "school_type": str(rng.choice(["SFI", "VUXGR", "VUXGY"])),
                "start": start,
                "end": start + timedelta(days=int(rng.integers(1, 300))) if ended else None,
                "outcome": str(rng.choice(["completed", "discontinued", "no_show"])) if ended else None,
                "grade": str(rng.choice(LETTERS)) if ended and rng.random() < 0.5 else None,
            }
        )
    return rows

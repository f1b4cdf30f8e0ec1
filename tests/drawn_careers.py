"""Pupils and students drawn at random from a seed, with much registered late, for tests of what is known when."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from drawn_tables import table
from evalkit.values import Tables

Row = dict[str, object]
FIRST, DAYS = date(2021, 1, 4), 900
COURSES = (("SFIA", "VUXSFI"), ("SFIB", "VUXSFI"), ("SFIC", "VUXSFI"), ("SFID", "SFI"), ("GRNSVAC", "VUXGR"))
OUTCOMES = ("completed", "discontinued", "no_show", "break", "ended_no_progress", "moved", None)
PROGRAMMES = ("NA", "BA", "IMS", "EK")


def random_careers(seed: int, persons: int = 4) -> Tables:
    """Return a site whose facts, about one in four, became known later than they happened."""
    rng = np.random.default_rng(seed)
    names = [f"p{number}" for number in range(persons)]
    rows: dict[str, list[Row]] = {
        "persons": [{"person_id": name, "birth_date": date(2003, 3, 1)} for name in names],
        "school_units": [{"school_id": code, "municipality": "1440"} for code in "AB"],
        "enrolments": [],
        "courses": [],
        "statuses": [],
        "attendance": [],
        "checkins": [],
        "absences": [],
        "grades": [],
        "handovers": [],
        "plans": [],
        "support": [],
    }
    for name in names:
        _registers(rng, name, rows)
        _lessons(rng, name, rows)
        _papers(rng, name, rows)
    return Tables({name: table(name, each) for name, each in rows.items() if each}, None, (), None, (), "Ale")


def _late(rng: np.random.Generator, day: date, most: int = 60) -> date:
    return day + timedelta(days=int(rng.integers(1, most)) if rng.random() < 0.25 else 0)


def _registers(rng: np.random.Generator, name: str, rows: dict[str, list[Row]]) -> None:
    start, year = FIRST + timedelta(days=int(rng.integers(0, 60))), int(rng.choice([3, 6, 9, 10]))
    for _ in range(int(rng.integers(1, 5))):
        end = start + timedelta(days=int(rng.integers(30, 250)))
        upper = year > 9
        row = {"school_id": str(rng.choice(["A", "B"])), "school_type": "GY" if upper else "GR"}
        row |= {"year_group": None if upper else year, "programme": str(rng.choice(PROGRAMMES)) if upper else None}
        row |= {"start": start, "end": None if rng.random() < 0.1 else end, "known_from": _late(rng, start)}
        rows["enrolments"].append({"person_id": name, **row, "cancelled": bool(rng.random() < 0.1)})
        start, year = end + timedelta(days=int(rng.integers(0, 90))), year + int(rng.integers(0, 2))
    start = FIRST + timedelta(days=int(rng.integers(0, 100)))
    for number in range(int(rng.integers(1, 7))):
        place = int(rng.integers(0, len(COURSES)))
        end = start + timedelta(days=int(rng.integers(5, 260)))
        outcome = OUTCOMES[int(rng.integers(0, len(OUTCOMES)))]
        came = outcome != "no_show" and rng.random() < 0.7
        row = {"course": COURSES[place][0], "school_type": COURSES[place][1], "study_path": "1"}
        row |= {"start": start, "end": None if rng.random() < 0.15 else end, "known_from": _late(rng, start)}
        row |= {"outcome": outcome, "grade": str(rng.choice(["C", "F"])) if outcome == "completed" else None}
        row |= {"hours_per_week": float(rng.choice([10.0, 15.0])), "reason": str(rng.choice(["work", "unknown"]))}
        row["attended_from"] = start + timedelta(days=int(rng.integers(0, 5))) if came else None
        row["school_id"] = str(rng.choice(["A", "B"]))
        rows["courses"].append({"person_id": name, "course_id": f"{name}{number}", **row})
        start = max(start, end + timedelta(days=int(rng.integers(-40, 120))))
    work = FIRST + timedelta(days=int(rng.integers(0, DAYS)))
    told = {"kind": "employment", "status": "employed", "start": work, "known_from": _late(rng, work)}
    rows["statuses"].append({"person_id": name, **told})


def _lessons(rng: np.random.Generator, name: str, rows: dict[str, list[Row]]) -> None:
    """Draw lessons on three days a week, in long stretches of coming and of staying away."""
    here, change = True, 0
    for number in range(0, DAYS):
        day = FIRST + timedelta(days=number)
        if number >= change:
            here, change = not here, number + int(rng.integers(3, 75))
        if day.weekday() not in (0, 2, 4) or (day.month == 7):
            continue
        came = here if rng.random() < 0.97 else not here
        valid = int(rng.choice([0, 0, 0, 0, 0, 0, 0, 0, 0, 60]))
        parts: Row = {"minutes_attended": 60 if came else 0, "minutes_valid_absence": 0 if came else valid}
        parts["minutes_invalid_absence"] = 0 if came else 60 - valid
        reported = bool(rng.random() < 0.98)
        row = {"lesson_id": str(number), "date": day, "minutes_offered": 60, "reported": reported, "school_id": "A"}
        known = _late(rng, day, 30) if rng.random() < 0.3 else day
        told = parts if reported else dict.fromkeys(parts)
        rows["attendance"].append({"person_id": name, **row, **told, "known_from": known})
    for number in range(int(rng.integers(0, 4))):
        day = FIRST + timedelta(days=int(rng.integers(0, DAYS)))
        told = {"date": day, "direction": "activity", "school_id": "A", "known_from": _late(rng, day)}
        rows["checkins"].append({"person_id": name, "minute": number, **told})
        start = FIRST + timedelta(days=int(rng.integers(0, DAYS)))
        last = start + timedelta(days=int(rng.integers(1, 10)))
        sick = {"kind": "reported", "start": start, "end": last, "registered": _late(rng, start, 30)}
        rows["absences"].append({"person_id": name, "absence_id": f"{name}{number}", **sick})


def _papers(rng: np.random.Generator, name: str, rows: dict[str, list[Row]]) -> None:
    for number in range(int(rng.integers(2, 8))):
        day = FIRST + timedelta(days=int(rng.integers(0, DAYS)))
        term = f"{'VT' if day.month < 7 else 'HT'}{day.year}"
        grade = {"subject": str(rng.choice(["SV", "EN", "MA"])), "grade": str(rng.choice(["A", "F"])), "term": term}
        rows["grades"].append({"person_id": name, **grade, "registered": day, "known_from": _late(rng, day)})
        paper = {"date": day, "documented": bool(rng.random() < 0.8), "known_from": _late(rng, day)}
        rows["handovers"].append({"person_id": name, **paper, "consent": bool(rng.random() < 0.5)})
        plan = {"plan_id": f"{name}{number}", "action": "x", "author_units": str(rng.choice(["vux", "vux ame"]))}
        plan |= {"created": day, "due": day + timedelta(days=30), "useful": 4, "known_from": _late(rng, day)}
        done = day + timedelta(days=int(rng.integers(5, 90))) if rng.random() < 0.7 else None
        rows["plans"].append({"person_id": name, **plan, "done": done})
    start = FIRST + timedelta(days=int(rng.integers(0, DAYS)))
    spell = {"provider": "ame", "kind": "x", "start": start, "end": start + timedelta(days=90)}
    rows["support"].append({"person_id": name, **spell, "known_from": _late(rng, start)})

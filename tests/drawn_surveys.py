"""Sites drawn at random that hold surveys, forums, participants and statuses: awkward on purpose, much known late."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from evalkit.measures import connectedness, forums, participants
from evalkit.values import Events, Measure

Row = dict[str, object]
FIRST, DAYS = date(2021, 3, 1), 500
BEFORE = timedelta(days=250)
ITEMS = {"A1": "affective", "A2": "affective", "K1": "cognitive", "B1": "behavioural"}
STATUSES = {
    "employment": ("employed", "self_employed", "subsidised", "unemployed", "inactive", "unknown"),
    "study": ("studying", "not_studying"),
    "self_support": ("none", "partial", "full"),
}
OWN = connectedness.own_instrument("egen", affective=("A1", "A2"), cognitive=("K1",), reverse=("A2",))


def measures() -> tuple[Measure, ...]:
    """Return every measure of connectedness, forums and participants, with its chief variants."""
    return (
        connectedness.index(),
        connectedness.index("affective", instrument=OWN),
        connectedness.index(scores="ten", dont_know="middle"),
        connectedness.index(dont_know="blocks"),
        connectedness.share_positive(),
        connectedness.share_positive("affective", instrument=OWN, dont_know="excluded"),
        connectedness.dont_know_share(),
        connectedness.response_rate(),
        forums.exposed(),
        forums.weeks_since_first(),
        *(forums.dose(of) for of in ("forums", "stations", "groups", "participants")),
        participants.age_at_entry(),
        participants.employment_at_entry(),
        participants.education_at_entry("p1"),
        *(participants.status(kind) for kind in ("employment", "study", "self_support")),
        participants.days_in("in_work"),
        participants.step_movement(),
        participants.steps_taken("employment"),
        participants.upon_leaving("in_work"),
        participants.upon_leaving("in_study", "p1", newly=True),
        participants.six_months_after("self_supporting"),
        participants.six_months_after("in_work", newly=True),
    )


def events() -> tuple[Events, ...]:
    """Return every kind of event, after entry, after exit, and on record."""
    return tuple(
        kind(after, project)
        for kind in (participants.first_job_or_study, participants.first_job, participants.self_support_reached)
        for after, project in (("any", None), ("entry", None), ("exit", "p1"))
    )


def random_rows(seed: int, persons: int = 7) -> dict[str, list[Row]]:
    """Return the rows of a site's tables."""
    rng = np.random.default_rng(seed)
    names = [f"p{number}" for number in range(persons)]
    return {
        "persons": [_person(rng, name) for name in names],
        "enrolments": [_enrolment(rng, name) for name in names for _ in range(int(rng.integers(0, 3)))],
        "survey": [row for name in names for row in _answers(rng, name)],
        "forums": [_station(rng, number) for number in range(int(rng.integers(1, 7)))],
        "forum_statements": [_statement(rng, number) for number in range(12)],
        "participants": [_participation(rng, name) for name in names for _ in range(int(rng.integers(0, 3)))],
        "statuses": [row for name in names for row in _spells(rng, name)],
        "staff_survey": [row for number in range(5) for row in _staff(rng, f"r{number}")],
        "implementation": [_judgement(rng, number) for number in range(8)],
    }


def _day(rng: np.random.Generator, days: int = DAYS) -> date:
    return FIRST + timedelta(days=int(rng.integers(0, days)))


def _late(rng: np.random.Generator, day: date) -> date:
    return day + timedelta(days=int(rng.integers(0, 200)) if rng.random() < 0.4 else 0)


def _ended(rng: np.random.Generator, start: date) -> date | None:
    return None if rng.random() < 0.3 else start + timedelta(days=int(rng.integers(1, 250)))


def _pick(rng: np.random.Generator, *choices: str | None) -> str | None:
    return choices[int(rng.integers(0, len(choices)))]


def _person(rng: np.random.Generator, name: str) -> Row:
    born = date(1996, 2, 29) if rng.random() < 0.3 else date(1980, 1, 1) + timedelta(days=int(rng.integers(0, 9000)))
    return {"person_id": name, "birth_date": None if rng.random() < 0.1 else born}


def _enrolment(rng: np.random.Generator, name: str) -> Row:
    start = _day(rng)
    return {
        "person_id": name,
        "school_id": _pick(rng, "A", "B"),
        "start": start,
        "end": _ended(rng, start),
        "year_group": int(rng.integers(7, 10)),
        "cancelled": bool(rng.random() < 0.15),
        "known_from": _late(rng, start),
    }


def _answers(rng: np.random.Generator, name: str) -> list[Row]:
    rows: list[Row] = []
    for wave in ("1", "2", "3"):
        day = _day(rng)
        for item, about in ITEMS.items():
            if rng.random() < 0.8:
                answer = None if rng.random() < 0.2 else int(rng.integers(1, 5))
                rows.append(
                    {
                        "person_id": name,
                        "wave": wave,
                        "date": day,
                        "item": item,
                        "dimension": about,
                        "answer": answer,
                        "known_from": _late(rng, day),
                    }
                )
    return rows


def _station(rng: np.random.Generator, number: int) -> Row:
    day = FIRST + timedelta(days=150 * (number // 2))
    return {
        "forum_id": f"f{number // 2}",
        "school_id": "A" if number < 4 else "B",
        "station": str(number),
        "date": day,
        "groups": None if rng.random() < 0.2 else int(rng.integers(1, 6)),
        "participants": None if rng.random() < 0.2 else int(rng.integers(1, 30)),
        "feedback_date": _ended(rng, day),
        "known_from": _late(rng, day),
    }


def _statement(rng: np.random.Generator, number: int) -> Row:
    day = _day(rng)
    action = _ended(rng, day)
    return {
        "statement_id": f"s{number}",
        "forum_id": "f0",
        "school_id": _pick(rng, "A", "B"),
        "station": "1",
        "date": day,
        "dimension": _pick(rng, *sorted(set(ITEMS.values()))),
        "theme": _pick(rng, "rast", "lektion"),
        "group_size": None if rng.random() < 0.2 else int(rng.integers(2, 9)),
        "action": None if action is None else "plan",
        "action_date": action,
        "feedback_date": _ended(rng, day),
    }


def _participation(rng: np.random.Generator, name: str) -> Row:
    start = _day(rng) - BEFORE
    return {
        "person_id": name,
        "project": _pick(rng, "p1", "p2"),
        "start": start,
        "end": _ended(rng, start),
        "employment_at_entry": _pick(rng, "unemployed", "inactive", "employed", None),
        "education_at_entry": _pick(rng, "isced_0_2", "isced_3_4", None),
        "known_from": _late(rng, start),
    }


def _spells(rng: np.random.Generator, name: str) -> list[Row]:
    rows: list[Row] = []
    for kind, codes in STATUSES.items():
        start = _day(rng, 100) - BEFORE
        for _ in range(int(rng.integers(0, 5))):
            end = _ended(rng, start)
            known = _late(rng, start)
            rows.append(
                {
                    "person_id": name,
                    "kind": kind,
                    "status": _pick(rng, *codes),
                    "start": start,
                    "end": end,
                    "known_from": known,
                }
            )
            if end is None:
                break
            start = end + timedelta(days=int(rng.integers(0, 40)))
    return rows


def _staff(rng: np.random.Generator, name: str) -> list[Row]:
    return [
        {
            "respondent_id": name,
            "wave": wave,
            "date": date(2021, 5, 1),
            "unit": _pick(rng, "vux", "ifo"),
            "item": item,
            "answer": None if rng.random() < 0.3 else int(rng.integers(1, 6)),
            "training_hours": float(rng.integers(0, 20)),
        }
        for wave in ("före", "efter")
        for item in "abc"
    ]


def _judgement(rng: np.random.Generator, number: int) -> Row:
    return {
        "municipality": _pick(rng, "1780", "1880"),
        "component": "plan",
        "date": FIRST + timedelta(days=60 * number),
        "step": _pick(rng, "none", "planned", "pilot", "partial", "full"),
        "decision_date": None,
    }

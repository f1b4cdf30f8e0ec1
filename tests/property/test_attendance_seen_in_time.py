"""Attendance in a period rests on what was known before its end, and on nothing else that was asked beside it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drawn_measures import measured
from drawn_tables import table
from evalkit.measures import attendance
from evalkit.values import Measure, Tables
from evalkit.vocabulary.periods import stretch, stretches

Row = dict[str, object]
FIRST, DAYS = date(2022, 6, 13), 35
WEEKS = [each.label for each in stretches("week", FIRST, FIRST + timedelta(days=DAYS))]
MEASURES = [
    attendance.rate(position="first"),
    attendance.punctuality(),
    attendance.absent_days(),
    attendance.activity_days(),
    attendance.longest_spell(),
    attendance.longest_spell(unreported="ends", over_summer=True),
    attendance.spells(2),
    attendance.long_spell(3),
    attendance.longest_streak(),
    attendance.days_to_contact(),
    attendance.spells_contacted(2, 9),
]
few = settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
seeds = st.integers(0, 10**6)
each_measure = pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)


def drawn_rows(seed: int) -> dict[str, list[Row]]:
    """Return lessons, check-ins and contacts around a summer: one person in two with facts that were known late."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[Row]] = {"attendance": [], "checkins": [], "contacts": []}
    for person in range(6):
        late = 0.15 if person % 2 else 0.0
        for number in range(DAYS):
            day = FIRST + timedelta(days=number)
            lag = int(rng.integers(1, 25)) if rng.random() < late else 0
            told = {"person_id": f"p{person}", "date": day, "known_from": day + timedelta(days=lag)}
            if rng.random() < 0.75:
                found["attendance"] += [told | _lesson(rng, f"{person}-{number}-{hour}") for hour in range(2)]
            if rng.random() < 0.2:
                found["contacts"].append(told | {"contact_id": f"{person}-{number}", "about": "absence"})
            if rng.random() < 0.1:
                found["checkins"].append(told | {"minute": 500, "direction": "activity", "resource": "x"})
    return found


def _lesson(rng: np.random.Generator, name: str) -> Row:
    absent = int(rng.choice([0, 10, 60], p=[0.35, 0.05, 0.6]))
    return {
        "lesson_id": name,
        "start_minute": int(rng.choice([480, 540])),
        "mode": str(rng.choice(["campus", "online"])),
        "minutes_offered": 60,
        "minutes_attended": 60 - absent,
        "minutes_valid_absence": absent,
        "reported": bool(rng.random() < 0.8),
    }


def site_of(rows: dict[str, list[Row]]) -> Tables:
    return Tables({name: table(name, each) for name, each in rows.items()})


@each_measure
@few
@given(seed=seeds, week=st.sampled_from(WEEKS))
def test_facts_known_after_a_period_could_as_well_be_absent(measure: Measure, seed: int, week: str) -> None:
    rows, end = drawn_rows(seed), stretch(week).end
    until = [label for label in WEEKS if stretch(label).end <= end]
    known = {name: [row for row in each if row["known_from"] < end] for name, each in rows.items()}
    moved = {name: [_later(row, end) for row in each] for name, each in rows.items()}
    expected = measured(measure, site_of(known), *until)
    pd.testing.assert_frame_equal(measured(measure, site_of(rows), *until), expected)
    pd.testing.assert_frame_equal(measured(measure, site_of(moved), *until), expected)


def _later(row: Row, end: date) -> Row:
    if row["known_from"] < end:
        return row
    changes = {"minutes_attended": 1, "minutes_valid_absence": 59, "reported": True, "about": "absence"}
    later = {"known_from": row["known_from"] + timedelta(days=100)}
    return row | later | {name: value for name, value in changes.items() if name in row}


@each_measure
@few
@given(seed=seeds)
def test_a_period_says_the_same_whichever_others_are_asked(measure: Measure, seed: int) -> None:
    tables = site_of(drawn_rows(seed))
    together = measured(measure, tables, *WEEKS)
    for some in (WEEKS[1::2], [WEEKS[-1]]):
        expected = together[together["period"].isin(some)].reset_index(drop=True)
        pd.testing.assert_frame_equal(measured(measure, tables, *some), expected)


@few
@given(seed=seeds)
def test_a_fact_learnt_in_time_changes_what_is_found(seed: int) -> None:
    """A day of absence counts while it is known in time, and not once it is late: the properties are not vacuous."""
    rows, week = drawn_rows(seed), stretch(WEEKS[2])
    lesson = {"person_id": "p0", "lesson_id": "x", "date": week.start, "minutes_offered": 60, "reported": True}
    rows["attendance"] = [row for row in rows["attendance"] if row["person_id"] != "p0"]
    found = []
    for known in (week.start, week.end - timedelta(days=1), week.end):
        told = lesson | {"minutes_valid_absence": 60, "known_from": known}
        changed = site_of(rows | {"attendance": [*rows["attendance"], told]})
        spells = measured(attendance.longest_spell(), changed, week.label).set_index("person_id")["longest_spell"]
        found.append(spells.get("p0", 0))
    assert found == [1, 1, 0]

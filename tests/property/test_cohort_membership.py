"""Who is in a cohort rests on what was known when its rules were settled: what becomes known later changes nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drawn_sites import Row, random_rows, site_of
from evalkit.cohorts import (
    activity_responsibility,
    komvux_participants,
    school_year_starters,
    sfi_beginners,
    upper_secondary_beginners,
)
from evalkit.cohorts.stages import stages_of
from evalkit.values import CohortDefinition

AS_OF = "2024-07-01"
REFERENCE = date(2021, 10, 15)
STARTERS = replace(school_year_starters(7, ("2021-08-01", "2022-07-31"), AS_OF), followed_in=())
YEAR = ("2021-08-01", "2022-07-31")
SETTLED = date(2022, 12, 31)
"""By this day every rule of the definitions below is settled for everyone."""
LIBRARY = tuple(
    replace(definition, followed_in=())
    for definition in (
        STARTERS,
        upper_secondary_beginners(YEAR, AS_OF, "all"),
        sfi_beginners(YEAR, AS_OF),
        komvux_participants(YEAR, AS_OF),
        activity_responsibility(YEAR, AS_OF, diplomas=None),
    )
)
few = settings(max_examples=3, deadline=None, derandomize=True, phases=[Phase.generate])
seeds = st.integers(0, 10**6)


def members(rows: dict[str, list[Row]], definition: CohortDefinition) -> pd.DataFrame:
    """Return who remains, with the first spell and what is known of them on entry."""
    left = stages_of(site_of(rows), definition)[-1].spells
    first = left.sort_values(["person_id", "entry", "spell_id"]).drop_duplicates("person_id")
    return first[["person_id", "spell_id", "entry", "follow_from", "school_id"]].reset_index(drop=True)


def as_known_on(rows: dict[str, list[Row]], day: date) -> dict[str, list[Row]]:
    """Return the rows without facts, and ends, known only after a day."""
    return {
        name: [_without_end(row, day) for row in each if row.get("known_from", day) <= day]
        for name, each in rows.items()
    }


def _without_end(row: Row, day: date) -> Row:
    ahead = isinstance(row.get("end"), date) and row["end"] > day
    return row | {"end": None, "cancelled": False} if ahead else row


@few
@given(seed=seeds)
def test_what_is_known_after_follow_up_begins_changes_nobody(seed: int) -> None:
    rows = random_rows(seed, persons=12)
    pd.testing.assert_frame_equal(members(rows, STARTERS), members(as_known_on(rows, REFERENCE), STARTERS))


@few
@given(seed=seeds, lag=st.integers(1, 300))
def test_learning_a_fact_later_than_settled_is_the_same_however_much_later(seed: int, lag: int) -> None:
    rows = random_rows(seed, persons=12)
    later = {
        name: [
            row | {"known_from": row["known_from"] + timedelta(days=lag)}
            if row.get("known_from", REFERENCE) > REFERENCE
            else row
            for row in each
        ]
        for name, each in rows.items()
    }
    pd.testing.assert_frame_equal(members(rows, STARTERS), members(later, STARTERS))


def test_a_fact_learnt_past_the_settled_day_counts_no_more() -> None:
    """The guard is not vacuous."""
    enrolled = {"person_id": "p0", "school_id": "A", "year_group": 7, "start": date(2021, 8, 17), "end": None}
    lesson = {"person_id": "p0", "lesson_id": "x", "school_id": "A", "date": date(2021, 9, 1), "minutes_attended": 7}
    site = {"persons": [{"person_id": "p0"}], "attendance": [lesson], "enrolments": [enrolled]}
    assert len(members(site, STARTERS)) == 1
    for name, row in (("enrolments", enrolled), ("attendance", lesson)):
        for day, found in ((REFERENCE, 1), (REFERENCE + timedelta(days=1), 0)):
            assert len(members(site | {name: [row | {"known_from": day}]}, STARTERS)) == found


@settings(few, max_examples=2)
@given(seed=seeds)
def test_whatever_is_learnt_after_all_rules_are_settled_changes_nobody(seed: int) -> None:
    """Enrolments and courses of any time and kind, known late: every definition of the library keeps its persons."""
    rng = np.random.default_rng(seed)
    rows = drawn(rng, 8, "early")
    late = {
        name: [row | {"known_from": SETTLED + timedelta(days=1)} for row in each]
        for name, each in drawn(rng, 8, "late").items()
    }
    both = {name: rows[name] + (late[name] if name != "persons" else []) for name in rows}
    for definition in LIBRARY:
        pd.testing.assert_frame_equal(members(rows, definition), members(both, definition))


def drawn(rng: np.random.Generator, persons: int, name: str) -> dict[str, list[Row]]:
    """Return young people with stays of every kind between 2020 and 2022."""
    people = [f"p{number}" for number in range(persons)]
    births = [date(2002 + number % 5, 3, 1) for number in range(persons)]
    return {
        "persons": [{"person_id": each, "birth_date": born} for each, born in zip(people, births, strict=True)],
        "enrolments": [
            stay
            | {
                "school_id": f"{name}{n}",
                "year_group": int(rng.choice([1, 7, 9])),
                "school_type": str(rng.choice(["GR", "GY"])),
            }
            for each in people
            for n, stay in enumerate(_stays(rng, each))
        ],
        "courses": [
            stay
            | {
                "course_id": f"{name}{n}",
                "attended_from": stay["start"],
                "school_type": str(rng.choice(["VUXSFI", "VUXGR", "VUXGY"])),
            }
            for each in people
            for n, stay in enumerate(_stays(rng, each))
        ],
        "attendance": [
            {
                "person_id": each,
                "lesson_id": f"{name}{each}",
                "school_id": "A",
                "date": date(2021, 9, 1),
                "minutes_attended": 7,
            }
            for each in people
        ],
    }


def _stays(rng: np.random.Generator, person: str) -> list[Row]:
    starts = [date(2020, 8, 17) + timedelta(days=int(rng.integers(0, 600))) for _ in range(int(rng.integers(0, 3)))]
    starts += [date(2021, 8, 17)] * int(rng.random() < 0.5)
    ends = [start + timedelta(days=int(rng.integers(10, 400))) if rng.random() < 0.7 else None for start in starts]
    return [{"person_id": person, "start": start, "end": end} for start, end in zip(starts, ends, strict=True)]

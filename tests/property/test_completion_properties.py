"""Completion by measures is completion counted by hand, and no order, copy or later fact changes it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import completion_by_hand as by_hand
from drawn_grades import PERSONS, Row, random_rows, site_of, without_later
from drawn_measures import measured
from evalkit.measures import completion
from evalkit.values import Events, Measure, Tables
from evalkit.vocabulary.periods import stretch

few = settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
seeds = st.integers(0, 10**6)
periods = st.sampled_from(["VT2022", "HT2022", "VT2023", "VT2024", "2025"])
MEASURES = (
    completion.eligible("vocational"),
    completion.eligible("imv", grades="year_9"),
    completion.subjects_passed(grades="term"),
    completion.merit(),
    completion.core_failed(),
    completion.graded(),
    completion.diploma(3, base="all", credit="diploma_or_certificate2500"),
    completion.started("programme"),
    completion.course_completed(),
    completion.weeks_to_completion("sfi"),
)
EVENTS = (completion.completed_year_9_eligible(), completion.diplomas(), completion.courses_completed())


def named(value: Measure | Events) -> str:
    return value.name


def happened(events: Events, tables: Tables, before: date = date.max) -> pd.DataFrame:
    found = events.compute(tables).execute()
    known = found[pd.to_datetime(found["known_from"]) < pd.Timestamp(min(before, date(2200, 1, 1)))]
    return known.sort_values(["person_id", "date", *sorted(known.columns)]).reset_index(drop=True)


@few
@given(seed=seeds, label=periods)
def test_eligibility_and_merit_are_those_counted_by_hand(seed: int, label: str) -> None:
    rows, end = random_rows(seed), stretch(label).end
    tables = site_of(rows)
    for group in by_hand.NEEDS:
        told = measured(completion.eligible(group), tables, label).set_index("person_id")[f"eligible_{group}"]
        hand = {person: by_hand.eligible(person, rows, end, group) for person in PERSONS}
        assert told.to_dict() == {person: flag for person, flag in hand.items() if flag is not None}
    points = measured(completion.merit(), tables, label).set_index("person_id")["merit_points"]
    counted = {person: by_hand.merit(person, rows, end) for person in PERSONS}
    assert points.to_dict() == {person: worth for person, worth in counted.items() if worth is not None}


@few
@given(seed=seeds)
def test_diplomas_come_on_the_day_found_by_hand(seed: int) -> None:
    rows = random_rows(seed)
    found = happened(completion.diplomas(), site_of(rows))
    told = {row.person_id: row.date for row in found.assign(date=pd.to_datetime(found["date"]).dt.date).itertuples()}
    hand = {person: by_hand.diploma_day(person, rows) for person in PERSONS}
    assert told == {person: day for person, day in hand.items() if day is not None}


def test_the_drawn_sites_hold_what_the_rules_are_about() -> None:
    """The comparisons are not vacuous: over some seeds there are eligible and not, with and without diplomas."""
    flags, days = set(), 0
    for seed in range(12):
        rows = random_rows(seed)
        flags |= {by_hand.eligible(person, rows, date(2024, 7, 1), "vocational") for person in PERSONS}
        days += sum(by_hand.diploma_day(person, rows) is not None for person in PERSONS)
    assert flags == {0, 1, None}
    assert days >= 5


@pytest.mark.parametrize("measure", MEASURES, ids=named)
@few
@given(seed=seeds, label=periods)
def test_order_copies_and_later_facts_change_no_measure(measure: Measure, seed: int, label: str) -> None:
    rows, rng = random_rows(seed), np.random.default_rng(seed)
    expected = measured(measure, site_of(rows), label)
    copied = rows | {"grades": [*rows["grades"], *rows["grades"][::2]]}
    shuffled = {name: [each[place] for place in rng.permutation(len(each))] for name, each in copied.items()}
    pd.testing.assert_frame_equal(measured(measure, site_of(shuffled), label), expected)
    last = stretch(label).end + timedelta(days=measure.lag_days)
    earlier = measured(measure, site_of(without_later(rows, last)), label)
    pd.testing.assert_frame_equal(earlier, expected)


@pytest.mark.parametrize("events", EVENTS, ids=named)
@few
@given(seed=seeds, day=st.dates(date(2021, 6, 1), date(2025, 8, 1)))
def test_what_becomes_known_later_moves_no_event(events: Events, seed: int, day: date) -> None:
    tables = site_of(random_rows(seed))
    pd.testing.assert_frame_equal(happened(events, tables.known_before(day), day), happened(events, tables, day))


@few
@given(seed=seeds, label=periods)
def test_one_more_pass_never_takes_eligibility_or_a_diploma_away(seed: int, label: str) -> None:
    rows, rng = random_rows(seed), np.random.default_rng(seed)
    more = rows | {"grades": [*rows["grades"], *(_pass(rng, person) for person in PERSONS)]}
    for group in ("vocational", "science", "imv"):
        measure = completion.eligible(group)
        before, after = (measured(measure, site_of(each), label).set_index("person_id") for each in (rows, more))
        kept = before[before[measure.name] == 1].index
        assert (after.loc[kept, measure.name] == 1).all()
    assert set(happened(EVENTS[1], site_of(rows))["person_id"]) <= set(happened(EVENTS[1], site_of(more))["person_id"])


def _pass(rng: np.random.Generator, person: str) -> Row:
    day = date(2021, 1, 5) if rng.random() < 0.5 else date(2024, 12, 20)
    course = {"course": "EXTRA", "points": 100} if rng.random() < 0.5 else {}
    subject = str(rng.choice(["SV", "EN", "MA", "KE", "TK"]))
    own: Row = {"person_id": person, "subject": subject, "grade": "E", "final": True}
    return own | {"registered": day, "known_from": day, **course}

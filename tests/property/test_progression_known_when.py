"""Events and measures of transitions, progression and support rest on what was known when they were told."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drawn_careers import FIRST, random_careers
from drawn_measures import known_of
from evalkit.measures import progression, support, transitions
from evalkit.values import Events, Measure, Tables

EVENTS = [
    transitions.changes(),
    progression.dropouts(),
    progression.dropouts(dated="first_absent", name="dropout_first_absent"),
    progression.dropouts("upper_secondary", dated="strikes"),
    progression.recorded_dropouts(),
    progression.breaks(),
    progression.returns(),
    progression.returns(progression.dropouts(), 6),
    progression.no_progress(6),
    progression.low_progress(restarts=1),
]
MEASURES = [
    transitions.show_up(),
    transitions.attendance_before(),
    transitions.attendance_after(),
    transitions.attendance_change(),
    transitions.absence_rise(),
    transitions.programme_change(),
    transitions.registered_elsewhere(),
    transitions.handover_documented(),
    transitions.handover_with_consent(),
    transitions.long_gap(),
    transitions.on_track(),
    transitions.lost(("3_to_4", "6_to_7")),
    transitions.lost("sfi_b_to_c"),
    progression.dropout_rate("all"),
    progression.completion_rate("ended", "1C"),
    progression.restart_rate(within_months=6),
    progression.break_resumed(6),
    progression.still_studying(),
    progression.completed_after_return(progression.returns(within_months=6), 6),
    progression.passed_course(6),
    progression.passed_two(courses=1, years=1, municipality="1440"),
    progression.weeks_to_pass(),
    progression.time_against_median(),
    progression.flagged(progression.no_progress(6)),
    support.covered("ame"),
    support.providers(),
    support.plan_in_time(progression.recorded_dropouts(), 8),
    support.actions_delivered(),
    support.multi_actor_plans(),
    support.reason_recorded(),
    support.reason_unknown(),
    support.usefulness(),
]
few = settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
seeds = st.integers(0, 10**6)
later = st.integers(100, 800)


def told(events: Events, tables: Tables, before: date) -> pd.DataFrame:
    rows = events.compute(tables)
    frame = rows.filter(rows.known_from < before).execute()
    return frame.sort_values(list(frame.columns), ignore_index=True)


@pytest.mark.parametrize("events", EVENTS, ids=lambda each: each.name)
@few
@given(seed=seeds, days=later)
def test_what_became_known_later_neither_moves_nor_removes_an_event(events: Events, seed: int, days: int) -> None:
    tables, day = random_careers(seed), FIRST + timedelta(days=days)
    pd.testing.assert_frame_equal(told(events, tables, day), told(events, tables.known_before(day), day))


@pytest.mark.parametrize("events", EVENTS, ids=lambda each: each.name)
def test_no_event_is_known_before_it_happens_and_there_are_events_to_test(events: Events) -> None:
    found = events.compute(random_careers(0, persons=10)).execute()
    assert len(found)
    assert (found["known_from"] >= found["date"]).all()
    assert found["person_id"].notna().all()
    assert found["cause"].notna().all()


@pytest.mark.parametrize("measure", MEASURES, ids=lambda each: each.name)
@few
@given(seed=seeds, days=later)
def test_a_measure_of_a_period_sees_nothing_known_after_it(measure: Measure, seed: int, days: int) -> None:
    tables, middle = random_careers(seed), FIRST + timedelta(days=days)
    label = f"{middle:%Y-%m}"
    known = known_of(tables, label)
    end = pd.Timestamp(known.grid.end.max().execute()).date()
    without = known_of(tables.known_before(end + timedelta(days=measure.lag_days)), label)
    assert not known.unseen_paths(measure.compute(known))
    pd.testing.assert_frame_equal(_answer(measure, known), _answer(measure, without))


@pytest.mark.parametrize("measure", MEASURES, ids=lambda each: each.name)
def test_there_is_something_to_measure(measure: Measure) -> None:
    assert len(_answer(measure, known_of(random_careers(0, persons=10), "2021", "2022", "2023")))


def _answer(measure: Measure, known) -> pd.DataFrame:
    frame = measure.compute(known).execute()
    return frame.sort_values(["person_id", "period"], ignore_index=True)

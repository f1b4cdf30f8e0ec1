"""What is known later never matters: not to a panel's rows before, nor to a cohort as of an earlier day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import ibis
import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drawn_sites import Row, random_rows, site_of
from evalkit.cohorts import school_year_starters
from evalkit.cohorts.build import build_cohort
from evalkit.errors import DesignError
from evalkit.measures import attendance, connectedness, forums
from evalkit.panels import build_panel
from evalkit.panels.periods import study_periods
from evalkit.values import Cohort, Events, Flow, Panel, Tables
from evalkit.vocabulary.periods import PeriodKind

MEASURED = ["attendance", "survey", "forums", "enrolments"]
TIMING = ["assigned_school", "cluster_school", "treated_from", "municipality"]
few = settings(max_examples=3, deadline=None, derandomize=True, phases=[Phase.generate])
seeds = st.integers(0, 10**6)


def everyone(tables: Tables) -> Cohort:
    people = tables["persons"].select("person_id").execute()
    frame = people.assign(entry=pd.Timestamp("2021-08-17"), exit=pd.NaT, exit_cause="", school_id="A", year_group=7)
    frame["exit"] = pd.to_datetime(frame["exit"])
    return Cohort(frame, Flow(()), "everyone", "key", tables)


def panel_of(rows: dict[str, list[Row]], period: PeriodKind = "term") -> Panel:
    tables = site_of(rows)
    measures = [attendance.rate(), attendance.band(), connectedness.index(), forums.exposed()]
    return build_panel(everyone(tables), period=period, measures=measures, exposures=[lessons_at_c()])


def lessons_at_c() -> Events:
    """Return an exposure that rests on facts which were known late: lessons at the school C."""

    def compute(tables: Tables) -> ibis.Table:
        lessons = tables["attendance"]
        there = lessons.filter(lessons.school_id == "C", lessons.known_from < ibis.literal(date(2023, 7, 1)))
        return there.select("person_id", "date", "known_from", cause=ibis.literal(""))

    return Events("lesson_at_c", compute)


def up_to(panel: Panel, time: int) -> pd.DataFrame:
    """Return the rows until a time, without the timing of treatment, which belongs to the design."""
    frame = panel.frame[panel.frame["time"] <= time]
    texts = {name: "str" for name, kind in frame.dtypes.items() if isinstance(kind, pd.CategoricalDtype)}
    return frame.astype(texts).drop(columns=TIMING).reset_index(drop=True)


def is_late(row: Row, day: date) -> bool:
    return row["known_from"] >= day


@few
@given(seed=seeds, time=st.sampled_from([1, 2]))
def test_facts_known_after_a_term_could_as_well_be_absent(seed: int, time: int) -> None:
    rows = random_rows(seed)
    end = site_of(rows).terms[time].end
    without = rows | {name: [row for row in rows[name] if not is_late(row, end)] for name in MEASURED}
    pd.testing.assert_frame_equal(up_to(panel_of(rows), time), up_to(panel_of(without), time))


@few
@given(seed=seeds, kind=st.sampled_from(["week", "month", "year"]), share=st.floats(0.2, 0.9))
def test_facts_known_after_a_period_of_any_kind_could_as_well_be_absent(
    seed: int, kind: PeriodKind, share: float
) -> None:
    rows = random_rows(seed)
    periods = study_periods(site_of(rows), kind)
    time = int(len(periods) * share)
    without = rows | {name: [row for row in rows[name] if not is_late(row, periods[time].end)] for name in MEASURED}
    found = up_to(panel_of(rows, kind), time)
    assert found["time"].max() <= time
    pd.testing.assert_frame_equal(found, up_to(panel_of(without, kind), time))


@few
@given(seed=seeds, time=st.sampled_from([1, 2]), lag=st.integers(0, 400))
def test_learning_a_late_fact_later_still_or_otherwise_changes_nothing_before(seed: int, time: int, lag: int) -> None:
    rows = random_rows(seed)
    end = site_of(rows).terms[time].end
    altered = {name: [_altered(row, end, lag) for row in rows[name]] for name in MEASURED}
    pd.testing.assert_frame_equal(up_to(panel_of(rows), time), up_to(panel_of(rows | altered), time))


def _altered(row: Row, end: date, lag: int) -> Row:
    if not is_late(row, end):
        return row
    other = row | {"known_from": row["known_from"] + timedelta(days=lag)}
    changes = {"minutes_attended": 1, "answer": 1, "school_id": "C", "year_group": 9}
    return other | {name: value for name, value in changes.items() if name in row}


@few
@given(seed=seeds)
def test_a_fact_learnt_past_the_end_of_its_term_leaves_the_term(seed: int) -> None:
    """The guard is not vacuous: the fact counts while it is known in time, and not once it is learnt later."""
    rows = random_rows(seed)
    tables = site_of(rows)
    lesson = {"person_id": "p0", "lesson_id": "x", "school_id": "A", "date": date(2021, 9, 1), "minutes_attended": 7}
    enrolled = {"person_id": "p0", "school_id": "A", "year_group": 7, "start": date(2021, 8, 17), "end": None}
    offered = []
    for known in (date(2021, 9, 1), tables.terms[0].end - timedelta(days=1), tables.terms[0].end):
        changed = rows | {
            "enrolments": [enrolled],
            "attendance": [*rows["attendance"], lesson | {"known_from": known}],
        }
        frame = panel_of(changed).frame
        offered.append(int(frame.loc[frame["time"] == 0, "offered_minutes"].iloc[0]))
    assert offered == [offered[2] + 7, offered[2] + 7, offered[2]]


@few
@given(seed=seeds, days=st.integers(200, 700))
def test_a_cohort_is_the_same_without_facts_known_on_or_after_as_of(seed: int, days: int) -> None:
    rows = random_rows(seed)
    as_of = date(2021, 8, 17) + timedelta(days=days)
    without = {name: [row for row in each if not _known_late(row, as_of)] for name, each in rows.items()}
    definition = school_year_starters(7, ("2021-08-01", "2023-07-31"), as_of.isoformat())
    found = [_built(site_of(each), definition) for each in (rows, without)]
    if isinstance(found[0], str) or isinstance(found[1], str):
        assert found[0] == found[1]
        return
    pd.testing.assert_frame_equal(found[0].frame, found[1].frame)
    assert replace(found[0].flow, origin=None) == replace(found[1].flow, origin=None)


def _known_late(row: Row, as_of: date) -> bool:
    return "known_from" in row and is_late(row, as_of)


def _built(tables: Tables, definition) -> Cohort | str:
    try:
        return build_cohort(tables, definition)
    except DesignError as refusal:
        return str(refusal)

"""What is known later never matters to measures of connectedness, forums and participants, nor to first jobs."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drawn_measures import known_of
from drawn_surveys import Row, events, measures, random_rows
from drawn_tables import table
from evalkit.values import Measure, Tables
from evalkit.vocabulary.periods import stretch
from evalkit.vocabulary.schema import table_schema

PERIOD = "HT2021"
END = stretch(PERIOD).end
few = settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
seeds = st.integers(0, 10**6)


def site_of(rows: dict[str, list[Row]]) -> Tables:
    return Tables({name: table(name, each) for name, each in rows.items() if each})


def found(measure: Measure, tables: Tables) -> pd.DataFrame:
    known = known_of(tables, PERIOD)
    answer = measure.compute(known)
    assert not known.unseen_paths(answer), measure.name
    return answer.execute().sort_values("person_id", ignore_index=True)


def is_late(row: Row) -> bool:
    day = row.get("known_from", row.get("date", row.get("start")))
    return isinstance(day, date) and day >= END


def learnt_later(name: str, row: Row, lag: int) -> Row:
    """Return a row with everything that was not known before the period's end changed."""
    changed = dict(row)
    for column in table_schema(name).columns:
        day = row.get(str(column.known_from))
        if column.name in row and isinstance(day, date) and day >= END:
            changed[column.name] = day + timedelta(days=lag) if column.type == "date" else None
    if is_late(row):
        changed |= {key: other for key, other in OTHERWISE.items() if key in row}
        changed["known_from"] = row.get("known_from", row.get("date", row.get("start"))) + timedelta(days=lag)  # type: ignore[operator]
    return changed


OTHERWISE = {"answer": 1, "school_id": "B", "participants": 99, "status": "studying", "employment_at_entry": "inactive"}


@few
@given(seed=seeds)
def test_facts_known_after_the_period_could_as_well_be_absent(seed: int) -> None:
    rows = random_rows(seed)
    without = {name: [row for row in each if not is_late(row)] for name, each in rows.items()}
    assert sum(map(len, without.values())) < sum(map(len, rows.values()))
    whole, cut = site_of(rows), site_of(without)
    for measure in measures():
        if not measure.name.startswith("forum_") or "forums" in cut:
            pd.testing.assert_frame_equal(found(measure, whole), found(measure, cut), obj=measure.name)


@few
@given(seed=seeds, lag=st.integers(1, 400))
def test_learning_a_late_fact_or_end_otherwise_changes_nothing_before(seed: int, lag: int) -> None:
    rows = random_rows(seed)
    altered = {name: [learnt_later(name, row, lag) for row in each] for name, each in rows.items()}
    whole, other = site_of(rows), site_of(altered)
    for measure in measures():
        pd.testing.assert_frame_equal(found(measure, whole), found(measure, other), obj=measure.name)


@few
@given(seed=seeds, days=st.integers(100, 500))
def test_what_becomes_known_later_never_moves_or_removes_an_event(seed: int, days: int) -> None:
    tables = site_of(random_rows(seed))
    day = date(2021, 3, 1) + timedelta(days=days)
    for kind in events():
        at_last, then = (
            kind.compute(each).execute().sort_values("person_id", ignore_index=True)
            for each in (tables, tables.known_before(day))
        )
        before = pd.Timestamp(day)
        pd.testing.assert_frame_equal(
            at_last[at_last["known_from"] < before].reset_index(drop=True),
            then[then["known_from"] < before].reset_index(drop=True),
            obj=kind.name,
        )
        assert not at_last.duplicated("person_id").any()
        assert (at_last["known_from"] >= at_last["date"]).all()


def test_the_tests_above_are_not_vacuous() -> None:
    sites = [site_of(random_rows(seed)) for seed in range(12)]
    for measure in measures():
        assert any(len(found(measure, tables)) for tables in sites), measure.name
    for kind in events():
        assert any(len(kind.compute(tables).execute()) for tables in sites), kind.name

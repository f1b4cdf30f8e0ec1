"""A panel equals the one made row by row in plain Python, and making it changes nothing."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drawn_sites import Row, random_rows, site_of
from evalkit.measures import attendance, forums
from evalkit.panels import build_panel
from evalkit.values import Cohort, Flow, Period, Tables

ENTRY, EXIT = date(2021, 9, 1), date(2023, 3, 1)
few = settings(max_examples=6, deadline=None, derandomize=True, phases=[Phase.generate])


def cohort_of(tables: Tables) -> Cohort:
    people = tables["persons"].select("person_id").execute()
    frame = people.assign(entry=pd.Timestamp(ENTRY), exit=pd.Timestamp(EXIT), exit_cause="left_municipality")
    return Cohort(frame.assign(school_id="A", year_group=7), Flow(()), "everyone", "key", tables)


def modal(codes: list[str]) -> str | None:
    counted = Counter(codes)
    return min(counted, key=lambda code: (-counted[code], code)) if counted else None


def enrolment_in(rows: list[Row], person: str, term: Period) -> Row | None:
    first = term.start.replace(month=8, day=15) if term.start.month == 7 else term.start
    there = [
        row
        for row in rows
        if row["person_id"] == person
        and not (row["cancelled"] and row["end"] is None)
        and row["start"] < term.end
        and row["known_from"] < term.end
        and (row["end"] is None or row["end"] > first)
        and term.end > ENTRY
        and first < EXIT
    ]
    return max(there, key=lambda row: (row["start"], -ord(str(row["school_id"]))), default=None)


def by_hand(rows: dict[str, list[Row]], tables: Tables) -> dict[tuple[str, int], tuple[object, ...]]:
    found = {}
    for person in (row["person_id"] for row in rows["persons"]):
        for time, term in enumerate(tables.terms):
            enrolment = enrolment_in(rows["enrolments"], person, term)
            if enrolment is None:
                continue
            lessons = [
                row
                for row in rows["attendance"]
                if row["person_id"] == person and term.start <= row["date"] < term.end and row["known_from"] < term.end
            ]
            school = modal([row["school_id"] for row in lessons]) or enrolment["school_id"]
            named = [row["class_id"] for row in lessons if row["school_id"] == school and row["class_id"]]
            told = [row for row in lessons if row["reported"]]
            present = sum((row["minutes_attended"] or 0) + (row["minutes_other"] or 0) for row in told)
            reported = sum(row["minutes_offered"] for row in told)
            offered = sum(row["minutes_offered"] for row in lessons)
            held = any(
                row["school_id"] == school and max(row["date"], row["known_from"]) < term.end for row in rows["forums"]
            )
            rate = round(present / reported, 12) if reported else None
            facts = (school, modal(named), enrolment["year_group"], offered, reported, present, rate, int(held))
            found[(person, time)] = facts
    return found


@few
@given(seed=st.integers(0, 10**6))
def test_a_panel_equals_the_one_made_by_hand(seed: int) -> None:
    rows = random_rows(seed)
    tables = site_of(rows)
    frame = build_panel(cohort_of(tables), measures=[attendance.rate(), forums.exposed()]).frame
    columns = ["school", "class_id", "year_group", "offered_minutes", "reported_minutes", "present_minutes"]
    columns += ["attendance_rate", "forum_exposed"]
    frame["attendance_rate"] = frame["attendance_rate"].round(12)
    cells = frame[columns].astype(object).where(frame[columns].notna(), None)
    found = {
        (person, time): tuple(values)
        for person, time, *values in zip(frame["person_id"], frame["time"], *(cells[c] for c in columns), strict=True)
    }
    assert found == by_hand(rows, tables)


def test_building_changes_neither_cohort_nor_tables_and_twice_is_once() -> None:
    tables = site_of(random_rows(5))
    cohort = cohort_of(tables)
    people, lessons = cohort.frame.copy(), tables["attendance"].execute()
    first, second = (build_panel(cohort, measures=[attendance.rate()]) for _ in range(2))
    assert first.fingerprint == second.fingerprint
    pd.testing.assert_frame_equal(cohort.frame, people)
    pd.testing.assert_frame_equal(tables["attendance"].execute(), lessons)


def test_kinds_of_columns_do_not_depend_on_the_data() -> None:
    frames = [
        build_panel(cohort_of(site_of(random_rows(seed, lessons=lessons))), measures=[attendance.rate()]).frame
        for seed, lessons in ((5, 160), (6, 12))
    ]
    kinds = [
        frame.dtypes.map(
            lambda kind: (str(kind), str(kind.categories.dtype) if isinstance(kind, pd.CategoricalDtype) else str(kind))
        )
        for frame in frames
    ]
    pd.testing.assert_series_equal(kinds[0], kinds[1])

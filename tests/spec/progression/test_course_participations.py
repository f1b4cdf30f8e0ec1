"""Dropout and completion per course participation: one count, two denominators.

Skolverket's headline divides those who dropped out by those who ended; SCB's table by everyone who took the course in
the year, those who go on into the next included. The two differ by nearly half, so no rate is told without its
denominator.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import ibis
import pandas as pd
import pytest

from drawn_cohort import cohort_of
from drawn_measures import known_of, measured
from drawn_tables import SCHEMAS, matches, site
from evalkit.measures import completion, progression
from evalkit.panels import build_panel
from evalkit.values import Tables

TABLE = json.loads((Path(__file__).parents[2] / "oracle" / "sfi_2021_scb.json").read_text(encoding="utf-8"))
PRINTED = {
    "1A": (20.6, 40.4), "1B": (23.6, 49.2), "1C": (24.9, 53.9), "1D": (23.8, 45.7), "2B": (29.5, 48.1),
    "2C": (26.3, 43.5), "2D": (23.3, 37.9), "3C": (34.0, 53.1),
}  # fmt: skip
"""Per cent discontinued of all, and of the ended, as the domain brief prints SCB's and Skolverket's way of counting."""


@pytest.fixture(scope="module")
def national() -> Tables:
    """Give SCB's participations of 2021, one person each, as course enrolments."""
    ends = {"slutfort": "completed", "avbrutit": "discontinued", "fortsatter": None}
    parts = [
        {"course": f"SFI{name[1]}", "study_path": name[0], "outcome": outcome, "number": counts[told]}
        for name, sexes in TABLE["courses"].items()
        for counts in sexes.values()
        for told, outcome in ends.items()
    ]
    frame = pd.DataFrame(parts)
    frame = frame.loc[frame.index.repeat(frame["number"])].reset_index(drop=True)
    frame["person_id"] = frame.index.astype("str")
    frame["course_id"], frame["school_type"], frame["start"] = frame["person_id"], "VUXSFI", pd.Timestamp("2021-02-01")
    frame["end"] = pd.Timestamp("2021-10-01")
    frame.loc[frame["outcome"].isna(), "end"] = pd.NaT
    frame["known_from"] = frame["start"]
    schema = SCHEMAS["courses"] | {"known_from": "date"}
    whole = frame.reindex(columns=list(schema)).astype(object)
    return Tables({"courses": ibis.memtable(whole.where(whole.notna(), None), schema=schema)})


@pytest.mark.parametrize("course", sorted(PRINTED))
def test_both_denominators_reproduce_the_national_table_of_sfi(national: Tables, course: str) -> None:
    """SCB's counts for SFI in 2021 give, for each study path course, exactly the shares that are printed of them: for
    2C 26.3 per cent of all participations and 43.5 per cent of those that ended."""
    for of, expected in zip(("all", "ended"), PRINTED[course], strict=True):
        measure = progression.dropout_rate(of, course)
        answer = measure.compute(known_of(national, "2021"))
        sums = answer.agg(above=answer[measure.numerator].sum(), below=answer[measure.denominator].sum()).execute()
        assert round(100 * sums["above"].iloc[0] / sums["below"].iloc[0], 1) == expected
        if of == "all":
            assert sums["below"].iloc[0] == sum(sex["n"] for sex in TABLE["courses"][course].values())


def test_a_participation_counts_once_a_year_and_completed_wins() -> None:
    """One person in one course counts once in a calendar year: completed if any of the enrolments was, else as the last
    one ended."""
    tables = site(
        courses="""
        person_id course_id course start      end        outcome
        anna      1         SFIC   2021-01-10 2021-03-01 discontinued
        anna      2         SFIC   2021-04-01 2021-06-01 completed
        bo        3         SFIC   2021-01-10 2021-03-01 discontinued
        bo        4         SFIC   2021-09-01 -          -
        cia       5         SFIC   2021-01-10 2021-03-01 completed
        cia       6         SFID   2021-03-10 2021-06-01 ended_no_progress
        """
    )
    assert matches(
        measured(progression.dropout_rate("all", name="dropped"), tables, "2021"),
        """
        person_id dropped_discontinued dropped_base dropped_participations dropped
        anna      0                    1            1                      0
        bo        0                    1            1                      0
        cia       1                    2            2                      0.5
        """,
    )


def test_no_shows_stay_outside() -> None:
    """Who was admitted and never came took part in nothing, and is in no denominator."""
    tables = site(
        courses="""
        person_id course_id course start      end        outcome
        anna      1         SFIC   2021-01-10 2021-02-01 no_show
        bo        2         SFIC   2021-01-10 2021-03-01 discontinued
        """
    )
    assert matches(measured(progression.dropout_rate("all"), tables, "2021"), "person_id dropout_rate_of_all \n bo 1")


def test_an_agreed_break_and_a_move_are_no_dropouts() -> None:
    """An agreed break counts as going on, and so does a move to another municipality; neither has ended."""
    tables = site(
        courses="""
        person_id course_id course start      end        outcome
        anna      1         SFIC   2021-01-10 2021-03-01 break
        bo        2         SFIC   2021-01-10 2021-03-01 moved
        """
    )
    assert matches(
        measured(progression.dropout_rate("all", name="d"), tables, "2021"),
        "person_id d_discontinued d_base \n anna 0 1 \n bo 0 1",
    )
    assert matches(
        measured(progression.dropout_rate("ended", name="d"), tables, "2021"), "person_id d_base \n anna 0 \n bo 0"
    )


def test_an_end_without_an_outcome_is_unknown_and_lowers_coverage() -> None:
    """A course that ended with no outcome on record is in neither denominator, and shows in the coverage."""
    tables = site(courses="person_id course_id start end outcome \n anna 1 2021-01-10 2021-03-01 -")
    found = measured(progression.dropout_rate("all", name="d"), tables, "2021")
    assert matches(found, "d_base d_known d_participations \n 0 0 1")


def test_what_a_course_ended_as_counts_in_the_period_of_its_last_day() -> None:
    """A course whose last day is 31 December counts as completed in the old year: that is known on 1 January, the day
    after, and nothing that is known later is seen. A course whose last day is 1 January goes on over the year's end.
    """
    tables = site(
        courses="""
        person_id course_id course start      end        outcome
        anna      1         SFIC   2021-01-10 2022-01-01 completed
        bo        2         SFIC   2021-01-10 2022-01-02 completed
        """
    )
    found = measured(progression.completion_rate("all", name="c"), tables, "2021", "2022", "2023")
    assert matches(
        found,
        """
        person_id period c_completed c_base
        anna      2021   1           1
        bo        2021   0           1
        bo        2022   1           1
        """,
    )


def test_a_course_that_ends_with_the_term_has_a_row_in_which_its_outcome_counts() -> None:
    """The last day is 30 June, and anna goes on to nothing in the autumn: the outcome stands in her spring term."""
    tables = site(
        persons="person_id \n anna",
        school_units="school_id \n V",
        courses="""
        person_id course_id course start      end        outcome
        anna      1         SFIC   2022-01-10 2022-07-01 completed
        """,
    )
    cohort = cohort_of(tables, "person_id entry exit \n anna 2022-01-10 2022-07-01")
    measures = [
        progression.completion_rate("all", name="c"),
        completion.course_completed(),
        completion.weeks_to_completion(),
    ]
    panel = build_panel(cohort, period="term", measures=measures)
    assert matches(panel.frame, "term c_completed course_completed weeks_to_completion \n VT2022 1 1 24.5714")
    assert [each.lag_days for each in measures] == [1, 1, 1]


def test_what_is_known_later_than_the_day_after_is_not_counted_before() -> None:
    """With facts as they were on 1 July, the course of the spring had not ended yet; on 2 July it had."""
    tables = site(courses="person_id course_id start end outcome \n anna 1 2022-01-10 2022-07-01 completed")
    measure = progression.completion_rate("all", name="c")
    by_day = [measured(measure, tables.known_before(date(2022, 7, day)), "VT2022") for day in (1, 2)]
    assert [list(found["c_completed"]) for found in by_day] == [[0], [1]]


def test_completion_has_both_denominators_too() -> None:
    """The share completed is told of the ended or of all, and a course can be named."""
    tables = site(
        courses="""
        person_id course_id course study_path start      end        outcome
        anna      1         SFIC   2          2021-01-10 2021-03-01 completed
        anna      2         SFIC   3          2021-01-10 2021-03-01 discontinued
        """
    )
    assert matches(measured(progression.completion_rate(), tables, "2021"), "completion_rate_of_ended \n 0.5")
    named = measured(progression.completion_rate("ended", "2C"), tables, "2021")
    assert matches(named, "completion_rate_of_ended_2c \n 1")

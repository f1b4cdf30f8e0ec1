"""Cohorts that begin with an event.

Returners are those who start anew after a dropout; pupils in a transition enter on its day. Which events there are is
handed over: the measures of progression and transitions find them.
"""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import pytest

from drawn_tables import matches, site
from evalkit.cohorts import check_cases, in_transition, returners
from evalkit.cohorts.build import build_cohort
from evalkit.errors import DesignError, InputError
from evalkit.values import Case, Events, Tables

BETWEEN, AS_OF = ("2021-08-01", "2022-07-31"), "2023-01-01"


def by_record(tables: Tables) -> ibis.Table:
    courses = tables["courses"].filter(tables["courses"].outcome == "discontinued")
    known = (courses.end + ibis.interval(days=21)).cast("date")
    return courses.select("person_id", date="end", known_from=known, cause=ibis.literal("record"))


DROPOUTS = Events("dropout", by_record)


def into(tables: Tables) -> ibis.Table:
    enrolments = tables["enrolments"].filter(tables["enrolments"].year_group.isin((1, 7)))
    cause = ibis.cases((enrolments.year_group == 7, "6_to_7"), else_="9_to_1")
    known = (enrolments.start + ibis.interval(days=14)).cast("date")
    return enrolments.select("person_id", date="start", known_from=known, cause=cause)


TRANSITIONS = Events("transition", into)


def course(number: str, start: date, end: date | None = None, outcome: str | None = None) -> dict[str, object]:
    own = {"course_id": number, "school_id": "V", "school_type": "VUXGR", "course": "GRNMAT2"}
    return {**own, "start": start, "end": end, "outcome": outcome}


def test_a_return_that_turns_out_a_no_show_was_a_return_on_the_day() -> None:
    """Nobody could tell on the day of entry: who is in does not change when the course is closed as a no-show."""
    tables = site(
        persons="person_id \n anna",
        courses="""
        person_id course_id start      end        outcome
        anna      a1        2021-01-11 2021-03-01 discontinued
        anna      a2        2021-09-06 2021-10-15 no_show
        """,
    )
    for as_of in ("2021-10-10", "2022-06-01"):
        cohort = build_cohort(tables, returners(DROPOUTS, ("2021-08-01", "2021-09-30"), as_of))
        assert list(cohort.frame["person_id"]) == ["anna"]


def test_a_return_is_a_new_start_within_some_months_of_a_dropout() -> None:
    """Anna comes back after half a year, bo after a year and a half: too late for the 12 months there are by default.
    Cia had completed her course.
    """
    tables = site(
        persons="person_id \n anna \n bo \n cia",
        courses="""
        person_id course_id start      end        outcome
        anna      a1        2021-01-11 2021-03-01 discontinued
        anna      a2        2021-09-06 2022-09-01 completed
        bo        b1        2020-01-13 2020-03-02 discontinued
        bo        b2        2021-09-06 -          -
        cia       c1        2021-01-11 2021-03-01 completed
        cia       c2        2021-09-06 2022-12-20 -
        """,
    )
    cohort = build_cohort(tables, returners(DROPOUTS, BETWEEN, AS_OF))
    assert [(step.id, step.persons, step.spells) for step in cohort.flow.steps] == [
        ("candidates", 3, 3),
        ("dropped_out", 2, 2),
        ("within", 1, 1),
        ("followed", 1, 1),
    ]
    assert matches(
        cohort.frame,
        """
        person_id entry      follow_from exit       exit_cause
        anna      2021-09-06 2021-09-06  2022-09-01 completed
        """,
    )
    assert list(build_cohort(tables, returners(DROPOUTS, BETWEEN, AS_OF, within=24)).frame["person_id"]) == [
        "anna",
        "bo",
    ]


def test_a_dropout_not_known_yet_is_no_dropout() -> None:
    """Who starts again before it was known that they had dropped out has not come back from anything."""
    first = date(2021, 9, 6)
    dropped = course("1", first - timedelta(days=90), first - timedelta(days=21), "discontinued")
    late = course("1", first - timedelta(days=90), first - timedelta(days=20), "discontinued")
    cases = (
        Case("known on the day of the new start", {"courses": [dropped, course("2", first)]}, "in"),
        Case("known a day later", {"courses": [late, course("2", first)]}, "dropped_out"),
        Case(
            "dropped out after the new start only",
            {"courses": [course("2", first, first + timedelta(days=40), "discontinued")]},
            "dropped_out",
        ),
        Case("never started again", {"courses": [dropped]}, "candidates"),
    )
    assert check_cases(returners(DROPOUTS, BETWEEN, AS_OF), cases)


def test_a_return_to_school_is_a_new_enrolment() -> None:
    """With `starts="enrolments"` the first day at a school counts."""
    tables = site(
        persons="person_id \n anna",
        courses="person_id course_id start end outcome \n anna a1 2021-01-11 2021-03-01 discontinued",
        enrolments="person_id school_id school_type year_group start end \n anna A GY 1 2021-08-17 2022-03-01",
        attendance="person_id lesson_id school_id date minutes_attended \n anna 1 A 2022-12-01 60",
    )
    cohort = build_cohort(tables, returners(DROPOUTS, BETWEEN, AS_OF, starts="enrolments"))
    assert matches(cohort.frame, "person_id entry exit exit_cause school_id \n anna 2021-08-17 2022-03-01 ended A")


@pytest.mark.parametrize("choice", [{"within": 0}, {"starts": "grades"}])
def test_returns_that_mean_nothing_are_refused(choice: dict[str, object]) -> None:
    """A return is a start of a course or an enrolment, within a month or more."""
    with pytest.raises(InputError, match="a return is no start"):
        returners(DROPOUTS, BETWEEN, AS_OF, **choice)  # type: ignore[arg-type]


def schools() -> Tables:
    return site(
        persons="person_id \n anna \n bo \n cia",
        enrolments="""
        person_id school_id school_type year_group start      end
        anna      A         GR          6          2020-08-17 2021-06-15
        anna      B         GR          7          2021-08-17 2022-02-01
        bo        B         GR          7          2021-08-17 2021-08-28
        cia       C         GY          1          2021-08-17 -
        """,
        attendance="person_id lesson_id school_id date minutes_attended \n cia 1 C 2022-12-01 60",
    )


def test_pupils_in_a_transition_enter_on_its_day() -> None:
    """The school is the one reached. Nobody is followed before the transition is known; bo had left by then."""
    cohort = build_cohort(schools(), in_transition(TRANSITIONS, BETWEEN, AS_OF))
    assert [(step.id, step.persons) for step in cohort.flow.steps] == [
        ("candidates", 3),
        ("recognised", 3),
        ("followed", 2),
    ]
    assert matches(
        cohort.frame,
        """
        person_id entry      follow_from exit       exit_cause school_id year_group
        anna      2021-08-17 2021-08-31  2022-02-01 ended      B         7
        cia       2021-08-17 2021-08-31  -          ''         C         1
        """,
    )


def test_a_type_of_transition_is_chosen_by_its_cause() -> None:
    """Only the pupils of that type remain."""
    cohort = build_cohort(schools(), in_transition(TRANSITIONS, BETWEEN, AS_OF, cause="6_to_7"))
    assert list(cohort.frame["person_id"]) == ["anna"]
    with pytest.raises(DesignError, match="nobody is left after the step 'candidates'"):
        build_cohort(schools(), in_transition(TRANSITIONS, BETWEEN, AS_OF, cause="3_to_4"))

"""Cohorts: who is studied, from when to when, and who was left out and why."""

from __future__ import annotations

from dataclasses import replace

import ibis
import pytest

from drawn_tables import matches, site
from evalkit.cohorts import school_year_starters
from evalkit.cohorts.build import build_cohort
from evalkit.errors import DesignError, InputError
from evalkit.values import Cohort, Criterion, Tables

STARTERS = school_year_starters(year=7, between=("2021-08-01", "2022-07-31"), as_of="2024-07-01")

SCHOOLS = """
school_id
A
B
"""


def lessons(*persons: str) -> str:
    rows = [f"{person} {person}1 A 7a 2021-09-01 60" for person in persons]
    return "\n".join(["person_id lesson_id school_id class_id date minutes_attended", *rows])


def persons(*names: str) -> str:
    return "\n".join(["person_id", *names])


def steps(cohort: Cohort) -> list[tuple[str, int, int]]:
    return [(step.id, step.persons, step.spells) for step in cohort.flow.steps]


def enrolled(text: str, *names: str) -> Tables:
    return site(persons=persons(*names), school_units=SCHOOLS, enrolments=text, attendance=lessons(*names))


def test_entry_is_the_first_day_and_exit_the_end_of_the_last_lower_secondary_enrolment() -> None:
    tables = enrolled(
        """
        person_id school_id year_group start      end
        anna      A         7          2021-08-17 2022-07-01
        anna      A         8          2022-08-17 2023-07-01
        anna      B         9          2023-08-17 2024-06-15
        bo        A         7          2021-08-17 2022-07-01
        bo        A         8          2022-08-17 2022-11-05
        cia       A         7          2021-08-17 2022-07-01
        cia       A         8          2022-08-17 2023-07-01
        cia       A         9          2023-08-17 -
        """,
        *("anna", "bo", "cia"),
    )
    cohort = build_cohort(tables, STARTERS)
    assert matches(
        cohort.frame,
        """
        person_id entry      exit       exit_cause        school_id year_group school_year sex
        anna      2021-08-17 2024-06-15 finished_year_9   A         7          2021/22     woman
        bo        2021-08-17 2022-11-05 left_municipality A         7          2021/22     woman
        cia       2021-08-17 -          ''                A         7          2021/22     woman
        """,
    )


def test_the_flow_counts_persons_and_spells_at_each_named_step() -> None:
    tables = site(
        persons="""
        person_id sex     birth_date
        starter   woman   2008-05-01
        mover     man     2008-05-01
        repeater  woman   2007-05-01
        undated   man     -
        late      woman   2008-05-01
        absent    unknown 2008-05-01
        """,
        school_units=SCHOOLS,
        enrolments="""
        person_id school_id year_group start      end
        starter   A         7          2021-08-17 2022-07-01
        mover     A         7          2021-08-17 2021-09-06
        mover     B         7          2021-09-06 2022-07-01
        repeater  A         7          2020-08-17 2021-07-01
        repeater  A         7          2021-08-17 2022-07-01
        undated   A         7          2021-08-17 2022-07-01
        late      A         7          2022-02-01 2022-07-01
        absent    A         7          2021-08-17 2022-07-01
        older     A         8          2021-08-17 2022-07-01
        """,
        attendance=lessons("starter", "mover", "repeater", "undated", "older"),
    )
    cohort = build_cohort(tables, STARTERS)
    assert steps(cohort) == [
        ("candidates", 6, 7),
        ("started", 5, 6),
        ("key_facts", 4, 5),
        ("reference_day", 3, 4),
        ("attendance", 2, 3),
    ]
    assert matches(cohort.frame, "person_id entry school_id \n mover 2021-08-17 A \n starter 2021-08-17 A")
    assert all(step.sv and step.en for step in cohort.flow.steps)


def test_a_school_year_belongs_if_its_15_october_lies_between_the_dates() -> None:
    text = """
    person_id school_id year_group start      end
    early     A         7          2020-08-17 2021-07-01
    june      A         7          2021-06-20 2022-07-01
    august    A         7          2021-08-17 2022-07-01
    next      A         7          2022-08-17 2023-07-01
    """
    tables = enrolled(text, "early", "june", "august", "next")
    tables = replace(tables, named={**tables.named, "attendance": _long_attendance("early", "june", "august", "next")})
    assert list(build_cohort(tables, STARTERS).frame["person_id"]) == ["august", "june"]
    two_years = school_year_starters(year=7, between=("2020-08-01", "2022-07-31"), as_of="2024-07-01")
    assert list(build_cohort(tables, two_years).frame["person_id"]) == ["august", "early", "june"]


def _long_attendance(*names: str):
    rows = [f"{name} {name}1 A 7a 2023-05-01 60" for name in names]
    text = "\n".join(["person_id lesson_id school_id class_id date minutes_attended", *rows])
    return site(attendance=text)["attendance"]


def test_protected_identity_is_no_reason_to_be_left_out() -> None:
    tables = site(
        persons="""
        person_id security_marking
        open      none
        marked    confidential
        hidden    protected
        """,
        school_units=SCHOOLS,
        enrolments="""
        person_id school_id year_group start      end
        open      A         7          2021-08-17 2022-07-01
        marked    A         7          2021-08-17 2022-07-01
        hidden    A         7          2021-08-17 2022-07-01
        """,
        attendance=lessons("open", "marked", "hidden"),
    )
    assert list(build_cohort(tables, STARTERS).frame["person_id"]) == ["hidden", "marked", "open"]


def test_an_enrolment_broken_off_later_still_counts_and_a_no_show_falls_at_the_reference_day() -> None:
    tables = enrolled(
        """
        person_id school_id year_group start      end        cancelled
        quitter   A         7          2021-08-17 2022-03-01 true
        no_show   A         7          2021-08-17 2021-08-31 true
        withdrawn A         7          2021-08-17 -          true
        """,
        *("quitter", "no_show", "withdrawn"),
    )
    cohort = build_cohort(tables, STARTERS)
    assert matches(cohort.frame, "person_id exit exit_cause \n quitter 2022-03-01 left_municipality")
    assert [persons for _, persons, _ in steps(cohort)] == [2, 2, 2, 1, 1]


def test_nothing_known_on_as_of_or_later_is_seen() -> None:
    text = """
    person_id school_id year_group start      end        known_from
    anna      A         7          2021-08-17 2022-07-01 2021-08-17
    anna      A         8          2022-08-17 2023-07-01 2022-08-17
    bo        A         7          2021-08-17 2022-07-01 2022-02-01
    """
    tables = enrolled(text, "anna", "bo")

    def as_of(day: str) -> Cohort:
        return build_cohort(tables, school_year_starters(year=7, between=("2021-08-01", "2022-07-31"), as_of=day))

    assert list(as_of("2022-02-01").frame["person_id"]) == ["anna"]
    assert list(as_of("2022-02-02").frame["person_id"]) == ["anna", "bo"]


def test_an_end_that_lies_ahead_is_not_known() -> None:
    text = "person_id school_id year_group start end \n anna A 7 2021-08-17 2022-03-01"
    tables = enrolled(text, "anna")
    exits = {
        day: build_cohort(tables, school_year_starters(7, ("2021-08-01", "2022-07-31"), day)).frame["exit"].isna().all()
        for day in ("2022-02-28", "2022-03-01")
    }
    assert exits == {"2022-02-28": True, "2022-03-01": False}


def test_who_ended_with_a_school_year_is_there_until_the_next_15_october() -> None:
    text = """
    person_id school_id year_group start      end
    anna      A         7          2021-08-17 2022-07-01
    """
    tables = enrolled(text, "anna")
    causes = {
        day: build_cohort(tables, school_year_starters(7, ("2021-08-01", "2022-07-31"), day)).frame.loc[0, "exit_cause"]
        for day in ("2022-07-01", "2022-10-15", "2022-10-16")
    }
    assert causes == {"2022-07-01": "", "2022-10-15": "", "2022-10-16": "left_municipality"}


def test_a_criterion_chooses_among_candidates_and_cannot_change_them() -> None:
    doubled = Criterion("doubled", "dubblerade", "doubled", "spell", lambda tables, these: these.union(these))
    other = ibis.literal("X")
    renamed = Criterion("renamed", "omdöpta", "renamed", "person", lambda tables, these: these.mutate(school_id=other))
    text = "person_id school_id year_group start end \n anna A 7 2021-08-17 2022-07-01"
    cohort = build_cohort(enrolled(text, "anna"), replace(STARTERS, criteria=(doubled, renamed, *STARTERS.criteria)))
    assert steps(cohort)[:3] == [("candidates", 1, 1), ("doubled", 1, 1), ("renamed", 1, 1)]
    assert list(cohort.frame["school_id"]) == ["A"]


def test_a_cohort_with_no_persons_is_refused_with_the_step_that_emptied_it() -> None:
    text = "person_id school_id year_group start end \n anna A 7 2022-02-17 2022-07-01"
    with pytest.raises(DesignError, match="nobody is left after the step 'reference_day'") as told:
        build_cohort(enrolled(text, "anna"), STARTERS)
    assert told.value.remedy


@pytest.mark.parametrize(
    ("year", "between", "as_of", "problem"),
    [
        (5, ("2021-08-01", "2022-07-31"), "2024-07-01", "not of lower-secondary"),
        (7, ("2021-08-01", "2021-09-30"), "2024-07-01", "no school year"),
        (7, ("1 augusti", "2021-09-30"), "2024-07-01", "no date"),
    ],
)
def test_definitions_that_mean_nothing_are_refused(
    year: int, between: tuple[str, str], as_of: str, problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        school_year_starters(year, between, as_of)


def test_a_missing_table_is_named() -> None:
    tables = site(persons=persons("anna"), school_units=SCHOOLS, attendance=lessons("anna"))
    with pytest.raises(InputError, match="enrolments"):
        build_cohort(tables, STARTERS)

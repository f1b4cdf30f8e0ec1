"""Young people under the municipal activity responsibility.

The home municipality is responsible for those under 20 whose compulsory attendance has ended, and who are neither at
upper secondary school nor hold a diploma (skollagen 29 kap. 9 §). A summer, or a gap of 28 days, is no time under it.
"""

from __future__ import annotations

import ibis

from drawn_tables import matches, site
from evalkit.cohorts import activity_responsibility, check_cases
from evalkit.cohorts.build import build_cohort
from evalkit.values import Events, Tables

BETWEEN, AS_OF = ("2021-06-01", "2022-12-31"), "2024-07-01"
REACHES = "person_id lesson_id school_id date minutes_attended \n x 1 A 2024-06-30 60"


def graded(tables: Tables) -> ibis.Table:
    grades = tables["grades"].filter(tables["grades"].subject == "EXAMEN")
    return grades.select("person_id", date="registered", known_from="registered", cause=ibis.literal(""))


DIPLOMAS = Events("diploma", graded, repeats=False)


def drawn() -> Tables:
    return site(
        persons="""
        person_id birth_date home_municipality
        anna      2005-03-01 1440
        bo        2005-03-01 1440
        cia       2003-03-01 1440
        dan       2002-01-15 1440
        eva       2003-03-01 1440
        fred      2005-03-01 1481
        """,
        enrolments="""
        person_id school_id school_type year_group start      end
        anna      A         GR          9          2020-08-17 2021-06-15
        anna      B         GY          1          2021-08-17 2021-11-01
        bo        A         GR          9          2020-08-17 2021-06-15
        bo        B         GY          1          2022-08-17 -
        cia       B         GY          3          2020-08-17 2022-06-10
        dan       B         GY          3          2020-08-17 2021-11-01
        eva       B         GY          3          2020-08-17 2022-06-10
        fred      A         GR          9          2020-08-17 2021-06-15
        """,
        grades="""
        person_id subject grade registered
        cia       EXAMEN  E     2022-06-08
        eva       EXAMEN  E     2023-02-01
        """,
        attendance=REACHES,
    )


def test_entry_is_the_first_day_under_it_and_exit_what_ends_it() -> None:
    """Anna left upper secondary school in November. Bo went nowhere after year 9, which is known on 15 October: he is
    under it from 1 July, when compulsory attendance ended, until he begins a year later. Cia had her diploma when she
    left; eva got hers later. Dan turned 20 in between. Where the diploma of anna never comes, she stays until she is
    20, and that day lies ahead.
    """
    cohort = build_cohort(drawn(), activity_responsibility(BETWEEN, AS_OF, diplomas=DIPLOMAS, home="1440"))
    assert matches(
        cohort.frame,
        """
        person_id entry      follow_from exit       exit_cause school_id year_group
        anna      2021-11-01 2021-11-29  -          ''         B         1
        bo        2021-07-01 2021-10-15  2022-08-17 studies    A         9
        dan       2021-11-01 2021-11-29  2022-01-15 turned_20  B         3
        eva       2022-06-10 2022-10-15  2023-02-01 diploma    B         3
        """,
    )


def test_each_rule_is_a_step() -> None:
    """Fred lives in another municipality; anna's summer before upper secondary school is a gap."""
    cohort = build_cohort(drawn(), activity_responsibility(BETWEEN, AS_OF, diplomas=DIPLOMAS, home="1440"))
    assert [(step.id, step.persons, step.spells) for step in cohort.flow.steps] == [
        ("candidates", 6, 7),
        ("home", 5, 6),
        ("age", 5, 6),
        ("not_studying", 5, 6),
        ("no_diploma", 4, 5),
        ("gap", 4, 4),
        ("followed", 4, 4),
    ]


def test_without_a_record_of_diplomas_nobody_is_told_apart_by_them() -> None:
    """That the site has none must be said, and then there is no such step."""
    cohort = build_cohort(drawn(), activity_responsibility(BETWEEN, AS_OF, diplomas=None))
    assert "no_diploma" not in [step.id for step in cohort.flow.steps]
    assert list(cohort.frame["person_id"]) == ["anna", "bo", "cia", "dan", "eva", "fred"]


def test_test_persons_of_the_activity_responsibility() -> None:
    """The definition's own test persons come out as expected, whatever day it begins."""
    for first in ("2021-01-01", "2021-06-01", "2021-10-20"):
        assert check_cases(activity_responsibility((first, "2023-12-31"), AS_OF, diplomas=None, home="1440"))
    assert check_cases(activity_responsibility(("2021-08-01", "2021-12-31"), AS_OF, diplomas=DIPLOMAS))

"""Young people under the municipal activity responsibility.

The home municipality is responsible for those under 20 whose compulsory attendance has ended, and who are neither at
upper secondary school, or in studies of its level, nor hold a diploma (skollagen 29 kap. 9 §). A summer, or a gap of 28
days, is no time under it.
"""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import pytest

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


def test_a_diploma_registered_after_school_ended_counts_from_when_it_is_known() -> None:
    """Cia's diploma was known ten days after she left, before the summer's gap was over: she never came under it. Eva's
    was earned on the same day and known in December: until then nobody could tell, and then she is under it no more.
    """
    tables = site(
        persons="person_id birth_date \n cia 2003-03-01 \n eva 2003-03-01",
        enrolments="""
        person_id school_id school_type year_group start      end
        cia       B         GY          3          2020-08-17 2022-06-10
        eva       B         GY          3          2020-08-17 2022-06-10
        """,
        grades="""
        person_id subject grade registered known_from
        cia       EXAMEN  E     2022-06-08 2022-06-20
        eva       EXAMEN  E     2022-06-08 2022-12-01
        """,
        attendance=REACHES,
    )

    def registered(tables: Tables) -> ibis.Table:
        rows = tables["grades"]
        return rows.select("person_id", "known_from", date="registered", cause=ibis.literal(""))

    diplomas = Events("diploma", registered, repeats=False)
    cohort = build_cohort(tables, activity_responsibility(BETWEEN, AS_OF, diplomas=diplomas))
    assert matches(
        cohort.frame,
        """
        person_id entry      follow_from exit       exit_cause
        eva       2022-06-10 2022-10-15  2022-12-01 diploma
        """,
    )
    assert [step.persons for step in cohort.flow.steps if step.id == "no_diploma"] == [1]


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


def test_leaving_adult_education_of_the_level_is_a_way_in() -> None:
    """Gun left a course of upper secondary level, and hal a folk high school, without a diploma: they come under it
    that day. Ivar took a second course within 28 days. Swedish for immigrants is not of that level: who leaves it was
    under the responsibility all along.
    """
    tables = site(
        persons="""
        person_id birth_date
        gun       2003-03-01
        hal       2003-03-01
        ivar      2003-03-01
        jon       2003-03-01
        """,
        enrolments="""
        person_id school_id school_type year_group start      end
        hal       F         FHS         -          2021-01-11 2021-11-01
        """,
        courses="""
        person_id course_id school_type start      end        outcome
        gun       g1        VUXGY       2021-08-16 2021-11-01 discontinued
        ivar      i1        VUXGY       2021-08-16 2021-11-01 completed
        ivar      i2        VUXGY       2021-11-22 -          -
        jon       j1        VUXSFI      2021-08-16 2021-11-01 discontinued
        """,
        attendance=REACHES,
    )
    cohort = build_cohort(tables, activity_responsibility(BETWEEN, AS_OF, diplomas=None))
    assert matches(
        cohort.frame,
        """
        person_id entry      follow_from exit       exit_cause
        gun       2021-11-01 2021-11-29  2023-03-01 turned_20
        hal       2021-11-01 2021-11-29  2023-03-01 turned_20
        """,
    )


@pytest.mark.parametrize(("closed", "followed"), [("2021-11-25", "2021-11-29"), ("2021-12-20", "2021-12-20")])
def test_an_admission_nobody_came_to_is_no_way_out(closed: str, followed: str) -> None:
    """Gun was admitted and never came: she stays under the responsibility, and is followed from the day on which that
    could be told. Hal came to the course, and left at once: he is no more under it than over a gap.
    """
    tables = site(
        persons="person_id birth_date \n gun 2003-03-01 \n hal 2003-03-01",
        enrolments="""
        person_id school_id school_type year_group start      end
        gun       B         GY          1          2019-08-17 2021-11-01
        hal       B         GY          1          2019-08-17 2021-11-01
        """,
        courses=f"""
        person_id course_id school_type start      end      outcome
        gun       g1        VUXGY       2021-11-15 {closed} no_show
        gun       g2        VUXGY       2022-08-15 -        -
        hal       h1        VUXGY       2021-11-15 {closed} discontinued
        """,
        attendance=REACHES,
    )
    cohort = build_cohort(tables, activity_responsibility(BETWEEN, AS_OF, diplomas=None))
    assert matches(
        cohort.frame[["person_id", "entry", "follow_from", "exit", "exit_cause"]],
        f"""
        person_id entry      follow_from exit       exit_cause
        gun       2021-11-01 {followed}  2022-08-15 studies
        hal       {closed}   {_after(closed)} 2023-03-01 turned_20
        """,
    )


def _after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=28)).isoformat()


def test_an_admission_that_ran_on_the_first_day_is_told_when_it_is_closed() -> None:
    """An admission that began before gun left school looks like studies on that day, and proves to be none."""
    tables = site(
        persons="person_id birth_date \n gun 2003-03-01",
        enrolments="person_id school_id school_type start end \n gun B GY 2019-08-17 2021-11-01",
        courses="""
        person_id course_id school_type start      end        outcome
        gun       g1        VUXGY       2021-10-25 2022-01-10 no_show
        """,
        attendance=REACHES,
    )
    cohort = build_cohort(tables, activity_responsibility(BETWEEN, AS_OF, diplomas=None))
    assert matches(cohort.frame, "person_id entry follow_from \n gun 2021-11-01 2022-01-10")


def test_what_courses_tell_lasts_as_long_as_lessons_do() -> None:
    """Where the site has courses and no later lesson, persons are followed until the last that is known of a course."""
    tables = site(
        persons="person_id birth_date \n gun 2003-03-01",
        enrolments="person_id school_id school_type start end \n gun B GY 2019-08-17 2021-11-01",
        courses="person_id course_id school_type start \n gun g1 VUXGY 2022-08-15",
    )
    cohort = build_cohort(tables, activity_responsibility(BETWEEN, AS_OF, diplomas=None))
    assert matches(cohort.frame, "person_id exit exit_cause censored_at \n gun 2022-08-15 studies 2022-08-16")


def test_the_home_municipality_is_said_to_bear_no_date() -> None:
    """The registers do not say since when somebody lives somewhere, and the step says so to its readers."""
    definition = activity_responsibility(BETWEEN, AS_OF, diplomas=None, home="1440")
    (home,) = (rule for rule in definition.criteria if rule.id == "home")
    assert home.sv == "har kommunen som hemkommun i de utlämnade personuppgifterna, som inte säger sedan när"
    assert home.en == "have the municipality as home in the personal data handed over, which do not say since when"


def test_test_persons_of_the_activity_responsibility() -> None:
    """The definition's own test persons come out as expected, whatever day it begins."""
    for first in ("2021-01-01", "2021-06-01", "2021-10-20"):
        assert check_cases(activity_responsibility((first, "2023-12-31"), AS_OF, diplomas=None, home="1440"))
    assert check_cases(activity_responsibility(("2021-08-01", "2021-12-31"), AS_OF, diplomas=DIPLOMAS))

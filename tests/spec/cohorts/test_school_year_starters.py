"""Pupils who start a year group.

The group is found by named rules, one after the other. All of them are settled on 15 October of the school year, and
nobody is followed up before that day. Lessons drawn below show how far the site's register reaches; after its last
fact nothing can be seen.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from drawn_tables import matches, site
from evalkit.cohorts import check_cases, school_year_starters
from evalkit.cohorts.build import build_cohort
from evalkit.errors import DesignError, InputError
from evalkit.values import Cohort, Tables

STARTERS = school_year_starters(year=7, between=("2021-08-01", "2022-07-31"), as_of="2024-07-01")

FIRST = date(2021, 8, 17)

SCHOOLS = """
school_id
A
B
"""


def lessons(*persons: str, day: str = "2021-09-01", reaches: str = "2024-06-28") -> str:
    """Draw a lesson for each, and one of somebody else every day from 2021-08-17 until the register's last."""
    rows = [f"{person} {person}1 A 7a {day} 60" for person in persons]
    for number in range((date.fromisoformat(reaches) - FIRST).days + 1):
        rows.append(f"somebody daily{number} A 7a {FIRST + timedelta(days=number)} 60")
    return "\n".join(["person_id lesson_id school_id class_id date minutes_attended", *rows])


def persons(*names: str) -> str:
    return "\n".join(["person_id", *names])


def steps(cohort: Cohort) -> list[tuple[str, int, int]]:
    return [(step.id, step.persons, step.spells) for step in cohort.flow.steps]


def enrolled(text: str, *names: str, reaches: str = "2024-06-28") -> Tables:
    taught = lessons(*names, reaches=reaches)
    return site(persons=persons(*names), school_units=SCHOOLS, enrolments=text, attendance=taught)


def test_entry_is_the_first_day_and_exit_the_end_of_the_last_lower_secondary_enrolment() -> None:
    """Entry is the first day in the year group, exit the end of the last enrolment in years 7-9."""
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
    """Each rule is a step, and the flow counts persons and enrolments side by side after it."""
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
        ("followed", 2, 3),
    ]
    assert matches(cohort.frame, "person_id entry school_id \n mover 2021-08-17 A \n starter 2021-08-17 A")
    assert all(step.sv and step.en for step in cohort.flow.steps)


def test_a_school_year_belongs_if_its_15_october_lies_between_the_dates() -> None:
    """The school years counted are those whose 15 October lies between the dates; June counts as the next."""
    text = """
    person_id school_id year_group start      end
    early     A         7          2020-08-17 2021-07-01
    june      A         7          2021-06-20 2022-07-01
    august    A         7          2021-08-17 2022-07-01
    next      A         7          2022-08-17 2023-07-01
    """
    tables = site(
        persons=persons("early", "june", "august", "next"),
        school_units=SCHOOLS,
        enrolments=text,
        attendance="""
        person_id lesson_id school_id class_id date       minutes_attended
        early     1         A         7a       2020-09-01 60
        june      2         A         7a       2021-09-01 60
        august    3         A         7a       2021-09-01 60
        next      4         A         7a       2022-09-01 60
        """,
    )
    assert list(build_cohort(tables, STARTERS).frame["person_id"]) == ["august", "june"]
    two_years = school_year_starters(year=7, between=("2020-08-01", "2022-07-31"), as_of="2024-07-01")
    assert list(build_cohort(tables, two_years).frame["person_id"]) == ["august", "early", "june"]


def test_protected_identity_is_no_reason_to_be_left_out() -> None:
    """Persons with protected identity stay in aggregates."""
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
    """To leave out who broke off would be to choose pupils by how it went for them."""
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
    assert [persons for _, persons, _ in steps(cohort)] == [2, 2, 2, 1, 1, 1]


def test_nothing_known_on_as_of_or_later_is_seen() -> None:
    """Whoever cannot be judged before `as_of` is not in the cohort yet; an enrolment registered after 15 October never
    makes anybody one of those who started.
    """
    text = """
    person_id school_id year_group start      end        known_from
    anna      A         7          2021-08-17 2022-07-01 2021-08-17
    anna      A         8          2022-08-17 2023-07-01 2022-08-17
    bo        A         7          2021-08-17 2022-07-01 2021-10-15
    cia       A         7          2021-08-17 2022-07-01 2021-10-16
    """
    tables = enrolled(text, "anna", "bo", "cia")

    def as_of(day: str) -> Cohort:
        return build_cohort(tables, school_year_starters(year=7, between=("2021-08-01", "2022-07-31"), as_of=day))

    with pytest.raises(DesignError, match="nobody is left after the step 'followed'"):
        as_of("2021-10-15")
    assert list(as_of("2021-10-16").frame["person_id"]) == ["anna", "bo"]
    assert list(as_of("2024-07-01").frame["person_id"]) == ["anna", "bo"]


def test_an_end_that_lies_ahead_is_not_known() -> None:
    """The day after the last becomes known on itself: nobody knows beforehand that an enrolment will be broken off."""
    text = "person_id school_id year_group start end \n anna A 7 2021-08-17 2022-03-01"
    tables = enrolled(text, "anna")
    exits = {
        day: build_cohort(tables, school_year_starters(7, ("2021-08-01", "2022-07-31"), day)).frame["exit"].isna().all()
        for day in ("2022-03-01", "2022-03-02")
    }
    assert exits == {"2022-03-01": True, "2022-03-02": False}


def test_who_ended_with_a_school_year_is_there_until_the_next_15_october() -> None:
    """The next enrolment may not be known before. A register that ends in summer tells of nobody that they left."""
    text = """
    person_id school_id year_group start      end
    anna      A         7          2021-08-17 2022-07-01
    """

    def cause(as_of: str, reaches: str) -> str:
        tables = enrolled(text, "anna", reaches=reaches)
        cohort = build_cohort(tables, school_year_starters(7, ("2021-08-01", "2022-07-31"), as_of))
        return cohort.frame.loc[0, "exit_cause"]

    causes = {day: cause(day, "2024-06-28") for day in ("2022-07-02", "2022-10-15", "2022-10-16", "2022-12-24")}
    assert causes == {
        "2022-07-02": "",
        "2022-10-15": "",
        "2022-10-16": "left_municipality",
        "2022-12-24": "left_municipality",
    }
    assert cause("2022-12-24", reaches="2022-08-31") == ""


def test_nothing_can_be_seen_after_the_last_fact_handed_over() -> None:
    """Persons are censored on `as_of` or, if that comes first, on the day after the register's last fact."""
    text = "person_id school_id year_group start end \n anna A 7 2021-08-17 -"
    assert matches(
        build_cohort(enrolled(text, "anna", reaches="2023-03-31"), STARTERS).frame,
        """
        person_id entry      follow_from exit censored_at
        anna      2021-08-17 2021-10-15  -    2023-04-01
        """,
    )
    tables = enrolled(text, "anna", reaches="2024-07-15")
    assert matches(build_cohort(tables, STARTERS).frame, "person_id censored_at \n anna 2024-07-01")


@pytest.mark.parametrize(
    ("year", "school_types"),
    [(0, None), (1, None), (6, None), (7, None), (9, ("GR",)), (1, ("GY",)), (3, ("GY",)), (2, ("GYS",))],
)
def test_any_year_group_has_its_starters(year: int, school_types: tuple[str, ...] | None) -> None:
    """Preschool class is year 0; the years of upper secondary school are named with their school type. The same test
    persons come out alike in every year group.
    """
    assert check_cases(school_year_starters(year, ("2021-08-01", "2023-07-31"), "2024-07-01", school_types))


def test_the_stage_says_when_a_pupil_leaves() -> None:
    """A pupil of upper secondary school is not one of compulsory school in the same year group."""
    tables = enrolled(
        """
        person_id school_id school_type year_group start      end
        child     A         GR          1          2021-08-17 2022-07-01
        child     A         GR          2          2022-08-17 2023-07-01
        child     A         GR          3          2023-08-17 2024-06-15
        quits     A         GY          1          2021-08-17 2022-02-01
        student   A         GY          1          2021-08-17 2022-07-01
        student   A         GY          2          2022-08-17 2023-07-01
        student   A         GY          3          2023-08-17 2024-06-15
        """,
        *("child", "quits", "student"),
    )
    between, as_of = ("2021-08-01", "2022-07-31"), "2024-07-01"
    assert matches(
        build_cohort(tables, school_year_starters(1, between, as_of)).frame,
        """
        person_id year_group exit       exit_cause
        child     1          2024-06-15 finished_year_3
        """,
    )
    assert matches(
        build_cohort(tables, school_year_starters(1, between, as_of, ("GY",))).frame,
        """
        person_id year_group exit       exit_cause
        quits     1          2022-02-01 left_upper_secondary
        student   1          2024-06-15 finished_year_3
        """,
    )


def test_a_pupil_of_preschool_class_may_have_no_year_group() -> None:
    """Registers give year group 0 or none."""
    tables = enrolled(
        """
        person_id school_id school_type year_group start      end
        none      A         FKLASS      -          2021-08-17 2022-06-15
        zero      A         FKLASS      0          2021-08-17 2022-06-15
        """,
        *("none", "zero"),
    )
    cohort = build_cohort(tables, school_year_starters(0, ("2021-08-01", "2022-07-31"), "2022-12-24"))
    assert matches(
        cohort.frame,
        """
        person_id year_group exit_cause
        none      0          finished_year_0
        zero      0          finished_year_0
        """,
    )


def test_a_cohort_with_no_persons_is_refused_with_the_step_that_emptied_it() -> None:
    """An empty cohort is refused, and the step that emptied it is named."""
    text = "person_id school_id year_group start end \n anna A 7 2022-02-17 2022-07-01"
    with pytest.raises(DesignError, match="nobody is left after the step 'reference_day'") as told:
        build_cohort(enrolled(text, "anna"), STARTERS)
    assert told.value.remedy


@pytest.mark.parametrize(
    ("year", "between", "as_of", "problem"),
    [
        (11, ("2021-08-01", "2022-07-31"), "2024-07-01", "no year group 11"),
        (7, ("2021-08-01", "2021-09-30"), "2024-07-01", "no school year"),
        (7, ("2022-08-01", "2021-09-30"), "2024-07-01", "comes before the first"),
        (7, ("1 augusti", "2021-09-30"), "2024-07-01", "no date"),
    ],
)
def test_definitions_that_mean_nothing_are_refused(
    year: int, between: tuple[str, str], as_of: str, problem: str
) -> None:
    """A definition that means nothing says so, and how to mend it."""
    with pytest.raises(InputError, match=problem):
        school_year_starters(year, between, as_of)


def test_school_types_share_a_stage() -> None:
    """Preschool class and upper secondary school cannot be one cohort."""
    with pytest.raises(InputError, match="do not share a stage"):
        school_year_starters(1, ("2021-08-01", "2022-07-31"), "2024-07-01", ("GR", "GY"))
    with pytest.raises(InputError, match="no year group 7"):
        school_year_starters(7, ("2021-08-01", "2022-07-31"), "2024-07-01", ("GY",))


def test_a_missing_table_is_named() -> None:
    """A table that the site did not hand over is named."""
    tables = site(persons=persons("anna"), school_units=SCHOOLS, attendance=lessons("anna"))
    with pytest.raises(InputError, match="enrolments"):
        build_cohort(tables, STARTERS)

"""Adult students.

Beginners of Swedish for immigrants were never enrolled in it before. Course participants of municipal adult education
attended a course at least once; who never came stays outside, and is no dropout either.
"""

from __future__ import annotations

import pytest

from drawn_tables import matches, site
from evalkit.cohorts import check_cases, intersect, komvux_participants, sfi_beginners
from evalkit.cohorts.build import build_cohort
from evalkit.errors import InputError
from evalkit.values import Tables

BETWEEN, AS_OF = ("2021-08-01", "2022-07-31"), "2023-01-01"


def drawn() -> Tables:
    return site(
        persons="person_id \n anna \n bo \n cia \n dan \n eva",
        courses="""
        person_id course_id school_type course  start      attended_from end        outcome
        anna      a1        VUXSFI      SFIA    2021-09-06 2021-09-08    2022-01-10 completed
        anna      a2        VUXSFI      SFIB    2022-01-17 2022-01-17    2022-06-10 discontinued
        bo        b1        SFI         SFIC    2019-01-07 2019-01-07    2019-03-01 discontinued
        bo        b2        VUXSFI      SFIC    2021-09-06 2021-09-06    -          -
        cia       c1        VUXSFI      SFID    2021-09-06 -             2021-09-20 no_show
        dan       d1        VUXGR       GRNMAT2 2021-09-06 2021-09-07    2021-12-20 completed
        dan       d2        VUXGY       MATMAT  2022-01-10 2022-01-12    2022-12-20 completed
        eva       e1        VUXGR       GRNENG2 2021-09-06 -             2021-09-20 no_show
        """,
    )


def test_a_beginner_of_sfi_was_never_enrolled_in_it_before() -> None:
    """Bo studied SFI two years earlier, under the older school type, and is no beginner again. Cia is one, though she
    never came. Exit is the end of the last course, and its outcome the cause.
    """
    cohort = build_cohort(drawn(), sfi_beginners(BETWEEN, AS_OF))
    assert [(step.id, step.persons, step.spells) for step in cohort.flow.steps] == [
        ("candidates", 3, 4),
        ("first_ever", 2, 2),
        ("followed", 2, 2),
    ]
    assert matches(
        cohort.frame,
        """
        person_id entry      follow_from exit       exit_cause   school_id year_group school_year
        anna      2021-09-06 2021-09-06  2022-06-10 discontinued V         -          2021/22
        cia       2021-09-06 2021-09-06  -          ''           V         -          2021/22
        """,
    )


def test_a_course_participant_attended_at_least_once() -> None:
    """Entry is the day of first attendance, so that nobody is observed before it is known that they came. Each person
    stands once; the flow counts courses. Dan ended so recently that the next course may not have begun.
    """
    cohort = build_cohort(drawn(), komvux_participants(BETWEEN, AS_OF))
    assert [(step.id, step.persons, step.spells) for step in cohort.flow.steps] == [
        ("candidates", 2, 3),
        ("attended", 1, 2),
        ("followed", 1, 2),
    ]
    assert matches(cohort.frame, "person_id entry exit exit_cause \n dan 2021-09-07 - ''")


def test_who_attended_before_the_first_day_of_the_course_is_a_participant() -> None:
    """Anna came to an introduction in the week before the course: she entered then, and is followed from the first day
    of the course, for the register knows of no course before.
    """
    tables = site(
        persons="person_id \n anna",
        courses="""
        person_id course_id school_type start      attended_from end        outcome
        anna      a1        VUXGR       2021-09-06 2021-08-30    2022-01-10 completed
        """,
    )
    cohort = build_cohort(tables, komvux_participants(BETWEEN, AS_OF))
    assert matches(cohort.frame, "person_id entry follow_from \n anna 2021-08-30 2021-09-06")


def test_the_parts_of_adult_education_are_chosen() -> None:
    """SFI is a part like others, but is asked for by name."""
    cohort = build_cohort(drawn(), komvux_participants(BETWEEN, AS_OF, parts=("sfi",)))
    assert matches(cohort.frame, "person_id entry \n anna 2021-09-08 \n bo 2021-09-06")
    with pytest.raises(InputError, match="no part university"):
        komvux_participants(BETWEEN, AS_OF, parts=("university",))


def test_beginners_who_came_are_in_both_cohorts() -> None:
    """Cutting beginners with participants leaves out who never came; nobody is followed before they came."""
    both = intersect(sfi_beginners(BETWEEN, AS_OF), komvux_participants(BETWEEN, AS_OF, parts=("sfi",)))
    assert matches(
        build_cohort(drawn(), both).frame,
        """
        person_id entry      follow_from
        anna      2021-09-06 2021-09-08
        """,
    )


def test_test_persons_of_adult_education() -> None:
    """The definitions' own test persons come out as expected."""
    assert len(check_cases(sfi_beginners(BETWEEN, AS_OF))) == 6
    assert len(check_cases(komvux_participants(BETWEEN, AS_OF))) == 7
    assert check_cases(komvux_participants(("2023-03-01", "2023-12-31"), "2024-06-01", parts=("sfi", "basic")))

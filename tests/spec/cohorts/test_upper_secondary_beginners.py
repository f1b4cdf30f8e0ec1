"""Beginners of upper secondary school.

Who is in year 1 on 15 October for the first time: the base of the national figures of completion. Beginners of national
and of introductory programmes are counted apart.
"""

from __future__ import annotations

from typing import Any

import pytest

from drawn_tables import matches, site
from evalkit.cohorts import check_cases, upper_secondary_beginners
from evalkit.cohorts.build import build_cohort
from evalkit.errors import InputError

BETWEEN, AS_OF = ("2021-08-01", "2022-07-31"), "2024-07-01"


@pytest.mark.parametrize("programmes", ["national", "introductory", "all"])
def test_who_is_a_beginner(programmes: Any) -> None:
    """Test persons of each kind of programme: those who take the year again, go on from introduction, or leave before
    15 October.
    """
    assert len(check_cases(upper_secondary_beginners(BETWEEN, AS_OF, programmes))) == 7


def test_a_beginner_is_counted_on_15_october_and_followed_to_the_last_enrolment() -> None:
    """Anna is a beginner of a national programme, bo of an introductory one; cia's school does not tell the programme.
    Dan went from introduction to a national programme, which he begins for the first time.
    """
    tables = site(
        persons="person_id \n anna \n bo \n cia \n dan \n eva",
        enrolments="""
        person_id school_id school_type year_group start      end        programme programme_type
        anna      A         GY          1          2021-08-17 2022-07-01 NA        -
        anna      A         GY          2          2022-08-17 2023-07-01 NA        -
        anna      A         GY          3          2023-08-17 2024-06-15 NA        -
        bo        A         GY          1          2021-08-17 -          -         introductory
        cia       A         GY          1          2021-08-17 2022-02-01 -         -
        dan       A         GY          1          2020-08-17 2021-07-01 IMS       -
        dan       A         GY          1          2021-08-17 2022-03-01 -         vocational
        eva       A         GY          1          2021-10-16 -          NA        -
        """,
        attendance="person_id lesson_id school_id date minutes_attended \n x 1 A 2024-06-30 60",
    )

    def beginners(programmes: Any) -> Any:
        return build_cohort(tables, upper_secondary_beginners(BETWEEN, AS_OF, programmes)).frame

    assert matches(
        beginners("national"),
        """
        person_id entry      follow_from exit       exit_cause           school_year
        anna      2021-08-17 2021-10-15  2024-06-15 finished_year_3      2021/22
        dan       2021-08-17 2021-10-15  2022-03-01 left_upper_secondary 2021/22
        """,
    )
    assert matches(beginners("introductory"), "person_id entry exit \n bo 2021-08-17 -")
    assert list(beginners("all")["person_id"]) == ["anna", "bo", "cia"]


def test_other_programmes_are_refused() -> None:
    """The kinds there are stand in the error."""
    with pytest.raises(InputError, match="no programmes 'vocational'"):
        upper_secondary_beginners(BETWEEN, AS_OF, "vocational")  # type: ignore[arg-type]

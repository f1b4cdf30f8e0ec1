"""Transitions: when someone goes over from one stage, school, programme or course to another, or to work.

A transition is dated on the first day of the new. Which types there are, and from where to where, stands in the
vocabulary.
"""

from __future__ import annotations

import pytest

from drawn_tables import matches, site
from evalkit.measures import transitions
from evalkit.vocabulary.transition_types import transition_types

SCHOOL = """
person_id school_id school_type year_group programme start      end        cancelled
anna      A         FKLASS      -          -         2015-08-17 2016-06-10 -
anna      A         GR          1          -         2016-08-17 2017-06-10 -
anna      A         GR          3          -         2018-08-17 2019-06-10 -
anna      A         GR          4          -         2019-08-17 2020-06-10 -
anna      A         GR          6          -         2021-08-17 2022-06-10 -
anna      B         GR          7          -         2022-08-17 2023-01-10 -
anna      C         GR          7          -         2023-01-10 2023-06-10 -
bo        A         GR          9          -         2021-08-17 2022-06-10 -
bo        G         GY          -          IMS       2022-08-17 2023-06-10 -
bo        G         GY          -          NA        2023-08-17 2023-10-01 -
bo        G         GY          -          EK        2023-10-01 -          -
cia       A         GR          9          -         2021-08-17 2022-06-10 -
cia       G         GY          -          BA        2022-08-17 -          -
dan       A         GR          9          -         2021-08-17 2022-06-10 -
dan       G         GY          -          TE        2022-08-17 2022-09-01 true
""".replace(" -\n", " false\n")
ADULTS = """
person_id course_id course   school_type study_path start      end        outcome
eva       1         SFIA     VUXSFI      1          2020-01-07 2020-06-01 completed
eva       2         SFIB     VUXSFI      1          2020-08-03 2020-12-01 completed
eva       3         SFIC     VUXSFI      1          2021-01-04 2021-06-01 completed
eva       4         SFID     VUXSFI      1          2021-08-02 2021-12-01 completed
eva       5         GRNSVAC  VUXGR       -          2022-01-10 2022-06-01 completed
eva       6         SVASVA01 VUXGY       -          2022-08-01 2022-12-20 completed
"""


def test_each_type_of_transition_is_found() -> None:
    """From preschool class to work: each type is dated on the first day of the new, and known from that day."""
    tables = site(
        persons="person_id birth_date \n bo 2006-05-01 \n ned 2003-05-01 \n old 2001-05-01",
        enrolments=SCHOOL
        + """
        fia       G         GY          -          NA        2020-08-17 2023-06-10 false
        gus       G         GY          -          NA        2020-08-17 2023-06-10 false
        gus       H         HS          -          -         2023-08-28 -          false
        ned       G         GY          -          NA        2020-08-17 2021-01-10 false
        ned       G         GY          -          NA        2021-08-17 -          false
        old       G         GY          -          NA        2020-08-17 2021-01-10 false
        old       G         GY          -          NA        2021-08-17 -          false
        """,
        courses=ADULTS,
        statuses="""
        person_id kind       status   start
        fia       employment employed 2023-09-01
        eva       employment employed 2023-01-15
        """,
    )
    found = transitions.changes().compute(tables).execute().sort_values(["person_id", "date"])
    assert matches(
        found,
        """
        person_id date       known_from cause
        anna      2016-08-17 2016-08-17 class_to_1
        anna      2019-08-17 2019-08-17 3_to_4
        anna      2022-08-17 2022-08-17 6_to_7
        anna      2023-01-10 2023-01-10 school_change
        bo        2022-08-17 2022-08-17 9_to_introductory
        bo        2023-08-17 2023-08-17 introductory_to_national
        bo        2023-10-01 2023-10-01 programme_change
        cia       2022-08-17 2022-08-17 9_to_vocational
        dan       2022-08-17 2022-08-17 9_to_preparatory
        eva       2020-08-03 2020-08-03 sfi_a_to_b
        eva       2021-01-04 2021-01-04 sfi_b_to_c
        eva       2021-08-02 2021-08-02 sfi_c_to_d
        eva       2022-01-10 2022-01-10 sfi_to_basic
        eva       2022-08-01 2022-08-01 basic_to_upper_level
        eva       2023-01-15 2023-01-15 studies_to_job
        fia       2023-09-01 2023-09-01 upper_to_work
        gus       2023-08-28 2023-08-28 upper_to_studies
        ned       2021-08-17 2021-08-17 responsibility_to_studies
        """,
    )
    assert set(found["cause"]) == {each.name for each in transition_types()}


def test_one_type_can_be_asked_for_and_an_unknown_one_is_refused() -> None:
    """Types are asked for by name, one or several."""
    tables = site(enrolments=SCHOOL)
    found = transitions.changes(("3_to_4", "6_to_7")).compute(tables).execute().sort_values("date")
    assert list(found["cause"]) == ["3_to_4", "6_to_7"]
    with pytest.raises(KeyError, match="6_to_7"):
        transitions.changes("6_to_8")


def test_a_stay_registered_late_makes_a_transition_on_the_day_it_is_registered() -> None:
    """The transition still bears its own day, but nobody could know of it before the register did. What is registered
    about the earlier stay after that day changes nothing."""
    tables = site(
        enrolments="""
        person_id school_id year_group start      end        known_from
        anna      A         6          2021-08-17 2022-06-10 2021-08-17
        anna      B         7          2022-08-17 -          2022-09-05
        bo        A         6          2021-08-17 2022-06-10 2022-10-01
        bo        B         7          2022-08-17 -          2022-09-05
        """
    )
    found = transitions.changes("6_to_7").compute(tables).execute()
    assert matches(found, "person_id date known_from \n anna 2022-08-17 2022-09-05")


def test_an_enrolment_broken_off_before_it_began_is_no_transition() -> None:
    """An enrolment that was cancelled and has no end was never begun."""
    tables = site(
        enrolments="""
        person_id school_id year_group start      end        cancelled
        anna      A         6          2021-08-17 2022-06-10 false
        anna      B         7          2022-08-17 -          true
        """
    )
    assert transitions.changes("6_to_7").compute(tables).execute().empty

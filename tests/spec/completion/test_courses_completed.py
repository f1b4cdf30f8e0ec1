"""Completed courses of adult education.

A course is completed where it ended as completed and its grade, if there is one, is a pass. How it ended is known from
its end on.
"""

from __future__ import annotations

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import completion

COURSES = """
person_id course_id school_type course   start      end        outcome      grade
anna      1         SFI         SFIC     2021-08-16 2021-10-25 completed    E
anna      2         SFI         SFID     2021-10-25 -          -            -
bo        3         VUXSFI      SFIC     2021-08-16 2021-12-20 discontinued -
cy        4         SFI         SFIC     2021-08-16 2021-09-16 no_show      -
dag       5         VUXGY       ENGENG05 2021-08-16 2022-01-10 completed    D
eva       6         VUXGY       ENGENG05 2021-08-16 2021-12-20 completed    F
"""


def test_a_person_has_completed_a_course_or_not_yet() -> None:
    """Anna has, in the autumn; bo broke off; dag has in the spring; eva's course ended with F. Cy never came."""
    tables = site(courses=COURSES)
    assert matches(
        measured(completion.course_completed(), tables, "HT2021", "VT2022"),
        """
        person_id period course_completed
        anna      HT2021 1
        anna      VT2022 1
        bo        HT2021 0
        bo        VT2022 0
        dag       HT2021 0
        dag       VT2022 1
        eva       HT2021 0
        eva       VT2022 0
        """,
    )


def test_parts_of_adult_education_are_asked_for_by_name() -> None:
    """In SFI alone, anna and bo have begun a course."""
    tables = site(courses=COURSES)
    found = measured(completion.course_completed("sfi"), tables, "VT2022")
    assert matches(found, "person_id course_completed_sfi \n anna 1 \n bo 0")


def test_time_to_completion_is_in_weeks_of_the_courses_completed_in_the_period() -> None:
    """Anna's course took ten weeks and was completed in the autumn, dag's twenty-one and in the spring."""
    tables = site(courses=COURSES)
    assert matches(
        measured(completion.weeks_to_completion(), tables, "HT2021", "VT2022"),
        "person_id period weeks_to_completion \n anna HT2021 10 \n dag VT2022 21",
    )


def test_completed_courses_are_events() -> None:
    """Dated the day after the last, when the outcome is known; the course is the cause."""
    tables = site(courses=COURSES)
    events = completion.courses_completed().compute(tables).execute().sort_values("date")
    assert matches(
        events,
        """
        person_id date       known_from cause
        anna      2021-10-25 2021-10-25 SFIC
        dag       2022-01-10 2022-01-10 ENGENG05
        """,
    )


def test_a_part_that_adult_education_lacks_is_refused() -> None:
    with pytest.raises(InputError, match="no part"):
        completion.course_completed("evening")

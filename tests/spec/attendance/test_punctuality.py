"""Punctuality.

The records hold minutes of absence and no late arrivals. A lesson that the person came to is late if a few of its
minutes were absent, at most the vocabulary's 20; with more it is a lesson partly missed, and neither late nor on time.
"""

from __future__ import annotations

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import attendance

LESSONS = """
person_id lesson_id date       start_minute minutes_attended minutes_valid_absence minutes_invalid_absence reported
anna      1         2021-09-01 480          60               -                     -                       true
anna      2         2021-09-01 600          59               -                     1                       true
anna      3         2021-09-02 480          40               10                    10                      true
anna      4         2021-09-02 600          39               -                     21                      true
anna      5         2021-09-03 480          -                60                    -                       true
anna      6         2021-09-03 600          -                -                     -                       false
"""


class TestPunctuality:
    def test_lessons_on_time_out_of_lessons_on_time_or_late(self) -> None:
        """Present without an absent minute is on time; 1 to 20 absent minutes are late; more is neither."""
        assert matches(
            measured(attendance.punctuality(), site(attendance=LESSONS), "HT2021"),
            """
            person_id on_time_lessons timed_lessons punctuality_reported punctuality_lessons punctuality
            anna      1               3             5                    6                   0.333333
            """,
        )

    def test_lessons_missed_or_unreported_are_neither_on_time_nor_late(self) -> None:
        """A lesson with no minute present, or no report, is no arrival; a person with only such has no punctuality."""
        lines = LESSONS.strip().splitlines()
        only_missed = "\n".join([lines[0], *lines[5:]])
        found = measured(attendance.punctuality(), site(attendance=only_missed), "HT2021")
        assert matches(found, "on_time_lessons timed_lessons punctuality \n 0 0 -")

    def test_the_first_lesson_of_the_day(self) -> None:
        """Punctuality can be asked of the first lesson of each day."""
        assert matches(
            measured(attendance.punctuality(position="first"), site(attendance=LESSONS), "HT2021"),
            """
            on_time_lessons_first timed_lessons_first punctuality_reported_first punctuality_lessons_first
            1                     2                   3                          3
            """,
        )

    def test_another_limit(self) -> None:
        """Another limit gives a variant with its own name; the vocabulary's own limit is the plain measure."""
        found = measured(attendance.punctuality(limit=5), site(attendance=LESSONS), "HT2021")
        assert matches(found, "on_time_lessons_within_5 timed_lessons_within_5 \n 1 2")
        assert attendance.punctuality(limit=20).key == attendance.punctuality().key

    def test_a_limit_or_position_there_is_not_is_refused(self) -> None:
        """A limit is whole minutes of a lesson; the position is the first or any."""
        with pytest.raises(InputError, match="limit of a late arrival"):
            attendance.punctuality(limit=0)
        with pytest.raises(InputError, match="position of a lesson"):
            attendance.punctuality(position="last")

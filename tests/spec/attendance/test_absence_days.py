"""Absent days.

Minutes add up to days. A person is absent on a day if some of its minutes were reported and none of them was presence.
"""

from __future__ import annotations

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.measures import attendance


class TestAbsentDays:
    def test_a_day_is_absent_present_or_unknown_over_all_its_lessons(self) -> None:
        """One minute present makes a present day; without a reported minute a day is unknown, and lowers coverage."""
        tables = site(
            attendance="""
            person_id lesson_id date       minutes_offered minutes_attended minutes_other minutes_valid_absence reported
            anna      1         2021-09-01 60              -                -             60                    true
            anna      2         2021-09-01 60              -                -             -                     false
            anna      3         2021-09-02 60              1                -             59                    true
            anna      4         2021-09-02 60              -                -             60                    true
            anna      5         2021-09-03 60              -                -             -                     false
            anna      6         2021-09-06 60              -                60            -                     true
            """
        )
        assert matches(
            measured(attendance.absent_days(), tables, "HT2021"),
            """
            person_id absent_days known_days days absent_day_share
            anna      1           3          4    0.333333
            """,
        )

    def test_a_date_without_lessons_is_no_school_day(self) -> None:
        """Weekends, holidays and days without lessons are no days: only dates in the lessons count."""
        tables = site(
            attendance="""
            person_id lesson_id date       minutes_valid_absence
            anna      1         2021-09-03 60
            anna      2         2021-09-06 60
            """
        )
        found = measured(attendance.absent_days(), tables, "2021-W35", "2021-W36")
        assert matches(found, "period absent_days days \n 2021-W35 1 1 \n 2021-W36 1 1")


class TestActivity:
    def test_a_day_active_online_is_a_date_with_activity_or_presence_at_an_online_lesson(self) -> None:
        """Activity in the learning platform and presence at an online lesson are days; both on one date are one day."""
        tables = site(
            attendance="""
            person_id lesson_id date       mode   minutes_attended minutes_valid_absence
            anna      1         2021-09-01 online 1                59
            anna      2         2021-09-02 online -                60
            anna      3         2021-09-03 campus 60               -
            """,
            checkins="""
            person_id date       minute direction resource
            anna      2021-09-01 500    activity  page
            anna      2021-09-04 500    activity  page
            anna      2021-09-04 900    activity  page
            anna      2021-09-05 500    in        -
            """,
        )
        assert matches(measured(attendance.activity_days(), tables, "HT2021"), "person_id activity_days \n anna 2")

    def test_without_check_ins_presence_at_online_lessons_counts(self) -> None:
        """A site that handed over no check-ins has its online lessons."""
        tables = site(attendance="person_id lesson_id date mode minutes_attended \n anna 1 2021-09-01 online 60")
        assert matches(measured(attendance.activity_days(), tables, "HT2021"), "activity_days \n 1")

"""Days that calendars get wrong.

Lessons stand in the own time of the site, as a date and minutes after midnight, so that neither summer time nor
the length of a year moves them.
"""

from __future__ import annotations

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.measures import attendance


class TestCalendar:
    @pytest.mark.parametrize("day", ["2022-03-27", "2022-10-30"])
    def test_the_day_the_clocks_change_is_a_day_like_others(self, day: str) -> None:
        """On the days that clocks are changed, lessons before and after the change count once, on their date."""
        tables = site(
            attendance=f"""
            person_id lesson_id date  start_minute minutes_attended minutes_valid_absence
            anna      1         {day} 60           60               -
            anna      2         {day} 150          30               30
            anna      3         {day} 480          -                60
            """
        )
        found = measured(attendance.rate(), tables, day[:7])
        assert matches(found, f"period offered_minutes present_minutes attendance_rate \n {day[:7]} 180 90 0.5")
        assert matches(measured(attendance.absent_days(), tables, day[:7]), "absent_days known_days \n 0 1")
        assert measured(attendance.rate(before=150), tables, day[:7])["present_minutes_before_150"].tolist() == [60]

    def test_week_53_is_a_week_of_its_own(self) -> None:
        """ISO week 53 of 2020 runs from 28 December to 3 January; a spell goes on over it and over the new year."""
        tables = site(
            attendance="""
            person_id lesson_id date       minutes_valid_absence
            anna      1         2020-12-27 60
            anna      2         2020-12-28 60
            anna      3         2021-01-03 60
            anna      4         2021-01-04 60
            """
        )
        weeks = ["2020-W52", "2020-W53", "2021-W01"]
        assert matches(
            measured(attendance.longest_spell(), tables, *weeks),
            """
            period   longest_spell
            2020-W52 1
            2020-W53 3
            2021-W01 4
            """,
        )
        found = measured(attendance.absent_days(), tables, *weeks)
        assert matches(found, "period absent_days \n 2020-W52 1 \n 2020-W53 2 \n 2021-W01 1")

    def test_the_29th_of_february_is_a_day(self) -> None:
        """A leap day lies in February, and days are counted over it."""
        tables = site(
            attendance="""
            person_id lesson_id date       minutes_attended minutes_valid_absence
            anna      1         2024-02-28 60               -
            anna      2         2024-02-29 -                60
            anna      3         2024-03-01 -                60
            """,
            contacts="""
            contact_id person_id date       unit   channel about   reached
            1          anna      2024-03-01 school call    absence true
            """,
        )
        found = measured(attendance.longest_spell(), tables, "2024-02", "2024-03")
        assert matches(found, "period longest_spell \n 2024-02 1 \n 2024-03 2")
        assert matches(measured(attendance.days_to_contact(), tables, "2024-03"), "days_to_contact \n 2")

    def test_the_first_of_july_begins_a_school_year(self) -> None:
        """30 June and 1 July lie in different terms and school years, and a spell ends between them."""
        tables = site(
            attendance="""
            person_id lesson_id date       minutes_valid_absence
            anna      1         2022-06-30 60
            anna      2         2022-07-01 60
            """
        )
        found = measured(attendance.longest_spell(), tables, "VT2022", "HT2022")
        assert matches(found, "period longest_spell \n HT2022 1 \n VT2022 1")
        found = measured(attendance.longest_spell(), tables, "2022")
        assert matches(found, "period longest_spell \n 2022 1")

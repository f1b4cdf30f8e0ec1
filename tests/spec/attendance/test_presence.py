"""Presence at an instant and by hour.

Who is on site is read from check-ins, and of those who have not checked in from the lessons that they were reported at.
Names are for the school's own safety and are never shown; reports take counts.
"""

from __future__ import annotations

from datetime import date

import pytest

from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import attendance
from evalkit.values import Tables

DAY = date(2021, 9, 1)
SITE = {
    "attendance": """
    person_id lesson_id school_id date       start_minute mode   building_id minutes_offered minutes_attended reported
    anna      1         A         2021-09-01 480          campus H1          60              60               true
    anna      2         A         2021-09-01 600          campus H2          60              10               true
    bo        1         A         2021-09-01 480          online -           60              60               true
    cia       1         A         2021-09-01 480          campus H1          60              -                true
    dan       1         A         2021-09-01 480          campus H1          60              60               false
    eva       1         A         2021-09-01 480          campus H1          60              60               true
    fia       1         A         2021-09-02 480          campus H1          60              60               true
    """,
    "checkins": """
    person_id school_id building_id date       minute direction
    bo        A         H3          2021-09-01 470    in
    bo        A         H3          2021-09-01 540    out
    eva       A         H1          2021-09-01 500    out
    """,
}


def there(tables: Tables, minute: int) -> str:
    found = attendance.present_at(tables, DAY, minute).execute().sort_values("person_id")
    return " ".join(f"{row.person_id}:{row.building_id}:{row.source}" for row in found.itertuples())


class TestPresentAt:
    @pytest.mark.parametrize(
        ("minute", "expected"),
        [
            (469, ""),
            (470, "bo:H3:checkin"),
            (480, "anna:H1:lesson bo:H3:checkin eva:H1:lesson"),
            (500, "anna:H1:lesson bo:H3:checkin"),
            (539, "anna:H1:lesson bo:H3:checkin"),
            (540, ""),
            (600, "anna:H2:lesson"),
            (660, ""),
        ],
    )
    def test_check_ins_win_and_lessons_speak_of_those_without(self, minute: int, expected: str) -> None:
        """On site is who checked in and not out, or, without any passage so far, is at a campus lesson.

        Lessons online, not reported or without a minute present put nobody on site. A stay holds its first minute and
        not the one at which it ends.
        """
        assert there(site(**SITE), minute) == expected

    def test_a_site_without_check_ins_has_its_lessons(self) -> None:
        """Without check-ins, lessons tell."""
        tables = site(attendance=SITE["attendance"])
        assert there(tables, 500) == "anna:H1:lesson eva:H1:lesson"

    def test_an_earlier_check_in_lasts_until_the_person_leaves(self) -> None:
        """Whoever checked in and never out is on site until the day ends: better one too many than too few."""
        checkins = """
        person_id school_id building_id date       minute direction resource
        anna      A         H2          2021-09-01 480    out       -
        anna      A         H1          2021-09-01 480    in        -
        anna      A         H1          2021-09-01 700    activity  page
        anna      A         H1          2021-09-01 -      out       -
        """
        tables = site(attendance=SITE["attendance"], checkins=checkins)
        assert there(tables, 1439).startswith("anna:H1:checkin")

    def test_two_lessons_at_once_put_a_person_in_the_later_one(self) -> None:
        """A person is in one place: of lessons at the same time, the one that began last."""
        lessons = """
        person_id lesson_id date       start_minute building_id minutes_attended
        anna      1         2021-09-01 480          H1          120
        anna      2         2021-09-01 540          H2          60
        """
        assert there(site(attendance=lessons), 550) == "anna:H2:lesson"

    def test_a_minute_that_is_none_of_the_day_is_refused(self) -> None:
        """A day has the minutes 0 to 1439."""
        with pytest.raises(InputError, match="no such minute"):
            attendance.present_at(site(**SITE), DAY, 1440)


class TestPresentByHour:
    def test_persons_are_counted_in_each_building_and_hour_they_were_in_for_a_minute(self) -> None:
        """Each hour counts the persons who were in the building during any minute of it."""
        found = attendance.present_by_hour(site(**SITE), DAY).execute()
        assert matches(
            found.sort_values(["building_id", "hour"]),
            """
            building_id hour persons
            H1          8    2
            H2          10   1
            H3          7    1
            H3          8    1
            """,
        )

    def test_a_person_with_two_lessons_in_the_hour_is_one(self) -> None:
        """Two stays of one person in a building and hour are one person."""
        lessons = """
        person_id lesson_id date       start_minute building_id minutes_attended
        anna      1         2021-09-01 480          H1          20
        anna      2         2021-09-01 510          H1          20
        """
        found = attendance.present_by_hour(site(attendance=lessons), DAY).execute()
        assert matches(found, "building_id hour persons \n H1 8 1")

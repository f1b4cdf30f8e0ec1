"""The attendance rate.

Attendance is counted in minutes, over the lessons that were reported. Minutes at the lesson and minutes in another
activity of the school are presence. Beside each rate stands its coverage: how much of what was offered was reported.
"""

from __future__ import annotations

import pytest

from drawn_measures import known_of, measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import attendance

ONE_DAY_OF_EACH_KIND = """
person_id lesson_id date       start_minute mode      subject minutes_offered minutes_attended reported
anna      1         2021-09-06 480          campus    MA      60              30               true
anna      2         2021-09-06 480          campus    SV      60              60               true
anna      3         2021-09-06 600          online    MA      60              60               true
anna      4         2021-09-07 480          placement EN      60              -                false
anna      5         2021-09-07 540          unknown   EN      60              -                true
"""


class TestPlainRate:
    def test_rate_is_present_over_reported_minutes_and_other_school_activity_is_presence(self) -> None:
        """The rate is present over reported minutes; another activity of the school counts as presence."""
        tables = site(
            attendance="""
            person_id lesson_id date       minutes_attended minutes_other minutes_valid_absence minutes_invalid_absence
            anna      1         2021-09-01 60               -             -                     -
            anna      2         2021-09-01 -                60            -                     -
            anna      3         2021-09-02 50               -             -                     10
            anna      4         2021-09-03 -                -             60                    -
            """
        )
        assert matches(
            measured(attendance.rate(), tables, "HT2021"),
            """
            person_id offered_minutes reported_minutes present_minutes attended_minutes other_minutes attendance_rate
            anna      240             240              170             110              60            0.708333
            """,
        )

    def test_an_unreported_lesson_is_unknown_so_the_rate_stays_and_coverage_falls(self) -> None:
        """An unreported lesson is neither presence nor absence: the rate stays, and coverage falls."""
        reported = """
        person_id lesson_id school_id date       minutes_offered minutes_attended minutes_valid_absence reported
        anna      1         A         2021-09-01 60              60               -                     true
        anna      2         A         2021-09-02 60              30               30                    true
        """
        unreported = reported + "anna 3 A 2021-09-03 60 - - false \n anna 4 A 2021-09-04 60 - - false"
        before, after = (
            measured(attendance.rate(), site(attendance=text), "HT2021").iloc[0] for text in (reported, unreported)
        )
        assert before["attendance_rate"] == after["attendance_rate"] == 0.75
        assert before["reported_minutes"] / before["offered_minutes"] == 1.0
        assert after["reported_minutes"] / after["offered_minutes"] == 0.5

    def test_minutes_of_an_unreported_lesson_are_not_read(self) -> None:
        """Minutes that stand on a lesson without a report are not read, and a missing number on a reported one is 0."""
        tables = site(
            attendance="""
            person_id lesson_id date       minutes_offered minutes_attended minutes_valid_absence reported
            anna      1         2021-09-01 60              60               -                     false
            anna      2         2021-09-02 60              -                60                    true
            """
        )
        assert matches(
            measured(attendance.rate(), tables, "HT2021"),
            """
            person_id offered_minutes reported_minutes present_minutes valid_absence_minutes attendance_rate
            anna      120             60               0               60                    0
            """,
        )

    def test_only_lessons_in_the_table_are_offered_so_cancelled_ones_enter_no_denominator(self) -> None:
        """Cancelled lessons, planning time and lessons a pupil is exempt from never become rows, and count nowhere."""
        tables = site(
            attendance="""
            person_id lesson_id school_id date       minutes_attended
            anna      1         A         2021-09-01 60
            bo        1         A         2021-09-01 60
            bo        2         A         2021-09-02 60
            """
        )
        found = measured(attendance.rate(), tables, "HT2021")
        assert matches(found, "person_id offered_minutes reported_minutes \n anna 60 60 \n bo 120 120")

    def test_a_period_is_half_open_and_sees_what_was_known_before_its_end(self) -> None:
        """A lesson counts in the period of its date, and only if it was known before the period's end."""
        tables = site(
            attendance="""
            person_id lesson_id school_id date       minutes_attended known_from
            anna      1         A         2021-07-01 1                2021-07-01
            anna      2         A         2021-12-31 10               2021-12-31
            anna      3         A         2022-01-01 100              2022-01-01
            anna      4         A         2021-12-30 1000             2022-01-01
            """
        )
        assert matches(
            measured(attendance.rate(), tables, "HT2021", "VT2022"),
            """
            period present_minutes
            HT2021 11
            VT2022 100
            """,
        )


class TestSomeLessons:
    @pytest.mark.parametrize(
        ("mode", "offered", "reported", "present"),
        [("campus", 120, 120, 90), ("online", 60, 60, 60), ("placement", 60, 0, 0), ("unknown", 60, 60, 0)],
    )
    def test_attendance_on_campus_online_and_on_placement(
        self, mode: str, offered: int, reported: int, present: int
    ) -> None:
        """Each mode has a rate of its own; a lesson whose mode is not known is in none but `unknown`."""
        found = measured(attendance.rate(mode=mode), site(attendance=ONE_DAY_OF_EACH_KIND), "HT2021")
        columns = f"person_id offered_minutes_{mode} reported_minutes_{mode} present_minutes_{mode}"
        assert matches(found, f"{columns} \n anna {offered} {reported} {present}")

    def test_rate_of_a_subject(self) -> None:
        """A rate can be of one subject."""
        found = measured(attendance.rate(subject="MA"), site(attendance=ONE_DAY_OF_EACH_KIND), "HT2021")
        assert matches(found, "person_id present_minutes_subject_MA attendance_rate_subject_MA \n anna 90 0.75")

    def test_rate_of_weekdays(self) -> None:
        """A rate can be of weekdays: 1 is Monday, 7 Sunday."""
        tables = site(attendance=ONE_DAY_OF_EACH_KIND)
        on_mondays = measured(attendance.rate(weekdays=[1]), tables, "HT2021")
        assert matches(on_mondays, "attendance_rate_weekdays_1 \n 0.833333")
        assert matches(
            measured(attendance.rate(weekdays=(2, 1, 1)), tables, "HT2021"),
            """
            offered_minutes_weekdays_1_2 reported_minutes_weekdays_1_2 present_minutes_weekdays_1_2
            300                          240                           150
            """,
        )
        assert measured(attendance.rate(weekdays=(5,)), tables, "HT2021").empty

    def test_rate_of_lessons_that_begin_early(self) -> None:
        """A rate can be of lessons that begin before an hour: 540 minutes after midnight is nine o'clock."""
        found = measured(attendance.rate(before=540), site(attendance=ONE_DAY_OF_EACH_KIND), "HT2021")
        assert matches(found, "offered_minutes_before_540 attendance_rate_before_540 \n 180 0.75")

    def test_rate_of_the_first_lesson_of_the_day(self) -> None:
        """The first lessons are those with the day's smallest start, all that tie, reported or not."""
        found = measured(attendance.rate(position="first"), site(attendance=ONE_DAY_OF_EACH_KIND), "HT2021")
        assert matches(
            found,
            """
            person_id offered_minutes_first reported_minutes_first present_minutes_first attendance_rate_first
            anna      180                   120                    90                    0.75
            """,
        )

    def test_choices_join_and_the_first_lesson_is_found_before_the_other_choices(self) -> None:
        """Choices can be joined. The first lesson is the first of all, and then held against the others."""
        tables = site(attendance=ONE_DAY_OF_EACH_KIND)
        assert measured(attendance.rate(position="first", mode="online"), tables, "HT2021").empty
        found = measured(attendance.rate(position="first", mode="campus", weekdays=(1,)), tables, "HT2021")
        assert matches(found, "present_minutes_campus_first_weekdays_1 \n 90")

    def test_variants_stand_side_by_side(self) -> None:
        """No column of a variant bears the name of another's, so that one panel takes them all."""
        variants = [
            attendance.rate(),
            attendance.rate(mode="online"),
            attendance.rate(position="first"),
            attendance.rate(before=540),
        ]
        columns = [column for each in variants for column in (each.name, *each.columns)]
        assert len(columns) == len(set(columns))
        assert attendance.rate(weekdays=(1, 5)).key == attendance.rate(weekdays=[5, 1]).key

    @pytest.mark.parametrize(
        "choice",
        [{"mode": "home"}, {"position": "last"}, {"weekdays": (0,)}, {"weekdays": ()}, {"before": 0}, {"before": 1441}],
        ids=str,
    )
    def test_a_choice_there_is_not_is_refused(self, choice: dict[str, object]) -> None:
        """A mode, weekday or hour that does not exist is refused, and the remedy lists those that do."""
        with pytest.raises(InputError, match=r"there is no such|no weekdays") as refusal:
            attendance.rate(**choice)
        assert refusal.value.remedy


class TestSite:
    def test_a_site_without_lessons_cannot_be_asked(self) -> None:
        """Attendance makes no sense without lessons: a site that handed over none is told so."""
        with pytest.raises(KeyError, match="attendance"):
            attendance.rate().compute(known_of(site(persons="person_id \n anna"), "HT2021"))

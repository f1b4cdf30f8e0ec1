"""Patterns in absence.

How much of the absence is invalid, falls on the edges of the week, or has which recorded reason; and how much of the
teaching was online. Each is a share of minutes.
"""

from __future__ import annotations

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import attendance

A_WEEK = """
person_id lesson_id date       minutes_attended minutes_valid_absence minutes_invalid_absence reason
anna      1         2021-09-06 -                60                    -                       physical_illness
anna      2         2021-09-07 60               -                     -                       -
anna      3         2021-09-08 40               -                     20                      unknown
anna      4         2021-09-09 30               -                     30                      -
anna      5         2021-09-10 50               -                     10                      family
"""


class TestShares:
    def test_invalid_share(self) -> None:
        """The invalid share is invalid out of all absent minutes; without absence there is none."""
        tables = site(attendance=A_WEEK + "bo 6 2021-09-06 60 - - -")
        assert matches(
            measured(attendance.invalid_share(), tables, "HT2021"),
            """
            person_id invalid_minutes absent_minutes invalid_share
            anna      60              120            0.5
            bo        0               0              -
            """,
        )

    def test_absence_on_mondays_and_fridays(self) -> None:
        """Minutes absent on Mondays and Fridays, out of all minutes absent."""
        assert matches(
            measured(attendance.monday_friday_share(), site(attendance=A_WEEK), "HT2021"),
            """
            monday_friday_absent_minutes weekly_absent_minutes monday_friday_share
            70                           120                   0.583333
            """,
        )

    def test_a_reason_is_held_against_absence_with_a_recorded_reason(self) -> None:
        """A reason's share is of the minutes with any reason recorded, `unknown` too; coverage tells of the rest."""
        found = measured(attendance.absence_reason("physical_illness"), site(attendance=A_WEEK), "HT2021")
        assert matches(
            found,
            """
            reason_minutes_physical_illness any_reason_minutes_physical_illness away_minutes_physical_illness
            60                              90                                  120
            """,
        )
        found = measured(attendance.absence_reason("unknown"), site(attendance=A_WEEK), "HT2021")
        assert matches(found, "absence_reason_unknown \n 0.222222")

    def test_a_reason_there_is_not_is_refused(self) -> None:
        """Reasons are coded; another is refused, and the remedy lists those there are."""
        with pytest.raises(InputError, match="no such reason") as refusal:
            attendance.absence_reason("tired")
        assert "mental_illhealth" in str(refusal.value.remedy)

    def test_online_share_is_of_the_lessons_whose_mode_is_known(self) -> None:
        """Teaching online is minutes offered online out of those of known mode, reported or not."""
        tables = site(
            attendance="""
            person_id lesson_id date       mode      minutes_offered reported
            anna      1         2021-09-01 online    60              false
            anna      2         2021-09-02 campus    60              true
            anna      3         2021-09-03 placement 120             true
            anna      4         2021-09-04 unknown   60              true
            """
        )
        assert matches(
            measured(attendance.online_share(), tables, "HT2021"),
            """
            online_minutes known_mode_minutes any_mode_minutes online_share
            60             240                300              0.25
            """,
        )

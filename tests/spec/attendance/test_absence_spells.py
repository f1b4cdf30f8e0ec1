"""Spells of absence and streaks of full attendance.

A spell is absent days in a row, in the order of the person's school days, within one school year (1 July to 30 June).
Its running length on a day is its absent days so far. So a measure of a period counts what led up to the period, and
never what came after it.
"""

from __future__ import annotations

import pandas as pd
import pytest

from drawn_measures import known_of, measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import attendance
from evalkit.values import Tables

WORDS = {"absent": "- 60 true", "present": "60 - true", "unknown": "- - false", "late": "50 10 true"}


def days(**told: str) -> Tables:
    """Return a site with one lesson a day: ``anna="2021-09-01 absent ..."``, in pairs."""
    lines = ["person_id lesson_id date minutes_offered minutes_attended minutes_valid_absence reported"]
    for person, text in told.items():
        words = text.split()
        for number, (day, word) in enumerate(zip(words[::2], words[1::2], strict=True)):
            lines.append(f"{person} {person}{number} {day} 60 {WORDS[word]}")
    return site(attendance="\n".join(lines))


WEEKENDS_AND_UNKNOWN = days(
    anna="""
    2021-09-02 absent   2021-09-03 absent  2021-09-06 unknown  2021-09-07 absent
    2021-09-08 present  2021-09-09 absent  2021-09-10 late
    """
)


class TestLongestSpell:
    def test_a_spell_goes_on_over_days_without_lessons_and_bridges_unknown_days(self) -> None:
        """Days without lessons do not end a spell. An unknown day neither ends a spell nor counts in it."""
        found = measured(attendance.longest_spell(), WEEKENDS_AND_UNKNOWN, "HT2021")
        assert matches(found, "person_id longest_spell \n anna 3")

    def test_unknown_days_end_a_spell_where_that_is_asked(self) -> None:
        """With `unreported="ends"`, a day without any reported minute ends a spell."""
        found = measured(attendance.longest_spell(unreported="ends"), WEEKENDS_AND_UNKNOWN, "HT2021")
        assert matches(found, "person_id longest_spell_ends \n anna 2")

    def test_the_running_length_counts_days_before_the_period_and_none_after(self) -> None:
        """The length on a day counts the spell's days before the period too, and none that come after it."""
        tables = days(
            anna="""
            2021-09-02 absent  2021-09-03 absent  2021-09-06 absent  2021-09-13 absent  2021-09-14 present
            """
        )
        weeks = ["2021-W35", "2021-W36", "2021-W37", "2021-W38"]
        found = measured(attendance.longest_spell(), tables, *weeks)
        assert matches(found, "period longest_spell \n 2021-W35 2 \n 2021-W36 3 \n 2021-W37 4")

    def test_a_period_says_the_same_whichever_others_it_is_asked_with(self) -> None:
        """What is found of a period does not depend on the other periods of the panel."""
        tables = days(anna="2021-09-02 absent 2021-09-06 absent 2021-09-13 absent 2021-09-20 present 2021-09-21 absent")
        weeks = ["2021-W35", "2021-W36", "2021-W37", "2021-W38"]
        together = measured(attendance.longest_spell(), tables, *weeks)
        alone = [measured(attendance.longest_spell(), tables, week) for week in weeks]
        assert together.to_dict("list") == pd.concat(alone).to_dict("list")
        apart = measured(attendance.longest_spell(), tables, weeks[0], weeks[3])
        assert matches(apart, "period longest_spell \n 2021-W35 1 \n 2021-W38 1")

    def test_a_spell_ends_with_the_school_year(self) -> None:
        """A spell ends with the school year; `over_summer=True` lets it go on."""
        tables = days(anna="2021-06-10 absent 2021-06-11 absent 2021-08-17 absent 2021-08-18 absent")
        found = measured(attendance.longest_spell(), tables, "VT2021", "HT2021")
        assert matches(found, "period longest_spell \n HT2021 2 \n VT2021 2")
        found = measured(attendance.longest_spell(over_summer=True), tables, "HT2021")
        assert matches(found, "period longest_spell_over_summer \n HT2021 4")

    def test_without_absence_the_longest_spell_is_0(self) -> None:
        """A person with school days and no absent one has a longest spell of 0."""
        found = measured(attendance.longest_spell(), days(anna="2021-09-01 present 2021-09-02 unknown"), "HT2021")
        assert matches(found, "longest_spell \n 0")

    def test_each_row_of_a_grid_may_have_a_window_of_its_own(self) -> None:
        """In a criterion, where windows are the persons' own, spells reach back before the window just the same."""
        tables = days(anna="2021-09-02 absent 2021-09-03 absent 2021-09-06 absent 2021-09-07 present")
        known = known_of(tables, "2021-W36", shared=False)
        found = attendance.longest_spell().compute(known).execute()
        assert matches(found, "person_id period longest_spell \n anna 2021-W36 3")


class TestWhatWasKnown:
    LATE = """
    person_id lesson_id date       minutes_attended minutes_valid_absence known_from
    anna      1         2021-09-06 -                60                    2021-09-06
    anna      2         2021-09-07 60               -                     2021-09-20
    anna      3         2021-09-13 -                60                    2021-09-13
    anna      4         2021-09-20 -                60                    2021-09-20
    bo        1         2021-09-06 -                60                    2021-09-06
    bo        2         2021-09-13 -                60                    2021-09-13
    """

    def test_a_day_learnt_late_breaks_a_spell_from_then_on_and_not_before(self) -> None:
        """Each period sees the earlier days as they were known before its own end.

        A present day that was reported two weeks later does not break the spell in the weeks before the report.
        """
        found = measured(attendance.longest_spell(), site(attendance=self.LATE), "2021-W36", "2021-W37", "2021-W38")
        assert matches(
            found,
            """
            person_id period   longest_spell
            anna      2021-W36 1
            anna      2021-W37 2
            anna      2021-W38 2
            bo        2021-W36 1
            bo        2021-W37 2
            """,
        )


class TestSpells:
    def test_spells_are_counted_on_the_day_they_reach_the_length(self) -> None:
        """A spell counts in the period in which it becomes so long, and never again."""
        tables = days(
            anna="""
            2021-09-03 absent  2021-09-06 absent  2021-09-07 absent   2021-09-08 present
            2021-09-09 absent  2021-09-13 absent  2021-09-14 present  2021-09-15 absent
            """
        )
        weeks = ["2021-W35", "2021-W36", "2021-W37"]
        found = measured(attendance.spells(), tables, *weeks)
        assert matches(found, "period spells \n 2021-W35 1 \n 2021-W36 1 \n 2021-W37 1")
        found = measured(attendance.spells(2), tables, *weeks)
        assert matches(found, "period spells_2 \n 2021-W35 0 \n 2021-W36 1 \n 2021-W37 1")

    def test_a_long_spell_is_five_or_ten_absent_days(self) -> None:
        """Long is 5 absent days in a row, very long 10: named, dated thresholds of this project."""
        weekdays = [day.date().isoformat() for day in pd.bdate_range("2021-09-01", periods=10)]
        nine = days(anna=" ".join(f"{day} absent" for day in weekdays[:9]))
        ten = days(anna=" ".join(f"{day} absent" for day in weekdays))
        assert matches(measured(attendance.long_spell(), nine, "HT2021"), "long_spell_5 \n 1")
        assert matches(measured(attendance.long_spell("very_long"), nine, "HT2021"), "long_spell_10 \n 0")
        assert matches(measured(attendance.long_spell(10), ten, "HT2021"), "long_spell_10 \n 1")
        assert attendance.long_spell().key == attendance.long_spell(5).key

    def test_a_spell_too_short_is_not_long_and_unknown_days_tell_nothing(self) -> None:
        """Without a known day in the period there is no flag."""
        tables = days(
            anna="2021-09-01 absent 2021-09-02 absent 2021-09-03 absent 2021-09-06 absent", bo="2021-09-01 unknown"
        )
        assert matches(measured(attendance.long_spell(), tables, "HT2021"), "person_id long_spell_5 \n anna 0")

    def test_a_length_or_treatment_there_is_not_is_refused(self) -> None:
        """A spell has at least a day; unreported days bridge it or end it."""
        with pytest.raises(InputError, match="at least one day"):
            attendance.spells(0)
        with pytest.raises(InputError, match="at least one day"):
            attendance.long_spell(0)
        with pytest.raises(InputError, match="called so") as refusal:
            attendance.long_spell("severe")
        assert "very_long" in str(refusal.value.remedy)
        with pytest.raises(InputError, match="treatment of unreported days"):
            attendance.longest_spell(unreported="ignored")


class TestStreaks:
    def test_a_streak_is_days_without_a_minute_absent(self) -> None:
        """A streak is days in a row with reported minutes and none absent; unknown days are bridged, others end it."""
        tables = days(
            anna="""
            2021-09-01 present  2021-09-02 present  2021-09-03 unknown  2021-09-06 present  2021-09-07 late
            2021-09-08 present  2021-09-09 absent   2021-09-10 present
            """
        )
        found = measured(attendance.longest_streak(), tables, "2021-W35", "2021-W36")
        assert matches(found, "period longest_streak \n 2021-W35 2 \n 2021-W36 3")

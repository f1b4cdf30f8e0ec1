"""From absence to contact.

A contact about absence answers an absence if an absent day lies between the last present day before the contact and
the contact itself, its own day included. Only the first contact that does so counts for that absence.
"""

from __future__ import annotations

import pandas as pd
import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import attendance
from evalkit.values import Tables

LESSONS = """
person_id lesson_id date       minutes_attended minutes_valid_absence
anna      1         2021-09-01 60               -
anna      2         2021-09-02 -                60
anna      3         2021-09-03 -                60
anna      4         2021-09-06 -                60
anna      5         2021-09-07 -                60
anna      6         2021-09-08 -                60
anna      7         2021-09-09 60               -
anna      8         2021-09-10 -                60
anna      9         2021-09-13 60               -
"""


def contacted(*days: str, about: str = "absence", lessons: str = LESSONS, known: str = "") -> Tables:
    lines = ["contact_id person_id date unit channel about reached known_from"]
    lines += [f"{day} anna {day} school call {about} true {known or day}" for day in days]
    return site(attendance=lessons, contacts="\n".join(lines))


def waited(tables: Tables, *periods: str) -> list[float]:
    return measured(attendance.days_to_contact(), tables, *periods)["days_to_contact"].tolist()


class TestDaysToContact:
    def test_days_from_the_last_present_day_to_the_first_contact_after_an_absent_day(self) -> None:
        """The time is calendar days from the last present day to the first contact after it."""
        assert waited(contacted("2021-09-03", "2021-09-06", "2021-09-11"), "HT2021") == [2.0]
        assert waited(contacted("2021-09-06"), "HT2021") == [5.0]

    def test_each_absence_answered_counts(self) -> None:
        """A person's time is the mean over the absences that were answered in the period."""
        found = measured(attendance.days_to_contact(), contacted("2021-09-06", "2021-09-10"), "HT2021")
        assert matches(found, "person_id days_to_contact \n anna 3")

    def test_contact_on_the_first_absent_day_counts_and_contact_before_any_does_not(self) -> None:
        """Contact on the absent day itself answers it. Contact before any absent day answers nothing."""
        assert waited(contacted("2021-09-02"), "HT2021") == [1.0]
        assert waited(contacted("2021-09-01"), "HT2021") == []

    def test_after_a_present_day_a_contact_answers_no_absence(self) -> None:
        """Contact after the person is back, and not away again, answers nothing."""
        assert waited(contacted("2021-09-14"), "HT2021") == []

    def test_an_answer_in_an_earlier_period_is_the_first_in_later_ones_too(self) -> None:
        """What was answered in an earlier period is not answered again; what began in it can be."""
        assert waited(contacted("2021-09-03", "2021-09-06"), "2021-W36") == []
        assert waited(contacted("2021-09-06"), "2021-W36") == [5.0]

    def test_a_contact_known_too_late_or_about_something_else_answers_nothing(self) -> None:
        """A contact counts if it is about absence and was known before the period's end."""
        assert waited(contacted("2021-09-03", about="progression"), "HT2021") == []
        assert waited(contacted("2021-09-03", known="2022-01-01"), "HT2021") == []

    def test_the_last_present_day_lies_in_the_same_school_year(self) -> None:
        """Nobody is counted as away over the summer: the last present day lies in the school year of the contact."""
        lessons = """
        person_id lesson_id date       minutes_attended minutes_valid_absence
        anna      1         2021-06-10 60               -
        anna      2         2021-08-17 -                60
        """
        assert waited(contacted("2021-08-18", lessons=lessons), "HT2021") == []


class TestSpellsContacted:
    def due(self, *days: str) -> pd.DataFrame:
        return measured(attendance.spells_contacted(), contacted(*days), "2021-09")

    @pytest.mark.parametrize(
        ("day", "answered"),
        [("2021-09-02", 0), ("2021-09-03", 1), ("2021-09-22", 1), ("2021-09-23", 0)],
    )
    def test_contact_counts_after_the_first_day_and_within_14_days_of_the_fifth(self, day: str, answered: int) -> None:
        """A spell of 5 days is answered by contact after its first day and at most 14 days after its fifth."""
        found = self.due(day)
        assert matches(found, f"person_id contacted_spells due_spells \n anna {answered} 1")

    def test_several_contacts_answer_a_spell_once(self) -> None:
        """A spell that was answered twice is one spell answered."""
        assert matches(self.due("2021-09-03", "2021-09-06"), "contacted_spells due_spells spells_contacted \n 1 1 1")

    def test_a_spell_counts_in_the_period_in_which_its_time_ends(self) -> None:
        """A spell is due, answered or not, in the period in which its 14 days end, so that all had as long."""
        found = measured(attendance.spells_contacted(), contacted("2021-09-06"), "2021-W36", "2021-W37", "2021-W38")
        assert matches(found, "period contacted_spells due_spells \n 2021-W38 1 1")

    def test_time_for_contact_may_end_after_the_summer(self) -> None:
        """The time for contact may end in the next school year, though no spell goes on into it."""
        lessons = """
        person_id lesson_id date       minutes_valid_absence
        anna      1         2021-06-28 60
        anna      2         2021-06-29 60
        """
        measure = attendance.spells_contacted(2)
        for periods in (["HT2021"], ["VT2021", "HT2021"]):
            found = measured(measure, contacted("2021-07-05", lessons=lessons), *periods)
            assert matches(found, "period contacted_spells_2_within_14 due_spells_2_within_14 \n HT2021 1 1")

    def test_a_time_that_ends_before_it_begins_is_refused(self) -> None:
        """The time for contact is days from 0."""
        with pytest.raises(InputError, match="time for contact"):
            attendance.spells_contacted(within=-1)

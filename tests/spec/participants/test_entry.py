"""Participants at entry.

Age, employment and education are those of the day a participant first entered a project; a return changes nothing.
"""

from __future__ import annotations

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.measures import participants

PARTICIPANTS = """
person_id project start      end        employment_at_entry education_at_entry
anna      p1      2021-09-01 2021-10-01 unemployed          isced_0_2
anna      p1      2021-11-01 -          employed            isced_3_4
bo        p2      2021-09-01 -          -                   -
"""


class TestAge:
    def test_who_turns_18_the_day_after_entry_is_17(self) -> None:
        """Age is in whole years on the day of entry: who turns 18 the day after is 17, who turns 18 that day is 18."""
        tables = site(
            persons="""
            person_id birth_date
            anna      2003-09-02
            bo        2003-09-01
            cia       -
            """,
            participants="""
            person_id project start
            anna      p1      2021-09-01
            bo        p1      2021-09-01
            cia       p1      2021-09-01
            """,
        )
        assert matches(
            measured(participants.age_at_entry(), tables, "HT2021"),
            """
            person_id period age_at_entry
            anna      HT2021 17
            bo        HT2021 18
            """,
        )

    @pytest.mark.parametrize(
        ("entry", "age"),
        [("2022-02-27", 17), ("2022-02-28", 18), ("2024-02-28", 19), ("2024-02-29", 20)],
    )
    def test_the_leap_day_is_the_last_of_february_in_other_years(self, entry: str, age: int) -> None:
        """Who was born on 29 February has a birthday on 28 February in years that lack the day."""
        tables = site(
            persons="person_id birth_date \n anna 2004-02-29",
            participants=f"person_id project start \n anna p1 {entry}",
        )
        assert measured(participants.age_at_entry(), tables, entry[:4])["age_at_entry"].tolist() == [age]

    def test_a_return_keeps_the_first_entry(self) -> None:
        """Who returns to the project keeps the age of the first entry; who has not entered yet has none."""
        tables = site(
            persons="person_id birth_date \n anna 2003-10-01 \n bo 2000-01-01",
            participants=PARTICIPANTS,
        )
        assert matches(
            measured(participants.age_at_entry("p1"), tables, "2021-09", "2021-12"),
            """
            person_id period  age_at_entry
            anna      2021-09 17
            anna      2021-12 17
            """,
        )


class TestRecordedAtEntry:
    def test_employment_is_that_of_the_first_entry(self) -> None:
        """Employment at entry is what the project recorded first; where it recorded nothing it is missing."""
        assert matches(
            measured(participants.employment_at_entry(), site(participants=PARTICIPANTS), "HT2021"),
            """
            person_id employment_at_entry
            anna      unemployed
            """,
        )

    def test_education_is_that_of_the_first_entry(self) -> None:
        """So is education."""
        assert matches(
            measured(participants.education_at_entry("p1"), site(participants=PARTICIPANTS), "HT2021"),
            """
            person_id education_at_entry
            anna      isced_0_2
            """,
        )

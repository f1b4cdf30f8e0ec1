"""Exposure to dialogue forums, time since, and dose.

What a person is exposed to is what the person's school has held before the period's end. Nothing tells who took part.
In the examples everyone goes to school A unless the test says otherwise.
"""

from __future__ import annotations

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import forums

PERSONS = "person_id \n anna"
FORUMS = """
forum_id school_id date       station groups participants
f1       A         2022-03-01 1       4       22
f1       A         2022-03-01 2       4       20
f2       A         2022-09-01 1       3       15
f3       B         2021-09-01 1       5       30
"""


class TestExposed:
    def test_exposed_is_who_goes_to_a_school_that_has_held_a_forum(self) -> None:
        """A pupil is exposed from the period in which the school first held a forum, and stays so."""
        assert matches(
            measured(forums.exposed(), site(persons=PERSONS, forums=FORUMS), "HT2021", "VT2022", "HT2022"),
            """
            person_id period forum_exposed
            anna      HT2021 0
            anna      HT2022 1
            anna      VT2022 1
            """,
        )

    def test_exposure_follows_the_school_a_person_goes_to(self) -> None:
        """Who goes to school B is exposed by the forum of school B."""
        tables = site(persons=PERSONS, forums=FORUMS)
        assert measured(forums.exposed(), tables, "HT2021", school="B")["forum_exposed"].tolist() == [1]

    def test_a_forum_known_later_exposes_nobody_before(self) -> None:
        """A forum that became known after a period's end exposes nobody in that period."""
        tables = site(
            persons=PERSONS,
            forums="""
            forum_id school_id date       known_from
            f1       A         2022-03-01 2022-07-01
            """,
        )
        assert matches(
            measured(forums.exposed(), tables, "VT2022", "HT2022"),
            """
            period forum_exposed
            HT2022 1
            VT2022 0
            """,
        )

    def test_a_site_without_forums_exposes_nobody(self) -> None:
        """Where the site handed over no forums nobody is exposed, and no dose is above nought."""
        tables = site(persons=PERSONS)
        assert measured(forums.exposed(), tables, "HT2021")["forum_exposed"].tolist() == [0]
        assert measured(forums.dose(), tables, "HT2021")["forum_dose_forums"].tolist() == [0]
        assert measured(forums.weeks_since_first(), tables, "HT2021").empty


class TestWeeksSinceFirst:
    def test_whole_weeks_from_the_first_forum_to_the_periods_end(self) -> None:
        """From 1 March to 30 June are 122 days, 17 whole weeks; a second forum does not start the clock again."""
        assert matches(
            measured(forums.weeks_since_first(), site(persons=PERSONS, forums=FORUMS), "HT2021", "VT2022", "HT2022"),
            """
            person_id period forum_weeks
            anna      HT2022 43
            anna      VT2022 17
            """,
        )


class TestDose:
    @pytest.mark.parametrize(
        ("of", "spring", "autumn"), [("forums", 1, 2), ("stations", 2, 3), ("groups", 4, 7), ("participants", 22, 37)]
    )
    def test_dose_adds_up_over_forums(self, of: str, spring: int, autumn: int) -> None:
        """Forums and stations are counted; groups go round the stations, so a forum has those of its fullest one."""
        found = measured(
            forums.dose(of),  # type: ignore[arg-type]
            site(persons=PERSONS, forums=FORUMS),
            "HT2021",
            "VT2022",
            "HT2022",
        )
        assert found[f"forum_dose_{of}"].tolist() == [0, autumn, spring]

    def test_a_dose_that_was_not_recorded_is_missing(self) -> None:
        """Where the groups of one forum were not recorded, the dose in groups is missing, not too low."""
        tables = site(
            persons=PERSONS,
            forums="""
            forum_id school_id date       station groups
            f1       A         2022-03-01 1       4
            f2       A         2022-04-01 1       -
            """,
        )
        assert matches(
            measured(forums.dose("groups"), tables, "VT2022"),
            """
            person_id forum_dose_groups
            anna      -
            """,
        )
        assert measured(forums.dose("stations"), tables, "VT2022")["forum_dose_stations"].tolist() == [2]

    def test_a_dose_that_there_is_not_is_refused(self) -> None:
        with pytest.raises(InputError, match="no dose 'hours'"):
            forums.dose("hours")  # type: ignore[arg-type]

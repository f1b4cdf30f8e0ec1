"""Staff, and how far the model is in use.

Staff answer before and after; means are told per unit. Each component of the model stands on a scale from 0 (not begun)
to 4 (wholly in use) in each municipality.
"""

from __future__ import annotations

from datetime import date

import ibis
import pandas as pd
import pytest

from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import participants

STAFF = """
respondent_id wave  date       unit item answer training_hours
r1            före  2022-11-01 vux  a    2      0
r1            före  2022-11-01 vux  b    3      0
r2            före  2022-11-01 vux  a    4      0
r2            före  2022-11-01 vux  b    -      0
r3            före  2022-11-01 ifo  a    3      0
r3            före  2022-11-01 ifo  b    4      0
r1            efter 2025-11-01 vux  a    3      12
r1            efter 2025-11-01 vux  b    4      12
r3            efter 2025-11-01 ame  a    4      8
r3            efter 2025-11-01 ame  b    4      8
"""
IMPLEMENTATION = """
municipality component date       step    decision_date
1780         plan      2023-01-01 planned -
1780         plan      2024-01-01 pilot   2023-12-01
1780         plan      2026-01-01 partial 2023-12-01
1780         plan      2027-01-01 pilot   2023-12-01
1880         plan      2026-01-01 full    2025-06-01
"""


def ordered(table: ibis.Table, *keys: str) -> pd.DataFrame:
    return table.execute().sort_values(list(keys), ignore_index=True)


class TestStaff:
    def test_the_index_is_averaged_over_respondents_per_unit_and_wave(self) -> None:
        """A respondent's mean counts with two thirds of the items answered: r2 was asked, and has no index."""
        assert matches(
            ordered(participants.staff_index(site(staff_survey=STAFF)), "wave", "unit"),
            """
            unit wave  asked staff index_mean training_hours
            ame  efter 1     1     4          8
            vux  efter 1     1     3.5        12
            ifo  före  1     1     3.5        0
            vux  före  2     1     2.5        0
            """,
        )

    def test_change_is_within_the_same_respondents(self) -> None:
        """Only those with an index in both waves are compared, in the unit they work in afterwards."""
        assert matches(
            ordered(participants.staff_change(site(staff_survey=STAFF), before="före", after="efter"), "unit"),
            """
            unit staff before_mean after_mean change_mean risen
            ame  1     3.5         4          0.5         0
            vux  1     2.5         3.5        1           1
            """,
        )

    def test_items_and_the_share_answered_can_be_chosen(self) -> None:
        """With item a alone, and half of the items enough, r2 has an index too."""
        tables = site(staff_survey=STAFF)
        chosen = participants.staff_index(tables, items=("a",)).filter(ibis._.wave == "före", ibis._.unit == "vux")
        half = participants.staff_index(tables, answered_share=0.5).filter(ibis._.wave == "före", ibis._.unit == "vux")
        assert matches(chosen.execute(), "asked staff index_mean \n 2 2 3")
        assert matches(half.execute(), "asked staff index_mean \n 2 2 3.25")

    def test_no_respondent_is_named(self) -> None:
        """Respondents are counted and never named."""
        tables = site(staff_survey=STAFF)
        told = [
            participants.staff_index(tables),
            participants.staff_change(tables, before="före", after="efter"),
        ]
        assert not any("respondent_id" in table.columns for table in told)

    def test_a_wave_is_not_compared_with_itself(self) -> None:
        with pytest.raises(InputError, match="not compared with itself"):
            participants.staff_change(site(staff_survey=STAFF), before="före", after="före")


class TestImplementation:
    def test_the_degree_is_the_latest_judgement_by_a_day(self) -> None:
        """By the end of 2024 the plan is a pilot (2), decided on in 2023; the other municipality is not judged yet."""
        assert matches(
            ordered(
                participants.implementation_degree(site(implementation=IMPLEMENTATION), on=date(2024, 12, 31)),
                "municipality",
            ),
            """
            municipality component degree judged     decided
            1780         plan      2      2024-01-01 2023-12-01
            """,
        )

    def test_a_decision_after_the_day_is_not_seen(self) -> None:
        """In the autumn of 2023 the plan is planned (1), and no decision was taken."""
        assert matches(
            ordered(
                participants.implementation_degree(site(implementation=IMPLEMENTATION), on=date(2023, 9, 1)),
                "municipality",
            ),
            """
            municipality component degree judged     decided
            1780         plan      1      2023-01-01 -
            """,
        )

    def test_persistence_compares_with_the_first_judgement_six_months_after_the_end(self) -> None:
        """The project ended on 30 June 2026: what stepped down does not persist; what was not judged is missing."""
        found = participants.implementation_persistence(site(implementation=IMPLEMENTATION), end=date(2026, 6, 30))
        assert matches(
            ordered(found, "municipality"),
            """
            municipality component degree_at_end degree_after persists
            1780         plan      3             2            0
            1880         plan      4             -            -
            """,
        )

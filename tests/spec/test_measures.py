"""Measures: what is told of a person in a period, from facts known before the period's end."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest

from drawn_tables import drawn, matches, site
from evalkit.errors import InputError
from evalkit.measures import attendance, connectedness, forums
from evalkit.values import Measure, Tables

AUTUMN = """
person_id period start      end        school_id
anna      HT2021 2021-07-01 2022-01-01 A
bo        HT2021 2021-07-01 2022-01-01 A
"""
BOTH_TERMS = """
person_id period start      end        school_id
anna      HT2021 2021-07-01 2022-01-01 A
anna      VT2022 2022-01-01 2022-07-01 A
"""
GRID = {"person_id": "string", "period": "string", "start": "date", "end": "date", "school_id": "string"}


def measured(measure: Measure, tables: Tables, grid: str) -> pd.DataFrame:
    rows = pd.DataFrame(drawn(grid))
    rows = rows.assign(start=pd.to_datetime(rows["start"]), end=pd.to_datetime(rows["end"]))
    found = measure.compute(tables, ibis.memtable(rows, schema=GRID)).execute()
    assert list(found.columns) == ["person_id", "period", *measure.columns]
    return found.sort_values(["person_id", "period"], ignore_index=True)


class TestAttendance:
    def test_rate_is_present_over_reported_minutes_and_other_school_activity_is_presence(self) -> None:
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
            measured(attendance.rate(), tables, AUTUMN),
            """
            person_id period offered_minutes reported_minutes present_minutes attended_minutes other_minutes
            anna      HT2021 240             240              170             110              60
            """,
        )

    def test_an_unreported_lesson_is_unknown_so_the_rate_stays_and_coverage_falls(self) -> None:
        reported = """
        person_id lesson_id school_id date       minutes_offered minutes_attended minutes_valid_absence reported
        anna      1         A         2021-09-01 60              60               -                     true
        anna      2         A         2021-09-02 60              30               30                    true
        """
        unreported = reported + "anna 3 A 2021-09-03 60 - - false \n anna 4 A 2021-09-04 60 - - false"
        before, after = (
            measured(attendance.rate(), site(attendance=text), AUTUMN).iloc[0] for text in (reported, unreported)
        )
        assert before["present_minutes"] / before["reported_minutes"] == 0.75
        assert after["present_minutes"] / after["reported_minutes"] == 0.75
        assert before["reported_minutes"] / before["offered_minutes"] == 1.0
        assert after["reported_minutes"] / after["offered_minutes"] == 0.5

    def test_only_lessons_in_the_table_are_offered_so_cancelled_ones_enter_no_denominator(self) -> None:
        # cancelled events, Läraraktivitet and participates=false never become rows (the door leaves them out)
        tables = site(
            attendance="""
            person_id lesson_id school_id date       minutes_attended
            anna      1         A         2021-09-01 60
            bo        1         A         2021-09-01 60
            bo        2         A         2021-09-02 60
            """
        )
        found = measured(attendance.rate(), tables, AUTUMN)
        assert matches(found, "person_id offered_minutes reported_minutes \n anna 60 60 \n bo 120 120")

    def test_valid_absence_raises_the_same_flag_as_invalid(self) -> None:
        tables = site(
            attendance="""
            person_id lesson_id school_id date       minutes_attended minutes_valid_absence minutes_invalid_absence
            anna      1         A         2021-09-01 60               40                    0
            bo        1         A         2021-09-01 60               0                     40
            """
        )
        assert matches(
            measured(attendance.high_absence(0.15), tables, AUTUMN), "person_id high_absence \n anna 1 \n bo 1"
        )
        assert matches(measured(attendance.band(), tables, AUTUMN), "person_id absence_band \n anna 30-50 \n bo 30-50")

    @pytest.mark.parametrize(
        ("absent", "flag", "band"),
        [
            (0, 0, "0-5"),
            (499, 0, "0-5"),
            (500, 0, "5-10"),
            (1000, 0, "10-15"),
            (1499, 0, "10-15"),
            (1500, 1, "15-20"),
            (2000, 1, "20-30"),
            (3000, 1, "30-50"),
            (5000, 1, "50-100"),
            (10000, 1, "50-100"),
        ],
    )
    def test_a_band_holds_its_lower_edge_and_the_last_everything_above(self, absent: int, flag: int, band: str) -> None:
        tables = site(
            attendance=f"""
            person_id lesson_id school_id date       minutes_attended minutes_invalid_absence
            anna      1         A         2021-09-01 {10000 - absent} {absent}
            """
        )
        assert measured(attendance.high_absence(), tables, AUTUMN)["high_absence"].tolist() == [flag]
        assert measured(attendance.band(), tables, AUTUMN)["absence_band"].tolist() == [band]

    def test_without_reported_minutes_there_is_neither_flag_nor_band(self) -> None:
        tables = site(
            attendance="""
            person_id lesson_id school_id date       minutes_offered reported
            anna      1         A         2021-09-01 60              false
            """
        )
        assert measured(attendance.high_absence(), tables, AUTUMN).empty
        assert measured(attendance.band(), tables, AUTUMN).empty
        assert matches(measured(attendance.rate(), tables, AUTUMN), "offered_minutes reported_minutes \n 60 0")

    def test_a_period_is_half_open_and_sees_what_was_known_before_its_end(self) -> None:
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
            measured(attendance.rate(), tables, BOTH_TERMS), "period present_minutes \n HT2021 11 \n VT2022 100"
        )

    @pytest.mark.parametrize("threshold", [0, -0.1, 1.1])
    def test_a_threshold_that_is_no_share_is_refused(self, threshold: float) -> None:
        with pytest.raises(InputError, match="no share"):
            attendance.high_absence(threshold)


class TestConnectedness:
    def test_index_is_the_mean_of_answered_items_if_two_thirds_are_answered(self) -> None:
        tables = site(
            survey="""
            person_id wave   date       item answer
            anna      HT2021 2021-11-01 a    4
            anna      HT2021 2021-11-01 b    3
            anna      HT2021 2021-11-01 c    -
            bo        HT2021 2021-11-01 a    4
            bo        HT2021 2021-11-01 b    -
            bo        HT2021 2021-11-01 c    -
            """
        )
        assert matches(measured(connectedness.index(), tables, AUTUMN), "person_id connectedness_index \n anna 3.5")

    def test_items_left_out_count_as_unanswered(self) -> None:
        tables = site(
            survey="""
            person_id wave   date       item answer
            anna      HT2021 2021-11-01 a    4
            bo        HT2021 2021-11-01 a    1
            bo        HT2021 2021-11-01 b    2
            bo        HT2021 2021-11-01 c    3
            """
        )
        assert matches(measured(connectedness.index(), tables, AUTUMN), "person_id connectedness_index \n bo 2")

    def test_the_latest_wave_of_the_term_counts_and_no_older_one_stands_in_for_it(self) -> None:
        tables = site(
            survey="""
            person_id wave   date       item answer known_from
            anna      HT2021 2021-09-01 a    1      2021-09-01
            anna      VT2022 2021-12-01 a    4      2021-12-01
            bo        HT2021 2021-09-01 a    1      2021-09-01
            bo        VT2022 2021-12-01 a    -      2021-12-01
            """
        )
        assert matches(measured(connectedness.index(), tables, AUTUMN), "person_id connectedness_index \n anna 4")

    def test_answers_known_after_the_term_are_not_seen(self) -> None:
        tables = site(
            survey="""
            person_id wave   date       item answer known_from
            anna      HT2021 2021-12-01 a    4      2022-01-01
            """
        )
        assert measured(connectedness.index(), tables, BOTH_TERMS).empty

    def test_a_site_without_a_survey_has_no_index(self) -> None:
        assert measured(connectedness.index(), site(), AUTUMN).empty


class TestForums:
    GRID = """
    person_id period start      end        school_id
    anna      HT2021 2021-07-01 2022-01-01 A
    anna      VT2022 2022-01-01 2022-07-01 A
    anna      HT2022 2022-07-01 2023-01-01 B
    bo        HT2022 2022-07-01 2023-01-01 A
    """

    def test_exposed_is_who_goes_to_a_school_that_has_held_a_forum(self) -> None:
        tables = site(
            forums="""
            forum_id school_id date       station
            f1       A         2022-03-01 1
            f1       A         2022-03-01 2
            """
        )
        assert matches(
            measured(forums.exposed(), tables, self.GRID),
            """
            person_id period forum_exposed
            anna      HT2021 0
            anna      HT2022 0
            anna      VT2022 1
            bo        HT2022 1
            """,
        )

    def test_a_forum_known_later_exposes_nobody_before(self) -> None:
        tables = site(forums="forum_id school_id date known_from \n f1 A 2022-03-01 2022-07-01")
        found = measured(forums.exposed(), tables, self.GRID)
        assert found["forum_exposed"].tolist() == [0, 0, 0, 1]

    def test_a_site_without_forums_exposes_nobody(self) -> None:
        assert measured(forums.exposed(), site(), self.GRID)["forum_exposed"].tolist() == [0, 0, 0, 0]

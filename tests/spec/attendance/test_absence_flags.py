"""Bands and flags of absence.

Flags are held against total absence, valid and invalid alike: no law sets a number, and none of the thresholds in use
asks whether absence was excused. Every threshold has a name, a day from which it is in force, and a source.
"""

from __future__ import annotations

from datetime import date

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import attendance
from evalkit.values import Tables


def absent(minutes: int, *, of: int = 10000, kind: str = "invalid") -> Tables:
    return site(
        attendance=f"""
        person_id lesson_id date       minutes_attended minutes_{kind}_absence
        anna      1         2021-09-01 {of - minutes}   {minutes}
        """
    )


class TestBands:
    @pytest.mark.parametrize(
        ("minutes", "flag", "band"),
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
    def test_a_band_holds_its_lower_edge_and_the_last_everything_above(
        self, minutes: int, flag: int, band: str
    ) -> None:
        """A band holds its lower edge and not its upper one; the last holds everything above."""
        tables = absent(minutes)
        assert measured(attendance.high_absence(), tables, "HT2021")["high_absence"].tolist() == [flag]
        assert measured(attendance.band(), tables, "HT2021")["absence_band"].tolist() == [band]


class TestFlags:
    def test_valid_absence_raises_the_same_flag_as_invalid(self) -> None:
        """40 percent valid absence raises the same flag, and falls in the same band, as 40 percent invalid."""
        tables = site(
            attendance="""
            person_id lesson_id school_id date       minutes_attended minutes_valid_absence minutes_invalid_absence
            anna      1         A         2021-09-01 60               40                    0
            bo        1         A         2021-09-01 60               0                     40
            """
        )
        flagged = measured(attendance.high_absence(0.15), tables, "HT2021")
        assert matches(flagged, "person_id high_absence \n anna 1 \n bo 1")
        banded = measured(attendance.band(), tables, "HT2021")
        assert matches(banded, "person_id absence_band \n anna 30-50 \n bo 30-50")

    @pytest.mark.parametrize(
        ("name", "reached"), [("chronic", 10), ("high", 15), ("alarming", 20), ("extensive", 30), ("severe", 50)]
    )
    def test_named_thresholds(self, name: str, reached: int) -> None:
        """Chronic absence is from 10 percent, high from 15, alarming from 20, extensive from 30 and severe from 50."""
        measure = attendance.chronic(name)
        assert measure.name == f"{name}_absence"
        flags = [measured(measure, absent(reached * 100 - less), "HT2021")[measure.name].item() for less in (0, 1)]
        assert flags == [1, 0]

    def test_invalid_absence_has_a_threshold_of_its_own(self) -> None:
        """The threshold `invalid` is 5 percent, and valid absence does not count against it."""
        measure = attendance.chronic("invalid")
        found = [
            measured(measure, absent(500, kind=kind), "HT2021")["invalid_absence"].item()
            for kind in ("invalid", "valid")
        ]
        assert found == [1, 0]

    def test_shares_are_compared_in_whole_numbers(self) -> None:
        """Exactly 15 percent is 15 percent, whatever the number of minutes: 9 of 60, 21 of 140, 57 of 380."""
        for minutes, of in ((9, 60), (21, 140), (57, 380)):
            assert measured(attendance.high_absence(0.15), absent(minutes, of=of), "HT2021")["high_absence"].item() == 1

    def test_without_reported_minutes_there_is_neither_flag_nor_band(self) -> None:
        """Of a person without a reported minute nothing is known, so there is neither flag nor band."""
        tables = site(
            attendance="""
            person_id lesson_id school_id date       minutes_offered reported
            anna      1         A         2021-09-01 60              false
            """
        )
        assert measured(attendance.high_absence(), tables, "HT2021").empty
        assert measured(attendance.band(), tables, "HT2021").empty
        assert matches(measured(attendance.rate(), tables, "HT2021"), "offered_minutes reported_minutes \n 60 0")

    def test_a_share_and_its_name_mean_the_same(self) -> None:
        """A threshold can be given as a share or by its name; both are the same measure."""
        assert attendance.high_absence().key == attendance.high_absence(0.15).key
        assert attendance.high_absence(0.1).key != attendance.high_absence().key
        assert attendance.high_absence("invalid").key != attendance.high_absence(0.05).key

    @pytest.mark.parametrize("threshold", [0, -0.1, 1.1])
    def test_a_threshold_that_is_no_share_is_refused(self, threshold: float) -> None:
        """A threshold that is no share is refused."""
        with pytest.raises(InputError, match="no share"):
            attendance.high_absence(threshold)

    @pytest.mark.parametrize(
        ("name", "on"), [("much", date(2021, 7, 1)), ("long", date(2021, 7, 1)), ("high", date(2020, 1, 1))]
    )
    def test_a_name_that_no_share_has_on_the_day_is_refused(self, name: str, on: date) -> None:
        """A name counts if a share of absence bears it on the day asked for."""
        with pytest.raises(InputError, match="called so"):
            attendance.chronic(name, on=on)

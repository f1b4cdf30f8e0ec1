"""Upon leaving, and six months after.

A participant's last day is the day before ``end``. Upon leaving is any day from the last to 28 days later; six months
after counts calendar months. Who has no recorded status then is missing, not without work.
"""

from __future__ import annotations

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import participants

LEFT = """
person_id project start      end
anna      p1      2021-02-01 2021-09-01
"""


def work_from(start: str, end: str = "-") -> str:
    return f"person_id kind status start end \n anna employment employed {start} {end}"


class TestUponLeaving:
    @pytest.mark.parametrize(
        ("start", "end", "there"),
        [
            ("2021-08-31", "2021-09-01", 1),
            ("2021-09-28", "-", 1),
            ("2021-09-29", "-", None),
            ("2021-08-01", "2021-08-31", None),
        ],
    )
    def test_the_window_is_0_to_28_days_from_the_last_day(self, start: str, end: str, there: int | None) -> None:
        """The last day is 31 August, so the window is 31 August to 28 September, both included."""
        tables = site(participants=LEFT, statuses=work_from(start, end))
        found = measured(participants.upon_leaving("in_work"), tables, "HT2021")
        assert found["upon_leaving_in_work"].tolist() == ([] if there is None else [there])

    def test_a_recorded_status_that_is_no_work_is_nought_and_no_record_is_missing(self) -> None:
        """Anna was unemployed: 0. Of Bo nothing was recorded, and of Cia only that it is unknown: missing."""
        tables = site(
            participants=LEFT + "bo p1 2021-02-01 2021-09-01 \n cia p1 2021-02-01 2021-09-01",
            statuses="""
            person_id kind       status     start      end
            anna      employment unemployed 2021-01-01 -
            cia       employment unknown    2021-01-01 -
            bo        study      studying   2021-01-01 -
            """,
        )
        assert matches(
            measured(participants.upon_leaving("in_work"), tables, "HT2021"),
            """
            person_id upon_leaving_in_work
            anna      0
            """,
        )

    def test_it_is_known_once_the_window_has_closed(self) -> None:
        """The window ends on 28 September: in September it has closed, in August it has not."""
        tables = site(participants=LEFT, statuses=work_from("2021-08-31"))
        assert matches(
            measured(participants.upon_leaving("in_work"), tables, "2021-08", "2021-09", "2021-10"),
            """
            period  upon_leaving_in_work
            2021-09 1
            2021-10 1
            """,
        )

    def test_who_returned_has_not_left(self) -> None:
        """Who returned to the project is in it again: missing until the last exit's own window has closed."""
        tables = site(
            participants=LEFT + "anna p1 2021-11-01 2022-02-01",
            statuses=work_from("2021-08-31", "2021-12-01") + "\n anna employment unemployed 2021-12-01 -",
        )
        assert matches(
            measured(participants.upon_leaving("in_work"), tables, "2021-10", "2021-11", "2022-02"),
            """
            period  upon_leaving_in_work
            2021-10 1
            2022-02 0
            """,
        )

    def test_newly_asks_what_was_so_at_entry(self) -> None:
        """Anna worked at entry already, so she is not newly in work; Bo is; what Cia did at entry is not recorded."""
        tables = site(
            participants=LEFT + "bo p1 2021-02-01 2021-09-01 \n cia p1 2021-02-01 2021-09-01",
            statuses="""
            person_id kind       status     start      end
            anna      employment employed   2021-01-01 -
            bo        employment unemployed 2021-01-01 2021-05-01
            bo        employment subsidised 2021-05-01 -
            cia       employment employed   2021-05-01 -
            """,
        )
        assert matches(
            measured(participants.upon_leaving("in_work", newly=True), tables, "HT2021"),
            """
            person_id upon_leaving_newly_in_work
            anna      0
            bo        1
            """,
        )

    def test_a_group_that_there_is_not_is_refused(self) -> None:
        with pytest.raises(InputError, match="no 'rich' among the groups"):
            participants.upon_leaving("rich")


class TestSixMonthsAfter:
    @pytest.mark.parametrize(
        ("end", "day"),
        [
            ("2021-09-01", "2022-02-28"),
            ("2023-09-01", "2024-02-29"),
            ("2021-03-01", "2021-08-28"),
            ("2021-06-16", "2021-12-15"),
        ],
    )
    def test_six_calendar_months_from_31_august_is_the_last_of_february(self, end: str, day: str) -> None:
        """Six months after 31 August is 28 February, or 29 in a leap year; that day's status counts alone."""
        left = f"person_id project start end \n anna p1 2021-02-01 {end}"
        worked = "person_id kind status start end \n anna employment {} 2021-01-01 {day} \n anna employment {} {day} -"
        before = site(participants=left, statuses=worked.format("employed", "unemployed", day=day))
        on_the_day = site(participants=left, statuses=worked.format("unemployed", "employed", day=day))
        measure = participants.six_months_after("in_work")
        year = day[:4]
        assert measured(measure, before, year)["six_months_after_in_work"].tolist() == [0]
        assert measured(measure, on_the_day, year)["six_months_after_in_work"].tolist() == [1]

"""Statuses and steps.

Employment, study and self-support are spells. A period's status is that of its last day; steps are taken on ladders
towards self-support and work, from the day of entry on.
"""

from __future__ import annotations

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import participants

STATUSES = """
person_id kind         status     start      end
anna      employment   unemployed 2021-01-01 2021-11-01
anna      employment   subsidised 2021-11-01 2022-03-01
anna      employment   employed   2022-03-01 -
anna      self_support none       2021-01-01 2021-11-01
anna      self_support partial    2021-11-01 2022-04-01
anna      self_support full       2022-04-01 -
"""
ENTERED = """
person_id project start      end
anna      p1      2021-09-01 -
"""


class TestStatus:
    def test_a_periods_status_is_that_of_its_last_day(self) -> None:
        """On 31 December Anna's work is subsidised, on 30 June it is not."""
        assert matches(
            measured(participants.status("employment"), site(statuses=STATUSES), "HT2021", "VT2022"),
            """
            person_id period employment_status
            anna      HT2021 subsidised
            anna      VT2022 employed
            """,
        )

    def test_an_unknown_status_is_missing(self) -> None:
        """Where the status is recorded as unknown, or has ended, there is none."""
        tables = site(
            statuses="""
            person_id kind       status   start      end
            anna      employment unknown  2021-01-01 -
            bo        employment employed 2021-01-01 2021-12-31
            cia       employment employed 2021-01-01 2022-01-01
            """
        )
        assert matches(
            measured(participants.status("employment"), tables, "HT2021"),
            """
            person_id employment_status
            cia       employed
            """,
        )

    def test_a_kind_that_there_is_not_is_refused(self) -> None:
        with pytest.raises(InputError, match="kind 'income'"):
            participants.status("income")  # type: ignore[arg-type]


class TestDaysIn:
    def test_days_with_the_status_out_of_days_with_any(self) -> None:
        """In the autumn, 184 days, Anna was in work on 61; all days are recorded."""
        assert matches(
            measured(participants.days_in("in_work"), site(statuses=STATUSES), "HT2021"),
            """
            person_id days_in_work_there days_in_work_recorded days_in_work_of_period days_in_work
            anna      61                 184                   184                    0.331522
            """,
        )

    def test_days_without_a_record_lower_coverage_alone(self) -> None:
        """Ten days of work in a month of which only these are recorded: all recorded days, a third of the month."""
        tables = site(
            statuses="""
            person_id kind       status   start      end
            anna      employment employed 2021-09-11 2021-09-21
            """
        )
        assert matches(
            measured(participants.days_in("in_work"), tables, "2021-09"),
            """
            days_in_work_there days_in_work_recorded days_in_work_of_period days_in_work
            10                 10                    30                     1
            """,
        )


class TestSteps:
    def test_movement_from_entry_to_the_periods_last_day(self) -> None:
        """From no self-support to partial is one step up, to full two."""
        tables = site(participants=ENTERED, statuses=STATUSES)
        assert matches(
            measured(participants.step_movement(), tables, "HT2021", "VT2022"),
            """
            person_id period step_movement_self_support
            anna      HT2021 up
            anna      VT2022 up
            """,
        )
        assert matches(
            measured(participants.steps_taken(), tables, "HT2021", "VT2022"),
            """
            person_id period steps_taken_self_support
            anna      HT2021 1
            anna      VT2022 2
            """,
        )

    def test_the_ladder_towards_work_has_four_steps(self) -> None:
        """Inactive, unemployed, subsidised, and employed or self-employed."""
        tables = site(
            participants="""
            person_id project start
            anna      p1      2021-09-01
            bo        p1      2021-09-01
            cia       p1      2021-09-01
            """,
            statuses="""
            person_id kind       status        start      end
            anna      employment inactive      2021-01-01 2021-10-01
            anna      employment self_employed 2021-10-01 -
            bo        employment subsidised    2021-01-01 2021-10-01
            bo        employment unemployed    2021-10-01 -
            cia       employment employed      2021-01-01 2021-10-01
            cia       employment self_employed 2021-10-01 -
            """,
        )
        assert matches(
            measured(participants.steps_taken("employment"), tables, "HT2021"),
            """
            person_id steps_taken_employment
            anna      3
            bo        -1
            cia       0
            """,
        )
        assert matches(
            measured(participants.step_movement("employment"), tables, "HT2021"),
            """
            person_id step_movement_employment
            anna      up
            bo        down
            cia       none
            """,
        )

    def test_steps_need_a_status_on_both_days(self) -> None:
        """Where the status at entry or now was not recorded, no movement is told."""
        later = "person_id kind status start \n anna self_support full 2021-10-01"
        assert measured(participants.step_movement(), site(participants=ENTERED, statuses=later), "HT2021").empty

    def test_a_ladder_that_persons_do_not_stand_on_is_refused(self) -> None:
        with pytest.raises(InputError, match="nobody stands on the ladder implementation"):
            participants.step_movement("implementation")
        with pytest.raises(InputError, match="no 'career' among the ladders"):
            participants.steps_taken("career")

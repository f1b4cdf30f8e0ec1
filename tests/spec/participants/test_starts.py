"""The first job, studies, or self-support.

Events for time to work: at most one a person, on the day the status began. What becomes known later neither moves nor
removes one, so of several the one that became known first counts.
"""

from __future__ import annotations

import ibis
import pandas as pd
import pytest

from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import participants

STATUSES = """
person_id kind         status     start      end
anna      study        studying   2021-01-01 2022-01-01
anna      employment   unemployed 2021-01-01 2021-10-01
anna      employment   subsidised 2021-10-01 2022-02-01
anna      employment   employed   2022-02-01 -
bo        study        studying   2022-03-01 -
anna      self_support partial    2021-10-01 2022-04-01
anna      self_support full       2022-04-01 -
"""
PARTICIPANTS = """
person_id project start      end
anna      p1      2021-02-01 2022-02-01
bo        p1      2021-02-01 2022-02-01
"""


def found(events: ibis.Table) -> pd.DataFrame:
    return events.execute().sort_values("person_id", ignore_index=True)


class TestFirstJobOrStudy:
    def test_after_leaving_the_first_to_begin_counts(self) -> None:
        """After 31 January, the last day in the project, Anna began to work and Bo to study."""
        tables = site(statuses=STATUSES, participants=PARTICIPANTS)
        assert matches(
            found(participants.first_job_or_study().compute(tables)),
            """
            person_id date       known_from cause
            anna      2022-02-01 2022-02-01 employed
            bo        2022-03-01 2022-03-01 studying
            """,
        )

    def test_after_entry_what_was_under_way_does_not_count(self) -> None:
        """After entry Anna's first is the subsidised job: her studies were under way."""
        tables = site(statuses=STATUSES, participants=PARTICIPANTS)
        assert matches(
            found(participants.first_job_or_study("entry").compute(tables)),
            """
            person_id date       cause
            anna      2021-10-01 subsidised
            bo        2022-03-01 studying
            """,
        )

    def test_who_never_left_the_project_has_not_come_to_anything_after_it(self) -> None:
        """While the participation lasts there is no first job after it."""
        tables = site(statuses=STATUSES, participants="person_id project start end \n anna p1 2021-02-01 -")
        assert found(participants.first_job_or_study().compute(tables)).empty

    def test_an_after_that_there_is_not_is_refused(self) -> None:
        with pytest.raises(InputError, match="not counted after 'birth'"):
            participants.first_job("birth")  # type: ignore[arg-type]


class TestFirstJobAndSelfSupport:
    def test_the_first_job_on_record_may_be_subsidised(self) -> None:
        """The first job counts from the start of the records, for time from the start of SFI."""
        assert matches(
            found(participants.first_job().compute(site(statuses=STATUSES))),
            """
            person_id date       cause
            anna      2021-10-01 subsidised
            """,
        )

    def test_self_support_is_reached_when_it_is_whole(self) -> None:
        """Partial self-support is a step on the way."""
        assert matches(
            found(participants.self_support_reached().compute(site(statuses=STATUSES))),
            """
            person_id date       cause
            anna      2022-04-01 full
            """,
        )

    def test_an_earlier_job_learnt_later_moves_nothing(self) -> None:
        """Of two jobs the one that became known first is the event, even if another had begun before it."""
        tables = site(
            statuses="""
            person_id kind       status   start      end        known_from
            anna      employment employed 2021-03-01 2021-04-01 2021-12-01
            anna      employment employed 2021-09-01 -          2021-09-01
            """
        )
        assert matches(
            found(participants.first_job().compute(tables)),
            """
            person_id date       known_from
            anna      2021-09-01 2021-09-01
            """,
        )

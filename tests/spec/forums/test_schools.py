"""What schools held and heard.

Forums and statements belong to no person, so they are counted per school and term. What a group with few pupils said is
withheld until the data holder releases it; names, ids and the pupils' own words are never there.
"""

from __future__ import annotations

from datetime import date

import ibis
import pandas as pd
import pytest

from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import forums
from evalkit.vocabulary.forums import smallest_group

ENROLMENTS = """
person_id school_id start      end        year_group cancelled
anna      A         2021-08-17 2022-06-15 7          false
bo        A         2021-08-17 2022-03-01 7          false
cia       A         2022-03-01 -          8          false
dan       B         2021-08-17 -          7          false
eva       A         2021-08-17 -          7          true
"""
FORUMS = """
forum_id school_id date       station groups participants feedback_date
f1       A         2022-03-01 1       1       2            2022-03-11
f1       A         2022-03-01 2       1       1            -
f2       A         2022-04-01 1       2       -            -
f3       B         2021-09-01 1       1       1            -
"""
STATEMENTS = """
statement_id forum_id school_id date       station dimension theme group_size action action_date feedback_date
s1           f1       A         2022-03-01 1       affective  rast  6          -      -           2022-03-11
s2           f1       A         2022-03-01 1       affective  rast  6          vuxen  2022-04-01  2022-03-21
s3           f1       A         2022-03-01 2       cognitive  mening 7         -      -           -
s4           f1       A         2022-03-01 2       cognitive  mening 4         plan   2022-05-01  -
s5           f1       A         2022-03-01 2       cognitive  mening -         -      -           -
"""


def ordered(table: ibis.Table, *keys: str) -> pd.DataFrame:
    return table.execute().sort_values(list(keys), ignore_index=True)


class TestHeld:
    def test_forums_are_counted_per_school_and_term(self) -> None:
        """Stations are rows; groups and participants are those of each forum's fullest station."""
        assert matches(
            ordered(forums.held(site(enrolments=ENROLMENTS, forums=FORUMS)), "school_id"),
            """
            school_id term   forums stations groups participants
            A         VT2022 2      3        3      2
            B         HT2021 1      1        1      1
            """,
        )

    def test_coverage_is_participants_over_pupils_enrolled_that_day(self) -> None:
        """Bo left and Cia came on the day: two are enrolled. The forum without a count of participants is left out."""
        assert matches(
            ordered(forums.held(site(enrolments=ENROLMENTS, forums=FORUMS)), "school_id"),
            """
            school_id participants enrolled counted forums
            A         2            2        1       2
            B         1            1        1       1
            """,
        )

    def test_pupils_at_several_forums_are_the_same_pupils(self) -> None:
        """Two pupils at three forums are six participants and two pupils: those of the forum that most took part in."""
        forum = "forum_id school_id date station participants"
        rows = "f1 A 2022-02-01 1 1 \n f2 A 2022-02-08 1 2 \n f3 A 2022-03-01 1 2 \n f4 A 2022-04-01 1 -"
        found = forums.held(site(enrolments=ENROLMENTS, forums=f"{forum} \n {rows}"))
        told = "participants enrolled pupils pupils_enrolled counted"
        assert matches(found.execute(), f"{told} \n 5 6 2 2 3")

    def test_coverage_can_be_of_the_year_groups_the_forums_were_for(self) -> None:
        """Where forums were held for year 7 alone, its pupils alone are to be covered."""
        found = forums.held(site(enrolments=ENROLMENTS, forums=FORUMS), year_groups=(7,))
        assert matches(
            ordered(found, "school_id"),
            """
            school_id participants enrolled
            A         2            1
            B         1            1
            """,
        )

    def test_feedback_is_counted_in_stations_and_days(self) -> None:
        """One station of two heard back, ten days later."""
        assert matches(
            ordered(forums.held(site(enrolments=ENROLMENTS, forums=FORUMS)), "school_id"),
            """
            school_id stations told days_to_feedback
            A         3        1    10
            B         1        0    0
            """,
        )


class TestStatements:
    def test_statements_are_counted_per_dimension_with_what_came_of_them(self) -> None:
        """Share of a dimension is statements over the school's whole; action, feedback and days to it add up."""
        assert matches(
            ordered(forums.statements(site(forum_statements=STATEMENTS)), "dimension"),
            """
            school_id term   dimension statements with_action with_feedback days_to_feedback withheld whole
            A         VT2022 affective 2          1           2             30               0        3
            A         VT2022 cognitive 1          0           0             0                2        3
            """,
        )

    def test_what_small_groups_said_needs_the_holders_release(self) -> None:
        """Statements of groups with fewer than five pupils, or of unknown size, count only once they are released."""
        found = forums.statements(site(forum_statements=STATEMENTS), release_small_groups=True)
        assert matches(
            ordered(found, "dimension"),
            """
            dimension statements with_action withheld whole
            affective 2          1           0        5
            cognitive 3          1           0        5
            """,
        )
        assert smallest_group()[0] == 5

    def test_the_smallest_group_can_be_set(self) -> None:
        """The holder may ask for larger groups: here of at least seven pupils."""
        found = forums.statements(site(forum_statements=STATEMENTS), smallest=7)
        assert matches(
            ordered(found, "dimension"),
            """
            dimension statements withheld whole
            affective 0          2        1
            cognitive 1          2        1
            """,
        )

    def test_no_person_group_or_statement_can_be_read_from_the_counts(self) -> None:
        """Whatever divides the statements, no id, station, group or date is among the columns."""
        tables = site(forum_statements=STATEMENTS)
        told = forums.statements(tables, by=("school_id", "term", "dimension", "theme"), release_small_groups=True)
        traces = {"statement_id", "forum_id", "station", "group_size", "date", "action", "action_date", "feedback_date"}
        assert not traces & set(told.columns)
        assert not traces & set(forums.held(site(enrolments=ENROLMENTS, forums=FORUMS)).columns)

    def test_themes_and_schools_can_divide_too(self) -> None:
        """By theme, or by school alone: then there is no whole, for each row is one."""
        tables = site(forum_statements=STATEMENTS)
        assert matches(
            ordered(forums.statements(tables, by=("theme",)), "theme"),
            """
            theme  statements whole
            mening 1          3
            rast   2          3
            """,
        )
        assert "whole" not in forums.statements(tables, by=("school_id",)).columns

    def test_actions_and_feedback_known_later_are_not_seen(self) -> None:
        """As of 15 March the first feedback is known, the second is not, and no action was decided."""
        tables = site(forum_statements=STATEMENTS).known_before(date(2022, 3, 15))
        assert matches(
            ordered(forums.statements(tables), "dimension"),
            """
            dimension statements with_action with_feedback days_to_feedback
            affective 2          0           1             10
            cognitive 1          0           0             0
            """,
        )

    def test_a_division_that_there_is_not_is_refused(self) -> None:
        tables = site(forum_statements=STATEMENTS)
        with pytest.raises(InputError, match="not divided by group_size"):
            forums.statements(tables, by=("group_size",))  # type: ignore[arg-type]
        with pytest.raises(InputError, match="divided by something"):
            forums.statements(tables, by=())

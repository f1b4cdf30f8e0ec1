"""Tables of what is no person.

How many forums a school held, what was said there and how far the model is in use are counted per school, term, unit
and municipality, and leave protection as they are. Pupils who took part and staff who answered are persons, and few of
them are not shown.
"""

from __future__ import annotations

from datetime import date

import pytest

from drawn_releases import SKOLVERKET
from drawn_tables import matches, site
from evalkit.disclosure import protect
from evalkit.errors import DesignError, InputError
from evalkit.measures import forums, participants
from evalkit.panels import (
    forums_table,
    implementation_table,
    staff_change_table,
    staff_table,
    statements_table,
)
from evalkit.reports.show import show
from evalkit.values import Table, Tables

UNITS = "school_id name \n A Aleskolan \n B Bergskolan"
FORUMS = """
forum_id school_id date       station groups participants feedback_date
f1       A         2022-03-01 1       1       12           2022-03-11
f1       A         2022-03-01 2       1       14           -
f2       B         2022-04-01 1       1       2            -
"""
STATEMENTS = """
statement_id forum_id school_id date       station dimension group_size action action_date feedback_date
s1           f1       A         2022-03-01 1       affective 6          -      -           2022-03-11
s2           f1       A         2022-03-01 1       affective 6          vuxen  2022-04-01  2022-03-21
s3           f1       A         2022-03-01 2       cognitive 7          -      -           -
s4           f1       B         2022-03-01 2       cognitive 4          plan   2022-05-01  -
"""


def drawn() -> Tables:
    pupils = [(f"a{number}", "A") for number in range(20)] + [(f"b{number}", "B") for number in range(15)]
    return site(
        persons="person_id \n" + "\n".join(person for person, _ in pupils),
        school_units=UNITS,
        named_schools=("A", "B"),
        enrolments="person_id school_id start \n"
        + "\n".join(f"{person} {school} 2021-08-17" for person, school in pupils),
        forums=FORUMS,
        forum_statements=STATEMENTS,
    )


def staff(school: int, integration: int, *, later: int = 0) -> Tables:
    """Draw staff of two units, all of whom answer 3 before and 4 after."""
    people = [(f"s{n}", "school") for n in range(school)] + [(f"i{n}", "integration") for n in range(integration)]
    waves = [("before", "2022-11-01", 3), *([("after", "2025-11-01", 4)] if later else [])]
    rows = [f"{who} {wave} {day} {unit} a {answer} 2" for who, unit in people for wave, day, answer in waves]
    return site(staff_survey="respondent_id wave date unit item answer training_hours \n" + "\n".join(rows))


def shown(table: Table) -> None:
    """Show a protected table; what cannot be rendered raises."""
    show(protect(table, policy=SKOLVERKET), key=b"key")


def test_forums_are_no_persons_and_pupils_who_took_part_are() -> None:
    """The number of forums, stations and groups is told whatever it is; two pupils at a forum are not."""
    tables = drawn()
    table = forums_table(forums.held(tables), tables)
    assert matches(
        table.frame,
        """
        school     term   forums stations groups enrolled participants coverage told feedback_after
        Aleskolan  VT2022 1      2        1      20       14           0.7      1    10
        Bergskolan VT2022 1      1        1      15       2            0.133333 0    -
        """,
    )
    assert [column.name for column in table.columns if column.sensitive] == ["enrolled", "participants", "coverage"]
    safe = protect(table, policy=SKOLVERKET)
    assert matches(
        safe.value.frame,
        """
        school     forums stations groups enrolled participants coverage
        Aleskolan  1      2        1      20       14           0.7
        Bergskolan 1      1        1      15       -            -
        """,
    )
    shown(table)


def test_the_same_pupils_at_several_forums_are_no_more_pupils() -> None:
    """Three pupils of B were at four forums: twelve have taken part, and the three are not shown as twelve."""
    forums_of_b = "".join(f"f{number} B 2022-04-0{number} 1 1 3 - \n" for number in range(2, 6))
    tables = drawn()
    header = "forum_id school_id date station groups participants feedback_date \n"
    several = Tables(
        {**tables.named, "forums": site(forums=header + forums_of_b)["forums"]},
        None,
        tables.terms,
        named_schools=tables.named_schools,
    )
    table = forums_table(forums.held(several), several)
    assert matches(table.frame, "school forums enrolled participants coverage \n Bergskolan 4 15 3 0.2")
    safe = protect(table, policy=SKOLVERKET)
    assert matches(safe.value.frame, "school forums enrolled participants coverage \n Bergskolan 4 15 - -")


def test_more_participants_than_pupils_are_refused() -> None:
    """Then the year groups asked for are not those of the forum, or a count is wrong, and no share means anything."""
    tables = drawn()
    with pytest.raises(InputError, match="more pupils took part in forums than were enrolled"):
        forums_table(forums.held(tables, year_groups=(9,)), tables)


def test_statements_are_no_persons() -> None:
    """Those of a small group were withheld when they were counted; how many is told."""
    tables = drawn()
    table = statements_table(forums.statements(tables), tables)
    assert matches(
        table.frame,
        """
        school     dimension statements with_action with_feedback withheld feedback_after share
        Aleskolan  affective 2          1           2             0        15             0.666667
        Aleskolan  cognitive 1          0           0             0        -              0.333333
        Bergskolan affective 0          0           0             0        -              -
        Bergskolan cognitive 0          0           0             1        -              -
        """,
    )
    assert protect(table, policy=SKOLVERKET).value.frame.equals(table.frame)
    shown(table)
    by_dimension = forums.statements(tables, by=("dimension",))
    assert "school" not in statements_table(by_dimension, tables, by=("dimension",)).frame


def test_staff_are_persons() -> None:
    """The mean of a unit with few answers is not shown, and neither is how many there were."""
    tables = staff(20, 3)
    table = staff_table(participants.staff_index(tables), tables)
    assert matches(
        table.frame,
        "unit wave asked staff index training \n integration before 3 3 3 2 \n school before 20 20 3 2",
    )
    safe = protect(table, policy=SKOLVERKET)
    assert matches(
        safe.value.frame,
        "unit wave asked staff index training \n integration before - - - - \n school before 20 20 3 2",
    )
    shown(table)


def test_change_of_the_same_staff_is_protected_too() -> None:
    """All twenty of the schools rose by a step; of the three others nothing is told."""
    tables = staff(20, 3, later=1)
    table = staff_change_table(participants.staff_change(tables, before="before", after="after"), tables)
    assert matches(
        protect(table, policy=SKOLVERKET).value.frame,
        "unit staff change \n integration - - \n school 20 1",
    )
    shown(table)


def test_means_of_the_same_staff_by_wave_are_in_no_table() -> None:
    """Eleven answered before and ten of them after: the mean of the eleven and that of the ten would tell what the
    eleventh answered. The table of change has neither, shown or hidden.
    """
    tables = staff(20, 0, later=1)
    table = staff_change_table(participants.staff_change(tables, before="before", after="after"), tables)
    assert [column.name for column in table.columns] == ["staff", "change_sum", "change", "risen"]


def test_schools_without_a_name_are_refused_where_there_are_two() -> None:
    """They would stand in one row; how many there are is told, and not which."""
    tables = drawn()
    nameless = Tables(
        {**tables.named, "school_units": tables["school_units"].filter(tables["school_units"].school_id == "C")},
        None,
        tables.terms,
        place=tables.place,
    )
    with pytest.raises(InputError, match="2 schools of the counts are not among the school units"):
        forums_table(forums.held(nameless), nameless)
    one = Tables(
        {**tables.named, "school_units": tables["school_units"].filter(tables["school_units"].school_id == "A")},
        None,
        tables.terms,
        place=tables.place,
    )
    assert list(forums_table(forums.held(one), one).frame["school"]) == ["Ale 1", "missing"]


def test_judgements_of_implementation_are_no_persons() -> None:
    """A municipality's degree is told as it is; what was not judged is missing, and not 0."""
    tables = site(
        implementation="""
        municipality component date       step
        1780         plan      2024-01-01 pilot
        1780         team      2024-01-01 none
        1880         plan      2024-01-01 full
        """
    )
    degrees = participants.implementation_degree(tables, on=date(2024, 12, 31))
    table = implementation_table(degrees, tables)
    assert matches(
        protect(table, policy=SKOLVERKET).value.frame,
        """
        municipality component degree
        1780         plan      2
        1780         team      0
        1880         plan      4
        1880         team      -
        """,
    )
    shown(table)
    with pytest.raises(InputError, match="no degrees of implementation"):
        implementation_table(degrees.drop("degree"), tables)
    with pytest.raises(DesignError, match="nobody is counted"):
        implementation_table(participants.implementation_degree(tables, on=date(2023, 12, 31)), tables)

"""Those in both cohorts, and those in one but not the other.

Two definitions make a third. The first says from when to when, the second only who; the flow shows the steps of both.
"""

from __future__ import annotations

import pytest

from drawn_tables import matches, site
from evalkit.cohorts import intersect, komvux_participants, school_year_starters, sfi_beginners, subtract
from evalkit.cohorts.build import build_cohort
from evalkit.errors import DesignError
from evalkit.values import Tables

YEARS, AS_OF = ("2021-08-01", "2022-07-31"), "2023-01-01"
BEGINNERS = sfi_beginners(YEARS, AS_OF)
PARTICIPANTS = komvux_participants(("2021-01-01", "2022-12-31"), AS_OF)


def drawn() -> Tables:
    return site(
        persons="person_id \n anna \n bo \n cia",
        courses="""
        person_id course_id school_type start      attended_from end
        anna      a1        VUXSFI      2021-09-06 2021-09-06    -
        anna      a2        VUXGR       2021-08-23 2021-08-30    2021-10-01
        bo        b1        VUXSFI      2021-09-06 2021-09-06    -
        bo        b2        VUXGR       2022-01-10 2022-01-12    -
        cia       c1        VUXSFI      2021-09-06 2021-09-06    2022-12-20
        """,
    )


def test_both() -> None:
    """Anna and bo begin SFI and attend a course at basic level. Bo came to that only in January, and is followed from
    then on: he could not have left before.
    """
    cohort = build_cohort(drawn(), intersect(BEGINNERS, PARTICIPANTS))
    assert [(step.id, step.persons, step.spells) for step in cohort.flow.steps] == [
        ("candidates", 3, 3),
        ("first_ever", 3, 3),
        ("komvux_participants.candidates", 2, 2),
        ("komvux_participants.attended", 2, 2),
        ("komvux_participants.followed", 2, 2),
        ("followed", 2, 2),
    ]
    assert matches(
        cohort.frame,
        """
        person_id entry      follow_from
        anna      2021-09-06 2021-09-06
        bo        2021-09-06 2022-01-12
        """,
    )
    assert cohort.name == "sfi_beginners_and_komvux_participants"


def test_one_without_the_other() -> None:
    """Only who was in the other cohort when follow-up begins goes. Bo comes into it later: to leave him out would be to
    choose persons by how it went for them.
    """
    cohort = build_cohort(drawn(), subtract(BEGINNERS, PARTICIPANTS))
    assert [(step.id, step.persons) for step in cohort.flow.steps] == [
        ("candidates", 3),
        ("first_ever", 3),
        ("not_komvux_participants", 2),
        ("followed", 2),
    ]
    assert list(cohort.frame["person_id"]) == ["bo", "cia"]


def test_cuts_can_be_cut_again() -> None:
    """Whoever is to go, goes by the day that follow-up of all begins: after the intersection, bo too."""
    late = komvux_participants(("2021-09-07", "2022-12-31"), AS_OF)
    both = intersect(subtract(BEGINNERS, PARTICIPANTS), late)
    with pytest.raises(DesignError, match="nobody is left after the step 'not_komvux_participants'"):
        build_cohort(drawn(), both)
    assert list(build_cohort(drawn(), intersect(BEGINNERS, late)).frame["person_id"]) == ["bo"]


def test_definitions_seen_on_different_days_are_refused() -> None:
    """One of them would know what the other does not."""
    for cut in (intersect, subtract):
        with pytest.raises(DesignError, match="sees what was known before"):
            cut(BEGINNERS, komvux_participants(YEARS, "2022-12-31"))


def test_the_order_and_the_parts_are_in_the_key() -> None:
    """Definitions that mean different things never share what is kept of them."""
    starters = school_year_starters(7, YEARS, AS_OF)
    made = [intersect, subtract]
    keys = {cut(one, other).key for cut in made for one, other in ((BEGINNERS, starters), (starters, BEGINNERS))}
    assert len(keys) == 4
    assert intersect(BEGINNERS, starters).key in keys

"""Support: who gets it, whether plans come in time and are carried out, and why students leave."""

from __future__ import annotations

from drawn_measures import measured
from drawn_tables import matches, site, table
from evalkit.measures import progression, support
from evalkit.values import Tables

PEOPLE = "person_id \n anna \n bo"


def test_support_covers_a_person_on_any_day_of_the_period() -> None:
    """A spell of support that overlaps the period covers the person in it; a provider can be named, and several are
    counted."""
    tables = site(
        persons=PEOPLE,
        support="""
        person_id provider kind start      end
        anna      ame      x    2021-03-01 2021-08-01
        anna      vux      x    2021-10-01 -
        """,
    )
    anyone = measured(support.covered(), tables, "2021-03", "2021-10")
    assert list(anyone["supported"]) == [1, 1, 0, 0]
    by_vux = measured(support.covered("vux"), tables, "2021-03", "2021-10")
    assert list(by_vux["supported_vux"]) == [0, 1, 0, 0]
    counted = measured(support.providers(), tables, "2021", "2022")
    assert matches(counted, "person_id period support_providers \n anna 2021 2 \n anna 2022 1")


def test_a_plan_is_in_time_within_four_weeks_of_the_day_the_event_was_known() -> None:
    """The clock starts when the dropout or flag could be known; a plan made before it happened is no answer to it."""
    courses = """
    person_id course_id start      end        outcome
    anna      1         2021-01-11 2021-03-01 discontinued
    bo        2         2021-01-11 2021-03-01 discontinued
    cia       3         2021-01-11 2021-03-01 discontinued
    """
    plans = """
    plan_id person_id action author_units created
    1       anna      x      vux          2021-03-29
    2       bo        x      vux          2021-03-30
    3       cia       x      vux          2021-02-01
    """
    tables = site(courses=courses, plans=plans)
    found = measured(support.plan_in_time(progression.recorded_dropouts()), tables, "2021-03")
    assert matches(found, "person_id plan_in_time \n anna 1 \n bo 0 \n cia 0")


def test_planned_actions_are_judged_four_weeks_after_they_were_due() -> None:
    """Of the actions due, those done by four weeks after are delivered; one without a due day is outside."""
    tables = site(
        plans="""
        plan_id person_id action author_units created    due        done
        1       anna      a      vux          2021-01-04 2021-02-01 2021-02-20
        1       anna      b      vux          2021-01-04 2021-02-01 2021-03-20
        1       anna      c      vux          2021-01-04 2021-02-01 -
        1       anna      d      vux          2021-01-04 -          2021-02-01
        """
    )
    found = measured(support.actions_delivered(name="a"), tables, "2021-02", "2021-03")
    assert matches(found, "period a_met a_judged \n 2021-03 1 3")


def test_a_plan_of_two_units_is_a_multi_actor_plan() -> None:
    """A plan counts once, however many actions; it is shared if two different units wrote it."""
    rows = [
        {"plan_id": "1", "person_id": "anna", "action": "a", "author_units": "vux ame"},
        {"plan_id": "1", "person_id": "anna", "action": "b", "author_units": "vux ame"},
        {"plan_id": "2", "person_id": "anna", "action": "a", "author_units": "ifo"},
        {"plan_id": "3", "person_id": "anna", "action": "a", "author_units": "ifo ifo"},
    ]
    tables = Tables({"plans": table("plans", [row | {"created": "2021-03-01"} for row in rows])})
    found = measured(support.multi_actor_plans(name="m"), tables, "2021")
    assert matches(found, "m_together m_plans \n 1 3")


def test_reasons_for_dropout_are_recorded_unknown_or_missing() -> None:
    """A reason written down as unknown is not a reason on record, and is told apart from none at all."""
    tables = site(
        courses="""
        person_id course_id start      end        outcome      reason
        anna      1         2021-01-11 2021-03-01 discontinued work
        anna      2         2021-01-11 2021-03-01 discontinued unknown
        anna      3         2021-01-11 2021-03-01 discontinued -
        anna      4         2021-01-11 2021-03-01 completed    -
        """
    )
    recorded = measured(support.reason_recorded(name="r"), tables, "2021")
    assert matches(recorded, "r_met r_judged \n 1 3")
    assert matches(measured(support.reason_unknown(name="u"), tables, "2021"), "u_met u_judged \n 1 3")


def test_usefulness_is_the_mean_of_what_students_rated() -> None:
    """Actions done in the period and rated by the student, from 1 to 5; how many were rated is the coverage."""
    tables = site(
        plans="""
        plan_id person_id action author_units created    done       useful
        1       anna      a      vux          2021-01-04 2021-02-01 5
        1       anna      b      vux          2021-01-04 2021-02-01 2
        1       anna      c      vux          2021-01-04 2021-02-01 -
        1       anna      d      vux          2021-01-04 2021-09-01 1
        """
    )
    found = measured(support.usefulness(), tables, "VT2021")
    assert matches(found, "person_id usefulness usefulness_rated usefulness_done \n anna 3.5 2 3")

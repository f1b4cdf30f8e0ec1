"""Every cohort of the library is the same on Spark as on DuckDB."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evalkit.cohorts import (
    activity_responsibility,
    in_transition,
    intersect,
    komvux_participants,
    returners,
    school_year_starters,
    sfi_beginners,
    subtract,
    upper_secondary_beginners,
)
from evalkit.cohorts.build import build_cohort
from evalkit.cohorts.cases import _site
from evalkit.values import CohortDefinition, Events
from spark_engine import assert_alike, on_spark

BETWEEN, AS_OF = ("2021-08-01", "2022-07-31"), "2023-01-01"
LEFT = Events(
    "left",
    lambda tables: (
        tables["enrolments"]
        .filter(tables["enrolments"].end.notnull())
        .select("person_id", date="end", known_from="end", cause="school_type")
    ),
)
LIBRARY = (
    school_year_starters(7, BETWEEN, AS_OF),
    school_year_starters(0, BETWEEN, AS_OF),
    upper_secondary_beginners(BETWEEN, AS_OF, "national"),
    sfi_beginners(BETWEEN, AS_OF),
    komvux_participants(BETWEEN, AS_OF),
    activity_responsibility(BETWEEN, AS_OF, diplomas=None, home="1440"),
)


@pytest.mark.long
@pytest.mark.parametrize("definition", LIBRARY, ids=lambda definition: f"{definition.name}-{definition.sv[:24]}")
def test_a_cohort_is_the_same_on_spark(spark: Any, definition: CohortDefinition) -> None:
    agree(definition, definition)


def test_cohorts_of_events_and_cuts_are_the_same_on_spark(spark: Any) -> None:
    starters, beginners = LIBRARY[0], LIBRARY[2]
    moves = in_transition(LEFT, BETWEEN, AS_OF)
    agree(intersect(starters, moves), starters)
    agree(subtract(starters, moves), starters)
    agree(returners(LEFT, BETWEEN, AS_OF, starts="enrolments"), beginners)


def agree(definition: CohortDefinition, drawn: CohortDefinition) -> None:
    here = replace(_site(drawn.cases), terms=())
    needed = {
        name: table for name, table in here.named.items() if name in ("persons", "enrolments", "courses", "attendance")
    }
    here = replace(here, named=needed)
    unlimited = replace(definition, followed_in=())
    there, expected = build_cohort(on_spark(here), unlimited), build_cohort(here, unlimited)
    assert_alike(there.frame, expected.frame)
    assert there.flow.steps == expected.flow.steps
    assert expected.size > 0

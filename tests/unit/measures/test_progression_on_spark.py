"""Transitions, progression and support on Spark: the same rows as on DuckDB."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drawn_careers import random_careers
from drawn_measures import known_of
from evalkit.measures import progression, support, transitions
from evalkit.values import Events, Known, Measure
from spark_engine import assert_same_rows, on_spark, table_on_spark

EVENTS = [
    transitions.changes(("6_to_7", "responsibility_to_studies", "sfi_b_to_c", "studies_to_job")),
    progression.dropouts(),
    progression.dropouts("upper_secondary"),
    progression.returns(),
    progression.no_progress(6),
    progression.low_progress(restarts=1),
]
MEASURES = [
    transitions.absence_rise("sfi_b_to_c"),
    transitions.on_track("6_to_7"),
    transitions.lost("6_to_7"),
    progression.dropout_rate("all"),
    progression.passed_two(courses=1, years=1),
    progression.time_against_median(),
    support.multi_actor_plans(),
    support.usefulness(),
]


pytestmark = pytest.mark.long


@pytest.mark.parametrize("events", EVENTS, ids=lambda each: each.name)
def test_spark_finds_the_same_events(spark: Any, events: Events) -> None:
    tables = random_careers(3)
    assert_same_rows(events.compute(on_spark(tables)), events.compute(tables))


@pytest.mark.parametrize("measure", MEASURES, ids=lambda each: each.name)
def test_spark_measures_the_same(spark: Any, measure: Measure) -> None:
    tables = random_careers(3)
    here = replace(known_of(tables, "2021", "2022"), calendar=None)
    there = Known(on_spark(tables), table_on_spark(here.grid, "grid"))
    assert_same_rows(measure.compute(there), measure.compute(here))

"""Connectedness, forums and participants mean the same on Spark as on DuckDB."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import numpy as np
import pytest

from drawn_measures import known_of
from drawn_surveys import events, measures, random_rows
from drawn_tables import table
from evalkit.measures import connectedness, forums, participants
from evalkit.values import Known, Tables
from spark_engine import assert_same_rows, on_spark

pytestmark = pytest.mark.long
SEEDS = (3,)
PERIODS = ("HT2021", "VT2022")


@pytest.fixture(scope="module", params=SEEDS)
def sites(request: pytest.FixtureRequest, spark: Any) -> tuple[Tables, Tables]:
    assert spark.name == "pyspark"
    rows = random_rows(request.param)
    here = Tables({name: table(name, each) for name, each in rows.items()})
    return on_spark(here), here


def all_measures(known: Known) -> ibis.Table:
    """Return every measure side by side, so that the engine is asked once."""
    joined = known.grid.select("person_id", "period")
    for measure in measures():
        part = measure.compute(known).select("person_id", "period", *measure.columns)
        joined = joined.left_join(part, ["person_id", "period"]).drop("person_id_right", "period_right")
    return joined


def test_measures_agree(sites: tuple[Tables, Tables]) -> None:
    there, here = sites
    assert_same_rows(all_measures(known_of(there, *PERIODS)), all_measures(known_of(here, *PERIODS)))


def test_events_agree(sites: tuple[Tables, Tables]) -> None:
    there, here = sites
    for kind in events():
        assert_same_rows(kind.compute(there), kind.compute(here))


def test_tables_of_schools_staff_and_municipalities_agree(sites: tuple[Tables, Tables]) -> None:
    there, here = sites
    for ask in (
        forums.held,
        forums.statements,
        lambda tables: forums.statements(tables, by=("theme",), release_small_groups=True),
        participants.staff_index,
        lambda tables: participants.staff_change(tables, before="före", after="efter"),
        lambda tables: participants.implementation_degree(tables, on=date(2021, 12, 31)),
        lambda tables: participants.implementation_persistence(tables, end=date(2021, 8, 31)),
    ):
        assert_same_rows(ask(there), ask(here))


def test_item_moments_agree(sites: tuple[Tables, Tables]) -> None:
    moments = [connectedness.item_moments(each, wave="1", missing="pairwise") for each in sites]
    assert moments[0].items == moments[1].items
    assert (moments[0].n, moments[0].persons) == (moments[1].n, moments[1].persons)
    np.testing.assert_array_equal(moments[0].covariance, moments[1].covariance)

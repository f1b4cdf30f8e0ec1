"""Measures are expressions that Spark takes too."""

from __future__ import annotations

import ibis
import pytest

from drawn_tables import SCHEMAS
from evalkit.measures import attendance, connectedness, forums
from evalkit.values import Measure, Tables

GRID = {"person_id": "string", "period": "string", "start": "date", "end": "date", "school_id": "string"}
UNBOUND = Tables({name: ibis.table(schema | {"known_from": "date"}, name=name) for name, schema in SCHEMAS.items()})


@pytest.mark.parametrize(
    "measure",
    [attendance.rate(), attendance.high_absence(), attendance.band(), connectedness.index(), forums.exposed()],
    ids=lambda measure: measure.name,
)
def test_a_measure_is_written_for_spark(measure: Measure) -> None:
    grid = ibis.table(GRID, name="grid")
    sql = ibis.to_sql(measure.compute(UNBOUND, grid), dialect="pyspark")
    assert "`known_from` < `" in sql

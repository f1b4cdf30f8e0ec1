"""Measures are expressions that Spark takes too."""

from __future__ import annotations

from datetime import date

import ibis
import pytest

from drawn_measures import GRID
from drawn_tables import SCHEMAS
from evalkit.measures import attendance, connectedness, forums
from evalkit.values import Known, Measure, Period, Tables, calendar_of

UNBOUND = Tables({name: ibis.table(schema | {"known_from": "date"}, name=name) for name, schema in SCHEMAS.items()})
AUTUMN = calendar_of([Period(date(2021, 8, 1), date(2022, 1, 1), "autumn")])
MEASURES = [
    attendance.rate(),
    attendance.rate(position="first", weekdays=(1, 5), mode="online"),
    attendance.absence_reason("family"),
    attendance.invalid_share(),
    attendance.monday_friday_share(),
    attendance.online_share(),
    attendance.high_absence(),
    attendance.band(),
    attendance.punctuality(position="first", limit=10),
    attendance.absent_days(),
    attendance.activity_days(),
    attendance.longest_spell(over_summer=True),
    attendance.spells(3, unreported="ends"),
    attendance.long_spell(),
    attendance.longest_streak(),
    attendance.days_to_contact(),
    attendance.spells_contacted(),
    connectedness.index(),
    forums.exposed(),
]


@pytest.mark.parametrize("calendar", [AUTUMN, None], ids=["shared", "own"])
@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_a_measure_is_written_for_spark_and_reads_what_was_known(measure: Measure, calendar: ibis.Table | None) -> None:
    known = Known(UNBOUND, ibis.table(GRID, name="grid"), calendar)
    asked = measure.compute(known)
    assert not known.unseen_paths(asked)
    sql = ibis.to_sql(asked, dialect="pyspark")
    assert "`known_from` < `" in sql

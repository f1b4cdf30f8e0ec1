"""Spark in tests: one session a process, and a site's tables copied to it.

Ask for the fixture ``spark`` (of ``conftest.py``; it marks the test), then copy and compare::

    from spark_engine import assert_alike, assert_same_rows, on_spark

    def test_the_engines_agree(spark: Any) -> None:
        tables = site(persons=..., enrolments=...)  # drawn tables, or any on DuckDB
        copied = on_spark(tables)
        assert_alike(build_cohort(copied, definition).frame, build_cohort(tables, definition).frame)
        assert_same_rows(expression(copied), expression(tables))  # of Ibis tables not in a noun yet

A test that asks for ``spark`` is skipped, with the reason, where pyspark or Java is missing. The fixture is the Ibis
backend itself, for tests that speak with Spark directly; its session is ``spark._session``. The first such test in a
process waits some ten seconds for Java, each question then takes tenths of a second: give hypothesis few examples,
and put many small cases into one table rather than many tables.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from evalkit.sources.spark import connect_spark
from evalkit.values import Tables

MEMORY, THREADS = "1GB", 2
"""What tests start Spark with; one process has one Spark, so every test gives the same."""
SMALL = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
}
"""What makes questions over a few rows fast."""
NEVER_EXACT = 1e-9
_numbers = count()


@cache
def running_spark() -> Any:
    """Start Spark, once a process. Raises InputError where pyspark or Java is missing."""
    scratch = Path(tempfile.gettempdir()) / "evalkit-tests-of-spark"
    backend = connect_spark(memory=MEMORY, threads=THREADS, scratch=scratch)
    for setting, value in SMALL.items():
        backend._session.conf.set(setting, value)
    return backend


def on_spark(tables: Tables) -> Tables:
    """Return the same site with its tables on Spark, whatever they were on."""
    return replace(tables, named={name: table_on_spark(rows, name) for name, rows in tables.named.items()})


def table_on_spark(rows: ibis.Table, name: str = "rows") -> ibis.Table:
    """Return the same rows as a table on Spark, under a name that begins with ``name``."""
    from ibis.backends.pyspark.datatypes import PySparkSchema

    backend, view = running_spark(), f"{name}_{next(_numbers)}"
    schema = PySparkSchema.from_ibis(rows.schema())
    backend._session.createDataFrame(rows.to_pyarrow(), schema=schema).createOrReplaceTempView(view)
    table: ibis.Table = backend.table(view)
    return table


def assert_alike(there: pd.DataFrame, here: pd.DataFrame) -> None:
    """Refuse frames that differ in types, order, any whole number, text or date, or in a float by more than 1e-9."""
    pd.testing.assert_frame_equal(there, here, rtol=NEVER_EXACT, atol=NEVER_EXACT)


def assert_same_rows(there: ibis.Table, here: ibis.Table) -> None:
    """Refuse Ibis tables whose columns, types or rows, in whatever order, differ; floats as in `assert_alike`."""
    assert there.schema() == here.schema()
    floats = [name for name, kind in here.schema().items() if kind.is_floating()]
    exact = [name for name in here.columns if name not in floats]
    # Arrow, for pandas has no type of its own for a column of whole numbers without a value
    answers = [table.to_pyarrow().sort_by([(key, "ascending") for key in [*exact, *floats]]) for table in (there, here)]
    assert answers[0].select(exact).to_pylist() == answers[1].select(exact).to_pylist()
    assert_alike(*(answer.select(floats).to_pandas() for answer in answers))

"""The same expressions give the same findings on Spark; skipped where pyspark is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pytest
from drawn_site import ON, Site, found_in, staged
from test_checks_trip import CASES

from evalkit.errors import Finding
from evalkit.sources.checks import Examination, check_tables, check_values
from evalkit.sources.extract import Extract
from evalkit.sources.register import FileEntry, FileRegister
from evalkit.vocabulary.schema import table_schema

pyspark = pytest.importorskip("pyspark")
pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]
LARGE = ("low_reporting", "routine_change")
"""Thousands of rows made by hand, which Spark takes long to be told of."""


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    yield session
    session.stop()


def found_on_spark(session: Any, site: Site) -> list[Finding]:
    register = FileRegister([FileEntry("one.csv", {}), FileEntry("two.csv", {})])
    tables = {}
    for name, rows in site.items():
        session.createDataFrame(staged(name, rows)).createOrReplaceTempView(name)
        tables[name] = ibis.pyspark.connect(session).table(name)
    examination = Examination(
        tables, {name: len(rows) for name, rows in site.items()}, register, lambda _, rows: rows, ON
    )
    found = []
    for name, table in tables.items():
        found += check_values(table, table_schema(name), Extract(name, table), examination)[0]
    return [*found, *check_tables(examination)]


@pytest.mark.parametrize("name", [name for name in CASES if name not in LARGE])
def test_spark_finds_what_duckdb_finds(spark: Any, name: str, tmp_path: Path) -> None:
    for site in (CASES[name][0], CASES[name][2]):
        on_spark, on_duckdb = found_on_spark(spark, site), found_in(site, tmp_path)
        assert sorted(map(str, on_spark)) == sorted(map(str, on_duckdb))
        assert [(one.check, one.count, one.places) for one in on_spark] == [
            (one.check, one.count, one.places) for one in on_duckdb
        ]

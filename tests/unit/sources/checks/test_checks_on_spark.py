"""The same expressions give the same findings on Spark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from drawn_site import ON, Row, Site, found_in, staged
from test_checks_trip import CASES

from evalkit.errors import Finding
from evalkit.sources.checks import Examination, check_tables, check_values
from evalkit.sources.extract import Extract
from evalkit.sources.register import FileEntry, FileRegister
from evalkit.vocabulary.schema import table_schema

LARGE = {"low_reporting", "routine_change"}
"""Thousands of rows, whose nested questions take Spark a minute."""


def found_on_spark(spark: Any, site: Site) -> list[Finding]:
    register = FileRegister([FileEntry("one.csv", {}), FileEntry("two.csv", {})])
    tables = {}
    for name, rows in site.items():
        spark._session.createDataFrame(staged(name, rows)).createOrReplaceTempView(f"staged_{name}")
        tables[name] = spark.table(f"staged_{name}")
    examination = Examination(
        tables, {name: len(rows) for name, rows in site.items()}, register, lambda _, rows: rows, ON
    )
    found = []
    for name, table in tables.items():
        found += check_values(table, table_schema(name), Extract(name, table), examination)[0]
    return [*found, *check_tables(examination)]


@pytest.mark.long
def test_spark_finds_what_duckdb_finds(spark: Any, tmp_path: Path) -> None:
    site = every_damage()
    on_spark, on_duckdb = found_on_spark(spark, site), found_in(site, tmp_path)
    assert len({one.check for one in on_duckdb} & set(CASES)) > 25
    assert sorted(map(str, on_spark)) == sorted(map(str, on_duckdb))
    assert [(one.check, one.count, one.places) for one in on_spark] == [
        (one.check, one.count, one.places) for one in on_duckdb
    ]


def every_damage() -> dict[str, list[Row]]:
    """Return all damaged sites as one, each with persons of its own, for Spark is slow at many questions."""
    site: dict[str, list[Row]] = {}
    for name, (damaged, *_) in CASES.items():
        for table, rows in damaged.items() if name not in LARGE else ():
            site.setdefault(table, []).extend(
                {**row, "person_id": f"{name} {row['person_id']}"} if row.get("person_id") else row for row in rows
            )
    return site

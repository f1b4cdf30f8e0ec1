"""Persons counted outside a panel become a table that can be protected."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest

from drawn_tables import matches, site
from evalkit.errors import DesignError, InputError
from evalkit.panels import count_table
from evalkit.values import Tables

TABLES = site(persons="person_id \n anna")


def counts(*rows: tuple[str | None, int, int]) -> ibis.Table:
    schema = {"building_id": "string", "hour": "int64", "persons": "int64"}
    return ibis.memtable(pd.DataFrame(list(rows), columns=list(schema)), schema=schema)


def made(rows: ibis.Table, by: tuple[str, ...] = ("building_id", "hour"), tables: Tables = TABLES, about: str = "day"):
    return count_table(rows, tables, by=by, about=about, name="presence")


def test_hours_without_anyone_are_zero_and_an_unknown_building_is_missing() -> None:
    found = made(counts(("b", 9, 3), ("b", 10, 5), (None, 10, 2)))
    assert matches(
        found.frame,
        """
        building_id hour persons
        b           9    3
        b           10   5
        missing     9    0
        missing     10   2
        """,
    )
    assert all(axis.total is None and not axis.partition for axis in found.axes)


def test_tables_about_the_same_persons_share_a_universe() -> None:
    rows = counts(("b", 9, 3))
    by_building = rows.select("building_id", "persons")
    assert made(rows).universe == made(by_building, by=("building_id",)).universe
    assert made(rows).universe != made(rows, about="another day").universe


def test_nobody_and_an_unknown_column_are_refused() -> None:
    with pytest.raises(DesignError, match="nobody is counted"):
        made(counts(("b", 9, 3)).filter(ibis._.persons > 3))
    with pytest.raises(InputError, match="no column school"):
        made(counts(("b", 9, 3)), by=("school",))

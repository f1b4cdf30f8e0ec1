"""What was known later than a day is in none of the canonical tables as read on that day."""

from __future__ import annotations

from datetime import date

import ibis
import pandas as pd
import pytest

from evalkit.values import Tables
from evalkit.vocabulary.schema import ColumnSchema, table_names, table_schema

DAY = date(2024, 2, 1)
KNOWN = (date(2024, 1, 31), DAY, date(2024, 2, 2))
TYPES = {"string": "string", "integer": "int32", "number": "float64", "boolean": "boolean", "date": "date"}


def value_of(column: ColumnSchema, row: int) -> object:
    if column.type == "date":
        return KNOWN[row]
    if column.type == "boolean":
        return True
    return row + 1 if column.type in {"integer", "number"} else f"{column.name} {row}"


def three_rows(name: str) -> ibis.Table:
    columns = table_schema(name).columns
    rows = {column.name: [value_of(column, row) for row in range(3)] for column in columns}
    types = {column.name: TYPES[column.type] for column in columns}
    return ibis.memtable(pd.DataFrame(rows | {"known_from": list(KNOWN)}), schema=types | {"known_from": "date"})


@pytest.mark.parametrize("name", table_names())
def test_only_facts_known_before_the_day_remain(name: str) -> None:
    seen = Tables({name: three_rows(name)}).known_before(DAY)
    assert seen[name].known_from.to_pyarrow().to_pylist() == [KNOWN[0]]
    assert set(table_schema(name).column_names) <= set(seen[name].columns)
    known = table_schema(name).known_from
    if known != "always":
        assert seen[name][known].to_pyarrow().to_pylist() == [KNOWN[0]]

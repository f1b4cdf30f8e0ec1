"""What may leave row by row: nothing of persons with a marking, nothing restricted."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.values import Tables
from evalkit.vocabulary.schema import table_names, table_schema

DAY = date(2024, 1, 1)
SAMPLES: dict[str, Any] = {"string": "x", "integer": 1, "number": 1.0, "boolean": True, "date": DAY}
few = settings(max_examples=25, derandomize=True, database=None, deadline=None)


def rows_of(name: str, people: list[str]) -> list[dict[str, Any]]:
    schema = table_schema(name)
    persons = {column.name for column in schema.columns if column.identity == "person"}
    plain = {column.name: SAMPLES[column.type] for column in schema.columns}
    return [plain | dict.fromkeys(persons, person) | {"known_from": DAY} for person in people]


def tables_of(name: str, marked: dict[str, str | None], people: list[str]) -> Tables:
    persons = [row | {"security_marking": marked[row["person_id"]]} for row in rows_of("persons", sorted(marked))]
    schema = table_schema("persons")
    types = {column.name: {"string": "string", "date": "date"}[column.type] for column in schema.columns}
    named = {"persons": ibis.memtable(persons, schema=types | {"known_from": "date"})}
    if name != "persons":
        named[name] = ibis.memtable(rows_of(name, people))
    return Tables(named)


def restricted_as_a_whole(name: str) -> bool:
    return all(column.restricted for column in table_schema(name).columns)


@pytest.mark.parametrize("name", [name for name in table_names() if not restricted_as_a_whole(name)])
def test_no_table_lets_marked_persons_or_restricted_columns_out(name: str) -> None:
    marked = {"open": "none", "secret": "confidential", "hidden": "protected", "untold": None}
    tables = tables_of(name, marked, [*marked, "stranger"])
    out = tables.exportable(name).to_pyarrow()
    schema = table_schema(name)
    assert set(out.column_names) == {
        *(column.name for column in schema.columns if not column.restricted),
        "known_from",
    }
    people = [column.name for column in schema.columns if column.identity == "person"]
    for column in people:
        assert set(out[column].to_pylist()) == {"open"}
    if not people:
        assert out.num_rows == tables[name].count().to_pyarrow().as_py(), "who is in no table of persons stays"


@few
@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["none", "confidential", "protected", None])),
    st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=30),
)
def test_exactly_the_rows_of_persons_known_to_be_unmarked_leave(
    marked: dict[str, str | None], people: list[str]
) -> None:
    if not marked:
        marked = {"z": "protected"}
    tables = tables_of("enrolments", marked, people)
    left = sorted(tables.exportable("enrolments").to_pyarrow()["person_id"].to_pylist())
    assert left == sorted(person for person in people if marked.get(person) == "none")
    assert tables["enrolments"].count().to_pyarrow().as_py() == len(people), "aggregates keep everyone"


def test_a_table_restricted_as_a_whole_never_leaves() -> None:
    whole = [name for name in table_names() if restricted_as_a_whole(name)]
    assert "incidents" in whole
    for name in whole:
        with pytest.raises(KeyError, match="restricted as a whole"):
            tables_of(name, {"open": "none"}, ["open"]).exportable(name)


def test_without_the_table_of_persons_no_row_of_a_person_leaves() -> None:
    tables = Tables({"enrolments": ibis.memtable(rows_of("enrolments", ["a"]))})
    with pytest.raises(KeyError, match="no table 'persons'"):
        tables.exportable("enrolments")

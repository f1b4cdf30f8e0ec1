"""The canonical schema is whole, agrees with itself, and refuses what it does not know."""

from __future__ import annotations

import re

import pytest

from evalkit.vocabulary.schema import ALWAYS, ColumnSchema, TableSchema, table_names, table_schema

TABLES = [table_schema(name) for name in table_names()]
COLUMNS = [(table, column) for table in TABLES for column in table.columns]


def named(value: object) -> str:
    return getattr(value, "name", "")


def test_the_tables_of_the_study_are_there() -> None:
    assert table_names() == (
        "persons",
        "school_units",
        "enrolments",
        "attendance",
        "grades",
        "forums",
        "survey",
        "support",
    )


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_keys_orders_and_rules_name_columns_of_the_table(table: TableSchema) -> None:
    names = set(table.column_names)
    assert len(names) == len(table.columns)
    assert set(table.key) <= names
    assert set(table.order) <= names
    assert set(table.key) <= set(table.order), "the store's order is total"
    for rule in table.rules:
        used = {*rule.left, *rule.per, rule.right, rule.when, rule.date}
        if not rule.of:
            used |= {rule.start, rule.end}
        assert used - {""} <= names


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_every_fact_has_a_day_from_which_it_is_known(table: TableSchema) -> None:
    assert table.known_from == ALWAYS or table.column(table.known_from).type == "date"
    if table.known_from != ALWAYS:
        assert not table.column(table.known_from).nullable
    for column in table.columns:
        assert column.known_from is None or table.column(column.known_from).type == "date"


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=named)
def test_columns_are_told_in_two_languages_and_refer_to_what_exists(table: TableSchema, column: ColumnSchema) -> None:
    assert column.sv
    assert column.en
    assert column.sv != column.en
    if column.references:
        other, name = column.references.split(".")
        assert table_schema(other).key == (name,)
        assert table_names().index(other) < table_names().index(table.name)
    if column.pattern:
        assert re.fullmatch(column.pattern, column.example)
    if column.default is not None and column.allowed:
        assert column.default in column.allowed
    if column.known_if:
        assert table.column(column.known_if).type == "boolean"
        assert column.nullable


def test_minutes_and_persons_have_units() -> None:
    for column in table_schema("attendance").columns:
        if column.name.startswith("minutes"):
            assert column.unit == "minutes"
    assert table_schema("attendance").column("start_minute").unit == "minutes since midnight"


def test_unknown_names_are_refused_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="persons, school_units"):
        table_schema("pupils")
    with pytest.raises(KeyError, match="person_id, sex"):
        table_schema("persons").column("name")

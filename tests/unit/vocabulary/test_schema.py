"""The canonical schema is whole, agrees with itself, and refuses what it does not know."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from evalkit.vocabulary.schema import ALWAYS, ColumnSchema, TableSchema, read_schema, table_names, table_schema

EVERY = (*table_names(), "aliases")
TABLES = [table_schema(name) for name in EVERY]
COLUMNS = [(table, column) for table in TABLES for column in table.columns]


def named(value: object) -> str:
    return getattr(value, "name", "")


def test_the_stored_tables_stand_in_the_order_they_refer_to_each_other() -> None:
    assert table_names() == (
        "persons",
        "school_units",
        "buildings",
        "enrolments",
        "courses",
        "attendance",
        "checkins",
        "absences",
        "incidents",
        "grades",
        "forums",
        "forum_statements",
        "survey",
        "staff_survey",
        "implementation",
        "support",
        "plans",
        "contacts",
        "handovers",
        "statuses",
        "participants",
    )


def test_aliases_are_read_and_never_stored() -> None:
    aliases = table_schema("aliases")
    assert not aliases.stored
    assert [column.identity for column in aliases.columns] == ["person", "person"]
    assert "aliases" not in table_names()


def test_every_file_of_a_table_is_used() -> None:
    folder = files("evalkit.vocabulary") / "tables"
    assert {entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")} == {f"{n}.toml" for n in EVERY}


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
def test_every_row_has_a_day_from_which_it_is_known(table: TableSchema) -> None:
    if table.known_from != ALWAYS:
        known = table.column(table.known_from)
        assert known.type == "date"
        assert not known.nullable
    assert not table.partition or table.known_from != ALWAYS


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=named)
def test_every_column_has_a_day_from_which_its_fact_existed(table: TableSchema, column: ColumnSchema) -> None:
    known = column.known_from or table.known_from
    assert known == ALWAYS or table.column(known).type == "date"


def test_how_something_ended_is_not_known_before_it_ended() -> None:
    for table in TABLES:
        for column in table.columns:
            if column.interval_end and table.name != "absences":
                assert column.known_from == column.name, "the end of an absence is told when it is registered"
    for name in ("outcome", "reason", "grade"):
        assert table_schema("courses").column(name).known_from == "end"
    assert table_schema("courses").column("planned_end").known_from is None


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=named)
def test_references_name_the_whole_key_of_an_earlier_table(table: TableSchema, column: ColumnSchema) -> None:
    if column.references is None:
        assert column.demanded_table == ""
        return
    other, name = column.references.split(".")
    assert table_schema(other).key == (name,)
    assert table_schema(other).column(name).type == column.type
    assert EVERY.index(other) < EVERY.index(table.name)
    assert column.demanded_table == ("" if column.nullable else other)


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=named)
def test_bounds_codes_and_defaults_agree(table: TableSchema, column: ColumnSchema) -> None:
    assert len(set(column.allowed)) == len(column.allowed)
    assert not column.allowed or column.type == "string"
    assert (column.pattern is None) == (column.example == "")
    if column.pattern:
        assert re.fullmatch(column.pattern, column.example)
    if column.minimum is not None or column.maximum is not None:
        assert column.type in {"integer", "number"}
    if column.minimum is not None and column.maximum is not None:
        assert column.minimum < column.maximum
    if column.default is not None:
        assert not column.nullable
        assert not column.allowed or column.default in column.allowed
        assert column.type != "boolean" or column.default in {"true", "false"}
        assert column.type != "integer" or int(column.default) >= (column.minimum or 0)
    if column.known_if:
        assert table.column(column.known_if).type == "boolean"
        assert column.nullable
    assert not column.interval_end or column.type == "date"
    assert not column.identity or column.type == "string"


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_texts_stand_in_both_languages_and_tell_columns_apart(table: TableSchema) -> None:
    for language in ("sv", "en"):
        texts = [getattr(noun, language) for noun in (table, *table.columns)]
        assert all(text and text == text.strip() and not text.endswith(".") for text in texts)
        assert len(set(texts)) == len(texts)
    for column in table.columns:
        assert column.sv != column.en


def test_no_two_tables_are_told_alike() -> None:
    for language in ("sv", "en"):
        assert len({getattr(table, language) for table in TABLES}) == len(TABLES)


def test_persons_are_pseudonyms_wherever_they_stand() -> None:
    for table in TABLES:
        for column in table.columns:
            if column.references == "persons.person_id":
                assert column.identity == "person"
            assert column.identity in {"", "person", "staff"}
    staff = {f"{table.name}.{column.name}" for table, column in COLUMNS if column.identity == "staff"}
    assert staff == {"attendance.teacher_id", "staff_survey.respondent_id"}


def test_reasons_and_incidents_are_restricted() -> None:
    assert table_schema("courses").column("reason").restricted
    assert table_schema("attendance").column("reason").restricted
    assert all(column.restricted for column in table_schema("incidents").columns)


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


def test_a_schema_that_says_what_no_table_has_is_refused() -> None:
    drawn = 'name = "drawn"\nsv = "Ritad"\nen = "Drawn"\nkey = ["day"]\nknown_from = "day"\n'
    column = '[[columns]]\nname = "day"\ntype = "date"\nsv = "Dagen"\nen = "The day"\n'
    table = read_schema(drawn + column)
    assert (table.stored, table.order, table.columns[0].identity) == (True, ("day",), "")
    with pytest.raises(ValueError, match="colour"):
        read_schema(drawn + 'colour = "red"\n' + column)
    with pytest.raises(ValueError, match="identiti"):
        read_schema(drawn + column + 'identiti = "person"\n')

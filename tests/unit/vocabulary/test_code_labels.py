"""Every code that a table may hold has a name in both languages, and a source."""

from __future__ import annotations

import pytest

from evalkit.vocabulary.code_labels import code_label, code_list, code_lists, codes_of_column
from evalkit.vocabulary.connectedness import dimensions
from evalkit.vocabulary.schema import table_names, table_schema

CODED = [
    (table, column) for table in (*table_names(), "aliases") for column in table_schema(table).columns if column.allowed
]


@pytest.mark.parametrize(("table", "column"), CODED, ids=lambda value: getattr(value, "name", value))
def test_every_allowed_code_has_a_label_in_both_languages(table: str, column: object) -> None:
    allowed = getattr(column, "allowed", ())
    found = codes_of_column(table, getattr(column, "name", ""))
    assert set(allowed) <= set(found.codes)
    for code in allowed:
        for label in (found.label(code, "sv"), found.label(code, "en")):
            assert label
            assert label == label.strip()
            assert not label.endswith(".")


def test_lists_name_columns_that_exist_and_no_code_that_none_of_them_allows() -> None:
    for found in code_lists():
        allowed = set()
        for place in found.columns:
            table, _, column = place.partition(".")
            allowed |= set(table_schema(table).column(column).allowed)
        if found.name != "dimension":
            assert allowed == set(found.codes), found.name


def test_labels_tell_codes_apart() -> None:
    for found in code_lists():
        assert len(set(found.codes)) == len(found.codes)
        for language in (1, 2):
            assert len({label[language] for label in found.labels}) == len(found.labels), found.name


def test_lists_and_columns_belong_to_each_other_once() -> None:
    places = [place for found in code_lists() for place in found.columns]
    assert len(set(places)) == len(places)
    names = [found.name for found in code_lists()]
    assert len(set(names)) == len(names)


def test_every_list_tells_where_it_is_from() -> None:
    for found in code_lists():
        assert found.provenance.source
        assert found.provenance.certainty in {"V", "V2", "M-hi", "PROP"}
        assert (found.since is None) == (found.name == "dimension")
    assert code_list("dropout_reason").provenance.certainty == "PROP"


def test_labels_as_readers_see_them() -> None:
    assert code_label("courses", "reason", "unreachable") == "ej nåbar"
    assert code_label("attendance", "reason", "no_policy", "en") == "no attendance policy"
    assert code_label("implementation", "step", "full") == "4, helt"
    assert len(code_list("dropout_reason").codes) == 17


def test_dimensions_have_the_labels_they_have_elsewhere() -> None:
    for table in ("forums", "forum_statements", "survey"):
        for found in dimensions():
            assert code_label(table, "dimension", found.code, "sv") == found.label("sv")


def test_unknown_names_are_refused_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="other_education"):
        code_label("courses", "reason", "boredom")
    with pytest.raises(KeyError, match="dropout_reason"):
        code_list("reasons")
    with pytest.raises(KeyError, match=r"persons\.birth_date"):
        codes_of_column("persons", "birth_date")

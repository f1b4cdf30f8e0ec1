"""The data dictionary tells the whole schema, and the committed files are what the generator gives."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from evalkit.vocabulary.checks import checks
from evalkit.vocabulary.dictionary import FILES, data_dictionary, write_dictionaries
from evalkit.vocabulary.dictionary_words import RULES, TYPES, UNITS, WORDS
from evalkit.vocabulary.schema import table_names, table_schema
from evalkit.vocabulary.school_types import Language

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
LANGUAGES: tuple[Language, ...] = ("sv", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_committed_dictionary_is_the_one_made_from_the_schema(language: Language) -> None:
    written = (REFERENCE / FILES[language]).read_text(encoding="utf-8")
    assert written == data_dictionary(language), "run `make docs`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stored_table_and_column_stands_in_it_and_no_other(language: Language) -> None:
    *sections, catalogue = data_dictionary(language).split("\n## ")[1:]
    assert [row.split("`")[1] for row in catalogue.splitlines() if row.startswith("| `")] == list(checks())
    assert [re.findall(r"\(`(\w+)`\)$", section.splitlines()[0])[0] for section in sections] == list(table_names())
    for name, section in zip(table_names(), sections, strict=True):
        rows = [line for line in section.splitlines() if line.startswith("| `")]
        assert [re.findall(r"`(\w+)`", row)[0] for row in rows] == list(table_schema(name).column_names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_of_a_pipe_table_has_as_many_cells_as_its_heading(language: Language) -> None:
    counts = [
        (line, len(re.findall(r"(?<!\\)\|", line)))
        for line in data_dictionary(language).splitlines()
        if line.startswith("|")
    ]
    assert {bars for _, bars in counts} == {10, 5}
    first = next(place for place, (_, bars) in enumerate(counts) if bars == 5)
    assert [bars for _, bars in counts[first:]] == [5] * (len(checks()) + 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_codes_stand_with_their_labels(language: Language) -> None:
    label = {"sv": "`move` flytt eller kommunbyte", "en": "`move` moved, or changed municipality"}[language]
    assert label in data_dictionary(language)


def test_a_reference_that_may_be_missing_is_told_as_such() -> None:
    english = data_dictionary("en")
    assert "`buildings.building_id`, if the table is there" in english
    assert "`persons.person_id` |" in english


def test_both_languages_have_the_same_words() -> None:
    for words in (WORDS, TYPES, UNITS, RULES):
        assert set(words["sv"]) == set(words["en"])
    assert all(one != other for one, other in pairwise([WORDS["sv"]["title"], WORDS["en"]["title"]]))


def test_writing_makes_the_folder_and_both_files(tmp_path: Path) -> None:
    write_dictionaries(tmp_path / "docs" / "reference")
    assert sorted(path.name for path in (tmp_path / "docs" / "reference").iterdir()) == sorted(FILES.values())

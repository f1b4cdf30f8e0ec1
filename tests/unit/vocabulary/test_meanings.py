"""Every measure and event of the library says what it means, and a spec test holds it."""

from __future__ import annotations

from importlib import import_module

import pytest

from evalkit.values import Events, Measure
from evalkit.vocabulary.measures import Meaning, meaning_of, meanings
from library import VARIANTS, library, meaning_name, spec_tests

LANGUAGES = ("sv", "en")
STATES = {"started"}
"""Of whom one thing of several is told: nothing is divided."""
ROWS = {f"A{n}" for n in range(1, 11)} | {f"B{n}" for n in range(1, 7)} | {f"C{n}" for n in range(1, 8)}


@pytest.mark.parametrize(("module", "name", "made"), list(library()), ids=lambda each: str(each)[:40])
def test_what_the_library_gives_has_a_meaning(module: str, name: str, made: Measure | Events) -> None:
    found = meaning_of(meaning_name(made))
    assert found.module == module
    assert found.kind == ("measure" if isinstance(made, Measure) else "event")
    if isinstance(made, Measure):
        assert found.direction == made.direction
        assert bool(made.coverage is None) or all(found.coverage.values()), "it has a coverage that nobody can read"


@pytest.mark.parametrize("meaning", meanings().values(), ids=lambda meaning: meaning.name)
def test_a_meaning_is_whole_in_both_languages(meaning: Meaning) -> None:
    assert meaning.sv
    assert meaning.en
    assert set(meaning.rows) <= ROWS
    assert meaning.rows
    assert all(meaning.definition[language] for language in LANGUAGES)
    if meaning.kind == "measure" and meaning.name not in STATES:
        assert all(meaning.numerator[language] for language in LANGUAGES)
        assert all(meaning.denominator[language] for language in LANGUAGES)
    assert bool(meaning.coverage["sv"]) == bool(meaning.coverage["en"])


def test_every_function_of_the_library_stands_in_a_spec_test_of_its_chapter() -> None:
    assert not [f"{module}.{name}" for module, name, _ in library() if not spec_tests(module, name)]


def test_every_row_of_attendance_connectedness_and_dropout_is_answered() -> None:
    answered = {row for meaning in meanings().values() for row in meaning.rows}
    assert answered >= {f"A{n}" for n in range(1, 11)} - {"A5"}, "A5 is a model of attendance and completion"
    assert answered >= {f"B{n}" for n in range(1, 7)}
    assert answered >= {"C1", "C2", "C3", "C4", "C6"}


def test_no_meaning_without_a_measure_and_no_variant_without_a_meaning() -> None:
    made = {meaning_name(each) for *_, each in library()} | {meaning_name(each) for each in VARIANTS}
    assert {name for name, meaning in meanings().items() if meaning.kind != "table"} == made


def test_what_is_counted_into_a_table_is_a_function() -> None:
    for name, meaning in meanings().items():
        if meaning.kind == "table":
            room = import_module(f"evalkit.measures.{meaning.module}")
            assert callable(getattr(room, {"presence": "present_by_hour"}.get(name, name)))

"""Measures of completion: their names and meanings, and that Spark gives what DuckDB gives."""

from __future__ import annotations

from typing import Any

import pytest

from drawn_grades import random_rows, site_of
from drawn_measures import known_of
from evalkit.measures import completion
from evalkit.values import Events, Measure
from evalkit.vocabulary.eligibility import eligibility_groups
from evalkit.vocabulary.measures import meaning_of
from spark_engine import assert_same_rows, on_spark

LIBRARY: tuple[Measure, ...] = (
    *(completion.eligible(group) for group in eligibility_groups()),
    completion.eligible(grades="year_9"),
    completion.subjects_passed(grades="term"),
    completion.merit(),
    completion.core_failed(),
    completion.graded(),
    completion.diploma(3),
    completion.diploma(4, base="introductory"),
    completion.diploma(5, base="all", credit="diploma_or_certificate2500"),
    completion.started("programme"),
    completion.started("school"),
    completion.started("home_municipality"),
    completion.course_completed(),
    completion.course_completed("sfi"),
    completion.weeks_to_completion(),
)
EVERY_SHAPE = (
    completion.eligible("science"),
    completion.merit(grades="year_9"),
    completion.core_failed(grades="term"),
    completion.diploma(4, base="all", credit="diploma_or_certificate2500"),
    completion.started("home_municipality"),
    completion.course_completed("sfi"),
    completion.weeks_to_completion(),
)
EVENTS: tuple[Events, ...] = (
    completion.completed_year_9_eligible(),
    completion.diplomas(),
    completion.courses_completed(),
)


def test_every_variant_has_columns_of_its_own_and_so_fits_in_one_panel() -> None:
    columns = [column for measure in LIBRARY for column in dict.fromkeys((*measure.columns, measure.name))]
    assert len(columns) == len(set(columns))
    assert len({measure.key for measure in LIBRARY}) == len(LIBRARY)


@pytest.mark.parametrize("value", [*LIBRARY, *EVENTS], ids=lambda value: value.name)
def test_the_vocabulary_says_what_it_means(value: Measure | Events) -> None:
    if isinstance(value, Events):
        assert meaning_of(value.name).kind == "event"
        return
    meaning = meaning_of(value.meaning or value.name)
    assert (meaning.kind, meaning.direction) == ("measure", value.direction)
    assert bool(meaning.coverage["sv"]) == bool(meaning.coverage["en"]) == (value.coverage is not None)
    assert bool(meaning.denominator["sv"]) == (value.kind != "state")


def test_what_changes_the_result_changes_the_key() -> None:
    assert completion.courses_completed("sfi").key != completion.courses_completed().key
    assert completion.course_completed("sfi").key != completion.course_completed("basic").key
    rules = dict(completion.eligible("science").parameters)["rules"]
    assert ("2011-07-01", (("SV",), ("EN",), ("MA",), ("BI",), ("FY",), ("KE",)), 12) in rules


@pytest.mark.long
def test_spark_gives_the_same(spark: Any) -> None:
    tables = site_of(random_rows(7))
    known, there = (known_of(each, "VT2022", "HT2023", "VT2025") for each in (tables, on_spark(tables)))
    for measure in EVERY_SHAPE:
        assert_same_rows(measure.compute(there), measure.compute(known))
    for events in EVENTS:
        assert_same_rows(events.compute(there.tables), events.compute(known.tables))

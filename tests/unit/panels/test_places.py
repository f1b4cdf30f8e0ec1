"""School labels are stable and tell nobody which school it is."""

from __future__ import annotations

from dataclasses import replace

from drawn_tables import site, table
from evalkit.panels.places import school_labels
from evalkit.values import Tables

CODES = [f"{number:08d}" for number in range(1, 31)]


def tables_of(*persons: str, reverse: bool = False) -> Tables:
    units = [{"school_id": code, "name": f"skola {code}"} for code in sorted(CODES, reverse=reverse)]
    tables = site(persons="\n".join(["person_id", *persons]))
    return replace(tables, named={**tables.named, "school_units": table("school_units", units)})


def test_every_school_has_its_own_number_from_one() -> None:
    labels = school_labels(tables_of("q1", "q2"))
    assert set(labels) == set(CODES)
    assert set(labels.values()) == {f"Ale {number}" for number in range(1, 31)}


def test_numbers_follow_neither_the_codes_nor_the_order_of_the_rows() -> None:
    labels = school_labels(tables_of("q1", "q2"))
    assert [labels[code] for code in CODES] != [f"Ale {number}" for number in range(1, 31)]
    assert labels == school_labels(tables_of("q2", "q1", reverse=True))


def test_without_the_pseudonyms_the_numbers_cannot_be_worked_out() -> None:
    assert school_labels(tables_of("q1", "q2")) != school_labels(tables_of("r1", "r2"))


def test_numbers_skip_no_place_where_schools_are_named() -> None:
    labels = school_labels(replace(tables_of("q1"), named_schools=(CODES[3],)))
    assert labels.pop(CODES[3]) == f"skola {CODES[3]}"
    assert set(labels.values()) == {f"Ale {number}" for number in range(1, 30)}

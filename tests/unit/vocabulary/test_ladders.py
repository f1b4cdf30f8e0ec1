"""Ladders, groups and windows of statuses use codes that the tables know."""

from __future__ import annotations

from datetime import date

import pytest

from evalkit.vocabulary.forums import smallest_group
from evalkit.vocabulary.ladders import ladder, status_group, window
from evalkit.vocabulary.schema import table_schema


def allowed(table: str, column: str) -> set[str]:
    return set(next(each for each in table_schema(table).columns if each.name == column).allowed or ())


@pytest.mark.parametrize("name", ["in_work", "in_study", "job_seeking", "self_supporting"])
def test_groups_hold_statuses_of_the_table(name: str) -> None:
    group = status_group(name)
    assert set(group.statuses) <= allowed("statuses", "status")
    assert group.kind in allowed("statuses", "kind")
    assert group.provenance.source


def test_the_ladder_of_implementation_has_every_step_of_the_table_once() -> None:
    steps = ladder("implementation").steps
    assert [code for codes in steps for code in codes] == ["none", "planned", "pilot", "partial", "full"]
    assert {code for codes in steps for code in codes} == allowed("implementation", "step")


def test_a_code_has_its_place_on_a_ladder() -> None:
    work = ladder("employment")
    assert [work.place(code) for code in ("inactive", "subsidised", "self_employed")] == [0, 2, 3]
    with pytest.raises(KeyError, match="on no step"):
        work.place("studying")


def test_facts_are_dated() -> None:
    assert window("upon_leaving").days == 28
    assert window("six_months_after").months == 6
    assert smallest_group(date(2024, 1, 1))[0] == 5
    for asked in (lambda: ladder("career"), lambda: status_group("in_work", date(2000, 1, 1)), lambda: window("ever")):
        with pytest.raises(KeyError, match="there are"):
            asked()
    with pytest.raises(KeyError, match="no rule"):
        smallest_group(date(2000, 1, 1))

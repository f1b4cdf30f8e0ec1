"""Building a cohort: the flow never rises, nothing handed in changes, twice is once."""

from __future__ import annotations

from dataclasses import replace

import ibis
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drawn_sites import random_rows, site_of
from drawn_tables import SCHEMAS
from evalkit.cohorts import school_year_starters
from evalkit.cohorts.build import _stages, build_cohort
from evalkit.errors import DesignError
from evalkit.values import Criterion, Tables

STARTERS = school_year_starters(7, ("2021-08-01", "2022-07-31"), "2024-07-01")
few = settings(max_examples=5, deadline=None, derandomize=True, phases=[Phase.generate])


def picking(number: int, share: int, unit: str) -> Criterion:
    """Return a rule that keeps persons by their name and doubles every row it keeps."""

    def keep(tables: Tables, candidates: ibis.Table) -> ibis.Table:
        kept = candidates.filter(candidates.person_id.substr(1).cast("int64") % share != 0)
        return kept.union(kept)

    return Criterion(f"rule{number}", "regel", "rule", unit, keep)


@few
@given(
    seed=st.integers(0, 10**6),
    rules=st.lists(st.tuples(st.sampled_from([2, 3, 5]), st.sampled_from(["person", "spell"])), max_size=3),
)
def test_the_flow_never_rises_and_ends_at_the_cohort(seed: int, rules: list[tuple[int, str]]) -> None:
    criteria = tuple(picking(number, share, unit) for number, (share, unit) in enumerate(rules))
    definition = replace(STARTERS, criteria=(*STARTERS.criteria[:1], *criteria))
    try:
        cohort = build_cohort(site_of(random_rows(seed)), definition)
    except DesignError:
        return  # nobody was left
    persons = [step.persons for step in cohort.flow.steps]
    assert persons == sorted(persons, reverse=True)
    assert all(step.spells >= step.persons for step in cohort.flow.steps)
    assert [step.id for step in cohort.flow.steps] == ["candidates", *(rule.id for rule in definition.criteria)]
    assert cohort.size == persons[-1]


def test_building_twice_gives_the_same_and_changes_nothing() -> None:
    tables = site_of(random_rows(1))
    before = {name: table.execute() for name, table in tables.named.items()}
    first, second = build_cohort(tables, STARTERS), build_cohort(tables, STARTERS)
    assert first.fingerprint == second.fingerprint == first.flow.universe
    assert first.as_of == STARTERS.as_of
    for name, table in tables.named.items():
        pd.testing.assert_frame_equal(table.execute(), before[name])


def test_the_definition_is_in_the_key() -> None:
    keys = {
        school_year_starters(year, between, as_of).key
        for year in (7, 8)
        for between in (("2021-08-01", "2022-07-31"), ("2021-08-01", "2023-07-31"))
        for as_of in ("2024-07-01", "2023-07-01")
    }
    assert len(keys) == 8
    assert school_year_starters(7, ("2021-07-02", "2022-07-01"), "2024-07-01").key == STARTERS.key


def test_entry_is_the_first_remaining_spell() -> None:
    tables = site_of(random_rows(1))
    cohort = build_cohort(tables, STARTERS)
    enrolments = tables["enrolments"].execute()
    starts = enrolments[enrolments["year_group"] == 7].groupby("person_id")["start"].min()
    assert cohort.frame.set_index("person_id")["entry"].to_dict() == {
        name: pd.Timestamp(starts[name]) for name in cohort.frame["person_id"]
    }


@pytest.mark.parametrize("step", range(5))
def test_every_step_is_written_for_spark(step: int) -> None:
    unbound = Tables({name: ibis.table(schema | {"known_from": "date"}, name=name) for name, schema in SCHEMAS.items()})
    stages = _stages(unbound.known_before(STARTERS.as_of), STARTERS)
    assert len(stages) == 5
    assert "SELECT" in ibis.to_sql(stages[step], dialect="pyspark")

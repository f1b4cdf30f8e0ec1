"""Building a cohort: the flow never rises, nothing handed in changes, twice is once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import ibis
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drawn_sites import random_rows, site_of
from evalkit.cohorts import school_year_starters
from evalkit.cohorts.build import build_cohort
from evalkit.errors import DesignError, InputError
from evalkit.values import Criterion, Known, Tables

STARTERS = school_year_starters(7, ("2021-08-01", "2022-07-31"), "2024-07-01")
few = settings(max_examples=5, deadline=None, derandomize=True, phases=[Phase.generate])


def picking(number: int, share: int, unit: str) -> Criterion:
    """Return a rule that keeps persons by their name and doubles every row it keeps."""

    def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
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
    assert [step.id for step in cohort.flow.steps] == [
        "candidates",
        *(rule.id for rule in definition.criteria),
        "followed",
    ]
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


def test_a_criterion_changed_in_a_notebook_changes_the_key() -> None:
    def keeping(sex: str) -> Criterion:
        def keep(known: Known, candidates: ibis.Table) -> ibis.Table:
            persons = known.history("persons")
            return candidates.semi_join(persons.filter(persons.sex == sex), "person_id")

        return Criterion("own", "egen", "own", "person", keep)

    women, men, again = (replace(STARTERS, criteria=(keeping(sex),)) for sex in ("woman", "man", "woman"))
    assert women.key != men.key
    assert women.key == again.key


def test_the_day_a_rule_is_settled_is_in_the_key() -> None:
    first, *others = STARTERS.criteria
    assert replace(STARTERS, criteria=(replace(first, settled=None), *others)).key != STARTERS.key


def test_a_definition_that_is_no_question_to_the_tables_is_refused() -> None:
    executed = replace(STARTERS, candidates=lambda tables, until: tables["enrolments"].execute())
    with pytest.raises(InputError, match="cannot be written as questions"):
        _ = executed.key


def test_a_spell_given_twice_is_refused() -> None:
    def twice(tables: Tables, until: date) -> ibis.Table:
        candidates = STARTERS.candidates(tables, until)
        return candidates.union(candidates)

    with pytest.raises(DesignError, match="hold a spell twice"):
        build_cohort(site_of(random_rows(1)), replace(STARTERS, candidates=twice))


def test_a_site_without_persons_is_told() -> None:
    tables = site_of(random_rows(1))
    without = replace(tables, named={name: table for name, table in tables.named.items() if name != "persons"})
    with pytest.raises(InputError, match="persons"):
        build_cohort(without, replace(STARTERS, criteria=()))

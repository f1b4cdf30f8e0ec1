"""Weights of linear estimators, against the libraries and against brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.models.agreement import assigned_weights, compare_estimators
from evalkit.models.agreement.answers import over_starts, read_cells, weight_of_units
from evalkit.models.agreement.assigned_weights import (
    Assigned,
    Weigh,
    assign,
    carry_out,
    permute,
    weigh_contrast,
    weigh_group_time,
    weigh_imputation,
    weigh_two_way,
)
from evalkit.values import Panel

EVERY = (weigh_two_way, weigh_group_time, weigh_imputation, weigh_contrast)
SCHOOLS, TERMS = 8, 6


def world(seed: int, slots: tuple[int, ...] = (3, 4)) -> tuple[np.ndarray, Assigned]:
    generator = np.random.default_rng(seed)
    weight = generator.integers(20, 300, SCHOOLS).astype(float)
    pairs = np.array(list(itertools.permutations(range(SCHOOLS), len(slots))))
    outcome = generator.normal(size=(SCHOOLS, TERMS)) + generator.normal(size=(SCHOOLS, 1))
    return outcome, assign(pairs, np.array(slots), weight, TERMS)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_weights_leave_out_schools_and_terms_and_hold_an_effect_of_one(seed: int) -> None:
    _, assigned = world(seed)
    for weigh in EVERY:
        weights = weigh(assigned)
        assert np.abs(weights.sum(axis=1)).max() < 1e-9
        assert np.abs(weights.sum(axis=2)).max() < 1e-9
        assert (weights * assigned.treated).sum(axis=(1, 2)) == pytest.approx(1.0)


@pytest.mark.parametrize("slots", [(3, 3), (3, 4), (2, 5)])
def test_weights_give_the_libraries_answers(slots: tuple[int, ...]) -> None:
    outcome, assigned = world(7, slots)
    rows = pd.DataFrame(
        {
            "school": np.repeat(np.arange(SCHOOLS), TERMS),
            "time": np.tile(np.arange(TERMS), SCHOOLS),
            "y": outcome.ravel(),
            "pupils": np.repeat(assigned.weight, TERMS),
        }
    )
    began = assigned.began[0].astype(float)
    rows["from"] = np.where(began < TERMS, began, np.nan)[rows["school"]]
    panel = Panel(rows, "school", "time", "school", treated_from="from", weight="pupils")
    found = compare_estimators(panel, "y")
    units = weight_of_units(read_cells(panel, "y"))
    for method, weigh in (
        ("two_way", weigh_two_way),
        ("group_time", weigh_group_time),
        ("imputation", weigh_imputation),
        ("two_stage", weigh_imputation),
        ("etwfe", weigh_imputation),
    ):
        answer = found.get(method)
        value = over_starts(answer.by_start, units) if answer.by_start else answer.value
        assert (weigh(assigned)[0] * outcome).sum() == pytest.approx(value, abs=1e-8), method


def test_with_one_start_regression_imputation_and_contrast_are_the_same() -> None:
    _, assigned = world(11, (3, 3))
    plain = weigh_contrast(assigned)
    assert np.abs(weigh_two_way(assigned) - plain).max() < 1e-9
    assert np.abs(weigh_imputation(assigned) - plain).max() < 1e-9
    assert np.abs(weigh_group_time(assigned) - plain).max() > 0.01


@pytest.mark.parametrize("weigh", EVERY[:3])
def test_the_interval_holds_exactly_what_the_test_does_not_reject(
    weigh: Weigh, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome, assigned = world(3)
    pairs = np.array(list(itertools.permutations(range(SCHOOLS), 2)))
    monkeypatch.setattr(assigned_weights, "TOGETHER", 10 * outcome.size)
    tested = carry_out(weigh, pairs, np.array([3, 4]), assigned.weight, outcome)
    weights = weigh(assigned)
    variances = (0.1 + 3.0 / assigned.weight, 0.1 + 9.0 / assigned.weight)
    treated = assigned.treated[0]
    level = 0.9
    kept = permute(tested, variances, level)
    for x in np.linspace(-6.0, 6.0, 121):
        effect = np.einsum("ngt,gt->n", weights, outcome - x * treated)
        accepted = []
        for one in variances:
            far = np.abs(effect) / np.sqrt((np.abs(weights).sum(axis=2) / 2) ** 2 @ one)
            accepted.append((far >= far[0] * (1 - 1e-9)).mean() > 1 - level)
        assert any(accepted) == any(segment.low <= x <= segment.high for segment in kept), x

"""Witness: plain loops, and the coverage of paths drawn from a known distribution."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from evalkit.models.placebo_bands import p_value, studentise, upper_quantile


def test_each_placebo_is_divided_by_those_that_share_no_school_with_it() -> None:
    assignments = np.array(list(combinations(range(7), 2)))
    placebos = np.random.default_rng(1).normal(size=(len(assignments), 3))
    deviation, sizes = studentise(assignments, placebos)
    assert deviation == pytest.approx(np.sqrt((placebos**2).mean(axis=0)))
    for row, schools in enumerate(assignments):
        apart = [other for other, them in enumerate(assignments) if not set(schools) & set(them)]
        expected = np.abs(placebos[row]) / np.sqrt((placebos[apart] ** 2).mean(axis=0))
        assert sizes[row] == pytest.approx(expected)


def test_placebos_that_all_share_a_school_are_divided_by_all() -> None:
    assignments = np.array([[0, 1], [0, 2], [1, 2]])
    placebos = np.array([[1.0], [2.0], [3.0]])
    deviation, sizes = studentise(assignments, placebos)
    assert sizes[:, 0] == pytest.approx([1, 2, 3] / deviation[0])


def test_quantiles_count_the_observed_one() -> None:
    values = np.arange(1.0, 20.0)
    assert upper_quantile(values, 0.95) == 19.0
    assert upper_quantile(values, 0.9) == 18.0
    assert upper_quantile(np.column_stack([values, values * 2]), 0.9).tolist() == [18.0, 36.0]


def test_p_values_count_the_observed_one() -> None:
    assert p_value(2.0, np.array([1.0, 2.0, 3.0])) == 3 / 4
    assert p_value(9.0, np.array([1.0, 2.0, 3.0])) == 1 / 4


def test_the_band_holds_the_whole_path_in_nineteen_of_twenty_studies() -> None:
    """2 of 30 schools, AR(.5) shocks and noise, seven terms; 600 studies give an error of .009."""
    generator = np.random.default_rng(3)
    terms = np.arange(8)
    root = np.linalg.cholesky(4 * 0.5 ** np.abs(terms[:, None] - terms[None, :]) + np.eye(8))
    assignments = np.array(list(combinations(range(28), 2)))
    weights = np.full((len(assignments), 28), -1 / 26)
    np.put_along_axis(weights, assignments, 0.5, axis=1)
    scale = np.sqrt((1 / 2 + 1 / 28) / (1 / 2 + 1 / 26))
    held = 0
    for _ in range(600):
        levels = generator.normal(size=(30, 8)) @ root.T
        changes = np.delete(levels - levels[:, [3]], 3, axis=1)
        deviation, sizes = studentise(assignments, weights @ changes[2:] * scale)
        observed = np.abs(changes[:2].mean(axis=0) - changes[2:].mean(axis=0)) / deviation
        held += observed.max() <= upper_quantile(sizes.max(axis=1), 0.95)
    assert held / 600 == pytest.approx(0.95, abs=0.025)

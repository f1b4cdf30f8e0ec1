"""Closed forms: the band over independent points is Sidak's, over one point the usual one, over copies the same."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from evalkit.models.staggered import clustered_error, uniform_quantile


def influence(points: int, clusters: int = 400) -> np.ndarray:
    return np.random.default_rng(3).normal(size=(points, clusters))


@pytest.mark.parametrize("multiplier", ["rademacher", "mammen"])
@pytest.mark.parametrize("points", [1, 5, 20])
def test_independent_points(points: int, multiplier: str) -> None:
    drawn = uniform_quantile(influence(points), level=0.95, seed=1, draws=20_000, multiplier=multiplier)
    assert drawn == pytest.approx(norm.ppf((1 + 0.95 ** (1 / points)) / 2), abs=0.06)  # Monte Carlo error near .02


def test_copies_of_a_point_widen_nothing() -> None:
    one = influence(1)
    copies = np.concatenate([one, 5 * one, -one])
    assert uniform_quantile(copies, level=0.9, seed=4) == pytest.approx(uniform_quantile(one, level=0.9, seed=4))


def test_the_seed_decides_and_the_order_of_clusters_does_not() -> None:
    some = influence(4)
    first = uniform_quantile(some, level=0.95, seed=7)
    assert uniform_quantile(some, level=0.95, seed=7) == first
    assert uniform_quantile(some, level=0.95, seed=8) != first
    shuffled = some[:, np.random.default_rng(1).permutation(some.shape[1])]
    assert uniform_quantile(shuffled, level=0.95, seed=7) == pytest.approx(first, rel=1e-12)


def test_points_without_spread_do_not_count() -> None:
    some = influence(3)
    with_zero = np.concatenate([some, np.zeros((1, some.shape[1]))])
    assert uniform_quantile(with_zero, level=0.95, seed=2) == uniform_quantile(some, level=0.95, seed=2)
    assert math.isnan(uniform_quantile(np.zeros((2, 30)), level=0.95, seed=2))


def test_many_clusters_are_drawn_in_blocks() -> None:
    many = influence(2, clusters=9_000)
    assert uniform_quantile(many, level=0.95, seed=2, draws=999) == pytest.approx(2.24, abs=0.2)


def test_mammen_weights_skewed_contributions_by_their_side() -> None:
    skewed = np.random.default_rng(5).exponential(size=(1, 60)) - 1
    named = {kind: uniform_quantile(skewed, level=0.95, seed=1, multiplier=kind) for kind in ("rademacher", "mammen")}
    assert named["rademacher"] != named["mammen"]


def test_clustered_error() -> None:
    sums = np.array([3.0, -4.0, 0.0, 1.0, 0.0])
    assert clustered_error(sums, "CR0") == pytest.approx(math.sqrt(26))
    assert clustered_error(sums) == pytest.approx(math.sqrt(26 * 5 / 4))
    assert math.isnan(clustered_error(np.array([1.0])))

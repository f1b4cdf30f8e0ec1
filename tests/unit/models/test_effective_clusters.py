"""Witnesses: closed forms, and the definitions with n x n matrices (Carter, Schnepel and Steigerwald 2017, equation for
the effective number; MacKinnon, Nielsen and Webb 2023, for leverage)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.errors import DesignError
from evalkit.models.effective_clusters import effective_number, weigh_clusters


def cut(x: np.ndarray, cluster: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    groups = [x[cluster == g] for g in np.unique(cluster)]
    return np.stack([g.T @ g for g in groups]), np.stack([g.sum(axis=0) for g in groups])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), clusters=st.integers(2, 9), correlation=st.sampled_from([0.0, 0.3, 1.0]))
def test_sums_give_what_the_definitions_give(seed: int, clusters: int, correlation: float) -> None:
    generator = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), generator.integers(2, 9, clusters))
    n = len(cluster)
    x = np.column_stack([generator.normal(size=(n, 2)), np.ones(n)])
    cross, totals = cut(x, cluster)
    found = weigh_clusters(cross, np.eye(3)[0], totals=totals, correlation=correlation)
    inverse = np.linalg.inv(x.T @ x)
    hat = x @ inverse @ x.T
    groups = [np.flatnonzero(cluster == g) for g in range(clusters)]
    assert found.leverage == pytest.approx([np.trace(hat[np.ix_(g, g)]) for g in groups])
    rest = x[:, 1:]
    partial = x[:, 0] - rest @ np.linalg.lstsq(rest, x[:, 0], rcond=None)[0]
    assert found.partial_leverage == pytest.approx([(partial[g] ** 2).sum() / (partial**2).sum() for g in groups])
    pull = (inverse @ x.T)[0]
    inside = correlation + (1 - correlation) * np.eye(n)
    shares = np.array([pull[g] @ inside[np.ix_(g, g)] @ pull[g] for g in groups])
    variation = ((shares - shares.mean()) ** 2).mean() / shares.mean() ** 2
    assert found.effective == pytest.approx(clusters / (1 + variation))


def test_equal_clusters_count_whole() -> None:
    x = np.tile(np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]]), (8, 1))
    found = weigh_clusters(cut(x, np.repeat(np.arange(8), 3))[0], np.eye(2)[0])
    assert found.effective == pytest.approx(8)
    assert found.leverage == pytest.approx(np.full(8, 2 / 8))
    assert found.partial_leverage == pytest.approx(np.full(8, 1 / 8))


@pytest.mark.parametrize(("treated", "clusters"), [(1, 30), (2, 30), (15, 30)])
def test_few_treated_clusters_are_few_effective_ones(treated: int, clusters: int) -> None:
    """Closed form for whole clusters treated, errors of a cluster in common: shares are 1/G1^2 and 1/G0^2."""
    on = np.repeat(np.arange(clusters) < treated, 4).astype(float)
    cross, totals = cut(np.column_stack([on, np.ones(4 * clusters)]), np.repeat(np.arange(clusters), 4))
    found = weigh_clusters(cross, np.eye(2)[0], totals=totals, correlation=1.0)
    untreated = clusters - treated
    wanted = (1 / treated + 1 / untreated) ** 2 / (1 / treated**3 + 1 / untreated**3)
    assert found.effective == pytest.approx(wanted)
    assert found.partial_leverage[:treated].sum() == pytest.approx(untreated / clusters)


def test_a_cluster_without_variation_counts_for_nothing() -> None:
    generator = np.random.default_rng(3)
    cluster = np.repeat(np.arange(4), 6)
    x = generator.normal(size=(24, 1)) * (cluster < 2)[:, None]
    found = weigh_clusters(cut(x, cluster)[0], np.ones(1))
    assert found.partial_leverage[2:] == pytest.approx([0, 0])
    assert found.effective <= 2


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_names_and_units_do_not_matter(seed: int) -> None:
    generator = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(6), 5)
    cross, _ = cut(np.column_stack([generator.normal(size=(30, 2)), np.ones(30)]), cluster)
    order, unit = generator.permutation(6), np.diag([1e4, 1e-3, 1.0])
    before = weigh_clusters(cross, np.eye(3)[0])
    after = weigh_clusters(unit @ cross[order] @ unit, np.eye(3)[0])
    assert after.effective == pytest.approx(before.effective)
    assert after.leverage == pytest.approx(before.leverage[order])
    assert after.partial_leverage == pytest.approx(before.partial_leverage[order])


def test_the_effective_number_lies_between_one_and_all() -> None:
    assert effective_number(np.array([1.0, 0.0, 0.0])) == 1
    assert effective_number(np.full(7, 0.3)) == pytest.approx(7)


def test_what_cannot_be_weighed_is_refused() -> None:
    with pytest.raises(DesignError, match="no cluster"):
        weigh_clusters(np.zeros((3, 1, 1)), np.ones(1))
    with pytest.raises(DesignError, match="no cluster"):
        weigh_clusters(np.zeros((0, 2, 2)), np.eye(2)[0])
    with pytest.raises(ValueError, match="totals"):
        weigh_clusters(np.ones((3, 1, 1)), np.ones(1), correlation=0.5)

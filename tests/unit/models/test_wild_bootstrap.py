"""Witnesses: refitting by OLS for every weighting; wildboottest 0.3.2 with every dummy kept (tests/oracle/models).

Both are exact, so counts of weightings must be equal, not close.
"""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.models.two_way import fit_two_way
from evalkit.models.wild_bootstrap import POINTS, choose_weights, drawn_weightings, every_weighting, wild_bootstrap

ORACLE = Path(__file__).parents[2] / "oracle" / "models"


def draw(seed: int, clusters: int, width: int = 2, each: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), each + generator.integers(0, 4, clusters))
    n = len(cluster)
    x = generator.normal(size=(n, width)) + generator.normal(size=(clusters, width))[cluster]
    y = 0.2 * x[:, 0] + generator.normal(size=clusters)[cluster] * 0.5 + generator.normal(size=n)
    return x, y, cluster


def sums_of(x: np.ndarray, y: np.ndarray, cluster: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    solution = np.linalg.lstsq(x, y, rcond=None)[0]
    groups = [cluster == g for g in np.unique(cluster)]
    cross = np.stack([x[mine].T @ x[mine] for mine in groups])
    scores = np.stack([x[mine].T @ (y - x @ solution)[mine] for mine in groups])
    return cross, scores, np.eye(x.shape[1])[0], float(solution[0])


def squared_t(x: np.ndarray, y: np.ndarray, cluster: np.ndarray, null: float) -> float:
    inverse = np.linalg.inv(x.T @ x)
    solution = inverse @ x.T @ y
    residual = y - x @ solution
    pulls = [(inverse @ x[cluster == g].T @ residual[cluster == g])[0] for g in np.unique(cluster)]
    return (solution[0] - null) ** 2 / float(np.square(pulls).sum())


def by_refitting(x, y, cluster, null: float, points, *, restricted: bool = True) -> tuple[int, int]:
    """How many of all weightings are as extreme as the observed sample, and how many there are."""
    first = np.eye(x.shape[1])[0]
    inverse = np.linalg.inv(x.T @ x)
    solution = inverse @ x.T @ y
    if restricted:
        solution = solution - inverse @ first * (solution[0] - null) / inverse[0, 0]
    residual = y - x @ solution
    seen = squared_t(x, y, cluster, null)
    weightings = list(itertools.product(points, repeat=len(np.unique(cluster))))
    centre = null if restricted else solution[0]
    drawn = [squared_t(x, x @ solution + np.array(v)[cluster] * residual, cluster, centre) for v in weightings]
    return sum(t >= seen * (1 - 1e-8) for t in drawn), len(drawn)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), clusters=st.integers(3, 6), level=st.sampled_from([0.6, 0.75]))
def test_p_and_interval_are_those_of_refitting_every_sample(seed: int, clusters: int, level: float) -> None:
    x, y, cluster = draw(seed, clusters)
    cross, scores, first, value = sums_of(x, y, cluster)
    found = wild_bootstrap(cross, scores, first, value, seed=1, level=level, weights="rademacher")
    assert found.enumerated
    count, weightings = by_refitting(x, y, cluster, 0.0, POINTS["rademacher"])
    assert found.p == count / weightings
    wide = 3 * abs(value) + 2
    for null in value + np.linspace(-wide, wide, 23) + 1e-4:
        count, weightings = by_refitting(x, y, cluster, null, POINTS["rademacher"])
        inside = any(segment.low <= null <= segment.high for segment in found.interval)
        assert inside == (count / weightings > 1 - level + 1e-9)


def test_webb_weights_are_those_of_refitting_every_sample() -> None:
    x, y, cluster = draw(3, 4)
    cross, scores, first, value = sums_of(x, y, cluster)
    found = wild_bootstrap(cross, scores, first, value, seed=1)
    assert (found.weights, found.enumerated, found.samples) == ("webb", True, 6**4 // 2)
    count, weightings = by_refitting(x, y, cluster, 0.0, POINTS["webb"])
    assert found.p == pytest.approx(count / weightings, abs=1e-12)


def test_unrestricted_samples_count_the_observed_one_beside_them() -> None:
    x, y, cluster = draw(4, 6)
    cross, scores, first, value = sums_of(x, y, cluster)
    found = wild_bootstrap(cross, scores, first, value, seed=1, level=0.8, restricted=False, weights="rademacher")
    count, weightings = by_refitting(x, y, cluster, 0.0, POINTS["rademacher"], restricted=False)
    assert found.p == (1 + count / 2) / (1 + weightings / 2)
    assert value - found.interval[0].low == pytest.approx(found.interval[0].high - value)
    for null, kept in ((found.interval[0].high - 1e-6, True), (found.interval[0].high + 1e-6, False)):
        count, weightings = by_refitting(x, y, cluster, null, POINTS["rademacher"], restricted=False)
        assert ((1 + count / 2) / (1 + weightings / 2) > 0.2) == kept


def small_panel() -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    frame = pd.read_csv(ORACLE / "small_panel.csv")
    codes = [pd.factorize(frame[name], sort=True)[0].astype(np.int64) for name in ("person", "time", "school")]
    fit = fit_two_way(frame["y"].to_numpy(), frame[["x"]].to_numpy(), *codes)
    return fit.cross, fit.scores, np.eye(4)[0], float(fit.coefficients[0])


@pytest.mark.parametrize("restricted", [True, False])
def test_sweeping_persons_out_counts_as_wildboottest_does_with_every_dummy(restricted: bool) -> None:
    cross, scores, first, value = small_panel()
    witness = json.loads((ORACLE / "wild_bootstrap_witness.json").read_text(encoding="utf-8"))
    for row in witness["tests"]:
        found = wild_bootstrap(cross, scores, first, value - row["tested"], seed=1, restricted=restricted)
        if restricted:
            assert found.p == row["as_extreme_restricted"] / witness["weightings"]
        else:
            assert found.p == (1 + row["as_extreme_unrestricted"] / 2) / (1 + witness["weightings"] / 2)


def test_the_interval_holds_the_nulls_that_the_witness_does_not_reject() -> None:
    cross, scores, first, value = small_panel()
    witness = json.loads((ORACLE / "wild_bootstrap_witness.json").read_text(encoding="utf-8"))
    found = wild_bootstrap(cross, scores, first, value, seed=1)
    for row in witness["tests"]:
        inside = any(segment.low <= row["tested"] <= segment.high for segment in found.interval)
        assert inside == (row["as_extreme_restricted"] / witness["weightings"] > 0.05)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), clusters=st.integers(2, 25), restricted=st.booleans())
def test_neither_names_nor_units_nor_signs_matter(seed: int, clusters: int, restricted: bool) -> None:
    cross, scores, first, value = sums_of(*draw(seed, clusters))
    order = np.random.default_rng(seed).permutation(clusters)

    def judge(cross, scores, value):
        return wild_bootstrap(cross, scores, first, value, seed=7, draws=199, restricted=restricted)

    before = judge(cross, scores, value)
    after = judge(cross[order], -1000.0 * scores[order], -1000.0 * value)
    assert after.p == before.p
    edges = [(-1000.0 * s.high, -1000.0 * s.low) for s in reversed(before.interval)]
    for segment, (low, high) in zip(after.interval, edges, strict=True):
        assert (segment.low, segment.high) == pytest.approx((low, high), rel=1e-5)
    unit = np.diag([1e-3, 50.0])
    scaled = judge(unit @ cross @ unit, scores @ unit, value * 1e3)
    assert scaled.p == before.p
    assert scaled.interval[0].low == pytest.approx(1e3 * before.interval[0].low, rel=1e-5)


def test_size_with_twenty_equal_clusters_is_near_nominal() -> None:
    generator = np.random.default_rng(11)
    cluster = np.repeat(np.arange(20), 5)
    rejected = 0
    for seed in range(600):
        x = np.column_stack([generator.normal(size=20)[cluster] + generator.normal(size=100), np.ones(100)])
        y = generator.normal(size=20)[cluster] + generator.normal(size=100)
        found = wild_bootstrap(*sums_of(x, y, cluster), seed=seed, draws=199)
        rejected += found.p <= 0.05
    assert 0.025 <= rejected / 600 <= 0.08


def test_two_treated_of_thirty_make_it_blind() -> None:
    """The published failure: with two treated clusters a restricted bootstrap hardly ever rejects."""
    generator = np.random.default_rng(12)
    cluster = np.repeat(np.arange(30), 4)
    x = np.column_stack([(cluster < 2).astype(float), np.ones(120)])
    rejected = 0
    for seed in range(60):
        y = 1.5 * x[:, 0] + generator.normal(size=30)[cluster] + generator.normal(size=120)
        rejected += wild_bootstrap(*sums_of(x, y, cluster), seed=seed, draws=199).p <= 0.05
    assert rejected <= 6


def test_few_clusters_take_webb_and_more_take_every_sign() -> None:
    assert choose_weights(7, 0.95) == "webb"
    assert choose_weights(8, 0.95) == "rademacher"
    assert choose_weights(5000, 0.95) == "rademacher"
    listed = every_weighting("rademacher", 8)
    assert len({tuple(row) for row in listed}) == 128
    assert not {tuple(row) for row in listed} & {tuple(-row) for row in listed}
    drawn = np.concatenate(list(drawn_weightings("webb", 20, 999, 1)))
    assert len(drawn) == 1000
    assert (drawn[0] == 1).all()
    assert np.unique(np.abs(drawn)) == pytest.approx([math.sqrt(0.5), 1.0, math.sqrt(1.5)])
    assert (drawn == np.concatenate(list(drawn_weightings("webb", 20, 999, 1)))).all()


def test_clusters_too_many_for_memory_are_drawn_in_blocks() -> None:
    blocks = list(drawn_weightings("rademacher", 1_000_000, 3, 1))
    assert [block.shape for block in blocks] == [(1, 1_000_000)] * 4
    assert abs(blocks[1].mean()) < 0.005


def test_too_few_signs_leave_the_interval_open() -> None:
    found = wild_bootstrap(*sums_of(*draw(5, 4)), seed=1, weights="rademacher")
    assert (found.interval[0].low, found.interval[-1].high) == (-math.inf, math.inf)
    assert found.attainable_p == 1 / 8


def test_clusters_that_say_nothing_make_ties_that_no_sample_can_break() -> None:
    x, y, cluster = draw(6, 6)
    x[cluster >= 4, 0] = 0.0
    x[cluster >= 4, 1] = 0.0
    cross, scores, first, value = sums_of(x, y, cluster)
    found = wild_bootstrap(cross, scores, first, value, seed=1, weights="rademacher")
    assert found.attainable_p == 1 / 8
    count, weightings = by_refitting(x, y, cluster, 0.0, POINTS["rademacher"])
    assert found.p == count / weightings


def test_one_cluster_or_a_perfect_fit_judges_nothing() -> None:
    cross, scores, first, value = sums_of(*draw(7, 5))
    assert wild_bootstrap(cross[:1], scores[:1], first, value, seed=1) is None
    assert wild_bootstrap(cross, 0.0 * scores, first, value, seed=1) is None

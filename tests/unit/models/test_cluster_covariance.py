"""Witnesses: the n x n definitions; diff-diff's CR2 with every dummy kept (tests/oracle/models, equal to clubSandwich);
leaving each cluster out by refitting, in numpy, in R and in statsmodels. R's clubSandwich: test_two_way.

Tolerances are those of double precision through a pseudo-inverse.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t
from statsmodels.regression.linear_model import OLS

from evalkit.models import change_over_time, within_effect
from evalkit.models.cluster_covariance import Uncertainty, bias_reduced, jackknife, plain_clustered
from evalkit.values import Panel

ORACLE = Path(__file__).parents[2] / "oracle" / "models"


def symmetric_root(matrix: np.ndarray, power: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    scaled = np.where(values > 1e-10, np.maximum(values, 1e-10) ** power, 0.0)
    return (vectors * scaled) @ vectors.T


def by_definition(x: np.ndarray, y: np.ndarray, cluster: np.ndarray, combination: np.ndarray) -> tuple[float, float]:
    """CR2 and Satterthwaite with n x n matrices, as Bell and McCaffrey write them."""
    inverse = np.linalg.inv(x.T @ x)
    maker = np.eye(len(y)) - x @ inverse @ x.T
    residual = maker @ y
    variance, columns = 0.0, []
    for group in np.unique(cluster):
        mine = cluster == group
        adjust = symmetric_root(maker[np.ix_(mine, mine)], -0.5)
        load = adjust @ x[mine] @ inverse @ combination
        variance += float(load @ residual[mine]) ** 2
        columns.append(maker[:, mine] @ load)
    overlap = np.stack(columns, axis=1)
    values = np.linalg.eigvalsh(overlap.T @ overlap)
    return math.sqrt(variance), float(values.sum() ** 2 / (values**2).sum())


def from_rows(x: np.ndarray, y: np.ndarray, cluster: np.ndarray, combination: np.ndarray) -> Uncertainty:
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    groups = np.unique(cluster)
    cross = np.stack([x[cluster == g].T @ x[cluster == g] for g in groups])
    scores = np.stack([x[cluster == g].T @ residual[cluster == g] for g in groups])
    return bias_reduced(cross, scores, combination)


@pytest.mark.parametrize("seed", range(5))
def test_k_by_k_equals_n_by_n(seed: int) -> None:
    generator = np.random.default_rng(seed)
    cluster = np.sort(generator.integers(0, 5 + seed, 60))
    x = np.column_stack([np.ones(60), generator.normal(size=(60, 2)) + cluster[:, None] * 0.3])
    y = generator.normal(size=60) + 0.5 * cluster
    combination = np.array([0.0, 1.0, -0.5])
    found = from_rows(x, y, cluster, combination)
    error, freedom = by_definition(x, y, cluster, combination)
    assert found.standard_error == pytest.approx(error, rel=1e-10)
    assert found.freedom == pytest.approx(freedom, rel=1e-9)


def test_balanced_clusters_with_a_constant_are_a_t_test_on_their_means() -> None:
    generator = np.random.default_rng(1)
    means = np.repeat(generator.normal(size=7), 10)
    y = means + generator.normal(size=70)
    cluster = np.repeat(np.arange(7), 10)
    found = from_rows(np.ones((70, 1)), y, cluster, np.ones(1))
    by_cluster = y.reshape(7, 10).mean(axis=1)
    assert found.standard_error == pytest.approx(by_cluster.std(ddof=1) / math.sqrt(7))
    assert found.freedom == pytest.approx(6)


def mpdta() -> Panel:
    frame = pd.read_csv(ORACLE / "mpdta.csv")
    frame["state"] = (frame["countyreal"] // 1000).astype(str)
    frame["on"] = ((frame["first_treat"] > 0) & (frame["year"] >= frame["first_treat"])).astype(float)
    labels = tuple((year, str(year)) for year in range(2003, 2008))
    return Panel(frame, unit="countyreal", time="year", cluster="state", labels=labels)


def test_sweeping_persons_out_changes_nothing_against_all_dummies() -> None:
    witness = json.loads((ORACLE / "cr2_witness.json").read_text(encoding="utf-8"))["within"]
    found = within_effect(mpdta(), outcome="lemp", on="on")
    assert found.value == pytest.approx(witness["value"], abs=1e-10)
    assert found.standard_error == pytest.approx(witness["standard_error"], rel=1e-9)
    assert found.diagnostics.get("degrees_of_freedom") == pytest.approx(witness["freedom"], rel=1e-8)


def test_change_has_the_witness_standard_error() -> None:
    witness = json.loads((ORACLE / "cr2_witness.json").read_text(encoding="utf-8"))["change"]
    found = change_over_time(mpdta(), outcome="lemp", between=("2003", "2007"))
    assert found.value == pytest.approx(witness["value"], abs=1e-10)
    assert found.standard_error == pytest.approx(witness["standard_error"], rel=1e-9)
    assert found.diagnostics.get("degrees_of_freedom") == pytest.approx(witness["freedom"], rel=1e-8)


def test_the_plain_convention_by_hand() -> None:
    generator = np.random.default_rng(2)
    x, y, cluster = generator.normal(size=(40, 2)), generator.normal(size=40), np.repeat(np.arange(8), 5)
    inverse = np.linalg.inv(x.T @ x)
    residual = y - x @ inverse @ x.T @ y
    scores = np.stack([x[cluster == g].T @ residual[cluster == g] for g in range(8)])
    wanted = inverse @ (scores.T @ scores) @ inverse * 8 / 7 * 39 / 38
    found = plain_clustered(x.T @ x, scores, np.array([0.0, 1.0]), 40, 2)
    assert found.standard_error == pytest.approx(math.sqrt(wanted[1, 1]))
    assert found.freedom == 7


@pytest.mark.parametrize("seed", range(4))
def test_the_jackknife_is_refitting_without_each_cluster(seed: int) -> None:
    generator = np.random.default_rng(seed)
    cluster = np.sort(generator.integers(0, 6, 50))
    x = np.column_stack([generator.normal(size=(50, 2)) + cluster[:, None] * 0.3, np.ones(50)])
    y = generator.normal(size=50) + 0.5 * cluster
    combination = np.array([1.0, -2.0, 0.0])
    solution = np.linalg.lstsq(x, y, rcond=None)[0]
    groups = np.unique(cluster)
    cross = np.stack([x[cluster == g].T @ x[cluster == g] for g in groups])
    scores = np.stack([x[cluster == g].T @ (y - x @ solution)[cluster == g] for g in groups])
    without = [np.linalg.lstsq(x[cluster != g], y[cluster != g], rcond=None)[0] for g in groups]
    changes = (np.stack(without) - solution) @ combination
    found = jackknife(cross, scores, combination)
    wanted = (len(groups) - 1) / len(groups) * (changes**2).sum()
    assert found.standard_error == pytest.approx(math.sqrt(wanted), rel=1e-10)
    assert found.freedom == len(groups) - 1


def test_the_jackknife_is_that_of_r_and_statsmodels() -> None:
    frame = pd.read_csv(ORACLE / "small_panel.csv")
    kept = pd.read_csv(ORACLE / "r_witness.csv").set_index("quantity")["value"]
    x = np.column_stack([frame["x"], pd.get_dummies(frame["time"], dtype=float)])
    y, school = frame["y"].to_numpy(), frame["school"].to_numpy()
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    cross = np.stack([x[school == g].T @ x[school == g] for g in range(8)])
    scores = np.stack([x[school == g].T @ residual[school == g] for g in range(8)])
    found = jackknife(cross, scores, np.eye(5)[0]).standard_error
    assert found == pytest.approx(kept["plain_x_se_jackknife"], rel=1e-10)
    assert found * math.sqrt(8 / 7) == pytest.approx(kept["plain_x_se_cr3"], rel=1e-10)
    fit = OLS(y, x).fit(cov_type="cluster-crv3", cov_kwds={"groups": school})
    assert found == pytest.approx(fit.bse[0], rel=1e-9)
    # around the mean of the left-out estimates instead of the estimate, squares are smaller
    assert OLS(y, x).fit(cov_type="cluster-jk", cov_kwds={"groups": school}).bse[0] < found


def test_a_cluster_that_alone_tells_of_something_cannot_be_left_out() -> None:
    generator = np.random.default_rng(9)
    cluster = np.repeat(np.arange(5), 6)
    x = np.column_stack([generator.normal(size=30) * (cluster == 2), np.ones(30)])
    cross = np.stack([x[cluster == g].T @ x[cluster == g] for g in range(5)])
    scores = generator.normal(size=(5, 2))
    assert not jackknife(cross, scores, np.array([1.0, 0.0])).known
    assert jackknife(cross, scores, np.array([0.0, 1.0])).known


def test_one_cluster_judges_nothing() -> None:
    alone = bias_reduced(np.ones((1, 1, 1)), np.zeros((1, 1)), np.ones(1))
    assert not alone.known
    assert alone.reach(0.95) == math.inf
    assert alone.p(1.0) is None
    assert alone.detectable(0.95) is None
    assert not jackknife(np.ones((1, 1, 1)), np.zeros((1, 1)), np.ones(1)).known
    assert not plain_clustered(np.ones((1, 1)), np.zeros((1, 1)), np.ones(1), 10, 1).known


def test_reach_and_p_agree() -> None:
    found = Uncertainty(2.0, 3.0)
    assert found.reach(0.95) == pytest.approx(2 * t.ppf(0.975, 3))
    assert found.p(found.reach(0.95)) == pytest.approx(0.05)

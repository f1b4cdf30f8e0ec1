"""Witness: covariances known from how the paths were drawn."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.models.path_covariance import path_covariance

STEPS = np.array([-4, -3, -2, 0, 1, 2, 3])


def draw(generator: np.random.Generator, count: int, rho: float, noise: float) -> np.ndarray:
    """Return paths, measured from term -1, of stationary shocks of variance 1 plus noise."""
    terms = np.arange(-4, 4)
    levels = rho ** np.abs(terms[:, None] - terms[None, :]) + noise * np.eye(8)
    drawn = generator.multivariate_normal(np.zeros(8), levels, count)
    return np.delete(drawn - drawn[:, [3]], 3, axis=1)


def truth(rho: float, noise: float) -> np.ndarray:
    def gap(lag: np.ndarray) -> np.ndarray:
        return np.where(lag == 0, 0.0, 1 + noise - rho ** np.abs(lag))

    away = STEPS + 1
    return gap(away)[:, None] + gap(away)[None, :] - gap(STEPS[:, None] - STEPS[None, :])


@pytest.mark.parametrize(("rho", "noise"), [(0.5, 0.3), (0.8, 0.0), (0.0, 1.0)])
def test_many_paths_give_the_covariance_back(rho: float, noise: float) -> None:
    found = path_covariance(draw(np.random.default_rng(1), 20_000, rho, noise), STEPS, -1, 20_000)
    assert found.value == pytest.approx(truth(rho, noise), abs=0.06)


def test_few_paths_are_drawn_to_the_structure_and_stay_invertible() -> None:
    expected = truth(0.5, 0.3)
    far, near, taken = [], [], []
    for seed in range(60):
        paths = draw(np.random.default_rng(seed), 6, 0.5, 0.3)
        found = path_covariance(paths, STEPS, -1, 6)
        assert np.linalg.eigvalsh(found.value).min() > 0
        taken.append(found.shrinkage)
        near.append(((found.value - expected) ** 2).sum())
        far.append(((paths.T @ paths / 6 - expected) ** 2).sum())
    assert np.mean(taken) > 0.5
    assert np.mean(near) < 0.8 * np.mean(far)


def test_many_paths_of_another_structure_are_left_as_they_are() -> None:
    """Terms of very different spread: the more schools, the less is taken from the structure."""
    generator = np.random.default_rng(3)
    paths = draw(generator, 4_000, 0.5, 0.3) * np.array([4.0, 1, 1, 1, 1, 1, 3.0])
    found = path_covariance(paths, STEPS, -1, 4_000)
    assert found.shrinkage < 0.05
    assert found.value == pytest.approx(paths.T @ paths / 4_000, rel=0.1, abs=0.2)


def test_scaling_the_paths_scales_the_covariance() -> None:
    paths = draw(np.random.default_rng(4), 30, 0.5, 0.3)
    once, tenfold = (path_covariance(paths * size, STEPS, -1, 27) for size in (1.0, 10.0))
    assert tenfold.value == pytest.approx(100 * once.value)
    assert tenfold.shrinkage == pytest.approx(once.shrinkage)

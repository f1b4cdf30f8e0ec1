"""Checks of a design equal those made by definition; simulated regression to the mean is found."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from evalkit.models.design_checks import exchangeability, largest_jump, regression_to_mean, size_percentiles


def every_pair(schools: int, observed: tuple[int, int]) -> np.ndarray:
    return np.array([observed, *(pair for pair in combinations(range(schools), 2) if pair != observed)])


def test_percentiles_share_ties() -> None:
    assert size_percentiles(np.array([10.0, 20.0, 20.0, 40.0])).tolist() == [0.125, 0.5, 0.5, 0.875]


def test_the_two_largest_and_the_two_extremes_are_unlike_the_others_and_two_middle_ones_are_not() -> None:
    size = np.arange(1.0, 11.0)
    extreme, largest, middle = (exchangeability(size, every_pair(10, pair)) for pair in ((0, 9), (8, 9), (4, 5)))
    assert extreme == pytest.approx(1 / 45), "one smallest and one largest do not make up for one another"
    assert largest == pytest.approx(5 / 45), "both distances add up to .85: (8,9), (0,1), (0,8), (1,9) and (0,9)"
    assert middle == 1.0


def test_p_of_size_is_uniform_when_any_pair_could_have_been_treated() -> None:
    size = np.exp(np.random.default_rng(1).normal(size=9))
    found = np.array([exchangeability(size, every_pair(9, pair)) for pair in combinations(range(9), 2)])
    for level in (0.05, 0.1, 0.25, 0.5):
        assert (found <= level).mean() <= level + 1e-12


def study(schools: int, rho: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return level before and contrast where levels before and after correlate by rho and nothing happens."""
    generator = np.random.default_rng(seed)
    before = generator.normal(size=(schools, 1))
    after = rho * before + np.sqrt(1 - rho**2) * generator.normal(size=(schools, 1))
    return before, after - before


def weights(schools: int) -> np.ndarray:
    weight = np.full((schools, 1), -1.0 / (schools - 1))
    weight[0] = 1.0
    return weight


def regress(level: np.ndarray, contrast: np.ndarray, confidence: float = 0.95):
    schools = len(level)
    return regression_to_mean(
        level,
        contrast,
        pupils=np.full((schools, 1), 50.0),
        weight=weights(schools),
        stratum=np.zeros(schools, dtype=np.int64),
        untreated=np.arange(schools) > 0,
        confidence=confidence,
    )


def test_the_predicted_change_is_the_slope_of_least_squares_times_the_difference_before() -> None:
    level, contrast = study(12, 0.6, 1)
    found = regress(level, contrast)
    slope = np.polyfit(level[1:, 0], contrast[1:, 0], 1)[0]
    assert found.baseline == pytest.approx(level[0, 0] - level[1:, 0].mean())
    assert found.change == pytest.approx(slope * found.baseline)
    assert found.deviations == pytest.approx(found.baseline / level[1:, 0].std(ddof=1))
    assert found.low < found.change < found.high


def test_a_selected_low_level_rises_by_itself_as_much_as_predicted() -> None:
    """With a correlation of .6 a school 2 deviations below the others is expected to rise by .8."""
    predicted = []
    for seed in range(40):
        level, contrast = study(30, 0.6, seed)
        level[0] = level[1:].mean() - 2.0
        predicted.append(regress(level, contrast).change)
    assert np.mean(predicted) == pytest.approx(0.8, abs=0.1)


def test_the_interval_of_the_prediction_covers() -> None:
    hits = []
    for seed in range(300):
        level, contrast = study(20, 0.6, seed)
        found = regress(level, contrast)
        hits.append(found.low <= -0.4 * found.baseline <= found.high)
    assert 0.91 <= np.mean(hits) <= 0.99


def test_treated_schools_contrasts_are_not_used() -> None:
    level, contrast = study(12, 0.6, 2)
    changed = contrast.copy()
    changed[0] += 100.0
    assert regress(level, contrast) == regress(level, changed)


def test_too_few_schools_or_no_difference_tell_nothing() -> None:
    level, contrast = study(4, 0.6, 3)
    assert regress(level, contrast) is None
    assert regress(np.ones((9, 1)), np.zeros((9, 1))) is None


def test_the_largest_jump_is_that_of_treated_minus_comparison() -> None:
    series = np.array([[90.0, 90.0, 80.0, 80.0], [95.0, 90.0, 90.0, 91.0], [85.0, 80.0, 80.0, 81.0]])
    assert largest_jump(series, np.array([1.0, -0.5, -0.5])) == (pytest.approx(10.0), 2)


def test_schools_that_lack_a_term_are_left_out_of_its_change() -> None:
    series = np.array([[90.0, 90.0, 80.0], [95.0, np.nan, 90.0], [85.0, 82.0, 80.0]])
    assert largest_jump(series, np.array([1.0, -0.5, -0.5])) == (pytest.approx(8.0), 2)
    assert largest_jump(np.full((3, 3), np.nan), np.array([1.0, -0.5, -0.5])) is None

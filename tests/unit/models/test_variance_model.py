"""Witnesses: closed forms where all schools are alike; persons drawn one by one.

The likeliest spread is found on a grid, to within half a percent.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2, t

from evalkit.models.school_analysis import model_p, model_reach
from evalkit.models.school_design import read_design
from evalkit.models.variance_model import class_correlations, fit_spread, sampling_variance
from evalkit.values import SchoolSums


def alone(values: np.ndarray, variance: float):
    schools = len(values)
    return fit_spread(
        values[None, :, None],
        np.full((schools, 1), variance),
        np.zeros(schools, dtype=np.int64),
        np.ones((1, schools), dtype=bool),
        np.ones(1),
    )


def test_with_equal_schools_the_likeliest_spread_is_the_variance_beyond_sampling() -> None:
    values = np.random.default_rng(1).normal(0, 2, 28)
    assert alone(values, 1.5).mode[0] == pytest.approx(values.var(ddof=1) - 1.5, rel=5e-3)


def test_spread_is_nought_when_schools_differ_less_than_chance() -> None:
    assert alone(np.array([0.0, 0.1, -0.1, 0.05, -0.05]), 4.0).mode[0] < 0.01


def test_without_sampling_variance_the_model_is_students_t() -> None:
    """The squares over chi-square, turned, give t with n - 1 degrees of freedom and scale^2 = S / (n - 1)."""
    values = np.random.default_rng(2).normal(0, 2, 12)
    spread = alone(values, 1e-12)
    deviations = np.sqrt(spread.grid + 1e-12)
    scale = values.std(ddof=1)
    assert model_reach(deviations, spread.weight, 0.95)[0] == pytest.approx(t.ppf(0.975, 11) * scale, rel=2e-3)
    assert model_p(1.3 * scale, deviations[0], spread.weight[0]) == pytest.approx(2 * t.sf(1.3, 11), rel=2e-3)


def test_the_confidence_in_a_spread_is_chi_square_at_it() -> None:
    """Q-profile (Viechtbauer 2007): at unequal variances, by a sum of weighted squares written out."""
    generator = np.random.default_rng(6)
    variance = generator.uniform(0.2, 2.0, 15)
    values = generator.normal(0, np.sqrt(1.0 + variance))
    spread = fit_spread(
        values[None, :, None], variance[:, None], np.zeros(15, dtype=np.int64), np.ones((1, 15), dtype=bool), np.ones(1)
    )
    for a in (0.0, 0.5, 1.0, 3.0):
        weight = 1 / (a + variance)
        squares = (weight * (values - np.average(values, weights=weight)) ** 2).sum()
        confidence = spread.weight[0][spread.grid[0] <= a].sum()
        assert confidence == pytest.approx(chi2.sf(squares, 14), abs=0.02 if a else 1e-12)


def test_confidence_adds_up_and_holds_the_true_spread_as_often_as_it_says() -> None:
    generator = np.random.default_rng(7)
    variance = np.geomspace(0.2, 2.0, 20)
    data = generator.normal(0, np.sqrt(1.0 + variance), (2000, 20))[:, :, None]
    used = np.ones((2000, 20), dtype=bool)
    spread = fit_spread(data, variance[:, None], np.zeros(20, dtype=np.int64), used, np.ones(1))
    assert spread.weight.sum(axis=1) == pytest.approx(np.ones(2000))
    below = np.where(spread.grid <= 1.0, spread.weight, 0.0).sum(axis=1)
    for level in (0.1, 0.5, 0.9):
        assert (below <= level).mean() == pytest.approx(level, abs=0.04)


def test_strata_means_are_swept_out_and_unused_schools_do_not_count() -> None:
    values = np.random.default_rng(3).normal(0, 2, 20)
    stratum = np.repeat([0, 1], 10)
    shifted = values + 100.0 * stratum
    used = np.ones((1, 20), dtype=bool)
    used[0, [0, 10]] = False
    wild = shifted.copy()
    wild[[0, 10]] = 1e4
    fits = [
        fit_spread(data[None, :, None], np.ones((20, 1)), stratum, used, np.ones(1)) for data in (values, shifted, wild)
    ]
    assert fits[0].mode[0] == pytest.approx(fits[1].mode[0], rel=0.05)
    assert fits[2].mode[0] == pytest.approx(fits[1].mode[0], rel=1e-9)
    within = sum(((values[s] - values[s].mean()) ** 2).sum() for s in (slice(1, 10), slice(11, 20))) / 16
    assert fits[0].mode[0] == pytest.approx(within - 1.0, rel=5e-3)


def test_many_data_sets_at_once_give_what_each_gives_alone() -> None:
    generator = np.random.default_rng(4)
    data = generator.normal(size=(3, 9, 2))
    variance = generator.uniform(0.1, 0.5, (9, 2))
    stratum = np.repeat([0, 1, 2], 3)
    used = np.ones((3, 9), dtype=bool)
    shares = np.array([0.3, 0.7])
    together = fit_spread(data, variance, stratum, used, shares)
    for row in range(3):
        single = fit_spread(data[[row]], variance, stratum, used[[row]], shares)
        assert together.mode[row] == pytest.approx(single.mode[0])
        assert together.weight[row] == pytest.approx(single.weight[0])


def test_variances_within_and_between_classes_are_found_again(sums) -> None:
    generator = np.random.default_rng(5)
    base = sums({f"s{i}": {4: 0.0} for i in range(40)}, {"s0": 4}, pupils={f"s{i}": 200 for i in range(40)}, classes=8)
    within, inner = [], []
    for _ in range(40):
        group = np.repeat(np.arange(8), 25)
        values = generator.normal(0, 3, 8)[group] + generator.normal(0, 10, 200)
        means = np.bincount(group, values) / 25
        within.append(values.var(ddof=1))
        inner.append(((values - means[group]) ** 2).sum() / 192)
    frame = base.contrasts.assign(variance_within_school=within, variance_within_class=inner)
    design = read_design(type(base)(base.outcome, base.unit, base.schools, base.terms, frame, base.labels))
    assert design.person_variance[0] == pytest.approx(100, rel=0.05)
    assert design.class_variance[0] == pytest.approx(9, rel=0.3)
    assert class_correlations(design) == (None,)
    expected = design.class_variance[0] / 8 + design.person_variance[0] / 200
    assert sampling_variance(design, None)[0, 0] == pytest.approx(expected)


def classed(sums, known: int, classes: int) -> SchoolSums:
    """Return 30 schools, of which some have known classes with much less variance within them than without."""
    names = [f"s{number:02d}" for number in range(30)]
    made = sums({name: {4: float(number)} for number, name in enumerate(names)}, {"s00": 4}, classes=classes)
    told = made.contrasts["school"].isin(names[:known])
    frame = made.contrasts.assign(
        variance_within_class=np.where(told, 90.0, np.nan), classes=np.where(told, float(classes), np.nan)
    )
    return replace(made, contrasts=frame)


@pytest.mark.parametrize(
    ("known", "classes", "found"),
    [(1, 2, False), (26, 4, False), (27, 4, True), (30, 1, False), (27, 2, True)],
    ids=str,
)
def test_classes_are_known_only_where_nearly_all_pupils_have_one(sums, known: int, classes: int, found: bool) -> None:
    """A few schools' classes would otherwise settle the class correlation of all; 9 of 10 pupils and 20 classes do."""
    design = read_design(classed(sums, known, classes))
    assert (class_correlations(design) == (None,)) == found
    assert np.isnan(design.class_variance[0]) != found
    assert design.person_variance[0] == pytest.approx(90.0 if found else 100.0)


def test_pupils_without_a_class_count_among_those_whose_class_is_unknown(sums) -> None:
    made = classed(sums, 30, 4)
    half = replace(made, contrasts=made.contrasts.assign(seated=50.0))
    assert np.isnan(read_design(half).class_variance[0])


@pytest.mark.parametrize("spread", [0.0, 2.0])
def test_schools_without_variance_of_their_own_have_a_spread_all_the_same(spread: float) -> None:
    values = spread * np.random.default_rng(1).normal(size=12)
    found = alone(values, 0.0)
    assert found.weight.sum() == pytest.approx(1.0)
    assert found.mode[0] == pytest.approx(values.var(ddof=1), rel=5e-3)


def test_unknown_classes_are_bounded(sums) -> None:
    design = read_design(sums({"s0": {4: 1.0}, "s1": {4: 0.0}, "s2": {4: 0.5}}, {"s0": 4}, variance=(100.0, np.nan)))
    assert class_correlations(design) == (0.0, 0.03, 0.06, 0.10)
    assert sampling_variance(design, 0.0)[0, 0] == pytest.approx(1.0)
    assert sampling_variance(design, 0.10)[0, 0] == pytest.approx(90 / 100 + 10 / 4)

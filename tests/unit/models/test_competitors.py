"""Witnesses: slow direct implementations of each method, written out over pupils, schools or draws."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import nnls
from scipy.stats import t

from evalkit.models import few_treated_effect
from evalkit.models.competitors import COMPETITORS, competing_intervals, fit_crude, stack_contrasts
from evalkit.models.school_design import read_design

LEVEL = 0.95
# a study in which both parts of the crude fit are positive
FITTED = 5


def single(sums, *, treated: int = 2, count: int = 12, seed: int = 1, size=None):
    """Return a study of one municipality and one start."""
    generator = np.random.default_rng(seed)
    names = [f"s{i:02d}" for i in range(count)]
    pupils = {name: size or int(generator.integers(20, 60)) for name in names}
    contrast = {name: {4: float(generator.normal(0, 2))} for name in names}
    return sums(contrast, dict.fromkeys(names[:treated], 4), pupils=pupils)


def over_pupils(design):
    """Return outcome, terms and schools of a regression with one row a pupil."""
    n = design.pupils[:, 0].astype(int)
    outcome, treated = np.repeat(design.contrast[:, 0], n), np.repeat((~design.untreated).astype(float), n)
    return outcome, np.column_stack([treated, np.ones(n.sum())]), np.repeat(np.arange(len(n)), n)


@pytest.mark.parametrize("starts", [(4, 5), (4, 4, 5), (4,)], ids=str)
def test_the_regression_finds_the_studys_own_effect(study, starts) -> None:
    """Its normal equations hold at the effect: with it taken out of the outcome, the scores' sum is nought."""
    made = study(2, starts=starts)
    design = read_design(made)
    stacked = stack_contrasts(design)
    assert stacked.scores.sum(axis=0) == pytest.approx(np.zeros(stacked.scores.shape[1]), abs=1e-8)
    effect = few_treated_effect(made).value
    contrast = design.contrast.copy()
    contrast[design.treated, design.slots] -= effect
    less = stack_contrasts(replace(design, contrast=contrast))
    assert less.scores == pytest.approx(stacked.scores, abs=1e-8)


def test_cluster_robust_is_the_sandwich_over_pupils(sums) -> None:
    design = read_design(single(sums))
    outcome, terms, school = over_pupils(design)
    inverse = np.linalg.inv(terms.T @ terms)
    left = outcome - terms @ (inverse @ terms.T @ outcome)
    scores = np.array([terms[school == g].T @ left[school == g] for g in range(12)])
    rows, groups = len(outcome), 12
    factor = groups / (groups - 1) * (rows - 1) / (rows - 2)
    error = np.sqrt(factor * (inverse @ scores.T @ scores @ inverse)[0, 0])
    interval = competing_intervals(design, LEVEL)["cluster_robust"][0]
    assert (interval.high - interval.low) / 2 == pytest.approx(t.ppf(0.975, 11) * error)


def test_bias_reduced_is_the_adjusted_sandwich_over_pupils(sums) -> None:
    """Every matrix in full, equal and independent errors of pupils as working model."""
    design = read_design(single(sums, count=8))
    outcome, terms, school = over_pupils(design)
    inverse = np.linalg.inv(terms.T @ terms)
    maker = np.eye(len(outcome)) - terms @ inverse @ terms.T
    pulls = []
    for g in range(8):
        mine = school == g
        values, vectors = np.linalg.eigh(maker[np.ix_(mine, mine)])
        root = vectors @ np.diag(1 / np.sqrt(values)) @ vectors.T
        pulls.append(maker[:, mine] @ (root @ terms[mine] @ inverse)[:, 0])
    pulls = np.array(pulls)
    found = float(((pulls @ outcome) ** 2).sum())
    products = pulls @ pulls.T
    freedom = np.trace(products) ** 2 / (products**2).sum()
    interval = competing_intervals(design, LEVEL)["bias_reduced"][0]
    assert (interval.high - interval.low) / 2 == pytest.approx(t.ppf(0.975, freedom) * np.sqrt(found), rel=1e-6)


def test_the_jackknife_leaves_each_school_out_in_turn(study) -> None:
    design = read_design(study(3, starts=(4, 4), count=7))
    design = replace(design, stratum=np.zeros(14, dtype=np.int64))
    size, value, calm = design.pupils[:, 0], design.contrast[:, 0], design.untreated

    def effect(kept: np.ndarray) -> float:
        mine, others = kept & ~calm, kept & calm
        return np.average(value[mine], weights=size[mine]) - np.average(value[others], weights=size[others])

    whole = effect(np.ones(14, dtype=bool))
    changes = [effect(np.arange(14) != g) - whole for g in range(14)]
    error = np.sqrt(13 / 14 * np.sum(np.square(changes)))
    interval = competing_intervals(design, LEVEL)["jackknife"][0]
    assert (interval.high - interval.low) / 2 == pytest.approx(t.ppf(0.975, 13) * error)


def placebos_by_loops(design, deviation: np.ndarray) -> list[float]:
    calm = np.flatnonzero(design.untreated)
    size = design.pupils[design.treated, design.slots]
    found = []
    for drawn in itertools.product(calm, repeat=len(design.treated)):
        found.append(sum(n * deviation[g, s] for n, g, s in zip(size, drawn, design.slots, strict=True)) / size.sum())
    return sorted(found)


def own_deviations(design) -> np.ndarray:
    calm = design.untreated
    return design.contrast - np.average(design.contrast[calm], axis=0, weights=design.pupils[calm][:, 0])


def test_conley_taber_takes_every_pair_of_untreated_schools(sums) -> None:
    design = read_design(single(sums, count=12))
    chance = placebos_by_loops(design, own_deviations(design))
    interval = competing_intervals(design, LEVEL)["conley_taber"][0]
    effect = np.average(design.contrast[:2, 0], weights=design.pupils[:2, 0]) - np.average(
        design.contrast[2:, 0], weights=design.pupils[2:, 0]
    )
    # of 100 pairs the third smallest is the first with 2.5 % at or below it, and the 98th with 97.5 %
    assert (effect - interval.high, effect - interval.low) == pytest.approx((chance[2], chance[97]))


def test_ferman_pinto_scales_by_its_own_variance_model(sums) -> None:
    design = read_design(single(sums, count=12, seed=FITTED))
    deviation, calm = own_deviations(design), design.untreated
    n = design.pupils[:, 0]
    terms = np.column_stack([np.ones(10), 1 / n[calm]])
    fitted = nnls(terms, deviation[calm, 0] ** 2)[0]
    assert fit_crude(deviation[calm, 0] ** 2, 1 / n[calm]) == pytest.approx(tuple(fitted), abs=1e-8)
    scale = np.sqrt(fitted[0] + fitted[1] / n)
    size = n[:2] * scale[:2] / n[:2].sum()
    pairs = itertools.product(np.flatnonzero(calm), repeat=2)
    chance = sorted(size[0] * deviation[i, 0] / scale[i] + size[1] * deviation[j, 0] / scale[j] for i, j in pairs)
    interval = competing_intervals(design, LEVEL)["ferman_pinto"][0]
    plain = competing_intervals(design, LEVEL)["conley_taber"][0]
    assert interval.high - interval.low == pytest.approx(chance[97] - chance[2])
    assert (interval.low, interval.high) != pytest.approx((plain.low, plain.high))


@pytest.mark.parametrize("seed", range(6))
def test_the_crude_fit_is_least_squares_with_no_negative_part(seed: int) -> None:
    generator = np.random.default_rng(seed)
    inverse = generator.uniform(0.002, 0.05, 20)
    squared = generator.chisquare(1, 20) * (0.01 + (seed - 2) * 0.3 * inverse).clip(0.001)
    fitted = nnls(np.column_stack([np.ones(20), inverse]), squared)[0]
    assert fit_crude(squared, inverse) == pytest.approx(tuple(fitted), abs=1e-8)


def test_schools_of_one_size_make_ferman_pinto_conley_taber(sums) -> None:
    made = competing_intervals(read_design(single(sums, size=50)), LEVEL)
    assert made["ferman_pinto"][0].low == pytest.approx(made["conley_taber"][0].low)
    assert made["ferman_pinto"][0].high == pytest.approx(made["conley_taber"][0].high)


def test_every_competitor_answers_or_says_it_cannot(sums, study) -> None:
    usual = competing_intervals(read_design(study(5, starts=(4, 5, 5))), LEVEL)
    assert tuple(usual) == COMPETITORS
    assert all(interval is not None for interval in usual.values())
    alone = competing_intervals(read_design(single(sums, treated=1)), LEVEL)
    assert alone["jackknife"] is None
    assert alone["conley_taber"] is not None

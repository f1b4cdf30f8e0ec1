"""Witnesses: published intervals of R's HonestDiD, and a linear programme solved for every tested effect.

`oracle/models/honestdid_ehec_*.csv` hold an event study of insurance coverage (terms 2008-2012, 2014, 2015, reference
2013). The smoothness rows of HonestDiD's README are of these estimates and are met to the last printed digit. Its rows
for relative magnitudes are of the same regression without the artificial control that the README adds further down
and that these files contain: the first mean effect plus the last earlier term is .04679 in that table and .04633 here.
So they are met to .0008, two steps of the README's grid (.00037); without the control this code gives the README's
2022 table to all six digits of its stored results.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path as File

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.stats import ncx2

from evalkit.errors import DesignError
from evalkit.models import event_study, few_treated_effect
from evalkit.models.sensitivity import sensitivity
from evalkit.models.sensitivity.fixed_length import fixed_length_interval, folded_quantile
from evalkit.models.sensitivity.moment_inequalities import critical_value, not_rejected, read_statistics
from evalkit.models.sensitivity.restrictions import Path, relative_magnitudes, smoothness
from evalkit.models.sensitivity.robust_interval import (
    breakdown,
    relative_interval,
    smooth_tested_interval,
)
from evalkit.values import SchoolSums

ORACLE = File(__file__).parents[2] / "oracle" / "models"
RELATIVE = {0.5: (0.0241, 0.0673), 1.0: (0.0171, 0.0720), 1.5: (0.00859, 0.0796), 2.0: (-0.00107, 0.0883)}
SMOOTH = {0.0: (0.0264, 0.0607), 0.01: (0.0128, 0.0788), 0.02: (0.0018, 0.0908)}


def ehec(weight: tuple[float, float] = (1.0, 0.0)) -> Path:
    value = np.loadtxt(ORACLE / "honestdid_ehec_betahat.csv", skiprows=1)
    covariance = np.loadtxt(ORACLE / "honestdid_ehec_sigma.csv", skiprows=1, delimiter=",")
    return Path(value, covariance, 5, np.array(weight))


def drawn_path(seed: int, before: int = 3, after: int = 3) -> Path:
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(before + after, before + after + 2))
    return Path(generator.normal(size=before + after) * 3, root @ root.T, before, generator.dirichlet(np.ones(after)))


@pytest.mark.parametrize("bound", SMOOTH)
def test_published_intervals_under_smoothness(bound: float) -> None:
    assert fixed_length_interval(ehec(), bound, 0.95) == pytest.approx(SMOOTH[bound], abs=6e-5)


@pytest.mark.parametrize("bound", RELATIVE)
def test_published_intervals_under_relative_magnitudes(bound: float) -> None:
    assert relative_interval(ehec(), bound, 0.95) == pytest.approx(RELATIVE[bound], abs=8e-4)


def test_published_breakdown_is_about_two_steps_of_the_largest_before() -> None:
    path = ehec()
    found = breakdown(lambda bound: relative_interval(path, bound, 0.95), 1.0)
    assert found == pytest.approx(1.95, abs=0.05)
    assert relative_interval(path, found * 1.002, 0.95)[0] <= 0 < relative_interval(path, found * 0.997, 0.95)[0]


def test_breakdown_is_nought_without_an_effect_and_infinite_where_nothing_overturns_it() -> None:
    assert breakdown(lambda bound: (-1.0 - bound, 1.0 + bound), 1.0) == 0.0
    assert breakdown(lambda bound: (1.0, 2.0), 1.0) == np.inf
    assert breakdown(lambda bound: (3.0 - bound, 9.0), 1.0) == pytest.approx(3.0, rel=2e-3)


def programme(path: Path, upper: np.ndarray, lower: np.ndarray, room: float, effect: float) -> float:
    """Return the smallest excess, in standard deviations, over the inequalities that any split of the effect leaves."""
    rows = np.vstack([upper, lower])
    deviation = np.sqrt(np.einsum("ij,jk,ik->i", rows, path.covariance, rows))
    later = rows[:, path.before :]
    solved = linprog(
        np.concatenate([[1.0], np.zeros(path.after)]),
        A_ub=-np.column_stack([deviation, later]),
        b_ub=-(rows @ path.value - room),
        A_eq=np.concatenate([[0.0], path.weight])[None, :],
        b_eq=[effect],
        bounds=[(None, None)] * (path.after + 1),
        method="highs",
    )
    return float(solved.fun)


@pytest.mark.parametrize("seed", range(6))
def test_the_largest_corner_is_the_solution_of_the_linear_programme(seed: int) -> None:
    path = drawn_path(seed, before=1 + seed % 3, after=1 + seed % 4)
    restrictions = (*relative_magnitudes(path.before, path.after, 0.7), *smoothness(path.before, path.after, 1.3))
    for one in restrictions:
        statistics = read_statistics(path, one)
        for effect in (-4.0, 0.0, 0.3, 5.0):
            expected = programme(path, one.upper, one.lower, one.room, effect)
            assert float(np.max(statistics.base - statistics.slope * effect)) == pytest.approx(expected, abs=1e-7)


def test_the_conditional_test_rejects_a_true_effect_in_one_study_of_twenty() -> None:
    """At a corner of the bound, so that the test is exact; 2,000 draws give an error of .005."""
    path = drawn_path(3)
    restriction = smoothness(path.before, path.after, 0.0)[0]
    root = np.linalg.cholesky(path.covariance)
    generator = np.random.default_rng(1)
    first = critical_value(read_statistics(path, restriction), 0.995)
    conditional = hybrid = 0
    for _ in range(2_000):
        drawn = replace(path, value=root @ generator.normal(size=path.before + path.after))
        statistics = read_statistics(drawn, restriction)
        conditional += not not_rejected(statistics, np.zeros(1), 0.05, np.inf)[0]
        hybrid += not not_rejected(statistics, np.zeros(1), 0.045 / 0.995, first)[0]
    assert conditional / 2_000 == pytest.approx(0.05, abs=0.015)
    assert hybrid / 2_000 == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize("hybrid", [True, False])
def test_without_any_drift_after_the_interval_is_the_plain_one(hybrid: bool) -> None:
    """Both tests then keep |z| below 1.96: what the first stage takes away the second gives back."""
    path = ehec((0.5, 0.5))
    reach = 1.959964 * path.deviation
    plain = (path.mean - reach, path.mean + reach)
    assert relative_interval(path, 0.0, 0.95, hybrid=hybrid) == pytest.approx(plain, abs=0.002 * reach)


def test_wide_smoothness_bounds_have_a_closed_form() -> None:
    """Far out only the last earlier term is used: half a length of bound + z(.95) deviations."""
    path = ehec()
    low, high = fixed_length_interval(path, 0.05, 0.95)
    weight = np.array([0, 0, 0, 0, 1.0, 1.0, 0])
    assert (low + high) / 2 == pytest.approx(float(weight @ path.value), abs=1e-7)
    assert (high - low) / 2 == pytest.approx(0.05 + 1.644854 * np.sqrt(weight @ path.covariance @ weight), abs=1e-6)


def test_without_bending_the_shortest_interval_is_generalised_least_squares() -> None:
    path = drawn_path(8)
    steps = np.array([-3.0, -2, -1, 1, 2, 3])
    inverse = np.linalg.inv(path.covariance)
    columns = np.column_stack([steps, *(np.eye(6)[:, 3:].T)])
    spread = np.linalg.inv(columns.T @ inverse @ columns)
    asked = np.concatenate([[0.0], path.weight])
    centre = asked @ spread @ columns.T @ inverse @ path.value
    reach = 1.959964 * np.sqrt(asked @ spread @ asked)
    assert fixed_length_interval(path, 0.0, 0.95) == pytest.approx((centre - reach, centre + reach), rel=1e-5)


def test_smooth_intervals_by_both_routes_hold_each_other_nearly() -> None:
    path = ehec()
    shortest, tested = fixed_length_interval(path, 0.03, 0.95), smooth_tested_interval(path, 0.03, 0.95)
    assert tested == pytest.approx(shortest, abs=2e-3)
    only_conditional = smooth_tested_interval(path, 0.03, 0.95, hybrid=False)
    assert only_conditional == pytest.approx(shortest, abs=2e-3)


def test_folded_quantiles() -> None:
    """Witness: the square is a noncentral chi-square of one degree of freedom."""
    for shift in (0.0, 0.3, 1.0, 4.0, 7.9, 8.1, 20.0):
        expected = np.sqrt(ncx2.ppf(0.95, 1, shift**2))
        assert folded_quantile(shift, 0.95) == pytest.approx(expected, abs=1e-6)


def made_up_sums(study, seed: int, lift: float = 0.0, count: int = 10) -> SchoolSums:
    """Return a study whose schools walk at random and whose treated schools rise by ``lift`` at their start."""
    generator = np.random.default_rng(seed)
    made = study(seed, count=count)
    walk = {school: generator.normal(size=8) for school in made.schools["school"]}
    began = dict(zip(made.schools["school"], made.schools["treated_from"], strict=True))
    means = [
        walk[school][time] + lift * (time >= began[school])
        for school, time in zip(made.terms["school"], made.terms["time"], strict=True)
    ]
    return replace(made, terms=made.terms.assign(outcome_sum=np.array(means) * made.terms["pupils"]))


def test_a_study_shows_both_restrictions_and_says_on_what_they_rest(study) -> None:
    curve = sensitivity(made_up_sums(study, 2, lift=6.0))
    frame = curve.frame
    assert curve.kind == "sensitivity"
    assert frame["restriction"].tolist() == ["relative"] * 5 + ["smooth"] * 5
    assert frame["bound"].tolist()[:5] == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert frame["bound"].to_numpy()[5:] == pytest.approx(curve.detail("smooth_scale") * np.arange(5.0))
    assert (frame["schools"] == 2).all()
    assert (frame["low"] < curve.detail("value")).all()
    assert curve.detail("covariance") == "placebo"
    assert curve.detail("freedom") == 20 - 2 - 2
    assert curve.detail("terms_left_out") == 2
    assert (curve.detail("terms_before"), curve.detail("terms_after")) == (3, 3)
    assert curve.detail("breakdown_relative") > 0


def test_the_value_is_the_path_s_mean_weighted_by_the_treated_pupils(study) -> None:
    made = made_up_sums(study, 3)
    frame = event_study(made).frame.set_index("relative").loc[[0, 1, 2]]
    expected = np.average(frame["value"], weights=frame["pupils"])
    assert sensitivity(made).detail("value") == pytest.approx(expected)


def test_with_one_term_before_and_after_the_value_is_the_pooled_effect(sums) -> None:
    """Two terms after a level start: mean after minus the term before is then what `few_treated_effect` compares."""
    lift = {f"s{i}": float(i % 3) for i in range(9)}
    made = sums({school: {4: value} for school, value in lift.items()}, {"s0": 4, "s1": 4})
    means = [lift[s] * (t >= 4) for s, t in zip(made.terms["school"], made.terms["time"], strict=True)]
    made = replace(made, terms=made.terms.assign(outcome_sum=np.array(means) * made.terms["pupils"]))
    assert sensitivity(made).detail("value") == pytest.approx(few_treated_effect(made).value)


def test_one_restriction_alone(study) -> None:
    made = made_up_sums(study, 2)
    both = sensitivity(made)
    smooth = sensitivity(made, restriction="smooth")
    assert set(smooth.frame["restriction"]) == {"smooth"}
    assert smooth.detail("breakdown_relative") is None
    assert smooth.detail("breakdown_smooth") == both.detail("breakdown_smooth")


def test_few_placebos_take_the_variance_model_over_terms(study) -> None:
    curve = sensitivity(made_up_sums(study, 4, count=4))
    assert curve.detail("placebos") < 100
    assert curve.detail("covariance") == "variance_model"
    assert np.isfinite(curve.frame[["low", "high"]].to_numpy()).all()
    assert curve.detail("widening") == pytest.approx(2.7764 / 1.95996, abs=1e-4)


def test_one_comparison_leaves_every_interval_open(sums) -> None:
    made = sums({"s0": {4: 1.0}, "s1": {4: 0.0}}, {"s0": 4})
    curve = sensitivity(made)
    assert np.isinf(curve.frame[["low", "high"]].to_numpy()).all()
    assert curve.detail("breakdown_relative") == 0.0
    assert curve.detail("freedom") is None


def test_a_single_term_before_the_start_is_an_error(sums) -> None:
    made = sums({f"s{i}": {1: float(i)} for i in range(9)}, {"s0": 1})
    with pytest.raises(DesignError, match="fewer than two terms"):
        sensitivity(made)


def test_sensitivity_twice_gives_the_same(study) -> None:
    made = made_up_sums(study, 5)
    assert sensitivity(made).frame.equals(sensitivity(made).frame)

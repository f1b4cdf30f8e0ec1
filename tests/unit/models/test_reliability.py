"""Alpha, omega and Feldt's interval against published numbers and closed forms.

Witnesses:

* pingouin's data set and output (tested there against R's psych): 15 persons, 10 items, alpha .591719, 95 % interval
  [.195, .840]. Tolerance as printed.
* statpsych's ``ci.cronbach(.05, .85, 7, 89)``: [.7971254, .8931436]. It takes n (k - 1) degrees of freedom below where
  Feldt, Woodruff and Salih (1987) have (n - 1)(k - 1): the two differ by less than 1e-4.
* StatsBase's ``cronbachalpha``: covariances 6, variances 10 to 13, alpha .8136; there omega is 96 / 118 exactly.
* R's ``factanal(factors = 1, covmat = Harman23.cor)``, in the reference output of R's own tests: loadings and
  uniquenesses to three decimals.
* Three items are just identified: a loading is the root of a ratio of covariances.
"""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.errors import InputError
from evalkit.models.reliability import cronbach_alpha, feldt_interval, mcdonald_omega, one_factor, reliability
from evalkit.values import ItemMoments

PINGOUIN = """
3 5 7 2 6 1 4 2 6 5 4 4 5 6 4
2 4 3 4 5 2 3 4 5 4 3 2 5 5 3
4 6 5 3 6 3 5 4 5 6 5 3 6 5 5
1 3 5 3 5 4 3 3 5 4 2 2 2 4 5
4 5 6 2 4 2 5 7 1 3 5 5 3 2 3
5 1 4 2 4 5 2 2 6 5 3 3 3 2 1
1 2 3 2 4 2 1 2 5 3 2 4 2 1 3
4 5 3 6 6 3 2 4 2 1 3 2 4 4 2
3 5 6 6 7 5 4 6 3 7 4 3 4 6 3
2 5 5 3 5 2 3 5 2 2 1 4 5 5 4
"""
HARMAN23 = """
1.000 0.846 0.805 0.859 0.473 0.398 0.301 0.382
0.846 1.000 0.881 0.826 0.376 0.326 0.277 0.415
0.805 0.881 1.000 0.801 0.380 0.319 0.237 0.345
0.859 0.826 0.801 1.000 0.436 0.329 0.327 0.365
0.473 0.376 0.380 0.436 1.000 0.762 0.730 0.629
0.398 0.326 0.319 0.329 0.762 1.000 0.583 0.577
0.301 0.277 0.237 0.327 0.730 0.583 1.000 0.539
0.382 0.415 0.345 0.365 0.629 0.577 0.539 1.000
"""
LOADINGS = [0.918, 0.930, 0.900, 0.902, 0.490, 0.413, 0.351, 0.446]
UNIQUENESSES = [0.158, 0.135, 0.190, 0.187, 0.760, 0.829, 0.877, 0.801]
TAU_EQUIVALENT = np.diag([4.0, 5.0, 6.0, 7.0]) + 6.0


def numbers(drawn: str) -> np.ndarray:
    return np.array([[float(cell) for cell in line.split()] for line in drawn.strip().splitlines()])


def moments(covariance: object, n: int = 100, missing: str = "listwise") -> ItemMoments:
    square = np.asarray(covariance, dtype=float)
    names = tuple(f"q{number}" for number in range(len(square)))
    return ItemMoments(names, n, n, np.zeros(len(square)), square, missing=missing)  # type: ignore[arg-type]


class TestAlpha:
    def test_published_data_give_the_published_alpha_and_interval(self) -> None:
        estimate = reliability(moments(np.cov(numbers(PINGOUIN)), n=15))
        assert estimate.value == pytest.approx(0.591719, abs=1e-6)
        assert (estimate.low, estimate.high) == pytest.approx((0.195, 0.840), abs=5e-4)

    def test_published_interval(self) -> None:
        segment = feldt_interval(0.85, 89, 7, 0.95)
        assert (segment.low, segment.high) == pytest.approx((0.7971254, 0.8931436), abs=1e-4)

    def test_published_covariances(self) -> None:
        assert cronbach_alpha(TAU_EQUIVALENT) == pytest.approx(0.8136, abs=5e-5)

    @pytest.mark.parametrize(("items", "correlation"), [(2, 0.5), (5, 0.3), (10, 0.1)])
    def test_parallel_items_follow_spearman_and_brown(self, items: int, correlation: float) -> None:
        parallel = np.full((items, items), correlation) + np.diag(np.full(items, 1 - correlation))
        expected = items * correlation / (1 + (items - 1) * correlation)
        assert cronbach_alpha(parallel) == pytest.approx(expected, abs=1e-12)

    def test_a_wider_level_gives_a_wider_interval_that_holds_alpha(self) -> None:
        usual, wide = (reliability(moments(TAU_EQUIVALENT), level=level) for level in (0.9, 0.99))
        assert wide.low < usual.low < 0.8136 < usual.high < wide.high


class TestOmega:
    def test_published_factor(self) -> None:
        factor = one_factor(numbers(HARMAN23))
        assert factor is not None
        assert factor.loadings == pytest.approx(LOADINGS, abs=5.1e-4)
        assert factor.uniquenesses == pytest.approx(UNIQUENESSES, abs=5.1e-4)
        by_hand = sum(LOADINGS) ** 2 / (sum(LOADINGS) ** 2 + sum(UNIQUENESSES))
        assert mcdonald_omega(factor) == pytest.approx(by_hand, abs=5e-4)

    def test_items_that_load_alike_have_omega_equal_to_alpha(self) -> None:
        estimate = reliability(moments(TAU_EQUIVALENT), coefficient="omega")
        assert estimate.value == pytest.approx(96 / 118, abs=1e-6)
        assert estimate.interval == ()

    def test_three_items_have_loadings_in_closed_form(self) -> None:
        covariance = np.array([[4.0, 1.2, 0.9], [1.2, 2.0, 0.6], [0.9, 0.6, 1.5]])
        first = np.sqrt(1.2 * 0.9 / 0.6)
        loadings = np.array([first, 1.2 / first, 0.9 / first])
        uniquenesses = np.diag(covariance) - loadings**2
        factor = one_factor(covariance)
        assert factor is not None
        assert factor.loadings == pytest.approx(loadings, abs=1e-5)
        expected = loadings.sum() ** 2 / (loadings.sum() ** 2 + uniquenesses.sum())
        assert mcdonald_omega(factor) == pytest.approx(expected, abs=1e-6)

    def test_the_same_moments_give_the_same_number(self) -> None:
        values = {reliability(moments(numbers(HARMAN23)), coefficient="omega").value for _ in range(3)}
        assert len(values) == 1

    def test_an_item_that_loads_against_the_others_is_counted(self) -> None:
        signs = np.diag([1.0, 1.0, 1.0, -1.0])
        turned = reliability(moments(signs @ TAU_EQUIVALENT @ signs), coefficient="omega")
        straight = reliability(moments(TAU_EQUIVALENT), coefficient="omega")
        assert (turned.diagnostics.get("items_against"), straight.diagnostics.get("items_against")) == (1, 0)
        assert turned.value is not None
        assert straight.value is not None
        assert turned.value < straight.value


class TestUndefined:
    NEGATIVE = np.array([[1.0, -0.4], [-0.4, 1.0]])
    HEYWOOD = np.array([[1.0, 0.9, 0.9], [0.9, 1.0, 0.3], [0.9, 0.3, 1.0]])
    UNFITTING = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])

    @pytest.mark.parametrize(
        ("covariance", "n", "coefficient", "reason"),
        [
            ([[1.0]], 50, "alpha", "too_few_items"),
            (NEGATIVE, 50, "omega", "too_few_items"),
            (TAU_EQUIVALENT, 2, "alpha", "too_few_persons"),
            (np.full((2, 2), np.nan), 50, "alpha", "too_few_persons"),
            (np.zeros((2, 2)), 50, "alpha", "no_variance"),
            ([[1.0, -1.0], [-1.0, 1.0]], 50, "alpha", "no_variance"),
            (np.diag([1.0, 1.0, 0.0]), 50, "omega", "no_variance"),
            (UNFITTING, 50, "omega", "not_positive_definite"),
            (np.eye(4), 50, "omega", "no_one_factor"),
        ],
    )
    def test_no_number_is_made_up(self, covariance: object, n: int, coefficient: str, reason: str) -> None:
        estimate = reliability(moments(covariance, n), coefficient=coefficient)  # type: ignore[arg-type]
        assert (estimate.value, estimate.interval, estimate.detail("reason")) == (None, (), reason)

    def test_an_item_that_takes_the_whole_factor_leaves_no_omega(self) -> None:
        assert one_factor(self.HEYWOOD) is None

    def test_a_negative_alpha_stands_with_its_reason(self) -> None:
        estimate = reliability(moments(self.NEGATIVE))
        assert estimate.value == pytest.approx(2 * (1 - 2 / 1.2))
        assert estimate.detail("reason") == "negative"
        assert estimate.low < estimate.value < estimate.high

    def test_a_coefficient_that_there_is_not_is_refused(self) -> None:
        with pytest.raises(InputError, match="no reliability 'kappa'"):
            reliability(moments(TAU_EQUIVALENT), coefficient="kappa")  # type: ignore[arg-type]


def test_what_is_left_out_and_how_is_told() -> None:
    whole = ItemMoments(("a", "b"), 30, 40, np.zeros(2), np.eye(2) + 1, missing="pairwise", wave="HT2023")
    estimate = reliability(whole)
    assert (estimate.n, estimate.persons_minimum, estimate.diagnostics.get("coverage")) == (30, 30, 0.75)
    assert "smallest pair" in estimate.convention
    assert estimate.detail("wave") == "HT2023"

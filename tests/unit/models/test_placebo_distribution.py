from __future__ import annotations

import pytest

from evalkit.errors import DesignError
from evalkit.models import few_treated_effect, placebo_distribution


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_bins_add_up_to_the_test(study, seed: int) -> None:
    made = study(seed)
    curve, effect = placebo_distribution(made, name="placebos"), few_treated_effect(made)
    frame = curve.frame
    assert curve.kind == "placebo_distribution"
    assert frame["assignments"].sum() == curve.detail("assignments") == effect.detail("assignments") == 240
    assert frame["as_extreme"].sum() == curve.detail("as_extreme") == effect.detail("as_extreme")
    assert curve.detail("p") == effect.p
    assert curve.detail("observed") == effect.value
    assert curve.detail("attainable_p") == pytest.approx(1 / 240)


def test_extreme_differences_lie_outside_the_observed(study) -> None:
    curve = placebo_distribution(study(1))
    far = abs(float(curve.detail("observed")))
    inside = curve.frame[(curve.frame["right"] < far) & (curve.frame["left"] > -far)]
    outside = curve.frame[(curve.frame["left"] > far) | (curve.frame["right"] < -far)]
    assert (inside["as_extreme"] == 0).all()
    assert (outside["as_extreme"] == outside["assignments"]).all()


def test_bins_are_equal_touch_each_other_and_have_an_edge_at_nought(study) -> None:
    frame = placebo_distribution(study(2)).frame
    width = frame["right"] - frame["left"]
    assert width.to_numpy() == pytest.approx(width.iloc[0])
    assert frame["left"].iloc[1:].to_numpy() == pytest.approx(frame["right"].iloc[:-1].to_numpy())
    assert (frame["left"].abs() < 1e-12).any() or (frame["right"].abs() < 1e-12).any()
    assert 10 <= len(frame) <= 42


def test_schools_that_are_all_alike_fill_one_bin(sums) -> None:
    frame = placebo_distribution(sums({f"s{i}": {4: 1.0} for i in range(5)}, {"s0": 4})).frame
    assert frame["assignments"].tolist() == [5]
    assert frame["as_extreme"].tolist() == [5]


def test_it_says_how_few_pupils_any_compared_group_has(sums) -> None:
    names = {f"s{i}": {4: float(i)} for i in range(5)}
    assert placebo_distribution(sums(names, {"s0": 4}, pupils={"s0": 7})).detail("fewest_pupils") == 7
    assert placebo_distribution(sums(names, {"s0": 4}, pupils={"s1": 7})).detail("fewest_pupils") == 100


def test_no_treated_school_is_an_error(sums) -> None:
    with pytest.raises(DesignError):
        placebo_distribution(sums({"s1": {4: 0.0}, "s2": {4: 1.0}}, {}))

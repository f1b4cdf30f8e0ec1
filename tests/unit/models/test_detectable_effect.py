from __future__ import annotations

import numpy as np
import pytest

from evalkit.errors import DesignError
from evalkit.models import detectable_effect, few_treated_effect, power_curve


def test_it_is_about_2_8_deviations_with_many_schools(study) -> None:
    """Normal theory: (1.96 + .84) standard deviations; permutation and an unknown spread cost a little more."""
    made = study(1, count=15)
    deviation = few_treated_effect(made).diagnostics.get("deviation")
    assert 2.5 < detectable_effect(made).value / deviation < 3.6


def test_more_treated_schools_find_smaller_effects(study) -> None:
    made = study(2, count=15)
    values = [detectable_effect(made, treated=count).value for count in (1, 2, 5, 8)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 1.3 * values[2]


def test_the_same_number_stands_in_the_effects_diagnostics(study) -> None:
    made = study(3)
    estimate = detectable_effect(made, name="mde")
    assert estimate.value == few_treated_effect(made).diagnostics.get("detectable_effect")
    assert (estimate.design, estimate.name, estimate.interval) == ("level", "mde", ())
    assert estimate.detail("treated") == estimate.treated_clusters == 2


def test_power_rises_from_the_size_to_one_and_crosses_at_the_detectable_effect(study) -> None:
    made = study(4, count=15)
    curve = power_curve(made)
    effect, power = curve.frame["effect"].to_numpy(), curve.frame["power"].to_numpy()
    assert curve.kind == "power"
    assert effect[0] == 0.0
    assert 0.02 < power[0] < 0.085
    assert power[-1] > 0.97
    assert (np.diff(power) > -0.01).all()
    assert np.interp(curve.detail("smallest"), effect, power) == pytest.approx(0.8, abs=1e-6)
    assert curve.detail("smallest") == detectable_effect(made).value


def test_a_simulated_effect_of_that_size_is_found_in_eight_of_ten(study, sums) -> None:
    """The variance model's branch, against its own closed form: t-like tails with few schools need more."""
    made = sums({f"s{i}": {4: float(x)} for i, x in enumerate(np.random.default_rng(1).normal(0, 1, 12))}, {"s0": 4})
    estimate = detectable_effect(made)
    assert estimate.detail("rule") == "variance_model"
    effect = few_treated_effect(made)
    reach = (effect.high - effect.low) / 2
    assert 1.0 < estimate.value / reach < 2.0


def test_nothing_is_detectable_with_one_comparison(sums) -> None:
    estimate = detectable_effect(sums({"s1": {4: 5.0}, "s2": {4: 1.0}}, {"s1": 4}))
    assert estimate.value is None


def test_it_is_the_same_each_time(study) -> None:
    made = study(5)
    assert detectable_effect(made, treated=5) == detectable_effect(made, treated=5)


def test_too_many_treated_schools_are_refused(study) -> None:
    with pytest.raises(DesignError, match="to compare with"):
        detectable_effect(study(6), treated=16)

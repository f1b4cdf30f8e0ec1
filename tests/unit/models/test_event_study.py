"""Witness: term means worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import DesignError
from evalkit.models import event_study
from evalkit.values import SchoolSums


def with_means(made: SchoolSums, mean) -> SchoolSums:
    """Return the sums with term means ``mean(school, time)``."""
    terms = made.terms
    means = [mean(school, time) for school, time in zip(terms["school"], terms["time"], strict=True)]
    return replace(made, terms=terms.assign(outcome_sum=np.array(means) * terms["pupils"]))


def test_a_path_worked_out_by_hand(sums) -> None:
    """One treated school rises by 2 from its start; everyone falls by 1 each term; levels differ and do not matter."""
    made = sums({f"s{i}": {4: float(i)} for i in range(5)}, {"s0": 4})
    made = with_means(made, lambda school, time: 10 * int(school[1]) - time + 2 * (school == "s0" and time >= 4))
    frame = event_study(made).frame
    assert frame["relative"].tolist() == list(range(-4, 4))
    assert frame["value"].to_numpy() == pytest.approx([0, 0, 0, 0, 2, 2, 2, 2])
    assert (frame["schools"] == 1).all()
    assert (frame["pupils"] == 100).all()


def test_staggered_schools_are_lined_up_by_their_own_start(study) -> None:
    made = study(1)
    own = dict(zip(made.schools["school"], made.schools["treated_from"], strict=True))
    made = with_means(made, lambda school, time: 3.0 * time + (time - own[school] + 1 if time >= own[school] else 0.0))
    frame = event_study(made).frame.set_index("relative")
    assert frame.loc[[-5, -4, -1, 0, 1, 2, 3], "value"].to_numpy() == pytest.approx([0, 0, 0, 1, 2, 3, 4])
    assert frame.loc[[-5, -4, 2, 3], "schools"].tolist() == [1, 2, 2, 1]
    size = dict(zip(made.terms["school"], made.terms["pupils"], strict=True))
    assert frame.loc[3, "pupils"] == size["a00"]


def test_a_treated_school_without_a_term_compares_nobody_there(sums) -> None:
    """Two schools rise by 10 from their starts, one of them large and early; nothing else differs."""
    began = {"s0": 2, "s1": 5}
    made = sums({f"s{i}": {2: 0.0, 5: 0.0} for i in range(20)}, began, pupils={"s0": 1_000})
    made = with_means(made, lambda school, time: 10.0 * (time >= began.get(school, 99)))
    frame = event_study(made).frame
    assert frame["value"].to_numpy() == pytest.approx(np.where(frame["relative"] >= 0, 10.0, 0.0))


def test_a_treated_school_that_lacks_a_term_compares_nobody_in_it(sums) -> None:
    made = sums({f"s{i}": {4: 0.0} for i in range(20)}, {"s0": 4, "s1": 4}, pupils={"s1": 1_000})
    made = with_means(made, lambda school, time: -5.0 * time)
    seen = ~((made.terms["school"] == "s1") & (made.terms["time"] == 0))
    frame = event_study(replace(made, terms=made.terms[seen])).frame
    assert frame["value"].to_numpy() == pytest.approx(0.0)


def noisy(study, seed: int) -> SchoolSums:
    generator = np.random.default_rng(seed)
    made = study(seed, count=10)
    walk = {school: generator.normal(size=8) for school in made.schools["school"]}
    return with_means(made, lambda school, time: walk[school][time])


def test_bands_hold_the_value_the_uniform_the_pointwise_and_the_reference_is_nought(study) -> None:
    curve = event_study(noisy(study, 3))
    frame = curve.frame.set_index("relative")
    assert curve.detail("bands") == "permutation"
    assert curve.detail("placebos") == 18 * 17
    assert (frame.loc[-1, ["value", "low", "high", "band_low", "band_high"]] == 0.0).all()
    rest = frame.drop(index=-1)
    for low, high in (("low", "high"), ("band_low", "band_high")):
        assert ((rest[low] < rest["value"]) & (rest["value"] < rest[high])).all()
    assert ((rest["band_high"] - rest["band_low"]) > (rest["high"] - rest["low"])).mean() > 0.7


def test_pointwise_bands_miss_nought_about_one_time_in_twenty(study) -> None:
    missed = []
    for seed in range(60):
        frame = event_study(noisy(study, seed)).frame
        rest = frame[frame["relative"] != -1]
        missed.append(((rest["low"] > 0) | (rest["high"] < 0)).mean())
    assert 0.01 < float(np.mean(missed)) < 0.11


def test_few_placebos_give_t_bands(sums) -> None:
    made = sums({f"s{i}": {4: float(i)} for i in range(6)}, {"s0": 4})
    generator = np.random.default_rng(1)
    made = with_means(made, lambda school, time: generator.normal())
    curve = event_study(made)
    frame = curve.frame[curve.frame["relative"] != -1]
    assert curve.detail("bands") == "t"
    assert (frame["band_high"] - frame["value"] > frame["high"] - frame["value"]).all()


def test_one_comparison_leaves_the_bands_open(sums) -> None:
    made = with_means(sums({"s0": {4: 1.0}, "s1": {4: 0.0}}, {"s0": 4}), lambda school, time: time)
    frame = event_study(made).frame
    assert np.isinf(frame.loc[frame["relative"] == 0, ["low", "high"]].to_numpy()).all()
    assert frame["value"].notna().all()


def test_untreated_schools_that_lack_a_term_are_left_out(study) -> None:
    made = noisy(study, 4)
    fewer = replace(made, terms=made.terms[~((made.terms["school"] == "a05") & (made.terms["time"] == 0))])
    curve = event_study(fewer)
    assert curve.detail("schools_left_out") == 1
    assert curve.detail("placebos") == 17 * 16
    assert event_study(made).detail("schools_left_out") == 0


def test_no_comparison_with_every_term_is_an_error(sums) -> None:
    made = sums({"s0": {4: 1.0}, "s1": {4: 0.0}}, {"s0": 4})
    terms = made.terms[(made.terms["school"] == "s0") | (made.terms["time"] > 2)]
    with pytest.raises(DesignError, match="every term"):
        event_study(replace(made, terms=terms))


def sloping(made: SchoolSums, slope: float) -> SchoolSums:
    """Return the sums with treated schools drifting by ``slope`` a term all along."""
    own = set(made.schools.loc[made.schools["treated_from"].notna(), "school"])
    drift = made.terms["school"].isin(own) * slope * made.terms["time"]
    return replace(made, terms=made.terms.assign(outcome_sum=made.terms["outcome_sum"] + drift * made.terms["pupils"]))


def test_the_trend_before_the_start_is_tested_and_its_power_told(study) -> None:
    made = noisy(study, 6)
    curve, steep = event_study(made), event_study(sloping(made, 30.0))
    assert curve.detail("pretrend_terms") == 4
    assert 0.05 < curve.detail("pretrend_p") <= 1.0
    assert steep.detail("pretrend_p") == 1 / (18 * 17 + 1)
    assert 0 < curve.detail("pretrend_slope_50") < curve.detail("pretrend_slope_80")
    after = curve.frame[curve.frame["relative"] >= 0]
    lever = np.average(after["relative"] + 1, weights=after["pupils"])
    for share in (50, 80):
        bias = curve.detail(f"pretrend_bias_{share}")
        assert bias == pytest.approx(lever * curve.detail(f"pretrend_slope_{share}"))
        assert steep.detail(f"pretrend_bias_{share}") == pytest.approx(bias)


def test_the_slope_found_in_four_of_five_studies_is(study) -> None:
    """Over 40 studies the share has an error of .06; slopes are each study's own, so the mean power is what counts."""
    found = []
    for seed in range(40):
        made = noisy(study, seed)
        slope = event_study(made).detail("pretrend_slope_80")
        found.append(event_study(sloping(made, slope)).detail("pretrend_p") <= 0.05)
    assert 0.6 < float(np.mean(found)) < 0.97


def test_few_placebos_test_the_trend_by_t_quantiles(sums) -> None:
    made = sums({f"s{i}": {4: float(i)} for i in range(6)}, {"s0": 4})
    generator = np.random.default_rng(1)
    made = with_means(made, lambda school, time: generator.normal())
    curve = event_study(made)
    assert curve.detail("bands") == "t"
    assert 0.05 < curve.detail("pretrend_p") <= 1.0
    assert event_study(sloping(made, 50.0)).detail("pretrend_p") < 0.01
    assert 0 < curve.detail("pretrend_slope_50") < curve.detail("pretrend_slope_80")


def test_without_terms_or_comparisons_nothing_is_said_of_a_trend(sums) -> None:
    one_term = with_means(sums({f"s{i}": {1: float(i)} for i in range(9)}, {"s0": 1}), lambda school, time: time)
    assert event_study(one_term).detail("pretrend_p") is None
    one_other = with_means(sums({"s0": {4: 1.0}, "s1": {4: 0.0}}, {"s0": 4}), lambda school, time: time)
    assert event_study(one_other).detail("pretrend_p") is None


def test_twice_gives_the_same(study) -> None:
    made = noisy(study, 5)
    pd.testing.assert_frame_equal(event_study(made).frame, event_study(made).frame)

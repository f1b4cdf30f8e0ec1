"""Witness: every placebo made into a study of its own and given to the public verb."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import DesignError
from evalkit.models import few_treated_effect
from evalkit.models.placebo_sizes import placebo_sizes
from evalkit.values import SchoolSums


def of(curve, method: str) -> pd.Series:
    rows = curve.frame[curve.frame["method"] == method]
    assert len(rows) == 1
    return rows.iloc[0]


def pretend(made: SchoolSums, schools: tuple[str, ...], start: int) -> SchoolSums:
    """Leave the treated schools out, and say that these were treated."""
    never = made.schools[made.schools["treated_from"].isna()]
    frames = {field: getattr(made, field) for field in ("terms", "contrasts")}
    kept = {field: frame[frame["school"].isin(never["school"])] for field, frame in frames.items()}
    began = never["school"].map(dict.fromkeys(schools, float(start)))
    return replace(made, schools=never.assign(treated_from=began), **kept)


def in_one_place(study, seed: int, **changes) -> SchoolSums:
    made = study(seed, **changes)
    frames = {
        field: getattr(made, field).assign(municipality="1480", site="site-1480")
        for field in ("schools", "terms", "contrasts")
    }
    return replace(made, **frames)


@pytest.mark.parametrize(("starts", "count"), [((4,), 6), ((4, 4), 5)], ids=str)
def test_each_placebo_is_what_the_public_verb_says_of_it(study, starts, count) -> None:
    made = in_one_place(study, 1, starts=starts, count=count)
    never = made.schools.loc[made.schools["treated_from"].isna(), "school"]
    effects = [few_treated_effect(pretend(made, pair, 4)) for pair in itertools.combinations(never, len(starts))]
    curve = placebo_sizes(made)
    model = of(curve, "variance_model")
    missed = [not effect.detail("low_model") <= 0 <= effect.detail("high_model") for effect in effects]
    assert (model["placebos"], model["size"]) == (len(effects), pytest.approx(np.mean(missed)))
    widths = [effect.detail("high_model") - effect.detail("low_model") for effect in effects]
    assert model["width"] == pytest.approx(np.median(widths))
    permuted = [effect.detail("p_permutation") <= 0.05 for effect in effects]
    assert of(curve, "permutation")["size"] == pytest.approx(np.mean(permuted))
    headline = of(curve, "headline")
    assert headline["headline"] == headline["offered"] == 1
    assert headline["size"] == pytest.approx(np.mean([not effect.low <= 0 <= effect.high for effect in effects]))


def test_treated_schools_are_left_out_of_everything(study) -> None:
    made = study(2, count=7)
    treated = made.schools.loc[made.schools["treated_from"].notna(), "school"]
    contrasts = made.contrasts.copy()
    contrasts.loc[contrasts["school"].isin(treated), "contrast_sum"] += 1e6
    contrasts.loc[contrasts["school"].isin(treated), "variance_within_school"] *= 50
    once, again = placebo_sizes(made), placebo_sizes(replace(made, contrasts=contrasts))
    pd.testing.assert_frame_equal(once.frame, again.frame)


def test_schools_are_compared_by_the_rule_of_the_real_design(study) -> None:
    """A shift of one municipality changes nothing where schools are compared within theirs."""
    made = study(3, count=7)
    shift = np.where(made.contrasts["municipality"] == "1440", 40.0, 0.0) * made.contrasts["pupils"]
    shifted = replace(made, contrasts=made.contrasts.assign(contrast_sum=made.contrasts["contrast_sum"] + shift))
    once, again = placebo_sizes(made), placebo_sizes(shifted)
    assert once.detail("comparison") == "within_municipality"
    for method in ("headline", "permutation", "conley_taber", "jackknife"):
        assert of(again, method)["size"] == of(once, method)["size"]
        assert of(again, method)["width"] == pytest.approx(of(once, method)["width"], rel=0.02)


def test_only_what_the_study_may_show_is_offered(study) -> None:
    curve = placebo_sizes(study(4, count=9))
    offered = curve.frame.set_index("method")["offered"]
    assert offered[["headline", "permutation", "variance_model", "stratified"]].tolist() == [1, 1, 1, 1]
    assert offered.drop(["headline", "permutation", "variance_model", "stratified"]).sum() == 0
    assert {"conley_taber", "ferman_pinto", "cluster_robust", "bias_reduced", "jackknife"} <= set(offered.index)


def test_one_treated_of_few_offers_no_permutation(study) -> None:
    curve = placebo_sizes(in_one_place(study, 5, starts=(4,), count=6))
    assert curve.detail("rule") == "variance_model"
    permutation = of(curve, "permutation")
    assert (permutation["offered"], permutation["size"]) == (0, 0.0)
    assert math.isnan(permutation["width"])
    assert curve.detail("left_out") == "jackknife"


def test_it_says_how_little_overlapping_placebos_tell(study) -> None:
    curve = placebo_sizes(in_one_place(study, 6, count=8))
    assert (curve.detail("untreated"), curve.detail("treated"), curve.detail("placebos_apart")) == (14, 2, 7)
    assert curve.detail("error") == pytest.approx(math.sqrt(0.05 * 0.95 / 7))
    assert of(curve, "headline")["placebos"] == 14 * 13


def test_it_says_how_few_pupils_stand_in_for_a_treated_school(study) -> None:
    made = in_one_place(study, 6, count=8)
    never = made.schools.loc[made.schools["treated_from"].isna(), "school"]
    pupils = made.contrasts.loc[made.contrasts["school"].isin(never), "pupils"]
    assert placebo_sizes(made).detail("fewest_pupils") == pupils.min()


def test_many_placebos_are_drawn_the_same_each_time(study) -> None:
    made = study(7, starts=(4, 4, 5), count=10)
    once = placebo_sizes(made)
    assert once.detail("drawn") == 1
    assert of(once, "headline")["placebos"] == 400
    pd.testing.assert_frame_equal(once.frame, placebo_sizes(made).frame)


def test_as_many_treated_as_untreated_leave_no_placebo(sums) -> None:
    with pytest.raises(DesignError, match="stand in") as caught:
        placebo_sizes(sums({"s1": {4: 1.0}, "s2": {4: 0.0}}, {"s1": 4}))
    assert caught.value.remedy

"""The same effect by several estimators, from school sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import DesignError
from evalkit.models import few_treated_effect
from evalkit.models.agreement import agreement
from evalkit.models.agreement.causes import Landmarks, differ_on_terms, tell
from evalkit.panels.sums import school_sums
from evalkit.values import Curve, Panel, SchoolSums

METHODS = (
    "headline",
    "school_weighted",
    "all_schools",
    "two_way",
    "group_time",
    "imputation",
    "two_stage",
    "etwfe",
    "synthetic",
)


def sums_of(
    seed: int = 1,
    *,
    starts: tuple[int, ...] = (4, 5),
    schools: int = 12,
    terms: int = 8,
    noise: float = 1.0,
    seen: float = 1.0,
    effect: float = 5.0,
    adjust: tuple[str, ...] = (),
) -> SchoolSums:
    """Return sums of simulated pupils; schools of two municipalities in turn, the first ones treated."""
    generator = np.random.default_rng(seed)
    sizes = np.roll(np.round(np.geomspace(20, 80, schools)).astype(int), schools // 2)
    school = np.repeat(np.arange(schools), sizes * terms)
    term = np.concatenate([np.tile(np.arange(terms), size) for size in sizes])
    person = np.repeat(np.arange(sizes.sum()), terms)
    began = np.array([*starts, *[np.nan] * (schools - len(starts))])
    level = 70.0 + 8.0 * generator.normal(size=sizes.sum())[person] + np.array([0, 1, 3, 2, 5, 4, 6, 8])[term % 8]
    fact = np.zeros(sizes.sum()) if not adjust else generator.normal(size=sizes.sum())
    shock = noise * generator.normal(size=(schools, terms))[school, term]
    y = level + shock + 3.0 * noise * generator.normal(size=len(school)) + effect * (term >= began[school])
    frame = pd.DataFrame(
        {
            "person": [f"p{number}" for number in person],
            "term": term,
            "school": [f"s{number:02d}" for number in school],
            "municipality": np.where(school % 2 == 0, "1440", "1481"),
            "from": began[school],
            "fact": fact[person],
            "y": y + 0.5 * fact[person] * term,
        }
    )[generator.random(len(school)) < seen]
    panel = Panel(frame, "person", "term", "school", treated_from="from")
    return school_sums(panel, outcome="y", unit="points", adjust=adjust)


def value_of(curve: Curve, method: str) -> float:
    return float(curve.frame.set_index("method")["value"][method])


def test_the_headline_is_that_of_few_treated_effect() -> None:
    sums = sums_of()
    curve, estimate = agreement(sums), few_treated_effect(sums)
    row = curve.frame.set_index("method").loc["headline"]
    assert row["value"] == pytest.approx(estimate.value)
    assert (row["low"], row["high"]) == pytest.approx((estimate.low, estimate.high))
    assert value_of(curve, "school_weighted") == pytest.approx(estimate.detail("effect_school_weighted"))
    assert value_of(curve, "all_schools") == pytest.approx(estimate.detail("effect_all_schools"))
    assert curve.frame["headline"].tolist() == [1] + [0] * (len(METHODS) - 1)
    assert tuple(curve.frame["method"]) == METHODS


@pytest.mark.parametrize("starts", [(4, 4), (4, 5)])
def test_without_noise_every_estimator_finds_the_effect(starts: tuple[int, ...]) -> None:
    curve = agreement(sums_of(starts=starts, noise=0.0, effect=5.0))
    assert tuple(curve.frame["method"]) == METHODS
    assert curve.frame["value"].to_numpy() == pytest.approx(5.0, abs=1e-5)


def test_steps_add_up_to_the_difference() -> None:
    for sums in (sums_of(2), sums_of(3, seen=0.8), sums_of(4, starts=(4, 4))):
        curve = agreement(sums)
        facts, headline = dict(curve.details), value_of(curve, "headline")
        for method in METHODS[1:]:
            gap = value_of(curve, method) - headline
            steps = {
                name.removeprefix("step_").removesuffix(f"_{method}"): float(amount)
                for name, amount in facts.items()
                if name.startswith("step_") and name.endswith(f"_{method}")
            }
            assert facts[f"gap_{method}"] == pytest.approx(gap, abs=1e-9)
            assert sum(steps.values()) == pytest.approx(gap, abs=1e-7)
            assert facts[f"cause_{method}"] == max(steps, key=lambda cause: abs(steps[cause]))


def test_with_one_start_and_everyone_seen_only_the_base_and_the_comparison_differ() -> None:
    facts = dict(agreement(sums_of(5, starts=(4, 4))).details)
    for method in ("two_way", "imputation", "two_stage", "etwfe"):
        assert facts[f"cause_{method}"] == "comparison_set"
        assert facts[f"gap_{method}"] == pytest.approx(facts["gap_all_schools"], abs=1e-6)
    assert facts["cause_group_time"] == "base_term"
    assert facts["forbidden_share"] == 0


def test_staggered_starts_name_the_forbidden_comparisons() -> None:
    facts = dict(agreement(sums_of(6, starts=(2, 5))).details)
    assert 0 < float(facts["forbidden_share"]) < 0.2
    assert "step_forbidden_comparisons_two_way" in facts


def test_schools_that_miss_a_term_name_the_unbalanced_rule() -> None:
    sums = sums_of(7)
    terms = sums.terms[~((sums.terms["school"] == "s11") & (sums.terms["time"] == 2))]
    curve = agreement(replace(sums, terms=terms))
    facts = dict(curve.details)
    assert facts["reason_synthetic"] == "unbalanced"
    assert "synthetic" not in set(curve.frame["method"])
    assert abs(float(facts["step_unbalanced_rule_imputation"])) > 1e-6
    assert facts["no_interval_imputation"] == "unbalanced"
    assert curve.frame.set_index("method").loc["imputation", ["low", "high"]].isna().all()


def test_adjustment_is_a_step_of_its_own() -> None:
    facts = dict(agreement(sums_of(10, adjust=("fact",))).details)
    assert abs(float(facts["step_covariates_imputation"])) > 1e-6
    assert "step_covariates_imputation" not in dict(agreement(sums_of(10)).details)


def test_sums_without_terms_still_answer_on_contrasts() -> None:
    sums = sums_of(8)
    curve = agreement(replace(sums, terms=sums.terms[sums.terms["school"] != "s05"]))
    assert tuple(curve.frame["method"]) == METHODS[:3]
    assert dict(curve.details)["reason_imputation"] == "no_terms"


def test_intervals_are_given_by_permutation_or_not_at_all() -> None:
    curve = agreement(sums_of())
    bounded = curve.frame.set_index("method")[["low", "high"]].notna().all(axis=1)
    assert bounded.drop("synthetic").all()
    assert not bounded["synthetic"]
    assert dict(curve.details)["no_interval_synthetic"] == "not_linear"
    few = agreement(sums_of(schools=8, starts=(4, 4)))
    assert few.frame.set_index("method")["low"].drop(["headline", "school_weighted", "all_schools"]).isna().all()
    assert dict(few.details)["no_interval_two_way"] == "too_few_assignments"


def test_names_order_and_scale_do_not_matter() -> None:
    sums = sums_of(9)
    first = agreement(sums).frame.set_index("method")
    turned = {f"s{number:02d}": f"t{(7 * number) % 12:02d}" for number in range(12)}
    frames = {
        name: getattr(sums, name)
        .assign(school=lambda rows: rows["school"].map(turned))
        .sample(frac=1.0, random_state=1)
        for name in ("schools", "terms", "contrasts")
    }
    renamed = agreement(replace(sums, **frames)).frame.set_index("method")
    columns = ["value", "low", "high"]
    assert renamed[columns].to_numpy(float) == pytest.approx(first[columns].to_numpy(float), abs=1e-5, nan_ok=True)
    shares = replace(
        sums,
        unit="share",
        terms=sums.terms.assign(outcome_sum=sums.terms["outcome_sum"] / 100),
        contrasts=sums.contrasts.assign(
            contrast_sum=sums.contrasts["contrast_sum"] / 100,
            variance_within_school=sums.contrasts["variance_within_school"] / 100**2,
            variance_within_class=sums.contrasts["variance_within_class"] / 100**2,
        ),
    )
    curve = agreement(shares)
    assert curve.unit == "percentage_points"
    scaled = curve.frame.set_index("method")[columns].to_numpy(float)
    assert scaled == pytest.approx(first[columns].to_numpy(float), abs=1e-4, nan_ok=True)


def test_a_study_without_treated_schools_is_an_error() -> None:
    sums = sums_of()
    with pytest.raises(DesignError, match="no school of the study is treated"):
        agreement(replace(sums, schools=sums.schools.assign(treated_from=np.nan)))


def test_the_largest_step_is_the_cause() -> None:
    marks = Landmarks(headline=1.0, all_schools=1.1, unadjusted=1.15, terms=1.4, without_forbidden=1.5)
    found = differ_on_terms("two_way", 2.5, 2.4, marks)
    assert dict(found.steps) == pytest.approx(
        {
            "comparison_set": 0.1,
            "covariates": 0.05,
            "composition": 0.25,
            "forbidden_comparisons": 0.9,
            "term_weights": 0.1,
            "unbalanced_rule": 0.1,
        }
    )
    assert (found.cause, found.gap) == ("forbidden_comparisons", pytest.approx(1.5))
    same = differ_on_terms("imputation", 1.0, None, Landmarks(1.0, 1.0, 1.0, 1.0))
    assert tell({"imputation": same}) == (("cause_imputation", "none"), ("gap_imputation", 0.0))

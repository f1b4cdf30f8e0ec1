"""The report on a design never sees the outcome of treated schools from their start on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import DesignError
from evalkit.models import detectable_effect, few_treated_effect
from evalkit.models.design_report import design_report
from evalkit.values import SchoolSums

RELIED_ON = (
    "coverage",
    "overlap",
    "exchangeability_p",
    "detectable_effect",
    "registration_change",
    "regression_to_mean",
)


def with_levels(made: SchoolSums, seed: int = 1) -> SchoolSums:
    """Give every school a level, and terms noise around it."""
    generator = np.random.default_rng(seed)
    levels = dict(zip(made.schools["school"], generator.normal(90, 3, len(made.schools)), strict=True))
    mean = made.terms["school"].map(levels) + generator.normal(0, 1, len(made.terms))
    return replace(
        made, terms=made.terms.assign(outcome_sum=mean * made.terms["pupils"], enrolled=made.terms["pupils"])
    )


def facts(made: SchoolSums, **asked: object) -> dict[str, object]:
    return {item.name: item.value for item in design_report(made, **asked).diagnostics.items}


def test_everything_that_hiding_effects_relies_on_is_there(study) -> None:
    found = facts(with_levels(study(1)))
    assert all(isinstance(found[name], float) for name in RELIED_ON)
    assert found["coverage_effect"] is None, "no coverage was given"


def test_numbers_agree_with_those_of_the_effect(study) -> None:
    made = with_levels(study(2))
    found, effect = facts(made), few_treated_effect(made)
    for name in ("treated_schools", "comparison_schools", "schools_left_out", "coverage", "detectable_effect"):
        assert found[name] == effect.diagnostics.get(name), name


def test_equal_schools_give_the_closed_form(sums) -> None:
    """2 of 30 alike: shares of the variance are 1/4 twice and 1/784 28 times."""
    made = sums({f"s{number:02d}": {4: 0.1 * number} for number in range(30)}, {"s03": 4, "s20": 4})
    report = design_report(made)
    shares = np.array([0.25] * 2 + [1 / 784] * 28)
    assert report.value == pytest.approx(shares.sum() ** 2 / (shares**2).sum())
    assert report.design == "level"
    assert report.diagnostics.get("largest_leverage") == pytest.approx(0.25 / shares.sum())
    assert report.diagnostics.get("exchangeability_p") == 1.0
    assert (report.clusters, report.treated_clusters) == (30, 2)


def test_what_happened_after_the_start_changes_no_number(study) -> None:
    made = with_levels(study(3))
    treated = made.schools.dropna(subset=["treated_from"]).set_index("school")["treated_from"]
    start = made.terms["school"].map(treated)
    later = made.terms["time"] >= start
    changed = replace(
        made,
        terms=made.terms.assign(outcome_sum=made.terms["outcome_sum"].mask(later, 1e6)),
        contrasts=made.contrasts.assign(
            **{
                column: made.contrasts[column].mask(made.contrasts["school"].isin(treated.index), value)
                for column, value in {
                    "contrast_sum": 1e6,
                    "variance_within_school": 900.0,
                    "variance_within_class": 500.0,
                }.items()
            }
        ),
    )
    assert facts(made) == facts(changed)
    assert detectable_effect(made) == detectable_effect(changed)


def test_names_and_order_of_schools_do_not_matter(study) -> None:
    made = with_levels(study(4))
    names = dict(zip(made.schools["school"], np.random.default_rng(1).permutation(made.schools["school"]), strict=True))
    place = made.schools.set_index("school")["municipality"]
    codes = {old: f"{place[old]}-{new}" for old, new in names.items()}
    other = replace(
        made,
        **{
            name: getattr(made, name)
            .assign(school=getattr(made, name)["school"].map(codes))
            .sample(frac=1.0, random_state=2)
            for name in ("schools", "terms", "contrasts")
        },
    )
    one, two = facts(made), facts(other)
    for name in one:
        assert one[name] == pytest.approx(two[name]), name


def test_coverage_that_falls_at_the_treated_schools_shows_twice(study) -> None:
    made = with_levels(study(5, starts=(4, 4)))
    treated = set(made.schools.dropna(subset=["treated_from"])["school"])
    falls = made.terms["school"].isin(treated) & (made.terms["time"] >= 4)
    terms = made.terms.assign(enrolled=made.terms["pupils"] * np.where(falls, 1.25, 1.0))
    assert facts(made)["registration_change"] == pytest.approx(0.0)
    without = design_report(replace(made, terms=terms))
    assert without.diagnostics.get("registration_change") == pytest.approx(20.0)
    assert without.detail("registration_change_at") == "HT2023"
    coverage = replace(
        made,
        outcome="coverage",
        terms=made.terms.assign(outcome_sum=made.terms["pupils"] * np.where(falls, 80.0, 99.0)),
        contrasts=made.contrasts.assign(
            contrast_sum=made.contrasts["pupils"] * np.where(made.contrasts["school"].isin(treated), -19.0, 0.0)
        ),
    )
    found = facts(made, coverage_sums=coverage)
    assert found["registration_change"] == pytest.approx(19.0)
    assert found["coverage_effect"] == pytest.approx(-19.0)
    assert found["coverage_effect_high"] < 0


def test_treated_schools_chosen_for_a_low_level_are_told_to_rise_by_themselves(sums) -> None:
    names = [f"s{number:02d}" for number in range(16)]
    generator = np.random.default_rng(3)
    before = dict(zip(names, np.sort(generator.normal(90, 4, 16)), strict=True))
    made = sums(
        {name: {4: -0.5 * (before[name] - 90) + generator.normal(0, 0.2)} for name in names}, {"s00": 4, "s01": 4}
    )
    terms = made.terms.assign(outcome_sum=made.terms["pupils"] * made.terms["school"].map(before))
    found = facts(replace(made, terms=terms))
    assert found["baseline_difference"] < 0
    assert found["baseline_deviations"] < -1
    assert found["regression_to_mean"] == pytest.approx(-0.5 * found["baseline_difference"], rel=0.05)
    assert found["regression_to_mean_low"] > 0


def test_start_terms_without_two_comparisons_are_not_overlapped(sums) -> None:
    names = {name: {4: 0.0, 5: 0.0} for name in ("a1", "a2", "a3", "a4", "b1", "b2")}
    places = {name: name[0] for name in names}
    apart = design_report(sums(names, {"a1": 4, "b1": 5}, municipality=places))
    assert apart.detail("comparison") == "all_schools"
    assert apart.diagnostics.get("overlap") == 1.0
    lost = sums(names | {"a2": {5: 0.0}}, {"a1": 4, "a2": 5}, municipality=places)
    assert design_report(lost).diagnostics.get("overlap") == 0.5
    assert design_report(lost).diagnostics.get("treated_left_out") == 1
    protected = replace(lost, treated_left_out=1)
    assert design_report(protected).diagnostics.get("overlap") is None, "the start term of the one left out is unknown"


def test_coverage_is_of_the_pupils_enrolled_in_the_schools_compared(study) -> None:
    """Every second pupil has a contrast; a school that is left out has many, and they do not count."""
    made = study(7, starts=(4, 4))
    gone = made.contrasts["school"].isin(["b07"])
    terms = made.terms.assign(enrolled=2.0 * made.terms["pupils"])
    short = replace(made, terms=terms, contrasts=made.contrasts[~gone])
    assert facts(short)["coverage"] == pytest.approx(0.5)
    assert few_treated_effect(short).diagnostics.get("coverage") == pytest.approx(0.5)
    untold = replace(short, terms=terms.assign(enrolled=terms["enrolled"].mask(terms["school"] == "a03")))
    assert facts(untold)["coverage"] is None
    assert few_treated_effect(untold).diagnostics.get("coverage") is None


def test_one_treated_school_cannot_look_unlike_the_others_by_size(sums) -> None:
    """Of 10 sizes two lie farthest from the middle, so no school could give less than 2 of 10."""
    names = [f"s{number}" for number in range(10)]
    pupils = {name: 50 + 10 * number for number, name in enumerate(names)}
    made = sums({name: {4: float(number % 3)} for number, name in enumerate(names)}, {"s4": 4}, pupils=pupils)
    found = facts(made)
    assert found["exchangeability_p"] == 1.0
    assert found["exchangeability_attainable_p"] == pytest.approx(0.2)


def test_merged_schools_and_movers_are_told(study) -> None:
    made = with_levels(study(6))
    moves = pd.DataFrame(
        {"site": ["x", "x"], "municipality": "1440", "start": [4, 5], "pupils": [100, 100], "moved": [10.0, np.nan]}
    )
    found = facts(replace(made, moves=moves, merged=3, rule="merged_within_municipality"))
    assert found["schools_merged"] == 3
    assert found["moved_share"] == pytest.approx(0.1)
    assert facts(made)["moved_share"] is None


def test_a_design_without_treated_schools_is_refused(sums) -> None:
    with pytest.raises(DesignError, match="no school of the study is treated"):
        design_report(sums({"a": {4: 0.0}, "b": {4: 0.0}}, {}))

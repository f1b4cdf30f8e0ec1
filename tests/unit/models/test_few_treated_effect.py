"""Witnesses: designs small enough to work out by hand, and loops that follow the definitions."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import DesignError
from evalkit.models import few_treated_effect, placebo_distribution
from evalkit.models.design_report import design_report
from evalkit.models.school_analysis import analyse
from evalkit.models.school_design import read_design
from evalkit.values import Estimate, SchoolSums

TINY = {"s1": {4: 5.0}, "s2": {4: 1.0}, "s3": {4: 2.0}, "s4": {4: 3.0}}


def test_a_design_worked_out_by_hand(sums) -> None:
    """5 - mean(1, 2, 3) = 3; the other three give 1 - 10/3, 2 - 3, 3 - 8/3: none as far from 0, so p = 1/4."""
    effect = few_treated_effect(sums(TINY, {"s1": 4}))
    assert effect.value == pytest.approx(3.0)
    assert effect.detail("p_permutation") == 0.25
    assert effect.attainable_p == 0.25
    assert (effect.clusters, effect.treated_clusters, effect.n) == (4, 1, 400)
    assert effect.detail("first_start") == "HT2023"


def test_permutation_is_not_the_headline_where_it_could_not_reject(sums) -> None:
    effect = few_treated_effect(sums(TINY, {"s1": 4}))
    assert effect.detail("rule") == "variance_model"
    assert effect.p == effect.detail("p_model")
    assert effect.low < 3.0 < effect.high
    assert effect.high - 3.0 == pytest.approx(3.0 - effect.low)


def test_pupils_weigh_and_the_school_weighted_effect_stands_beside(sums) -> None:
    made = sums(TINY, {"s1": 4, "s2": 4}, pupils={"s1": 300, "s2": 100, "s3": 300, "s4": 100})
    effect = few_treated_effect(made)
    assert effect.value == pytest.approx(0.75 * 5 + 0.25 * 1 - (0.75 * 2 + 0.25 * 3))
    assert effect.detail("effect_school_weighted") == pytest.approx(3.0 - 2.5)
    assert effect.persons_minimum == 100


def test_schools_are_compared_within_their_municipality_if_they_can_be(sums) -> None:
    contrast = {"a1": {4: 5.0}, "a2": {4: 1.0}, "a3": {4: 1.0}, "b1": {4: 9.0}, "b2": {4: 9.0}, "b3": {4: 9.0}}
    places = {name: name[0] for name in contrast}
    effect = few_treated_effect(sums(contrast, {"a1": 4}, municipality=places))
    assert effect.detail("comparison") == "within_municipality"
    assert effect.value == pytest.approx(4.0)
    assert effect.detail("effect_all_schools") == pytest.approx(5.0 - 29 / 5)
    del contrast["a3"]
    alone = few_treated_effect(sums(contrast, {"a1": 4}, municipality=places))
    assert alone.detail("comparison") == "all_schools"
    assert alone.value == pytest.approx(5.0 - 28 / 4)
    assert alone.detail("assignments_stratified") is None


def by_definition(made: SchoolSums, spread: float) -> tuple[float, float, int, int]:
    """Return effect, deviation, extreme and all assignments, by loops over schools."""
    design = read_design(made)
    b, c = design.person_variance, design.class_variance
    n, m, d = design.pupils, design.classes, design.contrast
    place = design.stratum

    def difference(pair: tuple[int, ...]) -> tuple[float, float]:
        sizes = [n[school, slot] for school, slot in zip(pair, design.slots, strict=True)]
        load = np.zeros_like(d)
        for school, slot, size in zip(pair, design.slots, sizes, strict=True):
            share = size / sum(sizes)
            others = [i for i in range(len(d)) if place[i] == place[school] and i not in pair]
            load[school, slot] += share
            for other in others:
                load[other, slot] -= share * n[other, slot] / sum(n[i, slot] for i in others)
        variance = 0.0
        for i in range(len(d)):
            for s, r in itertools.product(range(d.shape[1]), repeat=2):
                own = [c[k] / m[i, k] + b[k] / n[i, k] for k in (s, r)]
                variance += load[i, s] * load[i, r] * (spread + sum(own) / 2)
        return float((load * d).sum()), math.sqrt(variance)

    value, deviation = difference(tuple(design.treated))
    all_pairs = list(itertools.permutations(range(len(d)), len(design.slots)))
    scores = [abs(x) / s for x, s in map(difference, all_pairs)]
    extreme = sum(score >= abs(value) / deviation * (1 - 1e-9) for score in scores)
    return value, deviation, extreme, len(all_pairs)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_staggered_starts_follow_the_definition(study, seed: int) -> None:
    made = study(seed, count=6)
    one = analyse(read_design(made))[0]
    value, deviation, extreme, ways = by_definition(made, float(one.spread.mode[0]))
    effect = few_treated_effect(made)
    assert ways == 132
    assert effect.value == pytest.approx(value)
    assert one.deviation[0] == pytest.approx(deviation)
    assert (effect.detail("as_extreme"), effect.detail("assignments")) == (extreme, ways)
    assert effect.p == extreme / ways
    assert effect.detail("rule") == "permutation"
    assert effect.detail("assignments_stratified") == 36


def test_the_interval_holds_what_the_test_does_not_reject(study) -> None:
    """Take an effect x away from the treated schools, at every start as far as it reaches there, and test again."""
    made = study(4)
    design = read_design(made)
    effect = few_treated_effect(made)
    share = design.exposure[design.slots]
    assert share[0, 1] == pytest.approx(0.8)
    assert share[1, 0] == pytest.approx(0.75)
    for x in np.linspace(effect.low - 2, effect.high + 2, 60):
        contrast = design.contrast.copy()
        contrast[design.treated] -= x * share
        one = analyse(replace(design, contrast=contrast))[0]
        inside = any(segment.low <= x <= segment.high for segment in effect.interval)
        assert inside == (one.count.p > 0.05)


def changed(made: SchoolSums, **columns) -> SchoolSums:
    return replace(made, contrasts=made.contrasts.assign(**columns))


def numbers(effect: Estimate) -> list[float]:
    return [effect.value, effect.low, effect.high, effect.p]


def test_relabelling_and_row_order_change_nothing(study) -> None:
    made = study(5)
    rename = {name: f"z{99 - i}" for i, name in enumerate(made.schools["school"])}
    frames = {
        field: getattr(made, field).assign(school=lambda f: f["school"].map(rename)).sample(frac=1, random_state=1)
        for field in ("schools", "terms", "contrasts")
    }
    assert numbers(few_treated_effect(replace(made, **frames))) == pytest.approx(numbers(few_treated_effect(made)))


def test_a_shift_that_all_schools_share_changes_nothing(study) -> None:
    made = study(6)
    frame = made.contrasts
    shift = np.where(frame["municipality"] == "1440", 3.0, -2.0) * frame["start"]
    shifted = changed(made, contrast_sum=frame["contrast_sum"] + shift * frame["pupils"])
    assert numbers(few_treated_effect(shifted)) == pytest.approx(numbers(few_treated_effect(made)), rel=1e-2)


def test_scale_carries_over_and_shares_are_percentage_points(study) -> None:
    made = study(7)
    frame = made.contrasts
    small = changed(
        made,
        contrast_sum=frame["contrast_sum"] / 100,
        variance_within_school=frame["variance_within_school"] / 1e4,
        variance_within_class=frame["variance_within_class"] / 1e4,
    )
    share = few_treated_effect(replace(small, unit="share"))
    assert share.unit == "percentage_points"
    assert numbers(share) == pytest.approx(numbers(few_treated_effect(made)))
    assert numbers(few_treated_effect(small))[:3] == pytest.approx([x / 100 for x in numbers(share)[:3]])


def test_the_rule_sees_the_design_and_never_the_outcome(study) -> None:
    made = study(8)
    noise = np.random.default_rng(1).normal(0, 500, len(made.contrasts))
    other = few_treated_effect(changed(made, contrast_sum=noise))
    before = few_treated_effect(made)
    for fact in ("rule", "comparison", "assignments", "assignments_stratified"):
        assert other.detail(fact) == before.detail(fact)
    assert other.attainable_p == before.attainable_p


@pytest.mark.parametrize(
    ("sizes", "rule", "reason"),
    [
        ((100, 100), "permutation", "sizes_alike"),
        ((180, 180), "permutation", "sizes_alike"),
        ((600, 600), "variance_model", "sizes_differ"),
        ((30, 30), "variance_model", "sizes_differ"),
    ],
    ids=str,
)
def test_permutation_is_the_headline_where_treated_schools_are_as_large_as_others(sums, sizes, rule, reason) -> None:
    """Most assignments treat two of the equal schools, and compare with 12 of them and the two in question."""
    names = [f"s{i:02d}" for i in range(16)]
    contrast = {name: {4: float(x)} for name, x in zip(names, np.random.default_rng(3).normal(0, 1, 16), strict=True)}
    pupils = dict.fromkeys(names, 100) | dict(zip(names, sizes, strict=False))
    effect = few_treated_effect(sums(contrast, {"s00": 4, "s01": 4}, pupils=pupils))
    assert (effect.detail("rule"), effect.detail("rule_reason")) == (rule, reason)
    n = sizes[0]
    own = (1 / (2 * n) + 1 / 1400) / (1 / 2 + 1 / 14)
    mass = 1200 + 2 * n
    median = (1 / 200 + 1 / mass) / (1 / 2 + (12 * 100**2 + 2 * n**2) / mass**2)
    assert effect.detail("load_ratio") == pytest.approx(own / median)


def test_one_treated_school_says_that_permutation_cannot_reject(sums) -> None:
    effect = few_treated_effect(sums(TINY, {"s1": 4}))
    assert effect.detail("rule_reason") == "too_few_assignments"
    assert effect.attainable_p > 0.05


def test_twice_gives_the_same_and_nothing_handed_in_is_changed(study) -> None:
    made = study(9, starts=(3, 4, 5), count=15)
    copies = [frame.copy() for frame in (made.schools, made.terms, made.contrasts)]
    once, again = few_treated_effect(made), few_treated_effect(made)
    assert once == again
    for frame, copy in zip((made.schools, made.terms, made.contrasts), copies, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
    assert once.detail("assignments") == 10_000
    assert once.detail("monte_carlo_error") == pytest.approx(math.sqrt(once.p * (1 - once.p) / 10_000))


def test_unknown_classes_give_the_widest_interval(study) -> None:
    made = study(10)
    known = few_treated_effect(changed(made, variance_within_class=made.contrasts["variance_within_school"]))
    unknown = few_treated_effect(changed(made, variance_within_class=np.nan))
    assert unknown.low <= known.low + 1e-6
    assert unknown.high >= known.high - 1e-6
    assert ".10" in unknown.convention


def test_two_schools_leave_the_interval_open(sums) -> None:
    effect = few_treated_effect(sums({"s1": {4: 5.0}, "s2": {4: 1.0}}, {"s1": 4}))
    assert effect.value == pytest.approx(4.0)
    assert (effect.low, effect.high) == (-math.inf, math.inf)
    assert effect.p is None


def test_diagnostics_tell_what_a_reader_of_certainty_needs(study) -> None:
    effect = few_treated_effect(study(11))
    for name in ("detectable_effect", "schools", "comparison_schools", "coverage", "size_ratio", "attainable_p"):
        assert effect.diagnostics.get(name) is not None
    assert effect.diagnostics.get("schools") == 16


@pytest.mark.parametrize("treated", [{}, dict.fromkeys(TINY, 4)], ids=["nobody", "everybody"])
def test_without_treated_or_untreated_there_is_no_effect(sums, treated) -> None:
    with pytest.raises(DesignError) as caught:
        few_treated_effect(sums(TINY, treated))
    assert caught.value.remedy


def test_a_start_in_the_first_term_has_no_before(sums) -> None:
    with pytest.raises(DesignError, match="before and after"):
        few_treated_effect(sums(TINY, {"s1": 0}))


def test_sums_without_variance_cannot_judge_chance(sums) -> None:
    with pytest.raises(DesignError, match="variance"):
        few_treated_effect(sums(TINY, {"s1": 4}, variance=(np.nan, np.nan)))


def test_an_outcome_that_never_changes_cannot_judge_chance(sums) -> None:
    names = [f"s{number:02d}" for number in range(20)]
    still = sums({name: {4: 0.0} for name in names}, {"s00": 4, "s01": 4}, variance=(0.0, 0.0))
    for verb in (few_treated_effect, placebo_distribution, design_report):
        with pytest.raises(DesignError, match="changes alike") as caught:
            verb(still)
        assert caught.value.remedy
    moved = sums({name: {4: float(name == "s07")} for name in names}, {"s00": 4, "s01": 4}, variance=(0.0, 0.0))
    assert few_treated_effect(moved).p > 0.5


def test_what_stands_beside_the_headline_is_the_widest_over_class_correlations(sums) -> None:
    """With sizes alike permutation is the headline; the variance model's widest interval is another correlation's."""
    generator = np.random.default_rng(11)
    names = [f"{place}{number:02d}" for place in "ab" for number in range(10)]
    made = sums(
        {name: {4: float(generator.normal(0, 1.0))} for name in names},
        {"a00": 4, "b00": 4},
        municipality={name: name[0] for name in names},
        pupils={name: int(generator.integers(80, 130)) for name in names},
        variance=(150.0, np.nan),
    )
    effect, analyses = few_treated_effect(made), analyse(read_design(made))
    assert effect.detail("rule") == "permutation"
    ends = [one.model_interval(0.95)[0] for one in analyses]
    assert effect.detail("low_model") == min(end.low for end in ends)
    assert effect.detail("high_model") == max(end.high for end in ends)
    assert effect.detail("p_model") == max(one.model_p() for one in analyses)
    assert effect.detail("as_extreme") == max(one.count.as_extreme for one in analyses)
    assert effect.detail("as_extreme_stratified") == max(one.stratified.as_extreme for one in analyses)


def test_names_of_schools_do_not_change_a_draw_of_assignments(study) -> None:
    made = study(12, starts=(3, 4, 5), count=15)
    sizes = made.contrasts.groupby("school")["pupils"].first()
    assert sizes.is_unique, "ties are settled by name"
    rename = {name: f"z{99 - number}" for number, name in enumerate(made.schools["school"])}
    frames = {
        field: getattr(made, field).assign(school=lambda frame: frame["school"].map(rename))
        for field in ("schools", "terms", "contrasts")
    }
    before, after = few_treated_effect(made), few_treated_effect(replace(made, **frames))
    assert "ordered by pupils" in before.convention
    assert numbers(after) == pytest.approx(numbers(before), rel=1e-9)
    assert after.detail("as_extreme") == before.detail("as_extreme")
    assert after.diagnostics.get("detectable_effect") == pytest.approx(before.diagnostics.get("detectable_effect"))


def test_the_method_is_called_what_it_is(study) -> None:
    effect = few_treated_effect(study(5))
    assert effect.method.startswith("enumerated studentised permutation"), "the spread is plugged in, so not exact"
    assert "seen both before and from the start on" in effect.estimand


def test_schools_without_a_contrast_are_left_out_and_counted(sums) -> None:
    made = sums({**TINY, "s5": {}}, {"s1": 4})
    effect = few_treated_effect(made)
    assert effect.clusters == 4
    assert effect.diagnostics.get("schools_left_out") == 1


def test_a_school_treated_before_anything_was_seen_is_neither_treated_nor_compared(sums) -> None:
    effect = few_treated_effect(sums({**TINY, "s5": {4: 99.0}}, {"s1": 4, "s5": 0}))
    assert effect.value == pytest.approx(3.0)
    assert (effect.treated_clusters, effect.diagnostics.get("treated_left_out")) == (1, 1)


def test_size_is_near_nominal_when_treated_schools_are_small(sums) -> None:
    """Sizes 40 to 400; the smallest is treated in both municipalities, where plain permutation rejects 20 %."""
    generator = np.random.default_rng(20)
    base = read_design(two_places(sums))
    rejected, plain = 0, 0
    for _ in range(300):
        noise = generator.normal(size=base.contrast.shape) * np.sqrt(100 / base.pupils + 0.1)
        one = analyse(replace(base, contrast=noise))[0]
        rejected += one.count.p <= 0.05
        plain += (np.abs(one.effect) >= abs(one.effect[0]) * (1 - 1e-9)).mean() <= 0.05
    assert 0.015 <= rejected / 300 <= 0.085
    assert plain / 300 > 0.12


def two_places(sums) -> SchoolSums:
    names = [f"{place}{number:02d}" for place in "ab" for number in range(12)]
    sizes = dict(zip(names, [int(n) for n in np.round(np.geomspace(40, 400, 12))] * 2, strict=True))
    return sums(
        {name: {4: 0.0} for name in names},
        {"a00": 4, "b00": 4},
        municipality={name: name[0] for name in names},
        pupils=sizes,
        variance=(100.0, 100.0),
    )

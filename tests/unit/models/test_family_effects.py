"""Witnesses: the step-down written out set by set from its definition (Romano and Wolf 2005, algorithm 4.1); Holm by
hand; the familywise error of both the core and the whole verb under no effect, by simulation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.errors import DesignError
from evalkit.models import few_treated_effect
from evalkit.models.family_effects import family_effects, step_down
from evalkit.models.school_analysis import analyse
from evalkit.models.school_design import read_design
from evalkit.values import SchoolSums


def rejects_at(far: np.ndarray, level: float) -> set[int]:
    """Reject outcomes whose statistic tops the quantile of the largest among those left; repeat without them."""
    left, rejected = set(range(len(far))), set()
    while left:
        largest = far[sorted(left)].max(axis=0)
        out = {row for row in left if (largest >= far[row, 0] - 1e-12).mean() <= level}
        if not out:
            return rejected
        left, rejected = left - out, rejected | out
    return rejected


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6), outcomes=st.integers(1, 6), assignments=st.integers(4, 80), common=st.floats(0.0, 1.0)
)
def test_an_outcome_is_rejected_exactly_where_its_adjusted_p_is_small(
    seed: int, outcomes: int, assignments: int, common: float
) -> None:
    generator = np.random.default_rng(seed)
    shared = generator.normal(size=assignments)
    far = np.abs(common * shared + generator.normal(size=(outcomes, assignments)))
    far[:, 0] *= generator.uniform(0.5, 3.0, outcomes)
    adjusted = step_down(far)
    for level in np.unique(np.concatenate([adjusted, [0.05, 0.2, 0.5]])):
        assert {i for i in range(outcomes) if adjusted[i] <= level} == rejects_at(far, level)
    alone = np.array([(row >= row[0] - 1e-12).mean() for row in far])
    assert (adjusted >= alone - 1e-12).all()


def test_outcomes_that_are_one_cost_nothing_and_unlike_ones_do() -> None:
    generator = np.random.default_rng(1)
    row = np.abs(generator.normal(size=200))
    row[0] = 2.2
    assert step_down(np.stack([row, row, row])) == pytest.approx(np.full(3, (row >= 2.2).mean()))
    others = np.abs(generator.normal(size=(2, 200)))
    others[:, 0] = 0.1
    assert step_down(np.vstack([row, others]))[0] > 1.5 * (row >= 2.2).mean()


@pytest.mark.parametrize("lift", [0.0, 50.0])
def test_familywise_error_is_kept_with_and_without_a_true_effect(lift: float) -> None:
    """Two of twelve schools, 66 assignments, so .05 can be met at 3 / 66 at most; the first outcome may be moved."""
    generator = np.random.default_rng(2)
    pairs = np.array([(i, j) for i in range(12) for j in range(i + 1, 12)])
    share = np.zeros((66, 12))
    share[np.arange(66)[:, None], pairs] = 0.5
    share = share - (1 - 2 * share) / 10
    wrong = 0
    for _ in range(1500):
        outcome = generator.normal(size=(4, 12)) + 0.7 * generator.normal(size=12)
        outcome[0, :2] += lift
        adjusted = step_down(np.abs(outcome @ share.T))
        wrong += (adjusted[1 if lift else 0 :] <= 0.05).any()
    assert wrong / 1500 <= 3 / 66 + 3 * math.sqrt(0.045 * 0.955 / 1500)
    assert wrong / 1500 >= 0.02


def evened(sums: SchoolSums) -> SchoolSums:
    """All schools with 100 pupils, so that permutation is the headline's test."""
    mean = sums.contrasts["contrast_sum"] / sums.contrasts["pupils"]
    return replace(
        sums,
        contrasts=sums.contrasts.assign(pupils=100, contrast_sum=100 * mean),
        terms=sums.terms.assign(pupils=100),
    )


def family(study, *, count: int = 8, seeds: tuple[int, ...] = (1, 2, 3)) -> list[SchoolSums]:
    return [replace(evened(study(seed, count=count)), outcome=f"outcome_{seed}") for seed in seeds]


def test_familywise_error_of_the_verb_under_no_effect(study) -> None:
    """Eight schools give 56 assignments, so the level here is .8; 40 studies, Monte Carlo error .063."""
    wrong = 0
    for seed in range(40):
        sums = family(study, count=4, seeds=(2 * seed, 2 * seed + 1))
        found = family_effects(sums, level=0.8)
        assert found.detail("adjustment") == "romano_wolf"
        wrong += bool((found.frame["p_adjusted"] <= 0.2).any())
    assert 0.02 <= wrong / 40 <= 0.39


def test_each_outcome_is_as_its_own_effect_and_p_is_adjusted(study) -> None:
    sums = family(study)
    found = family_effects(sums)
    assert (found.kind, found.name, found.unit) == ("family", "forum_family", "points")
    assert list(found.frame["outcome"]) == ["outcome_1", "outcome_2", "outcome_3"]
    for one, (_, row) in zip(sums, found.frame.iterrows(), strict=True):
        alone = few_treated_effect(one)
        assert row["value"] == pytest.approx(alone.value)
        assert (row["low"], row["high"]) == pytest.approx((alone.low, alone.high))
        assert row["p"] == pytest.approx(alone.p)
        assert row["p_adjusted"] >= row["p"]
        assert row["pupils"] == alone.persons_minimum
    assert found.detail("schools_left_out") == 0


def test_the_adjusted_p_is_that_of_the_same_assignments_set_by_set(study) -> None:
    sums = family(study)
    found = family_effects(sums)
    analyses = [analyse(read_design(one))[0] for one in sums]
    assert all((one.assignments == analyses[0].assignments).all() for one in analyses)
    far = np.stack([np.abs(one.effect) / one.deviation for one in analyses])
    levels = np.arange(1, 241) / 240
    slow = [next(level for level in levels if row in rejects_at(far, level + 1e-12)) for row in range(3)]
    assert found.frame["p_adjusted"].to_numpy() == pytest.approx(slow)


def test_one_outcome_needs_no_adjustment_even_where_assignments_are_drawn(study) -> None:
    one = evened(study(4, starts=(3, 4, 5, 6), count=10))
    found = family_effects([one])
    assert found.detail("assignments") > 9000
    assert found.frame["p_adjusted"][0] == found.frame["p"][0] == few_treated_effect(one).p


def test_too_few_assignments_fall_back_on_holm(study) -> None:
    sums = family(study, count=3)
    found = family_effects(sums)
    assert found.detail("adjustment") == "holm"
    assert "Holm" in found.method
    p = found.frame["p"].to_numpy()
    assert p == pytest.approx([few_treated_effect(one).detail("p_model") for one in sums])
    order = np.argsort(p)
    by_hand = np.empty(3)
    by_hand[order] = np.maximum.accumulate(np.minimum(1.0, p[order] * [3, 2, 1]))
    assert found.frame["p_adjusted"].to_numpy() == pytest.approx(by_hand)


def test_one_outcome_without_a_permutation_makes_all_holm(study) -> None:
    even, other, _ = family(study)
    sizes = other.contrasts["pupils"].where(~other.contrasts["school"].isin(["a00", "b00"]), 2000)
    ratio = sizes / other.contrasts["pupils"]
    uneven = replace(
        other, contrasts=other.contrasts.assign(pupils=sizes, contrast_sum=ratio * other.contrasts["contrast_sum"])
    )
    alone = [few_treated_effect(one) for one in (even, uneven)]
    assert [one.detail("rule") for one in alone] == ["permutation", "variance_model"]
    found = family_effects([even, uneven])
    assert (found.detail("adjustment"), found.detail("outcomes_permuted")) == ("holm", 1)
    p = [one.p for one in alone]
    assert found.frame["p"].to_numpy() == pytest.approx(p)
    assert found.frame["p_adjusted"].min() == pytest.approx(min(1.0, 2 * min(p)))


def test_points_stand_for_the_treated_schools_and_the_fewest_pupils_of_any_group(study) -> None:
    made = family(study)
    found = family_effects(made)
    for number, one in enumerate(made):
        alone = few_treated_effect(one)
        assert found.frame["pupils"][number] == alone.persons_minimum < alone.n
        assert found.frame["schools"][number] == alone.treated_clusters


def test_too_few_untreated_schools_have_no_p(sums) -> None:
    one = sums({"a": {4: 1.0}, "b": {4: 0.0}}, {"a": 4})
    found = family_effects([one, replace(one, outcome="other")])
    assert found.detail("adjustment") == "none"
    assert found.frame[["p", "p_adjusted"]].isna().all(axis=None)
    assert (found.frame["low"] == -math.inf).all()


def test_schools_without_one_outcome_are_left_out_of_all(study) -> None:
    first, second, _ = family(study)
    lacking = second.contrasts["school"].isin(["a07", "b06"]) & (second.contrasts["start"] == 4)
    holed = replace(second, contrasts=second.contrasts[~lacking])
    found = family_effects([first, holed])
    assert found.detail("schools_left_out") == 2
    assert set(found.frame["schools"]) == {2}
    smaller = first.contrasts["school"].isin(["a07", "b06"])
    kept = replace(
        first, contrasts=first.contrasts[~smaller], schools=first.schools[~first.schools["school"].isin(["a07", "b06"])]
    )
    assert found.frame["value"][0] == pytest.approx(few_treated_effect(kept).value)


def test_a_treated_school_without_one_outcome_is_left_out_of_all(study) -> None:
    first, second, _ = family(study)
    gone = (second.contrasts["school"] == "b00") & (second.contrasts["start"] == 5)
    found = family_effects([first, replace(second, contrasts=second.contrasts[~gone])])
    assert found.detail("treated_schools") == 1
    assert found.detail("schools_left_out") == 1


def test_the_order_of_outcomes_and_their_units_do_not_matter(study) -> None:
    sums = family(study)
    before = family_effects(sums).frame.set_index("outcome")
    last = sums[2]
    money = replace(last, contrasts=last.contrasts.assign(contrast_sum=1000 * last.contrasts["contrast_sum"]))
    for column in ("variance_within_school", "variance_within_class"):
        money = replace(money, contrasts=money.contrasts.assign(**{column: 1e6 * money.contrasts[column]}))
    after = family_effects([money, sums[0], sums[1]]).frame.set_index("outcome")
    for name in before.index:
        assert after.loc[name, "p_adjusted"] == pytest.approx(before.loc[name, "p_adjusted"])
    assert after.loc["outcome_3", "value"] == pytest.approx(1000 * before.loc["outcome_3", "value"])


def test_shares_are_in_percentage_points_and_unlike_units_leave_the_curve_without_one(study) -> None:
    points, share, _ = family(study)
    found = family_effects([points, replace(share, unit="share")])
    assert list(found.frame["unit"]) == ["points", "percentage_points"]
    assert found.unit == ""
    assert found.frame["value"][1] == pytest.approx(100 * few_treated_effect(share).value)


def test_unknown_classes_give_the_largest_p_of_all_correlations(sums) -> None:
    generator = np.random.default_rng(3)
    names = [f"s{i:02d}" for i in range(30)]
    sizes = {name: int(generator.integers(80, 140)) for name in names}
    made = []
    for number in range(2):
        contrast = {name: {4: float(generator.normal(0, 1.5))} for name in names}
        made.append(
            replace(
                sums(contrast, {"s00": 4, "s01": 4}, pupils=sizes, variance=(150.0, np.nan), classes=np.nan),
                outcome=f"o{number}",
            )
        )
    found = family_effects(made)
    by_correlation = [analyse(read_design(one)) for one in made]
    assert len(by_correlation[0]) == 4
    assert found.detail("adjustment") == "romano_wolf"
    stepped = [
        step_down(np.stack([np.abs(each[i].effect) / each[i].deviation for each in by_correlation])) for i in range(4)
    ]
    assert found.frame["p_adjusted"].to_numpy() == pytest.approx(np.max(stepped, axis=0))


def test_families_that_do_not_belong_together_are_refused(study) -> None:
    first, second, _ = family(study)
    with pytest.raises(DesignError, match="no outcomes"):
        family_effects([])
    with pytest.raises(DesignError, match="twice"):
        family_effects([first, first])
    with pytest.raises(DesignError, match="terms"):
        family_effects([first, replace(second, labels=second.labels[:-1])])
    moved = second.schools["treated_from"].replace(4.0, 5.0)
    with pytest.raises(DesignError, match="different terms"):
        family_effects([first, replace(second, schools=second.schools.assign(treated_from=moved))])
    neither = second.contrasts["school"].isin(["b00"]) & (second.contrasts["start"] == 5)
    nor = first.contrasts["school"].isin(["a00"]) & (first.contrasts["start"] == 4)
    halves = [
        replace(first, contrasts=first.contrasts[~nor]),
        replace(second, contrasts=second.contrasts[~neither]),
    ]
    with pytest.raises(DesignError, match="every outcome"):
        family_effects(halves)

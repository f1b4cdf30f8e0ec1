"""The batch against `few_treated_effect` and `analyse`, one study at a time: two routes to one answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evalkit.models import few_treated_effect, repeated_studies
from evalkit.models.prepared_assignments import prepare, prepare_stratified
from evalkit.models.repeated_studies import (
    Studies,
    choose_permutation,
    find_headline,
    find_intervals,
    find_model_intervals,
    find_p,
)
from evalkit.models.school_analysis import analyse, headline_interval, offers_permutation
from evalkit.models.school_design import SchoolDesign, read_design

LEVEL = 0.95


def many(design: SchoolDesign, count: int, seed: int, *, anew: bool = False) -> Studies:
    """Return data sets like the design's own, with other contrasts and variances."""
    generator = np.random.default_rng(seed)
    treated = design.treated[None, :]
    if anew:
        treated = generator.random((count, len(design.schools))).argsort(axis=1)[:, : len(design.slots)]
    wobble = generator.uniform(0.8, 1.25, (2, count, len(design.starts)))
    return Studies(
        design=design,
        treated=treated,
        contrast=generator.normal(0, 1.5, (count, *design.contrast.shape)),
        person_variance=design.person_variance * wobble[0],
        class_variance=design.class_variance * wobble[1],
    )


def one_design(studies: Studies, row: int) -> SchoolDesign:
    """Return one data set as a design of its own."""
    return replace(
        studies.design,
        treated=studies.treated[row % len(studies.treated)],
        contrast=studies.contrast[row],
        person_variance=studies.person_variance[row],
        class_variance=studies.class_variance[row],
    )


def ends(intervals) -> list[float]:
    return [end for interval in intervals for segment in interval for end in (segment.low, segment.high)]


def unknown(made):
    return replace(made, contrasts=made.contrasts.assign(variance_within_class=np.nan))


def alike(made):
    return replace(made, contrasts=made.contrasts.assign(pupils=100))


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("change", [unknown, alike, lambda made: made], ids=["unknown", "alike", "known"])
@pytest.mark.parametrize("starts", [(4, 5), (4, 4), (3,)], ids=str)
def test_each_data_set_is_judged_as_if_it_were_alone(study, starts, change, anew) -> None:
    design = replace(read_design(change(study(1, starts=starts))), stratum=np.zeros(16, dtype=np.int64))
    studies = many(design, 5, 2, anew=anew)
    assignments = prepare(design)
    effects = np.array([[0.0], [1.3]])
    p = find_p(studies, assignments, effects)
    permuted = choose_permutation(studies, assignments, LEVEL)
    headline = find_headline(studies, assignments, LEVEL, permuted)
    for row in range(5):
        alone = analyse(one_design(studies, row))
        assert p.permutation[0, row] == max(one.count.p for one in alone)
        assert p.variance_model[1, row] == pytest.approx(max(one.model_p(1.3) for one in alone))
        assert permuted[row] == offers_permutation(alone[0], LEVEL)
        assert ends([headline[row]]) == pytest.approx(ends([headline_interval(alone, LEVEL)]))


@pytest.mark.parametrize("starts", [(4, 5), (4, 4, 5), (4,)], ids=str)
def test_the_public_verb_says_the_same(study, starts) -> None:
    """With three treated of 26 the assignments are a draw, whose seed is the study's own."""
    for seed in range(4):
        made = study(seed, starts=starts, count=13)
        design = read_design(made)
        effect = few_treated_effect(made)
        studies = Studies(
            design=design,
            treated=design.treated[None],
            contrast=design.contrast[None],
            person_variance=design.person_variance[None],
            class_variance=design.class_variance[None],
        )
        assignments = prepare(design)
        p = find_p(studies, assignments, np.zeros((1, 1)))
        permuted = choose_permutation(studies, assignments, LEVEL)
        assert effect.detail("rule") == ("permutation" if permuted[0] else "variance_model")
        assert effect.p == pytest.approx((p.permutation if permuted[0] else p.variance_model)[0, 0], abs=1e-12)
        assert ends([effect.interval]) == pytest.approx(ends(find_headline(studies, assignments, LEVEL, permuted)))
        assert effect.detail("assignments") == assignments.count


def test_assignments_within_strata_are_judged_alike(study) -> None:
    design = read_design(study(3))
    studies = many(design, 4, 5)
    p = find_p(studies, prepare_stratified(design), np.zeros((1, 1)))
    for row in range(4):
        assert p.permutation[0, row] == analyse(one_design(studies, row))[0].stratified.p


@pytest.mark.parametrize("studentised", [True, False])
def test_intervals_hold_exactly_what_is_not_rejected(study, studentised) -> None:
    design = read_design(study(4))
    studies, assignments = many(design, 6, 7), prepare(design)
    kept = find_intervals(studies, assignments, LEVEL, studentised=studentised)
    tested = np.linspace(-8, 8, 81)
    p = find_p(studies, assignments, tested[:, None])
    held = (p.permutation if studentised else p.plain) > (1 - LEVEL) * (1 + 1e-9)
    for row, interval in enumerate(kept):
        inside = np.array([any(segment.low <= x <= segment.high for segment in interval) for x in tested])
        assert (inside == held[:, row]).all()
        assert inside.any()
        assert not inside.all()


def test_model_intervals_end_where_p_is_one_minus_the_level(study) -> None:
    studies = many(read_design(unknown(study(5))), 6, 8)
    kept = find_model_intervals(studies, LEVEL)
    for edge in (0, 1):
        tested = np.array([[(interval[0].low, interval[0].high)[edge] for interval in kept]])
        p = find_p(studies, prepare(studies.design), tested).variance_model
        assert p[0] == pytest.approx(np.full(6, 1 - LEVEL))


def test_how_many_are_taken_at_once_changes_nothing(study, monkeypatch) -> None:
    design = read_design(study(6))
    studies, assignments = many(design, 9, 9, anew=True), prepare(design)
    whole = find_p(studies, assignments, np.zeros((1, 1)))
    monkeypatch.setattr(repeated_studies, "TOGETHER", 2)
    parts = find_p(studies, assignments, np.zeros((1, 1)))
    assert (parts.permutation == whole.permutation).all()
    assert parts.variance_model == pytest.approx(whole.variance_model)


def test_scale_and_the_names_and_order_of_schools_do_not_matter(study) -> None:
    design = read_design(study(7))
    studies, assignments = many(design, 8, 10), prepare(design)
    before = find_p(studies, assignments, np.zeros((1, 1)))
    larger = replace(
        studies,
        contrast=studies.contrast * 7,
        person_variance=studies.person_variance * 49,
        class_variance=studies.class_variance * 49,
    )
    order = np.random.default_rng(1).permutation(16)
    moved = replace(
        design,
        schools=tuple(design.schools[i] for i in order),
        stratum=design.stratum[order],
        pupils=design.pupils[order],
        classes=design.classes[order],
        treated=np.argsort(order)[design.treated],
    )
    shuffled = replace(studies, design=moved, treated=moved.treated[None], contrast=studies.contrast[:, order])
    for other in (find_p(larger, assignments, np.zeros((1, 1))), find_p(shuffled, prepare(moved), np.zeros((1, 1)))):
        assert (other.permutation == before.permutation).all()
        assert other.variance_model == pytest.approx(before.variance_model, rel=1e-6)


def test_p_is_uniform_where_nothing_was_done(sums) -> None:
    """Schools of one size; 30 choose 2 assignments; 600 studies, so a share's standard error is at most .02."""
    made = sums({f"s{i:02d}": {4: 0.0} for i in range(30)}, {"s00": 4, "s01": 4})
    design = read_design(made)
    studies = replace(many(design, 600, 11, anew=True), person_variance=design.person_variance[None])
    p = find_p(replace(studies, class_variance=design.class_variance[None]), prepare(design), np.zeros((1, 1)))
    for share in (0.05, 0.1, 0.25, 0.5, 0.75, 0.9):
        assert (p.permutation[0] <= share).mean() == pytest.approx(share, abs=0.06)
        assert (p.variance_model[0] <= share).mean() == pytest.approx(share, abs=0.08)
        assert (p.plain[0] <= share).mean() == pytest.approx(share, abs=0.06)


def test_too_few_untreated_schools_leave_the_model_open(sums) -> None:
    design = read_design(sums({"s1": {4: 5.0}, "s2": {4: 1.0}}, {"s1": 4}))
    studies = many(design, 3, 12)
    assert find_p(studies, prepare(design), np.zeros((1, 1))).variance_model.tolist() == [[1.0, 1.0, 1.0]]
    assert ends(find_model_intervals(studies, LEVEL)) == [-np.inf, np.inf] * 3
    assert not choose_permutation(studies, prepare(design), LEVEL).any()

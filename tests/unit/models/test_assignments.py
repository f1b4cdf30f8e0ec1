from __future__ import annotations

import numpy as np
import pytest

from evalkit.models.assignments import (
    by_size,
    comparison_weights,
    count_admissible,
    count_assignments,
    keep_admissible,
    list_assignments,
    list_stratified,
    variance_parts,
)
from evalkit.models.school_analysis import analyse, choose_headline
from evalkit.models.school_design import read_design
from evalkit.models.simulated_power import simulate_power
from evalkit.values import SchoolSums


@pytest.mark.parametrize(
    ("schools", "slots", "ways"), [(30, (0, 1), 870), (30, (0, 0), 435), (5, (0, 0, 1), 30), (4, (0,), 4)]
)
def test_every_assignment_is_listed_once(schools: int, slots: tuple[int, ...], ways: int) -> None:
    positions = np.array(slots)
    observed = np.arange(len(slots))
    listed, drawn = list_assignments(np.arange(schools), positions, observed, seed=1)
    sets = {tuple(frozenset(row[positions == slot]) for slot in set(slots)) for row in listed}
    assert len(listed) == len(sets) == ways == count_assignments(schools, positions)
    assert not drawn
    assert (listed[0] == observed).all()
    assert (np.diff(np.sort(listed, axis=1), axis=1) > 0).all()


def test_too_many_are_drawn_the_same_way_each_time() -> None:
    slots = np.array([0, 1, 2])
    once, drawn = list_assignments(np.arange(30), slots, np.array([3, 4, 5]), seed=7)
    again, _ = list_assignments(np.arange(30), slots, np.array([3, 4, 5]), seed=7)
    assert drawn
    assert once.shape == (10_000, 3)
    assert (once == again).all()
    assert (once[0] == [3, 4, 5]).all()
    share = np.bincount(once[1:, 0], minlength=30) / 9_999
    assert np.abs(share - 1 / 30).max() < 0.01


def test_strata_keep_their_own_starts(study) -> None:
    design = read_design(study(1, count=5))
    listed, drawn = list_stratified(design)
    assert not drawn
    assert len(listed) == 25
    assert (design.stratum[listed] == design.stratum[design.treated]).all()
    assert (listed[0] == design.treated).all()


def test_weights_compare_each_treated_school_with_its_untreated_neighbours(sums) -> None:
    design = read_design(
        sums(
            {name: {4: 0.0} for name in ("a1", "a2", "a3", "b1", "b2", "b3")},
            {"a1": 4, "b1": 4},
            municipality={name: name[0] for name in ("a1", "a2", "a3", "b1", "b2", "b3")},
            pupils={"a1": 100, "a2": 50, "a3": 150, "b1": 300, "b2": 10, "b3": 30},
        )
    )
    weights = comparison_weights(design, design.treated[None, :])[0, :, 0]
    assert weights == pytest.approx([0.25, -0.0625, -0.1875, 0.75, -0.1875, -0.5625])


def test_two_treated_of_one_municipality_are_not_each_others_comparison(sums) -> None:
    names = ("a1", "a2", "a3", "a4")
    design = read_design(sums({name: {4: 0.0, 5: 0.0} for name in names}, {"a1": 4, "a2": 5}))
    weights = comparison_weights(design, design.treated[None, :])[0]
    assert weights[:, 0] == pytest.approx([0.5, 0.0, -0.25, -0.25])
    assert weights[:, 1] == pytest.approx([0.0, 0.5, -0.25, -0.25])


def test_an_assignment_that_leaves_no_comparison_is_not_admissible(sums) -> None:
    names = {name: {4: 0.0} for name in ("a1", "a2", "a3", "b1", "b2", "b3")}
    design = read_design(sums(names, {"a1": 4, "b1": 4}, municipality={name: name[0] for name in names}))
    kept = keep_admissible(design, np.array([[0, 1], [0, 3]]))
    assert len(kept) == 2
    tight = read_design(sums(dict(list(names.items())[:3]), {"a1": 4, "a2": 4}))
    assert len(keep_admissible(tight, np.array([[0, 1]]))) == 1


def uneven(sums) -> SchoolSums:
    """Return eight municipalities of 3, 3, 2, 2, 2, 1, 1 and 1 schools, one treated in both of the largest."""
    names = [
        f"{place}{number}"
        for place, count in zip("abcdefgh", (3, 3, 2, 2, 2, 1, 1, 1), strict=True)
        for number in range(count)
    ]
    contrast = {name: {4: float(number % 4)} for number, name in enumerate(names)}
    return sums(contrast, {"a0": 4, "b0": 4}, municipality={name: name[0] for name in names})


def test_only_assignments_that_leave_a_comparison_count(sums) -> None:
    design = read_design(uneven(sums))
    count = count_admissible(design, design.slots)
    assert count == len(analyse(design)[0].assignments) < count_assignments(15, design.slots) == 105
    assert simulate_power(design, None, 0.95).rule == choose_headline(analyse(design)[0], 0.95)[0] == "variance_model"


def test_draws_take_the_smallest_school_first(sums) -> None:
    names = {name: {4: 0.0} for name in ("a", "b", "c", "d")}
    design = read_design(sums(names, {"a": 4}, pupils={"a": 90, "b": 30, "c": 60, "d": 30}))
    assert by_size(design).tolist() == [1, 3, 2, 0]


def test_variance_of_a_difference_is_that_of_its_parts() -> None:
    weights = np.array([[[0.6, 0.0], [0.0, 0.4], [-0.6, -0.4]]])
    variance = np.array([[1.0, 9.0], [9.0, 2.0], [3.0, 5.0]])
    slope, base = variance_parts(weights, variance)
    assert slope[0] == pytest.approx(0.36 + 0.16 + 1.0)
    assert base[0] == pytest.approx(0.36 * 1 + 0.16 * 2 + 1.0 * (0.6 * 3 + 0.4 * 5))

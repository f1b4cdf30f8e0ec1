"""Witness: the definition of the test, evaluated one effect at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.models.permutation import count_extreme, invert, unite
from evalkit.values import Segment


def p_at(x: float, effect, exposure, deviation) -> float:
    far = np.abs(effect - x * exposure) / deviation
    return float((far >= far[0] * (1 - 1e-9)).mean())


def holds(segments: tuple[Segment, ...], x: float) -> bool:
    return any(segment.low <= x <= segment.high for segment in segments)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(5, 60), level=st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_the_interval_holds_exactly_what_the_test_does_not_reject(seed: int, count: int, level: float) -> None:
    generator = np.random.default_rng(seed)
    effect = generator.normal(size=count)
    exposure = np.where(generator.random(count) < 0.3, generator.uniform(-0.5, 1.5, count), 0.0)
    exposure[0] = 1.0
    deviation = generator.uniform(0.3, 2.0, count)
    segments = invert(effect, exposure, deviation, level)
    for x in np.concatenate([np.linspace(-8, 8, 201), [-1e6, 1e6]]) + 1e-7:
        assert holds(segments, x) == (p_at(x, effect, exposure, deviation) > 1 - level + 1e-12)


def test_the_observed_effect_is_always_kept_at_usual_levels() -> None:
    segments = invert(np.array([5.0, 0.1, -0.2]), np.array([1.0, 0.0, 0.0]), np.ones(3), 0.95)
    assert holds(segments, 5.0)


def test_an_interval_is_open_where_the_assignments_are_too_few_to_reject() -> None:
    segments = invert(np.array([5.0, 1.0]), np.array([1.0, -1.0]), np.ones(2), 0.95)
    assert segments == (Segment(-math.inf, math.inf),)


def test_parallel_lines_meet_infinitely_far_away() -> None:
    effect, exposure = np.array([1.0, 3.0]), np.array([1.0, 1.0])
    segments = invert(effect, exposure, np.ones(2), 0.5)
    assert segments == (Segment(-math.inf, 2.0),)
    assert p_at(1.9, effect, exposure, np.ones(2)) == 1.0
    assert p_at(2.1, effect, exposure, np.ones(2)) == 0.5


def test_counts_include_the_observed_and_its_ties() -> None:
    count = count_extreme(np.array([-2.0, 2.0, 1.0, -3.0]), np.ones(4))
    assert (count.as_extreme, count.assignments, count.p, count.attainable) == (3, 4, 0.75, 0.25)


def test_deviations_put_differences_on_one_scale() -> None:
    count = count_extreme(np.array([2.0, 3.0]), np.array([1.0, 2.0]))
    assert count.as_extreme == 1


def test_differences_that_cannot_vary_are_all_as_extreme_as_one_another() -> None:
    assert count_extreme(np.zeros(4), np.zeros(4)).p == 1.0
    assert count_extreme(np.array([1.0, 0.0, 0.0]), np.zeros(3)).as_extreme == 1


def test_intervals_unite_to_segments_in_order() -> None:
    united = unite(((Segment(0, 1), Segment(4, 5)), (Segment(0.5, 2),), (Segment(7, math.inf),)))
    assert united == (Segment(0, 2), Segment(4, 5), Segment(7, math.inf))


@pytest.mark.parametrize("shift", [-3.0, 0.0, 2.5])
def test_an_interval_moves_with_the_data(shift: float) -> None:
    generator = np.random.default_rng(1)
    effect, deviation = generator.normal(size=40), generator.uniform(0.5, 1.5, 40)
    exposure = np.r_[1.0, np.full(5, 0.5), np.zeros(34)]
    before = invert(effect, exposure, deviation, 0.9)
    after = invert(effect + shift * exposure, exposure, deviation, 0.9)
    assert [s.low + shift for s in before] == pytest.approx([s.low for s in after])
    assert [s.high + shift for s in before] == pytest.approx([s.high for s in after])

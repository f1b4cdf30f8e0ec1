"""Units, order and larger bounds do to the intervals what they must, on drawn paths and on drawn studies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from evalkit.models.sensitivity import sensitivity
from evalkit.models.sensitivity.fixed_length import fixed_length_interval
from evalkit.models.sensitivity.restrictions import Path
from evalkit.models.sensitivity.robust_interval import relative_interval, smooth_tested_interval
from evalkit.values import SchoolSums

few = settings(max_examples=6, deadline=None, derandomize=True, phases=[Phase.generate])
seeds = st.integers(0, 10**6)
INTERVALS = (relative_interval, fixed_length_interval, smooth_tested_interval)


def drawn_path(seed: int) -> Path:
    generator = np.random.default_rng(seed)
    before, after = int(generator.integers(1, 5)), int(generator.integers(1, 5))
    root = generator.normal(size=(before + after, before + after + 3))
    value = generator.normal(size=before + after) * 2
    return Path(value, root @ root.T, before, generator.dirichlet(np.ones(after)))


def drawn_sums(seed: int) -> SchoolSums:
    """Return 14 schools over 7 terms, two of them treated from terms 3 and 4."""
    generator = np.random.default_rng(seed)
    schools = pd.DataFrame({"site": "site", "municipality": "1480", "school": [f"s{i:02d}" for i in range(14)]})
    schools["treated_from"] = [3.0, 4.0] + [np.nan] * 12
    pupils = generator.integers(40, 200, 14)
    terms = schools.merge(pd.DataFrame({"time": range(7)}), how="cross").assign(pupils=np.repeat(pupils, 7))
    level = generator.normal(size=(14, 7)) + generator.normal(size=(14, 1))
    rows = []
    for school in range(14):
        for start in (3, 4):
            contrast = level[school, start:].mean() - level[school, :start].mean()
            facts = (start, pupils[school], 4, contrast * pupils[school], 30.0, 28.0)
            rows.append(("site", "1480", f"s{school:02d}", *facts))
    columns = ["site", "municipality", "school", "start", "pupils", "classes", "contrast_sum"]
    contrasts = pd.DataFrame(rows, columns=[*columns, "variance_within_school", "variance_within_class"])
    return SchoolSums(
        outcome="attendance_rate",
        unit="points",
        schools=schools,
        terms=terms.assign(outcome_sum=level.ravel() * terms["pupils"]),
        contrasts=contrasts,
        labels=tuple((time, str(time)) for time in range(7)),
    )


@few
@given(seeds, st.floats(1e-3, 1e3))
def test_other_units_give_the_same_interval(seed: int, unit: float) -> None:
    path = drawn_path(seed)
    other = replace(path, value=path.value * unit, covariance=path.covariance * unit**2)
    low, high = relative_interval(path, 1.0, 0.95)
    assert relative_interval(other, 1.0, 0.95) == pytest.approx((low * unit, high * unit), rel=1e-5)
    low, high = fixed_length_interval(path, 0.5, 0.95)
    assert fixed_length_interval(other, 0.5 * unit, 0.95) == pytest.approx((low * unit, high * unit), rel=1e-5)


@few
@given(seeds)
def test_turning_the_path_upside_down_turns_the_interval(seed: int) -> None:
    path = drawn_path(seed)
    turned = replace(path, value=-path.value)
    for interval in INTERVALS:
        low, high = interval(path, 0.7, 0.95)
        slack = 0.01 * (high - low)
        assert interval(turned, 0.7, 0.95) == pytest.approx((-high, -low), abs=slack)


@few
@given(seeds)
def test_a_larger_bound_gives_a_wider_interval(seed: int) -> None:
    path = drawn_path(seed)
    for interval in INTERVALS[:2]:
        lengths = [float(np.subtract(*interval(path, bound, 0.95)[::-1])) for bound in (0.0, 0.5, 1.0, 2.0, 4.0)]
        assert (np.diff(lengths) > -0.01 * lengths[0]).all()


@few
@given(seeds)
def test_a_higher_level_gives_a_wider_interval(seed: int) -> None:
    path = drawn_path(seed)
    for interval in INTERVALS:
        narrow, wide = interval(path, 1.0, 0.8), interval(path, 1.0, 0.99)
        assert wide[0] < narrow[0] <= narrow[1] < wide[1]


@few
@given(seeds, st.floats(-50, 50), st.floats(-50, 50))
def test_a_linear_drift_is_taken_out_where_no_bending_is_allowed(seed: int, slope: float, effect: float) -> None:
    path = drawn_path(seed)
    steps = np.array([*range(-path.before, 0), *range(1, path.after + 1)], dtype=float)
    exact = replace(path, value=slope * steps + effect * (steps > 0))
    for interval in INTERVALS[1:]:
        low, high = interval(exact, 0.0, 0.95)
        assert low < effect < high
        assert (low + high) / 2 == pytest.approx(effect, abs=0.01 * (high - low))


@few
@given(seeds)
def test_the_order_of_rows_in_the_sums_is_without_meaning(seed: int) -> None:
    made = drawn_sums(seed)
    generator = np.random.default_rng(seed)

    def shuffled(frame):
        return frame.iloc[generator.permutation(len(frame))].reset_index(drop=True)

    other = replace(
        made,
        schools=shuffled(made.schools),
        terms=shuffled(made.terms),
        contrasts=shuffled(made.contrasts),
    )
    one, two = sensitivity(made), sensitivity(other)
    assert one.frame.equals(two.frame)
    assert one.details == two.details


@few
@given(seeds)
def test_other_units_in_a_study(seed: int) -> None:
    made = drawn_sums(seed)
    tenfold = replace(
        made,
        terms=made.terms.assign(outcome_sum=made.terms["outcome_sum"] * 10),
        contrasts=made.contrasts.assign(
            contrast_sum=made.contrasts["contrast_sum"] * 10,
            variance_within_school=made.contrasts["variance_within_school"] * 100,
            variance_within_class=made.contrasts["variance_within_class"] * 100,
        ),
    )
    one, two = sensitivity(made), sensitivity(tenfold)
    assert two.frame[["low", "high"]].to_numpy() == pytest.approx(10 * one.frame[["low", "high"]].to_numpy(), rel=1e-4)
    assert two.detail("smooth_scale") == pytest.approx(10 * one.detail("smooth_scale"))

"""Witness: diff-diff on the same event study, for the shortest interval and for Roth's slopes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.models.pre_trend import slope_found
from evalkit.models.sensitivity.fixed_length import fixed_length_interval
from evalkit.models.sensitivity.restrictions import Path


@pytest.fixture(scope="module")
def fitted():
    diff_diff = pytest.importorskip("diff_diff")
    generator = np.random.default_rng(5)
    rows = []
    for unit in range(40):
        level = generator.normal()
        for time in range(7):
            rows.append((unit, time, int(unit < 15), level + generator.normal() + (time >= 4) * (unit < 15)))
    frame = pd.DataFrame(rows, columns=["unit", "period", "treated", "y"])
    return diff_diff.TwoWayFixedEffects(cluster="unit").fit(
        frame,
        outcome="y",
        treatment="treated",
        time="period",
        unit="unit",
        event_study=True,
        post_periods=[4, 5, 6],
        reference_period=3,
    )


def path_of(fitted) -> Path:
    free = ~np.asarray(fitted.is_reference)
    order = [list(fitted.vcov_index).index(time) for time in np.asarray(fitted.event_time)[free]]
    return Path(np.asarray(fitted.att)[free], np.asarray(fitted.vcov)[np.ix_(order, order)], 3, np.full(3, 1 / 3))


@pytest.mark.parametrize("bound", [0.0, 0.1, 0.5])
def test_shortest_interval(fitted, bound: float) -> None:
    """Within .0005 of a length above 2: their optimiser stops there, and their interval is never the shorter one."""
    import diff_diff

    theirs = diff_diff.HonestDiD(method="smoothness", M=bound).fit(fitted)
    low, high = fixed_length_interval(path_of(fitted), bound, 0.95)
    assert (low, high) == pytest.approx((theirs.ci_lb, theirs.ci_ub), abs=5e-4)
    assert high - low <= theirs.ci_ub - theirs.ci_lb + 1e-6


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_slope_found_in_half_and_four_fifths_of_studies(fitted, share: float) -> None:
    """Within 2 %: 20,000 normal draws here, a normal integral there."""
    import diff_diff

    theirs = diff_diff.PreTrendsPower(power=share, violation_type="linear", pretest_form="nis").fit(fitted).mdv
    before = path_of(fitted).covariance[:3, :3]
    null = np.random.default_rng(0).multivariate_normal(np.zeros(3), before, 20_000)
    slope = slope_found(share, np.array([-3.0, -2.0, -1.0]), np.sqrt(np.diag(before)), null, 1.959964)
    assert slope == pytest.approx(theirs, rel=0.02)

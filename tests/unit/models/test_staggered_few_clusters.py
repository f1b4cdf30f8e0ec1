"""Below twenty effective clusters on either side nothing built on clusters is shown, and the simulation behind it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from evalkit.models.effective_clusters import effective_number
from evalkit.models.staggered.few_clusters import CLUSTERS_NEEDED, enough
from evalkit.models.staggered_effect import staggered_effect
from evalkit.values import Curve, Estimate, Panel


def schools(treated: dict[int, int], never: int, *, pupils: int = 4, large: int = 0, seed: int = 1) -> Panel:
    """Return 6 terms of schools; ``treated`` is how many start at each term, ``large`` the pupils of the first."""
    generator = np.random.default_rng(seed)
    starts = [start for start, count in treated.items() for _ in range(count)] + [0] * never
    rows = []
    for school, start in enumerate(starts):
        shock = generator.normal(size=6)
        for pupil in range(large if large and school == 0 else pupils):
            level = generator.normal()
            rows += [(f"{school}-{pupil}", t, f"s{school:03d}", start, level + shock[t]) for t in range(6)]
    frame = pd.DataFrame(rows, columns=["person_id", "term", "school", "from", "score"])
    return Panel(frame, "person_id", "term", "school", treated_from="from")


@pytest.mark.parametrize(
    ("panel", "reason"),
    [
        (schools({2: 2}, 28), "few_treated_clusters"),
        (schools({2: 10, 3: 9}, 40), "few_treated_clusters"),
        (schools({2: 30}, 5), "few_compared_clusters"),
        (schools({2: 25}, 30, large=200), "few_treated_clusters"),
    ],
    ids=["two of thirty", "nineteen", "five to compare with", "one school holds most pupils"],
)
def test_there_is_a_value_and_nothing_else(panel: Panel, reason: str) -> None:
    found = staggered_effect(panel, outcome="score")
    assert isinstance(found, Estimate)
    assert found.value is not None
    assert found.interval == ()
    assert found.standard_error is None
    assert found.p is None
    assert found.diagnostics.get("detectable_effect") is None
    assert found.detail("reason") == reason
    assert found.detail("instead") == "few_treated_effect"
    assert "use few_treated_effect" in found.method
    assert found.convention.startswith("no cluster-robust or multiplier standard error by school")


def test_twenty_equal_schools_on_both_sides_are_enough() -> None:
    found = staggered_effect(schools({2: 20}, 20), outcome="score")
    assert isinstance(found, Estimate)
    assert found.standard_error is not None
    assert found.detail("reason") is None
    assert found.diagnostics.get("effective_comparison_schools") == pytest.approx(20)


def test_a_cohort_followed_for_longer_counts_more() -> None:
    found = staggered_effect(schools({2: 10, 3: 10}, 20), outcome="score")
    assert isinstance(found, Estimate)
    assert found.diagnostics.get("effective_treated_schools") == pytest.approx(70**2 / (10 * 4**2 + 10 * 3**2))
    assert found.detail("reason") == "few_treated_clusters"


def test_each_point_is_judged_by_its_own_schools() -> None:
    curve = staggered_effect(schools({2: 25, 4: 5}, 30), outcome="score", aggregate="group")
    assert isinstance(curve, Curve)
    large, small = (curve.frame[curve.frame["relative"] == start].iloc[0] for start in (2, 4))
    assert large[["low", "high", "band_low", "band_high"]].notna().all()
    assert small[["low", "high", "band_low", "band_high"]].isna().all()
    assert math.isfinite(small["value"])
    assert curve.detail("points_without_interval") == 1


def test_a_curve_of_few_schools_has_no_band_anywhere() -> None:
    curve = staggered_effect(schools({2: 2}, 28), outcome="score", aggregate="dynamic", base_period="universal")
    assert isinstance(curve, Curve)
    away = curve.frame[curve.frame["relative"] != -1]
    assert away[["low", "high", "band_low", "band_high"]].isna().all(axis=None)
    assert curve.detail("overall") is not None
    assert curve.detail("overall_low") is None
    assert curve.detail("overall_standard_error") is None
    assert curve.detail("bands") == "none"
    assert curve.detail("reason") == "few_treated_clusters"


def test_effective_clusters() -> None:
    assert effective_number(np.ones(7)) == pytest.approx(7)
    assert effective_number(np.array([1.0, 0.0, 0.0])) == 1
    assert effective_number(np.array([3.0, 1.0])) == pytest.approx(1.6)
    assert effective_number(np.zeros(3)) == 0
    assert enough(CLUSTERS_NEEDED, CLUSTERS_NEEDED)
    assert not enough(CLUSTERS_NEEDED - 0.01, 100)
    assert not enough(100, CLUSTERS_NEEDED - 0.01)


def size(treated: int, compared: int, replications: int) -> float:
    """Return how often the CR1 interval for a difference of cluster means misses a true 0."""
    generator = np.random.default_rng([treated, compared])
    own = generator.normal(size=(replications, treated))
    other = generator.normal(size=(replications, compared))
    clusters = treated + compared
    variance = own.var(axis=1) / treated + other.var(axis=1) / compared
    reach = student.ppf(0.975, clusters - 1) * np.sqrt(variance * clusters / (clusters - 1))
    return float((np.abs(own.mean(axis=1) - other.mean(axis=1)) > reach).mean())


def test_the_threshold_is_the_first_with_size_of_at_most_seven_percent() -> None:
    assert size(2, 28, 20_000) > 0.25
    assert max(size(15, compared, 20_000) for compared in (28, 60, 300)) > 0.07
    assert max(size(CLUSTERS_NEEDED, compared, 40_000) for compared in (28, 60, 300)) <= 0.07

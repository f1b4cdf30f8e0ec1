"""Witnesses: linearmodels, dummy-variable regression, and published values.

* mpdta, two-way fixed effects by R's plm: -0.036549 (.0132519), which counts one parameter and so has no (N-1)/(N-K).
  Ours counts term effects too (they are not nested in clusters); the test converts. More of R: test_two_way.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from linearmodels.panel import PanelOLS

from evalkit.errors import DesignError, InputError
from evalkit.models import within_effect
from evalkit.models.two_way import fit_two_way
from evalkit.models.wild_bootstrap import wild_bootstrap
from evalkit.values import Panel

MPDTA = Path(__file__).parents[2] / "oracle" / "models" / "mpdta.csv"


def codes(frame: pd.DataFrame, *columns: str) -> list[np.ndarray]:
    return [pd.factorize(frame[column], sort=True)[0].astype(np.int64) for column in columns]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_core_agrees_with_linearmodels_on_an_unbalanced_panel(panel, seed: int) -> None:
    frame = panel(seed, slope=0.5).frame
    frame["z"] = np.random.default_rng(seed).normal(size=len(frame)) + 0.5 * frame["x"]
    unit, time, cluster = codes(frame, "person_id", "time", "cluster_school")
    fit = fit_two_way(frame["y"].to_numpy(), frame[["x", "z"]].to_numpy(), unit, time, cluster)
    indexed = frame.set_index(["person_id", "time"])
    model = PanelOLS(indexed["y"], indexed[["x", "z"]], entity_effects=True, time_effects=True, singletons=True)
    assert fit.coefficients == pytest.approx(model.fit().params.to_numpy(), abs=1e-8)


def test_the_core_agrees_with_dummies(panel) -> None:
    frame = panel(4, slope=0.5, schools=3, persons=8).frame
    unit, time, cluster = codes(frame, "person_id", "time", "cluster_school")
    fit = fit_two_way(frame["y"].to_numpy(), frame[["x"]].to_numpy(), unit, time, cluster)
    dummies = [np.eye(code.max() + 1)[code] for code in (unit, time)]
    x = np.column_stack([frame["x"], dummies[0], dummies[1][:, 1:]])
    assert fit.coefficients[0] == pytest.approx(np.linalg.lstsq(x, frame["y"], rcond=None)[0][0], abs=1e-8)
    assert fit.parameters == 1 + 4


def test_published_value_on_mpdta() -> None:
    frame = pd.read_csv(MPDTA)
    frame["on"] = ((frame["first_treat"] > 0) & (frame["year"] >= frame["first_treat"])).astype(float)
    found = within_effect(
        Panel(frame, unit="countyreal", time="year", cluster="countyreal"),
        outcome="lemp",
        on="on",
        covariance="cluster_robust",
    )
    assert found.value == pytest.approx(-0.036549, abs=5e-7)
    assert found.standard_error * math.sqrt((2500 - 5 - 1) / 2499) == pytest.approx(0.0132519, abs=5e-6)


def test_keeping_only_sums_gives_the_same_fit(panel) -> None:
    frame = panel(5, slope=0.2).frame
    unit, time, cluster = codes(frame, "person_id", "time", "cluster_school")
    whole = fit_two_way(frame["y"].to_numpy(), frame[["x"]].to_numpy(), unit, time, cluster)
    slim = fit_two_way(frame["y"].to_numpy(), frame[["x"]].to_numpy(), unit, time, cluster, by_cluster=False)
    assert slim.coefficients == pytest.approx(whole.coefficients)
    assert slim.cross[0] == pytest.approx(whole.cross.sum(axis=0))
    assert slim.scores == pytest.approx(whole.scores)


def test_a_share_is_reported_in_percentage_points(panel) -> None:
    made = panel(6, slope=0.5)
    low, high = made.frame["y"].min(), made.frame["y"].max()
    share = replace(made, frame=made.frame.assign(y=(made.frame["y"] - low) / (high - low)))
    points, percent = (within_effect(p, outcome="y", on="x") for p in (made, share))
    assert (points.unit, percent.unit) == ("points", "percentage_points")
    assert percent.value == pytest.approx(100 * points.value / (high - low))
    assert percent.p == pytest.approx(points.p)


def test_one_share_above_one_does_not_turn_shares_into_points(panel) -> None:
    made = panel(6, slope=0.5)
    low, high = made.frame["y"].min(), made.frame["y"].max()
    share = (made.frame["y"] - low) / (high - low) * 1.01
    assert share.max() == pytest.approx(1.01)
    assert (
        within_effect(replace(made, frame=made.frame.assign(y=share)), outcome="y", on="x").unit == "percentage_points"
    )
    negative = within_effect(replace(made, frame=made.frame.assign(y=share - 0.1)), outcome="y", on="x")
    assert negative.unit == "points"


def test_the_interval_knows_how_few_schools_there_are(panel) -> None:
    found = within_effect(panel(7, schools=4, slope=0.5), outcome="y", on="x", name="attendance_on_connectedness")
    freedom = found.diagnostics.get("degrees_of_freedom")
    assert found.clusters == 4
    assert freedom < 3.001
    assert found.high - found.value > 2.9 * found.standard_error
    assert "Satterthwaite" in found.convention
    assert found.design == "association"
    assert found.name == "attendance_on_connectedness"


def test_every_convention_names_itself_and_judges_the_same_value(panel) -> None:
    made = panel(7, schools=9, slope=0.5)
    found = {
        covariance: within_effect(made, outcome="y", on="x", covariance=covariance)
        for covariance in ("bias_reduced", "wild_bootstrap", "cluster_robust", "jackknife")
    }
    assert len({one.value for one in found.values()}) == 1
    assert within_effect(made, outcome="y", on="x") == found["bias_reduced"]
    for (covariance, one), word in zip(found.items(), ("CR2", "wild bootstrap", "CR1", "CR3"), strict=True):
        assert one.detail("covariance") == covariance
        assert word in one.convention
        assert one.low < one.value < one.high
    assert found["jackknife"].standard_error > found["cluster_robust"].standard_error


def test_the_wild_bootstrap_inverts_its_test_and_has_no_standard_error(panel) -> None:
    made = panel(7, schools=9, slope=0.5)
    found = within_effect(made, outcome="y", on="x", covariance="wild_bootstrap")
    unit, time, cluster = codes(made.frame, "person_id", "time", "cluster_school")
    fit = fit_two_way(made.frame["y"].to_numpy(), made.frame[["x"]].to_numpy(), unit, time, cluster)
    core = wild_bootstrap(fit.cross, fit.scores, np.eye(4)[0], fit.coefficients[0], seed=0)
    assert core.enumerated
    assert found.standard_error is None
    assert (found.p, found.attainable_p) == (core.p, core.attainable_p)
    assert (found.low, found.high) == pytest.approx((core.interval[0].low, core.interval[-1].high))
    assert "Rademacher weights, 256 samples (all up to sign)" in found.convention


def test_two_schools_leave_a_bootstrap_interval_open(panel) -> None:
    found = within_effect(panel(8, schools=2, slope=0.5), outcome="y", on="x", covariance="wild_bootstrap")
    assert (found.low, found.high) == (-math.inf, math.inf)
    assert found.p >= found.attainable_p > 0.05


@pytest.mark.parametrize("covariance", ["bias_reduced", "wild_bootstrap", "cluster_robust", "jackknife"])
def test_one_school_leaves_the_interval_open_with_the_reason(panel, covariance: str) -> None:
    found = within_effect(panel(8, schools=1, slope=0.5), outcome="y", on="x", covariance=covariance)
    assert found.p is None
    assert (found.low, found.high) == (-math.inf, math.inf)
    assert found.standard_error is None
    assert found.detail("reason") == "one_cluster"
    assert found.value is not None


def test_rows_without_measure_and_persons_seen_once_do_not_count(panel) -> None:
    made = panel(9, slope=0.5)
    once = pd.DataFrame(
        {"person_id": ["new"], "time": [0], "cluster_school": ["s0"], "year_group": [7], "x": [99.0], "y": [99.0]}
    )
    gap = once.assign(person_id="p0-0", time=99, y=np.nan)
    more = replace(made, frame=pd.concat([made.frame, once, gap], ignore_index=True))
    a, b = within_effect(made, outcome="y", on="x"), within_effect(more, outcome="y", on="x")
    assert b.value == pytest.approx(a.value)
    assert b.n == a.n
    assert b.diagnostics.get("coverage") < a.diagnostics.get("coverage")


def test_a_measure_that_never_changes_is_refused(panel) -> None:
    made = panel(10)
    fixed = replace(made, frame=made.frame.assign(x=made.frame["time"] * 1.0))
    with pytest.raises(DesignError, match="does not vary"):
        within_effect(fixed, outcome="y", on="x")


def test_a_person_in_two_schools_is_refused(panel) -> None:
    made = panel(11)
    moved = made.frame.copy()
    moved.loc[0, "cluster_school"] = "elsewhere"
    with pytest.raises(DesignError, match="two clusters"):
        within_effect(replace(made, frame=moved), outcome="y", on="x")


def test_nobody_seen_twice_is_refused(panel) -> None:
    made = panel(12)
    with pytest.raises(DesignError, match="two terms"):
        within_effect(replace(made, frame=made.frame[made.frame["time"] == 0]), outcome="y", on="x")


def test_an_unknown_covariance_is_refused(panel) -> None:
    with pytest.raises(InputError, match="no covariance"):
        within_effect(panel(13), outcome="y", on="x", covariance="CR1")


def test_an_unknown_measure_is_refused(panel) -> None:
    with pytest.raises(DesignError, match="no column z"):
        within_effect(panel(13), outcome="y", on="z")


def test_coverage_of_the_interval_with_six_schools(panel) -> None:
    """Shocks shared by school and term move y and x; the true slope is 0.5."""
    held = 0
    for seed in range(60):
        found = within_effect(panel(100 + seed, slope=0.5, persons=8), outcome="y", on="x")
        held += found.low <= 0.5 <= found.high
    assert held >= 53

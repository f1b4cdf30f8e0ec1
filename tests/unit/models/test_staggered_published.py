"""Witnesses: what R's did 2.5.1 (att_gt, aggte) reports on mpdta, 500 counties 2003-2007, never treated compared.

Values and analytic standard errors are quoted with the digits published, so tolerances are half of their last digit.
R's standard errors are the root of the sum of squared influence by county (CR0); the verb's CR1 is larger by the root
of 500/499.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.models.staggered import Aggregated, aggregate, arrange, clustered_error, group_time_effects
from evalkit.models.staggered_effect import staggered_effect
from evalkit.values import Curve, Estimate, Panel

MPDTA = pd.read_csv(Path(__file__).parents[2] / "oracle" / "models" / "mpdta.csv")
PANEL = Panel(MPDTA, "countyreal", "year", "countyreal", treated_from="first_treat")


def means(kind: str, covariates: tuple[str, ...] = ()) -> Aggregated:
    unit, counties = pd.factorize(MPDTA["countyreal"])
    start = MPDTA.groupby("countyreal")["first_treat"].first()[counties].to_numpy(dtype=float)
    laid_out = arrange(
        unit.astype(np.int64),
        MPDTA["year"].to_numpy(),
        MPDTA["lemp"].to_numpy(),
        np.where(start > 0, start, np.nan),
        np.arange(500),
        covariates=MPDTA[list(covariates)].to_numpy(),
    )
    return aggregate(group_time_effects(laid_out), kind)


@pytest.mark.parametrize(
    ("kind", "covariates", "value", "error"),
    [
        ("simple", (), -0.039951, 0.012034),
        ("dynamic", (), -0.0772, 0.019965),
        ("group", (), -0.0310, 0.012446),
        ("calendar", (), -0.0417, 0.015972),
        ("simple", ("lpop",), -0.041752, 0.011503),
    ],
)
def test_overall(kind: str, covariates: tuple[str, ...], value: float, error: float) -> None:
    found = means(kind, covariates).overall
    assert found.value == pytest.approx(value, abs=5.1e-7 if kind == "simple" else 5.1e-5)
    assert clustered_error(found.influence, "CR0") == pytest.approx(error, abs=5.1e-7)


@pytest.mark.parametrize(
    ("kind", "published"),
    [
        (
            "dynamic",
            {-3: 0.0305, -2: -0.0006, -1: -0.0245, 0: -0.0199, 1: -0.0510, 2: -0.1373, 3: -0.1008},
        ),
        ("group", {2004: -0.0797, 2006: -0.0229, 2007: -0.0261}),
    ],
)
def test_points(kind: str, published: dict[int, float]) -> None:
    found = {point.at: point.value for point in means(kind).points}
    assert found == {at: pytest.approx(value, abs=5.1e-5) for at, value in published.items()}


def test_the_verb_gives_them_with_its_convention() -> None:
    found = staggered_effect(PANEL, outcome="lemp", covariates=["lpop"])
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(-0.041752, abs=5.1e-7)
    assert found.standard_error == pytest.approx(0.011503 * math.sqrt(500 / 499), abs=5.2e-7)
    assert found.low < found.value < found.high
    assert (found.n, found.clusters, found.treated_clusters, found.persons_minimum) == (500, 500, 191, 20)
    assert found.convention.startswith("CR1 by countyreal: sums of influence times G/(G-1), t with 137.6 degrees")
    assert "pairwise" in found.convention


def test_the_curve_has_bands_and_counts_under_each_point() -> None:
    curve = staggered_effect(PANEL, outcome="lemp", aggregate="dynamic")
    assert isinstance(curve, Curve)
    assert curve.frame["schools"].tolist() == [131, 171, 171, 191, 60, 20, 20]
    assert curve.frame["value"].between(curve.frame["low"], curve.frame["high"]).all()
    assert (curve.frame["band_low"] < curve.frame["low"]).all()
    assert (curve.frame["band_high"] > curve.frame["high"]).all()
    assert curve.detail("overall") == pytest.approx(-0.0772, abs=5.1e-5)
    assert curve.detail("overall_standard_error") == pytest.approx(0.019965 * math.sqrt(500 / 499), abs=5.2e-7)
    assert curve.detail("axis") == "since_start"
    assert "Rademacher" in curve.method

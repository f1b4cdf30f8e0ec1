"""Witness: the normal closed form where there is one term before the reference."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from evalkit.models.pre_trend import share_found, slope_found

CRITICAL = 1.959964
NORMAL = ndtri((np.arange(20_000) + 0.5) / 20_000)[:, None]


def closed_form(slope: float, deviation: float) -> float:
    shift = slope / deviation
    return float(ndtr(shift - CRITICAL) + ndtr(-shift - CRITICAL))


@pytest.mark.parametrize("slope", [0.0, 0.4, 1.0, 3.0])
def test_share_found_with_one_term(slope: float) -> None:
    found = share_found(slope, np.array([-1.0]), np.array([0.5]), NORMAL * 0.5, CRITICAL)
    assert found == pytest.approx(closed_form(slope, 0.5), abs=2e-4)


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_slope_found_with_one_term(share: float) -> None:
    found = slope_found(share, np.array([-2.0]), np.array([0.5]), NORMAL * 0.5, CRITICAL)
    expected = brentq(lambda slope: closed_form(2 * slope, 0.5) - share, 0.0, 5.0)
    assert found == pytest.approx(expected, rel=1e-3)


def test_more_terms_before_find_a_gentler_slope() -> None:
    null = np.random.default_rng(1).normal(size=(4_000, 4))
    few = slope_found(0.8, np.array([-1.0, -2.0]), np.ones(2), null[:, :2], CRITICAL)
    more = slope_found(0.8, np.array([-1.0, -2.0, -3.0, -4.0]), np.ones(4), null, CRITICAL)
    assert 0 < more < few


def test_what_is_found_without_any_slope_needs_none() -> None:
    assert slope_found(0.5, np.array([-1.0]), np.ones(1), np.full((9, 1), 3.0), CRITICAL) == 0.0

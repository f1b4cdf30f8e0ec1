"""Balance equals hand arithmetic, and weights leave persons out."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.values import balance

GROUP = np.array([True, True, True, False, False, False, False])
SCORE = np.array([1.0, 2.0, 6.0, 2.0, 4.0, 4.0, 10.0])


def row(values: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
    return balance({"score": values}, GROUP, weights).frame.iloc[0].to_dict()


def test_the_difference_is_in_standard_deviations_of_both_groups() -> None:
    found = row(SCORE)
    inside, outside = SCORE[:3].var(ddof=1), SCORE[3:].var(ddof=1)
    assert (found["mean_in"], found["mean_out"]) == (3.0, 5.0)
    assert found["standardised_difference"] == pytest.approx(-2.0 / np.sqrt((inside + outside) / 2))
    assert found["variance_ratio"] == pytest.approx(inside / outside)
    assert (found["persons_in"], found["persons_out"]) == (3, 4)


def test_matching_moves_the_means_but_not_the_yardstick() -> None:
    weights = np.array([1.0, 1.0, 1.0, 2.0, 1.0, 0.0, 0.0])
    found, before = row(SCORE, weights), row(SCORE)
    yardstick = -2.0 / before["standardised_difference"]
    assert found["mean_out"] == pytest.approx(8 / 3)
    assert found["standardised_difference"] == pytest.approx((3.0 - 8 / 3) / yardstick)
    assert found["persons_out"] == 2
    assert balance({"score": SCORE}, GROUP, weights).effective_out == pytest.approx(9 / 5)


def test_equal_weights_are_no_weights() -> None:
    assert row(SCORE, np.full(7, 0.1)) == pytest.approx(row(SCORE))


def test_what_is_unknown_does_not_count() -> None:
    found = row(np.where(np.arange(7) == 6, np.nan, SCORE))
    assert (found["known_out"], found["mean_out"]) == (3, pytest.approx(10 / 3))


@pytest.mark.parametrize(("inside", "outside", "difference"), [(0.1, 0.1, 0.0), (0.1, 0.3, np.nan)])
def test_what_does_not_vary_has_no_yardstick(inside: float, outside: float, difference: float) -> None:
    found = row(np.where(GROUP, inside, outside))
    assert found["standardised_difference"] == pytest.approx(difference, nan_ok=True)
    assert np.isnan(found["variance_ratio"])


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="both groups"):
        balance({"score": SCORE}, np.ones(7, dtype=bool))
    with pytest.raises(ValueError, match="not negative"):
        balance({"score": SCORE}, GROUP, -np.ones(7))
    with pytest.raises(ValueError, match="for each person"):
        balance({"score": SCORE[:3]}, GROUP)

"""Item moments are checked when they are made, and stay as they were."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.values import ItemMoments


def test_shapes_must_fit() -> None:
    with pytest.raises(ValueError, match="one mean an item"):
        ItemMoments(("a", "b"), 5, 5, np.zeros(3), np.eye(2))
    with pytest.raises(ValueError, match="one mean an item"):
        ItemMoments(("a", "b"), 5, 5, np.zeros(2), np.eye(3))


def test_covariances_are_symmetric() -> None:
    with pytest.raises(ValueError, match="symmetric"):
        ItemMoments(("a", "b"), 5, 5, np.zeros(2), np.array([[1.0, 0.5], [0.4, 1.0]]))


def test_arrays_are_copied_and_cannot_be_changed() -> None:
    covariance = np.eye(2)
    moments = ItemMoments(("a", "b"), 5, 5, np.zeros(2), covariance)
    covariance[0, 0] = 9.0
    assert moments.covariance[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        moments.covariance[0, 0] = 9.0

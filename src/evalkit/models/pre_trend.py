"""Whether the path before the start tells of a trend, and how steep a trend would have been found.

After Roth (2022), American Economic Review: Insights 4(3): a pre-trend that was not found says little where the test
would have found only a steep one.
"""

from __future__ import annotations

import numpy as np

from evalkit.models.arrays import Floats

HALVINGS = 30


def share_found(slope: float, distance: Floats, deviation: Floats, null: Floats, critical: float) -> float:
    """Return how often the test finds a linear violation of this slope per term.

    Parameters
    ----------
    slope
        Change per term.
    distance, deviation
        (R,) terms from the reference, and standard deviations by chance.
    null
        (N, R) paths without any trend; each counts with both signs.
    critical
        What the largest deviation must exceed.
    """
    both = np.concatenate([null, -null]) + slope * distance
    return float((np.max(np.abs(both) / deviation, axis=1) > critical).mean())


def slope_found(share: float, distance: Floats, deviation: Floats, null: Floats, critical: float) -> float:
    """Return the slope that the test finds in this share of studies; 0 if it finds as much without any.

    Parameters are those of `share_found`.
    """
    if share_found(0.0, distance, deviation, null, critical) >= share:
        return 0.0
    low, high = 0.0, float(critical * np.min(deviation / np.abs(distance)))
    while share_found(high, distance, deviation, null, critical) < share:
        high *= 2.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        if share_found(middle, distance, deviation, null, critical) < share:
            low = middle
        else:
            high = middle
    return high

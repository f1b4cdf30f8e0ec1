"""Means and covariances of a scale's items, on which its reliability rests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evalkit.values.origin import Origin

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ItemMoments:
    """Item means and covariances of one wave.

    Parameters
    ----------
    items
        Codes, k of them.
    n
        Persons behind each covariance; with pairwise deletion those of the pair with the fewest; 0 where a pair has
        nobody.
    persons
        Persons who answered at least one of the items.
    means
        Shape (k,), on the answer scale; NaN where nobody answered.
    covariance
        Shape (k, k), divided by n - 1; NaN where fewer than two persons answered both items.
    missing
        ``"listwise"`` or ``"pairwise"``.
    wave, dimension
        Of the survey; the dimension is empty for all items together.

    Raises
    ------
    ValueError
        If the shapes do not fit, or the covariances are not symmetric.
    """

    items: tuple[str, ...]
    n: int
    persons: int
    means: Floats
    covariance: Floats
    missing: Literal["listwise", "pairwise"] = "listwise"
    wave: str = ""
    dimension: str = ""
    origin: Origin | None = None

    def __post_init__(self) -> None:
        count = len(self.items)
        means, covariance = (np.array(each, dtype=np.float64) for each in (self.means, self.covariance))
        if means.shape != (count,) or covariance.shape != (count, count):
            raise ValueError("moments hold one mean an item and one covariance a pair of items")
        if not np.allclose(covariance, covariance.T, equal_nan=True):
            raise ValueError("covariances are symmetric")
        for each in (means, covariance):
            each.setflags(write=False)
        object.__setattr__(self, "means", means)
        object.__setattr__(self, "covariance", covariance)

"""How alike two groups are before anything is compared: standardised mean differences and variance ratios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.values.frames import settle
from evalkit.values.origin import Origin

Floats = NDArray[np.float64]
COLUMNS = (
    "column",
    "persons_in",
    "persons_out",
    "known_in",
    "known_out",
    "mean_in",
    "mean_out",
    "standardised_difference",
    "variance_ratio",
)


@dataclass(frozen=True, eq=False)
class Balance:
    """Two groups beside each other, a row a column compared.

    Parameters
    ----------
    frame
        ``column``; ``persons_in`` and ``persons_out``, persons of each group with a weight; ``known_in`` and
        ``known_out``, those of whom the column is known; ``mean_in`` and ``mean_out``; ``standardised_difference``, the
        difference of the means in standard deviations; ``variance_ratio``, the group's variance over the others'.
    effective_in, effective_out
        Effective sizes, ``(sum of weights)² / sum of squared weights``; the persons themselves without weights.

    Raises
    ------
    ValueError
        If a column is missing or stands twice.
    """

    frame: pd.DataFrame
    effective_in: float
    effective_out: float
    name: str = "balance"
    origin: Origin | None = None

    def __post_init__(self) -> None:
        absent = [column for column in COLUMNS if column not in self.frame.columns]
        if absent:
            raise ValueError(f"the balance has no column {', '.join(absent)}")
        if self.frame["column"].duplicated().any():
            raise ValueError("a balance holds each column once")
        object.__setattr__(self, "frame", settle(self.frame[list(COLUMNS)]))

    @property
    def largest(self) -> float:
        """The largest standardised difference, without its sign; NaN where none could be worked out."""
        found = self.frame["standardised_difference"].abs()
        return float(found.max()) if found.notna().any() else float("nan")


def balance(
    values: Mapping[str, NDArray[Any]], group: NDArray[np.bool_], weights: NDArray[Any] | None = None
) -> Balance:
    """Compare two groups of persons, column by column.

    The difference of the weighted means is divided by the root of the mean of both groups' variances *without* weights,
    so that before and after matching only the means move [1]_. The variance ratio is of the weighted variances [2]_.
    Weights are of reliability: with all equal to 1, variances are over n - 1.

    Parameters
    ----------
    values
        By column, a number for each person; NaN where unknown. A flag is compared as a share.
    group
        For each person whether in the group (True) or among the others.
    weights
        For each person, 0 for those left out, such as unmatched comparison persons; None for 1 each.

    Returns
    -------
    Balance
        In the order of ``values``. A standardised difference is NaN where a mean is unknown or neither group varies
        while their means differ; a variance ratio is NaN where either group does not vary.

    Raises
    ------
    ValueError
        If lengths differ, a weight is negative or not finite, or one group is empty.

    References
    ----------
    .. [1] Stuart, E. A. (2010). Matching methods for causal inference. *Statistical Science* 25(1), 1-21.
    .. [2] Austin, P. C. (2009). Balance diagnostics for comparing the distribution of baseline covariates between
       treatment groups in propensity-score matched samples. *Statistics in Medicine* 28(25), 3083-3107.
    """
    inside = np.asarray(group, dtype=bool)
    weight = np.ones(len(inside)) if weights is None else np.asarray(weights, dtype="float64")
    numbers = {name: np.asarray(column, dtype="float64") for name, column in values.items()}
    if any(len(column) != len(inside) for column in (*numbers.values(), weight)):
        raise ValueError("every column and the weights have a number for each person")
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError("weights are finite and not negative")
    if not weight[inside].any() or not weight[~inside].any():
        raise ValueError("both groups need persons with a weight")
    rows = [_compared(name, column, inside, weight) for name, column in numbers.items()]
    return Balance(
        pd.DataFrame(rows, columns=list(COLUMNS)),
        effective_in=_effective(weight[inside]),
        effective_out=_effective(weight[~inside]),
    )


def _compared(name: str, column: Floats, inside: NDArray[np.bool_], weight: Floats) -> dict[str, object]:
    row: dict[str, object] = {"column": name}
    plain, weighted, means = [], [], []
    for side, there in (("in", inside), ("out", ~inside)):
        known = there & ~np.isnan(column)
        mean, variance = _moments(column[known], weight[known])
        plain.append(_moments(column[known], np.ones(int(known.sum())))[1])
        weighted.append(variance)
        means.append(mean)
        row[f"persons_{side}"] = int((there & (weight > 0)).sum())
        row[f"known_{side}"] = int((known & (weight > 0)).sum())
        row[f"mean_{side}"] = mean
    spread = np.sqrt(np.mean(plain))
    difference = means[0] - means[1]
    row["standardised_difference"] = 0.0 if difference == 0 else difference / spread if spread > 0 else np.nan
    row["variance_ratio"] = weighted[0] / weighted[1] if min(weighted) > 0 else np.nan
    return row


def _moments(column: Floats, weight: Floats) -> tuple[float, float]:
    """Return weighted mean and variance; NaN where there are too few persons for one."""
    column, weight = column[weight > 0], weight[weight > 0]
    if len(column) == 0:
        return np.nan, np.nan
    # the mean of equal numbers is that number, whatever is lost in adding them up
    constant = column.min() == column.max()
    mean = float(column[0] if constant else np.average(column, weights=weight))
    if len(column) == 1:
        return mean, np.nan
    freedom = weight.sum() - (weight**2).sum() / weight.sum()
    return mean, 0.0 if constant else float(((column - mean) ** 2 * weight).sum() / freedom)


def _effective(weight: Floats) -> float:
    return float(weight.sum() ** 2 / (weight**2).sum())

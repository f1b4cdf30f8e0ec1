"""How many clusters an estimate really rests on, and which of them carry it.

Effective number: Carter, Schnepel and Steigerwald (2017), Review of Economics and Statistics 99(4). Leverage and
partial leverage: MacKinnon, Nielsen and Webb (2023), Stata Journal 23(4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.errors import DesignError
from evalkit.models.arrays import Floats
from evalkit.models.cluster_covariance import inverse_root


@dataclass(frozen=True, eq=False)
class ClusterWeight:
    """What G clusters mean to one combination of coefficients; nothing of it depends on the outcome.

    Parameters
    ----------
    effective
        Effective number of clusters, between 1 and G.
    leverage
        (G,) Each cluster's share of all coefficients: adds up to their number, ``k / G`` each if alike.
    partial_leverage
        (G,) Each cluster's share of what the combination is told by: adds up to 1.
    """

    effective: float
    leverage: Floats
    partial_leverage: Floats


def weigh_clusters(
    cross: Floats, combination: Floats, *, totals: Floats | None = None, correlation: float = 0.0
) -> ClusterWeight:
    """Return the effective number of clusters with their leverage.

    Parameters
    ----------
    cross
        (G, k, k) ``X_g' X_g`` of each cluster; fixed effects nested in clusters may be swept out.
    combination
        (k,) the coefficients' combination.
    totals
        (G, k) sums of each cluster's rows of X; needed where ``correlation`` is not 0.
    correlation
        Of errors within a cluster, 0-1. With fixed effects swept out by cluster only 0 has a meaning.

    Raises
    ------
    DesignError
        If there is no cluster, or the data do not tell of the combination.

    Notes
    -----
    With ``w = (sum S)^-1 c`` the share of cluster g in the variance is ``w' X_g' R_g X_g w``, R_g having 1 on the
    diagonal and the correlation elsewhere; the effective number is ``(sum of shares)^2 / sum of squared shares``, which
    is G divided by 1 plus their squared coefficient of variation. At correlation 0 the shares are partial leverages.
    """
    if correlation and totals is None:
        raise ValueError("errors correlated within clusters need each cluster's totals")
    root = inverse_root(cross.sum(axis=0)) if len(cross) else np.zeros((len(combination), 0))
    weight = root @ (root.T @ combination)
    alone = np.einsum("i,gij,j->g", weight, cross, weight)
    if not alone.sum() > 0:
        raise DesignError(
            "no cluster tells of what is estimated", remedy="check that what is studied differs between the rows"
        )
    shares = alone
    if totals is not None and correlation:
        shares = (1.0 - correlation) * alone + correlation * (totals @ weight) ** 2
    return ClusterWeight(
        effective=effective_number(shares),
        leverage=np.einsum("gij,ij->g", cross, root @ root.T),
        partial_leverage=alone / alone.sum(),
    )


def effective_number(shares: Floats) -> float:
    """Return how many equal clusters would be as uneven as these shares of the variance: ``(sum)^2 / sum of squares``.

    Parameters
    ----------
    shares
        (G,) none below 0; 0 where none is above.

    Notes
    -----
    Kish (1965), Survey Sampling, for weights; Carter, Schnepel and Steigerwald (2017) for shares of a variance.
    """
    squares = float((shares**2).sum())
    return float(shares.sum()) ** 2 / squares if squares > 0 else 0.0

"""Contrasts adjusted for facts of persons, from the sites' sums alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import DesignError
from evalkit.models.arrays import Floats
from evalkit.models.pooled_variances import classes_tell
from evalkit.values import SchoolSums

CONTRAST = "contrast"
SMALLEST_EIGENVALUE = 1e-10


@dataclass(frozen=True, eq=False)
class Adjustment:
    """What covariates explain, for G schools, S starts and K covariates.

    Parameters
    ----------
    names
        The covariates; groups of one fact add up to everyone, so that slopes are of least length among the equal ones.
    slope
        (S, K) change of a person's contrast with each covariate, within schools that were never treated.
    shift
        (G, S) what a school's covariates, measured from those of all schools, add to its contrast.
    person_variance, class_variance
        (S,) as in `SchoolDesign`, of the adjusted contrasts, over the schools that were never treated.
    """

    names: tuple[str, ...]
    slope: Floats
    shift: Floats
    person_variance: Floats
    class_variance: Floats


def with_covariates(contrasts: pd.DataFrame, sums: SchoolSums) -> pd.DataFrame:
    """Keep the contrasts of schools whose covariates are told at that start."""
    keys = ["site", "municipality", "school", "start"]
    return contrasts.merge(sums.covariates[keys].drop_duplicates(), on=keys)


def read_adjustment(sums: SchoolSums, schools: tuple[str, ...], starts: tuple[int, ...], pupils: Floats) -> Adjustment:
    """Estimate the slopes within schools, as the within estimator does on the pupils themselves.

    The cross products of all sites are added. Since the slope rests on many pupils and a school's mean on few, it is
    taken as known in what follows.

    Parameters
    ----------
    sums
        With covariates and products.
    schools
        ``municipality/school`` of each of the G schools, which all have covariates at every start.
    starts
        The S starts.
    pupils
        (G, S) pupils in the contrasts.

    Raises
    ------
    DesignError
        If no site's products are there for a start.
    """
    products = sums.products[sums.products["start"].isin(starts)]
    if set(products["start"]) != set(starts):
        raise DesignError(
            "no site could tell how the covariates go with the outcome without telling of a few pupils",
            remedy="adjust for fewer covariates, or for coarser groups",
        )
    names = tuple(sorted({*products["first"], *products["second"]} - {CONTRAST}))
    fits = [_fit(products[products["start"] == start], names) for start in starts]
    slope = np.stack([fit[0] for fit in fits])
    means = _means(sums.covariates, names, schools, starts, pupils)
    centre = (means * pupils[:, :, None]).sum(axis=0) / pupils.sum(axis=0)[:, None]
    return Adjustment(
        names=names,
        slope=slope,
        shift=np.einsum("gsk,sk->gs", means - centre, slope),
        person_variance=np.array([fit[1] for fit in fits]),
        class_variance=np.array([fit[2] for fit in fits]),
    )


def _fit(products: pd.DataFrame, names: tuple[str, ...]) -> tuple[Floats, float, float]:
    """Return slope, variance of a person's adjusted contrast and that between classes, at one start."""
    order = [*names, CONTRAST]
    within, inner, between = (
        _square(products, column, order) for column in ("within_school", "within_class", "between_classes")
    )
    places = products.drop_duplicates(["site", "municipality"])
    freedom = {name: float(places[name].sum()) for name in places if str(name).startswith("freedom")}
    scale = np.sqrt(np.diag(within)[:-1])
    scale = np.where(scale > 0, scale, 1.0)
    slope, _, rank, _ = np.linalg.lstsq(
        within[:-1, :-1] / np.outer(scale, scale), within[:-1, -1] / scale, rcond=SMALLEST_EIGENVALUE
    )
    slope = np.asarray(slope / scale, dtype=float)
    left = np.append(-slope, 1.0)
    spare = freedom["freedom_school"] - int(rank)
    if spare <= 0:
        raise DesignError(
            "the schools that were never treated have too few pupils to adjust contrasts",
            remedy="adjust for fewer covariates",
        )
    person = float(left @ within @ left) / spare
    # pupils in known classes of all, each school's first pupil left aside in both
    share = (freedom["freedom_class"] + freedom["freedom_between"]) / freedom["freedom_school"]
    if not (freedom["freedom_class"] > 0 and classes_tell(share, freedom["freedom_between"])):
        return slope, person, float("nan")
    b = float(left @ inner @ left) / freedom["freedom_class"]
    shared = float(left @ between @ left) - freedom["freedom_between"] * b
    return slope, b, max(0.0, shared / max(float(places["reach"].sum()), 1.0))


def _square(products: pd.DataFrame, column: str, order: list[str]) -> Floats:
    """Return the symmetric matrix of a column's sums over sites, 0 where no site has the pair."""
    total = products.groupby(["first", "second"])[column].sum()
    half = total.unstack().reindex(index=order, columns=order).fillna(0.0).to_numpy(dtype=float)
    return np.asarray(half + half.T - np.diag(np.diag(half)), dtype=float)


def _means(
    covariates: pd.DataFrame, names: tuple[str, ...], schools: tuple[str, ...], starts: tuple[int, ...], pupils: Floats
) -> Floats:
    """Return (G, S, K) means of the covariates; a group that a site does not have is empty there."""
    keyed = covariates.assign(key=covariates["municipality"] + "/" + covariates["school"])
    wide = keyed.pivot(index=["key", "start"], columns="covariate", values="value_sum")
    rows = pd.MultiIndex.from_product([schools, starts])
    sums = wide.reindex(index=rows, columns=list(names)).fillna(0.0).to_numpy(dtype=float)
    return np.asarray(sums.reshape(len(schools), len(starts), len(names)) / pupils[:, :, None], dtype=float)

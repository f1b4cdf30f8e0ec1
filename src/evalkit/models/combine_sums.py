"""From each site's school sums to the study's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from evalkit.errors import DesignError
from evalkit.values import Origin, SchoolSums


def combine_sums(sums: Sequence[SchoolSums]) -> SchoolSums:
    """Return the sums of all sites as one.

    Parameters
    ----------
    sums
        One a site, in any order; the result does not depend on it.

    Returns
    -------
    SchoolSums
        All schools, terms and contrasts. Its origin names no site unless there is only one.

    Raises
    ------
    DesignError
        If there are none, if they differ in outcome, unit, terms, what is adjusted for or how small schools are merged,
        or if a school stands in two of them.
    """
    if not sums:
        raise DesignError("there are no school sums to combine", remedy="run the study's sites first")
    for fact in ("outcome", "unit", "labels", "adjusted", "rule"):
        if len({getattr(one, fact) for one in sums}) > 1:
            raise DesignError(
                f"the sites' school sums differ in {fact}",
                remedy="make every site's sums from the same study file, outcome and terms",
            )
    schools = pd.concat([one.schools for one in sums], ignore_index=True)
    if schools.duplicated(["municipality", "school"]).any():
        raise DesignError(
            "a school stands in the sums of two sites", remedy="let each school belong to one site of the study"
        )
    return replace(
        sums[0],
        schools=schools,
        terms=_stacked([one.terms for one in sums]),
        contrasts=_stacked([one.contrasts for one in sums]),
        moves=_stacked([one.moves for one in sums]),
        covariates=_stacked([one.covariates for one in sums]),
        products=_stacked([one.products for one in sums]),
        merged=sum(one.merged for one in sums),
        left_out=sum(one.left_out for one in sums),
        treated_left_out=sum(one.treated_left_out for one in sums),
        minimum=min(one.minimum for one in sums),
        origin=_shared_origin([one.origin for one in sums]),
    )


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]


def _shared_origin(origins: Sequence[Origin | None]) -> Origin | None:
    first = origins[0]
    if first is None or len({origin.site if origin else None for origin in origins}) == 1:
        return first
    return replace(first, site=None, site_digest="")

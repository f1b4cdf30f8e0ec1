"""School sums without what came of treatment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evalkit.values import SchoolSums

VARIANCES = ["variance_within_school", "variance_within_class"]


def hide_outcome(sums: SchoolSums) -> SchoolSums:
    """Take out the outcome of treated schools from their start on: sums, contrasts and their variances."""
    began = sums.schools.dropna(subset=["treated_from"]).set_index(["site", "school"])["treated_from"]
    contrasts, terms = sums.contrasts.copy(), sums.terms.copy()
    treated = contrasts.set_index(["site", "school"]).index.isin(began.index)
    contrasts.loc[treated, "contrast_sum"] = 0.0
    contrasts.loc[treated, VARIANCES] = np.nan
    start = began.reindex(terms.set_index(["site", "school"]).index).to_numpy(dtype=float)
    terms.loc[terms["time"].to_numpy(dtype=float) >= start, "outcome_sum"] = 0.0
    return replace(sums, contrasts=contrasts, terms=terms)

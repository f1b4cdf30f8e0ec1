"""Every other set of schools that could have been the treated ones, and what difference it shows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.models.arrays import Booleans, Floats
from evalkit.models.permutation import as_extreme
from evalkit.models.school_analysis import analyse
from evalkit.models.school_design import read_design
from evalkit.values import Curve, SchoolSums

BINS_EACH_SIDE = 20


def placebo_distribution(sums: SchoolSums, *, name: str = "forum_placebos") -> Curve:
    """Return the distribution that the permutation test of `few_treated_effect` rests on.

    Each assignment's difference is put on the observed one's scale (times the observed standard deviation over its
    own), so that those farther from 0 than the observed are exactly those that count against it.

    Parameters
    ----------
    sums
        Of all the study's sites.
    name
        Name of the curve.

    Returns
    -------
    Curve
        Kind ``"placebo_distribution"``: ``left``, ``right`` (edges of bins of equal width, 0 is an edge),
        ``assignments``, ``as_extreme``. The observed assignment is counted. Details: ``observed``, ``assignments``,
        ``as_extreme``, ``attainable_p``, ``p``, ``comparison``, ``drawn`` (0 or 1), ``fewest_pupils`` (that any
        compared group stands for).

    Raises
    ------
    DesignError
        As `few_treated_effect`.
    """
    design = read_design(sums)
    widest = max(analyse(design), key=lambda one: one.count.as_extreme)
    scaled = widest.effect * widest.deviation[0] / widest.deviation
    count = widest.count
    kind = "a draw of all" if widest.drawn else "all"
    return Curve(
        name=name,
        kind="placebo_distribution",
        estimand=f"difference in the change of {sums.outcome} had the start dates fallen on other schools",
        unit=design.unit,
        frame=_binned(scaled, as_extreme(widest.effect, widest.deviation)),
        method=f"{kind} assignments of start dates to schools, each difference on the observed one's scale",
        details=(
            ("observed", float(widest.effect[0])),
            ("assignments", count.assignments),
            ("as_extreme", count.as_extreme),
            ("attainable_p", count.attainable),
            ("p", count.p),
            ("comparison", design.comparison),
            ("drawn", int(widest.drawn)),
            ("fewest_pupils", design.fewest_pupils),
        ),
        origin=sums.origin,
    )


def _binned(scaled: Floats, extreme: Booleans) -> pd.DataFrame:
    """Count differences, and extreme ones, in bins whose edges are multiples of one round width."""
    reach = float(np.abs(scaled).max())
    width = _round_up(reach / BINS_EACH_SIDE) if reach > 0 else 1.0
    index = np.floor(scaled / width).astype(np.int64)
    numbers = np.arange(index.min(), index.max() + 1)
    return pd.DataFrame(
        {
            "left": numbers * width,
            "right": (numbers + 1) * width,
            "assignments": np.bincount(index - index.min(), minlength=len(numbers)),
            "as_extreme": np.bincount(index[extreme] - index.min(), minlength=len(numbers)),
        }
    )


def _round_up(width: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(width))
    return float(next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= width * (1.0 - 1e-9)))

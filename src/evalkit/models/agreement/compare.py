"""The same panel through several estimators."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from evalkit.models.agreement.answers import Answer, Cells, read_cells
from evalkit.models.agreement.bacon import Comparisons, decompose
from evalkit.models.agreement.etwfe import extend_two_way
from evalkit.models.agreement.group_time import estimate_group_time
from evalkit.models.agreement.imputation import impute
from evalkit.models.agreement.synthetic import synthesise
from evalkit.models.agreement.two_stage import fit_in_two_stages
from evalkit.models.agreement.two_way_regression import Conventions, compare_conventions, regress_two_way
from evalkit.models.arrays import Floats
from evalkit.models.effective_clusters import effective_number
from evalkit.models.staggered.few_clusters import enough
from evalkit.values import Panel


@dataclass(frozen=True, eq=False)
class Compared:
    """Several estimators' answers about one panel.

    Parameters
    ----------
    answers
        One each, in the order two_way, group_time, imputation, two_stage, etwfe, synthetic.
    comparisons
        What the two-way regression compares.
    conventions
        What other conventions would make of its standard error.
    treated_clusters
        Clusters with a treated unit. Where the effective treated or compared clusters are fewer than
        `evalkit.models.staggered.CLUSTERS_NEEDED`, no answer has a standard error.
    left_out
        Units treated from the first time on.
    """

    answers: tuple[Answer, ...]
    comparisons: Comparisons
    conventions: Conventions
    treated_clusters: int
    left_out: int

    def get(self, method: str) -> Answer:
        """Return one estimator's answer."""
        return next(answer for answer in self.answers if answer.method == method)


def compare_estimators(panel: Panel, outcome: str, *, covariates: Sequence[str] = ()) -> Compared:
    """Ask several estimators for the mean effect on the treated.

    Parameters
    ----------
    panel
        Units by times with the timing of treatment. A unit weighs its mean ``weight`` at all times.
    outcome
        Column of the panel; rows where it is missing are left out, and so are units treated from the first time on.
    covariates
        Columns that the extended two-way regression interacts with start and time; the others take none.

    Raises
    ------
    DesignError
        If nothing can be compared.
    """
    return compare_cells(read_cells(panel, outcome, covariates))


def compare_cells(cells: Cells) -> Compared:
    """Ask several estimators about the same cells."""
    answers: tuple[Answer, ...] = (
        regress_two_way(cells),
        estimate_group_time(cells),
        impute(cells),
        fit_in_two_stages(cells),
        extend_two_way(cells),
        synthesise(cells),
    )
    treated = _loads(cells, cells.treated)
    if not enough(effective_number(treated), effective_number(_loads(cells, cells.frame["start"] == 0))):
        answers = tuple(replace(answer, standard_error=None) for answer in answers)
    return Compared(
        answers=tuple(_plain(answer) for answer in answers),
        comparisons=decompose(cells),
        conventions=compare_conventions(cells),
        treated_clusters=len(treated),
        left_out=cells.left_out,
    )


def _loads(cells: Cells, rows: pd.Series[bool]) -> Floats:
    """Return how much of some rows' weight each cluster holds."""
    return cells.frame[rows].groupby("cluster")["weight"].sum().to_numpy(dtype=float)


def _plain(answer: Answer) -> Answer:
    """Return an answer without a standard error that is no number."""
    known = answer.standard_error is not None and math.isfinite(answer.standard_error)
    return answer if known else replace(answer, standard_error=None)

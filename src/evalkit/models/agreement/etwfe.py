"""Extended two-way fixed effects (Wooldridge 2021, 2025), through diff-diff."""

from __future__ import annotations

from typing import Literal

from evalkit.models.agreement.answers import COVARIATE, Answer, Cells, ask, over_starts, weight_of_rows
from evalkit.models.agreement.diff_diff_input import ROLES, cluster_of, give, starts_of


def extend_two_way(
    cells: Cells,
    control: Literal["not_yet_treated", "never_treated"] = "not_yet_treated",
) -> Answer:
    """Let every start have its own effect in every period, and average them.

    With weights the library's own overall number weighs starts by rows, so it is made here from its effects by start;
    it then has no standard error.

    Parameters
    ----------
    cells
        The rows; their covariates are interacted with start and period.
    control
        Untreated rows of all units, or of those never treated alone.
    """

    def task() -> Answer:
        from diff_diff import WooldridgeDiD

        given = give(cells)
        names = [column for column in given.frame.columns.astype(str) if column.startswith(COVARIATE)]
        model = WooldridgeDiD(cluster=cluster_of(cells), control_group=control)
        fit = model.fit(given.frame, **ROLES, xgvar=names or None, survey_design=given.survey)
        effects = fit.aggregate("group").group_effects
        by_start = starts_of(effects, [effect["att"] for effect in effects.values()])
        if cells.weighted:
            return Answer("etwfe", over_starts(by_start, weight_of_rows(cells)), None, by_start)
        return Answer("etwfe", float(fit.overall_att), float(fit.overall_se), by_start)

    return ask("etwfe", task)

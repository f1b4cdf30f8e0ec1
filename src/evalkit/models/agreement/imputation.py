"""Imputation (Borusyak, Jaravel and Spiess 2024, Review of Economic Studies 91(6)), through diff-diff."""

from __future__ import annotations

from evalkit.models.agreement.answers import Answer, Cells, ask
from evalkit.models.agreement.diff_diff_input import answer_by_rows, cluster_of


def impute(cells: Cells) -> Answer:
    """Fit unit and time effects on untreated rows, impute the rest, and average what is left over treated rows."""

    def task() -> Answer:
        from diff_diff import ImputationDiD

        return answer_by_rows("imputation", ImputationDiD(cluster=cluster_of(cells)), cells)

    return ask("imputation", task)

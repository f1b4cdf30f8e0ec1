"""Two stages (Gardner 2022, arXiv 2207.05943; Butts and Gardner 2022), through diff-diff."""

from __future__ import annotations

from evalkit.models.agreement.answers import Answer, Cells, ask
from evalkit.models.agreement.diff_diff_input import answer_by_rows, cluster_of


def fit_in_two_stages(cells: Cells) -> Answer:
    """Take unit and time effects from untreated rows, then regress what is left on treatment."""

    def task() -> Answer:
        from diff_diff import TwoStageDiD

        return answer_by_rows("two_stage", TwoStageDiD(cluster=cluster_of(cells)), cells)

    return ask("two_stage", task)

"""Synthetic difference in differences (Arkhangelsky et al. 2021, American Economic Review 111(12)), through diff-diff.

With several starts each is estimated against the never treated alone and the answers are averaged (Clarke, Pailanir,
Athey and Imbens 2023, arXiv 2301.11859). Its placebo interval is not made: it is not valid with unequal schools.
"""

from __future__ import annotations

import pandas as pd

from evalkit.models.agreement.answers import Answer, Cells, ask, over_starts, weight_of_rows
from evalkit.models.agreement.diff_diff_input import give

BEFORE_NEEDED = 2
# the library demands a variance; two draws are the fewest it takes, and they are thrown away
DRAWS = 2


def synthesise(cells: Cells) -> Answer:
    """Weigh untreated units and earlier periods so that they run as the treated did, and take the difference."""
    frame = cells.frame
    if not cells.balanced:
        return Answer("synthetic", None, reason="unbalanced")
    if not (frame["start"] == 0).any():
        return Answer("synthetic", None, reason="no_never_treated")
    if min(cells.starts) <= BEFORE_NEEDED:
        return Answer("synthetic", None, reason="too_few_terms")

    def task() -> Answer:
        by_start = tuple((start, _one_start(cells, start)) for start in cells.starts)
        return Answer("synthetic", over_starts(by_start, weight_of_rows(cells)), None, by_start)

    return ask("synthetic", task)


def _one_start(cells: Cells, start: int) -> float:
    from diff_diff import SyntheticDiD

    given = give(cells)
    rows: pd.DataFrame = given.frame[given.frame["start"].isin([0, start])]
    rows = rows.assign(treated=(rows["start"] > 0).astype("int64"))
    after = sorted(int(time) for time in rows["time"].unique() if time >= start)
    fit = SyntheticDiD(n_bootstrap=DRAWS, seed=0).fit(
        rows,
        outcome="outcome",
        treatment="treated",
        unit="unit",
        time="time",
        post_periods=after,
        survey_design=given.survey,
    )
    return float(fit.att)

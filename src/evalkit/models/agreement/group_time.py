"""Group-time effects (Callaway and Sant'Anna 2021, Journal of Econometrics 225(2)), by `evalkit.models.staggered`."""

from __future__ import annotations

import numpy as np

from evalkit.models.agreement.answers import Answer, Cells, ask
from evalkit.models.staggered import aggregate, arrange, clustered_error, group_time_effects


def estimate_group_time(cells: Cells) -> Answer:
    """Compare each term from the start on with the last before it, against the never treated.

    Units that miss a term count in the comparisons of two terms at which they were seen (rule ``"pairwise"``).
    """
    if not (cells.frame["start"] == 0).any():
        return Answer("group_time", None, reason="no_never_treated")

    def task() -> Answer:
        frame = cells.frame
        codes, unit = np.unique(frame["unit"].to_numpy(), return_inverse=True)
        facts = frame.drop_duplicates("unit").set_index("unit").loc[codes]
        start = facts["start"].to_numpy(dtype=float)
        units = arrange(
            unit.astype(np.int64),
            frame["time"].to_numpy(dtype=np.int64),
            frame["outcome"].to_numpy(dtype=float),
            np.where(start > 0, start, np.nan),
            np.unique(facts["cluster"].to_numpy(), return_inverse=True)[1].astype(np.int64),
            weight=frame["weight"].to_numpy(dtype=float) if cells.weighted else None,
        )
        effects = group_time_effects(units)
        overall = aggregate(effects, "simple").overall
        by_start = tuple((point.at, point.value) for point in aggregate(effects, "group").points)
        return Answer("group_time", overall.value, clustered_error(overall.influence), by_start)

    return ask("group_time", task)

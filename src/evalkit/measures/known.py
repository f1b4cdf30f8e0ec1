"""The one way from facts to periods: what happened in a period and was known before its end."""

from __future__ import annotations

import ibis


def facts_in_periods(facts: ibis.Table, grid: ibis.Table, *, day: str = "date") -> ibis.Table:
    """Put each person's facts into that person's periods.

    Parameters
    ----------
    facts
        Ibis table with ``person_id``, ``known_from`` and the column ``day``.
    grid
        Ibis table with ``person_id``, ``period``, ``start``, ``end`` (half-open).
    day
        Column of ``facts`` that says when the fact happened.

    Returns
    -------
    ibis.Table
        The columns of ``facts`` and ``period``: one row per fact and period it lies in. A fact known only on the
        period's end or later is left out.
    """
    joined = facts.join(
        grid,
        [
            facts.person_id == grid.person_id,
            facts[day] >= grid.start,
            facts[day] < grid.end,
            facts.known_from < grid.end,
        ],
    )
    return joined.select(*facts.columns, "period")

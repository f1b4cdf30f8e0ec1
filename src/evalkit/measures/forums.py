"""Dialogue forums: which pupils go to a school that has held one."""

from __future__ import annotations

import ibis

from evalkit.values import Measure, Tables

NAME = "forum_exposed"


def exposed() -> Measure:
    """Measure whether the school a person goes to in the period has held a dialogue forum before the period's end.

    Once a school has held a forum, those who go to it stay exposed. This follows the school attended; the comparison by
    intention to treat follows the assigned school instead (``treated_from`` of the panel).

    Returns
    -------
    Measure
        ``forum_exposed``, a flag for everyone in the grid; 0 where the site handed over no forums.
    """
    return Measure(NAME, "flag", "persons", "none", (NAME,), _exposed)


def _exposed(tables: Tables, grid: ibis.Table) -> ibis.Table:
    if "forums" not in tables:
        return grid.select("person_id", "period", ibis.literal(0).cast("int64").name(NAME))
    held = tables["forums"].select("school_id", "date", "known_from").distinct()
    seen = grid.join(held, [grid.school_id == held.school_id, held.date < grid.end, held.known_from < grid.end])
    pairs = seen.select("person_id", "period").distinct()
    everyone = grid.left_join(pairs, [grid.person_id == pairs.person_id, grid.period == pairs.period])
    return everyone.select(grid.person_id, grid.period, pairs.person_id.notnull().cast("int64").name(NAME))

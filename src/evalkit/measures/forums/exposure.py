"""What a person's school has held of dialogue forums before a period's end."""

from __future__ import annotations

from typing import Literal

import ibis

from evalkit.errors import InputError
from evalkit.values import Known, Measure

KEYS = ("person_id", "period")
DAYS_A_WEEK = 7
Dose = Literal["forums", "stations", "groups", "participants"]
DOSES = ("forums", "stations", "groups", "participants")


def exposed() -> Measure:
    """Measure whether the school a person goes to in the period has held a dialogue forum before the period's end.

    Once a school has held a forum, those who go to it stay exposed. This follows the school attended; the comparison by
    intention to treat follows the assigned school instead (``treated_from`` of the panel).

    Returns
    -------
    Measure
        ``forum_exposed``, a flag for everyone in the grid; 0 where the site handed over no forums.
    """
    return Measure("forum_exposed", "flag", "persons", "none", ("forum_exposed",), _exposed)


def weeks_since_first() -> Measure:
    """Measure how many whole weeks lie between the first forum at a person's school and the period's end.

    Returns
    -------
    Measure
        ``forum_weeks``, a mean in weeks; missing where the school has held none.
    """
    return Measure("forum_weeks", "mean", "weeks", "none", ("forum_weeks",), _weeks)


def dose(of: Dose = "forums") -> Measure:
    """Measure how much of dialogue forums a person's school has held before the period's end.

    Parameters
    ----------
    of
        ``"forums"``, ``"stations"`` (one a row of the table), ``"groups"`` or ``"participants"``. Groups and
        participants go round the stations of a forum, so a forum has those of its best attended station.

    Returns
    -------
    Measure
        ``forum_dose_<of>``, a mean: the school's number, the same for all who go there; 0 where it has held none,
        missing where a forum's groups or participants were not recorded.

    Raises
    ------
    InputError
        If there is no such dose.
    """
    if of not in DOSES:
        raise InputError(f"forums have no dose {of!r}", remedy=f"use one of {', '.join(DOSES)}")
    name = f"forum_dose_{of}"
    unit = {"forums": "events", "participants": "persons"}.get(of, "")

    def compute(known: Known) -> ibis.Table:
        grid = known.grid
        if "forums" not in known:
            return grid.select(*KEYS, ibis.literal(0.0).name(name))
        held = _held_so_far(known, of)
        everyone = grid.left_join(held, [grid.person_id == held.person_id, grid.period == held.period])
        amount = ibis.ifelse(held.person_id.isnull(), 0, held.amount)
        return everyone.select(grid.person_id, grid.period, amount.cast("float64").name(name))

    return Measure(name, "mean", unit, "none", (name,), compute, parameters=(("of", of),), meaning="forum_dose")


def _exposed(known: Known) -> ibis.Table:
    grid = known.grid
    if "forums" not in known:
        return grid.select(*KEYS, ibis.literal(0).cast("int64").name("forum_exposed"))
    pairs = known.at_schools("forums").select(*KEYS).distinct()
    everyone = grid.left_join(pairs, [grid.person_id == pairs.person_id, grid.period == pairs.period])
    return everyone.select(grid.person_id, grid.period, pairs.person_id.notnull().cast("int64").name("forum_exposed"))


def _weeks(known: Known) -> ibis.Table:
    if "forums" not in known:
        return known.grid.filter(known.grid.person_id.isnull()).select(*KEYS, ibis.null("float64").name("forum_weeks"))
    there = known.at_schools("forums")
    first = there.group_by(*KEYS).agg(first=there.date.min(), end=there.period_end.max())
    weeks = first["end"].delta(first["first"], unit="day") // DAYS_A_WEEK
    return first.select(*KEYS, weeks.cast("float64").name("forum_weeks"))


def _held_so_far(known: Known, of: Dose) -> ibis.Table:
    """Return ``person_id``, ``period``, ``amount`` of those whose school has held a forum."""
    there = known.at_schools("forums")
    counted = there.participants if of == "participants" else there.groups
    per_forum = there.group_by(*KEYS, "forum_id").agg(stations=there.station.count(), most=counted.max())
    if of == "forums":
        return per_forum.group_by(*KEYS).agg(amount=per_forum.forum_id.count())
    if of == "stations":
        return per_forum.group_by(*KEYS).agg(amount=per_forum.stations.sum().cast("int64"))
    whole = per_forum.most.count() == per_forum.forum_id.count()
    return per_forum.group_by(*KEYS).agg(amount=ibis.ifelse(whole, per_forum.most.sum().cast("int64"), None))

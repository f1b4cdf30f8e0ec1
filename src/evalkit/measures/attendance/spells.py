"""Spells of absence and streaks of full attendance: days in a row."""

from __future__ import annotations

from datetime import date
from typing import Literal

import ibis

from evalkit.errors import InputError
from evalkit.measures.attendance.days import OWN_YEAR, STRAND, Reach, counted_days, in_periods, school_days
from evalkit.measures.attendance.lessons import KEYS
from evalkit.measures.attendance.once import once
from evalkit.values import Known, Measure
from evalkit.vocabulary import FIRST_THRESHOLDS, absence_thresholds

Unreported = Literal["bridged", "ends"]


def longest_spell(*, unreported: Unreported = "bridged", over_summer: bool = False) -> Measure:
    """Measure the longest spell of absence, in absent school days.

    A spell is absent days in a row within one school year. A present day ends it. Its running length on a day is its
    absent days so far, also those before the period.

    Parameters
    ----------
    unreported
        Whether a day without any reported minute is ``"bridged"`` (it neither ends a spell nor adds to it) or
        ``"ends"`` it.
    over_summer
        Whether a spell goes on over 1 July.

    Returns
    -------
    Measure
        ``longest_spell``, a count of days: the largest running length on a day in the period, 0 where there is none.
        Variants are ``longest_spell_ends`` and ``longest_spell_over_summer``.

    Raises
    ------
    InputError
        If unreported days are treated in no way there is.
    """
    _check(unreported)
    name = f"longest_spell{_variant(unreported, over_summer)}"

    def compute(known: Known) -> ibis.Table:
        return _longest(known, spell_days(known, unreported, Reach(over_summer=over_summer)), name).drop("known_days")

    said = (("unreported", unreported), ("over_summer", over_summer))
    return Measure(name, "count", "days", "lower", (name,), compute, parameters=said, meaning="longest_spell")


def spells(minimum: int = 1, *, unreported: Unreported = "bridged", over_summer: bool = False) -> Measure:
    """Measure how many spells of absence became at least so long.

    Parameters
    ----------
    minimum
        Absent days, from 1.
    unreported, over_summer
        As in `longest_spell`.

    Returns
    -------
    Measure
        ``spells``, a count: spells whose running length reached ``minimum`` on a day in the period. Variants are
        ``spells_3``, ``spells_ends``, ``spells_over_summer``, or several joined.

    Raises
    ------
    InputError
        If the minimum is less than a day, or unreported days are treated in no way there is.
    """
    _check(unreported)
    if minimum < 1:
        raise InputError("a spell has at least one day", remedy="give a whole number of days, from 1")
    name = f"spells{f'_{minimum}' if minimum > 1 else ''}{_variant(unreported, over_summer)}"

    def compute(known: Known) -> ibis.Table:
        own = in_periods(spell_days(known, unreported, Reach(over_summer=over_summer)))
        reached = own.filter(own.length == minimum)
        return _for_all(known, reached.group_by(*KEYS).agg(reached.count().name(name)), name).drop("known_days")

    said = (("minimum", minimum), ("unreported", unreported), ("over_summer", over_summer))
    return Measure(name, "count", "events", "lower", (name,), compute, parameters=said, meaning="spells")


def long_spell(
    days: int | str = "long",
    *,
    unreported: Unreported = "bridged",
    over_summer: bool = False,
    on: date = FIRST_THRESHOLDS,
) -> Measure:
    """Measure whether a person had a long spell of absence.

    Parameters
    ----------
    days
        Absent days in a row, or the name of a threshold in the vocabulary: ``"long"`` (5), ``"very_long"`` (10).
    unreported, over_summer
        As in `longest_spell`.
    on
        Day on which a named threshold is looked up.

    Returns
    -------
    Measure
        ``long_spell_<days>``, a flag: whether the longest running length in the period is at least so many days;
        missing where no day in the period is known.

    Raises
    ------
    InputError
        If the days are none, no spell is called so, or unreported days are treated in no way there is.
    """
    _check(unreported)
    least = spell_length(days, on)
    name = f"long_spell_{least}{_variant(unreported, over_summer)}"

    def compute(known: Known) -> ibis.Table:
        found = _longest(known, spell_days(known, unreported, Reach(over_summer=over_summer)), "longest")
        flagged = found.filter(found.known_days > 0)
        return flagged.select(*KEYS, (flagged.longest >= least).cast("int64").name(name))

    said = (("days", least), ("unreported", unreported), ("over_summer", over_summer))
    return Measure(name, "flag", "persons", "lower", (name,), compute, parameters=said, meaning="long_spell")


def longest_streak() -> Measure:
    """Measure the longest streak of full attendance, in school days.

    A streak is days in a row, within one school year, with reported minutes and none absent. Days without any reported
    minute are bridged; any other day ends it.

    Returns
    -------
    Measure
        ``longest_streak``, a count of days: the largest running length on a day in the period, 0 where there is none.
    """

    def compute(known: Known) -> ibis.Table:
        days = _runs(school_days(known))
        return _longest(known, _running(days.filter(days.full), "streak"), "longest_streak").drop("known_days")

    return Measure("longest_streak", "count", "days", "higher", ("longest_streak",), compute)


@once
def spell_days(known: Known, unreported: Unreported = "bridged", reach: Reach = OWN_YEAR) -> ibis.Table:
    """Return the absent days of all spells, in the periods and before them.

    Returns
    -------
    ibis.Table
        ``person_id``, ``strand``, ``school_year``, ``period``, ``date`` (see `school_days`), ``first`` (first day of
        the spell) and ``length`` (running length on the date).
    """
    days = _runs(school_days(known, reach))
    return _running(days.filter(days.absent), unreported)


def spell_length(days: int | str, on: date) -> int:
    """Return how many absent days in a row a long spell has.

    Raises
    ------
    InputError
        If the days are none, or no spell is called so.
    """
    if isinstance(days, str):
        named = {name: each for name, each in absence_thresholds(on).items() if each.of == "spell"}
        if days not in named:
            raise InputError("no spell of absence is called so", remedy=f"give one of {', '.join(named)}, or days")
        return int(named[days].limit)
    if days < 1:
        raise InputError("a spell has at least one day", remedy="give a whole number of days, from 1")
    return days


def _runs(days: ibis.Table) -> ibis.Table:
    """Give the number of the run that each day is in, for each kind of run; what ends a run raises it."""
    so_far = ibis.cumulative_window(group_by=STRAND, order_by="date")

    def number(ending: ibis.Value) -> ibis.Value:
        return ibis.ifelse(ending, 1, 0).sum().over(so_far)

    return days.mutate(
        bridged=number(days.present),
        ends=number(~days.absent),
        streak=number((days.absent | days.present) & ~days.full),
    )


def _running(days: ibis.Table, run: str) -> ibis.Table:
    so_far = ibis.cumulative_window(group_by=[*STRAND, run], order_by="date")
    return days.select(
        *STRAND, "period", "date", first=days.date.min().over(so_far), length=days.date.count().over(so_far)
    )


def _longest(known: Known, running: ibis.Table, name: str) -> ibis.Table:
    own = in_periods(running)
    return _for_all(known, own.group_by(*KEYS).agg(own.length.max().name(name)), name)


def _for_all(known: Known, found: ibis.Table, name: str) -> ibis.Table:
    """Give a number for everyone with lessons in the period, 0 for those not found, beside their ``known_days``."""
    everyone = counted_days(known)
    joined = everyone.left_join(found, KEYS)
    return joined.select(
        *(everyone[key] for key in KEYS), ibis.coalesce(found[name], 0).name(name), everyone.known_days
    )


def _variant(unreported: str, over_summer: bool) -> str:
    return f"{'_ends' if unreported == 'ends' else ''}{'_over_summer' if over_summer else ''}"


def _check(unreported: str) -> None:
    if unreported not in ("bridged", "ends"):
        raise InputError("there is no such treatment of unreported days", remedy='give "bridged" or "ends"')

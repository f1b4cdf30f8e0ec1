"""Cases that are judged on a day, once all that the verdict rests on could be known, and shares of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import ibis

from evalkit.values import Events, Known, Measure
from evalkit.vocabulary.measures import Direction

KEYS = ("person_id", "period")
EVERY = ibis.literal(1).cast("int64")
"""Of cases of which it is always known whether something holds."""


def plus_days(day: ibis.Value, days: int) -> ibis.Value:
    """Return the date so many days after."""
    return (day + ibis.interval(days=days)).cast("date")


def plus_months(day: ibis.Value, months: int) -> ibis.Value:
    """Return the same day of a later month, or that month's last."""
    return (day + ibis.interval(months=months)).cast("date")


def yes(condition: ibis.Value) -> ibis.Value:
    """Return 1 where a condition holds, and 0 where it does not or cannot be told."""
    return ibis.ifelse(ibis.coalesce(condition, False), 1, 0).cast("int64")


def ratio_of(
    name: str,
    columns: tuple[str, ...],
    compute: Callable[[Known], ibis.Table],
    *,
    better: Direction,
    coverage: tuple[str, str, str] | None = None,
    parameters: tuple[tuple[str, object], ...] = (),
    meaning: str = "",
    asks_for: Literal["enrolled", "everyone"] = "enrolled",
    lag_days: Literal[0, 1] = 0,
) -> Measure:
    """Measure the first of some columns over the second; see `evalkit.values.Measure` for the rest."""
    return Measure(
        name=name,
        kind="ratio",
        unit="share",
        direction=better,
        columns=columns,
        compute=compute,
        numerator=columns[0],
        denominator=columns[1],
        coverage=coverage,
        parameters=parameters,
        meaning=meaning,
        asks_for=asks_for,
        lag_days=lag_days,
    )


def verdicts(told: ibis.Table, met: ibis.Value) -> ibis.Table:
    """Return cases of which all are judged, each on the day ``settled``; ``met`` is missing where it does not hold."""
    return told.select("person_id", "cause", date=told.settled, known_from=told.settled, judged=EVERY, met=yes(met))


def settled_in(known: Known, cases: Events) -> ibis.Table:
    """Give the cases that became known within each period of the grid.

    A case counts in the period in which its verdict became known: the day it is about may lie before the period.
    """
    rows = known.events(cases)
    return rows.filter(rows.known_from >= rows.period_start)


def share_of(
    cases: Events, *, better: Direction, name: str = "", meaning: str = "", hit: str = "met", base: str = "judged"
) -> Measure:
    """Measure the share of judged cases for which something holds.

    Parameters
    ----------
    cases
        Events whose table has the whole numbers ``hit`` and ``base``, 0 or 1: whether it holds, and whether that is
        known. ``hit`` is 0 where ``base`` is.
    better
        ``"higher"``, ``"lower"`` or ``"none"``.
    name, meaning
        Those of the events where they are empty.

    Returns
    -------
    Measure
        A ratio with ``<name>_met`` over ``<name>_judged``, and ``<name>_cases``; its coverage is judged over cases.
    """
    own = name or cases.name
    columns = (f"{own}_met", f"{own}_judged", f"{own}_cases")

    def compute(known: Known) -> ibis.Table:
        rows = settled_in(known, cases)
        sums = rows.group_by(*KEYS).agg(
            **{
                columns[0]: rows[hit].sum().cast("int64"),
                columns[1]: rows[base].sum().cast("int64"),
                columns[2]: rows.count().cast("int64"),
            }
        )
        return sums.select(*KEYS, *columns)

    return ratio_of(
        own,
        columns,
        compute,
        better=better,
        coverage=(f"{own}_coverage", columns[1], columns[2]),
        parameters=(("cases", cases.key), ("hit", hit), ("base", base)),
        meaning=meaning or cases.name,
        asks_for="everyone",
    )


def mean_of(cases: Events, value: str, *, name: str, unit: str, better: Direction, meaning: str = "") -> Measure:
    """Measure the mean of a value over a person's judged cases in the period; ``value`` is missing where not judged."""

    def compute(known: Known) -> ibis.Table:
        rows = settled_in(known, cases)
        told = rows.filter(rows[value].notnull())
        return told.group_by(*KEYS).agg(**{name: told[value].mean()}).select(*KEYS, name)

    parameters = (("cases", cases.key), ("value", value))
    return Measure(
        name,
        "mean",
        unit,
        better,
        (name,),
        compute,
        parameters=parameters,
        meaning=meaning or name,
        asks_for="everyone",
    )

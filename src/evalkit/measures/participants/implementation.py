"""How far the components of the model are in use in each municipality, on the scale 0-4."""

from __future__ import annotations

from datetime import date

import ibis

from evalkit.values import Tables
from evalkit.vocabulary.ladders import ladder

MONTHS_AFTER = 6


def implementation_degree(tables: Tables, *, on: date) -> ibis.Table:
    """Tell how far each component was in use by a day.

    Parameters
    ----------
    tables
        With ``implementation``.
    on
        The latest judgement on this day or before counts; what became known after it is not seen.

    Returns
    -------
    ibis.Table
        ``municipality``, ``component``, ``degree`` (0 not begun, 1 planned, 2 pilot, 3 partly, 4 wholly), ``judged``
        (day), ``decided`` (day of the decision, missing where none was taken by then).

    Raises
    ------
    KeyError
        If the site handed over no such table.
    """
    rows = _judged(tables)
    seen = rows.filter(rows.date <= on, rows.known_from <= on)
    latest = ibis.window(group_by=["municipality", "component"], order_by=ibis.desc(seen.date))
    placed = seen.mutate(place=ibis.row_number().over(latest))
    decided = ibis.ifelse(placed.decision_date <= on, placed.decision_date, None)
    return placed.filter(placed.place == 0).select(
        "municipality", "component", "degree", judged="date", decided=decided
    )


def implementation_persistence(tables: Tables, *, end: date, months: int = MONTHS_AFTER) -> ibis.Table:
    """Tell whether components are still as much in use some months after the project's end.

    Parameters
    ----------
    tables
        With ``implementation``.
    end
        The project's last day; the latest judgement by then is compared with the first one at least ``months`` calendar
        months later.
    months
        Calendar months.

    Returns
    -------
    ibis.Table
        ``municipality``, ``component``, ``degree_at_end``, ``degree_after``, ``persists`` (1 if the degree after is no
        lower, 0 if it is; missing where it was not judged again).

    Raises
    ------
    KeyError
        If the site handed over no such table.
    """
    at_end = implementation_degree(tables, on=end).select("municipality", "component", degree_at_end="degree")
    rows = _judged(tables)
    later = rows.filter(rows.date >= (ibis.literal(end) + ibis.interval(months=months)).cast("date"))
    first = ibis.window(group_by=["municipality", "component"], order_by=later.date)
    placed = later.mutate(place=ibis.row_number().over(first))
    after = placed.filter(placed.place == 0).select(
        after_municipality="municipality", after_component="component", degree_after="degree"
    )
    both = at_end.left_join(
        after, [at_end.municipality == after.after_municipality, at_end.component == after.after_component]
    )
    kept = (both.degree_after >= both.degree_at_end).cast("int64")
    return both.select("municipality", "component", "degree_at_end", "degree_after", persists=kept)


def _judged(tables: Tables) -> ibis.Table:
    rows = tables["implementation"]
    steps = ladder("implementation")
    degree = ibis.cases(*((rows.step.isin(codes), number) for number, codes in enumerate(steps.steps)))
    return rows.mutate(degree=degree.cast("int64"))

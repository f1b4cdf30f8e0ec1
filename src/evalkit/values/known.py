"""What could be known of persons in periods: the one way from a site's tables to a measure or a criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import ibis
import ibis.expr.operations as ops
import pandas as pd

from evalkit.values.period import Period
from evalkit.values.tables import Tables, seen_columns

if TYPE_CHECKING:
    from evalkit.values.events import Events

DAY = timedelta(days=1)
CLOSING_DAYS = 1
CALENDAR = {"day": "date", "period": "string", "start": "date", "end": "date"}
FACT_WINDOW = ("period", "period_start", "period_end")


@dataclass(frozen=True, eq=False)
class Known:
    """A site's facts as they were known before the end of each person's period.

    Every table that it gives holds, for each row of the grid, only facts with ``known_from`` before the period's end;
    a column that becomes known later than its row (an end, an outcome, a grade) is missing until then. Measures and
    criteria read tables in no other way, and `unseen_paths` proves it of their expressions.

    Parameters
    ----------
    tables
        The site's tables, as of the cohort's day.
    grid
        Ibis table, one row per person and period: ``person_id``, ``period`` (string), ``start``, ``end`` (half-open),
        ``school_id`` (the school the person goes to in the period).
    calendar
        Ibis table ``day``, ``period``, ``start``, ``end`` where all persons share the periods and these do not
        overlap (see `calendar_of`); None where each row of the grid has a window of its own, as in criteria.
    """

    tables: Tables
    grid: ibis.Table
    calendar: ibis.Table | None = None
    _given: set[ops.Node] = field(default_factory=set, repr=False)
    _closed: set[ops.Node] = field(default_factory=set, repr=False)

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def facts(self, name: str, *, day: str = "date") -> ibis.Table:
        """Give what happened to the grid's persons within their periods.

        Parameters
        ----------
        name
            Canonical table with ``person_id``.
        day
            Date column that says when the fact happened.

        Returns
        -------
        ibis.Table
            The table's columns, ``period``, ``period_start`` and ``period_end``: one row per fact and period it lies
            in. With shared periods, facts of a person's periods outside the grid are there too; a panel drops them.

        Raises
        ------
        KeyError
            If the site handed over no such table.
        """
        rows = self.tables[name]
        if self.calendar is None:
            windows = self._windows()
            same_person = rows.person_id == windows.person_id
            joined = rows.join(windows, [same_person, rows[day] >= windows.period_start], rname="{name}_grid")
            return self._seen(name, rows.columns, joined, joined[day] < joined.period_end)
        days = self.calendar.rename(calendar_day="day", period_start="start", period_end="end")
        theirs = rows.semi_join(self.grid.select("person_id").distinct(), "person_id")
        joined = theirs.join(days, theirs[day] == days.calendar_day)
        return self._seen(name, rows.columns, joined)

    def spells(self, name: str, *, start: str = "start", end: str = "end") -> ibis.Table:
        """Give the intervals ``[start, end)`` of the grid's persons that overlap their periods.

        An end on the period's end or later is not known in the period, so the interval is open there.

        Returns
        -------
        ibis.Table
            The table's columns, ``period``, ``period_start`` and ``period_end``: one row per interval and period.
        """
        rows, windows = self.tables[name], self._windows()
        same_person = rows.person_id == windows.person_id
        joined = rows.join(windows, [same_person, rows[start] < windows.period_end], rname="{name}_grid")
        return self._seen(name, rows.columns, joined, joined[end].isnull() | (joined[end] > joined.period_start))

    def history(self, name: str, *, day: str = "known_from") -> ibis.Table:
        """Give all that had happened to the grid's persons before the ends of their periods.

        Returns
        -------
        ibis.Table
            The table's columns, ``period``, ``period_start`` and ``period_end``: one row per fact and period that ends
            after it.
        """
        return self._history(name, self.tables[name], day)

    def closed(self, name: str, *, day: str = "start") -> ibis.Table:
        """Give what `history` gives, as it was known when the day after each period had come: ends on its last day too.

        The end of an interval is the day after its last day, and known on that day. An interval whose last day is the
        period's ends in the period, yet this is known on the first day after it. What ended in a period is counted over
        these rows, with ends in (period's start, period's end]: dated by the last day, and settled a day after it.
        Nothing that became known later than that one day is seen. A measure over them says so by `Measure.lag_days`,
        and is missing where that day cannot be seen.

        Returns
        -------
        ibis.Table
            As from `history`.
        """
        return self._history(name, self.tables[name], day, CLOSING_DAYS)

    def events(self, events: Events) -> ibis.Table:
        """Give the events that had happened, and were known, before the ends of the grid's periods.

        Returns
        -------
        ibis.Table
            The events' own columns, ``period``, ``period_start``, ``period_end``.
        """
        rows = events.compute(self.tables)
        return self._history("", rows, "date")

    def at_schools(self, name: str, *, day: str = "date") -> ibis.Table:
        """Give what had happened at the schools that the grid's persons go to, before the ends of their periods.

        Returns
        -------
        ibis.Table
            ``person_id``, the table's columns, ``period``, ``period_start`` and ``period_end``: one row per person,
            period and fact of the person's school.
        """
        rows, windows = self.tables[name], self._windows()
        joined = rows.join(windows, [rows.school_id == windows.grid_school, rows[day] < windows.period_end])
        return self._seen(name, ("person_id", *rows.columns), joined)

    def standing(self, name: str) -> ibis.Table:
        """Give a table that is always known (``school_units``, ``buildings``), whole.

        Raises
        ------
        ValueError
            If facts of the table become known over time.
        """
        rows = self.tables[name]
        if not self.tables.always_known(name):
            raise ValueError(f"facts of {name} become known over time; ask facts, spells or history for them")
        self._given.add(rows.op())
        return rows

    def unseen_paths(self, expression: ibis.Table) -> tuple[str, ...]:
        """Return the names of tables that an expression reads past this noun; empty where there are none."""
        reached = expression.op().find(ops.PhysicalTable, filter=lambda node: node not in self._given)
        return tuple(sorted({leaf.name for leaf in reached if "known_from" in leaf.schema}))

    def lag_days(self, expression: ibis.Table) -> int:
        """Return how many days after their periods an expression rests on: 1 where it reads `closed`, else 0."""
        return CLOSING_DAYS if expression.op().find(lambda node: node in self._closed) else 0

    def _windows(self) -> ibis.Table:
        return self.grid.rename(period_start="start", period_end="end", grid_school="school_id")

    def _history(self, name: str, rows: ibis.Table, day: str, lag_days: int = 0) -> ibis.Table:
        windows = self._windows()
        same_person = rows.person_id == windows.person_id
        joined = rows.join(windows, [same_person, rows[day] < windows.period_end], rname="{name}_grid")
        return self._seen(name, rows.columns, joined, lag_days=lag_days)

    def _seen(
        self, name: str, columns: Sequence[str], joined: ibis.Table, *conditions: ibis.Value, lag_days: int = 0
    ) -> ibis.Table:
        known = joined.filter(joined.known_from < joined.period_end, *conditions)
        before = known.period_end
        if lag_days:
            before = (before + ibis.interval(days=lag_days)).cast("date")
        seen = known.select(*seen_columns(name, columns, known, before), *FACT_WINDOW)
        self._given.add(seen.op())
        if lag_days:
            self._closed.add(seen.op())
        return seen


def calendar_of(periods: Sequence[Period]) -> ibis.Table:
    """Return the days of periods that do not overlap, as `Known` takes them.

    Parameters
    ----------
    periods
        With labels, each label once.

    Returns
    -------
    ibis.Table
        ``day``, ``period`` (the label), ``start``, ``end``: one row a day.

    Raises
    ------
    ValueError
        If two periods share a day or a label.
    """
    days = [
        (period.start + number * DAY, period.label, period.start, period.end)
        for period in periods
        for number in range((period.end - period.start).days)
    ]
    if len({day for day, *_ in days}) < len(days) or len({period.label for period in periods}) < len(periods):
        raise ValueError("the periods of a panel share no day and no label")
    return ibis.memtable(pd.DataFrame(days, columns=list(CALENDAR)), schema=CALENDAR)

"""Arithmetic with days that means the same on every engine."""

from __future__ import annotations

import ibis

FIRST_MONTH = 7


def days_between(earlier: ibis.DateValue, later: ibis.DateValue) -> ibis.IntegerValue:
    """Return how many days the second date is after the first."""
    return later.delta(earlier, unit="day")


def school_year_number(day: ibis.DateValue) -> ibis.IntegerValue:
    """Return the calendar year in which the day's school year began, in July."""
    return day.year() - (day.month() < FIRST_MONTH).ifelse(1, 0)


def week_of(day: ibis.DateValue) -> ibis.DateValue:
    """Return the Monday of the day's week."""
    return day.truncate("W").cast("date")

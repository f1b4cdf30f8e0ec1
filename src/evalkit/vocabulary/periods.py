"""Periods of every kind that panels are made by: terms, weeks, months, calendar years, school years."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from evalkit.vocabulary.terms import school_year, school_year_of, term, terms_of

PeriodKind = Literal["term", "week", "month", "year", "school_year"]
WEEK = timedelta(days=7)


@dataclass(frozen=True, order=True)
class Stretch:
    """A named stretch of days ``[start, end)``, such as the ISO week ``2024-W05``."""

    start: date
    end: date
    label: str


def stretch(label: str) -> Stretch:
    """Return the stretch of days that a label names.

    Parameters
    ----------
    label
        ``HT2023`` or ``VT2024`` (term), ``2024-W05`` (ISO week, Monday first), ``2024-02`` (month), ``2024`` (calendar
        year), ``2023/24`` (school year).

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if match := re.fullmatch(r"(\d{4})-W(\d{2})", label):
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        return Stretch(monday, monday + WEEK, label)
    if match := re.fullmatch(r"(\d{4})-(\d{2})", label):
        first = date(int(match[1]), int(match[2]), 1)
        return Stretch(first, _next_month(first), label)
    if re.fullmatch(r"\d{4}", label):
        return Stretch(date(int(label), 1, 1), date(int(label) + 1, 1, 1), label)
    named = school_year(label) if "/" in label else term(label)
    return Stretch(named.start, named.end, label)


def stretches(kind: PeriodKind, first: date, end: date) -> tuple[Stretch, ...]:
    """Return the whole stretches of a kind that overlap ``[first, end)``, in order.

    Raises
    ------
    ValueError
        If the kind is none of those there are, or the end is not after the first day.
    """
    if end <= first:
        raise ValueError(f"{end} is not after {first}")
    found = [_around(kind, first)]
    while found[-1].end < end:
        found.append(_around(kind, found[-1].end))
    return tuple(found)


def _around(kind: PeriodKind, day: date) -> Stretch:
    if kind == "week":
        year, week, _ = day.isocalendar()
        return stretch(f"{year}-W{week:02d}")
    if kind == "month":
        return stretch(f"{day:%Y-%m}")
    if kind == "year":
        return stretch(str(day.year))
    own = school_year_of(day)
    if kind == "school_year":
        return stretch(own.label)
    if kind == "term":
        return next(stretch(each.label) for each in terms_of((own.label,)) if each.start <= day < each.end)
    raise ValueError(f"there are no periods of the kind {kind!r}")


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)

"""The periods of a study that a panel is made by, and their places in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from evalkit.errors import DesignError, InputError
from evalkit.values import Period, Tables
from evalkit.vocabulary import school_year_of
from evalkit.vocabulary.periods import PeriodKind, stretches

KINDS = ("term", "month", "week", "year", "school_year")


def study_periods(tables: Tables, kind: PeriodKind) -> dict[int, Period]:
    """Return the whole periods that overlap the study's terms, by their place in the study.

    Raises
    ------
    InputError
        If the tables carry no terms, or there are no periods of the kind.
    """
    if kind not in KINDS:
        raise InputError(f"there are no panels by {kind!r}", remedy=f"choose among {', '.join(KINDS)}")
    if not tables.terms:
        raise InputError("the tables carry no terms", remedy="open them with open_study, or give Tables its terms")
    if kind == "term":
        return dict(enumerate(tables.terms))
    found = stretches(kind, tables.terms[0].start, tables.terms[-1].end)
    return {time: Period(each.start, each.end, each.label) for time, each in enumerate(found)}


def ended_periods(
    periods: Mapping[int, Period], as_of: date | None, seen_until: date | None = None
) -> dict[int, Period]:
    """Return the periods that had ended by a day and began before the data end.

    Raises
    ------
    DesignError
        If none had: every measure would need facts from after the day.
    """
    ended = {time: period for time, period in periods.items() if as_of is None or period.end <= as_of}
    if seen_until is not None:
        ended = {time: period for time, period in ended.items() if period.start < seen_until}
    if not ended:
        raise DesignError(
            f"no period of the study had ended by {as_of}, so every measure would need facts from later",
            remedy="choose a later as_of for the cohort",
        )
    return ended


def unsettled(periods: Mapping[int, Period], as_of: date | None, lag_days: int) -> tuple[str, ...]:
    """Return the labels of the periods of which a measure that rests on days after them cannot be told by a day."""
    lag = timedelta(days=lag_days)
    return tuple(each.label for each in periods.values() if as_of is not None and each.end + lag > as_of)


def school_year_label(period: Period) -> str:
    """Return the school year of a period's first day."""
    return school_year_of(period.start).label


def by_school_year(periods: Mapping[int, Period]) -> dict[str, dict[int, Period]]:
    """Share out the periods, in order, over the school years of their first days."""
    years: dict[str, dict[int, Period]] = {}
    for time, period in periods.items():
        years.setdefault(school_year_label(period), {})[time] = period
    return years


def first_day(period: Period, kind: PeriodKind) -> date:
    """Return the day from which an enrolment reaches into the period.

    An enrolment that ends during the summer holidays does not reach into the autumn term, nor into the school year.
    """
    return (
        period.start.replace(month=8, day=15)
        if kind in ("term", "school_year") and period.start.month == 7
        else (period.start)
    )

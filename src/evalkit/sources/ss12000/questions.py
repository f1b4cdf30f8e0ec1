"""What a server is asked, endpoint by endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from evalkit.errors import InputError
from evalkit.sources.ss12000.access import ApiAccess
from evalkit.vocabulary import ss12000

Question = Mapping[str, str]
"""Filters of one question; its pages are reached by their tokens."""

SWEDEN = ZoneInfo("Europe/Stockholm")
DAYS_A_QUESTION = 28
"""Of calendar events. Servers are known that refuse a window of more than 30 days, so no calendar month."""

REFERRING_FIRST = (
    "attendances",
    "grades",
    "absences",
    "calendarEvents",
    "activities",
    "groups",
    "duties",
    "rooms",
    "syllabuses",
    "programmes",
    "persons",
    "organisations",
    "deletedEntities",
)
"""What refers is fetched before what it refers to: a record made meanwhile then has all it refers to."""


def in_order(endpoints: Iterable[str]) -> tuple[str, ...]:
    """Return endpoints in the order they are to be fetched, each once.

    Raises
    ------
    InputError
        If the standard has no such endpoint.
    """
    asked = tuple(dict.fromkeys(endpoints))
    known = {*ss12000.endpoints(), *REFERRING_FIRST}
    for endpoint in asked:
        if endpoint not in known:
            raise InputError(
                f"SS 12000 has no endpoint {endpoint}", remedy=f"there are {', '.join(sorted(known))}, spelt exactly so"
            )
    place = {endpoint: number for number, endpoint in enumerate(REFERRING_FIRST)}
    return tuple(sorted(asked, key=lambda endpoint: (place.get(endpoint, -1), endpoint)))


def questions_of(endpoint: str, api: ApiAccess) -> tuple[Question, ...]:
    """Return the questions that together give what is wanted of an endpoint.

    ``/calendarEvents`` demands a window. ``/absences`` takes one, so no more is fetched than is wanted.
    ``/attendances`` has no filter by the lesson's day, and a person's earlier enrolments and grades matter: all of
    these are fetched.
    """
    if endpoint == "calendarEvents":
        return tuple(
            {"startTime.onOrAfter": _begin(first), "startTime.onOrBefore": _end(last)}
            for first, last in _windows(api.first_day, api.last_day)
        )
    if endpoint == "absences":
        return ({"endTime.onOrAfter": _begin(api.first_day), "startTime.onOrBefore": _end(api.last_day)},)
    if endpoint == "aggregatedAttendance":
        return ({"startDate": api.first_day.isoformat(), "endDate": api.last_day.isoformat()},)
    return ({},)


def _windows(first: date, last: date) -> list[tuple[date, date]]:
    found = []
    while first <= last:
        until = min(last, first + timedelta(days=DAYS_A_QUESTION - 1))
        found.append((first, until))
        first = until + timedelta(days=1)
    return found


def _begin(day: date) -> str:
    return datetime.combine(day, time(), SWEDEN).isoformat()


def _end(day: date) -> str:
    return datetime.combine(day, time(23, 59, 59), SWEDEN).isoformat()

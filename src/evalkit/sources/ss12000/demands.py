"""What SS 12000 records must fulfil before they can be joined: references that lead somewhere, times, lengths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from evalkit.errors import InputError, Where
from evalkit.sources.engine import Workshop
from evalkit.sources.register import AT, FileRegister
from evalkit.sources.told import rows_phrase

_INSTANT = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$"


@dataclass(frozen=True)
class Demand:
    """One demand on the records of an endpoint.

    Parameters
    ----------
    column
        As the standard spells it.
    failing
        SQL over one record, true where the demand is not met.
    """

    endpoint: str
    column: str
    failing: str
    expected: str
    remedy: str


def demands(raw: Mapping[str, str], taught: tuple[str, ...]) -> list[Demand]:
    """Return the demands on the endpoints that were handed over.

    Parameters
    ----------
    raw
        Table of the workshop by endpoint.
    taught
        Activity types whose lessons are reported.
    """
    found = [_unique(endpoint) for endpoint in raw if endpoint not in ("attendances", "grades")]
    units = f"(SELECT id FROM {raw.get('organisations')} WHERE organisationType = 'Skolenhet' AND schoolUnitCode <> '')"
    if {"persons", "organisations"} <= raw.keys():
        lost = f"len(list_filter(enrolments, lambda e: e.enroledAt.id IS NULL OR e.enroledAt.id NOT IN {units})) > 0"
        lost = f"""EXISTS (SELECT 1 FROM (SELECT unnest(enrolments) AS e) AS spell
            WHERE spell.e.enroledAt.id IS NULL OR spell.e.enroledAt.id NOT IN {units})"""
        found.append(_reference("persons", "enrolments.enroledAt", lost, "organisations, a Skolenhet with its code"))
    if "attendances" in raw:
        types = ", ".join(f"'{name}'" for name in taught)
        wanted = f"coalesce(activityType, 'Undervisning') IN ({types})"
        found += [
            _refers("attendances", "student", raw["persons"], "persons"),
            _refers("attendances", "calendarEvent", raw["calendarEvents"], "calendarEvents"),
            _refers("calendarEvents", "activity", raw["activities"], "activities"),
            _reference(
                "activities",
                "organisation",
                f"{wanted} AND (organisation.id IS NULL OR organisation.id NOT IN {units})",
                "organisations, a Skolenhet with its code",
            ),
            *_lesson_demands(),
        ]
        if "syllabuses" in raw:
            lost = f"syllabus.id IS NOT NULL AND syllabus.id NOT IN (SELECT id FROM {raw['syllabuses']})"
            found.append(_reference("activities", "syllabus", lost, "syllabuses"))
    if "grades" in raw:
        found += [
            _refers("grades", "student", raw["persons"], "persons"),
            _refers("grades", "syllabus", raw["syllabuses"], "syllabuses"),
        ]
    return found


def check_demands(found: Iterable[Demand], raw: Mapping[str, str], shop: Workshop, register: FileRegister) -> list[InputError]:
    """Return a fault per demand that some record fails; one scan per endpoint."""
    faults = []
    ordered = sorted(found, key=lambda demand: demand.endpoint)
    for endpoint, group in groupby(ordered, key=lambda demand: demand.endpoint):
        asked = list(group)
        parts = ", ".join(f"count(*) FILTER ({d.failing}), min({AT}) FILTER ({d.failing})" for d in asked)
        answer = shop.run(f"SELECT {parts} FROM {raw[endpoint]}").fetchone()
        for place, demand in enumerate(asked):
            count, first = answer[2 * place], answer[2 * place + 1]
            if count:
                at = register.where(first)
                where = Where(file=at.file, row=at.row, column=demand.column)
                faults.append(
                    InputError(f"{rows_phrase(count)}: expected {demand.expected}", where=where, remedy=demand.remedy)
                )
    return faults


def _lesson_demands() -> list[Demand]:
    def event(column: str, failing: str, expected: str) -> Demand:
        return Demand("calendarEvents", column, failing, expected, "correct the record, and fetch the page again")

    def exception(column: str, failing: str, expected: str) -> Demand:
        any_of = f"EXISTS (SELECT 1 FROM (SELECT unnest(studentExceptions) AS x) AS one WHERE {failing})"
        return event(f"studentExceptions.{column}", any_of, expected)

    time, truth, length = "a time such as 2023-09-01T08:30:00+02:00", "true or false", "a whole number of minutes"
    return [
        event("startTime", _no_instant("startTime"), time),
        event("endTime", _no_instant("endTime"), time),
        event(
            "endTime",
            "try_cast(endTime AS TIMESTAMPTZ) < try_cast(startTime AS TIMESTAMPTZ)",
            "endTime not to be earlier than startTime",
        ),
        event("cancelled", "cancelled NOT IN ('true', 'false')", truth),
        event("teachingLengthStudent", _no_length("teachingLengthStudent"), length),
        exception("student", "one.x.student.id IS NULL", "a reference to a person"),
        exception("participates", "coalesce(one.x.participates, '') NOT IN ('true', 'false')", truth),
        exception("teachingLength", _no_length("one.x.teachingLength"), length),
        exception("startTime", f"one.x.startTime IS NOT NULL AND {_no_instant('one.x.startTime')}", time),
        exception("endTime", f"one.x.endTime IS NOT NULL AND {_no_instant('one.x.endTime')}", time),
    ]


def _no_instant(column: str) -> str:
    readable = f"regexp_matches({column}, '{_INSTANT}') AND try_cast({column} AS TIMESTAMPTZ) IS NOT NULL"
    return f"NOT coalesce({readable}, false)"


def _no_length(column: str) -> str:
    return f"{column} IS NOT NULL AND NOT regexp_matches({column}, '^\\d{{1,4}}(\\.0+)?$')"


def _refers(endpoint: str, column: str, other: str, name: str) -> Demand:
    lost = f"{column}.id IS NULL OR {column}.id NOT IN (SELECT id FROM {other} WHERE id IS NOT NULL)"
    return _reference(endpoint, column, lost, name)


def _reference(endpoint: str, column: str, lost: str, other: str) -> Demand:
    return Demand(
        endpoint, column, lost, f"a reference to a record of {other}", f"fetch all pages of {other.split(',')[0]}"
    )


def _unique(endpoint: str) -> Demand:
    return Demand(
        endpoint,
        "id",
        f"id IS NULL OR {AT} <> (first_of_id)",
        "an id that no other record has",
        "take the record away that is out of date",
    )

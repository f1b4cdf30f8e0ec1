"""What SS 12000 records must fulfil before they can be joined: references that lead somewhere, times, lengths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from evalkit.errors import InputError, Where
from evalkit.sources.engine import Workshop
from evalkit.sources.register import AT, FileRegister
from evalkit.sources.ss12000.shapes import KEYED, SHAPES
from evalkit.sources.told import rows_phrase
from evalkit.vocabulary import ss12000

_INSTANT = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$"
_TIME = "a time such as 2023-09-01T08:30:00+02:00"
_TRUTH = "true or false"
_MINUTES = "a whole number of minutes"
_EARLIER = "try_cast(endTime AS TIMESTAMPTZ) < try_cast(startTime AS TIMESTAMPTZ)"
_MEND = "correct the record, and fetch the page again"


@dataclass(frozen=True)
class Demand:
    """One demand on records.

    Parameters
    ----------
    table
        Endpoint, or ``spells`` (enrolments of persons), ``exceptions`` (of calendar events) or ``memberships``.
    column
        As the standard spells it.
    failing
        SQL over one record, true where the demand is not met.
    """

    table: str
    column: str
    failing: str
    expected: str
    remedy: str = _MEND


def taught(column: str = "activityType") -> str:
    """Return SQL that is true for an activity whose lessons are reported; one without a type counts as teaching."""
    types = ", ".join(f"'{name}'" for name in ss12000.reported_activity_types())
    return f"({column} IS NULL OR {column} IN ({types}))"


def demands(raw: Mapping[str, str], *, some_days: bool) -> list[Demand]:
    """Return the demands on what was handed over.

    Parameters
    ----------
    raw
        Table of the workshop by endpoint, and what stood inside their records.
    some_days
        Whether only the calendar events of some days are there, so that an attendance need not find its own.
    """
    units = f"SELECT id FROM {raw.get('organisations')} WHERE organisationType = 'Skolenhet' AND schoolUnitCode <> ''"
    unit = "organisations, a Skolenhet with its schoolUnitCode"
    found: list[Demand] = []
    if {"spells", "organisations"} <= raw.keys():
        found.append(_refers("spells", "enrolments.enroledAt", "enroledAt", units, unit))
    if "attendances" in raw:
        found += [
            _refers("attendances", "student", "student", f"SELECT id FROM {raw['persons']}", "persons"),
            _attended(raw, some_days=some_days),
            _refers("calendarEvents", "activity", "activity", f"SELECT id FROM {raw['activities']}", "activities"),
            _refers("activities", "organisation", "organisation", units, unit, where=taught()),
            *_lesson_demands(),
        ]
        if "syllabuses" in raw:
            known = f"SELECT id FROM {raw['syllabuses']}"
            given = "syllabus.id IS NOT NULL"
            found.append(_refers("activities", "syllabus", "syllabus", known, "syllabuses", where=given))
        if "memberships" in raw:
            found += [
                Demand("memberships", f"groupMemberships.{name}", _no_day(name), "a date")
                for name in ("since", "until")
            ]
        found += [Demand("teachers", f"teachers.{name}", _no_day(name), "a date") for name in ("startDate", "endDate")]
        found.append(Demand("stand_ins", "teacherExceptions.participates", _no_truth("participates"), _TRUTH))
    if "absences" in raw:
        found += [
            _refers("absences", "student", "student", f"SELECT id FROM {raw['persons']}", "persons"),
            Demand("absences", "startTime", _no_instant("startTime"), _TIME),
            Demand("absences", "endTime", _no_instant("endTime"), _TIME),
            Demand("absences", "endTime", _EARLIER, "endTime not to be earlier than startTime"),
        ]
    if "grades" in raw:
        found += [
            _refers("grades", "student", "student", f"SELECT id FROM {raw['persons']}", "persons"),
            _refers("grades", "syllabus", "syllabus", f"SELECT id FROM {raw['syllabuses']}", "syllabuses"),
        ]
    return found


def check_demands(
    found: Iterable[Demand], raw: Mapping[str, str], shop: Workshop, register: FileRegister
) -> list[InputError]:
    """Return a fault per demand that some record fails; one scan per table."""
    faults = []
    for table, group in groupby(sorted(found, key=lambda demand: demand.table), key=lambda demand: demand.table):
        asked = list(group)
        marks = ", ".join(f"coalesce({demand.failing}, false) AS f{place}" for place, demand in enumerate(asked))
        parts = ", ".join(f"count(*) FILTER (f{place}), min({AT}) FILTER (f{place})" for place in range(len(asked)))
        answer = shop.run(f"SELECT {parts} FROM (SELECT {AT}, {marks} FROM {raw[table]})").fetchone()
        for place, demand in enumerate(asked):
            faults += _fault(demand, answer[2 * place], answer[2 * place + 1], register)
    return faults


def check_ids(raw: Mapping[str, str], shop: Workshop, register: FileRegister) -> list[InputError]:
    """Return a fault per endpoint in which two records have the same id."""
    faults = []
    for endpoint, table in raw.items():
        if endpoint not in SHAPES or endpoint in ("attendances", "grades", *KEYED):
            continue
        twice = f"SELECT max({AT}) AS last FROM {table} GROUP BY id HAVING count(*) > 1 OR id IS NULL"
        count, first = shop.run(f"SELECT count(*), min(last) FROM ({twice})").fetchone()
        demand = Demand(endpoint, "id", "", "an id that no other record has", "keep the newest of the records only")
        faults += _fault(demand, count, first, register)
    return faults


def _fault(demand: Demand, count: int, first: int, register: FileRegister) -> list[InputError]:
    if not count:
        return []
    at = register.where(first)
    where = Where(file=at.file, row=at.row, column=demand.column)
    return [InputError(f"{rows_phrase(count)}: expected {demand.expected}", where=where, remedy=demand.remedy)]


def _lesson_demands() -> list[Demand]:
    return [
        Demand("calendarEvents", "startTime", _no_instant("startTime"), _TIME),
        Demand("calendarEvents", "endTime", _no_instant("endTime"), _TIME),
        Demand("calendarEvents", "endTime", _EARLIER, "endTime not to be earlier than startTime"),
        Demand("calendarEvents", "cancelled", "cancelled NOT IN ('true', 'false')", _TRUTH),
        Demand("calendarEvents", "teachingLengthStudent", _no_length("teachingLengthStudent"), _MINUTES),
        Demand("exceptions", "studentExceptions.student", "student.id IS NULL", "a reference to a person"),
        Demand("exceptions", "studentExceptions.participates", _no_truth("participates"), _TRUTH),
        Demand("exceptions", "studentExceptions.teachingLength", _no_length("teachingLength"), _MINUTES),
        Demand("exceptions", "studentExceptions.startTime", f"startTime <> '' AND {_no_instant('startTime')}", _TIME),
        Demand("exceptions", "studentExceptions.endTime", f"endTime <> '' AND {_no_instant('endTime')}", _TIME),
    ]


def _attended(raw: Mapping[str, str], *, some_days: bool) -> Demand:
    events = f"SELECT id FROM {raw['calendarEvents']}"
    demand = _refers("attendances", "calendarEvent", "calendarEvent", events, "calendarEvents")
    return replace(demand, failing="calendarEvent.id IS NULL") if some_days else demand


def _no_truth(column: str) -> str:
    return f"coalesce({column}, '') NOT IN ('true', 'false')"


def _no_instant(column: str) -> str:
    readable = f"regexp_matches({column}, '{_INSTANT}') AND try_cast({column} AS TIMESTAMPTZ) IS NOT NULL"
    return f"NOT coalesce({readable}, false)"


def _no_day(column: str) -> str:
    return f"{column} IS NOT NULL AND try_cast({column} AS DATE) IS NULL"


def _no_length(column: str) -> str:
    return f"NOT regexp_matches({column}, '^\\d{{1,4}}(\\.0+)?$')"


def _refers(table: str, column: str, field: str, known: str, name: str, *, where: str = "true") -> Demand:
    lost = f"({where}) AND ({field}.id IS NULL OR {field}.id NOT IN (SELECT id FROM ({known}) WHERE id IS NOT NULL))"
    return Demand(
        table, column, lost, f"a reference to a record of {name}", f"fetch all pages of {name.partition(',')[0]}"
    )

"""Write activities, calendar events and attendances, a school year at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from evalkit.sources.simulation.arrays import Integers
from evalkit.sources.simulation.pages import PageWriter
from evalkit.sources.simulation.presence import SHORTENED_BY, Lessons
from evalkit.sources.simulation.site_draw import LessonYear, SiteDraw
from evalkit.sources.simulation.ss12000_records import (
    ACTIVITY,
    ATTENDANCE,
    EVENT,
    GROUP,
    ORGANISATION,
    PERSON,
    STAFF,
    SYLLABUS,
    Ids,
    meta,
)
from evalkit.sources.simulation.text import clock_times, day_offsets, joined, numbered, picked, record_ids
from evalkit.sources.simulation.timetable import ACTIVITY_TYPES

MINUTE_BASE = 128
COMMENTS = ("", ',"comment":"Fjärrundervisning"', ',"comment":"APL"')
RECORDS_AT_A_TIME = 400_000


class LessonPages:
    """Writes the three endpoints of lessons; identifiers go on from year to year."""

    def __init__(self, draw: SiteDraw, ids: Ids, folder: Path, page_size: int, subjects: tuple[str, ...]) -> None:
        self._draw = draw
        self._ids = ids
        self._subjects = subjects
        self._teachers: dict[str, int] = {}
        self._activities = PageWriter(folder, "activities", page_size)
        self._events = PageWriter(folder, "calendarEvents", page_size)
        self._attendances = PageWriter(folder, "attendances", page_size)
        self._persons = pa.array(ids.many(PERSON, len(draw.people.civic)))

    def add(self, year: LessonYear) -> None:
        """Write one school year."""
        first_activity, first_event = self._activities.count, self._events.count
        self._activities.add_objects(self._activity_records(year, first_activity))
        timing = EventText(year, self._ids, first_event)
        self._events.add(timing.records(first_activity, self._exceptions(year)))
        lessons = year.lessons
        person = year.expectations.stays["person"].to_numpy()[lessons.stay]
        for start in range(0, len(person), RECORDS_AT_A_TIME):
            part = slice(start, start + RECORDS_AT_A_TIME)
            self._attendances.add(
                joined(
                    '{"id":"',
                    record_ids(self._ids.municipality, ATTENDANCE, self._attendances.count, len(person[part])),
                    picked(timing.attendance_middle, lessons.event[part]),
                    picked(self._persons, person[part]),
                    _outcomes(lessons, part),
                )
            )

    def close(self) -> int:
        """Finish the pages; return the number of attendance records."""
        for writer in (self._activities, self._events, self._attendances):
            writer.close()
        return self._attendances.count

    def _activity_records(self, year: LessonYear, first: int) -> list[dict[str, Any]]:
        classes, days = self._draw.population.classes, year.timetable.days
        records = []
        table = year.timetable.activities
        columns = (table[name].tolist() for name in ("room", "subject", "kind", "title", "teacher"))
        for number, (room, subject, kind, title, teacher) in enumerate(zip(*columns, strict=True)):
            record = {
                "id": self._ids.one(ACTIVITY, first + number),
                "meta": meta(days[0]),
                "displayName": f"{title} {classes[room].intake}{classes[room].letter}",
                "calendarEventsRequired": True,
                "startDate": days[0].isoformat(),
                "endDate": days[-1].isoformat(),
                "activityType": ACTIVITY_TYPES[kind],
                "groups": [self._ids.reference(GROUP, room)],
                "teachers": [{"duty": self._ids.reference(STAFF, self._staff(teacher))}],
                "organisation": self._ids.reference(ORGANISATION, classes[room].school + 1),
            }
            if subject:
                record["syllabus"] = self._ids.reference(SYLLABUS, self._subjects.index(subject))
            records.append(record)
        return records

    def _staff(self, teacher: str) -> int:
        """Return a teacher's number, which stays the same from year to year; 0 is the office."""
        return self._teachers.setdefault(teacher, len(self._teachers) + 1)

    def _exceptions(self, year: LessonYear) -> dict[int, list[tuple[str, bool]]]:
        """Return, by activity, the persons who are excepted and whether they take part (for a shorter time)."""
        person = year.expectations.stays["person"].to_numpy()
        found: dict[int, list[tuple[str, bool]]] = {}
        for stay, activity, participates in zip(
            year.exceptions.stay, year.exceptions.activity, year.exceptions.participates, strict=True
        ):
            found.setdefault(int(activity), []).append((self._ids.one(PERSON, int(person[stay])), bool(participates)))
        return found


class EventText:
    """The texts of one school year's events."""

    def __init__(self, year: LessonYear, ids: Ids, first: int) -> None:
        events, days = year.timetable.events, year.timetable.days
        day = events["day"].to_numpy()
        start, minutes = events["start"].to_numpy(), events["minutes"].to_numpy()
        day_text = picked([each.isoformat() + "T" for each in days], day)
        offset = picked(day_offsets(days), day)
        clock = clock_times()
        self._events = events
        self._ids = ids
        self._id = record_ids(ids.municipality, EVENT, first, len(events))
        self._start = joined(day_text, picked(clock, start), offset)
        self._end = joined(day_text, picked(clock, start + minutes), offset)
        self._meta = joined('","meta":{"created":"', self._end, '","modified":"', self._end, '"},')
        self.attendance_middle = joined(self._meta, '"calendarEvent":{"id":"', self._id, '"},"student":{"id":"')

    def records(self, first_activity: int, exceptions: dict[int, list[tuple[str, bool]]]) -> pa.Array:
        """Return the events as records."""
        events = self._events
        activity = events["activity"].to_numpy()
        activities = self._ids.many(ACTIVITY, first_activity + int(activity.max()) + 1)[first_activity:]
        return joined(
            '{"id":"',
            self._id,
            self._meta,
            '"activity":{"id":"',
            picked(activities, activity),
            '"},"startTime":"',
            self._start,
            '","endTime":"',
            self._end,
            '","cancelled":',
            picked(["false", "true"], events["cancelled"].to_numpy().astype(np.int8)),
            ',"teachingLengthStudent":',
            numbered(events["minutes"].to_numpy()),
            picked(COMMENTS, np.where(events["placement"], 2, events["remote"]).astype(np.int8)),
            self._exception_text(activity, exceptions),
            "},",
        )

    def _exception_text(self, activity: Integers, exceptions: dict[int, list[tuple[str, bool]]]) -> pa.Array:
        minutes = self._events["minutes"].to_numpy()
        texts = [""]
        place = np.zeros(len(activity), dtype=np.int32)
        for number in np.flatnonzero(np.isin(activity, list(exceptions))):
            shorter = int(minutes[number]) - SHORTENED_BY
            entries = [_exception(*entry, shorter) for entry in exceptions[int(activity[number])]]
            place[number] = len(texts)
            texts.append(f',"studentExceptions":[{",".join(entries)}]')
        return picked(texts, place)


def _exception(person: str, participates: bool, shorter: int) -> str:
    student = f'{{"student":{{"id":"{person}"}},"participates":'
    return f'{student}true,"teachingLength":{shorter}}}' if participates else f"{student}false}}"


def _outcomes(lessons: Lessons, part: slice) -> pa.Array:
    """Return the ends of attendance records: few distinct texts, picked row by row."""
    columns = (lessons.attended, lessons.valid, lessons.invalid, lessons.other)
    code = np.zeros(len(lessons.event[part]), dtype=np.int64)
    for column in columns:
        code = code * MINUTE_BASE + column[part]
    code = np.where(lessons.reported[part], code, -1)
    distinct, place = np.unique(code, return_inverse=True)
    return picked([_outcome(int(value)) for value in distinct], place)


def _outcome(code: int) -> str:
    if code < 0:
        return '"},"isReported":false},'
    minutes = []
    for _ in range(4):
        code, rest = divmod(code, MINUTE_BASE)
        minutes.append(rest)
    other, invalid, valid, attended = minutes
    extra = f',"otherAttendanceMinutes":{other}' if other else ""
    return (
        f'"}},"isReported":true,"attendanceMinutes":{attended},"validAbsenceMinutes":{valid},'
        f'"invalidAbsenceMinutes":{invalid}{extra}}},'
    )

"""What is read of each SS 12000 endpoint.

Names of persons and their streets are never among it. What an absence is said to be for, and what rooms and activities
are called, is read only to be matched with codes of the site file; none of it is stored.

``/aggregatedAttendance`` is no stand-in for ``/attendances``: it tells sums of a period chosen by whoever asks, so it
has no lessons, no days and no weeks, and a pupil's spells of absence cannot be found in it; mixing the two would make
schools differ that do not. ``/studyplans`` tells what is planned, without school, id or outcome of each course, so it
gives no course enrolments. ``/attendanceEvents`` and ``/attendanceSchedule`` are of preschool and after-school care.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evalkit.vocabulary import ss12000

_REFERENCE = '{"id": "VARCHAR"}'
_NAMED = '{"id": "VARCHAR", "displayName": "VARCHAR"}'

SHAPES: Mapping[str, str] = {
    "organisations": """{"id": "VARCHAR", "displayName": "VARCHAR", "organisationType": "VARCHAR",
        "schoolUnitCode": "VARCHAR", "schoolTypes": ["VARCHAR"], "municipalityCode": "VARCHAR"}""",
    "persons": f"""{{"id": "VARCHAR", "civicNo": {{"value": "VARCHAR"}}, "birthDate": "VARCHAR", "sex": "VARCHAR",
        "securityMarking": "VARCHAR", "addresses": [{{"type": "VARCHAR", "municipalityCode": "VARCHAR"}}],
        "enrolments": [{{"enroledAt": {_REFERENCE}, "schoolYear": "VARCHAR",
        "schoolType": "VARCHAR", "startDate": "VARCHAR", "endDate": "VARCHAR", "cancelled": "VARCHAR",
        "educationCode": "VARCHAR", "programme": {_REFERENCE}}}]}}""",
    "programmes": '{"id": "VARCHAR", "name": "VARCHAR", "type": "VARCHAR", "code": "VARCHAR"}',
    "groups": f"""{{"id": "VARCHAR", "groupType": "VARCHAR", "startDate": "VARCHAR", "endDate": "VARCHAR",
        "groupMemberships": [{{"person": {_REFERENCE}, "startDate": "VARCHAR", "endDate": "VARCHAR"}}]}}""",
    "syllabuses": """{"id": "VARCHAR", "subjectCode": "VARCHAR", "subjectName": "VARCHAR",
        "subjectDesignation": "VARCHAR", "courseCode": "VARCHAR", "points": "VARCHAR",
        "curriculum": "VARCHAR"}""",
    "activities": f"""{{"id": "VARCHAR", "displayName": "VARCHAR", "activityType": "VARCHAR", "groups": [{_REFERENCE}],
        "teachers": [{{"duty": {_REFERENCE}, "startDate": "VARCHAR", "endDate": "VARCHAR", "grader": "VARCHAR"}}],
        "syllabus": {_REFERENCE}, "organisation": {_REFERENCE}}}""",
    "duties": f'{{"id": "VARCHAR", "person": {_REFERENCE}}}',
    "rooms": _NAMED,
    "calendarEvents": f"""{{"id": "VARCHAR", "activity": {_REFERENCE}, "startTime": "VARCHAR", "endTime": "VARCHAR",
        "cancelled": "VARCHAR", "teachingLengthStudent": "VARCHAR", "studentExceptions": [{{"student": {_REFERENCE},
        "participates": "VARCHAR", "startTime": "VARCHAR", "endTime": "VARCHAR", "teachingLength": "VARCHAR"}}],
        "teacherExceptions": [{{"duty": {_REFERENCE}, "participates": "VARCHAR"}}], "rooms": [{_NAMED}]}}""",
    "attendances": f"""{{"id": "VARCHAR", "calendarEvent": {_REFERENCE}, "student": {_REFERENCE},
        "isReported": "VARCHAR", "attendanceMinutes": "VARCHAR", "validAbsenceMinutes": "VARCHAR",
        "invalidAbsenceMinutes": "VARCHAR", "otherAttendanceMinutes": "VARCHAR", "absenceReason": "VARCHAR"}}""",
    "absences": f"""{{"id": "VARCHAR", "meta": {{"created": "VARCHAR"}}, "startTime": "VARCHAR", "endTime": "VARCHAR",
        "type": "VARCHAR", "student": {_REFERENCE}, "organisation": {_REFERENCE}}}""",
    "grades": f"""{{"id": "VARCHAR", "student": {_REFERENCE}, "organisation": {_REFERENCE}, "registeredDate": "VARCHAR",
        "gradeValue": "VARCHAR", "finalGrade": "VARCHAR", "semester": "VARCHAR", "year": "VARCHAR",
        "trial": "VARCHAR", "syllabus": {_REFERENCE}}}""",
    "deletedEntities": "{" + ", ".join(f'"{name}": ["VARCHAR"]' for name in ss12000.deleted_lists()) + "}",
}
"""JSON structure of one record, by endpoint; every scalar is read as text, so an integer may be written either way."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "persons": ("persons",),
    "school_units": ("organisations",),
    "enrolments": ("persons", "organisations"),
    "attendance": ("persons", "organisations", "activities", "calendarEvents", "attendances"),
    "absences": ("persons", "absences"),
    "grades": ("persons", "syllabuses", "grades"),
}
"""Endpoints that a canonical table cannot do without."""

WELCOME: Mapping[str, tuple[str, ...]] = {
    "persons": ("deletedEntities",),
    "school_units": ("deletedEntities",),
    "enrolments": ("programmes", "deletedEntities"),
    "attendance": ("groups", "syllabuses", "duties", "rooms", "deletedEntities"),
    "absences": ("organisations", "deletedEntities"),
    "grades": ("organisations", "deletedEntities"),
}
"""Endpoints that add to a canonical table where they are handed over."""

HEADINGS: Mapping[str, Mapping[str, str]] = {
    "persons": {
        "persons.person_id": "civicNo.value",
        "persons.sex": "sex",
        "persons.birth_date": "birthDate",
        "persons.security_marking": "securityMarking",
        "persons.home_municipality": "addresses.municipalityCode",
        "enrolments.person_id": "civicNo.value",
        "enrolments.school_id": "enrolments.enroledAt",
        "enrolments.school_type": "enrolments.schoolType",
        "enrolments.year_group": "enrolments.schoolYear",
        "enrolments.start": "enrolments.startDate",
        "enrolments.end": "enrolments.endDate",
        "enrolments.cancelled": "enrolments.cancelled",
        "enrolments.programme": "enrolments.educationCode",
        "enrolments.programme_type": "enrolments.programme",
    },
    "organisations": {
        "school_units.school_id": "schoolUnitCode",
        "school_units.name": "displayName",
        "school_units.municipality": "municipalityCode",
        "school_units.school_types": "schoolTypes",
    },
    "attendances": {
        "attendance.person_id": "student",
        "attendance.lesson_id": "calendarEvent",
        "attendance.school_id": "calendarEvent.activity.organisation",
        "attendance.class_id": "calendarEvent.activity.groups",
        "attendance.subject": "calendarEvent.activity.syllabus",
        "attendance.date": "calendarEvent.startTime",
        "attendance.start_minute": "calendarEvent.startTime",
        "attendance.minutes_offered": "calendarEvent.teachingLengthStudent",
        "attendance.minutes_attended": "attendanceMinutes",
        "attendance.minutes_valid_absence": "validAbsenceMinutes",
        "attendance.minutes_invalid_absence": "invalidAbsenceMinutes",
        "attendance.minutes_other": "otherAttendanceMinutes",
        "attendance.reported": "isReported",
        "attendance.teacher_id": "calendarEvent.activity.teachers",
        "attendance.mode": "calendarEvent.rooms",
        "attendance.reason": "absenceReason",
    },
    "calendarEvents": {
        "attendance.person_id": "activity.groups.groupMemberships",
        "attendance.lesson_id": "id",
        "attendance.school_id": "activity.organisation",
        "attendance.date": "startTime",
        "attendance.start_minute": "startTime",
        "attendance.minutes_offered": "teachingLengthStudent",
    },
    "absences": {
        "absences.person_id": "student",
        "absences.absence_id": "id",
        "absences.school_id": "organisation",
        "absences.kind": "type",
        "absences.registered": "meta.created",
        "absences.start": "startTime",
        "absences.start_minute": "startTime",
        "absences.end": "endTime",
        "absences.end_minute": "endTime",
    },
    "grades": {
        "grades.person_id": "student",
        "grades.school_id": "organisation",
        "grades.subject": "syllabus",
        "grades.grade": "gradeValue",
        "grades.term": "semester",
        "grades.registered": "registeredDate",
        "grades.final": "finalGrade",
        "grades.curriculum": "syllabus.curriculum",
        "grades.course": "syllabus.courseCode",
        "grades.points": "syllabus.points",
        "grades.trial": "trial",
    },
}
"""What a record calls a canonical column, by endpoint."""

CODES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "persons": {
        "sex": {"Kvinna": "woman", "Man": "man", "Okänt": "unknown"},
        "security_marking": {
            "Ingen": "none",
            "Sekretessmarkering": "confidential",
            "Skyddad folkbokföring": "protected",
        },
    },
    "enrolments": {
        "programme_type": {
            "Yrkesprogram": "vocational",
            "Högskoleförberedande program": "higher_education_preparatory",
            "Intruduktionsprogram": "introductory",
            "Introduktionsprogram": "introductory",
        },
    },
    "absences": {"kind": {"Beviljad ledighet": "granted_leave", "Anmäld frånvaro": "reported"}},
    "grades": {"grade": {"–": "-"}},
}
"""Canonical code by the standard's value; the standard misspells one of two spellings of the introductory programme."""

KEYED = ("deletedEntities",)
"""Endpoints whose ``data`` is an object of lists of ids, and not a list of records."""

FETCHED = ".fetched.json"
"""What a folder of pages that came from a server holds beside them: what was asked for and when."""


def endpoints_of(tables: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the endpoints that canonical tables cannot do without, and those that add to them.

    Tables that SS 12000 does not hold have none.
    """
    asked = [table for table in tables if table in NEEDED]
    needed = dict.fromkeys(endpoint for table in asked for endpoint in NEEDED[table])
    welcome = dict.fromkeys(endpoint for table in asked for endpoint in WELCOME[table])
    return tuple(needed), tuple(endpoint for endpoint in welcome if endpoint not in needed)

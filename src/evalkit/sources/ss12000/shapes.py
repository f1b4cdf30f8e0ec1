"""What is read of each SS 12000 endpoint; names, addresses and free text are never among it."""

from __future__ import annotations

from collections.abc import Mapping

_REFERENCE = '{"id": "VARCHAR"}'

SHAPES: Mapping[str, str] = {
    "organisations": """{"id": "VARCHAR", "displayName": "VARCHAR", "organisationType": "VARCHAR",
        "schoolUnitCode": "VARCHAR", "schoolTypes": ["VARCHAR"], "municipalityCode": "VARCHAR"}""",
    "persons": f"""{{"id": "VARCHAR", "civicNo": {{"value": "VARCHAR"}}, "birthDate": "VARCHAR", "sex": "VARCHAR",
        "securityMarking": "VARCHAR", "enrolments": [{{"enroledAt": {_REFERENCE}, "schoolYear": "VARCHAR",
        "schoolType": "VARCHAR", "startDate": "VARCHAR", "endDate": "VARCHAR", "cancelled": "VARCHAR",
        "educationCode": "VARCHAR", "programme": {_REFERENCE}}}]}}""",
    "programmes": '{"id": "VARCHAR", "name": "VARCHAR", "type": "VARCHAR", "code": "VARCHAR"}',
    "groups": f"""{{"id": "VARCHAR", "groupType": "VARCHAR", "startDate": "VARCHAR", "endDate": "VARCHAR",
        "groupMemberships": [{{"person": {_REFERENCE}, "startDate": "VARCHAR", "endDate": "VARCHAR"}}]}}""",
    "syllabuses": """{"id": "VARCHAR", "subjectCode": "VARCHAR", "subjectName": "VARCHAR",
        "subjectDesignation": "VARCHAR", "courseCode": "VARCHAR", "curriculum": "VARCHAR"}""",
    "activities": f"""{{"id": "VARCHAR", "activityType": "VARCHAR", "groups": [{_REFERENCE}], "syllabus": {_REFERENCE},
        "organisation": {_REFERENCE}}}""",
    "calendarEvents": f"""{{"id": "VARCHAR", "activity": {_REFERENCE}, "startTime": "VARCHAR", "endTime": "VARCHAR",
        "cancelled": "VARCHAR", "teachingLengthStudent": "VARCHAR", "studentExceptions": [{{"student": {_REFERENCE},
        "participates": "VARCHAR", "startTime": "VARCHAR", "endTime": "VARCHAR", "teachingLength": "VARCHAR"}}]}}""",
    "attendances": f"""{{"calendarEvent": {_REFERENCE}, "student": {_REFERENCE}, "isReported": "VARCHAR",
        "attendanceMinutes": "VARCHAR", "validAbsenceMinutes": "VARCHAR", "invalidAbsenceMinutes": "VARCHAR",
        "otherAttendanceMinutes": "VARCHAR"}}""",
    "grades": f"""{{"student": {_REFERENCE}, "organisation": {_REFERENCE}, "registeredDate": "VARCHAR",
        "gradeValue": "VARCHAR", "finalGrade": "VARCHAR", "semester": "VARCHAR", "year": "VARCHAR",
        "syllabus": {_REFERENCE}}}""",
}
"""JSON structure of one record, by endpoint; every scalar is read as text."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "persons": ("persons",),
    "school_units": ("organisations",),
    "enrolments": ("persons", "organisations"),
    "attendance": ("persons", "organisations", "activities", "calendarEvents", "attendances"),
    "grades": ("persons", "syllabuses", "grades"),
}
"""Endpoints that a canonical table cannot do without."""

WELCOME: Mapping[str, tuple[str, ...]] = {
    "enrolments": ("programmes",),
    "attendance": ("groups", "syllabuses"),
    "grades": ("organisations",),
}
"""Endpoints that add to a canonical table where they are handed over."""

HEADINGS: Mapping[str, Mapping[str, str]] = {
    "persons": {
        "persons.person_id": "civicNo.value",
        "persons.sex": "sex",
        "persons.birth_date": "birthDate",
        "persons.security_marking": "securityMarking",
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
    },
    "calendarEvents": {
        "attendance.person_id": "activity.groups.groupMemberships",
        "attendance.lesson_id": "id",
        "attendance.school_id": "activity.organisation",
        "attendance.date": "startTime",
        "attendance.start_minute": "startTime",
        "attendance.minutes_offered": "teachingLengthStudent",
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
    "grades": {"grade": {"–": "-"}},
}
"""Canonical code by the standard's value; the standard misspells one of two spellings of the introductory programme."""

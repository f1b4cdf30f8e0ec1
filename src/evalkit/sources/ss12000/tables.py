"""Canonical tables out of SS 12000 records, but for attendance: what each row says, in SQL over the workshop."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.sources.register import AT

REGISTERED = "Folkbokföring"


def person_rows(raw: Mapping[str, str], prefix: str) -> str:
    """Return SQL for everyone with an enrolment; home is the municipality of the first registered address.

    The standard makes its code an integer, so 0180 arrives as 180. An address without a type is the registered one.
    """
    home = f"""list_filter(p.addresses, lambda a: coalesce(a.type, '{REGISTERED}') = '{REGISTERED}'
        AND a.municipalityCode <> '')[1].municipalityCode"""
    return f"""
        SELECT p.{AT}, w.written AS person_id, p.sex, p.birthDate AS birth_date, p.securityMarking AS security_marking,
               {home} AS home_municipality
        FROM {raw["persons"]} AS p JOIN {prefix}written AS w USING (id)
    """


def school_unit_rows(raw: Mapping[str, str], prefix: str) -> str:
    """Return SQL for the organisations that are school units."""
    return f"""
        SELECT {AT}, schoolUnitCode AS school_id, displayName AS name, municipalityCode AS municipality,
               array_to_string(schoolTypes, ' ') AS school_types
        FROM {raw["organisations"]} WHERE organisationType = 'Skolenhet'
    """


def enrolment_rows(raw: Mapping[str, str], prefix: str) -> str:
    """Return SQL for the enrolments inside persons."""
    programme, kind, programmes = "e.educationCode", "NULL::VARCHAR", ""
    if "programmes" in raw:
        programme, kind = "coalesce(e.educationCode, g.code, g.name)", "g.type"
        programmes = f"LEFT JOIN {raw['programmes']} AS g ON g.id = e.programme.id"
    return f"""
        SELECT e.{AT}, w.person_id, o.schoolUnitCode AS school_id, e.schoolType AS school_type,
               e.schoolYear AS year_group, e.startDate AS start, e.endDate AS "end", e.cancelled,
               {programme} AS programme, {kind} AS programme_type
        FROM {raw["spells"]} AS e JOIN {prefix}people AS w USING (id)
        LEFT JOIN {raw["organisations"]} AS o ON o.id = e.enroledAt.id {programmes}
    """


def grade_rows(raw: Mapping[str, str], prefix: str) -> str:
    """Return SQL for the grades; one without semester or year is of the term it was registered in."""
    school, organisations = "NULL::VARCHAR", ""
    if "organisations" in raw:
        school = "CASE WHEN o.organisationType = 'Skolenhet' THEN o.schoolUnitCode END"
        organisations = f"LEFT JOIN {raw['organisations']} AS o ON o.id = g.organisation.id"
    return f"""
        SELECT g.{AT}, w.person_id, {school} AS school_id,
               coalesce(s.subjectDesignation, s.subjectCode, s.courseCode, s.subjectName) AS subject,
               g.gradeValue AS grade,
               coalesce(g.semester, CASE WHEN month(day) >= 7 THEN 'HT' ELSE 'VT' END)
                   || coalesce(g.year, year(day)::VARCHAR) AS term,
               g.registeredDate AS registered, g.finalGrade AS final, s.curriculum,
               s.courseCode AS course, s.points, g.trial
        FROM (SELECT *, try_cast(registeredDate AS DATE) AS day FROM {raw["grades"]}) AS g
        LEFT JOIN {prefix}people AS w ON w.id = g.student.id
        LEFT JOIN {raw["syllabuses"]} AS s ON s.id = g.syllabus.id {organisations}
    """


def absence_rows(raw: Mapping[str, str], prefix: str) -> str:
    """Return SQL for absences reported beforehand, in Swedish time.

    One that ends at midnight lasts to the end of the day before. It was registered when its record was made, else when
    it began.
    """
    school, organisations = "NULL::VARCHAR", ""
    if "organisations" in raw:
        school = "CASE WHEN o.organisationType = 'Skolenhet' THEN o.schoolUnitCode END"
        organisations = f"LEFT JOIN {raw['organisations']} AS o ON o.id = a.organisation.id"
    return f"""
        SELECT a.{AT}, w.person_id, a.id AS absence_id, {school} AS school_id, a.type AS kind,
               coalesce(try_cast(a.meta.created AS TIMESTAMPTZ)::TIMESTAMP, began)::DATE AS registered,
               began::DATE AS start, (hour(began) * 60 + minute(began))::INTEGER AS start_minute,
               greatest(ended - INTERVAL 1 MICROSECOND, began)::DATE AS "end",
               CASE WHEN ended::TIME <> TIME '00:00' THEN (hour(ended) * 60 + minute(ended))::INTEGER END AS end_minute
        FROM (SELECT *, startTime::TIMESTAMPTZ::TIMESTAMP AS began, endTime::TIMESTAMPTZ::TIMESTAMP AS ended
              FROM {raw["absences"]}) AS a
        LEFT JOIN {prefix}people AS w ON w.id = a.student.id {organisations}
    """

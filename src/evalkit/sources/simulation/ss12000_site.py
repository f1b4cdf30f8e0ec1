"""Write a site as SS 12000 pages: who, where, what is taught, what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from evalkit.sources.simulation.careers.plans import Course, as_written
from evalkit.sources.simulation.careers.spells import PROGRAMMES, programme_kind
from evalkit.sources.simulation.pages import PageWriter
from evalkit.sources.simulation.people import MARKINGS
from evalkit.sources.simulation.site_draw import LessonYear, SiteDraw
from evalkit.sources.simulation.ss12000_lessons import LessonPages
from evalkit.sources.simulation.ss12000_records import GROUP, ORGANISATION, PERSON, STAFF, SYLLABUS, Ids, meta
from evalkit.sources.simulation.text import dates, joined, picked, record_ids

SUBJECTS = {
    "BI": "Biologi",
    "BL": "Bild",
    "EN": "Engelska",
    "FY": "Fysik",
    "GE": "Geografi",
    "HI": "Historia",
    "HKK": "Hem- och konsumentkunskap",
    "IDH": "Idrott och hälsa",
    "KE": "Kemi",
    "M2": "Moderna språk",
    "MA": "Matematik",
    "MU": "Musik",
    "RE": "Religionskunskap",
    "SH": "Samhällskunskap",
    "SL": "Slöjd",
    "SV": "Svenska",
    "SVA": "Svenska som andraspråk",
    "TK": "Teknik",
}
UPPER_SUBJECTS = {
    "ENG": "Engelska",
    "GYAR": "Gymnasiearbete",
    "HIS": "Historia",
    "IDR": "Idrott och hälsa",
    "MAT": "Matematik",
    "NAK": "Naturkunskap",
    "PRG": "Programgemensamt ämne",
    "REL": "Religionskunskap",
    "SAM": "Samhällskunskap",
    "SVE": "Svenska",
}
GRADE, PROGRAMME = 0xD001, 0xA006
# The standard misspells the last one.
PROGRAMME_TYPES = ("", "Yrkesprogram", "Högskoleförberedande program", "Intruduktionsprogram")


class Syllabus(NamedTuple):
    """One syllabus; ``key`` is the subject's code, or the course's."""

    key: str
    school_type: str
    subject: str
    name: str
    course: str = ""
    points: int = 0


@cache
def syllabuses() -> tuple[Syllabus, ...]:
    """Return the syllabuses of subjects of years 7-9, then of subjects and courses of upper secondary school."""
    written = (as_written(gy25=gy25, second_language=second) for gy25 in (False, True) for second in (False, True))
    courses = dict.fromkeys(course for each in written for course in each)
    return (
        *(Syllabus(code, "GR", code, name) for code, name in SUBJECTS.items()),
        *(Syllabus(code, "GY", code, name) for code, name in UPPER_SUBJECTS.items()),
        *(_syllabus_of(course) for course in courses),
    )


def _syllabus_of(course: Course) -> Syllabus:
    return Syllabus(course.code, "GY", course.subject, course.name, course.code, course.points)


def write_ss12000_site(draw: SiteDraw, years: Iterator[LessonYear], folder: Path, page_size: int) -> int:
    """Write a site's pages; return the number of attendance records."""
    ids = Ids(draw.site.municipality)
    for endpoint, records in (
        ("organisations", _organisations(draw, ids)),
        ("persons", _persons(draw, ids)),
        ("groups", _groups(draw, ids)),
        ("syllabuses", _syllabuses(ids)),
        *((("programmes", _programmes(ids)),) if draw.upper else ()),
    ):
        writer = PageWriter(folder, endpoint, page_size)
        writer.add_objects(records)
        writer.close()
    _write_grades(draw, ids, PageWriter(folder, "grades", page_size))
    pages = LessonPages(draw, ids, folder, page_size, tuple(syllabus.key for syllabus in syllabuses()))
    for year in years:
        pages.add(year)
    return pages.close()


def _organisations(draw: SiteDraw, ids: Ids) -> Iterator[dict[str, Any]]:
    created = meta(date(2020, 7, 1))
    yield {
        "id": ids.one(ORGANISATION, 0),
        "meta": created,
        "displayName": f"{draw.site.name} kommun (simulerad)",
        "organisationType": "Huvudman",
        "municipalityCode": draw.site.municipality,
    }
    for school in (each for each in draw.schools if each.handed_over):
        yield {
            "id": ids.one(ORGANISATION, school.number + 1),
            "meta": created,
            "displayName": school.name,
            "organisationType": "Skolenhet",
            "parentOrganisation": ids.reference(ORGANISATION, 0),
            "schoolUnitCode": school.code,
            "schoolTypes": school.school_type.split(),
            "municipalityCode": draw.site.municipality,
        }


def _persons(draw: SiteDraw, ids: Ids) -> Iterator[dict[str, Any]]:
    enrolments: dict[int, list[dict[str, Any]]] = {}
    first_days: dict[int, date] = {}
    for stay in draw.population.each_stay():
        enrolment = {
            "enroledAt": ids.reference(ORGANISATION, stay.school + 1),
            "schoolYear": stay.year_group if stay.year_group >= 0 else None,
            "schoolType": stay.school_type,
            "startDate": date.fromordinal(stay.start).isoformat(),
            # The standard's end dates are the last day inside.
            "endDate": None if stay.open else date.fromordinal(stay.end - 1).isoformat(),
            "cancelled": stay.cancelled,
            "educationCode": stay.programme or None,
            "programme": ids.reference(PROGRAMME, PROGRAMMES.index(stay.programme)) if stay.programme else None,
        }
        enrolments.setdefault(stay.person, []).append({k: v for k, v in enrolment.items() if v is not None})
        first_days.setdefault(stay.person, date.fromordinal(stay.start))
    people = draw.people
    for person, civic in enumerate(people.civic):
        yield {
            "id": ids.one(PERSON, person),
            "meta": meta(first_days[person]),
            "givenName": people.given[person],
            "familyName": people.family[person],
            "civicNo": {"value": civic, "nationality": "SE"},
            "birthDate": people.born[person].isoformat(),
            "sex": "Kvinna" if people.woman[person] else "Man",
            "securityMarking": MARKINGS[people.marking[person]],
            "personStatus": "Aktiv",
            "enrolments": enrolments[person],
        }


def _groups(draw: SiteDraw, ids: Ids) -> Iterator[dict[str, Any]]:
    members: dict[int, list[dict[str, Any]]] = {}
    for stay in draw.population.each_stay():
        if stay.cancelled:
            continue
        members.setdefault(stay.room, []).append(
            {
                "person": ids.reference(PERSON, stay.person),
                "startDate": date.fromordinal(stay.start).isoformat(),
                "endDate": date.fromordinal(stay.end - 1).isoformat(),
            }
        )
    for room, (school, intake, letter) in enumerate(draw.population.classes):
        yield {
            "id": ids.one(GROUP, room),
            "meta": meta(date(intake, 7, 1)),
            "displayName": f"Klass {intake}{letter}",
            "startDate": f"{intake}-07-01",
            "endDate": f"{intake + 3}-06-30",
            "groupType": "Klass",
            "schoolType": draw.schools[school].school_type,
            "organisation": ids.reference(ORGANISATION, school + 1),
            "groupMemberships": members.get(room, []),
        }


def _syllabuses(ids: Ids) -> Iterator[dict[str, Any]]:
    for number, syllabus in enumerate(syllabuses()):
        record = {
            "id": ids.one(SYLLABUS, number),
            "meta": meta(date(2020, 7, 1)),
            "schoolType": syllabus.school_type,
            "subjectCode": syllabus.subject,
            "subjectName": syllabus.name,
            "subjectDesignation": syllabus.subject,
            # The standard's list of curricula ends before Lgr22 and Gy25.
            "curriculum": "GR2011" if syllabus.school_type == "GR" else "GY2011",
            "official": True,
        }
        if syllabus.school_type == "GR":
            record |= {"startSchoolYear": 7, "endSchoolYear": 9}
        if syllabus.course:
            record |= {"courseCode": syllabus.course, "courseName": syllabus.name, "points": syllabus.points}
        yield record


def _programmes(ids: Ids) -> Iterator[dict[str, Any]]:
    kinds = programme_kind(np.arange(len(PROGRAMMES)))
    for number, code in enumerate(PROGRAMMES):
        if code:
            yield {
                "id": ids.one(PROGRAMME, number),
                "meta": meta(date(2020, 7, 1)),
                "name": code,
                "type": PROGRAMME_TYPES[kinds[number]],
                "schoolType": "GY",
                "code": code,
            }


def _write_grades(draw: SiteDraw, ids: Ids, writer: PageWriter) -> None:
    grades = draw.grades
    codes = {syllabus.key: number for number, syllabus in enumerate(syllabuses())}
    key = grades["course"].fillna(grades["subject"]) if "course" in grades else grades["subject"]
    days = dates(grades["day"].to_numpy())
    terms = list(draw.terms)
    ends = [f'"semester":"{term[:2]}","year":{term[2:]},"syllabus":{{"id":"' for term in terms]
    writer.add(
        joined(
            '{"id":"',
            record_ids(ids.municipality, GRADE, 0, len(grades)),
            '","student":{"id":"',
            picked(ids.many(PERSON, len(draw.people.civic)), grades["person"].to_numpy()),
            '"},"organisation":{"id":"',
            picked(ids.many(ORGANISATION, len(draw.schools) + 1), grades["school"].to_numpy() + 1),
            f'"}},"registeredBy":{{"id":"{ids.one(STAFF, 0)}"}},"registeredDate":"',
            days,
            '","gradeValue":"',
            picked(list("ABCDEF-"), grades["grade"].map(list("ABCDEF-").index).to_numpy()),
            '","finalGrade":',
            picked(["false", "true"], grades["final"].to_numpy().astype(np.int8)),
            ',"trial":false,"adaptedStudyPlan":"Nej",',
            picked(ends, grades["term"].map(terms.index).to_numpy()),
            picked(ids.many(SYLLABUS, len(codes)), key.map(codes).to_numpy()),
            '"}},',
        )
    )
    writer.close()

"""A site of four pupils, two schools and a handful of lessons, as SS 12000 records. Every person is made up."""

from __future__ import annotations

import copy
import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import ibis

from evalkit.sources import IngestSummary, Layout, Source, open_sources, open_tables
from evalkit.sources.pseudonyms import pseudonym
from evalkit.vocabulary import test_number as number_of

KEY = b"a key for tests, of 32 bytes ..."
ALVA = number_of(date(2010, 3, 4), 1, sex="woman")
BO = number_of(date(2010, 5, 6), 2, sex="man", coordination=True)
CIM = "20100708TF01"
UNIT_ONE, UNIT_TWO = "12345678", "87654321"
TABLES = ("persons", "school_units", "enrolments", "attendance", "grades")

Records = dict[str, list[dict[str, Any]]]


def pseudonym_of(number: str) -> str:
    return pseudonym(number, KEY)


def enrolment(unit: str, start: str, end: str | None = None, **more: Any) -> dict[str, Any]:
    spell = {"enroledAt": {"id": unit}, "schoolYear": 7, "schoolType": "GR", "startDate": start, **more}
    return spell if end is None else {**spell, "endDate": end}


def event(name: str, activity: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "activity": {"id": activity}, "startTime": start, "endTime": end, **more}


def attendance(lesson: str, student: str, *minutes: int, reported: bool = True) -> dict[str, Any]:
    names = ("attendanceMinutes", "validAbsenceMinutes", "invalidAbsenceMinutes", "otherAttendanceMinutes")
    told = dict(zip(names, minutes, strict=False))
    return {
        "id": f"{lesson}-{student}",
        "calendarEvent": {"id": lesson},
        "student": {"id": student},
        "isReported": reported,
        **told,
    }


def small_site() -> Records:
    """Return the records by endpoint; a fresh copy at every call."""
    return copy.deepcopy(_RECORDS)


def write_pages(
    records: Records, folder: Path, *, page: int = 3, packed: bool = False, indent: int | None = None
) -> Path:
    """Write the records as pages of at most ``page`` records."""
    for endpoint, entries in records.items():
        (folder / endpoint).mkdir(parents=True)
        for number, first in enumerate(range(0, max(len(entries), 1), page)):
            token = None if first + page >= len(entries) else f"t{number}"
            content = json.dumps({"data": entries[first : first + page], "pageToken": token}, indent=indent)
            if packed:
                with gzip.open(folder / endpoint / f"{number:04d}.json.gz", "wt", encoding="utf-8") as file:
                    file.write(content)
            else:
                (folder / endpoint / f"{number:04d}.json").write_text(content, encoding="utf-8")
    return folder


def take_in(sources: list[Source], root: Path, out: Path, *, on: date | None = None) -> IngestSummary:
    return open_sources(sources, root, KEY, out, memory="1GB", threads=2, municipality="1481", on=on)


def read_site(records: Records, tmp_path: Path, **more: Any) -> dict[str, ibis.Table]:
    """Take in records as SS 12000 pages and open the tables."""
    write_pages(records, tmp_path / "pages", **more)
    take_in([Source(Layout("ss12000", Path("pages")), TABLES)], tmp_path, tmp_path / "tables")
    return open_tables(tmp_path / "tables")


def rows_of(table: ibis.Table, *columns: str) -> list[tuple[Any, ...]]:
    """Return the rows of a table as tuples, in order."""
    return sorted((tuple(row.values()) for row in table.select(*columns).to_pyarrow().to_pylist()), key=str)


_RECORDS: Records = {
    "organisations": [
        {"id": "owner", "displayName": "Kommunen", "organisationType": "Huvudman"},
        {
            "id": "one",
            "displayName": "Ettan",
            "organisationType": "Skolenhet",
            "schoolUnitCode": UNIT_ONE,
            "schoolTypes": ["GR", "FTH"],
            "municipalityCode": "0180",
        },
        {"id": "two", "displayName": "Tvåan", "organisationType": "Skolenhet", "schoolUnitCode": UNIT_TWO},
    ],
    "persons": [
        {
            "id": "alva",
            "givenName": "Alva",
            "familyName": "Testlund",
            "civicNo": {"value": ALVA},
            "birthDate": "2010-03-04",
            "sex": "Kvinna",
            "securityMarking": "Ingen",
            "addresses": [{"streetAddress": "Provgatan 1", "municipalityCode": 180}],
            "enrolments": [
                enrolment("one", "2023-08-01", "2024-01-09"),
                enrolment("two", "2024-01-10", cancelled=False, educationCode="X1"),
            ],
        },
        {
            "id": "bo",
            "givenName": "Bo",
            "familyName": "Testberg",
            "civicNo": {"value": BO},
            "sex": "Man",
            "enrolments": [enrolment("one", "2023-08-01", "2024-06-30", programme={"id": "im"})],
        },
        {
            "id": "cim",
            "givenName": "Cim",
            "familyName": "Testsson",
            "civicNo": {"value": CIM},
            "sex": "Okänt",
            "securityMarking": "Skyddad folkbokföring",
            "enrolments": [enrolment("one", "2023-08-01", schoolType="NYTT")],
        },
        {"id": "dag", "givenName": "Dag", "familyName": "Utan", "enrolments": [enrolment("two", "2023-08-01")]},
        {"id": "teacher", "givenName": "Lärare", "familyName": "Testman", "civicNo": {"value": "198001019990"}},
    ],
    "programmes": [{"id": "im", "name": "Språkintroduktion", "type": "Intruduktionsprogram", "code": "IMS"}],
    "groups": [
        {
            "id": "7a",
            "displayName": "7A",
            "groupType": "Klass",
            "startDate": "2023-08-01",
            "endDate": "2024-06-30",
            "groupMemberships": [{"person": {"id": "alva"}}, {"person": {"id": "bo"}, "endDate": "2023-12-31"}],
        },
        {
            "id": "7b",
            "displayName": "7B",
            "groupType": "Klass",
            "startDate": "2023-08-01",
            "groupMemberships": [{"person": {"id": "cim"}}, {"person": {"id": "bo"}, "startDate": "2024-01-01"}],
        },
        {
            "id": "french",
            "displayName": "Franska",
            "groupType": "Undervisning",
            "startDate": "2023-08-01",
            "groupMemberships": [{"person": {"id": "alva"}}, {"person": {"id": "bo"}}, {"person": {"id": "cim"}}],
        },
    ],
    "syllabuses": [
        {
            "id": "ma",
            "subjectName": "Matematik",
            "subjectDesignation": "MA",
            "subjectCode": "GRGRMAT01",
            "official": True,
        },
        {"id": "fr", "subjectName": "Franska", "subjectCode": "M2FRA", "curriculum": "Lgr22", "official": True},
    ],
    "activities": [
        {
            "id": "maths",
            "activityType": "Undervisning",
            "groups": [{"id": "7a"}],
            "syllabus": {"id": "ma"},
            "organisation": {"id": "one"},
        },
        {
            "id": "french",
            "activityType": "Undervisning",
            "groups": [{"id": "french"}],
            "syllabus": {"id": "fr"},
            "organisation": {"id": "one"},
        },
        {
            "id": "council",
            "activityType": "Elevaktivitet",
            "groups": [{"id": "7a"}, {"id": "7b"}],
            "organisation": {"id": "one"},
        },
        {"id": "meeting", "activityType": "Läraraktivitet", "groups": [{"id": "7a"}], "organisation": {"id": "owner"}},
        {"id": "test", "activityType": "Provaktivitet", "groups": [{"id": "7a"}], "organisation": {"id": "one"}},
    ],
    "calendarEvents": [
        event("m1", "maths", "2023-09-04T08:30:00+02:00", "2023-09-04T09:30:00+02:00"),
        event("m2", "maths", "2023-12-04T07:30:00Z", "2023-12-04T08:30:00Z", teachingLengthStudent=55),
        event("m3", "maths", "2023-09-05T08:30:00+02:00", "2023-09-05T09:30:00+02:00", cancelled=True),
        event(
            "f1",
            "french",
            "2024-01-08T10:00:00+01:00",
            "2024-01-08T11:00:00+01:00",
            teachingLengthStudent=50,
            studentExceptions=[
                {"student": {"id": "alva"}, "participates": True, "teachingLength": 30},
                {"student": {"id": "cim"}, "participates": False},
            ],
        ),
        event("c1", "council", "2023-09-06T13:00:00+02:00", "2023-09-06T13:40:00+02:00"),
        event("t1", "meeting", "2023-09-06T15:00:00+02:00", "2023-09-06T16:00:00+02:00"),
        event("p1", "test", "2023-09-07T09:00:00+02:00", "2023-09-07T10:00:00+02:00"),
    ],
    "attendances": [
        attendance("m1", "alva", 60, 0, 0, 0),
        attendance("m1", "bo", 30, 0, 30),
        attendance("m2", "alva", reported=False),
        attendance("m2", "bo", 0, 55),
        attendance("m3", "alva", 60),
        attendance("f1", "alva", 10, 0, 0, 20),
        attendance("f1", "bo", 50),
        attendance("f1", "cim", 0, 0, 50),
        attendance("c1", "cim", 40),
        attendance("t1", "alva", 60),
        attendance("p1", "alva", 60),
    ],
    "grades": [
        {
            "id": "g1",
            "student": {"id": "alva"},
            "organisation": {"id": "one"},
            "registeredBy": {"id": "teacher"},
            "registeredDate": "2023-12-15",
            "gradeValue": "B",
            "finalGrade": False,
            "semester": "HT",
            "year": 2023,
            "syllabus": {"id": "ma"},
        },
        {
            "id": "g2",
            "student": {"id": "bo"},
            "registeredBy": {"id": "teacher"},
            "registeredDate": "2024-06-05",
            "gradeValue": "–",
            "finalGrade": True,
            "syllabus": {"id": "fr"},
        },
    ],
}

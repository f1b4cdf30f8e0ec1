"""The rules of SS 12000, one by one: who taught, where, why absent, what was reported beforehand, what was deleted."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pytest
from small_site import (
    ALVA,
    BO,
    CIM,
    KEY,
    TABLES,
    UNIT_ONE,
    Records,
    attendance,
    enrolment,
    event,
    pseudonym_of,
    rows_of,
    small_site,
    take_in,
    write_pages,
)

from evalkit.errors import SourceFaultsError
from evalkit.sources import Layout, Source, open_tables
from evalkit.sources.engine import open_workshop
from evalkit.sources.pseudonyms import LOCAL, STAFF, canonical, pseudonym
from evalkit.sources.register import FileRegister
from evalkit.sources.ss12000.codes import Modes
from evalkit.sources.ss12000.reading import read_ss12000
from evalkit.sources.ss12000.shapes import FETCHED
from evalkit.vocabulary import test_number as number_of

ALVA_ID, BO_ID, CIM_ID, DAG_ID = (*(pseudonym_of(number) for number in (ALVA, BO, CIM)), pseudonym(f"{LOCAL}dag", KEY))
TEACHER = number_of(date(1980, 1, 1), 3, sex="man")
ALL_TABLES = (*TABLES, "absences")
Site = dict[str, ibis.Table]


def read(records: Records, tmp_path: Path, values: dict[str, dict[str, str]] | None = None) -> tuple[Site, str]:
    """Return the tables, and the warnings as one text."""
    write_pages(records, tmp_path / "pages")
    tables = ALL_TABLES if "absences" in records else TABLES
    source = Source(Layout("ss12000", Path("pages")), tables, values=values or {})
    summary = take_in([source], tmp_path, tmp_path / "tables")
    return open_tables(tmp_path / "tables"), " ".join(f"{one.problem} ({one.count})" for one in summary.findings)


def by_lesson(site: Site, column: str) -> dict[tuple[str, str], Any]:
    return {(row[0], row[1]): row[2] for row in rows_of(site["attendance"], "lesson_id", "person_id", column)}


def staffed() -> Records:
    records = small_site()
    person = next(person for person in records["persons"] if person["id"] == "teacher")
    person["civicNo"]["value"] = TEACHER
    records["persons"] += [{"id": "second", "givenName": "Ada", "familyName": "Testgren"}]
    records["duties"] = [{"id": "d1", "person": {"id": "teacher"}}, {"id": "d2", "person": {"id": "second"}}]
    return records


TEACHER_ID = pseudonym(canonical(TEACHER, STAFF), KEY, STAFF)
SECOND_ID = pseudonym(canonical("second", STAFF), KEY, STAFF)


def test_a_lesson_has_the_activitys_teacher_of_the_day(tmp_path: Path) -> None:
    records = staffed()
    records["activities"][0]["teachers"] = [
        {"duty": {"id": "d1"}, "endDate": "2023-09-04"},
        {"duty": {"id": "d2"}, "startDate": "2023-09-05"},
    ]
    records["activities"][1]["teachers"] = [{"duty": {"id": "d1"}, "grader": True}, {"duty": {"id": "d2"}}]
    records["activities"][2]["teachers"] = [{"duty": {"id": "d1"}}, {"duty": {"id": "d2"}}]
    site, _ = read(records, tmp_path)
    taught = by_lesson(site, "teacher_id")
    assert taught["m1", BO_ID] == TEACHER_ID, "end dates are inside"
    assert taught["m2", BO_ID] == SECOND_ID
    assert taught["f1", BO_ID] == TEACHER_ID, "of two, the one who grades"
    assert taught["c1", CIM_ID] is None, "of two alike, nobody"
    assert pseudonym_of(TEACHER) != TEACHER_ID, "no pupil shares a teacher's pseudonym"


def test_who_stands_in_is_the_lessons_teacher(tmp_path: Path) -> None:
    records = staffed()
    records["activities"][0]["teachers"] = [{"duty": {"id": "d1"}}]
    records["calendarEvents"][0]["teacherExceptions"] = [
        {"duty": {"id": "d1"}, "participates": False},
        {"duty": {"id": "d2"}, "participates": True},
    ]
    records["calendarEvents"][1]["teacherExceptions"] = [{"duty": {"id": "d1"}, "participates": True}]
    site, _ = read(records, tmp_path)
    taught = by_lesson(site, "teacher_id")
    assert taught["m1", BO_ID] == SECOND_ID
    assert taught["m2", BO_ID] == TEACHER_ID
    names = " ".join(str(list(row.values())) for table in site.values() for row in table.to_pyarrow().to_pylist())
    assert not [word for word in (TEACHER, "Testman", "Testgren", "'d1'", "'second'") if word in names]


def test_without_duties_no_lesson_has_a_teacher(tmp_path: Path) -> None:
    records = small_site()
    records["activities"][0]["teachers"] = [{"duty": {"id": "d1"}}]
    site, _ = read(records, tmp_path)
    assert set(by_lesson(site, "teacher_id").values()) == {None}


def test_reasons_are_codes_of_the_site_file_and_never_the_text(tmp_path: Path) -> None:
    records = small_site()
    for place, text in ((0, None), (1, " Sjuk "), (3, "Hos Kim's mormor i Testby"), (5, "  "), (6, "o'hoj")):
        if text is not None:
            records["attendances"][place]["absenceReason"] = text
    site, _ = read(records, tmp_path, {"reason": {"sjuk": "physical_illness", "O'HOJ": "leave"}})
    reasons = by_lesson(site, "reason")
    assert reasons["m1", ALVA_ID] is None
    assert reasons["m1", BO_ID] == "physical_illness"
    assert reasons["m2", BO_ID] == "unknown", "there was a reason, but the site file does not know it"
    assert reasons["f1", ALVA_ID] is None, "blanks are no reason"
    assert reasons["f1", BO_ID] == "leave"
    assert "mormor" not in str(site["attendance"].to_pyarrow().to_pylist())


def test_without_a_map_every_reason_is_unknown(tmp_path: Path) -> None:
    records = small_site()
    records["attendances"][1]["absenceReason"] = "Sjuk"
    site, _ = read(records, tmp_path)
    assert by_lesson(site, "reason")["m1", BO_ID] == "unknown"


def absence(name: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "type": "Anmäld frånvaro", "student": {"id": "bo"}, "startTime": start, "endTime": end, **more}


def test_absences_reported_beforehand(tmp_path: Path) -> None:
    records = small_site()
    created = {"created": "2023-10-01T23:30:00Z", "modified": "2023-10-20T08:00:00Z"}
    records["absences"] = [
        absence("a1", "2023-10-02T08:15:00+02:00", "2023-10-02T12:00:00+02:00", meta=created),
        absence(
            "a2",
            "2023-10-09T00:00:00+02:00",
            "2023-10-14T00:00:00+02:00",
            type="Beviljad ledighet",
            organisation={"id": "one"},
        ),
        absence("a3", "2023-12-04T22:30:00Z", "2023-12-05T14:00:00Z", organisation={"id": "owner"}),
    ]
    site, _ = read(records, tmp_path)
    columns = ("absence_id", "kind", "school_id", "registered", "start", "start_minute", "end", "end_minute")
    assert rows_of(site["absences"], *columns) == [
        ("a1", "reported", None, date(2023, 10, 2), date(2023, 10, 2), 495, date(2023, 10, 3), 720),
        ("a2", "granted_leave", UNIT_ONE, date(2023, 10, 9), date(2023, 10, 9), 0, date(2023, 10, 14), None),
        ("a3", "reported", None, date(2023, 12, 4), date(2023, 12, 4), 1410, date(2023, 12, 6), 900),
    ]
    assert rows_of(site["absences"], "person_id") == [(BO_ID,)] * 3


def test_home_is_where_one_is_registered_and_codes_may_be_integers(tmp_path: Path) -> None:
    records = small_site()
    records["organisations"][1]["municipalityCode"] = 180
    alva, bo, cim = records["persons"][:3]
    alva["addresses"] = [
        {"type": "Tillfällig adress", "municipalityCode": 1480},
        {"type": "Folkbokföring", "streetAddress": "Provgatan 1"},
        {"type": "Folkbokföring", "municipalityCode": 180},
    ]
    bo["addresses"] = [{"municipalityCode": "1481"}]
    cim["addresses"] = [{"type": "Postadress", "municipalityCode": 1480}]
    site, _ = read(records, tmp_path)
    homes = dict(rows_of(site["persons"], "person_id", "home_municipality"))
    assert homes == {ALVA_ID: "0180", BO_ID: "1481", CIM_ID: None, DAG_ID: None}
    assert ("0180",) in rows_of(site["school_units"], "municipality")


def test_both_codes_of_sfi_are_kept_and_need_no_year(tmp_path: Path) -> None:
    records = small_site()
    spells = [enrolment("one", "2023-08-01", schoolType=code) for code in ("SFI", "VUXSFI", "VUX")]
    for person, spell in zip(records["persons"], spells, strict=False):
        del spell["schoolYear"]
        person["enrolments"] = [spell]
    site, _ = read(records, tmp_path)
    found = rows_of(site["enrolments"].filter(lambda t: t.year_group.isnull()), "school_type")
    assert found == [("SFI",), ("VUX",), ("VUXSFI",)]


def test_numbers_may_be_written_as_text_and_with_decimals(tmp_path: Path) -> None:
    records = small_site()
    records["calendarEvents"][1]["teachingLengthStudent"] = "55.0"
    records["attendances"][3]["validAbsenceMinutes"] = "55"
    records["attendances"][3]["attendanceMinutes"] = 0.0
    records["attendances"][3]["isReported"] = "true"
    site, _ = read(records, tmp_path)
    assert by_lesson(site, "minutes_valid_absence")["m2", BO_ID] == 55
    assert by_lesson(site, "minutes_offered")["m2", BO_ID] == 55


def test_a_night_that_changes_the_clock_has_its_true_length(tmp_path: Path) -> None:
    records = small_site()
    nights = {
        "autumn": ("2023-10-29T01:30:00+02:00", "2023-10-29T02:30:00+01:00", 120),
        "spring": ("2024-03-31T01:30:00+01:00", "2024-03-31T03:30:00+02:00", 60),
    }
    for name, (start, end, minutes) in nights.items():
        records["calendarEvents"].append(event(name, "maths", start, end))
        records["attendances"].append(attendance(name, "bo", minutes))
    records["calendarEvents"].append(event("eve", "maths", "2023-11-05T23:30:00Z", "2023-11-06T00:30:00Z"))
    records["attendances"].append(attendance("eve", "bo", 60))
    site, _ = read(records, tmp_path)
    for name, (_, _, minutes) in nights.items():
        assert by_lesson(site, "minutes_offered")[name, BO_ID] == minutes
        assert by_lesson(site, "start_minute")[name, BO_ID] == 90
    assert by_lesson(site, "date")["eve", BO_ID] == date(2023, 11, 6), "the day it was in Sweden"


@pytest.mark.parametrize("kind", ["Läraraktivitet", "Övrigt", "Provaktivitet"])
def test_activities_that_are_not_reported_never_enter(kind: str, tmp_path: Path) -> None:
    records = small_site()
    records["activities"][0]["activityType"] = kind
    site, _ = read(records, tmp_path)
    assert {lesson for lesson, _ in by_lesson(site, "mode")} == {"f1", "c1"}


def test_deleted_records_are_left_out_with_what_hangs_on_them(tmp_path: Path) -> None:
    records = small_site()
    records["absences"] = [
        absence("a1", "2023-10-02T08:00:00+02:00", "2023-10-02T12:00:00+02:00"),
        absence("a2", "2023-10-03T08:00:00+02:00", "2023-10-03T12:00:00+02:00"),
    ]
    write_pages(records, tmp_path / "pages")
    gone = {
        "activitites": ["french"],
        "attendances": ["m1-bo"],
        "absences": ["a2"],
        "grades": ["g1"],
        "persons": ["cim"],
    }
    site, warnings = read_with_deleted(gone, tmp_path)
    assert set(by_lesson(site, "reported")) == {
        ("m1", ALVA_ID),
        ("m1", BO_ID),
        ("m2", ALVA_ID),
        ("m2", BO_ID),
        ("c1", ALVA_ID),
        ("c1", BO_ID),
    }
    assert by_lesson(site, "reported")["m1", BO_ID] is False, "the lesson was held, what was reported of it is gone"
    assert rows_of(site["absences"], "absence_id") == [("a1",)]
    assert rows_of(site["grades"], "person_id") == [(BO_ID,)]
    assert CIM_ID not in {row[0] for row in rows_of(site["persons"], "person_id")}
    assert "records of attendances that were deleted at the source were left out (5)" in warnings
    assert "m1-bo" not in warnings


def read_with_deleted(gone: object, tmp_path: Path) -> tuple[Site, str]:
    folder = tmp_path / "pages" / "deletedEntities"
    folder.mkdir()
    for number, data in enumerate(({}, gone, {"rooms": []})):
        page = json.dumps({"data": data, "pageToken": None})
        (folder / f"{number:04d}.json").write_text(page, encoding="utf-8")
    tables = ALL_TABLES if (tmp_path / "pages" / "absences").is_dir() else TABLES
    summary = take_in([Source(Layout("ss12000", Path("pages")), tables)], tmp_path, tmp_path / "tables")
    return open_tables(tmp_path / "tables"), " ".join(f"{one.problem} ({one.count})" for one in summary.findings)


def test_activities_deleted_under_the_right_spelling_go_too(tmp_path: Path) -> None:
    write_pages(small_site(), tmp_path / "pages")
    site, _ = read_with_deleted({"activities": ["council"], "calendarEvents": ["m2"]}, tmp_path)
    assert {lesson for lesson, _ in by_lesson(site, "mode")} == {"m1", "f1"}


def test_deleted_entities_that_are_no_object(tmp_path: Path) -> None:
    write_pages(small_site(), tmp_path / "pages")
    with pytest.raises(SourceFaultsError, match="not a page of SS 12000"):
        read_with_deleted([{"id": "m1"}], tmp_path)


def test_grades_bear_course_points_and_whether_it_was_a_trial(tmp_path: Path) -> None:
    records = small_site()
    records["syllabuses"][1] |= {"courseCode": "MODFRA03", "points": 100, "curriculum": "Gy25"}
    records["grades"][1]["trial"] = True
    site, _ = read(records, tmp_path)
    found = set(rows_of(site["grades"], "subject", "course", "points", "trial", "curriculum"))
    assert found == {("MA", None, None, False, None), ("M2FRA", "MODFRA03", 100.0, True, "Gy25")}


def test_fetched_pages_hold_attendance_of_other_days_which_is_left_out_and_told(tmp_path: Path) -> None:
    records = small_site()
    records["attendances"].append(attendance("an earlier year", "bo", 60))
    write_pages(records, tmp_path / "pages")
    source = Source(Layout("ss12000", Path("pages")), TABLES)
    with pytest.raises(SourceFaultsError, match="a reference to a record of calendarEvents"):
        take_in([source], tmp_path, tmp_path / "tables")
    (tmp_path / "pages" / FETCHED).write_text("{}", encoding="utf-8")
    summary = take_in([source], tmp_path, tmp_path / "tables")
    assert summary.tables["attendance"] == 9
    (told,) = (one for one in summary.findings if one.check == "lessons_outside_days")
    assert (told.level, told.count) == ("note", 1)


def modes_of(records: Records, modes: Modes, tmp_path: Path) -> dict[str, str | None]:
    write_pages(records, tmp_path / "pages")
    source = Source(Layout("ss12000", Path("pages")), ("attendance",))
    with open_workshop(tmp_path / "work", memory="1GB", threads=2) as shop:
        extracts, faults = read_ss12000(source, tmp_path, 0, shop, FileRegister(), key=KEY, on=None, modes=modes)
        if faults:
            raise SourceFaultsError(tuple(faults))
        return dict(rows_of(extracts[0].rows.distinct(on="lesson_id"), "lesson_id", "mode"))


def placed() -> Records:
    records = small_site()
    records["rooms"] = [
        {"id": "r1", "displayName": "Sal 12"},
        {"id": "r2", "displayName": "Distans 100%"},
        {"id": "r3", "displayName": "Okänd"},
    ]
    for place, name in enumerate(("Matte", "Franska på praktik", "Råd")):
        records["activities"][place]["displayName"] = name
    return records


MODES = {
    "room": {"distans *%": "online", "Sal *": "campus"},
    "activity": {"*praktik": "placement", "Matte": "online"},
}


def test_modes_go_by_room_then_by_activity(tmp_path: Path) -> None:
    records = placed()
    lessons = {found["id"]: found for found in records["calendarEvents"]}
    lessons["m1"]["rooms"] = [{"id": "r1"}]
    lessons["m2"]["rooms"] = [{"id": "r3"}]
    lessons["f1"]["rooms"] = [{"id": "r1"}, {"id": "r2"}]
    assert modes_of(records, MODES, tmp_path) == {"m1": "campus", "m2": "online", "f1": "unknown", "c1": None}


def test_modes_by_activity_and_by_names_of_the_reference(tmp_path: Path) -> None:
    records = placed()
    del records["rooms"]
    records["calendarEvents"][0]["rooms"] = [{"id": "r9", "displayName": "Distans 5 %"}]
    assert modes_of(records, MODES, tmp_path) == {"m1": "online", "m2": "online", "f1": "placement", "c1": None}


def test_without_modes_all_is_unknown(tmp_path: Path) -> None:
    assert set(modes_of(placed(), {}, tmp_path).values()) == {None}
    site, _ = read(placed(), tmp_path / "stored")
    assert set(by_lesson(site, "mode").values()) == {"unknown"}


def test_modes_that_there_are_not(tmp_path: Path) -> None:
    with pytest.raises(SourceFaultsError) as caught:
        modes_of(placed(), {"room": {"Sal 12": "school"}, "resource": {"x": "online"}}, tmp_path)
    told = str(caught.value)
    assert "`modes.room` names a mode that there is not" in told
    assert "campus, online, placement" in told
    assert "not told by resource" in told


BROKEN = [
    ("absences", {"startTime": "igår"}, "column startTime", "a time such as"),
    ("absences", {"endTime": "2023-10-01T08:00:00+02:00"}, "column endTime", "not to be earlier"),
    ("absences", {"student": {"id": "nobody"}}, "column student", "a record of persons"),
    ("absences", {"type": "Annat"}, "column type", "granted_leave"),
    ("activities", {"teachers": [{"duty": {"id": "d1"}, "endDate": "snart"}]}, "column teachers.endDate", "a date"),
    ("calendarEvents", {"teacherExceptions": [{}]}, "column teacherExceptions.participates", "true or false"),
    ("rooms", {"id": "r3"}, "column id", "an id that no other record has"),
]


@pytest.mark.parametrize(("endpoint", "change", "place", "expected"), BROKEN)
def test_faults_of_what_is_new(
    endpoint: str, change: dict[str, Any], place: str, expected: str, tmp_path: Path
) -> None:
    records = placed() | {"duties": [{"id": "d1", "person": {"id": "teacher"}}]}
    records["absences"] = [absence("a1", "2023-10-02T08:00:00+02:00", "2023-10-02T12:00:00+02:00")]
    records[endpoint][0] |= change
    with pytest.raises(SourceFaultsError) as caught:
        read(records, tmp_path)
    told = str(caught.value)
    assert expected in told
    assert f"pages/{endpoint}/0000.json, row" in told
    assert place in told
    assert not [value for value in ("igår", "nobody", "Annat", "snart") if value in told]

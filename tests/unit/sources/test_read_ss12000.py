"""SS 12000 pages become canonical tables by the rules of the standard."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pytest
from small_site import (
    ALVA,
    BO,
    CIM,
    TABLES,
    UNIT_ONE,
    UNIT_TWO,
    attendance,
    enrolment,
    event,
    pseudonym_of,
    read_site,
    rows_of,
    small_site,
    take_in,
    write_pages,
)

from evalkit.errors import SourceFaultsError
from evalkit.sources import Layout, Source

ALVA_ID, BO_ID, CIM_ID = (pseudonym_of(number) for number in (ALVA, BO, CIM))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ibis.Table]:
    return read_site(small_site(), tmp_path_factory.mktemp("site"))


def lessons_of(site: dict[str, ibis.Table], *columns: str) -> dict[tuple[str, str], Any]:
    rows = rows_of(site["attendance"], "lesson_id", "person_id", *columns)
    return {(row[0], row[1]): row[2] if len(columns) == 1 else row[2:] for row in rows}


def test_persons_are_those_with_enrolments_and_bear_pseudonyms(site: dict[str, ibis.Table]) -> None:
    rows = rows_of(site["persons"], "person_id", "sex", "birth_date", "security_marking")
    assert (ALVA_ID, "woman", date(2010, 3, 4), "none") in rows
    assert (BO_ID, "man", None, "none") in rows
    assert (CIM_ID, "unknown", None, "protected") in rows
    assert len(rows) == 4, "the teacher has no enrolment and stays outside"


def test_enrolments_inside_persons_become_half_open_rows(site: dict[str, ibis.Table]) -> None:
    rows = rows_of(site["enrolments"], "person_id", "school_id", "start", "end")
    assert (ALVA_ID, UNIT_ONE, date(2023, 8, 1), date(2024, 1, 10)) in rows
    assert (ALVA_ID, UNIT_TWO, date(2024, 1, 10), None) in rows
    assert (BO_ID, UNIT_ONE, date(2023, 8, 1), date(2024, 7, 1)) in rows


def test_unknown_school_types_are_kept_and_programmes_spelt_wrong_are_known(site: dict[str, ibis.Table]) -> None:
    rows = rows_of(site["enrolments"], "person_id", "school_type", "programme", "programme_type")
    assert (CIM_ID, "NYTT", None, None) in rows
    assert (BO_ID, "GR", "IMS", "introductory") in rows


def test_the_introductory_programme_spelt_right(tmp_path: Path) -> None:
    records = small_site()
    records["programmes"][0]["type"] = "Introduktionsprogram"
    site = read_site(records, tmp_path)
    assert rows_of(site["enrolments"].filter(lambda t: t.programme == "IMS"), "programme_type") == [("introductory",)]


def test_school_units_are_skolenheter(site: dict[str, ibis.Table]) -> None:
    rows = rows_of(site["school_units"], "school_id", "name", "municipality", "school_types")
    assert rows == [(UNIT_ONE, "Ettan", "0180", "GR FTH"), (UNIT_TWO, "Tvåan", "1481", None)]


def test_only_lessons_that_were_held_and_are_reported_enter(site: dict[str, ibis.Table]) -> None:
    assert set(lessons_of(site, "mode")) == {
        ("m1", ALVA_ID),
        ("m1", BO_ID),
        ("m2", ALVA_ID),
        ("m2", BO_ID),
        ("f1", ALVA_ID),
        ("f1", BO_ID),
        ("c1", CIM_ID),
        ("c1", ALVA_ID),
        ("c1", BO_ID),
    }, "cancelled, participates=false, Läraraktivitet and Provaktivitet never enter"


def test_minutes_offered_follow_the_order_of_precedence(site: dict[str, ibis.Table]) -> None:
    offered = lessons_of(site, "minutes_offered")
    assert offered["f1", ALVA_ID] == 30, "the exception's teachingLength"
    assert offered["f1", BO_ID] == 50, "the event's teachingLengthStudent"
    assert offered["m2", BO_ID] == 55, "the event's teachingLengthStudent"
    assert offered["m1", BO_ID] == 60, "end minus start"


def test_times_are_local_in_sweden(site: dict[str, ibis.Table]) -> None:
    times = lessons_of(site, "date", "start_minute")
    assert times["m1", ALVA_ID] == (date(2023, 9, 4), 8 * 60 + 30), "summer time"
    assert times["m2", ALVA_ID] == (date(2023, 12, 4), 8 * 60 + 30), "07:30 UTC in winter"


def test_unreported_is_unknown_and_reported_without_a_number_is_zero(site: dict[str, ibis.Table]) -> None:
    minutes = ("minutes_attended", "minutes_valid_absence", "minutes_invalid_absence", "minutes_other", "reported")
    told = lessons_of(site, *minutes)
    assert told["m2", ALVA_ID] == (None, None, None, None, False)
    assert told["m2", BO_ID] == (0, 55, 0, 0, True)
    assert told["f1", ALVA_ID] == (10, 0, 0, 20, True), "other attendance is kept apart and counts as presence"


def test_a_lesson_of_ones_group_without_any_attendance_was_offered_and_is_unknown(tmp_path: Path) -> None:
    records = small_site()
    records["groups"][0]["groupMemberships"].append({"person": {"id": "dag"}})
    yet_to_come = event("m8", "maths", "2024-05-02T08:30:00+02:00", "2024-05-02T09:30:00+02:00")
    records["calendarEvents"].append(yet_to_come)
    site = read_site(records, tmp_path)
    told = lessons_of(site, "minutes_offered", "minutes_attended", "reported", "class_id")
    assert told["c1", BO_ID] == (40, None, False, "7a")
    assert "m8" not in {lesson for lesson, _ in told}, "later than the last lesson that was recorded"
    assert {person for _, person in told} == {ALVA_ID, BO_ID, CIM_ID}, "dag is enrolled at the other school"


def test_class_is_the_activitys_else_the_pupils_on_the_day(site: dict[str, ibis.Table]) -> None:
    classes = lessons_of(site, "class_id")
    assert classes["m1", BO_ID] == "7a", "the activity's group of type Klass"
    assert classes["f1", BO_ID] == "7b", "a teaching group: the class the pupil had moved to by January"
    assert classes["f1", ALVA_ID] == "7a"
    assert classes["c1", CIM_ID] == "7b", "two classes together: the pupil's own"


def test_subject_and_grades_come_from_syllabuses(site: dict[str, ibis.Table]) -> None:
    subjects = lessons_of(site, "subject")
    assert (subjects["m1", BO_ID], subjects["f1", BO_ID], subjects["c1", CIM_ID]) == ("MA", "M2FRA", None)
    grades = rows_of(site["grades"], "person_id", "subject", "grade", "term", "final", "school_id", "curriculum")
    assert set(grades) == {
        (ALVA_ID, "MA", "B", "HT2023", False, UNIT_ONE, None),
        (BO_ID, "M2FRA", "-", "VT2024", True, None, "Lgr22"),
    }


def test_no_name_address_or_number_survives(site: dict[str, ibis.Table]) -> None:
    stored = " ".join(str(list(row.values())) for table in site.values() for row in table.to_pyarrow().to_pylist())
    for secret in (ALVA, BO, CIM, "Testlund", "Testberg", "Alva", "Provgatan", "teacher", "alva"):
        assert secret not in stored


def test_packed_and_indented_pages_of_any_size_are_alike(site: dict[str, ibis.Table], tmp_path: Path) -> None:
    other = read_site(small_site(), tmp_path, packed=True, page=100, indent=2)
    for name, table in site.items():
        assert other[name].to_pyarrow().equals(table.to_pyarrow()), name


def test_exceptions_with_their_own_times(tmp_path: Path) -> None:
    records = small_site()
    own = {"student": {"id": "bo"}, "participates": True, "startTime": "2023-09-08T09:10:00+02:00"}
    late = event("m9", "maths", "2023-09-08T09:00:00+02:00", "2023-09-08T09:40:00+02:00", studentExceptions=[own])
    records["calendarEvents"].append(late)
    records["attendances"].append(attendance("m9", "bo", 30))
    told = lessons_of(read_site(records, tmp_path), "start_minute", "minutes_offered")
    assert told["m9", BO_ID] == (9 * 60 + 10, 30)


def test_activities_without_a_type_count_as_teaching_and_are_told(tmp_path: Path) -> None:
    records = small_site()
    del records["activities"][0]["activityType"]
    write_pages(records, tmp_path / "pages")
    summary = take_in([Source(Layout("ss12000", Path("pages")), TABLES)], tmp_path, tmp_path / "out")
    assert summary.tables["attendance"] == 9
    assert any("activityType" in str(warning) for warning in summary.warnings)


def faults_of(records: dict[str, list[dict[str, Any]]], tmp_path: Path) -> str:
    write_pages(records, tmp_path / "pages")
    with pytest.raises(SourceFaultsError) as caught:
        take_in([Source(Layout("ss12000", Path("pages")), TABLES)], tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    return str(caught.value)


def test_attendance_without_its_calendar_event(tmp_path: Path) -> None:
    records = small_site()
    records["attendances"][4]["calendarEvent"] = {"id": "lost"}
    told = faults_of(records, tmp_path)
    assert "pages/attendances/0001.json, row 2, column calendarEvent" in told
    assert "expected a reference to a record of calendarEvents" in told
    assert "lost" not in told


BROKEN_RECORDS = [
    ("attendances", 0, {"student": {"id": "nobody"}}, "student", "reference to a record of persons"),
    ("calendarEvents", 0, {"activity": {}}, "activity", "reference to a record of activities"),
    ("activities", 0, {"organisation": {"id": "owner"}}, "organisation", "a Skolenhet with its schoolUnitCode"),
    ("activities", 1, {"syllabus": {"id": "gone"}}, "syllabus", "reference to a record of syllabuses"),
    ("persons", 0, {"enrolments": [{"enroledAt": {"id": "x"}}]}, "enrolments.enroledAt", "organisations"),
    ("grades", 0, {"syllabus": {"id": "gone"}}, "syllabus", "reference to a record of syllabuses"),
    ("calendarEvents", 0, {"startTime": "in the morning"}, "startTime", "a time such as"),
    ("calendarEvents", 1, {"endTime": "2023-12-04T07:00:00Z"}, "endTime", "not to be earlier"),
    ("calendarEvents", 1, {"cancelled": "perhaps"}, "cancelled", "true or false"),
    ("calendarEvents", 1, {"teachingLengthStudent": "long"}, "teachingLengthStudent", "whole number of minutes"),
    ("calendarEvents", 2, {"studentExceptions": [{}]}, "studentExceptions.participates", "true or false"),
    ("groups", 1, {"id": "7a"}, "id", "an id that no other record has"),
]
BROKEN_VALUES = [
    ("attendances", 0, {"attendanceMinutes": "many"}, "attendanceMinutes", "a whole number"),
    ("attendances", 1, {"isReported": "eh"}, "isReported", "ja or nej"),
    ("persons", 0, {"civicNo": {"value": "201003049999"}}, "civicNo.value", "check digit"),
    ("persons", 1, {"sex": "Annat"}, "sex", "one of woman, man, unknown"),
    ("persons", 1, {"birthDate": "2010-02-30"}, "birthDate", "a date"),
    ("persons", 2, {"enrolments": [enrolment("one", "soon", schoolYear=17)]}, "enrolments.startDate", "a date"),
    ("persons", 2, {}, "enrolments.schoolYear", "0 to 10"),
    ("grades", 0, {"gradeValue": "Z"}, "gradeValue", "one of A, B, C"),
]


@pytest.mark.parametrize("broken", [BROKEN_RECORDS, BROKEN_VALUES], ids=["records", "values"])
def test_faults_name_page_position_and_field(
    broken: list[tuple[str, int, dict[str, Any], str, str]], tmp_path: Path
) -> None:
    records = small_site()
    for endpoint, place, change, _, _ in broken:
        records[endpoint][place] |= change
    told = faults_of(records, tmp_path)
    for endpoint, place, _, column, expected in broken:
        where = f"\n  where: pages/{endpoint}/0000.json, row {place + 1}, column {column}\n"
        assert where in told
        assert any(expected in part.splitlines()[-1] for part in told.split(where)[:-1]), (column, expected)
    for value in ("nobody", "gone", "Annat", "201003049999", "many"):
        assert value not in told


def test_a_page_that_was_cut_off(tmp_path: Path) -> None:
    folder = write_pages(small_site(), tmp_path / "pages", packed=True)
    page = folder / "attendances" / "0001.json.gz"
    page.write_bytes(page.read_bytes()[:-20])
    (folder / "grades" / "0000.json.gz").unlink()
    (folder / "grades" / "0000.json").write_text('{"data": [{"id": "g1", "student"', encoding="utf-8")
    with pytest.raises(SourceFaultsError) as caught:
        take_in([Source(Layout("ss12000", Path("pages")), TABLES)], tmp_path, tmp_path / "out")
    told = str(caught.value)
    assert "the file cannot be unpacked\n  where: pages/attendances/0001.json.gz" in told
    assert "not a page of SS 12000" in told
    assert "pages/grades/0000.json" in told


def test_a_missing_endpoint_is_named_as_the_standard_spells_it(tmp_path: Path) -> None:
    records = small_site()
    records["calendarevents"] = records.pop("calendarEvents")
    assert "there are no pages of calendarEvents" in faults_of(records, tmp_path)


def test_tables_the_standard_does_not_hold(tmp_path: Path) -> None:
    write_pages(small_site(), tmp_path / "pages")
    with pytest.raises(SourceFaultsError, match="SS 12000 does not hold the table survey"):
        take_in([Source(Layout("ss12000", Path("pages")), ("persons", "survey"))], tmp_path, tmp_path / "out")

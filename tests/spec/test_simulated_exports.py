"""What a municipality hands over, as simulated: read as plain files, with nothing of the reading rooms."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
import yaml

from evalkit.sources.simulation import settings_from, simulate
from evalkit.vocabulary import explain_fault, read_identity, school_calendar, ss12000

PROJECT = Path(__file__).parents[2]
PARAMS = PROJECT / "params" / "skolanknytning"
SITES = ("ale", "goteborg", "lerum", "molndal")
PUPILS = {"ale": 60, "goteborg": 60, "lerum": 40, "molndal": 60}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped study, small: the same sites, schools and forums, fewer pupils and lessons."""
    study = yaml.safe_load((PARAMS / "study.yml").read_text(encoding="utf-8"))
    told = study["simulation"] | {"lessons_per_week": 4, "page_size": 2000}
    for name, site in told["sites"].items():
        site |= {"pupils": PUPILS[name], "schools": 3, "size_ratio": 2.0}
    folder = tmp_path_factory.mktemp("exports") / "skolanknytning"
    simulate(settings_from(told, study["seed"]), folder)
    return folder


def records(out: Path, site: str, endpoint: str) -> list[dict[str, Any]]:
    pages = [
        json.loads(gzip.decompress(path.read_bytes()))
        for path in sorted((out / site / "ss12000" / endpoint).glob("*.json.gz"))
    ]
    assert all(page.keys() == {"data", "pageToken"} for page in pages)
    assert [page["pageToken"] is None for page in pages] == [False] * (len(pages) - 1) + [True]
    return [record for page in pages for record in page["data"]]


def rows(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode("cp1252")
    assert text.endswith("\r\n")
    return list(csv.DictReader(text.splitlines(), delimiter=";", strict=True))


def test_every_file_a_site_file_names_is_there_with_its_headings(out: Path) -> None:
    for name in SITES:
        site = yaml.safe_load((PARAMS / f"{name}.yml").read_text(encoding="utf-8"))
        for source in site["sources"]:
            path = out / Path(source["path"]).relative_to("data/skolanknytning")
            assert path.exists(), path
            if source["kind"] == "ss12000":
                continue
            headings = pq.read_schema(path).names if source["kind"] == "parquet" else list(rows(path)[0])
            assert set(source["columns"].values()) <= set(headings), path


def test_every_code_a_site_file_maps_is_the_whole_of_the_files_codes(out: Path) -> None:
    for name in SITES:
        site = yaml.safe_load((PARAMS / f"{name}.yml").read_text(encoding="utf-8"))
        for source in site["sources"]:
            path = out / Path(source["path"]).relative_to("data/skolanknytning")
            for column, codes in source.get("values", {}).items():
                heading = source["columns"][column]
                if source["kind"] == "parquet":
                    found = set(pq.read_table(path, columns=[heading])[heading].to_pylist())
                else:
                    found = {row[heading] for row in rows(path)}
                assert found <= set(codes), f"{path} {heading}"


def test_only_the_two_sites_with_forums_hand_them_over(out: Path) -> None:
    assert {name for name in SITES if (out / name / "dialogtorg.csv").exists()} == {"ale", "molndal"}
    for name, code, first in (("ale", "99144001", "2023-10-17"), ("molndal", "99148101", "2024-01-30")):
        forums = rows(out / name / "dialogtorg.csv")
        assert {row["Skolenhetskod"] for row in forums} == {code}
        assert min(row["Datum"] for row in forums) == first
        assert len({(row["Dialogtorg"], row["Station"]) for row in forums}) == len(forums)
        assert {row["Dimension"] for row in forums} == {"beteendemässig", "akademisk", "affektiv", "kognitiv"}
        days = {date.fromisoformat(row["Datum"]) for row in forums}
        school_days = {day for year in ("2023/24", "2024/25") for day in school_calendar(year).school_days}
        assert days <= school_days
        assert all(row["Återkoppling"] == "" or row["Återkoppling"] > row["Datum"] for row in forums)


ENTITIES = (
    "organisations",
    "persons",
    "groups",
    "programmes",
    "syllabuses",
    "activities",
    "calendarEvents",
    "attendances",
    "grades",
)
NESTED = {
    "enrolments": "Enrolment",
    "civicNo": "Person_civicNo",
    "groupMemberships": "GroupMembership",
    "studentExceptions": "StudentException",
    "teachers": "DutyAssignment",
    "meta": "Meta",
}


def faults(record: dict[str, Any], entity: str) -> Iterator[str]:
    """Compare one record with the field list of the standard."""
    fields = {field.name: field for field in ss12000.fields(entity)}
    for name in record.keys() - fields.keys():
        yield f"{entity} has no {name}"
    for name, field in fields.items():
        if name not in record:
            if field.required:
                yield f"{entity} lacks {name}"
            continue
        value = record[name]
        kind = field.type
        if name in NESTED:
            for inner in value if isinstance(value, list) else [value]:
                yield from faults(inner, NESTED[name])
        elif kind.startswith("array"):
            allowed = field.allowed or ss12000.named_enum("SchoolTypesEnum") if name == "schoolTypes" else ()
            if not isinstance(value, list) or (allowed and not set(value) <= set(allowed)):
                yield f"{entity}.{name} is no list of what is allowed"
        elif field.allowed and value not in field.allowed:
            yield f"{entity}.{name} is not enumerated"
        elif kind == "integer" and (not isinstance(value, int) or isinstance(value, bool)):
            yield f"{entity}.{name} is no integer"
        elif kind == "boolean" and not isinstance(value, bool):
            yield f"{entity}.{name} is no boolean"
        elif kind == "string(date)" and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            yield f"{entity}.{name} is no date"
        elif kind == "string(date-time)" and datetime.fromisoformat(value).utcoffset() is None:
            yield f"{entity}.{name} has no offset"
        elif kind == "string(uuid)" and not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value):
            yield f"{entity}.{name} is no UUID"


@pytest.mark.parametrize("site", ["ale", "molndal"])
@pytest.mark.parametrize("endpoint", ENTITIES)
def test_pages_follow_the_field_list_of_the_standard(out: Path, site: str, endpoint: str) -> None:
    entity = ss12000.endpoints()[endpoint]
    found = records(out, site, endpoint)
    assert found
    assert {fault for record in found for fault in faults(record, entity)} == set()
    assert len({record["id"] for record in found}) == len(found)


def test_references_lead_somewhere(out: Path) -> None:
    known = {endpoint: {record["id"] for record in records(out, "ale", endpoint)} for endpoint in ENTITIES}
    for record in records(out, "ale", "attendances"):
        assert record["calendarEvent"]["id"] in known["calendarEvents"]
        assert record["student"]["id"] in known["persons"]
    for record in records(out, "ale", "calendarEvents"):
        assert record["activity"]["id"] in known["activities"]
    for record in records(out, "ale", "activities"):
        assert record["organisation"]["id"] in known["organisations"]
        assert {group["id"] for group in record["groups"]} <= known["groups"]
        assert record.get("syllabus", {"id": next(iter(known["syllabuses"]))})["id"] in known["syllabuses"]
    for record in records(out, "ale", "grades"):
        assert record["student"]["id"] in known["persons"]
        assert record["syllabus"]["id"] in known["syllabuses"]
    for person in records(out, "ale", "persons"):
        assert {enrolment["enroledAt"]["id"] for enrolment in person["enrolments"]} <= known["organisations"]
        programmes = {entry["programme"]["id"] for entry in person["enrolments"] if "programme" in entry}
        assert programmes <= known["programmes"]


def test_the_traps_are_set(out: Path) -> None:
    activities = {record["id"]: record for record in records(out, "molndal", "activities")}
    events = {record["id"]: record for record in records(out, "molndal", "calendarEvents")}
    attendances = records(out, "molndal", "attendances")
    kinds = {
        activities[events[record["calendarEvent"]["id"]]["activity"]["id"]]["activityType"] for record in attendances
    }
    assert kinds == {"Undervisning", "Elevaktivitet", "Läraraktivitet", "Provaktivitet"}
    assert any(events[record["calendarEvent"]["id"]]["cancelled"] for record in attendances)
    exceptions = [entry for event in events.values() for entry in event.get("studentExceptions", [])]
    assert any(not entry["participates"] for entry in exceptions)
    assert any("syllabus" not in record for record in activities.values() if record["activityType"] == "Elevaktivitet")
    unreported = [record for record in attendances if not record["isReported"]]
    assert unreported
    assert not any("attendanceMinutes" in record for record in unreported)
    assert any("otherAttendanceMinutes" in record for record in attendances)


def test_times_are_stockholms(out: Path) -> None:
    stockholm = ZoneInfo("Europe/Stockholm")
    for record in records(out, "ale", "calendarEvents"):
        for moment in (datetime.fromisoformat(record["startTime"]), datetime.fromisoformat(record["endTime"])):
            assert moment.utcoffset() == moment.replace(tzinfo=stockholm).utcoffset()
            assert 7 < moment.hour < 18


def test_minutes_of_a_reported_lesson_are_its_length_for_the_pupil(out: Path) -> None:
    events = {record["id"]: record for record in records(out, "molndal", "calendarEvents")}
    for record in records(out, "molndal", "attendances"):
        if not record["isReported"]:
            continue
        event = events[record["calendarEvent"]["id"]]
        length = event["teachingLengthStudent"]
        for entry in event.get("studentExceptions", []):
            if entry["student"]["id"] == record["student"]["id"]:
                length = entry.get("teachingLength", length)
        names = ("attendanceMinutes", "validAbsenceMinutes", "invalidAbsenceMinutes", "otherAttendanceMinutes")
        assert sum(record.get(name, 0) for name in names) == length


def test_attendance_lies_within_enrolment_whose_end_is_its_last_day(out: Path) -> None:
    spells = {
        person["id"]: [
            (entry["startDate"], entry.get("endDate", "9999-12-31"))
            for entry in person["enrolments"]
            if not entry["cancelled"]
        ]
        for person in records(out, "ale", "persons")
    }
    ends = {end for person in spells.values() for _, end in person}
    assert "2022-06-30" in ends
    assert "2022-07-01" not in ends
    days = {record["id"]: record["startTime"][:10] for record in records(out, "ale", "calendarEvents")}
    for record in records(out, "ale", "attendances"):
        day = days[record["calendarEvent"]["id"]]
        assert any(start <= day <= end for start, end in spells[record["student"]["id"]])


def numbers(out: Path, site: str) -> list[str]:
    if site in ("ale", "molndal"):
        return [person["civicNo"]["value"] for person in records(out, site, "persons")]
    if site == "goteborg":
        return list(pq.read_table(out / site / "elever.parquet")["Personnummer"].to_pylist())
    return [row["Personnummer"] for row in rows(out / site / "elever.csv")]


def test_identity_numbers_are_test_numbers_that_pass_and_no_site_shares_one(out: Path) -> None:
    read = [read_identity(number).value for site in SITES for number in numbers(out, site)]
    assert len(set(read)) == len(read)
    assert all(read_identity(number).is_test for number in read)
    for site in SITES:
        known = {read_identity(number).value for number in numbers(out, site)}
        for name in ("skolanknytning.csv", "stod.csv"):
            for row in rows(out / site / name):
                assert explain_fault(row["Personnummer"]) is None
                assert row["Personnummer"][8] == "-"
                assert read_identity(row["Personnummer"]).value in known


def test_csv_from_excel_has_semicolons_swedish_letters_and_a_decimal_comma(out: Path) -> None:
    support = [row for site in SITES for row in rows(out / site / "stod.csv")]
    assert support
    assert all(re.fullmatch(r"\d+,\d", row["Timmar per vecka"]) for row in support)
    assert "Fråga".encode("cp1252") in (out / "lerum" / "skolanknytning.csv").read_bytes()


def test_flat_files_hold_only_lessons_that_count(out: Path) -> None:
    table = pq.read_table(out / "goteborg" / "narvaro.parquet").to_pandas()
    assert not table.duplicated(["Personnummer", "Lektion"]).any()
    parts = ["Närvarominuter", "Giltig frånvaro (minuter)", "Ogiltig frånvaro (minuter)", "Annan aktivitet (minuter)"]
    reported = table[table["Rapporterad"]]
    assert (reported[parts].sum(axis=1) == reported["Lektionsminuter"]).all()
    assert table[~table["Rapporterad"]][parts].isna().all().all()
    assert set(table["Form"]) <= {"Närundervisning", "Fjärrundervisning", "APL"}
    assert (table["Form"] == "APL").any()
    lerum = rows(out / "lerum" / "narvaro.csv")
    assert all(re.fullmatch(r"\d\d:\d\d", row["Starttid"]) for row in lerum)
    assert all((row["Närvarominuter"] == "") == (row["Rapporterad"] == "Nej") for row in lerum)
    school_days = {
        day.isoformat()
        for year in ("2021/22", "2022/23", "2023/24", "2024/25")
        for day in school_calendar(year).school_days
    }
    assert {row["Datum"] for row in lerum} <= school_days


def test_upper_secondary_school_is_in_the_same_exports(out: Path) -> None:
    units = {record["schoolUnitCode"]: record for record in records(out, "ale", "organisations")[1:]}
    kinds = [record["schoolTypes"] for record in units.values()]
    assert kinds == [["GR"]] * 3 + [["GY"]]
    assert units["99144001"]["displayName"] == "Da Vinciskolan"
    entries = [entry for person in records(out, "ale", "persons") for entry in person["enrolments"]]
    above = [entry for entry in entries if entry["schoolType"] == "GY"]
    assert above
    assert all(entry["educationCode"] and entry["schoolYear"] in (1, 2, 3) for entry in above)
    assert not any("educationCode" in entry for entry in entries if entry["schoolType"] == "GR")
    enrolments = rows(out / "lerum" / "inskrivningar.csv")
    assert {row["Skolform"] for row in enrolments} == {"GR", "GY"}
    assert all((row["Program"] != "") == (row["Skolform"] == "GY") for row in enrolments)


def test_handovers_incidents_and_absences_are_registers_of_their_own(out: Path) -> None:
    for site in SITES:
        known = {read_identity(number).value for number in numbers(out, site)}
        for name in ("overlamningar", "handelser", "franvaroanmalningar", "examina"):
            found = rows(out / site / f"{name}.csv")
            assert found, name
            assert {read_identity(row["Personnummer"]).value for row in found} <= known
        handovers = rows(out / site / "overlamningar.csv")
        assert {row["Dokumenterad"] for row in handovers} == {"Ja", "Nej"}
        assert all((row["Samtycke"] == "") == (row["Dokumenterad"] == "Nej") for row in handovers)
        keys = [(row["Personnummer"], row["Datum"]) for row in handovers]
        assert len(set(keys)) == len(keys)
        absences = rows(out / site / "franvaroanmalningar.csv")
        assert all(row["Från"] < row["Till (ej med)"] and row["Anmäld"] <= row["Från"] for row in absences)


def test_survey_waves_are_the_terms(out: Path) -> None:
    waves = {row["Omgång"] for row in rows(out / "goteborg" / "skolanknytning.csv")}
    assert waves == {"HT2021", "VT2022", "HT2022", "VT2023", "HT2023", "VT2024", "HT2024", "VT2025"}


def test_the_truth_stands_beside_the_exports_and_not_among_them(out: Path) -> None:
    for site in SITES:
        truth = json.loads((out / "truth" / site / "summary.json").read_text(encoding="utf-8"))
        assert truth["connectedness"]["planted_percentage_points"] == 3.0
        assert (truth["forum"] is None) == (site in ("goteborg", "lerum"))
        pupils = pq.read_table(out / "truth" / site / "pupil_terms.parquet").to_pandas()
        assert pupils["attendance"].between(0, 1).all()
        assert set(pupils["personnummer"]) <= {read_identity(number).value for number in numbers(out, site)}
        if truth["forum"] is None:
            assert (pupils["attendance"] == pupils["attendance_without_forums"]).all()
        assert not [path for path in (out / site).rglob("*") if "truth" in path.name]

"""A foreign data set, taken in by a site file alone: no line of Python knows its headings."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from typing import Any

import ibis
import pytest
from distance_university import FOLDER, files
from example_site import KEY, PROJECT

from evalkit.sources import IngestSummary, open_sources, open_tables
from evalkit.sources.pseudonyms import pseudonym
from evalkit.studies.parameters import load_site

STUDY = PROJECT / "params" / "distansuniversitet"
FIRST = {"2013J": date(2013, 10, 1), "2014B": date(2014, 2, 1), "2014J": date(2014, 10, 1)}


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> tuple[IngestSummary, dict[str, ibis.Table]]:
    site, out = load_site(STUDY / "distance.yml"), tmp_path_factory.mktemp("distance") / "tables"
    sources = [entry.source() for entry in site.sources]
    summary = open_sources(
        sources, PROJECT, KEY, out, memory="1GB", threads=2, municipality=site.municipality, on=date(2015, 12, 31)
    )
    return summary, open_tables(out)


@pytest.fixture(scope="module")
def tables(taken_in: tuple[IngestSummary, dict[str, ibis.Table]]) -> dict[str, ibis.Table]:
    return taken_in[1]


def written(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows(table: ibis.Table) -> list[dict[str, Any]]:
    return table.to_pyarrow().to_pylist()


def person(student: str) -> str:
    return pseudonym(student, KEY, "student id")


def test_nothing_is_wrong_or_odd(taken_in: tuple[IngestSummary, dict[str, ibis.Table]]) -> None:
    assert [str(found) for found in taken_in[0].findings] == []


def test_every_row_has_become_one(tables: dict[str, ibis.Table]) -> None:
    counts = {name: len(rows(table)) for name, table in tables.items()}
    assert counts == {
        "persons": len({row["id_student"] for row in written("studentInfo")}),
        "school_units": 1,
        "enrolments": len(written("studentRegistration")),
        "courses": len(written("studentRegistration")),
        "grades": len(written("studentAssessment")),
        "checkins": len(written("studentVle")),
    }


def test_two_courses_by_hand(tables: dict[str, ibis.Table]) -> None:
    stored = {(row["person_id"], row["course_id"]): row for row in rows(tables["courses"])}
    left = next(row for row in written("studentRegistration") if row["date_unregistration"])
    stayed = next(row for row in written("studentRegistration") if not row["date_unregistration"])
    for row in (left, stayed):
        first, presentation = FIRST[row["code_presentation"]], row["code_presentation"]
        length = {"2013J": 268, "2014B": 234, "2014J": 269}[presentation]
        course = stored[person(row["id_student"]), f"{row['code_module']}-{presentation}"]
        assert course["start"] == first + timedelta(int(row["date_registration"]))
        assert course["end"] == first + timedelta(int(row["date_unregistration"] or length))
        assert course["planned_end"] == first + timedelta(length)
        assert (course["outcome"] == "discontinued") == bool(row["date_unregistration"])


def test_days_after_the_start_of_a_presentation(tables: dict[str, ibis.Table]) -> None:
    last = {"2013J": date(2014, 6, 26), "2014B": date(2014, 9, 23), "2014J": date(2015, 6, 27)}
    ends = {row["course_id"].partition("-")[2]: row["planned_end"] for row in rows(tables["courses"])}
    assert ends == last, "268, 234 and 269 days after 1 October 2013, 1 February and 1 October 2014"


def test_results_become_outcomes_and_grades(tables: dict[str, ibis.Table]) -> None:
    wanted = {
        "Pass": ("completed", "G"),
        "Distinction": ("completed", "VG"),
        "Fail": ("completed", "IG"),
        "Withdrawn": ("discontinued", None),
    }
    stored = {(row["person_id"], row["course_id"]): (row["outcome"], row["grade"]) for row in rows(tables["courses"])}
    for row in written("studentInfo"):
        course = f"{row['code_module']}-{row['code_presentation']}"
        assert stored[person(row["id_student"]), course] == wanted[row["final_result"]]


def test_scores_become_grades(tables: dict[str, ibis.Table]) -> None:
    presentation = {row["id_assessment"]: row for row in written("assessments")}
    stored = {(row["person_id"], row["subject"], row["registered"]): row for row in rows(tables["grades"])}
    for row in written("studentAssessment"):
        about, score = presentation[row["id_assessment"]], int(row["score"])
        day = FIRST[about["code_presentation"]] + timedelta(int(row["date_submitted"]))
        grade = stored[person(row["id_student"]), about["code_module"], day]
        assert grade["grade"] == ("IG" if score < 40 else "G" if score < 85 else "VG")
        assert grade["term"] == {"2013J": "HT2013", "2014B": "VT2014", "2014J": "HT2014"}[about["code_presentation"]]


def test_clicks_are_activity_of_a_day(tables: dict[str, ibis.Table]) -> None:
    stored = {(row["person_id"], row["date"], row["resource"]): row for row in rows(tables["checkins"])}
    for row in written("studentVle"):
        day = FIRST[row["code_presentation"]] + timedelta(int(row["date"]))
        click = stored[person(row["id_student"]), day, row["id_site"]]
        assert (click["direction"], click["count"], click["minute"]) == ("activity", int(row["sum_click"]), None)


def test_the_files_are_those_of_the_script() -> None:
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(files())
    for name, wanted in files().items():
        with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert list(csv.reader(file)) == wanted

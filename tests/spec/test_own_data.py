"""A municipality that has only CSV with Swedish headings: the example site file, from files to tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pytest
from example_site import EXAMPLE, KEY, PROJECT, ExampleSite

from evalkit.sources import IngestSummary, open_tables
from evalkit.sources.pseudonyms import pseudonym
from evalkit.vocabulary import read_identity


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> ExampleSite:
    return ExampleSite(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def summary(site: ExampleSite) -> IngestSummary:
    return site.take_in()


@pytest.fixture(scope="module")
def tables(site: ExampleSite, summary: IngestSummary) -> dict[str, ibis.Table]:
    return open_tables(site.out, memory="1GB")


def rows(table: ibis.Table) -> list[dict[str, Any]]:
    return table.to_pyarrow().to_pylist()


def person(number: str) -> str:
    return pseudonym(number.replace("-", ""), KEY)


def test_every_row_of_every_file_is_there(site: ExampleSite, summary: IngestSummary) -> None:
    files = {
        "persons": "elever.csv",
        "school_units": "skolor.csv",
        "enrolments": "inskrivningar.csv",
        "attendance": "narvaro.csv",
        "grades": "betyg.csv",
        "survey": "enkat.csv",
        "forums": "dialogtorg.csv",
        "support": "stod.csv",
    }
    assert dict(summary.tables) == {table: len(site.rows(file)) - 1 for table, file in files.items()}
    assert {one.check for one in summary.warnings} <= {"months_without_lessons"}


def test_swedish_codes_are_mapped(site: ExampleSite, tables: dict[str, ibis.Table]) -> None:
    stored = {row["person_id"]: row for row in rows(tables["persons"])}
    for number, _, sex, born, hidden in [[*row[:2], *row[3:]] for row in site.rows("elever.csv")[1:]]:
        row = stored[person(number)]
        assert row["sex"] == {"K": "woman", "M": "man"}[sex]
        assert row["birth_date"] == date.fromisoformat(born)
        assert row["security_marking"] == {"Ja": "protected", "Nej": "none"}[hidden]


def test_codes_keep_their_leading_zeros(tables: dict[str, ibis.Table]) -> None:
    assert {row["municipality"] for row in rows(tables["school_units"])} == {"0199"}


def test_last_days_become_the_day_after(site: ExampleSite, tables: dict[str, ibis.Table]) -> None:
    written = {(person(row[0]), row[4]): row[5] for row in site.rows("inskrivningar.csv")[1:]}
    for row in rows(tables["enrolments"]):
        end = written[row["person_id"], row["start"].isoformat()]
        if end:
            assert (row["end"] - date.fromisoformat(end)).days == 1
        else:
            assert row["end"] is None


def test_lessons_keep_their_minutes_and_their_unknowns(site: ExampleSite, tables: dict[str, ibis.Table]) -> None:
    stored = {(row["person_id"], row["lesson_id"]): row for row in rows(tables["attendance"])}
    for number, lesson, school, _, subject, day, start, length, *minutes, reported in site.rows("narvaro.csv")[1:]:
        row = stored[person(number), lesson]
        assert (row["school_id"], row["subject"]) == (school, subject)
        assert row["date"].strftime("%Y%m%d") == day
        assert f"{row['start_minute'] // 60:02d}:{row['start_minute'] % 60:02d}" == start
        assert row["minutes_offered"] == int(length)
        assert row["reported"] == (reported == "Ja")
        kept = [row[f"minutes_{name}"] for name in ("attended", "valid_absence", "invalid_absence", "other")]
        assert kept == [int(value) if value else None for value in minutes]


def test_survey_in_another_encoding_and_another_spelling_meets_the_pupils(tables: dict[str, ibis.Table]) -> None:
    persons = {row["person_id"] for row in rows(tables["persons"])}
    survey = rows(tables["survey"])
    assert {row["person_id"] for row in survey} <= persons
    assert {row["answer"] for row in survey} == {1, 2, 3, 4, None}, "Vet ej is missing"
    assert {row["dimension"] for row in survey} == {"behavioural", "academic", "affective", "cognitive"}


def test_decimal_commas(tables: dict[str, ibis.Table]) -> None:
    assert sorted(row["hours_per_week"] for row in rows(tables["support"])) == [0.5, 0.75, 1.0, 1.0, 1.5, 2.0]


def test_every_row_knows_from_when_it_was_known(tables: dict[str, ibis.Table]) -> None:
    for name, column in (("attendance", "date"), ("survey", "date"), ("grades", "registered"), ("support", "start")):
        assert all(row["known_from"] == row[column] for row in rows(tables[name]))


def test_no_number_name_or_address_survives(site: ExampleSite, tables: dict[str, ibis.Table]) -> None:
    stored = "".join(str(rows(table)) for table in tables.values())
    content = b"".join(path.read_bytes() for path in site.out.rglob("*.parquet"))
    for secret in site.secrets:
        assert secret not in stored
        assert secret.encode() not in content


def test_the_example_holds_no_person_that_could_exist() -> None:
    site = (PROJECT / EXAMPLE / "hamnby.yml").read_text(encoding="utf-8")
    assert "simulated: true" in site
    file = PROJECT / Path(EXAMPLE) / "data" / "elever.csv"
    for line in file.read_text(encoding="cp1252").splitlines()[1:]:
        assert read_identity(line.split(";")[0]).is_test

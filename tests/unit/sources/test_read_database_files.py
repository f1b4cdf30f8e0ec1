"""DuckDB database files: read-only, shut off from the machine, refused in plain words."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from small_site import ALVA, pseudonym_of, rows_of, take_in

from evalkit.errors import InputError
from evalkit.sources import Layout, Source, digest_inputs, open_tables

PEOPLE = Source(
    Layout("duckdb", Path("register.duckdb"), relation="elever"),
    ("persons",),
    columns={"person_id": "Personnummer", "birth_date": "Född", "home_municipality": "Kommun"},
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with duckdb.connect(str(tmp_path / "register.duckdb")) as database:
        database.execute(
            f"""CREATE TABLE elever AS SELECT {ALVA}::HUGEINT AS "Personnummer", 180::DECIMAL(4,0) AS "Kommun",
            TIMESTAMPTZ '2010-03-03 23:30:00+00' AS "Född", [1, 2] AS listor, 'Alva' AS namn, 'NaN'::DOUBLE AS tal"""
        )
        database.execute('CREATE SCHEMA s; CREATE VIEW s."vy ""1""" AS SELECT * FROM elever')
        (tmp_path / "secret.csv").write_text("Personnummer\n1\n", encoding="utf-8")
        database.execute(f"CREATE VIEW leak AS SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')")
    return tmp_path


def reading(relation: str) -> Source:
    return replace(PEOPLE, layout=replace(PEOPLE.layout, relation=relation))


def refusal(source: Source, folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        take_in([source], folder, folder / "out")
    assert not (folder / "out").exists()
    return str(caught.value)


@pytest.mark.parametrize("relation", ["elever", "main.elever", 's."vy ""1"""'])
def test_tables_and_views_are_read_and_the_file_is_not_touched(relation: str, folder: Path) -> None:
    before = digest_inputs([PEOPLE], folder)
    take_in([reading(relation)], folder, folder / "out")
    stored = rows_of(open_tables(folder / "out")["persons"], "person_id", "birth_date", "home_municipality")
    assert stored == [(pseudonym_of(ALVA), date(2010, 3, 4), "0180")]
    assert digest_inputs([PEOPLE], folder) == before
    assert sorted(path.name for path in folder.iterdir()) == ["out", "register.duckdb", "secret.csv"]


def test_refusals(folder: Path) -> None:
    assert "did you mean elever?" in refusal(reading("elevr"), folder)
    assert "the relation leak cannot be read" in refusal(reading("leak"), folder)
    assert "the source names no table or view" in refusal(reading(""), folder)
    assert "the source names no table or view" in refusal(reading("a.b.c"), folder)
    for hostile in ("elever; DROP TABLE elever", "elever WHERE 1=1", "read_csv('secret')"):
        assert "the database has no table or view" in refusal(reading(hostile), folder)
    listed = replace(PEOPLE, columns={**PEOPLE.columns, "birth_date": "listor"})
    assert "the column holds lists" in refusal(listed, folder)


def test_files_that_are_no_database_or_are_held_open(folder: Path) -> None:
    program = "import duckdb, sys; d = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program, str(folder / "register.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        told = refusal(PEOPLE, folder)
        other.communicate()
    assert "another program holds the database open" in told
    (folder / "register.duckdb").write_bytes(b"no database" * 1000)
    assert "the file is no DuckDB database" in refusal(PEOPLE, folder)

"""PostgreSQL: a real server, read-only, told in our own words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from database_server import DatabaseServer, programs, running
from small_site import ALVA, BO, pseudonym_of, rows_of, take_in

from evalkit.errors import InputError, SourceFaultsError
from evalkit.sources import Layout, Source, digest_inputs, open_tables
from evalkit.sources.readers import servers
from evalkit.sources.readers.limits import ServerLimits

pytestmark = [
    pytest.mark.skipif(programs() is None, reason="no PostgreSQL server is installed"),
]
VARIABLE = "EVALKIT_TEST_DATABASE"
PEOPLE = Source(
    Layout("postgresql", relation="elever", connection_variable=VARIABLE),
    ("persons",),
    columns={"person_id": "Personnummer", "sex": "Kön", "birth_date": "Född", "immigrated": "Kom"},
    values={"sex": {"K": "woman", "M": "man"}},
)


@pytest.fixture(scope="module")
def server() -> Iterator[DatabaseServer]:
    with running() as started:
        started.run("CREATE ROLE reader LOGIN")
        yield started


@pytest.fixture
def people(server: DatabaseServer, monkeypatch: pytest.MonkeyPatch) -> DatabaseServer:
    monkeypatch.setenv(VARIABLE, server.text())
    server.run(
        "DROP TABLE IF EXISTS elever CASCADE",
        'CREATE TABLE elever ("Personnummer" numeric(12,0), "Kön" char(1), "Född" date, "Kom" timestamptz, namn text)',
        f"INSERT INTO elever VALUES ({ALVA}, 'K', '2010-03-04', '2015-06-30 22:30Z', 'Alva'),"
        f" ({BO}, 'M', 'infinity', NULL, 'Bo')",
    )
    return server


def reading(relation: str) -> Source:
    return replace(PEOPLE, layout=replace(PEOPLE.layout, relation=relation))


def refusal(source: Source, folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        take_in([source], folder, folder / "out")
    assert not (folder / "out").exists()
    return str(caught.value)


def test_types_of_a_server_become_canonical(people: DatabaseServer, tmp_path: Path) -> None:
    take_in([PEOPLE], tmp_path, tmp_path / "out")
    stored = rows_of(open_tables(tmp_path / "out")["persons"], "person_id", "sex", "birth_date", "immigrated")
    wanted = [
        (pseudonym_of(ALVA), "woman", date(2010, 3, 4), date(2015, 7, 1)),
        (pseudonym_of(BO), "man", None, None),
    ]
    assert stored == sorted(wanted, key=str), "a moment belongs to the Swedish day; an infinite date is none"


def test_a_relation_may_be_a_view_in_a_schema_with_odd_names(people: DatabaseServer, tmp_path: Path) -> None:
    people.run(
        'DROP SCHEMA IF EXISTS "a.b" CASCADE',
        'CREATE SCHEMA "a.b"',
        'CREATE VIEW "a.b"."x"";--" AS SELECT * FROM elever',
    )
    assert take_in([reading('"a.b"."x"";--"')], tmp_path, tmp_path / "out").tables["persons"] == 2


@pytest.mark.parametrize(
    "name", ["elever; DROP TABLE elever", "elever WHERE true", "(SELECT 1)", "elever --", "e'lever"]
)
def test_a_hostile_relation_is_only_a_name(name: str, people: DatabaseServer, tmp_path: Path) -> None:
    assert "the database has no such table or view" in refusal(reading(name), tmp_path)
    assert take_in([PEOPLE], tmp_path, tmp_path / "out").tables["persons"] == 2


def test_what_a_view_calls_cannot_write(people: DatabaseServer, tmp_path: Path) -> None:
    people.run(
        "CREATE TABLE IF NOT EXISTS traces (n int)",
        "TRUNCATE traces",
        "CREATE OR REPLACE FUNCTION trace(t text) RETURNS text LANGUAGE plpgsql VOLATILE AS"
        " $$ BEGIN INSERT INTO traces VALUES (1); RETURN t; END $$",
        "CREATE OR REPLACE FUNCTION loosen(t text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$ BEGIN"
        " PERFORM set_config('transaction_read_only', 'off', true); INSERT INTO traces VALUES (1); RETURN t; END $$",
    )
    for function in ("trace", "loosen"):
        view = f'CREATE VIEW by_{function} AS SELECT "Personnummer", {function}("Kön"::text) AS "Kön", "Född", "Kom"'
        people.run(f"{view} FROM elever")
        assert "could not be read (SQLSTATE 25" in refusal(reading(f"by_{function}"), tmp_path)
    people.run("DO $$ BEGIN ASSERT (SELECT count(*) FROM traces) = 0; END $$")


def test_an_unchanged_table_is_known_again_and_a_changed_byte_is_seen(people: DatabaseServer, tmp_path: Path) -> None:
    before = digest_inputs([PEOPLE], tmp_path)
    people.run("DELETE FROM elever WHERE namn = 'Alva'")
    assert digest_inputs([PEOPLE], tmp_path) != before
    people.run(f"INSERT INTO elever VALUES ({ALVA}, 'K', '2010-03-04', '2015-06-30 22:30Z', 'Alva')")
    assert digest_inputs([PEOPLE], tmp_path) == before, "the order of rows does not count"
    people.run("UPDATE elever SET namn = 'Alvb' WHERE namn = 'Alva'")
    assert digest_inputs([PEOPLE], tmp_path) != before
    people.run("ALTER ROLE owner SET timezone = 'Asia/Tokyo'", "UPDATE elever SET namn = 'Alva' WHERE namn = 'Alvb'")
    assert digest_inputs([PEOPLE], tmp_path) == before, "nor do the account's settings"
    people.run("ALTER ROLE owner RESET ALL")


def test_columns_that_hold_lists_are_refused_only_where_wanted(people: DatabaseServer, tmp_path: Path) -> None:
    people.run("ALTER TABLE elever ADD COLUMN many text[], ADD COLUMN id uuid DEFAULT gen_random_uuid()")
    assert take_in([PEOPLE], tmp_path, tmp_path / "out").tables["persons"] == 2
    listed = replace(PEOPLE, columns={**PEOPLE.columns, "home_municipality": "many"})
    with pytest.raises(SourceFaultsError, match="holds values of type _text"):
        take_in([listed], tmp_path, tmp_path / "other")


def test_refusals_repeat_nothing_of_the_server(
    people: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, people.text("reader"))
    assert "the account may not read the relation" in refusal(PEOPLE, tmp_path)
    monkeypatch.setenv(VARIABLE, "host=127.0.0.1 port=1 user=hemlig password=lösen dbname=register")
    told = refusal(PEOPLE, tmp_path)
    assert f"the server of {VARIABLE} does not answer" in told
    assert not [word for word in ("127.0.0.1", "hemlig", "lösen", "register") if word in told]
    monkeypatch.delenv(VARIABLE)
    assert f"the environment variable {VARIABLE} is not set" in refusal(PEOPLE, tmp_path)


def test_a_value_that_a_server_cannot_turn_is_not_repeated(people: DatabaseServer, tmp_path: Path) -> None:
    people.run('CREATE VIEW broken AS SELECT "Personnummer", "Kön", "Född", namn::timestamptz AS "Kom" FROM elever')
    told = refusal(reading("broken"), tmp_path)
    assert "SQLSTATE 22007" in told
    assert "Alva" not in told


def test_a_slow_view_is_given_up(people: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "server_limits", lambda: ServerLimits(1, 5))
    people.run("CREATE VIEW slow AS SELECT e.* FROM elever AS e, pg_sleep(30)")
    assert "the server took longer than allowed" in refusal(reading("slow"), tmp_path)

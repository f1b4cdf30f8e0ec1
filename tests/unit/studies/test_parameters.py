"""Study and site files: typed, unknown keys refused, told where."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from evalkit.errors import InputError
from evalkit.sources import ColumnMap, Layout, Lookup, Source
from evalkit.studies.parameters import digest_of, load_site, load_study, site_files

STUDY = {
    "study": "prov",
    "title": {"sv": "Prov", "en": "Trial"},
    "project": {"number": "1", "funder": {"sv": "f", "en": "f"}, "from": "2023-02-01", "to": "2026-01-31"},
    "date": "2026-02-15",
    "school_years": ["2021/22"],
    "assignment_date": "2023-10-15",
    "largest_plausible_effect": 5.0,
    "policy": "skolverket",
    "notebooks": ["basis"],
}
SITE = {
    "site": "ale",
    "name": "Ale",
    "municipality": "1440",
    "simulated": True,
    "policy": "skolverket",
    "sources": [{"kind": "csv", "table": "forums", "path": "a.csv"}],
}


def written(folder: Path, name: str, content: dict[str, object]) -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def test_dates_arrive_as_dates_and_the_order_of_keys_does_not_count(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, "study.yml", STUDY))
    assert study.assignment_date == date(2023, 10, 15)
    turned = load_study(written(tmp_path, "turned.yml", dict(reversed(STUDY.items()))))
    assert digest_of(turned) == digest_of(study)
    moved = load_study(written(tmp_path, "moved.yml", {**STUDY, "assignment_date": "2023-10-16"}))
    assert digest_of(moved) != digest_of(study)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"assigment_date": "2023-10-15"}, "unknown key assigment_date"),
        ({"title": {"sv": "Prov"}}, "missing key title.en"),
        ({"date": "soon"}, "date:"),
        ({"school_years": ["2021"]}, "school_years.0"),
    ],
)
def test_a_wrong_study_file_says_what_and_where(tmp_path: Path, change: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as fault:
        load_study(written(tmp_path, "study.yml", {**STUDY, **change}))
    assert words in str(fault.value)
    assert "study.yml" in str(fault.value)
    assert fault.value.exit_code == 2


def test_a_site_file_bears_its_site_s_name_and_a_source_names_its_table(tmp_path: Path) -> None:
    assert load_site(written(tmp_path, "ale.yml", SITE)).municipality == "1440"
    with pytest.raises(InputError, match="says site: ale"):
        load_site(written(tmp_path, "lerum.yml", SITE))
    nameless = {**SITE, "sources": [{"kind": "csv", "path": "a.csv"}]}
    with pytest.raises(InputError, match="names either"):
        load_site(written(tmp_path, "ale.yml", nameless))
    with pytest.raises(InputError, match="municipality"):
        load_site(written(tmp_path, "ale.yml", {**SITE, "municipality": 180}))


def test_an_engine_is_named_alone_or_with_its_limits(tmp_path: Path) -> None:
    def engine(written_as: object) -> tuple[str, str, int, str | None]:
        read = load_site(written(tmp_path, "ale.yml", {**SITE, "engine": written_as})).engine
        return read.name, read.memory, read.threads, read.master

    assert engine({}) == ("duckdb", "2GB", 2, None)
    assert engine("spark") == ("spark", "2GB", 2, None)
    master = "spark://cluster.example.se:7077"
    assert engine({"name": "spark", "memory": "8GB", "threads": 16, "master": master}) == ("spark", "8GB", 16, master)


def test_a_file_that_is_missing_or_not_yaml(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        load_study(tmp_path / "study.yml")
    (tmp_path / "study.yml").write_text("a: [1\nb: 2\n", encoding="utf-8")
    with pytest.raises(InputError) as fault:
        load_study(tmp_path / "study.yml")
    assert fault.value.where is not None
    assert fault.value.where.row == 2
    (tmp_path / "study.yml").write_bytes("title: Mölndal".encode("cp1252"))
    with pytest.raises(InputError, match="UTF-8"):
        load_study(tmp_path / "study.yml")


def test_site_files_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("study.yml", "molndal.yml", "ale.yml"):
        (tmp_path / name).write_text("", encoding="utf-8")
    assert list(site_files(tmp_path)) == ["ale", "molndal"]


CSV = {"kind": "csv", "path": "a.csv", "table": "grades"}


def entry_of(folder: Path, **keys: object) -> Source:
    site = {**SITE, "sources": [{**CSV, **keys}]}
    return load_site(written(folder, "ale.yml", site)).sources[0].source()


def test_a_source_entry_says_what_the_readers_take(tmp_path: Path) -> None:
    source = entry_of(
        tmp_path,
        separator=",",
        encoding="cp1252",
        distinct=True,
        identities="student id",
        columns={
            "subject": "amne.namn",
            "registered": {"column": "dag", "otherwise": "sen", "days_after": date(2023, 9, 1)},
            "grade": {"column": "poäng", "bands": [[40, "F"], [None, "A"]]},
            "course": {"combine": ["a", "b"], "between": "-"},
            "term": {"constant": "HT2023"},
        },
        lookups={"amne": {"path": "b.csv", "match": {"kod": "id"}, "unmatched": "missing"}},
    )
    assert source.layout == Layout("csv", Path("a.csv"), encoding="cp1252", separator=",")
    assert source.columns["registered"] == ColumnMap(column="dag", otherwise="sen", days_after="2023-09-01")
    assert source.columns["grade"] == ColumnMap(column="poäng", bands=((40.0, "F"), (None, "A")))
    assert source.columns["course"] == ColumnMap(combine=("a", "b"), between="-")
    assert (source.tables, source.distinct, source.identities) == (("grades",), True, "student id")
    lookup = Lookup(Layout("csv", Path("b.csv"), encoding="cp1252", separator=","), {"kod": "id"}, "missing")
    assert source.lookups == {"amne": lookup}, "what a lookup does not say is as its source's"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"sheet": "Blad1"}, "`sheet` says nothing about csv"),
        ({"kind": "excel", "separator": ";"}, "`separator` says nothing about excel"),
        ({"kind": "duckdb", "path": None}, "a duckdb source names its `path`"),
        ({"kind": "postgresql"}, "names `connection_variable`, and no `path`"),
        ({"columns": {"term": {"constant": "x", "column": "y"}}}, "is mapped by one of"),
        ({"lookups": {"x": {"match": {"a": "b"}, "relation": "t"}}}, "`relation` says nothing about csv"),
        ({"lookups": {"x": {"match": {}}}}, "lookups.x.match"),
        ({"tables": ["grades"]}, "a source names either `table`"),
        ({"api": {"url": "https://a.se/v2", "token_variable": "T", "from": "2023-01-01", "to": "2023-02-01"}}, "`api`"),
        ({"separator": ";;"}, "separator"),
        ({"header_row": 0}, "header_row"),
    ],
)
def test_a_source_entry_that_contradicts_itself(tmp_path: Path, keys: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as fault:
        entry_of(tmp_path, **keys)
    assert words in str(fault.value)


def test_an_api_becomes_its_access(tmp_path: Path) -> None:
    api = {
        "url": "https://skolor.example.se/v2.0/",
        "token_variable": "TOKEN",
        "from": "2023-08-01",
        "to": "2024-06-30",
    }
    access = entry_of(tmp_path, kind="ss12000", api=api).api
    assert access is not None
    assert (access.url, access.first_day, access.limit) == ("https://skolor.example.se/v2.0", date(2023, 8, 1), 1000)

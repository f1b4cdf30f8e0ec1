"""CSV in four encodings and Parquet become the same canonical tables as SS 12000 pages."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_site import ALVA, BO, CIM, TABLES, pseudonym_of, read_site, rows_of, small_site, take_in

from evalkit.errors import SourceFaultsError
from evalkit.sources import Layout, Source, open_tables
from evalkit.vocabulary import test_number as number_of
from evalkit.vocabulary.schema import table_schema

DAG = number_of(date(2010, 11, 30), 3, sex="man")
SEX = {"K": "woman", "M": "man", "?": "unknown"}
PEOPLE = [["Personnummer", "Kön", "Född"], [f"{ALVA[:8]}-{ALVA[8:]}", "K", "2010-03-04"]]
PERSONS = Source(
    Layout("csv", Path("elever.csv")),
    ("persons",),
    columns={"person_id": "Personnummer", "sex": "Kön", "birth_date": "Född"},
    values={"sex": SEX},
)


def write_csv(path: Path, rows: list[list[str]], *, encoding: str = "utf-8", separator: str = ";") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)


def laid_out(**changes: Any) -> Source:
    return replace(PERSONS, layout=replace(PERSONS.layout, **changes))


def persons_of(tmp_path: Path, source: Source = PERSONS, on: date | None = None) -> list[tuple[Any, ...]]:
    take_in([source], tmp_path, tmp_path / "out", on=on)
    return rows_of(open_tables(tmp_path / "out")["persons"], "person_id", "sex", "birth_date")


@pytest.mark.parametrize(
    ("encoding", "separator"), [("utf-8", ";"), ("utf-8-sig", "\t"), ("cp1252", ";"), ("latin-1", ",")]
)
def test_every_encoding_and_separator(encoding: str, separator: str, tmp_path: Path) -> None:
    write_csv(tmp_path / "elever.csv", PEOPLE, encoding=encoding, separator=separator)
    source = laid_out(encoding=encoding, separator=separator)
    assert persons_of(tmp_path, source) == [(pseudonym_of(ALVA), "woman", date(2010, 3, 4))]


def test_a_byte_order_mark_is_no_part_of_the_first_heading(tmp_path: Path) -> None:
    write_csv(tmp_path / "elever.csv", PEOPLE, encoding="utf-8-sig")
    assert persons_of(tmp_path, laid_out(encoding=None)) == [(pseudonym_of(ALVA), "woman", date(2010, 3, 4))]


def test_one_person_however_the_number_is_written(tmp_path: Path) -> None:
    hyphened = f"{ALVA[:8]}-{ALVA[8:]}"
    written = [ALVA, hyphened, f" {ALVA} ", hyphened[2:], ALVA[2:]]
    answers = [[number, "HT2023", "2023-10-02", str(place), "affective", "4"] for place, number in enumerate(written)]
    write_csv(tmp_path / "elever.csv", PEOPLE)
    write_csv(tmp_path / "enkat.csv", [["person_id", "wave", "date", "item", "dimension", "answer"], *answers])
    sources = [PERSONS, Source(Layout("csv", Path("enkat.csv")), ("survey",))]
    take_in(sources, tmp_path, tmp_path / "out", on=date(2024, 8, 1))
    stored = rows_of(open_tables(tmp_path / "out")["survey"], "item", "person_id")
    assert stored == [(str(place), pseudonym_of(ALVA)) for place in range(5)]


def test_ten_digits_need_a_day(tmp_path: Path) -> None:
    write_csv(tmp_path / "elever.csv", [PEOPLE[0], [ALVA[2:], "K", ""]])
    with pytest.raises(SourceFaultsError, match="ten digits hold no century"):
        persons_of(tmp_path)


@pytest.mark.parametrize(
    ("written", "date_format"),
    [
        ("2010-03-04", "%Y-%m-%d"),
        ("20100304", "%Y%m%d"),
        ("4/3/2010", "%d/%m/%Y"),
        ("04.03.10", "%d.%m.%y"),
        ("100304", "%y%m%d"),
    ],
)
def test_dates_as_they_are_written(written: str, date_format: str, tmp_path: Path) -> None:
    write_csv(tmp_path / "elever.csv", [PEOPLE[0], [ALVA, "K", written]])
    assert persons_of(tmp_path, laid_out(date_format=date_format))[0][2] == date(2010, 3, 4)


def test_dates_that_are_none(tmp_path: Path) -> None:
    written = ["2010-02-30", "2010-3", "2010-03-04 12", "infinity", "201003041", "0"]
    write_csv(tmp_path / "elever.csv", [*PEOPLE, *[[ALVA, "K", text] for text in written]])
    with pytest.raises(SourceFaultsError, match="6 rows, the first of them here: expected a date such as 2024-08-31"):
        persons_of(tmp_path)


def test_cells_with_quotes_separators_and_line_breaks(tmp_path: Path) -> None:
    rows = [["Skolenhetskod", "Namn", "Kommun"], ["12345678", 'Skolan "Ö"; två\nrader', "180"], ["87654321", "B", ""]]
    write_csv(tmp_path / "skolor.csv", rows)
    columns = {"school_id": "Skolenhetskod", "name": "Namn", "municipality": "Kommun"}
    take_in([Source(Layout("csv", Path("skolor.csv")), ("school_units",), columns=columns)], tmp_path, tmp_path / "out")
    stored = rows_of(open_tables(tmp_path / "out")["school_units"], "school_id", "name", "municipality")
    assert stored == [("12345678", 'Skolan "Ö"; två\nrader', "0180"), ("87654321", "B", "1481")], (
        "a zero that Excel took is put back, and the site's own code stands where there is none"
    )


def test_a_folder_of_files_is_one_table(tmp_path: Path) -> None:
    (tmp_path / "elever").mkdir()
    write_csv(tmp_path / "elever" / "a.csv", PEOPLE)
    write_csv(tmp_path / "elever" / "b.csv", [["Född", "Personnummer", "Kön"], ["", "20100708TF01", "?"]])
    assert len(persons_of(tmp_path, laid_out(path=Path("elever")))) == 2


def test_a_fault_in_a_folder_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "elever").mkdir()
    write_csv(tmp_path / "elever" / "a.csv", PEOPLE)
    write_csv(tmp_path / "elever" / "b.csv", [["Född", "Personnummer", "Kön"], ["", "20100708TF01", "X"]])
    with pytest.raises(SourceFaultsError, match=r"elever/b\.csv, row 2, column Kön"):
        persons_of(tmp_path, laid_out(path=Path("elever")))


def test_parquet_with_types_of_its_own(tmp_path: Path) -> None:
    columns = {
        "person_id": pa.array([int(ALVA)] * 3),
        "wave": pa.array(["HT2023"] * 3).dictionary_encode(),
        "date": pa.array([date(2023, 10, 1)] * 3).cast(pa.timestamp("us")),
        "item": pa.array(["1", "2", "3"]),
        "dimension": pa.array(["affective"] * 3),
        "answer": pa.array([1.0, None, 4.0]),
    }
    pq.write_table(pa.table(columns), tmp_path / "survey.parquet")
    pq.write_table(pa.table({"person_id": [ALVA]}), tmp_path / "persons.parquet")
    sources = [Source(Layout("parquet", Path(f"{name}.parquet")), (name,)) for name in ("persons", "survey")]
    take_in(sources, tmp_path, tmp_path / "out")
    stored = rows_of(open_tables(tmp_path / "out")["survey"], "person_id", "date", "item", "answer")
    day = date(2023, 10, 1)
    assert stored == [(pseudonym_of(ALVA), day, item, answer) for item, answer in (("1", 1), ("2", None), ("3", 4))]


def test_parquet_that_is_none_lacks_a_column_or_has_half_numbers(tmp_path: Path) -> None:
    (tmp_path / "persons.parquet").write_bytes(b"PAR1 but no more")
    pq.write_table(pa.table({"School_id": ["12345678"], "name": ["A"]}), tmp_path / "school_units.parquet")
    pq.write_table(pa.table({"forum_id": ["1"]}).slice(0, 0), tmp_path / "forums.parquet")
    names = ("persons", "school_units", "forums")
    sources = [Source(Layout("parquet", Path(f"{name}.parquet")), (name,)) for name in names]
    with pytest.raises(SourceFaultsError) as caught:
        take_in(sources, tmp_path, tmp_path / "out")
    told = str(caught.value)
    assert "the file is not Parquet\n  where: persons.parquet" in told
    assert "did you mean School_id?" in told
    assert "the file has no column station\n  where: forums.parquet" in told


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ibis.Table]:
    records = small_site()
    records["persons"][3]["civicNo"] = {"value": DAG}
    return read_site(records, tmp_path_factory.mktemp("site"))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_three_formats_of_one_content_give_one_result(kind: str, site: dict[str, ibis.Table], tmp_path: Path) -> None:
    numbers = {pseudonym_of(number): number for number in (ALVA, BO, CIM, DAG)}
    for name in TABLES:
        table = site[name].to_pyarrow().drop_columns(["known_from"])
        if "person_id" in table.column_names:
            place = table.column_names.index("person_id")
            written = pa.array([numbers[value] for value in table["person_id"].to_pylist()])
            table = table.set_column(place, "person_id", written)
        if kind == "parquet":
            pq.write_table(table, tmp_path / f"{name}.parquet")
        else:
            cells = [["" if cell is None else str(cell) for cell in row.values()] for row in table.to_pylist()]
            write_csv(tmp_path / f"{name}.csv", [table.column_names, *cells], encoding="cp1252")
    encoding = "cp1252" if kind == "csv" else None
    sources = [Source(Layout(kind, Path(f"{name}.{kind}"), encoding=encoding), (name,)) for name in TABLES]  # type: ignore[arg-type]
    take_in(sources, tmp_path, tmp_path / "out")
    stored = open_tables(tmp_path / "out")
    for name in TABLES:
        assert stored[name].to_pyarrow().equals(site[name].to_pyarrow()), name


def test_stored_types_are_those_of_the_schema(site: dict[str, ibis.Table]) -> None:
    types = {"string": "string", "integer": "int32", "number": "float64", "boolean": "boolean", "date": "date"}
    for name, table in site.items():
        wanted = {column.name: types[column.type] for column in table_schema(name).columns} | {"known_from": "date"}
        assert {column: str(kind) for column, kind in table.schema().items()} == wanted

"""CSV as programs and people write it: encodings, separators, line ends, and everything that goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pytest
from small_site import ALVA, BO, pseudonym_of, rows_of, take_in

from evalkit.errors import InputError
from evalkit.sources import IngestSummary, Layout, Source, open_tables
from evalkit.sources.readers.written import check_date_format, read_date, read_integer, read_number

PEOPLE = Source(
    Layout("csv", Path("elever.csv")),
    ("persons",),
    columns={"person_id": "Nummer", "sex": "Kön", "birth_date": "Född"},
    values={"sex": {"K": "woman", "M": "man"}},
)
TEXT = f"Nummer;Kön;Född\r\n{ALVA};K;2010-03-04\r\n{BO};M;20100506\r\n"
STORED = sorted([(pseudonym_of(ALVA), "woman", date(2010, 3, 4)), (pseudonym_of(BO), "man", date(2010, 5, 6))])


def laid_out(**changes: Any) -> Source:
    return replace(PEOPLE, layout=replace(PEOPLE.layout, **changes))


def summary(folder: Path, content: bytes | str, source: Source = PEOPLE) -> IngestSummary:
    (folder / "elever.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return take_in([source], folder, folder / "out")


def read(folder: Path, content: bytes | str, source: Source = PEOPLE) -> list[tuple[Any, ...]]:
    summary(folder, content, source)
    return rows_of(open_tables(folder / "out")["persons"], "person_id", "sex", "birth_date")


def refusal(folder: Path, content: bytes | str, source: Source = PEOPLE) -> str:
    with pytest.raises(InputError) as caught:
        summary(folder, content, source)
    assert not (folder / "out").exists()
    told = str(caught.value)
    assert ALVA not in told
    return told


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize(("codec", "named"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "cp1252")])
def test_encoding_and_separator_are_found_and_told(codec: str, named: str, separator: str, tmp_path: Path) -> None:
    content = TEXT.replace(";", separator).encode(codec)
    assert read(tmp_path, content) == STORED
    told = [found.problem for found in summary(tmp_path, content).findings if found.problem.startswith("read as")]
    assert told == [f"read as {named}, with {'tab' if separator == chr(9) else separator} between columns"]


def test_nothing_is_told_of_what_was_declared(tmp_path: Path) -> None:
    found = summary(tmp_path, TEXT, laid_out(encoding="utf-8", separator=";")).findings
    assert not [one for one in found if one.problem.startswith("read as")]


def test_the_separator_is_the_one_that_finds_the_headings(tmp_path: Path) -> None:
    content = f"Nummer;Kön;Född;A, b, c, d\n{ALVA};K;2010-03-04;x\n{BO};M;2010-05-06;y\n"
    assert read(tmp_path, content) == STORED


@pytest.mark.parametrize(
    "content",
    [
        TEXT.replace("\r\n", "\n"),
        TEXT.replace("\r\n", "\r"),
        TEXT.replace("\r\n", "\n", 1),
        TEXT[:-2],
        "\r\n\r\n" + TEXT,
        TEXT.replace("\r\n", "\r\n\r\n") + ";;\r\n" * 3,
        TEXT.replace(";", " ; "),
        TEXT.replace("\r\n", ";;\r\n"),
        TEXT.replace("Kön", '"Kön"').replace(";K;", ';"K";'),
        TEXT.replace("Född", "Fo\u0308dd"),
    ],
    ids=["lf", "cr", "mixed", "no-end", "empty-first", "empty-between", "blanks", "trailing", "quoted", "decomposed"],
)
def test_harmless_varieties(content: str, tmp_path: Path) -> None:
    assert read(tmp_path, content) == STORED


def test_line_breaks_in_quotes_do_not_count_as_rows(tmp_path: Path) -> None:
    rows = f'Nummer;Kön;Född;Not\r\n{ALVA};K;2010-03-04;"a\nb\r\nc"\r\n\r\n{BO};X;2010-05-06;d\r\n'
    assert "elever.csv, row 4, column Kön" in refusal(tmp_path, rows)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (TEXT.encode("utf-16"), "written in UTF-16"),
        (TEXT.replace(";K;", ";K\x00;").encode(), "NUL characters, which no text has\n  where: elever.csv, row 2"),
        ((TEXT + "\ufeff" + TEXT).encode(), "a byte order mark stands inside the file"),
        (TEXT.replace("K", "\x81", 1).encode("latin-1"), "neither in utf-8 nor in cp1252\n  where: elever.csv, row 1"),
        (b"PK\x03\x04" + bytes(50), "an Excel workbook, whatever its name says"),
        (
            TEXT.replace(";K;", ";K").encode(),
            "the row has 2 columns, but there are 3 headings\n  where: elever.csv, row 2",
        ),
        (TEXT.replace("Född", "Kön").encode(), "the file has no column Född"),
        (TEXT.replace("Född", "Född;Kön").replace("\r\n2", ";x\r\n2").encode(), "two columns have the same heading"),
        (b"\n\n\n", "the file has headings but no rows"),
        (b'"' + b"x" * 300_000, "row of headings is longer"),
    ],
)
def test_what_cannot_be_read(content: bytes, told: str, tmp_path: Path) -> None:
    assert told in refusal(tmp_path, content)


def test_a_declared_encoding_wins_and_a_wrong_one_is_a_fault(tmp_path: Path) -> None:
    assert read(tmp_path, TEXT.encode("latin-1"), laid_out(encoding="latin-1")) == STORED
    (tmp_path / "out").rename(tmp_path / "before")
    assert "not in latin-1 as the site file says" in refusal(tmp_path, TEXT, laid_out(encoding="latin-1"))
    assert "not written in utf-8" in refusal(tmp_path, TEXT.encode("cp1252"), laid_out(encoding="utf-8"))


def test_long_cells_are_read_and_longer_ones_refused(tmp_path: Path) -> None:
    long = (
        TEXT.replace("Född\r\n", "Född;Not\r\n")
        .replace("4\r\n", "4;" + "x" * 10_000_000 + "\r\n")
        .replace("6\r\n", "6;\r\n")
    )
    assert read(tmp_path, long) == STORED
    (tmp_path / "out").rename(tmp_path / "before")
    assert "elever.csv, row 3, column Kön" in refusal(tmp_path, long.replace(";M;", ";X;"))
    assert "not CSV from this row on\n  where: elever.csv, row 2" in refusal(tmp_path, long.replace("x" * 9, "x" * 18))


def test_cells_that_begin_like_a_formula_are_text(tmp_path: Path) -> None:
    school = "school_id;name\n12345678;=1+1\n12345679;+46\n12345680;@x\n12345681;-1\n"
    (tmp_path / "a.csv").write_text(school, encoding="utf-8")
    take_in([Source(Layout("csv", Path("a.csv")), ("school_units",))], tmp_path, tmp_path / "out")
    assert rows_of(open_tables(tmp_path / "out")["school_units"], "name") == [("+46",), ("-1",), ("=1+1",), ("@x",)]


def told_by(value: ibis.Value) -> Any:
    return ibis.duckdb.connect().to_pyarrow(value).as_py()


@pytest.mark.parametrize(
    ("written", "date_format"),
    [
        ("2023-09-01", None),
        ("20230901", None),
        ("2023-09-01 00:00", None),
        ("2023-09-01T08:20:00.000", None),
        ("1/9 2023", "%d/%m %Y"),
        ("1 september 2023", "%d %B %Y"),
        ("1 sept. 2023", "%d %B %Y"),
        ("01-SEP-23", "%d-%B-%y"),
        ("2023-09-01 00:00:00", "%Y-%m-%d %H:%M:%S"),
    ],
)
def test_dates_as_swedes_and_programs_write_them(written: str, date_format: str | None) -> None:
    check_date_format(date_format, "a.csv")
    assert told_by(read_date(ibis.literal(written), date_format)) == date(2023, 9, 1)


@pytest.mark.parametrize(
    ("written", "date_format"),
    [
        ("1/9 2023", None),
        ("2023-09-01Z", None),
        ("2023-09-01 22:30+00:00", None),
        ("2023-02-29", None),
        ("20230230", None),
        ("2023-0901", None),
        ("20230901 ", "%Y%m%d"),
        ("1 septober 2023", "%d %B %Y"),
        ("2023-09-01", "%d/%m %Y"),
    ],
)
def test_what_is_no_date(written: str, date_format: str | None) -> None:
    assert told_by(read_date(ibis.literal(written), date_format)) is None


def test_years_of_two_digits_are_those_of_posix() -> None:
    assert told_by(read_date(ibis.literal("690101"), "%y%m%d")) == date(1969, 1, 1)
    assert told_by(read_date(ibis.literal("680101"), "%y%m%d")) == date(2068, 1, 1)


@pytest.mark.parametrize("wrong", ["%Y-%m", "%Y-%m-%d %Y", "%Y-%m-%B-%d", "%Y-%j", "dag"])
def test_date_formats_that_name_too_little_or_too_much(wrong: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        check_date_format(wrong, "a.csv")


def test_numbers_as_swedes_and_programs_write_them() -> None:
    numbers = {
        "1,5": 1.5,
        "-1,5": -1.5,
        "\u22121,5": -1.5,
        "1 234,5": 1234.5,
        "1\u00a0234\u202f567": 1234567.0,
        "007": 7.0,
    }
    for written, number in numbers.items():
        assert told_by(read_number(ibis.literal(written), ",")) == number
    for written in ("1.5", "1,234,5", "12 34", "1 2345", "1,", ",5", "1e5", "nan", "inf", ""):
        assert told_by(read_number(ibis.literal(written), ",")) is None
    whole = {
        "60": 60,
        "60.0": 60,
        "60,00": 60,
        "1 200": 1200,
        "-3": -3,
        "60.5": None,
        "12 00": None,
        "99999999999": None,
    }
    for written, number in whole.items():
        assert told_by(read_integer(ibis.literal(written))) == number

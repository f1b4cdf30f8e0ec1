"""Excel: sheets, titles, dates, numbers and whatever else people put into a workbook."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet
from small_site import ALVA, BO, pseudonym_of, rows_of, take_in

from evalkit.errors import InputError
from evalkit.sources import Layout, Source, open_tables
from evalkit.sources.engine import open_workshop
from evalkit.sources.readers import excel_package
from evalkit.sources.readers.excel import read_excel
from evalkit.sources.readers.limits import ExcelLimits
from evalkit.sources.readers.raw import Request
from evalkit.sources.register import FileRegister

HEADINGS = ["Personnummer", "Kön", "Född", "Kommun"]
PEOPLE = Source(
    Layout("excel", Path("elever.xlsx")),
    ("persons",),
    columns={"person_id": "Personnummer", "sex": "Kön", "birth_date": "Född", "home_municipality": "Kommun"},
    values={"sex": {"K": "woman", "M": "man"}},
)
GOOD = [[int(ALVA), "K", date(2010, 3, 4), 180], [BO, "M", "2010-05-06", "0180"]]
STORED = sorted(
    [
        (pseudonym_of(ALVA), "woman", date(2010, 3, 4), "0180"),
        (pseudonym_of(BO), "man", date(2010, 5, 6), "0180"),
    ],
    key=str,
)


def write(folder: Path, rows: list[list[Any]], change: Callable[[Worksheet], None] | None = None) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change is not None:
        change(book.active)
    book.save(folder / "elever.xlsx")
    return folder / "elever.xlsx"


def laid_out(**changes: Any) -> Source:
    return replace(PEOPLE, layout=replace(PEOPLE.layout, **changes))


def read(folder: Path, source: Source = PEOPLE) -> list[tuple[Any, ...]]:
    take_in([source], folder, folder / "out")
    return rows_of(open_tables(folder / "out")["persons"], "person_id", "sex", "birth_date", "home_municipality")


def refusal(folder: Path, source: Source = PEOPLE) -> str:
    with pytest.raises(InputError) as caught:
        take_in([source], folder, folder / "out")
    assert not (folder / "out").exists()
    return str(caught.value)


def replace_part(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {part: b"", **parts}.items():
            archive.writestr(name, change(content) if name == part else content)


def test_numbers_and_texts_are_what_someone_would_have_typed(tmp_path: Path) -> None:
    write(tmp_path, [HEADINGS, *GOOD])
    assert read(tmp_path) == STORED


def test_titles_above_empty_rows_below_and_other_columns(tmp_path: Path) -> None:
    titled = [["Elever i Hamnby"], [], [None, *HEADINGS, "Namn"], *[[None, *row, "x"] for row in GOOD], [], []]
    write(tmp_path, titled)
    assert read(tmp_path) == STORED
    assert read(tmp_path, laid_out(header_row=3)) == STORED
    (tmp_path / "out").rename(tmp_path / "before")
    told = refusal(tmp_path, laid_out(header_row=1))
    assert "the file has no column Personnummer" in told
    assert "sheet Sheet, row 1, column Personnummer" in told


def test_a_fault_names_the_sheet_and_its_own_row(tmp_path: Path) -> None:
    rows = [["Titel"], [], HEADINGS, *GOOD, [], [ALVA, "K", "2010-13-45", "180"]]
    write(tmp_path, rows)
    assert "elever.xlsx, sheet Sheet, row 7, column Född" in refusal(tmp_path)


def test_dates_by_serial_in_both_systems(tmp_path: Path) -> None:
    write(tmp_path, [HEADINGS, [ALVA, "K", datetime(2010, 3, 4), 180], [BO, "M", 40304, 180]], lambda s: style(s, "C3"))
    assert read(tmp_path) == STORED
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in [HEADINGS, *GOOD]:
        book.active.append(row)
    book.save(tmp_path / "elever.xlsx")
    assert read(tmp_path) == STORED


def style(sheet: Worksheet, cell: str, code: str = "yyyy\\-mm\\-dd;@") -> None:
    sheet[cell].number_format = code


def test_a_date_cell_among_dates_typed_in_another_format(tmp_path: Path) -> None:
    write(tmp_path, [HEADINGS, GOOD[0], [BO, "M", "6 maj 2010", 180]])
    assert read(tmp_path, laid_out(date_format="%d %B %Y")) == STORED


def test_times_decimals_and_booleans(tmp_path: Path) -> None:
    path = write(tmp_path, [["a", "b"], [0.1 + 0.2, True], ["1 200,5", time(8, 30)], [1e-7, 12345678901234]])
    read = read_columns(path, ["a", "b"], tmp_path)
    assert read == [("0,3", "true"), ("1 200,5", "08:30:00"), ("0,0000001", "12345678901234")]


def read_columns(path: Path, headings: list[str], folder: Path) -> list[tuple[str, ...]]:
    with open_workshop(folder / "shop", memory="500MB", threads=1) as shop:
        request = Request(Layout("excel", path), dict.fromkeys(headings, ""), {}, {}, shop, FileRegister())
        raw = read_excel(request, path, "book.xlsx")
        rows = raw.rows.order_by("_at").to_pyarrow().to_pylist()
        return [tuple(row[raw.columns[heading]] for heading in headings) for row in rows]


def test_several_sheets_need_a_name(tmp_path: Path) -> None:
    path = write(tmp_path, [HEADINGS, *GOOD])
    book = openpyxl.load_workbook(path)
    book.create_sheet("Annat")
    book.save(path)
    assert "the workbook has 2 sheets" in refusal(tmp_path)
    assert "did you mean Sheet?" in refusal(tmp_path, laid_out(sheet="Shet"))
    assert read(tmp_path, laid_out(sheet="Sheet")) == STORED


def test_errors_formulas_and_merged_cells_are_faults_where_wanted(tmp_path: Path) -> None:
    def spoil(sheet: Worksheet) -> None:
        sheet["B2"], sheet["C3"] = "#N/A", "=TODAY()"
        sheet["F2"] = "=1/0"

    write(tmp_path, [HEADINGS, *GOOD], spoil)
    told = refusal(tmp_path)
    assert "the cell holds an error such as #N/A\n  where: elever.xlsx, sheet Sheet, row 2, column Kön" in told
    assert "a formula that was never calculated\n  where: elever.xlsx, sheet Sheet, row 3, column Född" in told
    write(tmp_path, [HEADINGS, *GOOD], lambda sheet: sheet.merge_cells("D2:D3"))
    assert "cells are merged" in refusal(tmp_path)
    write(tmp_path, [["Titel"], HEADINGS, *GOOD], lambda sheet: sheet.merge_cells("A1:D1"))
    assert read(tmp_path) == STORED


def test_a_formula_is_its_calculated_value(tmp_path: Path) -> None:
    path = write(tmp_path, [["a"], ['="M"']])
    cached = b'<c r="A2" t="str"><f>"M"</f><v>M</v></c>'
    replace_part(path, "xl/worksheets/sheet1.xml", lambda xml: re.sub(b'<c r="A2".*?</c>', cached, xml))
    assert read_columns(path, ["a"], tmp_path) == [("M",)]


def test_hidden_rows_are_read_and_told(tmp_path: Path) -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True

    write(tmp_path, [HEADINGS, *GOOD], hide)
    summary = take_in([PEOPLE], tmp_path, tmp_path / "out")
    assert summary.tables["persons"] == 2
    assert [str(found.where) for found in summary.findings if "hidden" in found.problem] == [
        "elever.xlsx, sheet Sheet, row 3"
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"Personnummer;K\xf6n\r\n", "the file is no Excel workbook"),
        (b"\xef\xbb\xbf<html><table>", "the file is a web page or XML"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "the workbook is of an old form (.xls)"),
        (b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"PK\x03\x04 and no more", "the workbook is broken or is none"),
        (b"", "the file is empty"),
    ],
)
def test_what_is_no_workbook(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "elever.xlsx").write_bytes(content)
    assert told in refusal(tmp_path)


def test_a_workbook_cut_short_at_any_point_is_refused_or_read_whole(tmp_path: Path) -> None:
    whole = write(tmp_path, [HEADINGS, *GOOD]).read_bytes()
    for end in range(0, len(whole), 211):
        (tmp_path / "elever.xlsx").write_bytes(whole[:end])
        assert refusal(tmp_path)


def share_texts(path: Path, strings: bytes) -> None:
    """Give a workbook the part of shared texts, with the woman's code as the first of them."""
    part = b'<Relationship Type="x/sharedStrings" Target="texts.xml" Id="r9"/></Relationships>'
    replace_part(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"</Relationships>", part))
    inline, shared = b'<c r="B2" t="inlineStr"><is><t>K</t></is></c>', b'<c r="B2" t="s"><v>0</v></c>'
    replace_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(inline, shared))
    replace_part(path, "xl/texts.xml", lambda _: strings)


def test_shared_texts_may_be_rich_and_bear_what_is_not_read(tmp_path: Path) -> None:
    aside = b"<rPh><t>x</t></rPh>"
    share_texts(write(tmp_path, [HEADINGS, *GOOD]), b"<sst><si><r><t>K</t></r><r><t> </t></r>" + aside + b"</si></sst>")
    assert read(tmp_path) == STORED


def test_bombs_are_stopped_by_what_really_unfolds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel_package, "excel_limits", lambda: ExcelLimits(3_000_000, 1_000_000, 100, 200, 32_767))
    path, blanks = write(tmp_path, [HEADINGS, *GOOD]), b"<sheetData>" + b" " * 9_000_000
    replace_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<sheetData>", blanks))
    assert path.stat().st_size < 100_000
    assert "unfolds to more than" in refusal(tmp_path)
    share_texts(write(tmp_path, [HEADINGS, *GOOD]), b"<sst><si><t>" + b"x" * 2_000_000 + b"</t></si></sst>")
    assert "unfolds to more than" in refusal(tmp_path)
    laughs = b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "aaaaaaaaaa">]><sst><si><t>&a;</t></si></sst>'
    share_texts(write(tmp_path, [HEADINGS, *GOOD]), laughs)
    assert "the workbook is broken" in refusal(tmp_path)


def test_a_cell_in_the_last_corner_takes_no_room(tmp_path: Path) -> None:
    write(tmp_path, [HEADINGS, *GOOD], lambda sheet: sheet.cell(1_048_576, 16_384, "x"))
    assert "a value, but the cell is empty" in refusal(tmp_path)

"""Workbooks made to do harm: bombs, cells where no sheet ends, entities, parts that lead elsewhere."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from hostile_files import HEADINGS, SECRET, Case, Entry, entry

TOP = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEADER = "".join(f'<c r="{"ABC"[n]}1" t="inlineStr"><is><t>{name}</t></is></c>' for n, name in enumerate(HEADINGS))
WORKBOOK = (
    f'{TOP}<workbook {MAIN} xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
)
TARGETS = (
    f'{TOP}<Relationships {RELATIONS}><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
Part = str | bytes | Iterable[bytes]


def row(number: int, *cells: str) -> str:
    """Return a row whose cells are texts in place."""
    inside = "".join(
        f'<c r="{"ABC"[n]}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for n, text in enumerate(cells)
    )
    return f'<row r="{number}">{inside}</row>'


def sheet(rows: str, before: str = "", top: str = TOP) -> str:
    """Return a sheet with the headings in row 1."""
    return f'{top}<worksheet {MAIN}>{before}<sheetData><row r="1">{HEADER}</row>{rows}</sheetData></worksheet>'


SOUND = row(2, "12345678", SECRET, "1481")


def workbook(path: Path, parts: dict[str, Part]) -> None:
    """Write a workbook of these parts, beside those every workbook has."""
    whole: dict[str, Part] = {
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": TARGETS,
        "xl/worksheets/sheet1.xml": sheet(SOUND),
        "xl/sharedStrings.xml": f"{TOP}<sst {MAIN}></sst>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, part in (whole | parts).items():
            with packed.open(name, "w", force_zip64=True) as sink:
                for piece in [part] if isinstance(part, (str, bytes)) else part:
                    sink.write(piece.encode() if isinstance(piece, str) else piece)


def case(name: str, parts: dict[str, Part], expected: str = "refused") -> Case:
    """Return a case of one workbook."""

    def make(folder: Path) -> list[Entry]:
        workbook(folder / "a.xlsx", parts)
        return [entry("excel")]

    return Case("xlsx", f"xlsx: {name}", make, expected)


def _in_sheet(name: str, rows: str, expected: str = "refused", before: str = "", top: str = TOP) -> Case:
    return case(name, {"xl/worksheets/sheet1.xml": sheet(rows, before, top)}, expected)


def _bomb(start: str, filling: bytes, megabytes: int) -> list[bytes]:
    return [start.encode(), *([filling * ((1 << 20) // len(filling))] * megabytes)]


def _shared(text: str, rows: str, name: str, expected: str = "refused") -> Case:
    strings = f"{TOP}<sst {MAIN}><si><t>{text}</t></si></sst>"
    return case(name, {"xl/worksheets/sheet1.xml": sheet(rows), "xl/sharedStrings.xml": strings}, expected)


def _points(first: int, last: int) -> str:
    return "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{12345600 + n}</t></is></c><c r="B{n}" t="s"><v>0</v></c></row>'
        for n in range(first, last)
    )


def workbook_cases() -> list[Case]:
    """Return the workbooks."""
    open_sheet = sheet("").removesuffix("</sheetData></worksheet>")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    laughing = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]>'
    outside = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    elsewhere = TARGETS.replace("worksheets/sheet1.xml", "../../../../../etc/passwd")
    return [
        case("a sheet of 3 GB", {"xl/worksheets/sheet1.xml": _bomb(open_sheet, b" ", 3000)}),
        case("shared texts of 1 GB", {"xl/sharedStrings.xml": _bomb(f"{TOP}<sst {MAIN}><si><t>", b"x", 1000)}),
        case(
            "one cell of 1.5 GB",
            {"xl/worksheets/sheet1.xml": _bomb(f'{open_sheet}<row r="2"><c r="B2" t="str"><v>', b"x", 1500)},
        ),
        case(
            "a tag of 200 MB",
            {"xl/worksheets/sheet1.xml": _bomb(f'{open_sheet}<row r="2"><c r="B2" t="', b"x", 200)},
        ),
        case(
            "nesting of millions",
            {"xl/worksheets/sheet1.xml": _bomb(open_sheet, b"<row>", 60)},
        ),
        case("20,000 parts", {f"xl/x{n}.xml": b"" for n in range(20_000)}),
        case("a workbook in a workbook", {"xl/worksheets/sheet1.xml": _inner()}),
        _in_sheet("a cell of 10 MB", row(2, "12345678", "x" * 10_000_000, "1481")),
        _shared("x" * 9_000_000, _points(2, 4000), "one text of 9 MB shared by thousands"),
        _shared("x" * 30_000, _points(2, 9000), "one text of 30 kB shared by thousands", "read"),
        _shared(
            SECRET,
            SOUND.replace('t="inlineStr"', 't="s"').replace("<is><t>", "<v>").replace("</t></is>", "</v>"),
            "a shared text that is not there",
        ),
        _shared(SECRET, '<row r="2"><c r="B2" t="s"><v>-1</v></c></row>', "a shared text before the first"),
        _in_sheet(
            "a cell in the last corner", SOUND + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "either"
        ),
        _in_sheet("a row past the last", SOUND + '<row r="99999999"><c r="A99999999"><v>1</v></c></row>'),
        _in_sheet("a column past the last", SOUND + '<row r="3"><c r="ZZZZZZ3"><v>1</v></c></row>', "either"),
        _in_sheet("a column of 500,000 letters", SOUND + f'<row r="3"><c r="{"A" * 500_000}3"><v>1</v></c></row>'),
        _in_sheet("a row number of 10,000 digits", f'<row r="{"1" * 10_000}"><c r="A2"><v>1</v></c></row>'),
        _in_sheet("a huge dimension", SOUND, "read", '<dimension ref="A1:XFD1048576"/>'),
        _in_sheet("a merge of everything", SOUND, "read", '<mergeCells><mergeCell ref="A1:XFD1"/></mergeCells>'),
        _in_sheet("a merge without a place", SOUND, "refused", "<mergeCells><mergeCell/></mergeCells>"),
        _in_sheet(
            "numbers that are none", SOUND + '<row r="3"><c r="A3"><v>1e999</v></c><c r="B3"><v>nan</v></c></row>'
        ),
        _in_sheet("a lone surrogate", row(2, "12345678", "_xD800_", "1481")),
        _in_sheet("NUL in a text", row(2, "12345678", "a_x0000_b", "1481")),
        _in_sheet("billion laughs", row(2, "12345678", "&l9;", "1481"), top=laughing),
        _in_sheet("an entity from outside", row(2, "12345678", "&e;", "1481"), top=outside),
        _in_sheet("orders to a terminal", row(2, "12345678", "[red]&#x9b;31m\u202e", "1481"), "read"),
        case("a sheet elsewhere", {"xl/_rels/workbook.xml.rels": elsewhere}),
        case("a sheet without an id", {"xl/workbook.xml": WORKBOOK.replace(' r:id="r1"', "")}),
        case("no sheet", {"xl/workbook.xml": f"{TOP}<workbook {MAIN}></workbook>"}),
        case("an external link", {"xl/externalLinks/externalLink1.xml": outside}, "read"),
        Case("xlsx", "xlsx: entries that overlap", _overlapping),
        Case("xlsx", "xlsx: a size that is a lie", _lying),
    ]


def _inner() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as packed:
        packed.writestr("xl/workbook.xml", WORKBOOK)
    return sink.getvalue()


def _overlapping(folder: Path) -> list[Entry]:
    """Let every part be the bytes of one, as a bomb of overlapping entries does."""
    path = folder / "a.xlsx"
    workbook(path, {})
    content = bytearray(path.read_bytes())
    place = content.find(b"PK\x01\x02")
    while place >= 0:
        content[place + 42 : place + 46] = b"\x00\x00\x00\x00"
        place = content.find(b"PK\x01\x02", place + 4)
    path.write_bytes(content)
    return [entry("excel")]


def _lying(folder: Path) -> list[Entry]:
    path = folder / "a.xlsx"
    workbook(path, {})
    content = bytearray(path.read_bytes())
    place = content.find(b"PK\x01\x02")
    while place >= 0:
        content[place + 24 : place + 28] = b"\x01\x00\x00\x00"
        place = content.find(b"PK\x01\x02", place + 4)
    path.write_bytes(content)
    return [entry("excel")]


HEAVY = (
    "xlsx: a sheet of 3 GB",
    "xlsx: shared texts of 1 GB",
    "xlsx: one cell of 1.5 GB",
    "xlsx: nesting of millions",
    "xlsx: one text of 30 kB shared by thousands",
    "csv: millions of empty lines",
)
"""Cases of many seconds, which the tests leave to the longer validation."""

"""Files no reader should meet: sound ones of every kind and how they break, and named ones made to do harm.

Every file holds a site's school units; what stands in their names must never be told.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

HEADINGS = ("school_id", "name", "municipality")
SECRET = "Hemligskolan Qx7"
ROWS = [(f"{12345600 + place}", f"{SECRET}{place}", "1481") for place in range(40)]
BASES = {
    "csv": "a.csv",
    "excel": "a.xlsx",
    "parquet": "a.parquet",
    "duckdb": "a.duckdb",
    "ss12000": "pages/organisations/0.json.gz",
}
Entry = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A hostile input: its class and name, what makes it in a folder, and what must become of it.

    ``make`` returns what the site file says of the sources. ``expected`` is ``"refused"``, ``"read"`` or ``"either"``,
    which is for damage that may happen to leave a file sound.
    """

    kind: str
    name: str
    make: Callable[[Path], list[Entry]]
    expected: str = "refused"


def entry(kind: str, path: str | None = None, **more: Any) -> Entry:
    """Return what a site file says of a source of school units."""
    told: Entry = {"kind": kind, "path": path or BASES[kind].split("/")[0]}
    told |= {"tables": ["school_units"]} if kind == "ss12000" else {"table": "school_units"}
    if kind == "duckdb":
        told["relation"] = "t"
    return told | more


def sound(kind: str, path: Path) -> None:
    """Write a sound file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "csv":
        path.write_text("\n".join(";".join(row) for row in (HEADINGS, *ROWS)) + "\n", encoding="utf-8")
    elif kind == "excel":
        book = openpyxl.Workbook()
        for row in (HEADINGS, *ROWS):
            book.worksheets[0].append(row)
        book.save(path)
    elif kind == "parquet":
        pq.write_table(_arrow(), path, compression="zstd")
    elif kind == "duckdb":
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as database:
            database.register("rows_in", _arrow())
            database.execute("CREATE TABLE t AS SELECT * FROM rows_in")
    else:
        records = [
            {
                "id": f"o{row[0]}",
                "organisationType": "Skolenhet",
                "schoolUnitCode": row[0],
                "displayName": row[1],
                "municipalityCode": row[2],
            }
            for row in ROWS
        ]
        path.write_bytes(gzip.compress(json.dumps({"data": records, "pageToken": None}).encode(), mtime=0))


def sound_bytes(folder: Path) -> dict[str, bytes]:
    """Return the content of a sound file of every kind."""
    found = {}
    for kind, name in BASES.items():
        path = folder / name
        sound(kind, path)
        found[kind] = path.read_bytes()
    return found


def damaged(kind: str, name: str, content: bytes) -> Case:
    """Return a case of one file with some content."""

    def make(folder: Path) -> list[Entry]:
        path = folder / BASES[kind]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return [entry(kind)]

    return Case(name.split(" ", maxsplit=1)[0], f"{kind}: {name}", make, "either")


def fuzzed(contents: dict[str, bytes], rng: random.Random) -> Iterator[Case]:
    """Yield one damage after the other, without end: every kind in turn, every way in turn."""
    ways = (_random, _cut, _flipped, _spliced, _blanked, _resealed)
    number = 0
    while True:
        for kind, content in contents.items():
            way = ways[number % len(ways)]
            yield damaged(kind, f"{way.__name__.strip('_')} {number}", way(content, rng))
        number += 1


def _random(content: bytes, rng: random.Random) -> bytes:
    start = content[: rng.choice((0, 0, 4, 16))]
    return start + rng.randbytes(rng.choice((0, 1, 3, 50, 5000)))


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def _flipped(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 8, 100))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _spliced(content: bytes, rng: random.Random) -> bytes:
    first, second = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:second] + content[first:]


def _blanked(content: bytes, rng: random.Random) -> bytes:
    first = rng.randrange(len(content))
    length = rng.choice((1, 8, 64, 4096))
    return (
        content[:first]
        + rng.choice((b"\x00", b"\xff")) * len(content[first : first + length])
        + content[first + length :]
    )


def _resealed(content: bytes, rng: random.Random) -> bytes:
    """Damage what is packed in gzip or in a workbook, and pack it again, so that no checksum tells."""
    if content[:2] == b"\x1f\x8b":
        return gzip.compress(_flipped(gzip.decompress(content), rng), mtime=0)
    if content[:2] == b"PK":
        return _repacked(content, rng)
    return _flipped(content, rng)


def _repacked(content: bytes, rng: random.Random) -> bytes:
    import io
    import zipfile

    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as after:
        names = before.namelist()
        for name in names:
            part = before.read(name)
            after.writestr(name, _xml_damage(part, rng) if rng.random() < 2 / len(names) else part)
    return sink.getvalue()


XML_DAMAGE = (
    (b'r="', b'r="\xc3\x84'),
    (b'r="A', b'r="' + b"A" * 400_000),
    (b'r="', b'x="'),
    (b'r:id="', b'x="'),
    (b'name="', b'nome="'),
    (b'Target="', b'Target="../../../../etc/'),
    (b't="s"', b't="d"'),
    (b't="s"', b't="b"'),
    (b't="n"', b't="s"'),
    (b"<v>", b"<v>9999"),
    (b"<v>", b"<v>-"),
    (b"<v>1", b"<v>1e999"),
    (b"<v>1", b"<v>nan"),
    (b"<t>", b"<t>_xD800_"),
    (b"<t>", b"<t>_x0000_"),
    (b'numFmtId="0"', b'numFmtId="14"'),
    (b'numFmtId="', b'numFmtId="x'),
    (b's="0"', b's="-1"'),
    (b"<row", b'<row hidden="1"'),
    (b'<row r="', b'<row r="9'),
)


def _xml_damage(part: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return _flipped(part, rng)
    old, new = rng.choice(XML_DAMAGE)
    return part.replace(old, new, rng.choice((1, 1, 3, -1)))


def _arrow() -> pa.Table:
    return pa.table({heading: [row[place] for row in ROWS] for place, heading in enumerate(HEADINGS)})


def text_case(name: str, content: bytes, expected: str = "refused", **more: Any) -> Case:
    """Return a case of one CSV file."""

    def make(folder: Path) -> list[Entry]:
        (folder / "a.csv").write_bytes(content)
        return [entry("csv", **more)]

    return Case("csv", f"csv: {name}", make, expected)


def _line(name: str, code: str = "12345678", place: str = "1481") -> str:
    return f"{code};{name};{place}\n"


def csv_cases() -> list[Case]:
    """Return texts that are no tables, or strange ones."""
    head, big = ";".join(HEADINGS) + "\n", 10_000_000
    row = _line(SECRET)
    strange = "\x1b[31m\u202e[red]x[/red]<script>"
    return [
        text_case("a cell of 10 MB", (head + _line("x" * big)).encode(), "read"),
        text_case("a cell of 20 MB", (head + _line("x" * 2 * big)).encode()),
        text_case("50 MB without a line end", b"x" * (50 << 20)),
        text_case("50 MB of separators in one line", b"ab;" * (17 << 20)),
        text_case("millions of empty lines", b"\n" * (20 << 20)),
        text_case("a quotation mark never closed", (head + '12345678;"' + row * 50_000).encode()),
        text_case("formulas", (head + _line("=cmd|' /C calc'!A0") + _line("@SUM(1+9)", "12345679")).encode(), "read"),
        text_case(
            "two encodings", head.encode() + _line("å").encode() + _line("å", "12345679").encode("cp1252"), "read"
        ),
        text_case("latin-1 declared, controls in it", head.encode() + b"12345678;\x90;1481\n", encoding="latin-1"),
        text_case("utf-8 declared, not written", head.encode() + b"12345678;\xe5;1481\n", encoding="utf-8"),
        text_case("NUL bytes", (head + _line("a\x00b")).encode()),
        text_case("a lone surrogate", head.encode() + b"12345678;\xed\xa0\x80;1481\n", encoding="utf-8"),
        text_case("UTF-16", (head + row).encode("utf-16")),
        text_case("a heading that orders the terminal about", f"school_id;{strange};municipality\n{row}".encode()),
        text_case("a heading twice after blanks are taken", f"school_id;name; name ;municipality\n{row}".encode()),
        text_case("headings named like inner columns", f"_at;_bad;known_from;{head}1;2;3;{row}".encode(), "read"),
        text_case("a heading that is SQL", f'"a"";DROP TABLE x;--";{head}1;{row}'.encode(), "read"),
        text_case("the same wanted heading asked as SQL", (head + row).encode(), columns={"name": '"; DROP TABLE x'}),
        text_case("an inner column asked for", (head + row).encode(), columns={"name": "_at"}),
        text_case("only blanks", b"  \n \n"),
        text_case("nothing", b""),
        text_case("headings alone", head.encode()),
        text_case("a row too long", (head + row + "1;2;3;4\n").encode()),
        text_case("a row too short", (head + row + "1;2\n").encode()),
        text_case("text after a closing quotation mark", (head + '12345678;"a"b;1481\n').encode(), "either"),
        text_case("20,000 headings", (";".join(f"h{n}" for n in range(20_000)) + ";" + head).encode() + b"1\n"),
        text_case("an unknown encoding", (head + row).encode(), encoding="utf-7"),
        text_case("quotation mark as separator", (head + row).encode(), separator='"'),
        text_case("a line end as separator", (head + row).encode(), separator="\n"),
        text_case("a code of Arabic digits", (head + _line("x", "١٢٣٤٥٦٧٨")).encode()),
        *_mapped_cases(head, row),
    ]


def _mapped_cases(head: str, row: str) -> list[Case]:
    many = "".join(_line("a" * 30_000 + "!", str(12345600 + n)) for n in range(50))
    patterns = {
        "(a+)+$": "either",
        "(a|aa)+$": "either",
        "(a|a?)+$": "either",
        "(x+x+)+y": "refused",
        "a++": "refused",
        "(?>a)b": "refused",
        "(?=a)": "refused",
        r"(a)\1": "refused",
        "a{99999999999999999999}": "refused",
        "a{2000}": "refused",
        "(" * 5000 + ")" * 5000: "refused",
        "[": "refused",
        r"\Z": "refused",
    }
    parsed = [
        text_case(
            f"parse {pattern[:20]}",
            (head + many).encode(),
            told,
            columns={"name": {"column": "name", "parse": pattern}},
        )
        for pattern, told in patterns.items()
    ]
    return [
        *parsed,
        text_case("bands of a text", (head + row).encode(), columns={"name": {"column": "name", "bands": [[1, "a"]]}}),
        text_case(
            "bands met by 1e400",
            (head + _line("1" * 400)).encode(),
            columns={"name": {"column": "name", "bands": [[1, "a"], [2, "b"]]}},
        ),
        text_case(
            "a lookup that is not there", (head + row).encode(), lookups={"l": {"path": "b.csv", "match": {"a": "b"}}}
        ),
        text_case(
            "a lookup outside the project",
            (head + row).encode(),
            lookups={"l": {"path": "../../../etc/passwd", "match": {"name": "b"}}},
        ),
    ]


def dated_case(name: str, start: str, expected: str = "refused", **more: Any) -> Case:
    """Return a case of one enrolment and its person and school, by its first day."""

    def make(folder: Path) -> list[Entry]:
        (folder / "a.csv").write_text(";".join(HEADINGS) + "\n" + _line("x"))
        (folder / "p.csv").write_text("person_id\np1\n")
        (folder / "e.csv").write_text(f"person_id;school_id;school_type;start;end\np1;12345678;GR;{start}\n")
        (folder / "l.csv").write_text(
            "person_id;school_id;lesson_id;date;start_minute;minutes_offered;reported\n"
            f"p1;12345678;l1;{start.split(';', maxsplit=1)[0]};480;60;nej\n"
        )
        own = {"identities": "own"}
        return [
            entry("csv"),
            {"kind": "csv", "path": "p.csv", "table": "persons", **own},
            {"kind": "csv", "path": "e.csv", "table": "enrolments", **own, **more},
            {"kind": "csv", "path": "l.csv", "table": "attendance", **own},
        ]

    return Case("dates", f"dates: {name}", make, expected)


def date_cases() -> list[Case]:
    """Return days that no calendar of ours has."""
    shifted = {"end_is_last_day": True}
    after = {"start": {"column": "start", "days_after": "2023-08-01"}}
    return [
        dated_case("year 0", "0000-01-01;"),
        dated_case("year 1", "0001-01-01;"),
        dated_case("year 9999", "9999-12-31;"),
        dated_case("year 99999", "99999-01-01;"),
        dated_case("29 February of a common year", "2023-02-29;"),
        dated_case("an end in the year 9999", "2023-08-01;9999-12-31", "read"),
        dated_case("a last day in the year 9999", "2023-08-01;9999-12-31", "read", **shifted),
        dated_case("an end before the start", "2023-08-01;1999-12-31"),
        dated_case("days beyond all calendars", "2000000000;", columns=after),
        dated_case("days before all calendars", "-2000000000;", columns=after),
        dated_case("more days than a number holds", "99999999999999999999;", columns=after),
        dated_case("infinity", "infinity;"),
    ]


def place_cases() -> list[Case]:
    """Return paths to what is no file of a site's."""

    def linked(folder: Path, target: str) -> list[Entry]:
        (folder / "a.csv").symlink_to(target)
        return [entry("csv")]

    def fifo(folder: Path) -> list[Entry]:
        os.mkfifo(folder / "a.csv")
        return [entry("csv")]

    def linked_endpoint(folder: Path) -> list[Entry]:
        outside = folder.parent / f"{folder.name}-outside"
        sound("ss12000", outside / "pages" / "organisations" / "0.json.gz")
        (folder / "pages" / "persons").mkdir(parents=True)
        (folder / "pages" / "persons" / "0.json").write_text('{"data": []}')
        (folder / "pages" / "organisations").symlink_to(outside / "pages" / "organisations")
        return [entry("ss12000")]

    def folder_of(folder: Path, kind: str, *, inside: str = "") -> list[Entry]:
        (folder / "a" / inside).mkdir(parents=True)
        return [entry(kind, "a")]

    def named(folder: Path, name: bytes) -> list[Entry]:
        (folder / "a").mkdir()
        Path(os.fsdecode(bytes(folder) + b"/a/" + name)).write_text(";".join(HEADINGS) + "\n" + _line("x"))
        return [entry("csv", "a")]

    kinds = [Case("places", f"an empty folder as {kind}", lambda f, k=kind: folder_of(f, k)) for kind in BASES]
    paths = {
        "/dev/zero": "csv",
        "/dev/stdin": "excel",
        "/dev/urandom": "parquet",
        "/dev/full": "duckdb",
        "../../../../etc/passwd": "csv",
        "a/../../b.csv": "csv",
        "x" * 5000: "csv",
        "x" * 300: "parquet",
        "a\x00b": "csv",
        "\x1b[2Ja.csv": "csv",
        "s3://bucket/a.parquet": "parquet",
        "https://example.org/a.parquet": "parquet",
        ":memory:": "duckdb",
        "md:x": "duckdb",
        "*.parquet": "parquet",
        "": "csv",
        ".": "csv",
    }
    return [
        *kinds,
        *(
            Case("places", f"path {path[:30]!r}", lambda f, p=path, k=kind: [entry(k, p)])
            for path, kind in paths.items()
        ),
        Case("places", "a FIFO", fifo),
        Case("places", "a link out of the project", lambda f: linked(f, "/etc/passwd")),
        Case("places", "a link to itself", lambda f: linked(f, "a.csv")),
        Case("places", "a link to a device", lambda f: linked(f, "/dev/zero")),
        Case("places", "a link to an endpoint's pages elsewhere", linked_endpoint),
        Case("places", "a folder named as a file", lambda f: folder_of(f, "csv", inside="b.csv")),
        Case("places", "a file name that is no UTF-8", lambda f: named(f, b"\xff\xfe.csv"), "either"),
        Case("places", "a file name with orders", lambda f: named(f, "\x1b[2J\u202e.csv".encode()), "read"),
    ]


def packed_pages() -> list[Case]:
    """Return pages of JSON made to fill the memory or to confuse."""

    def page(name: str, content: bytes, expected: str = "refused") -> Case:
        case = damaged("ss12000", name, content)
        return Case("json", f"json: {name}", case.make, expected)

    unit = b'{"id": "o", "organisationType": "Skolenhet", "schoolUnitCode": "12345678", "displayName": "x"}'
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(bomb.compress(b" " * (1 << 24)) for _ in range(200)) + bomb.flush()
    return [
        page("a bomb of 3 GB in 3 MB", packed),
        page("a bomb that lies about its size", packed[:-4] + b"\x01\x00\x00\x00"),
        page("nesting of a million", gzip.compress(b'{"data": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}")),
        page(
            "nesting in a record",
            gzip.compress(b'{"data": [{"id": ' + b'{"id":' * 100_000 + b"1" + b"}" * 100_003 + b"}"),
        ),
        page("a number of 1e400", gzip.compress(b'{"data": [{"id": 1e400, "schoolUnitCode": 1e400}]}')),
        page("NaN", gzip.compress(b'{"data": [{"id": NaN}]}')),
        page("no object", gzip.compress(b"[]")),
        page("data of another kind", gzip.compress(b'{"data": "x"}')),
        page("a lone surrogate", gzip.compress(b'{"data": [{"id": "\\ud800", "schoolUnitCode": "1"}]}')),
        page("data twice", gzip.compress(b'{"data": [' + unit + b'], "data": []}'), "either"),
        page("cut UTF-8", gzip.compress(b'{"data": [{"id": "\xc3"}]}')),
        page("NUL in a name", gzip.compress(b'{"data": [' + unit.replace(b'"x"', b'"a\\u0000b"') + b"]}"), "either"),
        page("a gzip in a gzip", gzip.compress(packed)),
    ]

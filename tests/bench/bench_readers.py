"""Rows per second and peak memory of reading, checking and storing lesson attendance, by format and size.

Run as ``python tests/bench/bench_readers.py [--rows 1000000 10000000] [--formats csv parquet] [--large]``. Each
measurement is a process of its own; its peak memory is what the system says of that process. The attendance is written
beforehand by DuckDB, six lessons a day and person, and is taken in with the few tables it refers to.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "sources"))
from database_server import DatabaseServer, programs, running

from evalkit.sources import Layout, Source, open_sources

FORMATS = ("csv", "parquet", "duckdb", "postgresql", "excel")
MOST_IN_EXCEL = 1_048_575
LARGE = 54_000_000
VARIABLE = "EVALKIT_BENCH_DATABASE"
LESSONS_A_PERSON = 1000
COLUMNS = """'p' || (i // 1000) AS person_id, 'L' || i AS lesson_id, '12345678' AS school_id, '7A' AS class_id,
    'MA' AS subject, (DATE '2023-08-21' + ((i % 1000) // 6)::INTEGER) AS date, 480 + 60 * (i % 6) AS start_minute,
    60 AS minutes_offered, 50 AS minutes_attended, 10 AS minutes_valid_absence, 0 AS minutes_invalid_absence,
    0 AS minutes_other, true AS reported"""


def write(kind: str, rows: int, folder: Path) -> None:
    """Write the tables, but for a server's attendance."""
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB", "temp_directory": str(folder)}) as made:
        persons = rows // LESSONS_A_PERSON + 1
        dated = "DATE '2023-07-01' AS start, '12345678' AS school_id, 'GR' AS school_type, 7 AS year_group"
        small = {
            "persons": f"SELECT 'p' || i AS person_id FROM range({persons}) t(i)",
            "school_units": "SELECT '12345678' AS school_id, 'A' AS name, '0199' AS municipality",
            "enrolments": f"SELECT 'p' || i AS person_id, {dated} FROM range({persons}) t(i)",
        }
        for name, query in small.items():
            made.execute(f"COPY ({query}) TO '{folder / name}.parquet'")
        lessons = f"SELECT {COLUMNS} FROM range({rows}) t(i)"
        path = folder / f"attendance.{'xlsx' if kind == 'excel' else kind}"
        if kind in ("csv", "parquet"):
            how = "DELIMITER ';'" if kind == "csv" else "COMPRESSION zstd"
            made.execute(f"COPY ({lessons}) TO '{path}' ({how})")
        elif kind == "duckdb":
            made.execute(f"ATTACH '{path}' AS file")
            made.execute(f"CREATE TABLE file.attendance AS {lessons}")
        elif kind == "excel":
            _write_workbook(made.execute(lessons), path)


def fill(server: DatabaseServer, rows: int) -> None:
    """Make the attendance on a server."""
    query = COLUMNS.replace("//", "/").replace("::INTEGER", "::int")
    server.run(f"CREATE TABLE attendance AS SELECT {query} FROM generate_series(0, {rows - 1}) i")


def _source(kind: str, path: Path, table: str) -> Source:
    server = kind == "postgresql"
    layout = Layout(
        kind,
        None if server else path,
        encoding="utf-8" if kind == "csv" else None,
        separator=";" if kind == "csv" else None,
        relation="attendance" if kind in ("duckdb", "postgresql") else None,
        connection_variable=VARIABLE if server else None,
    )
    return Source(layout, (table,), identities="pupil id")


def _write_workbook(lessons: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write a workbook by hand: a library takes minutes."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    related = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    headings = [column[0] for column in lessons.description]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        sheets = '<sheets><sheet name="Lektioner" sheetId="1" r:id="r1"/></sheets>'
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{related}">{sheets}</workbook>')
        relation = f'<Relationship Id="r1" Type="{related}/worksheet" Target="worksheets/sheet1.xml"/>'
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{relation}</Relationships>')
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'<worksheet xmlns="{main}"><sheetData>'.encode())
            sheet.write(_row(1, headings))
            number = 1
            while batch := lessons.fetchmany(20_000):
                sheet.write(b"".join(_row(number + place, row) for place, row in enumerate(batch, start=1)))
                number += len(batch)
            sheet.write(b"</sheetData></worksheet>")


def _row(number: int, values: Sequence[object]) -> bytes:
    cells = []
    for place, value in enumerate(values):
        at = f"{chr(65 + place)}{number}"
        if isinstance(value, bool):
            cells.append(f'<c r="{at}" t="b"><v>{int(value)}</v></c>')
        elif isinstance(value, int):
            cells.append(f'<c r="{at}"><v>{value}</v></c>')
        else:
            cells.append(f'<c r="{at}" t="inlineStr"><is><t>{value}</t></is></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'.encode()


def take_in(folder: Path, kind: str) -> None:
    """Read, check and store in this process, and print what it took."""
    begun = time.perf_counter()
    names = ("persons", "school_units", "enrolments")
    sources = [_source("parquet", folder / f"{name}.parquet", name) for name in names]
    sources.append(_source(kind, folder / f"attendance.{'xlsx' if kind == 'excel' else kind}", "attendance"))
    summary = open_sources(
        sources, folder, b"k" * 32, folder / "out" / "tables", memory="2GB", threads=2, municipality="0199"
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    say(json.dumps([summary.tables["attendance"], time.perf_counter() - begun, peak]))


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def measure(kind: str, rows: int) -> str:
    """Return a line of the table."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=os.environ.get("TMPDIR", "/tmp")) as name:
        folder = Path(name)
        command = [sys.executable, __file__, "--child", kind, str(folder)]
        if kind == "postgresql":
            with running() as server:
                write(kind, rows, folder)
                fill(server, rows)
                environment = {**os.environ, VARIABLE: server.text()}
                done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        else:
            write(kind, rows, folder)
            done = subprocess.run(command, check=True, capture_output=True, text=True)
    count, seconds, peak = json.loads(done.stdout.splitlines()[-1])
    return f"| {kind} | {count:,} | {seconds:.1f} | {count / seconds:,.0f} | {peak:.2f} |"


def main() -> None:
    """Print a table of what each format takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--large", action="store_true", help="CSV and Parquet of 54 million rows")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        take_in(Path(asked.child[1]), asked.child[0])
        return
    say("| format | rows | seconds | rows per second | peak memory, GB |\n|---|---|---|---|---|")
    for rows in [LARGE] if asked.large else asked.rows:
        for kind in ("csv", "parquet") if asked.large else asked.formats:
            if kind == "postgresql" and programs() is None:
                say("| postgresql | no server is installed | | | |")
            elif kind != "excel" or rows == min(asked.rows):
                say(measure(kind, min(rows, MOST_IN_EXCEL) if kind == "excel" else rows))


if __name__ == "__main__":
    main()

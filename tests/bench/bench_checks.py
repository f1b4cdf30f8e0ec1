"""Time and memory of the checks over lesson rows, as ratios to one full scan of the same columns.

Run as ``python tests/bench/bench_checks.py [--rows 54000000]``. A child process makes the rows (a pupil has 900
lessons: 180 days of five); another scans them, checks them and writes them sorted, with two threads and 2 GB, and its
peak memory is told. Aims: row checks at most 2.5 scans; key, overlaps, duplicates and references at most 6; 2 GB.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from evalkit.sources.checks.examination import Examination
from evalkit.sources.checks.lessons import check_lesson_days, check_lessons, check_uniform
from evalkit.sources.checks.references import check_references
from evalkit.sources.checks.registration import check_registration
from evalkit.sources.checks.values import check_values
from evalkit.sources.engine import Workshop, connect
from evalkit.sources.extract import Extract
from evalkit.sources.register import FileEntry, FileRegister
from evalkit.sources.store import write_table
from evalkit.vocabulary.schema import table_schema

DAYS, A_DAY, CLASS, CLASSES_OF_SCHOOL = 180, 5, 25, 40
MEMORY, THREADS = "2GB", 2
SUBJECTS = ("MA", "SV", "EN", "NO", "SO", "IDH", "BL", "SL", "MU", "HKK")


def texts(values: list[str], places: np.ndarray) -> pa.Array:
    """Return texts by their places in a list."""
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(values)).cast(pa.string())


def one_day(number: int, day: np.datetime64, classes: int, first: int, rng: np.random.Generator) -> pa.Table:
    """Return the lessons of every class on one day."""
    of_class = np.repeat(np.arange(classes), A_DAY * CLASS)
    slot = np.tile(np.repeat(np.arange(A_DAY), CLASS), classes)
    pupil = of_class * CLASS + np.tile(np.arange(CLASS), A_DAY * classes)
    lesson, rows = (number * classes + of_class) * A_DAY + slot, len(of_class)
    unreported = rng.random(rows) < 0.05
    absent = np.where((rng.random(rows) < 0.1) & ~unreported, 60, 0)
    ids = [hashlib.sha256(str(one).encode()).hexdigest()[:32] for one in range(classes * CLASS)]
    zero, when = np.zeros(rows, np.int32), pa.array(np.full(rows, day), pa.date32())

    def minutes(values: np.ndarray) -> pa.Array:
        return pa.array(values.astype(np.int32), mask=unreported)

    columns = {
        "person_id": texts(ids, pupil),
        "lesson_id": pa.array(lesson).cast(pa.string()),
        "school_id": texts(
            [f"{10_000_000 + one}" for one in range(classes // CLASSES_OF_SCHOOL + 1)], of_class // CLASSES_OF_SCHOOL
        ),
        "class_id": texts([f"c{one}" for one in range(classes)], of_class),
        "subject": texts(list(SUBJECTS), lesson % len(SUBJECTS)),
        "date": when,
        "start_minute": pa.array((490 + 75 * slot).astype(np.int32)),
        "mode": texts(["campus"], zero),
        "minutes_offered": pa.array(zero + 60),
        "minutes_attended": minutes(60 - absent),
        "minutes_valid_absence": minutes(absent),
        "minutes_invalid_absence": minutes(zero),
        "minutes_other": minutes(zero),
        "reported": pa.array(~unreported),
        "teacher_id": texts(ids, of_class),
        "known_from": when,
        "_at": pa.array(first + np.arange(rows)),
        "_bad": pa.array(zero),
    }
    missing = [name for name in table_schema("attendance").column_names if name not in columns]
    return pa.table(columns | {name: pa.nulls(rows, pa.string()) for name in missing})


def make(rows: int, path: Path) -> None:
    """Write the rows into a database, a day at a time."""
    classes, rng = max(1, rows // (DAYS * A_DAY * CLASS)), np.random.default_rng(1)
    every = np.arange(np.datetime64("2023-08-16"), np.datetime64("2024-06-12"))
    days = [day for day in every if day.astype(date).weekday() < 5][:DAYS]
    with duckdb.connect(str(path), config={"threads": THREADS, "memory_limit": "1400MB"}) as connection:
        for number, day in enumerate(days):
            made = one_day(number, day, classes, number * classes * A_DAY * CLASS, rng)
            connection.register("made", made)
            command = "INSERT INTO staged" if number else "CREATE TABLE staged AS"
            connection.execute(f"{command} SELECT * FROM made")
            connection.unregister("made")


def measure(path: Path) -> None:
    """Scan, check and write the rows, and tell times, ratios and peak memory."""
    folder, schema = path.parent, table_schema("attendance")
    shop = Workshop(connect(path, memory=MEMORY, threads=THREADS, scratch=folder / "spill"), folder, THREADS)
    table = shop.connection.table("staged")
    persons = shop.keep("persons", table.select("person_id").distinct())
    units = shop.keep("units", table.select("school_id").distinct())
    rows = int(table.count().to_pyarrow().as_py())
    tables = {"persons": persons, "school_units": units, "attendance": table}
    examination = Examination(tables, {"attendance": rows}, FileRegister([FileEntry("lessons", {})]), shop.keep)
    every = ", ".join(f"max({name})" for name in schema.column_names)

    def timed(task: Callable[[], object]) -> float:
        begun = time.perf_counter()
        task()
        return time.perf_counter() - begun

    scan = min(timed(lambda: shop.run(f"SELECT {every} FROM staged").fetchall()) for _ in range(3))
    print(f"{rows} rows; one scan of {len(schema.column_names)} columns {scan:.2f} s")
    tasks: dict[str, Callable[[], object]] = {
        "row checks (aim 2.5)": lambda: check_values(table, schema, Extract("attendance", table), examination),
        "key, overlaps, duplicates (aim 6, with references)": lambda: check_lesson_days(examination),
        "references": lambda: check_references(schema, examination),
        "odd lessons": lambda: check_lessons(examination),
        "registration": lambda: check_registration(examination),
        "uniform attendance": lambda: check_uniform(examination),
        "write, sorted": lambda: write_table(table, schema, folder, shop.connection),
    }
    for name, task in tasks.items():
        took = timed(task)
        print(f"{took:8.2f} s {took / scan:6.1f} scans  {name}")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:8.2f} GB at most")


def main() -> None:
    """Make the rows, then measure, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--step", choices=("make", "measure"))
    parser.add_argument("--path", type=Path)
    asked = parser.parse_args()
    if asked.step == "make":
        make(asked.rows, asked.path)
    elif asked.step == "measure":
        measure(asked.path)
    else:
        with tempfile.TemporaryDirectory() as folder:
            for step in ("make", "measure"):
                path = str(Path(folder) / "staged.duckdb")
                command = [sys.executable, __file__, "--rows", str(asked.rows), "--step", step, "--path", path]
                subprocess.run(command, check=True)


if __name__ == "__main__":
    main()

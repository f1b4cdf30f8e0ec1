"""Write a site's tables as it hands them over: Excel workbooks, CSV, a DuckDB database or Parquet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xlsxwriter  # type: ignore[import-untyped]

from evalkit.sources.simulation.adults.exports import as_text, export_words, plain, table_name, worded
from evalkit.sources.simulation.adults.settings import AdultSite
from evalkit.sources.simulation.registers import write_csv

DATABASE = "vuxenutbildning.duckdb"
AS_COMMA_TEXT = ("Timmar per vecka", "Utbildningstimmar")
SWEDISH_DATES = "%d.%m.%Y"
DAY_AND_MONTH_TABLES = ("contacts",)
SPLIT_IDENTITY_TABLES = ("courses",)
LAST_DAY_TABLES = ("courses",)
FLAT_TABLES = ("staff_survey", "implementation", "plans", "contacts")
Tables = Mapping[str, pa.Table]


def write_site(site: AdultSite, tables: Tables, folder: Path, *, saved: date) -> None:
    """Write the tables in the site's form; ``saved`` is the day that workbooks bear."""
    if site.format == "excel":
        _write_excel(site, tables, folder, saved)
        return
    writers = {"csv": _write_csv, "duckdb": _write_duckdb, "parquet": _write_parquet}
    writers[site.format](tables, folder)


def _write_excel(site: AdultSite, tables: Tables, folder: Path, saved: date) -> None:
    """Write workbooks; lessons come from the attendance system's own warehouse, for a sheet cannot hold them."""
    for name, held in export_words()["workbooks"].items():
        _write_workbook(folder / f"{name}.xlsx", site, {table: tables[table] for table in held}, saved)
    _write_one_parquet(folder / "narvaro.parquet", worded("attendance", tables["attendance"], hyphen=True))


def _write_workbook(path: Path, site: AdultSite, tables: Tables, saved: date) -> None:
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False})
    book.set_properties({"created": datetime(saved.year, saved.month, saved.day)})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for table, content in tables.items():
        sheet = book.add_worksheet(table_name(table))
        columns = worded(table, content, hyphen=True)
        sheet.write_string(0, 0, f"{site.name} kommun: {table_name(table).lower()}")
        sheet.write_string(1, 0, f"Uttag {saved.isoformat()}. Simulerade data.")
        sheet.write_row(2, 0, list(columns))
        _write_cells(sheet, [_cells(heading, column) for heading, column in columns.items()], day)
    book.close()


def _cells(heading: str, column: pa.Array) -> list[Any]:
    """Return values as they stand in cells; some numbers are text with a decimal comma, and truth is Ja or Nej."""
    if pa.types.is_boolean(column.type) or heading in AS_COMMA_TEXT:
        column = as_text(column)
    return [value if value != "" else None for value in column.to_pylist()]


def _write_cells(sheet: Any, columns: list[list[Any]], day: Any) -> None:
    # With constant memory, rows must be written in order.
    writers = [_cell_writer(sheet, column, day) for column in columns]
    for place, cells in enumerate(zip(*columns, strict=True)):
        for number, (write, value) in enumerate(zip(writers, cells, strict=True)):
            if value is not None:
                write(place + 3, number, value)


def _cell_writer(sheet: Any, column: list[Any], day: Any) -> Callable[[int, int, Any], Any]:
    example = next((value for value in column if value is not None), "")
    if isinstance(example, str):
        return sheet.write_string  # type: ignore[no-any-return]
    if isinstance(example, int | float):
        return sheet.write_number  # type: ignore[no-any-return]
    return lambda row, number, value: sheet.write_datetime(row, number, value, day)


def _write_csv(tables: Tables, folder: Path) -> None:
    """Write CSV from Swedish Excel; one file has dates as 01.09.2023, and one the identity number in two columns."""
    for table, content in tables.items():
        columns = worded(table, content, hyphen=table not in SPLIT_IDENTITY_TABLES)
        if table in SPLIT_IDENTITY_TABLES:
            number = columns.pop("Personnummer")
            birth, rest = (pc.utf8_slice_codeunits(number, *bounds) for bounds in ((0, 8), (8, 12)))
            columns = {"Födelsetid": birth, "Nummer": rest, **columns}
        if table in LAST_DAY_TABLES:
            end = columns.pop("Kursslut (ej med)")
            columns["Sista kursdag"] = pc.subtract(end.cast(pa.int32()), pa.scalar(1, pa.int32())).cast(pa.date32())
        form = SWEDISH_DATES if table in DAY_AND_MONTH_TABLES else "%Y-%m-%d"
        texts = {heading: as_text(column, date_format=form) for heading, column in columns.items()}
        write_csv(folder / f"{plain(table_name(table))}.csv", texts)


def _write_duckdb(tables: Tables, folder: Path) -> None:
    """Write a database with one table each, in the order of the rows."""
    connection = duckdb.connect(str(folder / DATABASE), config={"threads": 1})
    try:
        for table, content in tables.items():
            columns = worded(table, content, hyphen=True)
            held = pa.table({plain(heading): column for heading, column in columns.items()})
            connection.register("held", held)
            connection.execute(f"CREATE TABLE {plain(table_name(table))} AS SELECT * FROM held")
            connection.unregister("held")
        connection.execute("CHECKPOINT")
    finally:
        connection.close()


def _write_parquet(tables: Tables, folder: Path) -> None:
    """Write Parquet from a warehouse, and what the project keeps itself as CSV."""
    for table, content in tables.items():
        columns = worded(table, content, hyphen=table in FLAT_TABLES)
        path = folder / plain(table_name(table))
        if table in FLAT_TABLES:
            write_csv(path.with_suffix(".csv"), {heading: as_text(column) for heading, column in columns.items()})
        else:
            _write_one_parquet(path.with_suffix(".parquet"), {plain(name): each for name, each in columns.items()})


def _write_one_parquet(path: Path, columns: dict[str, pa.Array]) -> None:
    pq.write_table(pa.table(columns), path, compression="zstd")

"""The example municipality that has only CSV, copied to where a test may damage it."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from evalkit.sources import IngestSummary, Source, open_sources
from evalkit.studies.source_entries import SourceEntry

PROJECT = Path(__file__).parents[2]
EXAMPLE = Path("params/exempelkommun")
KEY = b"a key for tests, of 32 bytes ..."
ENCODINGS = {"enkat.csv": "utf-8-sig"}


class ExampleSite:
    """A copy of the example: its files, and its sources as the site file says."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(PROJECT / EXAMPLE, root / EXAMPLE)
        self.site = yaml.safe_load((root / EXAMPLE / "hamnby.yml").read_text(encoding="utf-8"))
        self.sources = [SourceEntry.model_validate(entry).source() for entry in self.site["sources"]]
        self.out = root / "store" / "tables"
        pupils = [row[:3] for row in self.rows("elever.csv")[1:]]
        self.secrets = [value for row in pupils for value in (*row, row[0].replace("-", ""))]

    def file(self, name: str) -> Path:
        return self.root / EXAMPLE / "data" / name

    def rows(self, name: str) -> list[list[str]]:
        with self.file(name).open(encoding=ENCODINGS.get(name, "cp1252"), newline="") as file:
            return list(csv.reader(file, delimiter=";"))

    def write(self, name: str, rows: list[list[str]], **how: Any) -> None:
        encoding = how.get("encoding", ENCODINGS.get(name, "cp1252"))
        with self.file(name).open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=how.get("separator", ";"), lineterminator="\r\n").writerows(rows)

    def set(self, name: str, row: int, column: str, value: str) -> None:
        """Write a value; rows count as a spreadsheet counts, the headings are row 1."""
        rows = self.rows(name)
        rows[row - 1][rows[0].index(column)] = value
        self.write(name, rows)

    def change(self, table: str, change: Callable[[Source], Source] | None = None, **fields: Any) -> None:
        """Change what the site file says of a table's source."""
        self.sources = [
            (change(source) if change else replace(source, **fields)) if source.tables == (table,) else source
            for source in self.sources
        ]

    def lay_out(self, table: str, **fields: Any) -> None:
        """Change what the site file says of how a table's source is written."""
        self.change(table, lambda source: replace(source, layout=replace(source.layout, **fields)))

    def take_in(self) -> IngestSummary:
        return open_sources(
            self.sources,
            self.root,
            KEY,
            self.out,
            memory="1GB",
            threads=2,
            municipality=self.site["municipality"],
        )

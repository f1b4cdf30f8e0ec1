"""How much a reader takes at most, read from ``limits.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class ExcelLimits:
    """Of one workbook: bytes unfolded, bytes of shared texts, parts, rows above the headings, characters of a cell."""

    unfolded_bytes: int
    strings_bytes: int
    parts: int
    title_rows: int
    cell_characters: int


@dataclass(frozen=True)
class ServerLimits:
    """Of one server: seconds of a statement, and of the connecting."""

    statement_seconds: int
    connect_seconds: int


@cache
def excel_limits() -> ExcelLimits:
    """Return the limits of workbooks."""
    return ExcelLimits(**_entry("excel"))


@cache
def server_limits() -> ServerLimits:
    """Return the limits of servers."""
    return ServerLimits(**_entry("server"))


def _entry(name: str) -> dict[str, int]:
    told = tomllib.loads((files("evalkit.sources.readers") / "limits.toml").read_text(encoding="utf-8"))[name]
    return {key: value for key, value in told.items() if isinstance(value, int)}

"""What a site file says about one source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

SourceKind = Literal["csv", "parquet", "ss12000"]


@dataclass(frozen=True)
class Source:
    """One file or folder that a site hands over, and how it is written.

    Parameters
    ----------
    kind
        ``"csv"``, ``"parquet"`` or ``"ss12000"`` (a folder with one folder of JSON pages per endpoint).
    path
        A file, or a folder of files of the same form. Relative paths start at the project folder.
    tables
        Canonical tables it holds: exactly one for csv and parquet.
    encoding
        Of CSV: utf-8 (the default), utf-8-sig, cp1252 or latin-1.
    separator, decimal
        Of CSV: between columns, and in numbers.
    date_format
        How dates are written, of ``%Y``, ``%m``, ``%d``, ``%y`` and the characters between.
    columns
        Heading in the file by canonical column; a column not named here bears its canonical name.
    values
        Canonical code by code in the file, by canonical column. An empty canonical code means missing.
    end_is_last_day
        Whether intervals end on their last day. It becomes the day after, for canonical intervals are half-open.
    """

    kind: SourceKind
    path: Path
    tables: tuple[str, ...]
    encoding: str | None = None
    separator: str = ";"
    decimal: str = ","
    date_format: str = "%Y-%m-%d"
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    end_is_last_day: bool = False

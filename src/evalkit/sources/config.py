"""What a site file says about one source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from evalkit.sources.ss12000.access import ApiAccess

SourceKind = Literal["csv", "excel", "parquet", "duckdb", "postgresql", "ss12000"]
FOLDER_KINDS = ("ss12000",)
DATABASE_KINDS = ("postgresql",)
SWEDISH = "swedish"
"""Identity numbers of the Swedish population register; any other scheme is a data holder's own."""


@dataclass(frozen=True)
class Layout:
    """Where rows stand, and how they are written.

    Parameters
    ----------
    kind
        ``"csv"``, ``"excel"``, ``"parquet"``, ``"duckdb"`` (a database file), ``"postgresql"`` (a server) or
        ``"ss12000"`` (a folder with one folder of JSON pages per endpoint).
    path
        A file, or a folder of files of the same form; None for a server. Relative paths start at the project folder.
    encoding
        Of CSV: utf-8, utf-8-sig, cp1252 or latin-1. None: found out, and told.
    separator
        Of CSV, between columns. None: found out, and told.
    decimal
        In numbers written as text. None: a comma in CSV and Excel, a point elsewhere.
    date_format
        How dates are written as text, as `check_date_format` tells. None: 2023-09-01 or 20230901, and a time of day
        may follow.
    sheet
        Of Excel; None where the workbook has one sheet only.
    header_row
        Of Excel: row with the headings, counted from 1. None: the first row that holds every heading the source names.
    relation
        Of databases: table or view, with its schema where it has one.
    connection_variable
        Of a server: name of the environment variable that holds the connection text. It is never written anywhere.
    """

    kind: SourceKind
    path: Path | None = None
    encoding: str | None = None
    separator: str | None = None
    decimal: str | None = None
    date_format: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    relation: str | None = None
    connection_variable: str | None = None

    @property
    def decimal_point(self) -> str:
        """Return what stands between units and tenths in numbers written as text."""
        return self.decimal or ("," if self.kind in ("csv", "excel") else ".")


@dataclass(frozen=True)
class ColumnMap:
    """How one canonical column comes out of a source, where a heading alone does not say it.

    Exactly one of ``column``, ``combine`` and ``constant`` is given. Then ``parse``, the source's ``values`` for the
    column, ``bands`` and ``days_after`` apply, in this order.

    Parameters
    ----------
    column
        Heading, or ``lookup.heading`` of a joined lookup.
    otherwise
        Heading of the value in rows where ``column`` has none.
    combine, between
        Headings whose texts are put together, and what stands between them.
    constant
        The same value in every row.
    parse
        Regular expression; its first group (or the whole match) is the value. A text that does not match is a fault.
    bands
        ``(upper bound, code)``, ascending; a number below the first bound it meets gets its code; None has no bound.
    days_after
        A date (ISO), or a heading that holds one: the value counts days from it, and becomes a date.
    """

    column: str | None = None
    otherwise: str | None = None
    combine: tuple[str, ...] = ()
    between: str = ""
    constant: str | None = None
    parse: str | None = None
    bands: tuple[tuple[float | None, str], ...] = ()
    days_after: str | None = None


@dataclass(frozen=True)
class Lookup:
    """Another file of the source's, whose columns are joined by key and named ``lookup.heading``.

    Parameters
    ----------
    layout
        Where it stands.
    match
        Heading of the lookup by heading of the source (or of an earlier lookup).
    unmatched
        What a row without a match is.
    """

    layout: Layout
    match: Mapping[str, str]
    unmatched: Literal["fault", "missing"] = "fault"


@dataclass(frozen=True)
class Source:
    """What a site hands over in one form, and which canonical tables it holds.

    Parameters
    ----------
    layout
        Where it stands and how it is written.
    tables
        Canonical tables it holds: exactly one unless the kind is ``"ss12000"``. ``aliases`` is one too; never stored.
    columns
        By canonical column, its heading or a `ColumnMap`; a column not named here bears its canonical name.
    values
        Canonical code by code in the source, by canonical column. An empty canonical code means missing.
    lookups
        Joined before the columns are mapped, in order, by name.
    distinct
        Whether rows that are alike in every canonical column are one row.
    identities
        ``"swedish"``, or the name of the data holder's own scheme of ids, such as ``"student id"``.
    end_is_last_day
        Whether intervals end on their last day. It becomes the day after, for canonical intervals are half-open.
    api
        Of SS 12000: the server that the pages are fetched from; None where the folder is handed over.
    modes
        Of SS 12000: ``campus``, ``online`` or ``placement`` by name of ``room`` or ``activity``, where ``*`` stands for
        any text. The first name that fits counts; what none fits is unknown.
    """

    layout: Layout
    tables: tuple[str, ...]
    columns: Mapping[str, str | ColumnMap] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    distinct: bool = False
    identities: str = SWEDISH
    end_is_last_day: bool = False
    api: ApiAccess | None = None
    modes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """Return everything that is read: the rows, and the lookups."""
        return (self.layout, *(lookup.layout for lookup in self.lookups.values()))

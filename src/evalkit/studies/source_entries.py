"""What a site file says of one source: flat keys, typed, with unknown keys refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from evalkit.sources import ColumnMap, Layout, Lookup, Source
from evalkit.sources.ss12000.access import ApiAccess
from evalkit.studies.settings_text import check_readable

Kind = Literal["csv", "excel", "parquet", "duckdb", "postgresql", "ss12000"]
MEANT_FOR = {
    "encoding": ("csv",),
    "separator": ("csv",),
    "sheet": ("excel",),
    "header_row": ("excel",),
    "relation": ("duckdb", "postgresql"),
    "connection_variable": ("postgresql",),
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ColumnEntry(_Strict):
    """How one canonical column comes out of a source; the keys of `ColumnMap`."""

    column: str | None = None
    otherwise: str | None = None
    combine: tuple[str, ...] = ()
    between: str = ""
    constant: str | date | None = None
    parse: str | None = None
    bands: tuple[tuple[float | None, str], ...] = ()
    days_after: str | date | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnEntry:
        if sum((self.column is not None, bool(self.combine), self.constant is not None)) != 1:
            raise ValueError("a column is mapped by one of `column`, `combine` and `constant`")
        return self

    def column_map(self) -> ColumnMap:
        """Return it as the readers take it."""
        return ColumnMap(
            column=self.column,
            otherwise=self.otherwise,
            combine=self.combine,
            between=self.between,
            constant=_text(self.constant),
            parse=self.parse,
            bands=self.bands,
            days_after=_text(self.days_after),
        )


class _Rows(_Strict):
    """Where rows stand and how they are written; the keys of `Layout`."""

    path: Annotated[str, Field(min_length=1), AfterValidator(check_readable)] | None = None
    encoding: str | None = None
    separator: str | None = Field(default=None, pattern=r'^(\t|[^"\p{C}\p{Z}])$')
    decimal: Literal[",", "."] | None = None
    date_format: str | None = None
    sheet: str | None = None
    header_row: int | None = Field(default=None, ge=1)
    relation: str | None = None
    connection_variable: str | None = None

    def layout(self, kind: Kind, path: str | None, connection_variable: str | None) -> Layout:
        """Return it as the readers take it."""
        return Layout(
            kind=kind,
            path=None if path is None else Path(path),
            encoding=self.encoding,
            separator=self.separator,
            decimal=self.decimal,
            date_format=self.date_format,
            sheet=self.sheet,
            header_row=self.header_row,
            relation=self.relation,
            connection_variable=connection_variable,
        )

    def check_keys(self, kind: Kind) -> None:
        """Refuse keys that say nothing about sources of a kind.

        Raises
        ------
        ValueError
            If there is one.
        """
        for key in sorted(self.model_fields_set & set(MEANT_FOR)):
            if kind not in MEANT_FOR[key]:
                raise ValueError(f"`{key}` says nothing about {kind}")


class LookupEntry(_Rows):
    """A file whose columns are joined. Where it is of its source's kind, what it does not say is as there."""

    kind: Kind | None = None
    match: dict[str, str] = Field(min_length=1)
    unmatched: Literal["fault", "missing"] = "fault"


class ApiEntry(_Strict):
    """The server that an SS 12000 source's pages are fetched from; the keys of `ApiAccess`, and the days wanted."""

    url: str
    token_variable: str
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    limit: int = Field(default=1000, ge=1)
    timeout: float = Field(default=60.0, gt=0)
    page_timeout: float = Field(default=600.0, gt=0)
    most_tries: int = Field(default=6, ge=1)
    longest_wait: float = Field(default=300.0, gt=0)

    def access(self) -> ApiAccess:
        """Return it as the readers take it."""
        return ApiAccess(
            url=self.url,
            token_variable=self.token_variable,
            first_day=self.start,
            last_day=self.end,
            limit=self.limit,
            timeout=self.timeout,
            page_timeout=self.page_timeout,
            most_tries=self.most_tries,
            longest_wait=self.longest_wait,
        )


class SourceEntry(_Rows):
    """One source of a site: where it stands, how to read it, and what it holds."""

    kind: Kind
    table: str | None = None
    tables: tuple[str, ...] = ()
    columns: dict[str, str | ColumnEntry] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    lookups: dict[str, LookupEntry] = Field(default_factory=dict)
    distinct: bool = False
    identities: str = "swedish"
    end_is_last_day: bool = False
    api: ApiEntry | None = None
    modes: dict[str, dict[str, str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> SourceEntry:
        if (self.table is None) == (not self.tables):
            raise ValueError("a source names either `table` (one) or `tables` (several)")
        if self.kind == "postgresql" and (self.connection_variable is None or self.path is not None):
            raise ValueError("a postgresql source names `connection_variable`, and no `path`")
        if self.kind != "postgresql" and self.path is None:
            raise ValueError(f"a {self.kind} source names its `path`")
        if self.api is not None and self.kind != "ss12000":
            raise ValueError(f"`api` says nothing about {self.kind}")
        if self.modes and self.kind != "ss12000":
            raise ValueError(f"`modes` says nothing about {self.kind}; map the column `mode` instead")
        self.check_keys(self.kind)
        for lookup in self.lookups.values():
            lookup.check_keys(lookup.kind or self.kind)
        return self

    def source(self) -> Source:
        """Return it as the readers take it, with relative paths as written."""
        return Source(
            layout=self.layout(self.kind, self.path, self.connection_variable),
            tables=self.tables if self.table is None else (self.table,),
            columns={
                name: entry if isinstance(entry, str) else entry.column_map() for name, entry in self.columns.items()
            },
            values=self.values,
            lookups={name: self._lookup(entry) for name, entry in self.lookups.items()},
            distinct=self.distinct,
            identities=self.identities,
            end_is_last_day=self.end_is_last_day,
            api=None if self.api is None else self.api.access(),
            modes=self.modes,
        )

    def _lookup(self, entry: LookupEntry) -> Lookup:
        own = self.layout(self.kind, self.path, self.connection_variable)
        said = entry.layout(entry.kind or self.kind, entry.path, entry.connection_variable)
        shared = {
            name: getattr(own, name)
            for name in ("path", "connection_variable", "encoding", "separator", "decimal", "date_format")
            if getattr(said, name) is None and entry.kind in (None, self.kind)
        }
        return Lookup(replace(said, **shared), entry.match, entry.unmatched)


def _text(value: str | date | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value

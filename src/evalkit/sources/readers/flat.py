"""Sources with one canonical table each: what their readers have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import ibis
import ibis.expr.datatypes as dt

from evalkit.errors import InputError
from evalkit.sources.config import Source
from evalkit.sources.engine import Workshop
from evalkit.sources.extract import Extract
from evalkit.sources.files import find_files, label_of, name_of
from evalkit.sources.readers.column_maps import check_maps, headings_asked, map_columns, steps_of
from evalkit.sources.readers.columnar import open_columnar
from evalkit.sources.readers.database_files import read_database_file
from evalkit.sources.readers.delimited import read_delimited
from evalkit.sources.readers.excel import read_excel
from evalkit.sources.readers.headings import check_column_map, heading_of
from evalkit.sources.readers.lookups import ReadLookup, check_lookup, check_unmatched, join_lookups, lookup_headings
from evalkit.sources.readers.raw import Raw, ReadFile, Request, UnreadableError
from evalkit.sources.readers.servers import read_server
from evalkit.sources.readers.written import as_text
from evalkit.sources.register import AT, FileRegister
from evalkit.vocabulary.schema import TableSchema

READERS: dict[str, ReadFile] = {
    "csv": read_delimited,
    "excel": read_excel,
    "parquet": open_columnar,
    "duckdb": read_database_file,
}


@dataclass(frozen=True)
class Reading:
    """A source, the table it holds, and where its rows go.

    Parameters
    ----------
    root
        Folder that relative paths start at.
    known
        Columns that the site file tells another way, so that files may lack them.
    """

    source: Source
    schema: TableSchema
    root: Path
    shop: Workshop
    register: FileRegister
    known: Collection[str] = ()

    def request(self) -> Request:
        """Return what is wanted of the source's own files."""
        columns = self.source.columns
        needed: dict[str, str] = {}
        welcome: dict[str, str] = {}
        for column in self.schema.columns:
            entry = columns.get(column.name)
            optional = column.nullable or column.default is not None or column.name in self.known
            if entry is None and optional:
                welcome[column.name] = column.name
            else:
                needed |= dict.fromkeys(headings_asked(entry or column.name), column.name)
        needed |= {own: "" for lookup in self.source.lookups.values() for own in lookup.match if own not in needed}
        names = {
            f"{self.schema.name}.{column.name}": heading_of(columns.get(column.name), column.name)
            for column in self.schema.columns
        }
        own = {heading: name for heading, name in needed.items() if not self._is_joined(heading)}
        return Request(self.source.layout, own, welcome, names, self.shop, self.register)

    def lookup_requests(self) -> dict[str, Request]:
        """Return what is wanted of each lookup."""
        asked = [heading for entry in self.source.columns.values() for heading in headings_asked(entry)]
        wanted = lookup_headings(self.source.lookups, asked)
        return {
            name: Request(self.source.lookups[name].layout, needed, {}, {}, self.shop, self.register)
            for name, needed in wanted.items()
        }

    def _is_joined(self, heading: str) -> bool:
        return heading.partition(".")[0] in self.source.lookups and "." in heading


def read_flat(reading: Reading) -> tuple[Extract | None, list[InputError]]:
    """Read the files, or the relation, of a source.

    Returns
    -------
    tuple
        The rows as written (None if there are faults), and the faults found.
    """
    source, label = reading.source, label_of(reading.source.layout, reading.root)
    faults = check_column_map(source, reading.schema, label) + check_maps(source, label)
    lookups: list[ReadLookup] = []
    for name, request in reading.lookup_requests().items():
        found, wrong = _read_all(request, reading.root)
        faults += wrong
        if found:
            lookup = ReadLookup(name, source.lookups[name], _together(found))
            faults += check_lookup(lookup, reading.register)
            lookups.append(lookup)
    raws, wrong = _read_all(reading.request(), reading.root)
    faults += wrong
    if faults:
        return None, faults
    parts = []
    for raw in raws:
        joined = join_lookups(raw, lookups)
        rows, wrong = map_columns(joined, source, reading.schema, reading.register)
        faults += check_unmatched(joined, lookups, reading.register) + wrong
        parts.append(Raw(rows, {name: name for name in reading.schema.column_names}))
    if faults:
        return None, faults
    whole = _together(parts)
    return _extract(reading, whole.rows.select(AT, **{name: whole.value(name) for name in whole.columns})), []


def _extract(reading: Reading, rows: ibis.Table) -> Extract:
    source = reading.source
    done = {name for name, step in steps_of(source).items() if step.uses_codes}
    return Extract(
        table=reading.schema.name,
        rows=rows,
        values={name: codes for name, codes in source.values.items() if name not in done},
        date_format=source.layout.date_format,
        decimal=source.layout.decimal_point,
        end_is_last_day=source.end_is_last_day,
        identities=source.identities,
    )


def _read_all(request: Request, root: Path) -> tuple[list[Raw], list[InputError]]:
    """Read every file of a layout; one that cannot be read does not hide the faults of the others."""
    parts: list[Raw] = []
    faults: list[InputError] = []
    for read in _reads(request, root):
        try:
            parts.append(read())
        except UnreadableError as several:
            faults += several.faults
        except InputError as fault:
            faults.append(fault)
    return parts, faults


def _reads(request: Request, root: Path) -> list[Callable[[], Raw]]:
    layout = request.layout
    if layout.kind == "postgresql":
        return [partial(read_server, request)]
    read = READERS[layout.kind]
    return [partial(read, request, path, name_of(path, root)) for path in find_files(layout, root)]


def _together(parts: Sequence[Raw]) -> Raw:
    """Return the rows of all files by heading; columns that files type differently become text."""
    if len(parts) == 1:
        return parts[0]
    headings = list(dict.fromkeys(heading for part in parts for heading in part.columns))
    kinds = {heading: {part.value(heading).type() for part in parts if heading in part.columns} for heading in headings}
    selected = []
    for part in parts:
        values = {f"c{place}": _one_kind(part, heading, kinds[heading]) for place, heading in enumerate(headings)}
        selected.append(part.rows.select(AT, **values))
    return Raw(ibis.union(*selected), {heading: f"c{place}" for place, heading in enumerate(headings)})


def _one_kind(part: Raw, heading: str, kinds: set[dt.DataType]) -> ibis.Value:
    kind = next(iter(kinds)) if len(kinds) == 1 else dt.string
    if heading not in part.columns:
        return ibis.null(kind)
    value = part.value(heading)
    return value if value.type() == kind else as_text(value)

"""Take in what a site hands over: read, map, pseudonymise, check, and only then store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import ibis

from evalkit.errors import InputError, Where
from evalkit.sources.cells import check_cells
from evalkit.sources.columnar import open_columnar
from evalkit.sources.config import Source
from evalkit.sources.conversion import check_date_format, convert
from evalkit.sources.delimited import read_delimited
from evalkit.sources.engine import Workshop, open_workshop
from evalkit.sources.extract import Extract
from evalkit.sources.files import digest_inputs, find_files, name_of
from evalkit.sources.flat import Reading, read_flat
from evalkit.sources.pseudonyms import check_key, pseudonym_table
from evalkit.sources.register import FileRegister
from evalkit.sources.relations import check_key as check_table_key
from evalkit.sources.relations import check_references, check_rules
from evalkit.sources.ss12000 import read_ss12000
from evalkit.sources.store import move_into_place, write_table
from evalkit.sources.told import raise_faults
from evalkit.vocabulary.schema import table_names, table_schema


@dataclass(frozen=True)
class IngestSummary:
    """What was taken in.

    Parameters
    ----------
    tables
        Rows by canonical table.
    digest
        SHA-256 over the content of all files read.
    warnings
        What is odd but no fault, with the place of the first case.
    """

    tables: Mapping[str, int]
    digest: str
    warnings: tuple[str, ...]


@dataclass
class _Intake:
    sources: Sequence[Source]
    root: Path
    key: bytes
    on: date | None
    municipality: str
    shop: Workshop
    register: FileRegister = field(default_factory=FileRegister)
    faults: list[InputError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def defaults(self, table: str) -> dict[str, str]:
        """Return what missing values of a table's columns mean at this site."""
        return {"municipality": self.municipality} if table == "school_units" else {}


def open_sources(
    sources: Sequence[Source],
    root: Path,
    key: bytes,
    out: Path,
    *,
    memory: str,
    threads: int,
    municipality: str,
    on: date | None = None,
) -> IngestSummary:
    """Read, check and pseudonymise a site's sources, and store the canonical tables.

    Parameters
    ----------
    sources
        As the site file says.
    root
        Folder that relative paths start at.
    key
        Of the study's pseudonyms, at least 16 bytes.
    out
        Folder the tables get; made in one move when everything is right.
    memory, threads
        Limits, such as ``"2GB"`` and 2.
    municipality
        Code of the site's municipality, for school units handed over without one.
    on
        The day the sources were written; without it, identity numbers of ten digits are faults.

    Returns
    -------
    IngestSummary
        Rows per table, digest of the inputs, warnings.

    Raises
    ------
    SourceFaultsError
        If anything is not as it must be. Nothing is written then, and no message holds a value of a person.
    """
    check_key(key)
    _check_sources(sources, root)
    digest = digest_inputs(sources, root)
    with open_workshop(out.parent, memory=memory, threads=threads) as shop:
        intake = _Intake(sources, root, key, on, municipality, shop)
        try:
            tables = _stage(intake)
            rows = _check(tables, intake)
            made = shop.folder / "tables"
            made.mkdir(mode=0o700)
            for name, table in tables.items():
                write_table(table, table_schema(name), made, shop.connection)
        except duckdb.OutOfMemoryException:
            raise InputError(
                f"{memory} of memory do not suffice for these sources", remedy="raise `engine.memory` in the site file"
            ) from None
        except duckdb.Error as error:
            # DuckDB repeats values of cells in its messages.
            raise InputError(
                f"the sources could not be read ({type(error).__name__})",
                remedy="check that the files are whole and of the kind the site file says",
            ) from None
        move_into_place(made, out)
    return IngestSummary(rows, digest, tuple(intake.warnings))


def _check_sources(sources: Sequence[Source], root: Path) -> None:
    """Refuse sources whose files are not there, or that say what no source may say."""
    faults: list[InputError] = []
    for source in sources:
        label = name_of(root / source.path, root)
        unknown = [table for table in source.tables if table not in table_names()]
        if unknown or (source.kind != "ss12000" and len(source.tables) != 1):
            faults.append(
                InputError(
                    f"there is no table {unknown[0]}" if unknown else f"a {source.kind} source holds exactly one table",
                    where=Where(file=label, column="table"),
                    remedy=f"the tables are {', '.join(table_names())}",
                )
            )
        try:
            find_files(source, root)
            check_date_format(source.date_format, label)
        except InputError as fault:
            faults.append(fault)
    raise_faults(faults)


def _stage(intake: _Intake) -> dict[str, ibis.Table]:
    """Bring every extract into canonical types and check its values."""
    extracts = [extract for number in range(len(intake.sources)) for extract in _read(number, intake)]
    raise_faults(intake.faults)
    parts: dict[str, list[ibis.Table]] = {}
    for number, extract in enumerate(extracts):
        staged = _convert(extract, number, intake)
        intake.faults += check_cells(staged, table_schema(extract.table), extract, intake.register)
        parts.setdefault(extract.table, []).append(staged)
    raise_faults(intake.faults)
    tables = {name: parts[name] for name in table_names() if name in parts}
    return {name: ibis.union(*found) if len(found) > 1 else found[0] for name, found in tables.items()}


def _read(number: int, intake: _Intake) -> list[Extract]:
    source = intake.sources[number]
    if source.kind == "ss12000":
        extracts, faults, warnings = read_ss12000(
            source, intake.root, number, intake.shop, intake.register, key=intake.key, on=intake.on
        )
        intake.faults += faults
        intake.warnings += warnings
        return extracts
    files = [(path, name_of(path, intake.root)) for path in find_files(source, intake.root)]
    schema = table_schema(source.tables[0])
    reading = Reading(source, schema, intake.shop, intake.register, intake.defaults(schema.name))
    extract, faults = read_flat(reading, files, read_delimited if source.kind == "csv" else open_columnar)
    intake.faults += faults
    return [extract] if extract is not None else []


def _convert(extract: Extract, number: int, intake: _Intake) -> ibis.Table:
    schema = table_schema(extract.table)
    identity = next((column.name for column in schema.columns if column.identity), None)
    known = None
    if identity is not None and not extract.pseudonymised:
        written = extract.rows[identity]
        known = pseudonym_table(f"known_{number}", written, intake.shop, intake.key, on=intake.on)
    typed = convert(extract, schema, pseudonyms=known, defaults=intake.defaults(schema.name))
    return intake.shop.keep(f"staged_{number}", typed)


def _check(tables: Mapping[str, ibis.Table], intake: _Intake) -> dict[str, int]:
    """Check rows against each other; return how many each table has."""
    rows = {name: int(table.count().to_pyarrow().as_py()) for name, table in tables.items()}
    intake.faults += [_without_rows(name) for name, count in rows.items() if not count] + _lacking(tables)
    raise_faults(intake.faults)
    for name, table in tables.items():
        schema = table_schema(name)
        intake.faults += check_table_key(table, schema, intake.register)
        intake.faults += check_references(tables, schema, intake.register)
        faults, warnings = check_rules(tables, schema, intake.register)
        intake.faults += faults
        intake.warnings += warnings
    raise_faults(intake.faults)
    return rows


def _lacking(tables: Mapping[str, ibis.Table]) -> list[InputError]:
    faults = []
    for absent in (name for name in table_names() if name not in tables):
        asking = [
            name
            for name in tables
            if any((column.references or "").startswith(f"{absent}.") for column in table_schema(name).columns)
        ]
        if asking:
            faults.append(
                InputError(
                    f"no source holds the table {absent}, which {' and '.join(asking)} refer to",
                    where=Where(file="site file", column="sources"),
                    remedy=f"add a source for {absent}",
                )
            )
    return faults


def _without_rows(name: str) -> InputError:
    return InputError(
        f"the table {name} has no rows",
        where=Where(file="site file", column="sources"),
        remedy=f"hand over the files again, or take {name} out of the site file",
    )

"""Take in what a site hands over: read, map, pseudonymise, check, and only then store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import ibis

from evalkit.errors import Finding, InputError, SourceFaultsError, Where
from evalkit.sources.aliases import TABLE as ALIASES
from evalkit.sources.aliases import Change, newest, read_changes
from evalkit.sources.checks import (
    Examination,
    check_presence,
    check_tables,
    check_values,
    check_written_identities,
    finding,
)
from evalkit.sources.config import SWEDISH, Source
from evalkit.sources.conversion import CHANGES, convert, identity_text, scheme_of
from evalkit.sources.engine import Workshop, open_workshop
from evalkit.sources.extract import Extract
from evalkit.sources.files import digest_inputs, find_files, label_of, refuse_changed, stamp_inputs
from evalkit.sources.pseudonyms import NO_ALIASES, Aliases, check_key, identity_faults, pseudonym_table
from evalkit.sources.readers.flat import Reading, read_flat
from evalkit.sources.readers.written import check_date_format
from evalkit.sources.register import FileRegister, Remark
from evalkit.sources.ss12000.reading import read_ss12000
from evalkit.sources.store import move_into_place, write_table
from evalkit.sources.summary import IngestSummary, told_plainly
from evalkit.vocabulary.schema import table_names, table_schema


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
    findings: list[Finding] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    aliases: dict[str, Aliases] = field(default_factory=dict)

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
    stamps, digest = stamp_inputs(sources, root), digest_inputs(sources, root)
    with open_workshop(out.parent, memory=memory, threads=threads) as shop:
        intake = _Intake(sources, root, key, on, municipality, shop)
        with told_plainly(memory):
            tables, rows = _examine(intake)
            refuse_changed(sources, root, stamps)
            _raise_faults(intake)
            made = shop.folder / "tables"
            made.mkdir(mode=0o700)
            for name, table in tables.items():
                write_table(table, table_schema(name), made, shop.connection)
        move_into_place(made, out)
    return _summary(intake, rows, digest)


def check_sources(
    sources: Sequence[Source],
    root: Path,
    key: bytes,
    scratch: Path,
    *,
    memory: str,
    threads: int,
    municipality: str,
    on: date | None = None,
) -> IngestSummary:
    """Read and check a site's sources as `open_sources` does, and store nothing.

    Parameters
    ----------
    scratch
        Folder to work in; nothing is left there.

    Returns
    -------
    IngestSummary
        Errors are among its findings. Tables with errors are left out of the checks that need them whole.
    """
    check_key(key)
    with open_workshop(scratch, memory=memory, threads=threads) as shop:
        intake = _Intake(sources, root, key, on, municipality, shop)
        rows: Mapping[str, int] = {}
        digest = ""
        try:
            _check_sources(sources, root)
            digest = digest_inputs(sources, root)
            with told_plainly(memory):
                _, rows = _examine(intake)
        except SourceFaultsError as several:
            intake.findings += several.findings
        except InputError as fault:
            intake.faults.append(fault)
        return _summary(intake, rows, digest)


def _found(intake: _Intake) -> tuple[Finding, ...]:
    """Return everything found, what readers say first."""
    read = SourceFaultsError(intake.faults).findings
    told = [
        replace(finding(one.check, one.facts, count=one.count), places=(one.where,) if one.where else ())
        for one in intake.register.remarks
    ]
    return (*read, *told, *intake.findings)


def _raise_faults(intake: _Intake) -> None:
    found = _found(intake)
    if any(one.level == "error" for one in found):
        raise SourceFaultsError(found)


def _summary(intake: _Intake, rows: Mapping[str, int], digest: str) -> IngestSummary:
    files = tuple(dict.fromkeys(entry.label for entry in intake.register.entries))
    return IngestSummary(dict(rows), digest, _found(intake), files)


def _check_sources(sources: Sequence[Source], root: Path) -> None:
    """Refuse sources whose files are not there, or that say what no source may say."""
    faults: list[InputError] = []
    for source in sources:
        label = label_of(source.layout, root)
        unknown = [table for table in source.tables if table not in (*table_names(), ALIASES)]
        if unknown or (source.layout.kind != "ss12000" and len(source.tables) != 1):
            faults.append(
                InputError(
                    f"there is no table {unknown[0]}"
                    if unknown
                    else f"a {source.layout.kind} source holds exactly one table",
                    where=Where(file=label, column="table"),
                    remedy=f"the tables are {', '.join(table_names())}",
                )
            )
        try:
            for layout in source.layouts:
                find_files(layout, root)
                check_date_format(layout.date_format, label_of(layout, root))
        except InputError as fault:
            faults.append(fault)
    if faults:
        raise SourceFaultsError(faults)


def _examine(intake: _Intake) -> tuple[dict[str, ibis.Table], dict[str, int]]:
    """Bring every extract into canonical types, and check values, rows and tables; what is found stands in the intake.

    A table with errors is left out of the checks between rows, which would only repeat them in other words.
    """
    _read_aliases(intake)
    parts: dict[str, list[ibis.Table]] = {}
    rows: dict[str, int] = {}
    for number, extract in enumerate(_extracts(intake)):
        schema = table_schema(extract.table)
        staged = _convert(extract, number, intake)
        examination = Examination({}, {}, intake.register, intake.shop.keep, intake.on)
        found, count = check_values(staged, schema, extract, examination)
        intake.findings += [*found, *check_written_identities(schema, extract, examination)]
        if any(one.level == "error" for one in found):
            intake.broken.add(extract.table)
        rows[extract.table] = rows.get(extract.table, 0) + count
        parts.setdefault(extract.table, []).append(staged)
    held = [name for source in intake.sources for name in source.tables]
    intake.findings += check_presence(held, {name: rows[name] for name in rows if name not in intake.broken})
    whole = {name: parts[name] for name in table_names() if name in parts and name not in intake.broken}
    united = {name: ibis.union(*found) if len(found) > 1 else found[0] for name, found in whole.items()}
    tables = {name: _newest_rows(name, table, intake) for name, table in united.items()}
    thinned = [name for name in tables if tables[name] is not united[name]]
    rows |= {name: int(tables[name].count().to_pyarrow().as_py()) for name in thinned}
    intake.findings += check_tables(Examination(tables, rows, intake.register, intake.shop.keep, intake.on))
    return tables, rows


def _extracts(intake: _Intake) -> Iterator[Extract]:
    for number, source in enumerate(intake.sources):
        if source.tables == (ALIASES,):
            continue
        faults = len(intake.faults)
        extracts = _read(number, intake)
        if len(intake.faults) > faults:
            intake.broken |= set(source.tables)
        yield from extracts


def _read_aliases(intake: _Intake) -> None:
    """Learn which identities became others, before any of them gets a pseudonym."""
    changes: dict[str, list[Change]] = {}
    for number, source in enumerate(intake.sources):
        for extract in _read(number, intake) if source.tables == (ALIASES,) else ():
            found, faults = read_changes(extract, intake.register, on=intake.on, scheme=extract.identities)
            changes.setdefault(extract.identities, []).extend(found)
            intake.faults += faults
    for scheme, found in changes.items():
        intake.aliases[scheme], faults = newest(found, intake.register)
        intake.faults += faults
    _raise_faults(intake)


def _newest_rows(name: str, table: ibis.Table, intake: _Intake) -> ibis.Table:
    """Leave out a person's rows under earlier identities where there is one under a later."""
    if CHANGES not in table.columns or not any(intake.aliases.values()):
        return table
    fewest = table[CHANGES].min().over(ibis.window(group_by=table_schema(name).key))
    kept = intake.shop.keep(f"newest_{name}", table.filter(table[CHANGES] == fewest))
    left = int(table.count().to_pyarrow().as_py()) - int(kept.count().to_pyarrow().as_py())
    if left:
        intake.register.remarks.append(Remark("earlier_identities", {"table": name}, count=left))
    return kept


def _read(number: int, intake: _Intake) -> list[Extract]:
    source = intake.sources[number]
    if source.layout.kind == "ss12000":
        extracts, faults = read_ss12000(
            source,
            intake.root,
            number,
            intake.shop,
            intake.register,
            key=intake.key,
            on=intake.on,
            aliases=intake.aliases.get(SWEDISH, NO_ALIASES),
            modes=source.modes,
        )
        intake.faults += faults
        return extracts
    schema = table_schema(source.tables[0])
    known = intake.defaults(schema.name)
    extract, faults = read_flat(Reading(source, schema, intake.root, intake.shop, intake.register, known))
    intake.faults += faults
    return [extract] if extract is not None else []


def _convert(extract: Extract, number: int, intake: _Intake) -> ibis.Table:
    schema = table_schema(extract.table)
    known: dict[str, ibis.Table] = {}
    for place, column in enumerate(schema.columns):
        if not column.identity or extract.pseudonymised or column.name not in extract.rows.columns:
            continue
        written, scheme = identity_text(extract.rows, column, extract), scheme_of(column, extract)
        table = pseudonym_table(
            f"known_{number}_{place}",
            written,
            intake.shop,
            intake.key,
            on=intake.on,
            scheme=scheme,
            aliases=intake.aliases.get(scheme, NO_ALIASES),
        )
        faults = identity_faults(extract.rows, written, table, intake.register, table=schema.name, column=column.name)
        intake.findings += [
            replace(one, check="unreadable_identity", table=schema.name, columns=(column.name,))
            for one in SourceFaultsError(faults).findings
        ]
        intake.broken |= {schema.name} if faults else set()
        known[column.name] = table
    typed = convert(extract, schema, pseudonyms=known, defaults=intake.defaults(schema.name))
    return intake.shop.keep(f"staged_{number}", typed)

"""Files with one canonical table each: what their readers have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis

from evalkit.errors import InputError, SourceFaultsError, Where
from evalkit.sources.config import Source
from evalkit.sources.engine import Workshop
from evalkit.sources.extract import Extract
from evalkit.sources.headings import check_column_map, match_headings
from evalkit.sources.register import AT, FileEntry, FileRegister
from evalkit.vocabulary.schema import TableSchema


@dataclass(frozen=True)
class Reading:
    """A source, the table it holds, and where its rows go.

    ``known`` names columns that the site file tells another way, so that files may lack them.
    """

    source: Source
    schema: TableSchema
    shop: Workshop
    register: FileRegister
    known: Collection[str] = ()

    def headings(self, headings: Sequence[str], label: str) -> dict[str, str]:
        """Return each canonical column's heading.

        Raises
        ------
        SourceFaultsError
            If headings are missing or stand twice.
        """
        found, faults = match_headings(self.source, self.schema, headings, label, known=self.known)
        if faults:
            raise SourceFaultsError(tuple(faults))
        return found

    def enter(self, label: str, found: dict[str, str], delimited: tuple[Path, str] | None = None) -> int:
        """Enter a file in the register; return what its row 0 is called."""
        named = {f"{self.schema.name}.{canonical}": heading for canonical, heading in found.items()}
        return self.register.add(FileEntry(label, named, delimited))

    def canonical(self, table: ibis.Table) -> ibis.Table:
        """Return the canonical columns in the schema's order, null where the file has none."""
        columns = [
            table[name] if name in table.columns else ibis.null("string").name(name)
            for name in self.schema.column_names
        ]
        return table.select(AT, *columns)


ReadFile = Callable[[Reading, Path, str], ibis.Table]
"""From a file and what users call it to its canonical columns and ``_at``."""


def read_flat(
    reading: Reading, files: Sequence[tuple[Path, str]], read_file: ReadFile
) -> tuple[Extract | None, list[InputError]]:
    """Read the files of a source.

    Parameters
    ----------
    files
        Path of each, and what users call it.
    read_file
        Of the files' kind.

    Returns
    -------
    tuple
        The rows as written (None if there are faults), and the faults found.
    """
    faults = check_column_map(reading.source, reading.schema, files[0][1])
    parts: list[ibis.Table] = []
    for path, label in files:
        try:
            parts.append(read_file(reading, path, label))
        except SourceFaultsError as several:
            faults += several.faults
        except InputError as fault:
            faults.append(fault)
    if faults:
        return None, faults
    source = reading.source
    extract = Extract(
        table=reading.schema.name,
        rows=_together(parts),
        values=source.values,
        date_format=source.date_format,
        decimal=source.decimal if source.kind == "csv" else ".",
        end_is_last_day=source.end_is_last_day,
    )
    return extract, []


def no_rows(label: str, row: int | None = None) -> InputError:
    """Return the fault of a file without rows."""
    return InputError(
        "the file has headings but no rows",
        where=Where(file=label, row=row),
        remedy="hand it over again, or take it out of the site file",
    )


def _together(parts: Sequence[ibis.Table]) -> ibis.Table:
    """Return the rows of all files; columns that files type differently become text."""
    if len(parts) == 1:
        return parts[0]
    types = [part.schema() for part in parts]
    mixed = [name for name in parts[0].columns if len({schema[name] for schema in types}) > 1]
    return ibis.union(*[part.mutate(**{name: part[name].cast("string") for name in mixed}) for part in parts])

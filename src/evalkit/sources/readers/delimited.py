"""CSV files: the wanted columns read as text, with the row they stand in."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from evalkit.errors import InputError, Where
from evalkit.sources.files import sql_path
from evalkit.sources.readers.encodings import as_utf8
from evalkit.sources.readers.headings import tidy
from evalkit.sources.readers.raw import Raw, Request, no_rows
from evalkit.sources.register import AT, Remark
from evalkit.sources.summary import lacks_room

SEPARATORS = {";": ";", ",": ",", "\t": "tab", "|": "|"}
MOST_HEADINGS, LONGEST_HEADER = 16_384, 1_000_000
"""Columns as many as a sheet of Excel has, and characters of the row that names them."""
LONGEST_LINE = 16_000_000
"""Bytes of one row at most. Longer ones come of a quotation mark that is never closed."""


@dataclass(frozen=True)
class _Form:
    path: Path
    separator: str
    headings: list[str]
    empty_lines: int


def read_delimited(request: Request, path: Path, label: str) -> Raw:
    """Return the wanted columns of a CSV file as text, kept in the workshop.

    Rows in which nothing stands are no rows. A cell that begins with ``=``, ``+``, ``-`` or ``@`` is text like any
    other; whatever is exported to be opened in a spreadsheet must quote it.

    Raises
    ------
    InputError, UnreadableError
        If the file is empty, in another encoding, lacks a column, or is no CSV.
    """
    layout, shop = request.layout, request.shop
    if path.stat().st_size == 0:
        raise InputError(
            "the file is empty", where=Where(file=label), remedy="hand it over again, or take it out of the site file"
        )
    plain = as_utf8(path, label, encoding=layout.encoding, folder=shop.folder)
    form = _form(plain.path, label, layout.separator, request.wanted)
    if len(form.headings) > MOST_HEADINGS:
        raise InputError(
            f"the file has more than {MOST_HEADINGS} columns",
            where=Where(file=label, row=1 + form.empty_lines),
            remedy="look for line ends that are none, or hand over the wanted columns alone",
        )
    places = request.match(form.headings, Where(file=label, row=1 + form.empty_lines))
    # empty lines are no rows to DuckDB, except where there is one column
    counted = (form.path, form.separator) if len(form.headings) > 1 else None
    base = request.enter(label, delimited=counted)
    width = len(form.headings)
    table, every = f"csv_{base}", ", ".join(f"c{place}" for place in range(width))
    wanted = ", ".join(f"c{place}" for place in sorted(set(places.values())))
    try:
        shop.run(
            f"CREATE TABLE {table} AS SELECT {AT}, {wanted} FROM "
            f"(SELECT {base} + row_number() OVER () + 1 AS {AT}, {every} FROM {_scan(form)}) "
            f"WHERE coalesce({every}) IS NOT NULL"
        )
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        if lacks_room(error):
            raise
        raise _malformed(form, label) from None
    if shop.run(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is None:
        raise no_rows(label, row=2 + form.empty_lines)
    if layout.encoding is None or layout.separator is None:
        said = {"encoding": plain.encoding, "separator": SEPARATORS.get(form.separator, form.separator)}
        request.register.remarks.append(Remark("read_as", said, Where(file=label)))
    return Raw(shop.connection.table(table), {heading: f"c{place}" for heading, place in places.items()})


def _form(path: Path, label: str, separator: str | None, wanted: tuple[str, ...]) -> _Form:
    """Find headings and separator: the one by which most of the wanted headings, then most columns, are found."""
    forms = [_headed(path, candidate, label) for candidate in ((separator,) if separator else SEPARATORS)]
    asked = {tidy(heading) for heading in wanted}
    return max(forms, key=lambda form: (len(asked & {tidy(heading) for heading in form.headings}), len(form.headings)))


def _headed(path: Path, separator: str, label: str) -> _Form:
    empty = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            # readline gives at most one character more than allowed, so that no line fills the memory
            lines = iter(lambda: file.readline(LONGEST_HEADER + 1), "")
            for record in csv.reader((_short(line) for line in lines), delimiter=separator):
                if record:
                    return _Form(path, separator, record, empty)
                empty += 1
    except csv.Error:
        raise InputError(
            "the row of headings is longer than any row of headings is",
            where=Where(file=label, row=1 + empty),
            remedy="look for a quotation mark that is opened and not closed, or line ends that are none",
        ) from None
    raise no_rows(label)


def _short(line: str) -> str:
    if len(line) > LONGEST_HEADER:
        raise csv.Error
    return line


def _scan(form: _Form) -> str:
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(form.headings)))
    separator = form.separator.replace("'", "''")
    return f"""read_csv({sql_path(form.path)}, delim = '{separator}', quote = '"', escape = '"', header = true,
        skip = {form.empty_lines}, auto_detect = false, max_line_size = {LONGEST_LINE},
        buffer_size = {2 * LONGEST_LINE}, columns = {{{columns}}})"""


def _malformed(form: _Form, label: str) -> InputError:
    """Find the row that is no CSV, without repeating what stands in it."""
    number, width = 0, len(form.headings)
    try:
        with form.path.open(encoding="utf-8-sig", newline="") as file:
            for number, record in enumerate(csv.reader(file, delimiter=form.separator, strict=True), start=1):
                if record and len(record) != width:
                    return InputError(
                        f"the row has {len(record)} columns, but there are {width} headings",
                        where=Where(file=label, row=number),
                        remedy=f"put the value that holds {form.separator} in quotes, or correct `separator`",
                    )
    except csv.Error:
        number += 1
    return InputError(
        "the file is not CSV from this row on",
        where=Where(file=label, row=number or None),
        remedy="look for a quotation mark that is opened and not closed",
    )

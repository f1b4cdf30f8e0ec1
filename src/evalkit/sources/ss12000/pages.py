"""JSON pages of an endpoint, read one after the other so that memory stays bounded by a page and not by the folder."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from evalkit.errors import InputError, Where
from evalkit.sources.engine import Workshop
from evalkit.sources.files import is_part
from evalkit.sources.register import AT, FileEntry, FileRegister
from evalkit.sources.ss12000.shapes import HEADINGS, KEYED, SHAPES

ENDINGS = (".json", ".json.gz")
LARGEST_PAGE = 1 << 28
"""Bytes of JSON in one page; a page is held whole while it is read."""
SIDE_BY_SIDE = 1 << 25
"""Bytes of JSON in the largest page, up to which several pages are read at a time."""


def pages_of(folder: Path) -> tuple[Path, ...]:
    """Return the pages in an endpoint's folder in the order of their names; none if there is no such folder."""
    if not folder.is_dir():
        return ()
    return tuple(sorted(path for path in folder.iterdir() if is_part(path, ENDINGS)))


def load_pages(
    endpoint: str, pages: Sequence[tuple[Path, str]], table: str, shop: Workshop, register: FileRegister
) -> list[InputError]:
    """Read all pages of an endpoint into a table of the workshop, one row per record.

    Parameters
    ----------
    pages
        Path of each, and what users call it.
    table
        Gets ``_at`` and the columns of the endpoint's shape.

    Returns
    -------
    list of InputError
        A fault per page that is no page.
    """
    keyed = endpoint in KEYED
    shape = f'{{"data": {SHAPES[endpoint]}}}' if keyed else f'{{"data": [{SHAPES[endpoint]}]}}'
    query = _keyed if keyed else _records
    empty = query(shape, 0, f"""(SELECT '{{"data": {"{}" if keyed else "[]"}}}' AS text)""")
    shop.run(f"CREATE TABLE {table} AS {empty} LIMIT 0")
    bases = [register.add(FileEntry(label, HEADINGS.get(endpoint, {}))) for _, label in pages]

    def load(place: int) -> InputError | None:
        path, label = pages[place]
        try:
            insert = f"INSERT INTO {table} {query(shape, bases[place], 'page')}"
            _load_page(_text_of(path, label), label, insert, shop, "OBJECT" if keyed else "ARRAY")
        except InputError as fault:
            return fault
        return None

    together = shop.threads if max((_raw_bytes(path) for path, _ in pages), default=0) <= SIDE_BY_SIDE else 1
    with ThreadPoolExecutor(together) as pool:
        return [fault for fault in pool.map(load, range(len(pages))) if fault is not None]


def _records(shape: str, base: int, page: str) -> str:
    return f"""
        SELECT {base}::BIGINT + place AS {AT}, record.*
        FROM (SELECT unnest(range(1, len(records) + 1)) AS place, unnest(records) AS record
              FROM (SELECT from_json(text, '{shape}').data AS records FROM {page}))
    """


def _keyed(shape: str, base: int, page: str) -> str:
    return f"""
        SELECT {base + 1}::BIGINT AS {AT}, record.* FROM (SELECT from_json(text, '{shape}').data AS record FROM {page})
    """


def _load_page(text: str, label: str, insert: str, shop: Workshop, kind: str) -> None:
    cursor = shop.connection.con.cursor()
    try:
        # A table, since DuckDB folds from_json of a parameter value by value, ten times slower.
        cursor.execute("CREATE TEMP TABLE page AS SELECT ?::VARCHAR AS text", [text])
        rows = cursor.execute(insert).fetchone()[0]
        doubtful = not rows or kind == "OBJECT"
        if doubtful and cursor.execute("SELECT json_type(text, '$.data') FROM page").fetchone() != (kind,):
            raise _no_page(label)
    except duckdb.InvalidInputException:
        raise _no_page(label) from None
    finally:
        cursor.close()


def _no_page(label: str) -> InputError:
    return InputError(
        'the file is not a page of SS 12000: expected JSON of the form {"data": [...], "pageToken": ...}',
        where=Where(file=label),
        remedy="fetch the page again; it may have been cut off",
    )


def _text_of(path: Path, label: str) -> str:
    try:
        with gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb") as file:
            content = file.read(LARGEST_PAGE + 1)
    except (OSError, EOFError, zlib.error):
        raise InputError(
            "the file cannot be unpacked", where=Where(file=label), remedy="fetch it again; it may have been cut off"
        ) from None
    if len(content) > LARGEST_PAGE:
        raise InputError(
            f"the page is larger than {LARGEST_PAGE >> 20} MB unpacked",
            where=Where(file=label),
            remedy="fetch it in several pages (the parameter `limit`)",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(
            "the file is not written in utf-8", where=Where(file=label), remedy="JSON is utf-8: fetch it again"
        ) from None


def _raw_bytes(path: Path) -> int:
    """Return about how large a page is unpacked: gzip keeps the size in its last four bytes (RFC 1952)."""
    if not path.name.lower().endswith(".gz") or path.stat().st_size < 4:
        return path.stat().st_size
    with path.open("rb") as file:
        file.seek(-4, 2)
        return int.from_bytes(file.read(4), "little")

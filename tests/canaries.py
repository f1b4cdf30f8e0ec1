"""Canaries: identities that must not come out, every way a program may write them, and a search of every byte."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import urllib.parse
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq

LEAST = 6
"""Characters below which a form says nothing: it would be found by chance."""
PART = 1 << 20
"""Bytes that are looked through at a time."""


def number_forms(number: str) -> set[str]:
    """Return every way to write a number of twelve characters, its plain digests among them."""
    day, last = number[:8], number[8:]
    forms = {number, number[2:], f"{day[:4]}-{day[4:6]}-{day[6:]}-{last}"}
    forms |= {f"{part}{mark}{last}" for part in (day, day[2:]) for mark in ("-", "+", " ", "\u00a0", "\u2013")}
    plain = [*forms]
    # a digest without a key is as good as the number, for there are few numbers to try
    forms |= {hashlib.new(kind, form.encode()).hexdigest() for form in plain for kind in ("sha256", "sha1", "md5")}
    return forms | {form.lower() for form in plain}


def needles(text: str) -> set[bytes]:
    """Return the bytes that a text may be found by: encodings, base64 at every alignment, hexadecimal, backwards."""
    raw = {text.encode(code) for code in ("utf-8", "cp1252", "utf-16-le", "utf-16-be")}
    found = set(raw)
    for content in raw:
        found.add(content[::-1])
        found.add(content.hex().encode())
        for shift in range(3):
            coded = base64.b64encode(bytes(shift) + content).rstrip(b"=")
            found.add(coded[(0, 2, 3)[shift] : -1])
    found |= {json.dumps(text)[1:-1].encode(), urllib.parse.quote(text).encode()}
    return {needle for needle in found if len(needle) >= LEAST}


class Search:
    """A search for canaries in files, whatever they are packed in."""

    def __init__(self, numbers: Iterable[str], texts: Iterable[str]) -> None:
        written = {form for number in numbers for form in number_forms(number)} | set(texts)
        self.needles = {needle: text for text in written for needle in needles(text)}
        self._by_head: dict[bytes, list[bytes]] = {}
        self._heads = np.zeros((2, 1 << 24), dtype=bool)
        for needle in self.needles:
            self._by_head.setdefault(needle[:LEAST], []).append(needle)
            for half in range(2):
                self._heads[half, int.from_bytes(needle[3 * half : 3 * half + 3])] = True

    def content(self, content: bytes) -> set[str]:
        """Return the canaries in some bytes."""
        found: set[bytes] = set()
        for place in self._where_one_may_begin(content):
            begun = self._by_head.get(content[place : place + LEAST], ())
            found.update(needle for needle in begun if content.startswith(needle, place))
        return {self.needles[needle] for needle in found}

    def _where_one_may_begin(self, content: bytes) -> Iterator[int]:
        """Yield the places whose first and next three bytes begin some needle: all others are passed over at once."""
        every = np.frombuffer(content, dtype=np.uint8)
        for start in range(0, len(every) - LEAST + 1, PART):
            part = every[start : start + PART + LEAST - 1].astype(np.uint32)
            three = part[:-2] << 16 | part[1:-1] << 8 | part[2:]
            yield from (start + np.flatnonzero(self._heads[0][three[:-3]] & self._heads[1][three[3:]])).tolist()

    def file(self, path: Path) -> set[str]:
        """Return the canaries in a file, its name, and what is packed in it."""
        return {text for part in parts_of(path) for text in self.content(part)}

    def folder(self, top: Path, *, without: tuple[Path, ...] = ()) -> dict[str, set[str]]:
        """Return the canaries by file, where there are any."""
        found = {}
        for path in sorted(top.rglob("*")):
            if path.is_file() and not any(path.is_relative_to(other) for other in without):
                there = self.file(path)
                if there:
                    found[str(path.relative_to(top))] = there
        return found


def parts_of(path: Path) -> Iterator[bytes]:
    """Yield a file's name, its bytes, and what they decode to."""
    content = path.read_bytes()
    yield path.name.encode()
    yield content
    if content[:4] == b"PAR1":
        yield from _parquet(path)
    elif content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(path) as packed:
            for member in packed.namelist():
                yield packed.read(member)
    elif content[8:12] == b"DUCK":
        yield from _database(path)


def _parquet(path: Path) -> Iterator[bytes]:
    file = pq.ParquetFile(path)
    yield str(file.metadata.to_dict()).encode()
    yield str(file.schema_arrow.metadata).encode()
    for name, column in zip(file.schema_arrow.names, file.read().columns, strict=True):
        yield "\n".join([name, *(str(value) for value in column.unique().to_pylist())]).encode()


def _database(path: Path) -> Iterator[bytes]:
    with duckdb.connect(str(path), read_only=True) as connection:
        for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
            yield "\n".join([name, *(str(value) for row in rows for value in row)]).encode()

"""Write pages of SS 12000 records: gzipped JSON, one folder an endpoint."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from evalkit.sources.simulation.text import lines

COMPRESSION = 2


class PageWriter:
    """Writes one endpoint's records, as they come, into pages of a given size.

    A page is known to be the last only when no other record comes, so one page is held back.
    """

    def __init__(self, folder: Path, endpoint: str, size: int) -> None:
        self._folder = folder / endpoint
        self._folder.mkdir(parents=True)
        self._endpoint = endpoint
        self._size = size
        self._held: list[bytes] = []
        self._rows = 0
        self._pages = 0
        self.count = 0

    def add(self, records: pa.Array) -> None:
        """Add records, each a JSON object followed by a comma."""
        place = 0
        while place < len(records):
            if self._rows == self._size:
                self._flush(more=True)
            taken = min(self._size - self._rows, len(records) - place)
            for content, _ in lines(records.slice(place, taken), taken):
                self._held.append(content)
            self._rows += taken
            place += taken
        self.count += len(records)

    def add_objects(self, records: Iterable[dict[str, Any]]) -> None:
        """Add records as dictionaries."""
        texts = [json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "," for record in records]
        self.add(pa.array(texts, type=pa.string()))

    def close(self) -> None:
        """Write the last page; an endpoint without records has one empty page."""
        self._flush(more=False)

    def _flush(self, *, more: bool) -> None:
        self._pages += 1
        token = f'"{self._endpoint}-{self._pages + 1:05d}"' if more else "null"
        body = b"".join(self._held)[:-1]
        page = b'{"data":[' + body + b'],"pageToken":' + token.encode() + b"}"
        path = self._folder / f"{self._pages:05d}.json.gz"
        path.write_bytes(gzip.compress(page, compresslevel=COMPRESSION, mtime=0))
        self._held, self._rows = [], 0

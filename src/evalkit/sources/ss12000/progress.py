"""How far a fetch has come, and what a finished one says of itself; kept beside the pages, never a person's data."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

FETCHING = ".fetching.json"
COMPRESSION = 2
Told = TypeVar("Told", "Progress", "FetchSummary")


@dataclass(frozen=True)
class EndpointCount:
    """Pages and records of one endpoint, and a digest over its pages in order."""

    pages: int = 0
    records: int = 0
    digest: str = ""

    def with_page(self, content: bytes, records: int) -> EndpointCount:
        """Return the count with one more page."""
        digest = hashlib.sha256(self.digest.encode() + hashlib.sha256(content).digest()).hexdigest()
        return EndpointCount(self.pages + 1, self.records + records, digest)


@dataclass(frozen=True)
class Progress:
    """What is fetched already, and what comes next.

    Parameters
    ----------
    plan
        Digest of the address and all questions; another plan is another fetch.
    begun
        When (UTC).
    done
        Endpoints that are finished.
    unsupported
        Endpoints that the server does not have.
    endpoint, question, token
        Which endpoint is under way, which of its questions, and the token of the page that comes next; None at a
        question's first page.
    count
        Pages of that endpoint so far.
    """

    plan: str
    begun: str
    done: Mapping[str, EndpointCount] = field(default_factory=dict)
    unsupported: tuple[str, ...] = ()
    endpoint: str = ""
    question: int = 0
    token: str | None = field(default=None, repr=False)
    count: EndpointCount = EndpointCount()

    def begin(self, endpoint: str) -> Progress:
        """Return the progress at an endpoint's first page."""
        return replace(self, endpoint=endpoint, question=0, token=None, count=EndpointCount())


@dataclass(frozen=True)
class FetchSummary:
    """What a finished fetch got.

    Parameters
    ----------
    url
        Of the server, without any query.
    first_day, last_day
        Of the lessons and absences asked for, both inside (ISO).
    plan
        As in `Progress`.
    begun, ended
        When (UTC).
    endpoints
        Pages and records by endpoint.
    unsupported
        Endpoints that would have added something, but that the server does not have.
    digest
        SHA-256 over all pages.
    new
        Whether pages were fetched now; otherwise they were there.
    """

    url: str
    first_day: str
    last_day: str
    plan: str
    begun: str
    ended: str
    endpoints: Mapping[str, EndpointCount]
    unsupported: tuple[str, ...]
    digest: str
    new: bool = True

    def __str__(self) -> str:
        """Return what was got, one line for each endpoint; not how many records, which could tell of one person."""
        state = f"fetched {self.ended}" if self.new else f"already fetched {self.ended}"
        lines = [f"{self.url}, {self.first_day} to {self.last_day}: {state}"]
        lines += [f"  {name}: pages: {count.pages}" for name, count in self.endpoints.items()]
        lines += [f"  {name}: not supported by this server" for name in self.unsupported]
        return "\n".join(lines)


def digest_of(endpoints: Mapping[str, EndpointCount]) -> str:
    """Return the digest over all pages of all endpoints; the order of the endpoints does not count."""
    lines = sorted(f"{name}\0{count.digest}\n" for name, count in endpoints.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def write_page(folder: Path, number: int, content: bytes) -> None:
    """Write one page, readable by its owner alone; it is there whole or not at all."""
    # Without a time in it, gzip gives the same bytes for the same page.
    _write(folder / f"{number:04d}.json.gz", gzip.compress(content, COMPRESSION, mtime=0))


def remove_pages_after(folder: Path, number: int) -> None:
    """Remove what an interrupted fetch left of pages it had not counted."""
    kept = {f"{page:04d}.json.gz" for page in range(1, number + 1)}
    for path in folder.iterdir():
        if path.name not in kept:
            path.unlink()


def write_told(told: Progress | FetchSummary, path: Path) -> None:
    """Write progress or summary, readable by its owner alone."""
    _write(path, json.dumps(asdict(told), indent=1, sort_keys=True).encode() + b"\n")


def read_told(noun: type[Told], path: Path) -> Told | None:
    """Return what a file of ours says; None if there is none, or none that can be read."""
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        return noun(**{name: _noun(name, value) for name, value in entry.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def _noun(name: str, value: Any) -> Any:
    if name in ("done", "endpoints"):
        return {endpoint: EndpointCount(**count) for endpoint, count in value.items()}
    if name == "count":
        return EndpointCount(**value)
    return tuple(value) if name == "unsupported" else value


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)

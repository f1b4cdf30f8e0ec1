"""The scan of published files: nothing in them that points at a person, the store, or the outside."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Callable, Collection, Iterator
from io import BytesIO
from pathlib import Path

from evalkit.disclosure.pdf_text import pdf_texts
from evalkit.errors import DisclosureError, Where

WRITTEN = frozenset({".html", ".htm", ".svg", ".csv", ".json", ".txt", ".xml", ".css", ".js", ".md", ".rels"})
MARKED_UP = frozenset({".html", ".htm", ".svg", ".xml"})
PSEUDONYM_LENGTH = 32

_EMBEDDED = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]+")
_TAG = re.compile(r"<[^>]*>")
_IDENTITY = re.compile(r"(?<![\w.])(?<!\d,)(?:\d{2})?(\d{2})(\d{2})(\d{2})[-+]?(\d{4})(?![\w])(?!\.\d)")
_TEMPORARY = re.compile(r"(?<!\w)(?:19|20)\d{6}-?TF\d{2}(?!\w)")
_PSEUDONYM = re.compile(rf"(?<![0-9A-Za-z]){'[0-9a-f]' * PSEUDONYM_LENGTH}(?![0-9A-Za-z])")
_PLACE = re.compile(r"\.evalkit[/\\]|file://|(?<![\w.:/])/(?:home|root|Users|tmp|mnt|srv)/[\w.-]|\b[A-Za-z]:\\+Users\b")
_OUTSIDE = re.compile(
    r"<(?:script|img|iframe|source|audio|video|embed)\b[^>]*\ssrc\s*=\s*[\"']?\s*(?:https?:)?//"
    r"|<link\b(?=[^>]*\brel\s*=\s*[\"']?(?:stylesheet|preload|icon))[^>]*\bhref\s*=\s*[\"']?\s*(?:https?:)?//"
    r"|@import\s+(?:url\()?[\"']?\s*(?:https?:)?//",
    re.IGNORECASE,
)


def scan_published(folder: Path, canaries: Collection[str] = ()) -> None:
    """Search every published file.

    Looked for: identity numbers (ten or twelve digits with a date and a check digit that is right, temporary numbers),
    pseudonyms, canaries, paths of the store or of this machine, and in pages anything loaded from the outside. The
    pixels of pictures are not read; of a PDF, what the standard library can unpack.

    Parameters
    ----------
    folder
        What is published, with everything below it.
    canaries
        Texts planted in the data, which no published file may hold.

    Raises
    ------
    DisclosureError
        Naming the file and what kind of thing it holds, never the thing.
    """
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        told = _fault(path.suffix.lower(), path.read_bytes(), [canary for canary in canaries if canary])
        if told:
            raise DisclosureError(
                f"a published file holds {told}",
                where=Where(file=path.relative_to(folder).as_posix()),
                remedy="nothing was published; report this, for a report holds protected numbers only",
            )


def _fault(suffix: str, content: bytes, canaries: list[str]) -> str:
    """Return what a file holds that it must not, "" if nothing."""
    if any(canary.encode() in content for canary in canaries):
        return "a canary"
    for kind, text in _texts(suffix, content):
        for name, holds in _searches(kind, canaries):
            if holds(text):
                return name
    return ""


def _texts(suffix: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Give every readable text of a file with its kind: ``page``, ``text`` or ``binary``."""
    if suffix == ".pdf":
        yield from (("binary" if number == 0 else "text", text) for number, text in enumerate(pdf_texts(content)))
    elif suffix == ".docx":
        yield from _members(content)
    elif suffix in WRITTEN:
        text = _EMBEDDED.sub("", content.decode("utf-8", "replace"))
        yield "page", text
        if suffix in MARKED_UP:
            yield "text", html.unescape(_TAG.sub("", text))


def _members(content: bytes) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for name in sorted(archive.namelist()):
            member = archive.read(name)
            suffix = Path(name).suffix.lower()
            if suffix in WRITTEN:
                yield from _texts(suffix, member)
            else:
                yield "binary", member.decode("latin-1")


def _searches(kind: str, canaries: list[str]) -> Iterator[tuple[str, Callable[[str], bool]]]:
    yield "a canary", lambda text: any(canary in text for canary in canaries)
    yield "a path of the store or of this machine", lambda text: bool(_PLACE.search(text))
    if kind != "binary":
        yield "what looks like an identity number", _holds_identity
        yield "what looks like a pseudonym", lambda text: bool(_PSEUDONYM.search(text))
    if kind == "page":
        yield "something loaded from the outside", lambda text: bool(_OUTSIDE.search(text))


def _holds_identity(text: str) -> bool:
    if _TEMPORARY.search(text):
        return True
    return any(_is_identity(*found.groups()) for found in _IDENTITY.finditer(text))


def _is_identity(year: str, month: str, day: str, last: str) -> bool:
    """Tell whether digits are a date (a coordination number adds 60 to the day) with the right check digit."""
    if not 1 <= int(month) <= 12 or not (1 <= int(day) <= 31 or 61 <= int(day) <= 91):
        return False
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(year + month + day + last)]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0

"""CSV files in any of four encodings, made UTF-8 with one kind of line end, never held whole in memory."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from evalkit.errors import InputError, Where

ALIASES = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "cp1252": "cp1252",
    "windows-1252": "cp1252",
    "latin-1": "latin-1",
    "latin1": "latin-1",
    "iso-8859-1": "latin-1",
}
CHUNK = 1 << 22
UNREADABLE = re.compile("\ufffd")
CONTROLS = re.compile("[\x80-\x9f]")
LETTERS = re.compile("[^\x00-\x7f]")
NUL = re.compile("\x00")
MARK = "\ufeff"
WIDE = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Plain:
    """A file in UTF-8 whose lines all end alike, and the encoding it was handed over in."""

    path: Path
    encoding: str


@dataclass
class _Content:
    """What is in a file, seen in one pass."""

    letters: bool = False
    controls: bool = False
    nul: bool = False
    marks: int = 0
    line_ends: int = 0
    """Kinds of line ends, as `io.IncrementalNewlineDecoder` counts them."""


def as_utf8(path: Path, label: str, *, encoding: str | None, folder: Path) -> Plain:
    """Return the file itself if it is plain UTF-8, or a copy of it that is.

    Parameters
    ----------
    label
        The file as users know it.
    encoding
        As declared. None: UTF-8 if the whole file is, and else cp1252, of which latin-1 is a part unless it holds
        control characters.
    folder
        Where a copy may stand.

    Raises
    ------
    InputError
        If the encoding is not among those known, the file is not written in it, or it holds characters that no text
        has.
    """
    declared = None if encoding is None else encoding.lower()
    if declared is not None and declared not in ALIASES:
        raise InputError(
            f"the encoding {declared} is not known",
            where=Where(file=label),
            remedy="set `encoding` in the site file to utf-8, utf-8-sig, cp1252 or latin-1",
        )
    _refuse_wide(path, label)
    codec, content = _read_through(path, label, declared)
    _refuse_strange(content, path, label, codec)
    several = content.line_ends not in (0, 1, 2, 4)
    if codec == "utf-8" and not several:
        return Plain(path, codec)
    copy = folder / f"{len(list(folder.iterdir()))}.csv"
    with path.open(encoding=codec, newline=None) as file, copy.open("w", encoding="utf-8", newline="") as sink:
        while text := file.read(CHUNK):
            sink.write(text)
    return Plain(copy, codec)


def _read_through(path: Path, label: str, declared: str | None) -> tuple[str, _Content]:
    if declared is None:
        for codec in ("utf-8", "cp1252"):
            content = _scan(path, codec)
            if content is not None:
                return codec, content
        raise InputError(
            "the file is written neither in utf-8 nor in cp1252",
            where=Where(file=label, row=_first_row(path, "cp1252", UNREADABLE)),
            remedy="save it as CSV UTF-8, or set `encoding` in the site file",
        )
    codec = ALIASES[declared]
    content = _scan(path, codec)
    if content is None or (codec == "latin-1" and content.controls):
        raise _not_in(declared, codec, path, label)
    unicode = None if codec == "utf-8" else _scan(path, "utf-8")
    if unicode is not None and unicode.letters:
        raise InputError(
            f"the file is written in utf-8, not in {declared} as the site file says",
            where=Where(file=label, row=_first_row(path, "utf-8", LETTERS)),
            remedy="set `encoding: utf-8` in the site file",
        )
    return codec, content


def _scan(path: Path, codec: str) -> _Content | None:
    """Read a file once; None if it is not written in the encoding."""
    decoder = codecs.getincrementaldecoder(codec)()
    ends = io.IncrementalNewlineDecoder(None, translate=False)
    content = _Content()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                text = decoder.decode(chunk)
                ends.decode(text)
                content.nul = content.nul or "\x00" in text
                if not chunk.isascii():
                    content.letters = True
                    content.controls = content.controls or bool(codec == "latin-1" and CONTROLS.search(text))
                    content.marks += text.count(MARK)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    styles = ends.newlines or ()
    content.line_ends = sum(
        {"\r": 1, "\n": 2, "\r\n": 4}[style] for style in (styles if isinstance(styles, tuple) else (styles,))
    )
    return content


def _refuse_wide(path: Path, label: str) -> None:
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(WIDE):
        raise InputError(
            "the file is written in UTF-16 or UTF-32 (Excel: Unicode text)",
            where=Where(file=label),
            remedy="save it as CSV UTF-8",
        )
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError(
            "the file is an Excel workbook, whatever its name says",
            where=Where(file=label),
            remedy="write `kind: excel` in the site file, or save it as CSV",
        )


def _refuse_strange(content: _Content, path: Path, label: str, codec: str) -> None:
    if content.nul:
        raise InputError(
            "the file holds NUL characters, which no text has",
            where=Where(file=label, row=_first_row(path, codec, NUL)),
            remedy="export it again; a part of it is broken or is no text",
        )
    with path.open("rb") as file:
        at_start = file.read(3) == codecs.BOM_UTF8
    if content.marks > int(at_start):
        raise InputError(
            "a byte order mark stands inside the file, as when files are put one after the other",
            where=Where(file=label, row=_first_row(path, "utf-8-sig", re.compile(MARK))),
            remedy="hand over the files one by one, in a folder",
        )


def _not_in(declared: str, codec: str, path: Path, label: str) -> InputError:
    wrong = CONTROLS if codec == "latin-1" else UNREADABLE
    likely = "cp1252" if codec != "cp1252" else "latin-1"
    return InputError(
        f"the file is not written in {declared}",
        where=Where(file=label, row=_first_row(path, codec, wrong)),
        remedy=f"set `encoding` in the site file to the file's own; {likely} is likely",
    )


def _first_row(path: Path, codec: str, wrong: re.Pattern[str]) -> int | None:
    """Return the record in which a character stands first; quotation marks keep line ends inside a record."""
    with path.open(encoding=codec, errors="replace", newline="") as file:
        try:
            for number, record in enumerate(csv.reader(file, delimiter=";"), start=1):
                if any(wrong.search(cell) for cell in record):
                    return number
        except csv.Error:
            return None
    return None

"""CSV files in any of four encodings, made UTF-8 without ever being held whole in memory."""

from __future__ import annotations

import codecs
import csv
import re
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


def as_utf8(path: Path, label: str, *, encoding: str | None, separator: str, folder: Path) -> Path:
    """Return the file itself if it is UTF-8, or a copy of it in UTF-8.

    Parameters
    ----------
    label
        The file as users know it.
    encoding
        As declared; None means utf-8.
    folder
        Where a copy may stand.

    Raises
    ------
    InputError
        If the encoding is not among those known, or the file is not written in it.
    """
    declared = (encoding or "utf-8").lower()
    if declared not in ALIASES:
        raise InputError(
            f"the encoding {declared} is not known",
            where=Where(file=label),
            remedy="set `encoding` in the site file to utf-8, utf-8-sig, cp1252 or latin-1",
        )
    codec = ALIASES[declared]
    copy = None if codec == "utf-8" else folder / f"{len(list(folder.iterdir()))}.csv"
    if not _pass_through(path, codec, copy):
        raise _not_in(declared, codec, path, label, separator)
    if copy is not None and _is_utf8_with_letters(path):
        raise InputError(
            f"the file is written in utf-8, not in {declared} as the site file says",
            where=Where(file=label, row=_first_row(path, "utf-8", separator, LETTERS)),
            remedy="set `encoding: utf-8` in the site file",
        )
    return path if copy is None else copy


def _pass_through(path: Path, codec: str, copy: Path | None) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    sink = None if copy is None else copy.open("w", encoding="utf-8", newline="")
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                text = decoder.decode(chunk)
                if codec == "latin-1" and CONTROLS.search(text):
                    return False
                if sink is not None:
                    sink.write(text)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        if sink is not None:
            sink.close()
    return True


def _not_in(declared: str, codec: str, path: Path, label: str, separator: str) -> InputError:
    wrong = CONTROLS if codec == "latin-1" else UNREADABLE
    likely = "cp1252" if codec != "cp1252" else "latin-1"
    return InputError(
        f"the file is not written in {declared}",
        where=Where(file=label, row=_first_row(path, codec, separator, wrong)),
        remedy=f"set `encoding` in the site file to the file's own; {likely} is likely",
    )


def _is_utf8_with_letters(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    letters = False
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
                letters = letters or not chunk.isascii()
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return letters


def _first_row(path: Path, codec: str, separator: str, wrong: re.Pattern[str]) -> int | None:
    with path.open(encoding=codec, errors="replace", newline="") as file:
        try:
            for number, record in enumerate(csv.reader(file, delimiter=separator), start=1):
                if any(wrong.search(cell) for cell in record):
                    return number
        except csv.Error:
            return None
    return None

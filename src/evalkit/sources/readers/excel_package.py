"""The parts of an Excel workbook, unfolded no further than allowed (ECMA-376, Office Open XML)."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from evalkit.errors import InputError, Where
from evalkit.sources.readers.limits import excel_limits

CHUNK, LONGEST_TAG = 1 << 20, 1 << 22
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    LookupError,
    RuntimeError,
    ArithmeticError,
    ValueError,
)
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What Office Open XML lets parts be packed by (ECMA-376-2, annex B)."""
OLE, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
DATE_FORMATS = frozenset((*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 59)))
TIME_FORMATS = frozenset((*range(18, 22), 32, 33, *range(45, 48)))
"""Numbers of the formats that ECMA-376 18.8.30 builds in."""
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Starts = Callable[[str, dict[str, str]], None]
Ends = Callable[[str], None]
Texts = Callable[[str], None]


@dataclass
class Package:
    """An open workbook, and how many bytes of it were unfolded."""

    archive: zipfile.ZipFile
    where: Where
    unfolded: int = 0
    sheets: dict[str, str] = field(default_factory=dict)
    """Part by name of sheet."""
    parts: dict[str, str] = field(default_factory=dict)
    """Part by kind, of those that a workbook has one of: ``sharedStrings`` and ``styles``."""
    since_1904: bool = False

    def parse(self, part: str, starts: Starts, ends: Ends, texts: Texts, most: int | None = None) -> None:
        """Hand the elements of a part to the functions, by their names without namespace.

        Raises
        ------
        InputError
            If more unfolds than allowed, or the part declares a document type, which no workbook does.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        names: dict[str, str] = {}

        def local(name: str) -> str:
            return names.get(name) or names.setdefault(name, name.rpartition(" ")[2])

        parser.StartElementHandler = lambda name, told: starts(local(name), told)
        parser.EndElementHandler = lambda name: ends(local(name))
        parser.CharacterDataHandler = texts
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        before, fed = self.unfolded, 0
        with self.archive.open(part) as content:
            while chunk := content.read(CHUNK):
                self.unfolded += len(chunk)
                if self.unfolded > excel_limits().unfolded_bytes or (most and self.unfolded - before > most):
                    raise self._too_large()
                parser.Parse(chunk, False)
                fed += len(chunk)
                # expat before 2.6 reads an unfinished tag anew with every piece (CVE-2023-52425)
                if fed - parser.CurrentByteIndex > LONGEST_TAG:
                    raise self._too_large()
            parser.Parse(b"", True)

    def _refuse_doctype(self, *_: object) -> None:
        raise expat.ExpatError("document type")

    def _too_large(self) -> InputError:
        return InputError(
            "the workbook unfolds to more than a workbook of this kind can hold",
            where=self.where,
            remedy="export the sheet as CSV or Parquet, or in several workbooks",
        )


@contextmanager
def open_package(path: Path, where: Where) -> Iterator[Package]:
    """Open a workbook and read which sheets it has.

    Raises
    ------
    InputError
        If the file is no workbook of this form, is encrypted, or is broken; also for what breaks while it is read.
    """
    _refuse_others(path, where)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            foreign = any(entry.flag_bits & 1 or entry.compress_type not in PACKINGS for entry in entries)
            if foreign or len(entries) > excel_limits().parts:
                raise zipfile.BadZipFile
            package = Package(archive, where)
            _read_workbook(package)
            yield package
    except BROKEN:
        raise InputError(
            "the workbook is broken or is none",
            where=where,
            remedy="open it in Excel and save it anew, or hand it over as CSV",
        ) from None


def read_strings(package: Package) -> list[str]:
    """Return the texts that cells share; none if the workbook has no such part."""
    if "sharedStrings" not in package.parts:
        return []
    strings: list[str] = []
    state = {"text": False, "aside": False}
    pieces: list[str] = []

    def starts(name: str, _: dict[str, str]) -> None:
        if name == "t":
            state["text"] = not state["aside"]
        elif name == "rPh":
            state["aside"] = True

    def ends(name: str) -> None:
        if name == "t":
            state["text"] = False
        elif name == "rPh":
            state["aside"] = False
        elif name == "si":
            strings.append(unescaped("".join(pieces)))
            pieces.clear()

    def texts(text: str) -> None:
        if state["text"]:
            pieces.append(text)

    package.parse(package.parts["sharedStrings"], starts, ends, texts, excel_limits().strings_bytes)
    return strings


def read_styles(package: Package) -> tuple[str, ...]:
    """Return ``"date"``, ``"time"`` or empty for every style of cells."""
    if "styles" not in package.parts:
        return ()
    own: dict[int, str] = {}
    styles: list[str] = []
    inside: list[str] = []

    def starts(name: str, told: dict[str, str]) -> None:
        inside.append(name)
        if name == "numFmt":
            own[int(told["numFmtId"])] = _kind_of(told.get("formatCode", ""))
        elif name == "xf" and inside[-2:-1] == ["cellXfs"]:
            number = int(told.get("numFmtId", "0"))
            built_in = "date" if number in DATE_FORMATS else "time" if number in TIME_FORMATS else ""
            styles.append(own.get(number, built_in))

    def ends(_: str) -> None:
        inside.pop()

    package.parse(package.parts["styles"], starts, ends, lambda _: None)
    return tuple(styles)


def unescaped(text: str) -> str:
    """Return a text with the characters that the form writes as ``_x000D_``.

    Raises
    ------
    ValueError
        If one is NUL, or half of a surrogate pair.
    """
    if "_x" not in text:
        return text
    plain = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if "\x00" in plain:
        raise ValueError
    return plain.encode("utf-16", "surrogatepass").decode("utf-16")


def _refuse_others(path: Path, where: Where) -> None:
    with path.open("rb") as file:
        start = file.read(4096)
        content = start + file.read(1 << 20) if start.startswith(OLE) else start
    if start.startswith(ZIP):
        return
    if start.startswith(OLE):
        encrypted = "EncryptedPackage".encode("utf-16-le") in content
        problem = "the workbook is protected by a password" if encrypted else "the workbook is of an old form (.xls)"
        remedy = "save it as .xlsx without a password" if encrypted else "save it as .xlsx"
    elif not start:
        problem, remedy = "the file is empty", "hand it over again, or take it out of the site file"
    elif start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        problem, remedy = (
            "the file is a web page or XML, whatever its name says",
            "open it in Excel and save it as .xlsx",
        )
    else:
        problem = "the file is no Excel workbook, whatever its name says"
        remedy = "write `kind: csv` in the site file if it is text, or hand it over again"
    raise InputError(problem, where=where, remedy=remedy)


def _read_workbook(package: Package) -> None:
    targets: dict[str, str] = {}
    found: dict[str, str] = {}

    def relation(_: str, told: dict[str, str]) -> None:
        kind = told.get("Type", "").rpartition("/")[2]
        if kind in ("worksheet", "sharedStrings", "styles"):
            part = posixpath.normpath(posixpath.join("/xl", told["Target"])).lstrip("/")
            if kind == "worksheet":
                targets[told["Id"]] = part
            else:
                package.parts[kind] = part

    def sheet(name: str, told: dict[str, str]) -> None:
        if name == "sheet":
            found[told["name"]] = next((value for key, value in told.items() if key.endswith(" id")), "")
        elif name == "workbookPr":
            package.since_1904 = told.get("date1904", "0") in ("1", "true")

    package.parse("xl/_rels/workbook.xml.rels", relation, lambda _: None, lambda _: None)
    package.parse("xl/workbook.xml", sheet, lambda _: None, lambda _: None)
    package.sheets = {name: targets[number] for name, number in found.items() if number in targets}


def _kind_of(code: str) -> str:
    """Tell from a format's code what its numbers are (ECMA-376 18.8.31)."""
    shown = re.sub(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', "", code.split(";", maxsplit=1)[0].lower())
    if "general" in shown or not re.search(r"[dymhs]", shown):
        return ""
    return "date" if re.search(r"[dy]", shown) or not re.search(r"[hs]", shown) else "time"

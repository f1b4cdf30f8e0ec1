"""The cells of one sheet, row by row, as texts in the form that the tables are read from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from evalkit.sources.readers.excel_package import Package, unescaped
from evalkit.sources.readers.limits import excel_limits
from evalkit.sources.readers.written import write_date

FIRST, FIRST_EARLY, FIRST_1904 = datetime(1899, 12, 30), datetime(1899, 12, 31), datetime(1904, 1, 1)
NO_DAY = 60
"""29 February 1900, which Excel has and the calendar has not."""
LAST_SERIAL = 2_958_465
ERROR, UNCALCULATED, TOO_LONG = "error", "uncalculated", "too long"
MOST_LETTERS = 3
"""Of a column's name; the last column is XFD."""


@dataclass(frozen=True)
class Form:
    """How cells of a workbook become texts: shared texts, what numbers each style shows, first day, and the site's own.

    Parameters
    ----------
    decimal, date_format
        As in `Layout`: numbers and dates are written so, as if someone had typed them.
    """

    strings: Sequence[str]
    styles: Sequence[str]
    since_1904: bool
    decimal: str
    date_format: str | None


@dataclass(frozen=True)
class SheetRow:
    """One row: its number, whether it is hidden, its cells by column (from 0), and whether anything stands in it."""

    number: int
    hidden: bool
    cells: dict[int, str]
    faults: dict[int, str]
    filled: bool


@dataclass
class CellReader:
    """Takes the elements of a sheet and gives each row to a function.

    ``wanted`` may be narrowed while reading; cells of other columns are passed over. ``characters`` counts those of
    all texts handed on: cells may share one long text.
    """

    form: Form
    take: Callable[[SheetRow], None]
    wanted: Collection[int] | None = None
    merged: list[str] = field(default_factory=list)
    characters: int = 0
    _longest: int = field(default_factory=lambda: excel_limits().cell_characters)
    _size: int = 0
    _row: int = 0
    _hidden: bool = False
    _column: int = -1
    _told: dict[str, str] = field(default_factory=dict)
    _cells: dict[int, str] = field(default_factory=dict)
    _faults: dict[int, str] = field(default_factory=dict)
    _filled: bool = False
    _open: bool = False
    _formula: bool = False
    _pieces: list[str] = field(default_factory=list)
    _letters: dict[str, int] = field(default_factory=dict)

    def read(self, package: Package, part: str) -> None:
        """Read a sheet."""
        package.parse(part, self._starts, self._ends, self._texts)

    def _starts(self, name: str, told: dict[str, str]) -> None:
        if name == "c":
            self._column = self._column_of(told["r"]) if "r" in told else self._column + 1
            self._told = told
            self._formula = False
        elif name in ("v", "t"):
            self._filled = True
            self._open = self.wanted is None or self._column in self.wanted
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._row = int(told["r"]) if "r" in told else self._row + 1
            self._hidden = told.get("hidden", "0") in ("1", "true")
            self._column, self._cells, self._faults, self._filled = -1, {}, {}, False
        elif name == "mergeCell":
            self.merged.append(told["ref"])

    def _texts(self, text: str) -> None:
        if self._open:
            self._size += len(text)
            if self._size <= self._longest:
                self._pieces.append(text)

    def _ends(self, name: str) -> None:
        if name in ("v", "t"):
            self._open = False
        elif name == "c" and (self.wanted is None or self._column in self.wanted):
            self._keep()
        elif name == "row":
            self.take(SheetRow(self._row, self._hidden, self._cells, self._faults, self._filled))

    def _keep(self) -> None:
        text = "".join(self._pieces) if self._pieces else ""
        self._pieces.clear()
        size, self._size = self._size, 0
        kind = self._told.get("t", "n")
        if kind == "e":
            self._faults[self._column] = ERROR
        elif size > self._longest:
            self._faults[self._column] = TOO_LONG
        elif text:
            whole = self._text(kind, text)
            self.characters += len(whole)
            if len(whole) > self._longest:
                self._faults[self._column] = TOO_LONG
            else:
                self._cells[self._column] = whole
        elif self._formula and kind != "str":
            self._faults[self._column] = UNCALCULATED
            self._filled = True

    def _text(self, kind: str, text: str) -> str:
        if kind == "s":
            place = int(text)
            if place < 0:
                raise IndexError
            return self.form.strings[place]
        if kind == "n":
            style = int(self._told.get("s", "0"))
            shown = self.form.styles[style] if style < len(self.form.styles) else ""
            return _moment(text, shown, self.form) if shown else _number(text, self.form.decimal)
        if kind == "b":
            return "true" if text == "1" else "false"
        if kind == "d":
            return _written(datetime.fromisoformat(text.removesuffix("Z")), self.form)
        return unescaped(text)

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        found = self._letters.get(letters)
        if found is not None:
            return found
        if len(letters) > MOST_LETTERS or not (letters.isascii() and letters.isalpha()):
            raise ValueError
        return self._letters.setdefault(letters, column_number(letters))


def column_number(letters: str) -> int:
    """Return the place of a column, from 0 for A."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter.upper()) - 64
    return number - 1


def _number(text: str, decimal: str) -> str:
    if text.isascii() and text.isdigit():
        return text
    try:
        # fifteen digits are what Excel keeps and shows
        number = Decimal(f"{float(text):.15g}")
    except (ValueError, InvalidOperation):
        return text
    if not number.is_finite():
        return text
    plain = f"{number:f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain).replace(".", decimal)


def _moment(text: str, shown: str, form: Form) -> str:
    serial = float(text)
    if not 0 <= serial < LAST_SERIAL + 1 or (int(serial) == NO_DAY and not form.since_1904):
        return _number(text, form.decimal)
    seconds = timedelta(seconds=round(serial % 1 * 86_400))
    if shown == "time":
        return (FIRST + seconds).strftime("%H:%M:%S")
    first = FIRST_1904 if form.since_1904 else FIRST_EARLY if serial < NO_DAY else FIRST
    return _written(first + timedelta(days=int(serial)) + seconds, form)


def _written(moment: datetime, form: Form) -> str:
    day: date = moment.date()
    if form.date_format is not None:
        return write_date(day, form.date_format)
    return moment.isoformat(" ") if moment.time() != datetime.min.time() else day.isoformat()

"""Excel workbooks: the wanted columns of one sheet as text, with the sheet's own row numbers.

Read by this package itself, a row at a time. A library that lays a sheet out as a rectangle (calamine) is four times
faster, but ends the whole program over a workbook of 5 kB with a cell in its last corner; one that does not (openpyxl)
is four times slower; and neither tells which rows are hidden while a formula's calculated value is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from evalkit.errors import InputError, Where
from evalkit.sources.readers.excel_cells import ERROR, TOO_LONG, UNCALCULATED, CellReader, Form, SheetRow, column_number
from evalkit.sources.readers.excel_package import Package, open_package, read_strings, read_styles
from evalkit.sources.readers.headings import suggest, tidy
from evalkit.sources.readers.limits import excel_limits
from evalkit.sources.readers.raw import Raw, Request, UnreadableError, no_rows
from evalkit.sources.register import AT, Remark

ROWS_AT_A_TIME, CHARACTERS_AT_A_TIME = 50_000, 50_000_000
EXCEL_ROWS, EXCEL_COLUMNS = 1_048_576, 16_384
TELLS = {
    ERROR: ("holds an error such as #N/A", "correct the formula, or empty the cell"),
    TOO_LONG: ("holds more characters than a cell of Excel can", "shorten it, or leave the column out"),
    UNCALCULATED: ("holds a formula that was never calculated", "open the workbook in Excel and save it"),
}


def read_excel(request: Request, path: Path, label: str) -> Raw:
    """Return the wanted columns of a sheet as text, kept in the workshop.

    The headings stand in the row that ``header_row`` names, or in the first that holds every heading needed. Numbers
    and dates become what someone would have typed in the site's own way; formulas are their calculated values.
    Hidden rows are read, and remarked; rows in which nothing stands are none.

    Raises
    ------
    InputError, UnreadableError
        If the workbook is encrypted, broken, too large or of another form, the sheet or a heading is not there, or a
        wanted cell is merged, holds an error, or a formula that was never calculated.
    """
    with open_package(path, Where(file=label)) as package:
        name = _sheet(package, request.layout.sheet)
        where = Where(file=label, sheet=name)
        layout = request.layout
        form = Form(
            read_strings(package), read_styles(package), package.since_1904, layout.decimal_point, layout.date_format
        )
        intake = _Intake(request, where, request.enter(label, sheet=name))
        reader = CellReader(form, intake.take)
        intake.reader = reader
        reader.read(package, package.sheets[name])
    return intake.finish()


@dataclass
class _Intake:
    request: Request
    where: Where
    base: int
    reader: CellReader | None = None
    places: dict[str, int] = field(default_factory=dict)
    header: int | None = None
    best: tuple[int, int, list[str]] = (0, 0, [])
    ats: list[int] = field(default_factory=list)
    columns: dict[int, list[str | None]] = field(default_factory=dict)
    made: bool = False
    kept: int = 0
    hidden: list[int] = field(default_factory=list)
    faults: dict[tuple[str, int], list[int]] = field(default_factory=dict)

    def take(self, row: SheetRow) -> None:
        if not 0 < row.number <= EXCEL_ROWS:
            raise ValueError
        if self.header is None:
            self._look_for_headings(row)
        elif row.filled:
            for place, kind in row.faults.items():
                count_and_first = self.faults.setdefault((kind, place), [0, row.number])
                count_and_first[0] += 1
            if row.hidden:
                self.hidden.append(row.number)
            self.ats.append(self.base + row.number)
            for place, values in self.columns.items():
                values.append(row.cells.get(place))
            taken = self.reader.characters - self.kept if self.reader else 0
            if len(self.ats) == ROWS_AT_A_TIME or taken > CHARACTERS_AT_A_TIME:
                self._keep()

    def _look_for_headings(self, row: SheetRow) -> None:
        width = max(row.cells, default=-1) + 1
        if width > EXCEL_COLUMNS:
            raise ValueError
        headings = [row.cells.get(place, "") for place in range(width)]
        asked = {tidy(heading) for heading in self.request.needed}
        there = len(asked & {tidy(heading) for heading in headings})
        wanted_row = self.request.layout.header_row
        if row.number == wanted_row or (wanted_row is None and there == len(asked)):
            self._settle(row.number, headings)
        elif wanted_row is None and there > self.best[0]:
            self.best = (there, row.number, headings)
        if self.header is None and row.number > excel_limits().title_rows + (wanted_row or 0):
            self._settle(*self.best[1:])

    def _settle(self, row: int, headings: list[str]) -> None:
        where = Where(self.where.file, self.where.sheet, row=row or None)
        if not headings:
            raise InputError(
                "no row of the sheet holds the headings that the site file names",
                where=where,
                remedy="correct `columns`, `sheet` or `header_row` in the site file",
            )
        self.places = self.request.match(headings, where)
        self.header = row
        self.columns = {place: [] for place in sorted(set(self.places.values()))}
        if self.reader is not None:
            self.reader.wanted = frozenset(self.columns)

    def _keep(self) -> None:
        held = {AT: pa.array(self.ats, pa.int64())}
        held |= {f"c{place}": pa.array(values, pa.string()) for place, values in self.columns.items()}
        cursor = self.request.shop.connection.con.cursor()
        cursor.register("handed_in", pa.table(held))
        how = f"INSERT INTO {self._name}" if self.made else f"CREATE TABLE {self._name} AS"
        cursor.execute(f"{how} SELECT * FROM handed_in")
        cursor.unregister("handed_in")
        self.made = True
        self.kept = self.reader.characters if self.reader else 0
        self.ats = []
        self.columns = {place: [] for place in self.columns}

    @property
    def _name(self) -> str:
        return f"excel_{self.base}"

    def finish(self) -> Raw:
        if self.header is None:
            self._settle(*self.best[1:])
        faults = self._cell_faults() + self._merge_faults()
        if faults:
            raise UnreadableError(faults)
        if self.ats:
            self._keep()
        if not self.made:
            raise no_rows(self.where.file or "", (self.header or 0) + 1, self.where.sheet)
        if self.hidden:
            first = Where(self.where.file, self.where.sheet, row=self.hidden[0])
            self.request.register.remarks.append(Remark("hidden_rows", where=first, count=len(self.hidden)))
        rows = self.request.shop.connection.table(self._name)
        return Raw(rows, {heading: f"c{place}" for heading, place in self.places.items()})

    def _cell_faults(self) -> list[InputError]:
        faults = []
        for (kind, place), (count, row) in sorted(self.faults.items(), key=lambda found: found[1][1]):
            problem, remedy = TELLS[kind]
            told = f"the cell {problem}" if count == 1 else f"{count} cells, the first of them here: each {problem}"
            where = Where(self.where.file, self.where.sheet, self._heading(place), row)
            faults.append(InputError(told, where=where, remedy=remedy))
        return faults

    def _merge_faults(self) -> list[InputError]:
        for reference in self.reader.merged if self.reader else []:
            corners = re.fullmatch(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})", reference)
            if corners is None:
                continue
            left, right = column_number(corners[1]), column_number(corners[3])
            touched = [place for place in self.columns if left <= place <= right]
            if touched and int(corners[4]) > (self.header or 0):
                where = Where(self.where.file, self.where.sheet, self._heading(touched[0]), int(corners[2]))
                remedy = "take the merge apart, and write the value in every row it is true of"
                return [
                    InputError("cells are merged, so only the first of them holds a value", where=where, remedy=remedy)
                ]
        return []

    def _heading(self, place: int) -> str:
        return next(heading for heading, at in self.places.items() if at == place)


def _sheet(package: Package, asked: str | None) -> str:
    names = list(package.sheets)
    if asked is None and len(names) == 1:
        return names[0]
    if asked in package.sheets:
        return str(asked)
    problem = f"the workbook has {len(names)} sheets" if asked is None else f"the workbook has no sheet {asked}"
    remedy = "name one under `sheet` in the site file"
    raise InputError(problem, where=package.where, remedy=suggest(asked, names, remedy) if asked else remedy)

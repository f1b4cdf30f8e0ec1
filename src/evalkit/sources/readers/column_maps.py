"""From a file's own columns to the canonical ones, as the site file maps them: expressions over the raw rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import inf

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from evalkit.errors import InputError, Where
from evalkit.sources.config import ColumnMap, Source
from evalkit.sources.readers.headings import heading_of
from evalkit.sources.readers.raw import Raw
from evalkit.sources.readers.written import as_text, read_date, read_integer, read_number
from evalkit.sources.register import AT, FileRegister
from evalkit.sources.told import rows_phrase
from evalkit.vocabulary.schema import TableSchema

MOST_DAYS = 36_525
"""A hundred years: what ``days_after`` counts at most, either way."""


@dataclass(frozen=True, eq=False)
class _Doubt:
    """Rows for which a map gives nothing although the file has something."""

    heading: str
    failing: ibis.BooleanValue
    expected: str
    remedy: str


@dataclass(frozen=True)
class Step:
    """One column's map, with what it needs to know of its source.

    Parameters
    ----------
    canonical
        Name of the column.
    entry
        Its map.
    codes
        The source's ``values`` of the column, applied here where numbers are made of them.
    decimal, date_format
        As in `Layout`.
    """

    canonical: str
    entry: ColumnMap
    codes: Mapping[str, str]
    decimal: str
    date_format: str | None

    @property
    def uses_codes(self) -> bool:
        """Return whether the codes are applied by the map, not later."""
        return bool(self.entry.bands) or self.entry.days_after is not None


def steps_of(source: Source) -> dict[str, Step]:
    """Return the maps of a source's columns, by canonical column; plain headings are not among them."""
    layout = source.layout
    return {
        name: Step(name, entry, source.values.get(name, {}), layout.decimal_point, layout.date_format)
        for name, entry in source.columns.items()
        if isinstance(entry, ColumnMap)
    }


def headings_asked(entry: str | ColumnMap) -> tuple[str, ...]:
    """Return the headings that a column's entry in the site file names."""
    if isinstance(entry, str):
        return (entry,)
    after = entry.days_after
    own = tuple(heading for heading in (entry.column, entry.otherwise, *entry.combine) if heading is not None)
    return own if after is None or is_day(after) else (*own, after)


def check_maps(source: Source, label: str) -> list[InputError]:
    """Return the faults of maps that cannot work, whatever the file holds."""
    faults = []
    for name, entry in source.columns.items():
        if not isinstance(entry, ColumnMap):
            continue
        problem = _unworkable(entry)
        if problem:
            remedy = f"correct `columns: {{{name}: ...}}` in the site file"
            faults.append(InputError(problem, where=Where(file=label, column=name), remedy=remedy))
    return faults


def map_columns(
    raw: Raw, source: Source, schema: TableSchema, register: FileRegister
) -> tuple[ibis.Table, list[InputError]]:
    """Return the canonical columns of a file's rows, with ``_at``, and what could not be mapped.

    A column that the file does not have is null. All maps are expressions; one aggregate counts what fails.
    """
    steps, doubts = steps_of(source), []
    made: dict[str, ibis.Value] = {}
    for column in schema.columns:
        if column.name in steps:
            value, doubted = _mapped(raw, steps[column.name])
            doubts += doubted
        else:
            held = raw.columns.get(str(source.columns.get(column.name, column.name)))
            value = raw.rows[held] if held is not None else ibis.null("string")
        made[column.name] = value
    rows = raw.rows.select(AT, **made)
    faults = _failed(raw.rows, doubts, register)
    if source.distinct:
        names = list(made)
        rows = rows.group_by(names).aggregate(**{AT: rows[AT].min()}).select(AT, *names)
    return rows, faults


def is_day(text: str) -> bool:
    """Tell whether a text is a date in ISO form, and so no heading."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _unworkable(entry: ColumnMap) -> str:
    if sum((entry.column is not None, bool(entry.combine), entry.constant is not None)) != 1:
        return "a column is mapped by one of `column`, `combine` and `constant`"
    if entry.otherwise is not None and entry.column is None:
        return "`otherwise` stands beside `column` only"
    if entry.parse is not None:
        problem = _unparsable(entry.parse)
        if problem:
            return problem
    bounds = [inf if upper is None else upper for upper, _ in entry.bands]
    if any(lower >= upper for lower, upper in pairwise(bounds)):
        return "the bounds of `bands` do not ascend, or one after the last is open"
    return ""


def _unparsable(pattern: str) -> str:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return "`parse` is no regular expression"
    if re.search(r"\(\?[=!<]|\\[1-9]", pattern):
        return "`parse` looks ahead, behind or back, which this reader does not do"
    try:
        # Arrow has the engine that DuckDB has (RE2), which needs time in proportion to the text, whatever the pattern.
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid:
        return "`parse` uses what regular expressions of RE2 have not"
    return ""


def _mapped(raw: Raw, step: Step) -> tuple[ibis.Value, list[_Doubt]]:
    entry, doubts = step.entry, []
    heading = heading_of(entry, step.canonical)
    value: ibis.Value = _origin(raw, entry)
    if entry.parse is not None:
        text = as_text(value)
        pattern = entry.parse
        value = text.re_search(pattern).ifelse(text.re_extract(pattern, 1 if re.compile(pattern).groups else 0), None)
        doubts.append(_doubt(heading, text.notnull() & value.isnull(), "a text that `parse` matches", step))
    if step.uses_codes and step.codes:
        text = as_text(value)
        value = text.cases(*[(code, meaning or None) for code, meaning in step.codes.items()], else_=text)
    if entry.bands:
        number, given = _number(value, step.decimal), _given(value)
        value = _banded(number, entry.bands)
        doubts.append(_doubt(heading, given & value.isnull(), "a number within the bands", step))
    if entry.days_after is not None:
        days, given = _days(value), _given(value)
        start = _start(raw, entry.days_after, step.date_format)
        value = (start.cast("timestamp") + days.as_interval("D")).cast("date")
        doubts.append(_doubt(heading, given & days.isnull(), "a whole number of days", step))
        if not is_day(entry.days_after):
            doubts.append(_doubt(entry.days_after, given & start.isnull(), "the date that days are counted from", step))
    return value, doubts


def _origin(raw: Raw, entry: ColumnMap) -> ibis.Value:
    if entry.constant is not None:
        return ibis.literal(entry.constant)
    if entry.column is not None and entry.otherwise is not None:
        return ibis.coalesce(as_text(raw.value(entry.column)), as_text(raw.value(entry.otherwise)))
    if entry.column is not None:
        return raw.value(entry.column)
    texts = [as_text(raw.value(heading)) for heading in entry.combine]
    whole = texts[0]
    for text in texts[1:]:
        whole = whole.concat(ibis.literal(entry.between), text)
    missing = [text.isnull() for text in texts]
    return ibis.or_(*missing).ifelse(ibis.null("string"), whole)


def _banded(number: ibis.Value, bands: Sequence[tuple[float | None, str]]) -> ibis.Value:
    below = [(number.notnull() if upper is None else number < upper, ibis.literal(code)) for upper, code in bands]
    return ibis.cases(*below, else_=ibis.null("string"))


def _number(value: ibis.Value, decimal: str) -> ibis.Value:
    return value.cast("float64") if value.type().is_numeric() else read_number(as_text(value), decimal)


def _days(value: ibis.Value) -> ibis.Value:
    days = read_integer(as_text(value))
    return days.between(-MOST_DAYS, MOST_DAYS).ifelse(days, ibis.null("int32"))


def _start(raw: Raw, days_after: str, date_format: str | None) -> ibis.Value:
    if is_day(days_after):
        return ibis.date(days_after)
    value = raw.value(days_after)
    if value.type().is_temporal():
        return value.cast("date")
    return read_date(as_text(value), date_format)


def _given(value: ibis.Value) -> ibis.BooleanValue:
    return as_text(value).notnull()


def _doubt(heading: str, failing: ibis.BooleanValue, expected: str, step: Step) -> _Doubt:
    remedy = f"correct the rows, or `columns: {{{step.canonical}: ...}}` in the site file"
    return _Doubt(heading, failing, expected, remedy)


def _failed(rows: ibis.Table, doubts: Sequence[_Doubt], register: FileRegister) -> list[InputError]:
    if not doubts:
        return []
    sums = {f"n{place}": doubt.failing.sum() for place, doubt in enumerate(doubts)}
    firsts = {f"first{place}": rows[AT].min(where=doubt.failing) for place, doubt in enumerate(doubts)}
    answer = rows.aggregate(**sums, **firsts).to_pyarrow().to_pylist()[0]
    faults = []
    for place, doubt in enumerate(doubts):
        if answer[f"n{place}"]:
            where = register.where(answer[f"first{place}"])
            where = Where(where.file, where.sheet, doubt.heading, where.row)
            problem = f"{rows_phrase(answer[f'n{place}'])}: expected {doubt.expected}"
            faults.append(InputError(problem, where=where, remedy=doubt.remedy))
    return faults

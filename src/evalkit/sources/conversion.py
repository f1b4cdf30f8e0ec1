"""From values as written to canonical types, noting what could not be read instead of stopping at it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import ibis
import ibis.expr.datatypes as dt

from evalkit.errors import InputError, Where
from evalkit.sources.extract import Extract
from evalkit.sources.register import AT
from evalkit.vocabulary.schema import ALWAYS, ColumnSchema, TableSchema

BAD = "_bad"
"""Column of every staged table: bit i is set where column i of the schema could not be read."""
KNOWN_FROM = "known_from"
BEFORE_EVERYTHING = "1900-01-01"
TRUE = ("true", "1", "ja", "sant", "yes", "j")
FALSE = ("false", "0", "nej", "falskt", "no", "n")
DATE_PARTS = {"%Y": r"(\d{4})", "%y": r"(\d{2})", "%m": r"(\d{1,2})", "%d": r"(\d{1,2})"}


def convert(
    extract: Extract, schema: TableSchema, *, pseudonyms: ibis.Table | None, defaults: Mapping[str, str]
) -> ibis.Table:
    """Return an extract's rows in canonical types.

    Parameters
    ----------
    pseudonyms
        ``written`` (as in the file) and ``pseudonym``; None if the table has no identity to replace.
    defaults
        What a missing value means, by column, before the schema's own default.

    Returns
    -------
    ibis.Table
        The schema's columns, ``known_from``, ``_at`` and ``_bad``.
    """
    rows = extract.rows
    typed: dict[str, ibis.Value] = {}
    bits: list[ibis.Value] = []
    for place, column in enumerate(schema.columns):
        raw = rows[column.name]
        if column.identity and pseudonyms is not None:
            written = raw.cast("string")
            rows = rows.left_join(pseudonyms, written == pseudonyms.written)
            raw, value = rows[column.name], rows.pseudonym
        else:
            value = _typed(raw, column, extract)
        typed[column.name] = value
        unread = value.isnull() & _given(rows[column.name], column, extract)
        bits.append(unread.ifelse(1 << place, 0).cast("int32"))
    staged = rows.select(rows[AT], **typed, **{BAD: _total(bits)})
    return _with_known_from(_completed(staged, schema, defaults), schema)


def check_date_format(text: str, label: str) -> None:
    """Refuse a date format that cannot be read; ``label`` is the file as users know it.

    Raises
    ------
    InputError
        If it lacks year, month or day, names one twice, or names anything else.
    """
    named = re.findall(r"%.", text)
    if sorted(part.lower() for part in named) != ["%d", "%m", "%y"] or not set(named) <= set(DATE_PARTS):
        raise InputError(
            f"the date format {text} cannot be read",
            where=Where(file=label),
            remedy="write `date_format` with %Y (or %y), %m and %d once each, such as %Y-%m-%d",
        )


def _given(raw: ibis.Value, column: ColumnSchema, extract: Extract) -> ibis.BooleanValue:
    if not raw.type().is_string():
        return raw.notnull()
    text = raw.strip()
    meaning_nothing = [code for code, meaning in extract.values.get(column.name, {}).items() if meaning == ""]
    return (text != "") & ~text.isin(meaning_nothing) if meaning_nothing else text != ""


def _typed(raw: ibis.Value, column: ColumnSchema, extract: Extract) -> ibis.Value:
    kind = raw.type()
    codes = extract.values.get(column.name)
    if codes:
        raw = _recoded(_text(raw), codes, strict=extract.strict_values)
    elif column.type == "integer" and kind.is_integer():
        return raw.try_cast("int32")
    elif column.type == "integer" and kind.is_numeric():
        return (raw.cast("float64") == raw.cast("float64").round()).ifelse(raw.try_cast("int32"), None)
    elif column.type == "number" and kind.is_numeric():
        return raw.cast("float64")
    elif (column.type == "boolean" and kind.is_boolean()) or (column.type == "date" and kind.is_date()):
        return _shifted(raw, column, extract)
    elif column.type == "date" and kind.is_timestamp():
        return _shifted(raw.date(), column, extract)
    return _read_text(_text(raw), column, extract)


def _text(raw: ibis.Value) -> ibis.StringValue:
    if raw.type().is_floating():
        whole = raw == raw.round()
        raw = whole.ifelse(raw.try_cast("int64").cast("string"), raw.cast("string"))
    return raw.cast("string").strip().nullif("")


def _recoded(text: ibis.StringValue, codes: Mapping[str, str], *, strict: bool) -> ibis.StringValue:
    pairs = [(code, meaning or None) for code, meaning in codes.items()]
    return text.cases(*pairs, else_=None if strict else text).cast("string")


def _read_text(text: ibis.StringValue, column: ColumnSchema, extract: Extract) -> ibis.Value:
    if column.type == "integer":
        return _integer(text, column)
    if column.type == "number":
        plain = text.replace(extract.decimal, ".") if extract.decimal != "." else text
        readable = plain.re_search(r"^[+-]?\d+(\.\d+)?$") & ~_foreign_point(text, extract.decimal)
        return readable.ifelse(plain, None).try_cast("float64")
    if column.type == "boolean":
        lower = text.lower()
        return lower.cases(*[(word, True) for word in TRUE], *[(word, False) for word in FALSE], else_=None)
    if column.type == "date":
        return _shifted(_date(text, extract.date_format), column, extract)
    if column.pad is not None:
        return text.re_search(r"^\d+$").ifelse(text.lpad(_width(text, column.pad), "0"), text)
    return text


def _width(text: ibis.StringValue, pad: int) -> ibis.IntegerValue:
    return ibis.greatest(text.length(), ibis.literal(pad)).cast("int32")


def _foreign_point(text: ibis.StringValue, decimal: str) -> ibis.BooleanValue:
    return text.contains(".") if decimal != "." else ibis.literal(False)


def _integer(text: ibis.StringValue, column: ColumnSchema) -> ibis.Value:
    number = text.re_search(r"^[+-]?\d+(\.0+)?$").ifelse(text, None).try_cast("int32")
    if not column.clock:
        return number
    clock = r"^(\d{1,2})[:.](\d{2})(:\d{2})?$"
    hours, minutes = (text.re_extract(clock, group).try_cast("int32") for group in (1, 2))
    on_the_clock = text.re_search(clock) & (hours < 24) & (minutes < 60)
    return on_the_clock.ifelse((hours * 60 + minutes).cast("int32"), number)


def _date(text: ibis.StringValue, written: str) -> ibis.DateValue:
    if written == "%Y-%m-%d":
        return text.re_search(r"^\d{4}-\d{1,2}-\d{1,2}$").ifelse(text, None).try_cast("date")
    parts = re.split(r"(%.)", written)
    pattern = "^" + "".join(DATE_PARTS.get(part, re.escape(part)) for part in parts) + "$"
    found = {part.lower(): text.re_extract(pattern, place + 1) for place, part in enumerate(re.findall(r"%.", written))}
    year = found["%y"] if "%Y" in written else ibis.literal("20") + found["%y"]
    whole = year + "-" + found["%m"].lpad(2, "0") + "-" + found["%d"].lpad(2, "0")
    return text.re_search(pattern).ifelse(whole, None).try_cast("date")


def _shifted(value: ibis.Value, column: ColumnSchema, extract: Extract) -> ibis.Value:
    if column.interval_end and extract.end_is_last_day:
        # A date plus an interval is a timestamp in DuckDB, whatever Ibis believes.
        return (value.cast("timestamp") + ibis.interval(days=1)).date()
    return value


def _completed(staged: ibis.Table, schema: TableSchema, defaults: Mapping[str, str]) -> ibis.Table:
    filled: dict[str, ibis.Value] = {}
    for place, column in enumerate(schema.columns):
        value = staged[column.name]
        read = (staged[BAD] & (1 << place)) == 0
        default = defaults.get(column.name, column.default)
        if default is not None:
            filled[column.name] = (value.isnull() & read).ifelse(_literal(default, column), value)
        if column.known_if is not None:
            known = (value.isnull() & read).ifelse(ibis.literal(0, "int32"), value)
            filled[column.name] = staged[column.known_if].ifelse(known, None)
    return staged.mutate(**filled) if filled else staged


def _literal(text: str, column: ColumnSchema) -> ibis.Scalar:
    return ibis.literal(text == "true") if column.type == "boolean" else ibis.literal(text)


def _with_known_from(staged: ibis.Table, schema: TableSchema) -> ibis.Table:
    if schema.known_from == ALWAYS:
        return staged.mutate(**{KNOWN_FROM: ibis.date(BEFORE_EVERYTHING)})
    return staged.mutate(**{KNOWN_FROM: staged[schema.known_from].cast(dt.date)})


def _total(bits: list[ibis.Value]) -> ibis.Value:
    total = bits[0]
    for bit in bits[1:]:
        total = total + bit
    return total.cast("int32")

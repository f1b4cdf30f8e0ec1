"""From values as written to canonical types, noting what could not be read instead of stopping at it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import ibis
import ibis.expr.datatypes as dt

from evalkit.sources.extract import Extract
from evalkit.sources.pseudonyms import STAFF, written_text
from evalkit.sources.readers.written import as_text, read_clock, read_date, read_integer, read_number
from evalkit.sources.register import AT
from evalkit.vocabulary.schema import ALWAYS, ColumnSchema, TableSchema

BAD = "_bad"
"""Column of every staged table: bit i is set where column i of the schema could not be read."""
CHANGES = "_changes"
"""Column of a staged table with one row per person: how often the row's identity has become another since."""
KNOWN_FROM = "known_from"
BEFORE_EVERYTHING = "1900-01-01"
FIRST_DAY, LAST_DAY, LAST_END = date(1800, 1, 1), date(2999, 12, 31), date(9999, 12, 31)
"""Days that are read; only an end may lie as far as programs write it that know none."""
TRUE = ("true", "1", "ja", "sant", "yes", "j")
FALSE = ("false", "0", "nej", "falskt", "no", "n")


def convert(
    extract: Extract, schema: TableSchema, *, pseudonyms: Mapping[str, ibis.Table], defaults: Mapping[str, str]
) -> ibis.Table:
    """Return an extract's rows in canonical types.

    Parameters
    ----------
    pseudonyms
        From `pseudonym_table`, by column whose identities it replaces.
    defaults
        What a missing value means, by column, before the schema's own default.

    Returns
    -------
    ibis.Table
        The schema's columns, ``known_from``, ``_at`` and ``_bad``; ``_changes`` where a row is a person.
    """
    absent = {name: ibis.null("string") for name in schema.column_names if name not in extract.rows.columns}
    rows = extract.rows.mutate(**absent) if absent else extract.rows
    typed: dict[str, ibis.Value] = {}
    bits: list[ibis.Value] = []
    for place, column in enumerate(schema.columns):
        if column.name in pseudonyms:
            known = pseudonyms[column.name].rename(lambda name, place=place: f"{name}_{place}")
            rows = rows.left_join(known, identity_text(rows, column, extract) == known[f"written_{place}"])
            value, given = rows[f"pseudonym_{place}"], identity_text(rows, column, extract).notnull()
            if schema.key == (column.name,):
                typed[CHANGES] = rows[f"changes_{place}"].fill_null(0)
        else:
            value = _typed(rows[column.name], column, extract)
            given = _given(rows[column.name], column, extract)
        typed[column.name] = value
        bits.append((value.isnull() & given).ifelse(1 << place, 0).cast("int32"))
    staged = rows.select(rows[AT], **typed, **{BAD: _total(bits)})
    return _with_known_from(_completed(staged, schema, defaults), schema)


def scheme_of(column: ColumnSchema, extract: Extract) -> str:
    """Return the scheme of a column's identities."""
    return STAFF if column.identity == "staff" else extract.identities


def identity_text(rows: ibis.Table, column: ColumnSchema, extract: Extract) -> ibis.StringValue:
    """Return a column's identities as `pseudonym_table` knows them; null where codes of the source mean nothing."""
    return written_text(rows[column.name], scheme_of(column, extract), _meaning_nothing(column, extract))


def _given(raw: ibis.Value, column: ColumnSchema, extract: Extract) -> ibis.BooleanValue:
    if not raw.type().is_string():
        return raw.notnull()
    text = raw.strip()
    meaning_nothing = _meaning_nothing(column, extract)
    return (text != "") & ~text.isin(meaning_nothing) if meaning_nothing else text != ""


def _meaning_nothing(column: ColumnSchema, extract: Extract) -> list[str]:
    return [code for code, meaning in extract.values.get(column.name, {}).items() if meaning == ""]


def _typed(raw: ibis.Value, column: ColumnSchema, extract: Extract) -> ibis.Value:
    kind = raw.type()
    codes = extract.values.get(column.name)
    if codes:
        raw = _recoded(as_text(raw), codes, strict=extract.strict_values)
    elif column.type == "integer" and kind.is_integer():
        return raw.try_cast("int32")
    elif column.type == "integer" and kind.is_numeric():
        return (raw.cast("float64") == raw.cast("float64").round()).ifelse(raw.try_cast("int32"), None)
    elif column.type == "number" and kind.is_numeric():
        number = raw.cast("float64")
        return number.isinf().ifelse(None, number)
    elif column.type == "boolean" and kind.is_boolean():
        return raw
    elif column.type == "date" and kind.is_date():
        return _shifted(raw, column, extract)
    elif column.type == "date" and kind.is_timestamp():
        return _shifted(raw.date(), column, extract)
    return _read_text(as_text(raw), column, extract)


def _recoded(text: ibis.StringValue, codes: Mapping[str, str], *, strict: bool) -> ibis.StringValue:
    pairs = [(code, meaning or None) for code, meaning in codes.items()]
    return text.cases(*pairs, else_=None if strict else text).cast("string")


def _read_text(text: ibis.StringValue, column: ColumnSchema, extract: Extract) -> ibis.Value:
    if column.type == "integer":
        return read_clock(text) if column.clock else read_integer(text)
    if column.type == "number":
        return read_number(text, extract.decimal)
    if column.type == "boolean":
        lower = text.lower()
        return lower.cases(*[(word, True) for word in TRUE], *[(word, False) for word in FALSE], else_=None)
    if column.type == "date":
        return _shifted(read_date(text, extract.date_format), column, extract)
    if column.pad is not None:
        return text.re_search(r"^\d+$").ifelse(text.lpad(_width(text, column.pad), "0"), text)
    return text


def _width(text: ibis.StringValue, pad: int) -> ibis.IntegerValue:
    return ibis.greatest(text.length(), ibis.literal(pad)).cast("int32")


def _shifted(value: ibis.Value, column: ColumnSchema, extract: Extract) -> ibis.Value:
    last = LAST_END if column.interval_end else LAST_DAY
    value = value.between(ibis.literal(FIRST_DAY), ibis.literal(last)).ifelse(value, ibis.null("date"))
    if column.interval_end and extract.end_is_last_day:
        # A date plus an interval is a timestamp in DuckDB, whatever Ibis believes.
        before = ibis.least(value, ibis.literal(LAST_END - timedelta(days=1)))
        return value.isnull().ifelse(None, (before.cast("timestamp") + ibis.interval(days=1)).date())
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
    if column.type == "integer":
        return ibis.literal(int(text), "int32")
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

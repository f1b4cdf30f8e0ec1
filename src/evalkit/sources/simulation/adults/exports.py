"""Give canonical tables the headings and codes of exports, and the columns the texts that files hold."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from evalkit.sources.simulation.adults.columns import ORDINAL_OF_EPOCH
from evalkit.sources.simulation.text import joined

IDENTITIES = ("person_id", "old_id", "new_id")
ISO = "%Y-%m-%d"
LETTERS = str.maketrans("åäöÅÄÖ", "aaoAAO")


@cache
def export_words() -> dict[str, Any]:
    """Return the content of ``exports.toml``; callers do not change it."""
    text = (files("evalkit.sources.simulation.adults") / "exports.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def table_name(table: str) -> str:
    """Return what an export calls a canonical table."""
    return str(export_words()["tables"][table]["name"])


def plain(name: str) -> str:
    """Return a heading as databases write it: small letters a-z, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", name.translate(LETTERS).lower()).strip("_")


def worded(table: str, content: pa.Table, *, hyphen: bool) -> dict[str, pa.Array]:
    """Return the columns by heading, with codes in Swedish; dates, numbers and truth values keep their types.

    Parameters
    ----------
    hyphen
        Write identity numbers as ``YYYYMMDD-NNNC``.
    """
    words = export_words()
    columns = {}
    for canonical, heading in words["tables"][table]["columns"].items():
        column = content[canonical].combine_chunks()
        codes = words["values"].get(f"{table}.{canonical}")
        if codes is not None:
            column = _recoded(column, codes)
        elif canonical in IDENTITIES and hyphen:
            column = hyphened(column)
        columns[heading] = column
    return columns


def hyphened(numbers: pa.Array) -> pa.Array:
    """Return identity numbers of twelve characters with a hyphen."""
    return joined(pc.utf8_slice_codeunits(numbers, 0, 8), "-", pc.utf8_slice_codeunits(numbers, 8))


def as_text(column: pa.Array, *, date_format: str = ISO) -> pa.Array:
    """Return a column as Swedish Excel saves it: decimal comma, Ja and Nej, nothing where a value is missing."""
    if pa.types.is_date32(column.type):
        text = _dates(column, date_format)
    elif pa.types.is_boolean(column.type):
        text = pc.if_else(column, "Ja", "Nej")
    elif pa.types.is_floating(column.type):
        text = pc.replace_substring(column.cast(pa.string()), ".", ",")
    else:
        text = column.cast(pa.string())
    return pc.fill_null(text, "")


def _recoded(column: pa.Array, codes: dict[str, str]) -> pa.Array:
    coded = column.dictionary_encode()
    words = pa.array([codes[code] for code in coded.dictionary.to_pylist()], type=pa.string())
    recoded = words.take(coded.indices)
    return pc.fill_null(recoded, codes[""]) if "" in codes else recoded


def _dates(column: pa.Array, date_format: str) -> pa.Array:
    coded = column.dictionary_encode()
    days = np.array(coded.dictionary.cast(pa.int32()).to_pylist(), dtype=np.int64) + ORDINAL_OF_EPOCH
    texts = pa.array([date.fromordinal(int(day)).strftime(date_format) for day in days], type=pa.string())
    return texts.take(coded.indices)

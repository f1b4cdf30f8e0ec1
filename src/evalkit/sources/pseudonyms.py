"""Pseudonyms: keyed digests of identity numbers, worked out once per person."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import date

import ibis
import pyarrow as pa

from evalkit.sources.engine import Workshop
from evalkit.vocabulary.identity import normalise

LENGTH = 32
"""Hexadecimal digits kept: 128 bits, the least that RFC 2104 advises for SHA-256."""
KEY_BYTES = 16
LOCAL = "\x1fss12000 "
"""Stands before the id of a person to whom SS 12000 gives no civic number; no file writes it."""


def pseudonym(identity: str, key: bytes) -> str:
    """Return the pseudonym of a normalised identity number: HMAC-SHA256 (RFC 2104), cut to 128 bits."""
    return hmac.new(key, identity.encode(), hashlib.sha256).hexdigest()[:LENGTH]


def check_key(key: bytes) -> None:
    """Refuse a key that could be guessed.

    Raises
    ------
    ValueError
        If it is shorter than 16 bytes.
    """
    if len(key) < KEY_BYTES:
        raise ValueError(f"a pseudonym key has at least {KEY_BYTES} bytes")


def pseudonyms_of(written: Iterable[str], key: bytes, *, on: date | None = None) -> dict[str, str | None]:
    """Return the pseudonym of each identity number, None for a text that is none.

    Parameters
    ----------
    written
        Texts as in the files; different ways to write one number give one pseudonym.
    on
        The day they were written, which tells the century of ten digits.
    """
    found: dict[str, str | None] = {}
    for text in written:
        try:
            found[text] = pseudonym(text if text.startswith(LOCAL) else normalise(text, on=on), key)
        except ValueError:
            found[text] = None
    return found


def pseudonym_table(name: str, written: ibis.Value, shop: Workshop, key: bytes, *, on: date | None) -> ibis.Table:
    """Keep the pseudonyms of a column's distinct texts as a table of ``written`` and ``pseudonym``."""
    text = written.cast("string").name("written")
    distinct = shop.connection.to_pyarrow(text.as_table().distinct())["written"].drop_null().to_pylist()
    found = pseudonyms_of(sorted(distinct), key, on=on)
    columns = {"written": pa.array(found, pa.string()), "pseudonym": pa.array(found.values(), pa.string())}
    return shop.keep(name, pa.table(columns))

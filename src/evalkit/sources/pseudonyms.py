"""Pseudonyms: keyed digests of identities, worked out once per distinct text."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import pyarrow as pa

from evalkit.errors import InputError
from evalkit.sources.config import SWEDISH
from evalkit.sources.engine import Workshop
from evalkit.sources.readers.written import as_text
from evalkit.sources.register import AT, FileRegister
from evalkit.sources.told import rows_phrase
from evalkit.vocabulary.identity import IdentityError, normalise

LENGTH = 32
"""Hexadecimal digits kept: 128 bits, the least that RFC 2104 advises for SHA-256."""
KEY_BYTES = 16
MARK = "\x1f"
"""Ends the name of a scheme in what is digested; no file writes it."""
STAFF = f"{MARK}staff"
"""Scheme of staff: any text. A teacher and a pupil with one number do not share a pseudonym."""
LOCAL = f"{MARK}ss12000 "
"""Stands before the id of a person to whom SS 12000 gives no civic number."""
DIGITS = 10
"""Digits of a Swedish number without its century."""

Aliases = Mapping[str, tuple[str, int]]
"""By canonical identity: the newest one of the same person, and how many changes lie between."""
NO_ALIASES: Aliases = {}


@dataclass(frozen=True)
class Known:
    """What one written identity comes to: a pseudonym, or why it has none."""

    pseudonym: str | None
    fault: str | None = None
    changes: int = 0


def pseudonym(identity: str, key: bytes, scheme: str = SWEDISH) -> str:
    """Return the pseudonym of a canonical identity: HMAC-SHA256 (RFC 2104), cut to 128 bits.

    Parameters
    ----------
    identity
        As `canonical` returns.
    key
        Of the study.
    scheme
        Equal texts of different schemes give different pseudonyms.
    """
    return hmac.digest(key, _message(identity, scheme), hashlib.sha256).hex()[:LENGTH]


def check_key(key: bytes) -> None:
    """Refuse a key that could be guessed.

    Raises
    ------
    ValueError
        If it is shorter than 16 bytes.
    """
    if len(key) < KEY_BYTES:
        raise ValueError(f"a pseudonym key has at least {KEY_BYTES} bytes")


def canonical(text: str, scheme: str, *, on: date | None = None) -> str:
    """Return the one form of an identity, however it was written.

    Swedish numbers become twelve characters. A data holder's own ids and those of staff are any text: blanks at the
    ends and repeated ones do not count, letters keep their case. Staff written as a Swedish number are read as one.

    Raises
    ------
    IdentityError
        If the text is no identity of the scheme; never with the text.
    """
    if scheme == SWEDISH:
        return text if text.startswith(LOCAL) else normalise(text, on=on)
    plain = unicodedata.normalize("NFC", " ".join(text.split()))
    if not plain:
        raise IdentityError("the identity is empty")
    if scheme == STAFF:
        try:
            return normalise(plain, on=on)
        except IdentityError:
            return plain
    return plain


def pseudonyms_of(
    written: Iterable[str],
    key: bytes,
    *,
    on: date | None = None,
    scheme: str = SWEDISH,
    aliases: Aliases = NO_ALIASES,
) -> dict[str, Known]:
    """Return what each written identity comes to.

    Parameters
    ----------
    written
        Texts as in the files; different ways to write one identity give one pseudonym.
    on
        The day they were written, which tells the century of ten digits.
    scheme
        ``"swedish"``, `STAFF`, or the name of a data holder's own scheme.
    aliases
        Of the same scheme: an identity that became another gets the pseudonym of the newest.
    """
    fresh = hmac.new(key, digestmod=hashlib.sha256)
    found: dict[str, Known] = {}
    for text in written:
        try:
            identity = canonical(text, scheme, on=on)
        except IdentityError as fault:
            found[text] = Known(None, str(fault))
            continue
        newest, changes = aliases.get(identity, (identity, 0))
        digest = fresh.copy()
        digest.update(_message(newest, scheme))
        found[text] = Known(digest.hexdigest()[:LENGTH], None, changes)
    return found


def pseudonym_table(
    name: str,
    written: ibis.Value,
    shop: Workshop,
    key: bytes,
    *,
    on: date | None,
    scheme: str = SWEDISH,
    aliases: Aliases = NO_ALIASES,
) -> ibis.Table:
    """Keep the pseudonyms of a column's distinct texts as a table of the workshop.

    Parameters
    ----------
    name
        Of the table made.
    written
        From `written_text`, or any text.
    on, scheme, aliases
        As `pseudonyms_of` takes them.

    Returns
    -------
    ibis.Table
        ``written``, ``pseudonym``, ``fault`` (why there is none, without the text) and ``changes``.
    """
    text = written.cast("string").name("written")
    distinct = shop.connection.to_pyarrow(text.as_table().distinct())["written"].drop_null().to_pylist()
    found = pseudonyms_of(sorted(distinct), key, on=on, scheme=scheme, aliases=aliases)
    columns = {
        "written": pa.array(found, pa.string()),
        "pseudonym": pa.array([known.pseudonym for known in found.values()], pa.string()),
        "fault": pa.array([known.fault for known in found.values()], pa.string()),
        "changes": pa.array([known.changes for known in found.values()], pa.int32()),
    }
    return shop.keep(name, pa.table(columns))


def written_text(raw: ibis.Value, scheme: str = SWEDISH, nothing: Iterable[str] = ()) -> ibis.StringValue:
    """Return identities as text, null where there is none.

    Parameters
    ----------
    raw
        A column as read. Numbers lose their decimals, and Swedish ones get back the leading zeros of the year 2000
        to 2009 that a column of numbers cannot hold.
    nothing
        Texts that mean that the value is missing.
    """
    text = as_text(raw)
    if raw.type().is_numeric() and scheme == SWEDISH:
        text = text.lpad(ibis.greatest(text.length(), ibis.literal(DIGITS)).cast("int32"), "0")
    absent = [*nothing]
    return text.isin(absent).ifelse(ibis.null("string"), text) if absent else text


def identity_faults(
    rows: ibis.Table, written: ibis.StringValue, known: ibis.Table, register: FileRegister, *, table: str, column: str
) -> list[InputError]:
    """Return a fault per reason for which identities of a column were not read.

    Parameters
    ----------
    rows
        With ``_at``.
    written
        The column's texts, an expression over ``rows``.
    known
        From `pseudonym_table`.
    """
    wrong = known.filter(known.fault.notnull())
    if not int(wrong.count().to_pyarrow().as_py()):
        return []
    placed = rows.select(rows[AT], written=written)
    joined = placed.inner_join(wrong, placed.written == wrong.written)
    told = joined.group_by("fault").aggregate(n=joined.count(), first=joined[AT].min()).to_pyarrow().to_pylist()
    return [
        InputError(
            f"{rows_phrase(reason['n'])}: {reason['fault']}",
            where=register.where(reason["first"], table, column),
            remedy="correct the number; write twelve digits as text, so that no program takes a zero or the century",
        )
        for reason in sorted(told, key=lambda reason: int(reason["first"]))
    ]


def _message(identity: str, scheme: str) -> bytes:
    return f"{scheme}{MARK}{identity}".encode()

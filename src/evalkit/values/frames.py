"""Data frames inside frozen nouns: copied in, sorted, fingerprinted."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd


def settle(frame: pd.DataFrame, keys: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return a copy with plain row numbers, in the order of ``keys`` if any are given.

    Parameters
    ----------
    frame
        Any frame.
    keys
        Columns to sort by.

    Returns
    -------
    pandas.DataFrame
        A new frame; the one handed in is untouched.
    """
    copy = frame.copy(deep=True)
    if keys:
        copy = copy.sort_values(list(keys), kind="stable")
    return copy.reset_index(drop=True)


def fingerprint(*parts: Any) -> str:
    """Digest frames and plain values, alike in every process, time zone and locale.

    Parameters
    ----------
    *parts
        Data frames, or anything whose ``repr`` is stable (numbers, strings, dates, tuples, frozen dataclasses of
        these).

    Returns
    -------
    str
        SHA-256 in hexadecimal. Floats count to 10 significant digits, so that the order of a sum does not matter.
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, pd.DataFrame):
            for column in part.columns:
                digest.update(f"{column}\x1f".encode())
                digest.update("\x1e".join(_text(value) for value in part[column]).encode())
                digest.update(b"\x1d")
        else:
            digest.update(_text(part).encode())
        digest.update(b"\x1c")
    return digest.hexdigest()


def _text(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return "nan" if np.isnan(value) else f"{float(value):.10g}"
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, tuple | list):
        return "(" + ",".join(_text(item) for item in value) + ")"
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(k)}:{_text(value[k])}" for k in sorted(value, key=str)) + "}"
    if value is None or value is pd.NaT or value is pd.NA:
        return "none"
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return str(value)

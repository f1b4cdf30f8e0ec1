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
    # pandas copies on write, so that neither frame changes with the other, and large ones are not held twice
    copy = frame.copy(deep=False)
    if keys and not pd.MultiIndex.from_frame(copy[list(keys)]).is_monotonic_increasing:
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
                digest.update(_bytes(part[column]))
                digest.update(b"\x1d")
        else:
            digest.update(_text(part).encode())
        digest.update(b"\x1c")
    return digest.hexdigest()


def _bytes(column: pd.Series) -> bytes:
    """Return one column's content; whole numbers count alike whether kept as integers or floats."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.to_numpy("datetime64[ns]").astype("int64").astype("<i8").tobytes()
    if pd.api.types.is_numeric_dtype(column.dtype) and not isinstance(column.dtype, pd.api.extensions.ExtensionDtype):
        values = column.to_numpy(dtype="float64")
        finite = np.where(np.isfinite(values) & (values != 0), np.abs(values), 1.0)
        exponent = np.floor(np.log10(finite))
        mantissa = np.round(values / 10.0**exponent, 9) + 0.0
        mantissa = np.where(np.isnan(mantissa), np.nan, mantissa)
        return mantissa.astype("<f8").tobytes() + exponent.astype("<f8").tobytes()
    if isinstance(column.dtype, pd.CategoricalDtype | pd.StringDtype | pd.Int64Dtype):
        # each text is worked out once; that of a missing value, which has the code -1, stands last
        codes, found = pd.factorize(column)
        missing = "none" if isinstance(column.dtype, pd.Int64Dtype) else "nan"
        texts = np.array([*(_text(value) for value in found), missing], dtype=object)
        return "\x1e".join(texts[codes]).encode()
    return "\x1e".join(_text(value) for value in column).encode()


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

"""How alike two groups of a panel's persons are at the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import DesignError, InputError
from evalkit.values import Balance, Panel
from evalkit.values.balance import balance as compare


def balance(
    source: Panel | pd.DataFrame,
    *,
    between: str,
    columns: Sequence[str],
    at: int | None = None,
    weights: str | None = None,
) -> Balance:
    """Compare two groups of persons in the given columns.

    Parameters
    ----------
    source
        A panel, of which each unit counts once, or a frame with one row a person.
    between
        Column that tells the groups apart: 1 or True for the group, 0 or False for the others. A panel's
        ``treated_from`` tells those ever treated from those never treated.
    columns
        What is compared. A column of text is compared level by level, as the share of each, missing for who has none.
    at
        Time of the panel's rows that are compared; by default each unit's first row.
    weights
        Column of weights, 0 for those left out.

    Returns
    -------
    Balance
        See `evalkit.values.balance.balance` for what is worked out. It is about persons: protect what is shown of it.

    Raises
    ------
    InputError
        If there is no such column or time.
    DesignError
        If the groups are not two, or somebody is in neither.
    """
    rows = _rows(source, at) if isinstance(source, Panel) else source
    absent = [name for name in (between, *columns, *([weights] if weights else [])) if name not in rows.columns]
    if absent:
        raise InputError(f"there is no column {', '.join(absent)} to compare", remedy="name columns of the panel")
    values: dict[str, NDArray[Any]] = {}
    for name in columns:
        values |= _numbers(rows[name])
    group = _group(source, rows, between)
    try:
        found = compare(values, group, None if weights is None else rows[weights].to_numpy("float64"))
    except ValueError as fault:
        raise DesignError(
            f"the groups of {between!r} cannot be compared: {fault}", remedy="compare two groups that have persons"
        ) from None
    return replace(found, origin=source.origin) if isinstance(source, Panel) else found


def _rows(panel: Panel, at: int | None) -> pd.DataFrame:
    if at is None:
        return panel.frame.drop_duplicates(panel.unit)
    rows = panel.frame[panel.frame[panel.time] == at]
    if rows.empty:
        raise InputError(f"the panel has no rows at time {at}", remedy="choose a time of the panel")
    return rows


def _group(source: Panel | pd.DataFrame, rows: pd.DataFrame, between: str) -> NDArray[np.bool_]:
    column = rows[between]
    if isinstance(source, Panel) and between == source.treated_from:
        treated: NDArray[np.bool_] = (column.notna() & (column != 0)).to_numpy(bool)
        return treated
    if not column.isin([0, 1]).all():
        raise DesignError(
            f"{between!r} does not divide the persons into two groups",
            remedy="name a column that is 0 or 1 for everyone, or leave out those of whom it is not known",
        )
    inside: NDArray[np.bool_] = (column == 1).to_numpy(bool)
    return inside


def _numbers(column: pd.Series) -> dict[str, NDArray[Any]]:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return {str(column.name): column.to_numpy("float64", na_value=np.nan)}
    known = column.notna().to_numpy()
    texts = column.astype("str")
    levels = sorted(texts[known].unique())
    return {
        f"{column.name}: {level}": np.where(known, (texts == level).to_numpy("float64"), np.nan) for level in levels
    }

"""Count and sum the cells of a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations

import numpy as np
import pandas as pd

from evalkit.errors import InputError
from evalkit.values import Axis, Column, Measure

PERSONS = Column("persons", "count")


def columns_of(measures: Sequence[Measure]) -> tuple[Column, ...]:
    """Describe the columns that measures become in a table, ``persons`` first.

    Raises
    ------
    InputError
        For a measure of a kind that no column can hold.
    """
    columns = {PERSONS.name: PERSONS}
    for measure in measures:
        for column in _columns(measure):
            columns.setdefault(column.name, column)
    return tuple(columns.values())


def _columns(measure: Measure) -> list[Column]:
    name, count = measure.name, f"{measure.name}_persons"
    if measure.kind == "ratio":
        above, below = str(measure.numerator), str(measure.denominator)
        columns = [
            Column(count, "count", denominator="persons", shown=False),
            *(_amount(each, count) for each in (above, below)),
            Column(name, "rate", above, below, persons=count, unit="share", decimals=1),
        ]
        if measure.coverage is not None:
            share, recorded, due = measure.coverage
            columns += [_amount(each, "persons") for each in (recorded, due)]
            columns.append(Column(share, "rate", recorded, due, persons="persons", unit="share", decimals=1))
        return columns
    if measure.kind == "flag":
        known = f"{name}_known"
        return [
            Column(known, "count", denominator="persons", shown=False),
            Column(count, "count", denominator=known),
            Column(name, "share", count, known, persons=known, unit="share", decimals=1),
        ]
    if measure.kind == "mean":
        total = f"{name}_sum"
        return [
            Column(total, "amount", persons=count, unit=measure.unit, shown=False),
            Column(count, "count", denominator="persons"),
            Column(name, "mean", total, count, persons=count, unit=measure.unit, decimals=2),
        ]
    raise InputError(
        f"the measure {name!r} is a {measure.kind}, which no column of a table holds",
        remedy=f'divide the persons by it instead: by=["{name}"]' if measure.kind == "state" else "leave it out",
    )


def _amount(name: str, persons: str) -> Column:
    unit = "minutes" if name.endswith("_minutes") else ""
    return Column(name, "amount", persons=persons, unit=unit, shown=False)


def count_cells(rows: pd.DataFrame, axes: tuple[Axis, ...], measures: Sequence[Measure]) -> pd.DataFrame:
    """Fill a table: every combination of levels, and every margin over axes that have a total.

    Parameters
    ----------
    rows
        ``person_id``, the axes' columns as text, and the measures' columns.
    axes
        How the rows are divided.
    measures
        What is counted and summed. A person stands once in a cell, however many rows there are: flagged if flagged in
        any of them, with the mean of the person's means.

    Returns
    -------
    pandas.DataFrame
        One row per combination, with the columns of `columns_of`; counts and sums are 0 and ratios NaN where nobody is.
    """
    totalled = [axis for axis in axes if axis.total is not None]
    margins = chain.from_iterable(combinations(totalled, size) for size in range(len(totalled) + 1))
    parts = [rows.assign(**{axis.name: axis.total for axis in margin}) for margin in margins]
    rows = pd.concat(parts, ignore_index=True)
    keys = [axis.name for axis in axes]
    cells = _summed(rows.assign(whole="all"), keys or ["whole"], measures)
    if keys:
        levels = [[*axis.levels, *([axis.total] if axis.total is not None else [])] for axis in axes]
        cells = cells.reindex(pd.MultiIndex.from_product(levels, names=keys))
    cells = cells.fillna(0).reset_index()
    columns = columns_of(measures)
    counts = {c.name: "int64" for c in columns if c.kind == "count"}
    cells = cells.astype(counts)
    for column in columns:
        if column.numerator is not None:
            cells[column.name] = _divided(cells[column.numerator], cells[str(column.denominator)])
    return cells[[*keys, *(column.name for column in columns)]]


def _summed(rows: pd.DataFrame, keys: list[str], measures: Sequence[Measure]) -> pd.DataFrame:
    sums = {"persons": rows.groupby(keys)["person_id"].nunique()}
    for measure in measures:
        name = measure.name
        if measure.kind == "ratio":
            amounts = dict.fromkeys((str(measure.numerator), str(measure.denominator)))
            amounts |= dict.fromkeys(measure.coverage[1:] if measure.coverage else ())
            sums |= {amount: rows.groupby(keys)[amount].sum() for amount in amounts}
            sums[f"{name}_persons"] = _persons(rows[rows[str(measure.denominator)] > 0], keys)
        elif measure.kind == "flag":
            sums[f"{name}_known"] = _persons(rows[rows[name].notna()], keys)
            sums[f"{name}_persons"] = _persons(rows[rows[name] == 1], keys)
        else:
            own = rows[rows[name].notna()].groupby([*keys, "person_id"])[name].mean()
            sums[f"{name}_sum"] = own.groupby(level=keys).sum()
            sums[f"{name}_persons"] = own.groupby(level=keys).size()
    frame = pd.DataFrame(sums)
    frame.index = pd.MultiIndex.from_frame(frame.index.to_frame(index=False)[keys])
    return frame


def _persons(rows: pd.DataFrame, keys: list[str]) -> pd.Series:
    counted: pd.Series = rows.groupby(keys)["person_id"].nunique()
    return counted


def _divided(above: pd.Series, below: pd.Series) -> pd.Series:
    there = below.to_numpy(dtype="float64")
    shares = np.divide(above.to_numpy(dtype="float64"), there, out=np.full(len(there), np.nan), where=there > 0)
    return pd.Series(shares, index=above.index)

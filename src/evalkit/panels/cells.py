"""Count and sum the cells of a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations, product

import numpy as np
import pandas as pd

from evalkit.errors import InputError
from evalkit.values import Axis, Column, Measure

PERSONS = Column("persons", "count")
ADDED = "events"
"""Unit of counts that are added up over a person's rows; others, such as the days of a longest spell, are averaged."""


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
    if measure.kind == "count":
        total = f"{name}_sum"
        return [
            Column(count, "count", denominator="persons"),
            Column(total, "amount", persons=count, unit=measure.unit, shown=False),
            Column(name, "mean", total, "persons", persons=count, unit=measure.unit, decimals=2),
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
    unit = "minutes" if name.endswith("_minutes") else "events"
    return Column(name, "amount", persons=persons, unit=unit, shown=False)


def count_cells(
    rows: pd.DataFrame, axes: tuple[Axis, ...], measures: Sequence[Measure], *, added: bool = False
) -> pd.DataFrame:
    """Fill a table: every combination of levels, and every margin over axes that have a total.

    Parameters
    ----------
    rows
        ``person_id``, the axes' columns as categoricals of text, and the measures' columns.
    axes
        How the rows are divided.
    measures
        What is counted and summed. A person stands once in a cell, however many rows there are: flagged if flagged in
        any of them, with the mean of the person's means and the sum of the person's counts of events.
    added
        Whether the rows hold counts and sums already, as those of a school panel do; then they are added up.

    Returns
    -------
    pandas.DataFrame
        One row per combination, with the columns of `columns_of`; counts and sums are 0 and ratios NaN where nobody is.
    """
    keys = [axis.name for axis in axes]
    totalled = [axis for axis in axes if axis.total is not None]
    margins = chain.from_iterable(combinations(totalled, size) for size in range(len(totalled) + 1))
    columns = columns_of(measures)
    parts = [_margin(rows, keys, margin, measures, added) for margin in margins]
    cells = pd.concat(parts)
    if keys:
        levels = [[*axis.levels, *([axis.total] if axis.total is not None else [])] for axis in axes]
        cells = pd.DataFrame(product(*levels), columns=keys).merge(cells, how="left", on=keys)
    numbers = {c.name: "int64" if c.kind == "count" else "float64" for c in columns if c.numerator is None}
    cells = cells.fillna(dict.fromkeys(numbers, 0)).astype(numbers)
    return divided(cells, columns)[[*keys, *(column.name for column in columns)]]


def _margin(
    rows: pd.DataFrame, keys: list[str], margin: tuple[Axis, ...], measures: Sequence[Measure], added: bool
) -> pd.DataFrame:
    """Sum over the axes of a margin; they stand at their totals."""
    totals = {axis.name: axis.total for axis in margin}
    kept = [key for key in keys if key not in totals]
    cells = (_added if added else summed)(rows.assign(whole="all"), kept or ["whole"], measures)
    return cells.reset_index().astype(dict.fromkeys(kept, "str")).assign(**totals)


def divided(cells: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """Add the columns that are one column of the cells divided by another, NaN where that is 0."""
    made = {}
    for column in columns:
        if column.numerator is not None:
            above, below = (cells[str(each)].to_numpy("float64") for each in (column.numerator, column.denominator))
            made[column.name] = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
    return cells.assign(**made)


def summed(rows: pd.DataFrame, keys: list[str], measures: Sequence[Measure]) -> pd.DataFrame:
    """Count and sum the rows of each key that stands in them: the columns of `columns_of` that are no quotients."""
    sums = {PERSONS.name: _persons(rows, keys)}
    for measure in measures:
        name = measure.name
        if measure.kind == "ratio":
            amounts = dict.fromkeys((str(measure.numerator), str(measure.denominator)))
            amounts |= dict.fromkeys(measure.coverage[1:] if measure.coverage else ())
            sums |= {amount: rows.groupby(keys, observed=True)[amount].sum() for amount in amounts}
            sums[f"{name}_persons"] = _persons(rows[rows[str(measure.denominator)] > 0], keys)
        elif measure.kind == "flag":
            sums[f"{name}_known"] = _persons(rows[rows[name].notna()], keys)
            sums[f"{name}_persons"] = _persons(rows[rows[name] == 1], keys)
        elif measure.kind == "count":
            own = _of_persons(rows, keys, name, "sum" if measure.unit == ADDED else "mean")
            sums[f"{name}_persons"] = (own > 0).groupby(level=keys, observed=True).sum()
            sums[f"{name}_sum"] = own.groupby(level=keys, observed=True).sum()
        else:
            own = _of_persons(rows[rows[name].notna()], keys, name, "mean")
            sums[f"{name}_sum"] = own.groupby(level=keys, observed=True).sum()
            sums[f"{name}_persons"] = own.groupby(level=keys, observed=True).size()
    return pd.DataFrame(sums).fillna(0)


def _added(rows: pd.DataFrame, keys: list[str], measures: Sequence[Measure]) -> pd.DataFrame:
    names = [column.name for column in columns_of(measures) if column.numerator is None]
    cells: pd.DataFrame = rows.groupby(keys, observed=True)[names].sum()
    return cells


def _of_persons(rows: pd.DataFrame, keys: list[str], name: str, how: str) -> pd.Series:
    own: pd.Series = rows.groupby([*keys, "person_id"], observed=True)[name].agg(how)
    return own


def _persons(rows: pd.DataFrame, keys: list[str]) -> pd.Series:
    counted: pd.Series = rows[[*keys, "person_id"]].drop_duplicates().groupby(keys, observed=True).size()
    return counted

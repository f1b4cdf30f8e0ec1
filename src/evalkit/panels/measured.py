"""Carry out measures on a panel's rows, in one question to the engine."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd

from evalkit.errors import DesignError, InputError
from evalkit.panels.guard import check_result
from evalkit.values import Measure, Tables

KEYS = ["person_id", "period"]


def measured(rows: pd.DataFrame, tables: Tables, grid: ibis.Table, measures: tuple[Measure, ...]) -> pd.DataFrame:
    """Measure every row.

    Parameters
    ----------
    rows
        ``person_id`` and ``term``, each pair once.
    tables
        What the measures read.
    grid
        The same rows as Ibis table, as measures take it.
    measures
        Carried out together, so that sums they share are made once.

    Returns
    -------
    pandas.DataFrame
        In the order of ``rows``: each measure's columns and its name. A ratio's sums and a count are 0 where there was
        nothing to sum, the ratio is NaN where its denominator is 0; flags are 0.0, 1.0 or NaN.

    Raises
    ------
    InputError
        If a measure lacks a column it declares.
    DesignError
        If a measure would see later facts, or gives a person and period twice.
    """
    joined = grid.select(*KEYS)
    for measure in measures:
        result = _carried_out(measure, tables, grid)
        check_result(measure, result, grid)
        part = result.select(*KEYS, *measure.columns)
        joined = joined.left_join(part, KEYS).drop("person_id_right", "period_right")
    found = joined.execute()
    if found.duplicated(KEYS).any():
        raise DesignError(
            f"a measure among {', '.join(m.name for m in measures)} gives a person and period more than once",
            remedy="let compute give at most one row per person and period",
        )
    placed = rows[["person_id", "term"]].merge(
        found.rename(columns={"period": "term"}), how="left", on=["person_id", "term"]
    )
    whole = {name for name, kind in joined.schema().items() if kind.is_integer()}
    frames = [_settled(placed[list(measure.columns)], measure, whole) for measure in measures]
    return pd.concat([pd.DataFrame(index=rows.index), *frames], axis=1)


def _carried_out(measure: Measure, tables: Tables, grid: ibis.Table) -> ibis.Table:
    try:
        return measure.compute(tables, grid)
    except KeyError as fault:
        raise InputError(str(fault.args[0]), remedy="name the table under sources in the site file") from None


def _settled(values: pd.DataFrame, measure: Measure, whole: set[str]) -> pd.DataFrame:
    if measure.kind == "ratio":
        sums = values.fillna(0).astype({name: "int64" for name in values if name in whole})
        below = sums[measure.denominator].to_numpy(dtype="float64")
        above = sums[measure.numerator].to_numpy(dtype="float64")
        rate = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
        return sums.assign(**{measure.name: rate})
    if measure.kind == "count":
        return values.fillna(0).astype("int64")
    if measure.kind == "state":
        return values.astype("str")
    return values.astype("float64")

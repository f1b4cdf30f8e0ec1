"""Tables of what was counted outside a panel, such as who is on site hour by hour, or what forums a school held."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import numpy as np
import pandas as pd

from evalkit.errors import DesignError, InputError
from evalkit.panels.cells import PERSONS
from evalkit.values import Axis, Column, Table, Tables, fingerprint

MISSING_LEVEL = "missing"
ADDED = ("count", "amount")


def count_table(
    counts: ibis.Table,
    tables: Tables,
    *,
    by: Sequence[str],
    about: str,
    name: str,
    columns: Sequence[Column] = (PERSONS,),
) -> Table:
    """Make a table of what was counted, so that it can be protected.

    Parameters
    ----------
    counts
        Ibis table with the columns of ``by`` and those of ``columns`` that are not divided from others: by default
        ``persons``, the number of different persons in each combination. A combination without anyone may be absent.
    tables
        The site's tables that were counted in.
    by
        What divides them. Nobody is said to stand in one level only, so there are no totals.
    about
        Who is counted, such as ``"on site 2024-03-05"``: tables about the same persons are protected together.
    name
        Stable name of the table.
    columns
        What the columns say, and which of them are about persons (``sensitive``). Those with a denominator that are
        shares, rates or means are divided here.

    Returns
    -------
    Table
        Every combination of the levels that occur; where nothing was counted, counts and sums are 0 and the rest is
        missing. The universe is the digest of the site's tables and of whom the counts are about.

    Raises
    ------
    InputError
        If a column is not there.
    DesignError
        If nothing was counted.
    """
    divided = {each.name: each for each in columns if each.kind in ("share", "rate", "mean") and each.denominator}
    given = [each.name for each in columns if each.name not in divided]
    absent = [column for column in (*by, *given) if column not in counts.columns]
    if absent:
        raise InputError(f"the counts have no column {', '.join(absent)}", remedy="divide by a column they have")
    frame = counts.select(*by, *given).execute()
    if frame.empty:
        raise DesignError(f"nobody is counted in the table {name!r}", remedy="choose another day, or check the tables")
    levels = {column: _levels(frame[column]) for column in by}
    for column in by:
        frame[column] = frame[column].map(str, na_action="ignore").astype("object").fillna(MISSING_LEVEL)
    every = pd.MultiIndex.from_product([levels[column] for column in by], names=list(by)).to_frame(index=False)
    whole = every.merge(frame, how="left", on=list(by))
    for each in columns:
        if each.kind in ADDED:
            whole[each.name] = whole[each.name].fillna(0)
        if each.kind == "count":
            whole[each.name] = whole[each.name].astype("int64")
    for each in divided.values():
        above, below = (whole[str(part)].to_numpy("float64") for part in (each.numerator, each.denominator))
        whole[each.name] = np.divide(above, below, out=np.full(len(whole), np.nan), where=below > 0)
    return Table(
        name=name,
        universe=fingerprint("counted", "" if tables.origin is None else tables.origin.tables, about),
        axes=tuple(Axis(column, tuple(levels[column]), None, partition=False) for column in by),
        columns=tuple(columns),
        frame=whole,
        origin=tables.origin,
    )


def _levels(column: pd.Series) -> list[str]:
    known = [str(level) for level in sorted(column.dropna().unique())]
    return [*known, MISSING_LEVEL] if column.isna().any() else known

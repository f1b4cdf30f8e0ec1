"""A table of persons that were counted outside a panel, such as who is on site hour by hour."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import pandas as pd

from evalkit.errors import DesignError, InputError
from evalkit.values import Axis, Column, Table, Tables, fingerprint

MISSING_LEVEL = "missing"


def count_table(counts: ibis.Table, tables: Tables, *, by: Sequence[str], about: str, name: str) -> Table:
    """Make a table of counted persons, so that it can be protected.

    Parameters
    ----------
    counts
        Ibis table with the columns of ``by`` and ``persons``, the number of different persons in each combination; a
        combination without anyone may be absent.
    tables
        The site's tables that were counted in.
    by
        What divides the persons. Nobody is said to stand in one level only, so there are no totals.
    about
        Who is counted, such as ``"on site 2024-03-05"``: tables about the same persons are protected together.
    name
        Stable name of the table.

    Returns
    -------
    Table
        Every combination of the levels that occur, 0 where nobody is. The universe is the digest of the site's tables
        and of whom the counts are about.

    Raises
    ------
    InputError
        If a column is not there.
    DesignError
        If nobody was counted.
    """
    absent = [column for column in (*by, "persons") if column not in counts.columns]
    if absent:
        raise InputError(f"the counts have no column {', '.join(absent)}", remedy="divide by a column they have")
    frame = counts.select(*by, "persons").execute()
    if frame.empty:
        raise DesignError(f"nobody is counted in the table {name!r}", remedy="choose another day, or check the tables")
    ordered = {column: sorted(frame[column].dropna().unique()) for column in by}
    levels = {column: [str(level) for level in ordered[column]] for column in by}
    for column in by:
        if frame[column].isna().any():
            levels[column].append(MISSING_LEVEL)
        frame[column] = frame[column].map(str, na_action="ignore").astype("object").fillna(MISSING_LEVEL)
    cells = frame.set_index(list(by))["persons"].sort_index()
    every = pd.MultiIndex.from_product([levels[column] for column in by], names=list(by))
    # a single level makes a plain index, which from_product does not match
    cells.index = pd.MultiIndex.from_frame(cells.index.to_frame(index=False)[list(by)])
    whole = cells.reindex(every, fill_value=0).astype("int64").reset_index()
    return Table(
        name=name,
        universe=fingerprint("counted", "" if tables.origin is None else tables.origin.tables, about),
        axes=tuple(Axis(column, tuple(levels[column]), None, partition=False) for column in by),
        columns=(Column("persons", "count"),),
        frame=whole,
        origin=tables.origin,
    )

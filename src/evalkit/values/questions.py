"""Definitions written out as SQL over empty tables, so that a definition changed in a notebook has another digest."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import ibis
from ibis.common.exceptions import IbisError

from evalkit.errors import InputError
from evalkit.values.known import Known
from evalkit.values.tables import Tables
from evalkit.vocabulary.schema import table_names, table_schema

IBIS_TYPES = {"string": "string", "integer": "int64", "number": "float64", "boolean": "boolean", "date": "date"}
GRID = {"person_id": "string", "school_id": "string", "period": "string", "start": "date", "end": "date"}
PACKAGE = "evalkit"


@cache
def empty_tables() -> Tables:
    """Return all canonical tables with their columns and no rows behind them."""
    types = {
        name: {column.name: IBIS_TYPES[column.type] for column in table_schema(name).columns} | {"known_from": "date"}
        for name in table_names()
    }
    return Tables({name: ibis.table(columns, name=name) for name, columns in types.items()})


def empty_known() -> Known:
    """Return what is known of an empty grid over `empty_tables`."""
    return Known(empty_tables(), ibis.table(GRID, name="grid"))


def written_out(name: str, ask: Callable[[], tuple[ibis.Table, ...]]) -> tuple[str, ...]:
    """Return questions as SQL.

    Parameters
    ----------
    name
        Of the definition, for the error.
    ask
        Makes the expressions over `empty_tables`.

    Raises
    ------
    InputError
        If they are no expressions over the canonical tables.
    """
    try:
        return tuple(str(ibis.to_sql(each, dialect="duckdb")) for each in ask())
    except (IbisError, AttributeError, TypeError) as fault:
        raise InputError(
            f"the definition {name!r} cannot be written as questions to the canonical tables ({fault})",
            remedy="let its functions give Ibis expressions over the columns of the schema",
        ) from fault


def is_own(function: Callable[..., object]) -> bool:
    """Tell whether a function was written outside the package, whose own code is part of every stored result's key."""
    return getattr(function, "__module__", "").partition(".")[0] != PACKAGE

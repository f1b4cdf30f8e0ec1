"""What a reader hands on: rows of one canonical table as the file has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import ibis

from evalkit.sources.config import SWEDISH


@dataclass(frozen=True, eq=False)
class Extract:
    """Rows of one canonical table, with canonical column names and values as written.

    Parameters
    ----------
    table
        Canonical name.
    rows
        The canonical columns the file has, as text or already typed, and ``_at``.
    values
        Canonical code by code in the file, by column.
    strict_values
        Whether a code missing from a column's ``values`` is a fault; otherwise it stays as written.
    date_format, decimal, end_is_last_day
        As in `Source`.
    identities
        Scheme of persons' identities, as in `Source`.
    pseudonymised
        Whether identity columns hold pseudonyms already.
    """

    table: str
    rows: ibis.Table
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    strict_values: bool = True
    date_format: str | None = None
    decimal: str = "."
    end_is_last_day: bool = False
    identities: str = SWEDISH
    pseudonymised: bool = False

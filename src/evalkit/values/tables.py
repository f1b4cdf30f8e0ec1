"""The checked, pseudonymised tables of one site, open for questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import ibis

from evalkit.values.origin import Origin
from evalkit.values.period import Period


@dataclass(frozen=True, eq=False)
class Tables:
    """Canonical tables of one site as Ibis tables on one connection.

    Parameters
    ----------
    named
        Table expressions by canonical name (``persons``, ``attendance``, ...). A table the site does not have is
        absent.
    origin
        Study, site and store; None for tables made by hand.
    terms
        The study's terms in order; a term's place in it is its ``time`` in every panel.
    assignment_date
        Pupils belong to the school they had on this day.
    named_schools
        School unit codes that readers see by name; all others are numbered within ``place``.
    place
        Name of the site, such as ``"Ale"``.
    """

    named: Mapping[str, ibis.Table]
    origin: Origin | None = None
    terms: tuple[Period, ...] = ()
    assignment_date: date | None = None
    named_schools: tuple[str, ...] = ()
    place: str = ""

    def __getitem__(self, name: str) -> ibis.Table:
        """Return one table; a table the site did not hand over is a KeyError that names it."""
        if name not in self.named:
            raise KeyError(f"this site handed over no table {name!r}; it has {', '.join(sorted(self.named))}")
        return self.named[name]

    def __contains__(self, name: object) -> bool:
        return name in self.named

    def known_before(self, day: date) -> Tables:
        """Return the tables as they could be read on a day: without facts whose ``known_from`` is that day or later."""
        seen = {name: table.filter(table.known_from < ibis.literal(day)) for name, table in self.named.items()}
        return replace(self, named=seen)

"""The checked, pseudonymised tables of one site, open for questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import ibis

from evalkit.values.origin import Origin
from evalkit.values.period import Period
from evalkit.vocabulary.schema import table_schema

UNMARKED = "none"


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

    def exportable(self, name: str) -> ibis.Table:
        """Return what of a table may leave row by row; the only rows that any delivery may take.

        Persons with a marking (secrecy or protected registration) are left out, and so is everyone whom the table
        persons does not know to be without one. Columns that the schema restricts are left out. Aggregates take the
        table itself.

        Raises
        ------
        KeyError
            If the table is not there, has nothing but restricted columns, or holds persons while the table persons
            is not there to tell of markings.
        """
        schema = table_schema(name)
        free = [column.name for column in schema.columns if not column.restricted]
        if not free:
            raise KeyError(f"the table {name} is restricted as a whole; no row of it leaves")
        rows = self[name]
        for column in schema.columns:
            if column.identity == "person":
                persons = self["persons"]
                unmarked = persons.filter(persons.security_marking == UNMARKED)
                rows = rows.semi_join(unmarked, rows[column.name] == unmarked.person_id)
        return rows.select(*free, "known_from")

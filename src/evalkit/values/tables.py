"""The checked, pseudonymised tables of one site, open for questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import ibis

from evalkit.values.origin import Origin
from evalkit.values.period import Period
from evalkit.vocabulary.schema import ColumnSchema, table_names, table_schema

UNMARKED = "none"
ALWAYS = "always"


def seen_columns(name: str, columns: Sequence[str], rows: ibis.Table, before: ibis.Value) -> list[ibis.Value]:
    """Return a table's columns, missing where they became known only on a day or later.

    Parameters
    ----------
    name
        Canonical table; of any other, all columns are taken to be known with their row.
    columns
        Which of its columns.
    rows
        The table, or a join in which its columns keep their names.
    before
        The day, a date for each row.

    Returns
    -------
    list of ibis.Value
        The columns. Where the day that makes a column known is missing, so is the column; only one that is never
        missing (an enrolment ``cancelled`` without an end was never begun) stands as it is.
    """
    later = {}
    if name in table_names():
        later = {column.name: column for column in table_schema(name).columns if column.known_from in columns}
    return [_masked(rows, later[column], before) if column in later else rows[column] for column in columns]


def _masked(rows: ibis.Table, column: ColumnSchema, before: ibis.Value) -> ibis.Value:
    value, day = rows[column.name], rows[str(column.known_from)]
    known = day < before
    if column.nullable:
        return ibis.ifelse(known, value, ibis.null(value.type())).name(column.name)
    default = ibis.literal(column.default).cast(value.type())
    return ibis.ifelse(known | day.isnull(), value, default).name(column.name)


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
        """Return the tables as they could be read on a day.

        Facts whose ``known_from`` is that day or later are left out; of those that remain, columns that became known
        on that day or later (ends, outcomes, grades) are missing.
        """
        until = ibis.literal(day)
        seen = {
            name: table.filter(table.known_from < until).select(*seen_columns(name, table.columns, table, until))
            for name, table in self.named.items()
        }
        return replace(self, named=seen)

    @staticmethod
    def always_known(name: str) -> bool:
        """Tell whether nothing of a table becomes known over time."""
        schema = table_schema(name)
        return schema.known_from == ALWAYS and not any(column.known_from for column in schema.columns)

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


def took_place(enrolments: ibis.Table) -> ibis.Value:
    """Tell which enrolments count: all that lasted until an end, broken off or not, and all that still last.

    One that was cancelled without an end was never begun. To leave out those broken off would be to choose pupils by
    how it went for them.
    """
    return ~enrolments.cancelled | enrolments.end.notnull()

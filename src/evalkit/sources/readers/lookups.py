"""Lookups: other files whose columns are joined to a source's rows by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis

from evalkit.errors import InputError, Where
from evalkit.sources.config import Lookup
from evalkit.sources.readers.raw import Raw
from evalkit.sources.readers.written import as_text
from evalkit.sources.register import AT, FileRegister, Remark
from evalkit.sources.told import rows_phrase

MATCHED = "_matched"


@dataclass(frozen=True, eq=False)
class ReadLookup:
    """A lookup's rows, read.

    Parameters
    ----------
    name
        As the site file calls it; its columns are ``name.heading``.
    said
        What the site file says of it.
    raw
        Its rows.
    """

    name: str
    said: Lookup
    raw: Raw


def check_lookup(lookup: ReadLookup, register: FileRegister) -> list[InputError]:
    """Return a fault if several rows of a lookup bear the same key."""
    rows, headings = lookup.raw.rows, tuple(lookup.said.match.values())
    keys = rows.select(AT, **{f"k{place}": _key(lookup.raw, heading) for place, heading in enumerate(headings)})
    keys = keys.drop_null()
    counted = keys.group_by([name for name in keys.columns if name != AT]).aggregate(
        n=keys.count(), last=keys[AT].max()
    )
    twice = counted.filter(counted.n > 1)
    answer = twice.aggregate(n=twice.count(), first=twice["last"].min()).to_pyarrow().to_pylist()[0]
    if not answer["n"]:
        return []
    where = register.where(answer["first"])
    return [
        InputError(
            f"{answer['n']} key{'s' if answer['n'] > 1 else ''} of the lookup {lookup.name} stand in several rows",
            where=Where(where.file, where.sheet, " + ".join(headings), where.row),
            remedy="keep one row of each key, or match by more columns",
        )
    ]


def join_lookups(raw: Raw, lookups: Sequence[ReadLookup]) -> Raw:
    """Return the rows with the columns of every lookup, named ``lookup.heading``, and whether each matched.

    The keys are compared as texts without blanks at their ends; whole numbers without a decimal part.
    """
    rows, columns = raw.rows, dict(raw.columns)
    for place, lookup in enumerate(lookups):
        keys = [Raw(rows, columns), lookup.raw]
        own = {f"j{place}_{part}": _key(keys[0], heading) for part, heading in enumerate(lookup.said.match)}
        theirs = {f"j{place}_{part}": _key(keys[1], heading) for part, heading in enumerate(lookup.said.match.values())}
        named = {heading: f"l{place}_{part}" for part, heading in enumerate(lookup.raw.columns)}
        values = {named[heading]: lookup.raw.rows[column] for heading, column in lookup.raw.columns.items()}
        other = lookup.raw.rows.select(**theirs, **values, **{f"{MATCHED}{place}": ibis.literal(True)}).drop_null(
            list(theirs)
        )
        joined = rows.mutate(**own).left_join(other, list(own))
        rows = joined.drop(*[name for name in joined.columns if name.startswith(f"j{place}_")])
        columns |= {f"{lookup.name}.{heading}": column for heading, column in named.items()}
    return Raw(rows, columns)


def check_unmatched(joined: Raw, lookups: Sequence[ReadLookup], register: FileRegister) -> list[InputError]:
    """Return a fault per lookup that lacks a row it must have; remark on one that need not."""
    faults = []
    for place, lookup in enumerate(lookups):
        lost = joined.rows[f"{MATCHED}{place}"].isnull()
        answer = joined.rows.aggregate(n=lost.sum(), first=joined.rows[AT].min(where=lost)).to_pyarrow().to_pylist()[0]
        if not answer["n"]:
            continue
        where = register.where(answer["first"])
        where = Where(where.file, where.sheet, " + ".join(lookup.said.match), where.row)
        problem = f"{rows_phrase(answer['n'])}: the lookup {lookup.name} has no row for this"
        if lookup.said.unmatched == "missing":
            register.remarks.append(Remark("lookup_without_row", {"lookup": lookup.name}, where, answer["n"]))
        else:
            remedy = f"complete the lookup, or set `unmatched: missing` for {lookup.name} in the site file"
            faults.append(InputError(problem, where=where, remedy=remedy))
    return faults


def lookup_headings(lookups: Mapping[str, Lookup], asked: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the headings wanted of each lookup: its keys, and what the source's columns and later lookups name.

    Parameters
    ----------
    asked
        Headings that the source names, with ``lookup.`` before those of lookups.
    """
    wanted: dict[str, dict[str, str]] = {
        name: dict.fromkeys(lookup.match.values(), "") for name, lookup in lookups.items()
    }
    for heading in (*asked, *[own for lookup in lookups.values() for own in lookup.match]):
        name, _, rest = heading.partition(".")
        if name in lookups and rest:
            wanted[name][rest] = ""
    return wanted


def _key(raw: Raw, heading: str) -> ibis.StringValue:
    return as_text(raw.value(heading))

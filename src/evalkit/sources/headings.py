"""The headings of a file against the canonical columns."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence

from evalkit.errors import InputError, Where
from evalkit.sources.config import Source
from evalkit.vocabulary.schema import TableSchema


def check_column_map(source: Source, schema: TableSchema, label: str) -> list[InputError]:
    """Return the faults of a source's column map and value maps against the schema."""
    faults = []
    for name in (*source.columns, *source.values):
        if name not in schema.column_names:
            faults.append(
                InputError(
                    f"the table {schema.name} has no column {name}",
                    where=Where(file=label, column=name),
                    remedy=_suggestion(name, schema.column_names, "correct the site file"),
                )
            )
    for name, codes in source.values.items():
        allowed = schema.column(name).allowed if name in schema.column_names else ()
        foreign = sorted({code for code in codes.values() if code and allowed and code not in allowed})
        if foreign:
            faults.append(
                InputError(
                    f"`values` turns codes of {name} into {', '.join(foreign)}, which {schema.name} does not know",
                    where=Where(file=label, column=source.columns.get(name, name)),
                    remedy=f"in the site file, use {', '.join(allowed)}",
                )
            )
    return faults


def match_headings(
    source: Source, schema: TableSchema, headings: Sequence[str], label: str, *, known: Collection[str] = ()
) -> tuple[dict[str, str], list[InputError]]:
    """Find each canonical column's heading.

    Parameters
    ----------
    headings
        Of the file, as read.
    label
        The file as users know it.
    known
        Canonical columns that the site file tells another way.

    Returns
    -------
    tuple
        Heading by canonical column, and the faults found.
    """
    found: dict[str, str] = {}
    faults: list[InputError] = []
    for column in schema.columns:
        wanted = source.columns.get(column.name, column.name)
        if wanted in headings:
            found[column.name] = wanted
            if headings.count(wanted) > 1:
                faults.append(_twice(wanted, label))
        elif column.name in source.columns or not (column.nullable or column.default or column.name in known):
            faults.append(_absent(wanted, column.name, headings, label))
    return found, faults


def _twice(heading: str, label: str) -> InputError:
    return InputError(
        "two columns have the same heading",
        where=Where(file=label, row=1, column=heading),
        remedy="give them different headings, or take one away",
    )


def _absent(wanted: str, canonical: str, headings: Sequence[str], label: str) -> InputError:
    about = "" if wanted == canonical else f", which the site file names for {canonical}"
    if len(headings) == 1:
        remedy = "the file has one column only: correct `separator` in the site file"
    else:
        remedy = _suggestion(
            wanted, headings, f"name the right heading for {canonical} under `columns` in the site file"
        )
    return InputError(
        f"the file has no column {wanted}{about}", where=Where(file=label, row=1, column=wanted), remedy=remedy
    )


def _suggestion(wanted: str, choices: Sequence[str], otherwise: str) -> str:
    by_lower = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(wanted.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean {by_lower[close[0]]}? If not, {otherwise}" if close else otherwise

"""The headings of a file against those that the site file names."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping, Sequence

from evalkit.errors import InputError, Where
from evalkit.sources.config import ColumnMap, Source
from evalkit.vocabulary.schema import TableSchema


def tidy(heading: str) -> str:
    """Return a heading as it is compared: composed letters (NFC), single blanks, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", heading).replace("\ufeff", "").split())


def heading_of(entry: str | ColumnMap | None, canonical: str) -> str:
    """Return what users call a canonical column: its heading, or those that it is made of."""
    if entry is None or isinstance(entry, str):
        return entry or canonical
    return entry.column or " + ".join(entry.combine) or canonical


def check_column_map(source: Source, schema: TableSchema, label: str) -> list[InputError]:
    """Return the faults of a source's column map and value maps against the schema."""
    faults = []
    for name in dict.fromkeys((*source.columns, *source.values)):
        if name not in schema.column_names:
            faults.append(
                InputError(
                    f"the table {schema.name} has no column {name}",
                    where=Where(file=label, column=name),
                    remedy=suggest(name, schema.column_names, "correct the site file"),
                )
            )
    for name, codes in source.values.items():
        allowed = schema.column(name).allowed if name in schema.column_names else ()
        banded = getattr(source.columns.get(name), "bands", ())
        foreign = sorted({code for code in codes.values() if code and allowed and code not in allowed})
        if foreign and not banded:
            faults.append(
                _foreign(name, foreign, allowed, Where(file=label, column=_heading(source, name)), schema.name)
            )
    for name, entry in source.columns.items():
        allowed = schema.column(name).allowed if name in schema.column_names else ()
        made = [] if isinstance(entry, str) else [code for _, code in entry.bands]
        foreign = sorted({code for code in made if allowed and code not in allowed})
        if foreign:
            faults.append(_foreign(name, foreign, allowed, Where(file=label, column=name), schema.name))
    return faults


def match_headings(
    needed: Mapping[str, str], welcome: Mapping[str, str], headings: Sequence[str], where: Where
) -> tuple[dict[str, int], list[InputError]]:
    """Find each wanted heading.

    Parameters
    ----------
    needed, welcome
        Headings that must be there, and those that may, with the canonical column each is for.
    headings
        Of the file, tidied.
    where
        File, sheet and row of the headings.

    Returns
    -------
    tuple
        Place (from 0) by wanted heading, and the faults found.
    """
    found: dict[str, int] = {}
    faults: list[InputError] = []
    for wanted, canonical in {**welcome, **needed}.items():
        plain = tidy(wanted)
        if plain in headings:
            found[wanted] = headings.index(plain)
            if headings.count(plain) > 1:
                faults.append(_twice(wanted, where))
        elif wanted in needed:
            faults.append(_absent(wanted, canonical, headings, where))
    return found, faults


def suggest(name: str, choices: Sequence[str], otherwise: str) -> str:
    """Return a remedy that guesses what was meant, if anything is alike."""
    by_lower = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean {by_lower[close[0]]}? If not, {otherwise}" if close else otherwise


def _heading(source: Source, name: str) -> str:
    return heading_of(source.columns.get(name), name)


def _foreign(name: str, foreign: Sequence[str], allowed: Sequence[str], where: Where, table: str) -> InputError:
    return InputError(
        f"`values` turns codes of {name} into {', '.join(foreign)}, which {table} does not know",
        where=where,
        remedy=f"in the site file, use {', '.join(allowed)}",
    )


def _twice(heading: str, where: Where) -> InputError:
    return InputError(
        "two columns have the same heading",
        where=Where(where.file, where.sheet, heading, where.row),
        remedy="give them different headings, or take one away",
    )


def _absent(wanted: str, canonical: str, headings: Sequence[str], where: Where) -> InputError:
    about = "" if canonical in ("", wanted) else f", which the site file names for {canonical}"
    if len(headings) == 1:
        remedy = "the file has one column only: correct `separator` in the site file"
    else:
        told = f"name the right heading for {canonical or wanted} under `columns` in the site file"
        remedy = suggest(wanted, headings, told)
    return InputError(
        f"the file has no column {wanted}{about}",
        where=Where(where.file, where.sheet, wanted, where.row),
        remedy=remedy,
    )

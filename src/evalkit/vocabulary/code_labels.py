"""What the codes of the canonical tables are called in Swedish and English."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from evalkit.vocabulary.certainty import Provenance, certainty_mark
from evalkit.vocabulary.connectedness import dimensions, label_set_provenance
from evalkit.vocabulary.reading import read_toml
from evalkit.vocabulary.school_types import Language

_DIMENSION_COLUMN = "dimension"


@dataclass(frozen=True)
class CodeList:
    """The codes that one or several columns may hold.

    Parameters
    ----------
    name
        Of the list.
    labels
        (code, Swedish, English) in the order they are told.
    since
        The day the list is in force from; None where its own facts tell.
    provenance
        Where it is from, and how sure it is.
    columns
        ``table.column`` of every column that uses it.
    """

    name: str
    labels: tuple[tuple[str, str, str], ...]
    since: date | None
    provenance: Provenance
    columns: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes in order."""
        return tuple(code for code, _, _ in self.labels)

    def label(self, code: str, language: Language = "sv") -> str:
        """Return what a code is called.

        Raises
        ------
        KeyError
            If the list has no such code; the message lists those it has.
        """
        for known, sv, en in self.labels:
            if known == code:
                return sv if language == "sv" else en
        raise KeyError(f"{self.name} has no code {code!r}; it has {', '.join(self.codes)}")


@cache
def code_lists() -> tuple[CodeList, ...]:
    """Return every list of codes, the dimensions of connectedness last."""
    read = tuple(
        CodeList(
            name=entry["name"],
            labels=tuple((label["code"], label["sv"], label["en"]) for label in entry["codes"]),
            since=entry["since"],
            provenance=Provenance(entry["source"], certainty_mark(entry["certainty"])),
            columns=tuple(entry["columns"]),
        )
        for entry in read_toml("code_labels")["lists"]
    )
    return (*read, _dimensions())


def code_list(name: str) -> CodeList:
    """Return one list by its name.

    Raises
    ------
    KeyError
        If there is no such list; the message lists those there are.
    """
    for found in code_lists():
        if found.name == name:
            return found
    raise KeyError(f"no list of codes {name!r}; there are {', '.join(found.name for found in code_lists())}")


def codes_of_column(table: str, column: str) -> CodeList:
    """Return the list that a column's codes are from.

    Raises
    ------
    KeyError
        If the column's codes have no labels.
    """
    if column == _DIMENSION_COLUMN:
        return code_list(_DIMENSION_COLUMN)
    for found in code_lists():
        if f"{table}.{column}" in found.columns:
            return found
    raise KeyError(f"the codes of {table}.{column} have no labels")


def code_label(table: str, column: str, code: str, language: Language = "sv") -> str:
    """Return what a code of a column is called.

    Raises
    ------
    KeyError
        If the column has no labels, or none for this code.
    """
    return codes_of_column(table, column).label(code, language)


def _dimensions() -> CodeList:
    return CodeList(
        name=_DIMENSION_COLUMN,
        labels=tuple((found.code, found.label("sv"), found.label("en")) for found in dimensions()),
        since=None,
        provenance=label_set_provenance("research"),
    )

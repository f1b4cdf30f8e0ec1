"""The canonical schema: what every table and column holds, read from ``tables/*.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, Literal

ColumnType = Literal["string", "integer", "number", "boolean", "date"]
Identity = Literal["", "person", "staff"]
RuleKind = Literal["not_more_than", "not_less_than", "end_after_start", "no_overlap", "within_enrolment"]

ALWAYS = "always"
"""A fact that was there before any study begins."""

_NAMES = (
    "persons",
    "school_units",
    "buildings",
    "enrolments",
    "courses",
    "attendance",
    "checkins",
    "absences",
    "incidents",
    "grades",
    "forums",
    "forum_statements",
    "survey",
    "staff_survey",
    "implementation",
    "support",
    "plans",
    "contacts",
    "handovers",
    "statuses",
    "participants",
    "aliases",
)


@dataclass(frozen=True)
class ColumnSchema:
    """One column of a canonical table.

    Parameters
    ----------
    name, type
        As stored.
    sv, en
        What it holds.
    nullable
        Whether a value may be missing.
    allowed
        Codes it may hold; empty where any text may stand.
    minimum, maximum
        Smallest and largest number, both inside.
    unit
        Such as ``"minutes"``.
    pattern, example
        Regular expression that the whole text follows, and a text that does.
    references
        ``table.column`` in which every value must stand. Where this column may be missing, values are checked only
        if that table was handed over; where it may not, the table must be.
    known_from
        Date column that says when this column's fact existed, if later than the row's.
    identity
        Whose identity number sources hold here, which becomes a pseudonym; empty where it is none.
    pad
        Digits the code has; leading zeros that a program took are put back.
    clock
        Whether sources may write it as ``08:30``.
    interval_end
        Whether it ends a half-open interval, so that a source's last day becomes the day after.
    default
        What a missing value means.
    known_if
        Boolean column: where it is false the value is unknown, where it is true a missing value is 0.
    restricted
        Whether it is a special category of data or otherwise sensitive: in aggregates only, never in an export.
    """

    name: str
    type: ColumnType
    sv: str
    en: str
    nullable: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    pattern: str | None = None
    example: str = ""
    references: str | None = None
    known_from: str | None = None
    identity: Identity = ""
    pad: int | None = None
    clock: bool = False
    interval_end: bool = False
    default: str | None = None
    known_if: str | None = None
    restricted: bool = False

    @property
    def demanded_table(self) -> str:
        """Return the table that must be handed over with this one; empty if the column demands none."""
        return "" if self.references is None or self.nullable else self.references.partition(".")[0]


@dataclass(frozen=True)
class Rule:
    """One rule over several columns or rows.

    Parameters
    ----------
    id
        Stable name.
    kind
        ``not_more_than`` and ``not_less_than``: the sum of ``left`` against ``right`` with ``tolerance``, where
        ``when`` is true; ``end_after_start``; ``no_overlap`` of the intervals ``per`` group; ``within_enrolment``:
        ``date`` lies in an interval of the table ``of`` that agrees on ``per``.
    severity
        A fault stops the import; a warning is told.
    """

    id: str
    kind: RuleKind
    left: tuple[str, ...] = ()
    right: str = ""
    tolerance: float = 0
    when: str = ""
    per: tuple[str, ...] = ()
    date: str = ""
    of: str = ""
    start: str = ""
    end: str = ""
    severity: Literal["fault", "warning"] = "fault"


@dataclass(frozen=True)
class TableSchema:
    """One canonical table.

    Parameters
    ----------
    name
        As stored.
    sv, en
        What it holds.
    columns
        In the order stored; the date column ``known_from`` follows them.
    key
        Columns that no two rows share.
    known_from
        Date column that says when a row's fact existed, or ``"always"``.
    order
        Columns the store sorts by.
    partition
        ``"school_year"`` where the store keeps one file per school year of ``known_from``.
    stored
        Whether the store keeps it; otherwise it is read, used while taking in, and forgotten.
    """

    name: str
    sv: str
    en: str
    columns: tuple[ColumnSchema, ...]
    key: tuple[str, ...]
    known_from: str
    order: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    partition: Literal["", "school_year"] = ""
    stored: bool = True

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the names of the columns in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> ColumnSchema:
        """Return one column.

        Raises
        ------
        KeyError
            If the table has no such column; the message lists those it has.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"the table {self.name} has no column {name!r}; it has {', '.join(self.column_names)}")


@cache
def table_names() -> tuple[str, ...]:
    """Return the names of the canonical tables that the store keeps, those that others refer to first."""
    return tuple(name for name in _NAMES if table_schema(name).stored)


@cache
def table_schema(name: str) -> TableSchema:
    """Return the schema of one table, stored or not.

    Raises
    ------
    KeyError
        If there is no such table; the message lists those there are.
    """
    if name not in _NAMES:
        raise KeyError(f"there is no canonical table {name!r}; there are {', '.join(_NAMES)}")
    return read_schema((files("evalkit.vocabulary") / "tables" / f"{name}.toml").read_text(encoding="utf-8"))


def read_schema(text: str) -> TableSchema:
    """Return the schema that a TOML text tells.

    Raises
    ------
    ValueError
        If it says anything that a table, column or rule does not have.
    """
    entry = tomllib.loads(text)
    columns = tuple(_typed(ColumnSchema, column) for column in entry.pop("columns"))
    rules = tuple(_typed(Rule, rule) for rule in entry.pop("rules", ()))
    entry.setdefault("order", entry["key"])
    table: TableSchema = _typed(TableSchema, entry | {"columns": columns, "rules": rules})
    return table


def _typed(noun: type[Any], entry: dict[str, Any]) -> Any:
    unknown = set(entry) - {field.name for field in fields(noun)}
    if unknown:
        raise ValueError(f"the schema says {', '.join(sorted(unknown))}, which {noun.__name__} has not")
    return noun(**{name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()})

"""Small tables of counts drawn in tests, and what readers see of them once protected.

A drawn table has a header line and one line a row, columns divided by spaces; ``-`` is missing, ``all`` the total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from evalkit.disclosure import Policy, load_policy
from evalkit.values import Axis, Column, Origin, Protected, Table

POLICIES = Path(__file__).parents[1] / "params" / "policies"
SKOLVERKET = load_policy("skolverket", POLICIES)
STRICT = load_policy("strict", POLICIES)
INTERNAL = load_policy("internal", POLICIES)
REPEATED = ("term", "wave")
TOTAL = "all"

PERSONS = Column("persons", "count")
FAILED = Column("failed", "count", denominator="persons")
FAILED_SHARE = Column("failed_share", "share", "failed", "persons", persons="persons", unit="share", decimals=1)
PRESENT = Column("present", "amount", persons="persons", unit="minutes", shown=False)
REPORTED = Column("reported", "amount", persons="persons", unit="minutes", shown=False)
RATE = Column("rate", "rate", "present", "reported", persons="persons", unit="share", decimals=1)
KINDS = (PERSONS, FAILED, FAILED_SHARE, PRESENT, REPORTED, RATE)


def table(text: str, *, name: str = "drawn", universe: str = "pupils", columns: Sequence[Column] = KINDS) -> Table:
    """Draw a table; a header that no column is called by is an axis, and shares and rates are divided if not drawn."""
    lines = [line.split() for line in text.strip().splitlines()]
    frame = pd.DataFrame(lines[1:], columns=lines[0])
    described = [column for column in columns if column.name in frame.columns]
    for column in described:
        frame[column.name] = pd.to_numeric(frame[column.name].replace("-", None))
    for column in columns:
        if (
            column.numerator in frame.columns
            and column.denominator in frame.columns
            and column.name not in frame.columns
        ):
            frame[column.name] = frame[column.numerator] / frame[column.denominator].where(
                frame[column.denominator] > 0
            )
            described.append(column)
    names = {column.name for column in described}
    axes = tuple(_axis(heading, list(frame[heading])) for heading in lines[0] if heading not in names)
    return Table(name, universe, axes, tuple(described), frame)


def _axis(name: str, found: Sequence[str]) -> Axis:
    levels = tuple(dict.fromkeys(level for level in found if level != TOTAL))
    return Axis(name, levels, TOTAL if TOTAL in found else None, partition=name not in REPEATED)


def seen(protected: Protected, *names: str) -> list[str]:
    """Return what readers see in some columns of a protected table, one text a row; shares in percent."""
    assert isinstance(protected.value, Table)
    columns = {column.name: column for column in protected.value.columns}
    rows = []
    for (_, row), (_, marks) in zip(protected.value.frame.iterrows(), protected.marks.iterrows(), strict=True):
        rows.append(" ".join(marks[name] or _written(row[name], columns.get(name)) for name in names))
    return rows


def _written(value: object, column: Column | None) -> str:
    if column is None:
        return str(value)
    number = float(str(value)) * (100 if column.unit == "share" else 1)
    return f"{number:.4g}"


def hidden(protected: Protected, name: str) -> list[bool]:
    """Return, row by row, whether a column's number was taken."""
    return [mark in ("..", "~0", "~100") for mark in protected.marks[name]]


def origin(
    folder: Path, *, stage: str = "interactive", policy: str = "skolverket", notebook: str = "chapter"
) -> Origin:
    """Return the origin of a value in a run whose folder is ``folder``."""
    plain = Origin(
        "study", "ale", "s" * 64, "t" * 64, "u" * 64, policy, "sv", True, str(folder), policies=str(POLICIES)
    )
    facts: Mapping[str, str] = {"run": "r1", "run_folder": str(folder), "notebook": notebook}
    return plain if stage == "interactive" else replace(plain, stage=stage, **facts)  # type: ignore[arg-type]


def policy_with(**rules: object) -> Policy:
    """Return the policy skolverket with some rules changed."""
    return replace(SKOLVERKET, **rules)  # type: ignore[arg-type]

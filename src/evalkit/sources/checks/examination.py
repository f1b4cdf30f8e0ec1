"""What is examined, and how failing rows become findings: by count and the first five places, never by value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis

from evalkit.errors import Finding, Level
from evalkit.sources.register import AT, FileRegister
from evalkit.sources.told import rows_phrase
from evalkit.vocabulary.checks import NO_FACTS, check

PLACES = 5
"""How many rows or groups a finding names at most."""

Keep = Callable[[str, ibis.Table], ibis.Table]
"""Answer an expression once and name the answer, for tables that several checks ask."""


@dataclass(frozen=True, eq=False)
class Examination:
    """The staged tables of a site, and what their findings need.

    Parameters
    ----------
    tables
        As `convert` returns, by canonical name; tables with unreadable values are left out.
    rows
        How many rows each table has, those left out too.
    register
        Tells where a row came from.
    keep
        Where intermediate answers (groups, never rows) are kept.
    on
        The day the sources were written; None where it is not known.
    """

    tables: Mapping[str, ibis.Table]
    rows: Mapping[str, int]
    register: FileRegister
    keep: Keep
    on: date | None = None

    def has(self, *names: str) -> bool:
        """Tell whether every table is there and has rows."""
        return all(name in self.tables and self.rows.get(name, 0) > 0 for name in names)

    def number(self, name: str, threshold: str) -> Any:
        """Return a number of a check, in force on the day of the examination."""
        return check(name).threshold(self.on)[threshold]


@dataclass(frozen=True, eq=False)
class Question:
    """Rows that a check finds wrong or odd.

    Parameters
    ----------
    check
        Id in the catalogue.
    table, columns
        Canonical names; a place is told at the first column.
    failing
        The rows, with ``_at``.
    facts
        What the texts are filled in with.
    headings
        Facts that are what the file calls a canonical column (or several, joined by `` + `` or ``, ``), by name.
    level
        Where it is not the catalogue's.
    """

    check: str
    table: str
    columns: tuple[str, ...]
    failing: ibis.Table
    facts: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    level: Level | None = None


def ask(questions: Sequence[Question], examination: Examination) -> list[Finding]:
    """Answer each question by one aggregate; only where it finds something, by a second that gives five places."""
    findings = []
    for question in questions:
        counted = question.failing.aggregate(n=question.failing.count())
        count = int(counted.to_pyarrow()["n"][0].as_py())
        if count:
            findings.append(found(question, count, examination))
    return findings


def found(question: Question, count: int, examination: Examination) -> Finding:
    """Return the finding of a question that ``count`` rows fail."""
    first = first_places(question.failing)
    register, table = examination.register, question.table
    named = {
        fact: between.join(dict.fromkeys(register.heading(first[0], table, name) for name in columns.split()))
        for fact, (columns, between) in question.headings.items()
    }
    column = question.columns[0] if question.columns else ""
    return finding(
        question.check,
        {**named, **question.facts},
        level=question.level,
        table=table,
        columns=question.columns,
        count=count,
        share=count / max(examination.rows.get(table, 0), count),
        places=register.places(first, table, column),
    )


def finding(name: str, facts: Mapping[str, str] = NO_FACTS, level: Level | None = None, **said: Any) -> Finding:
    """Return a finding with its English sentences made from the catalogue."""
    entry = check(name)
    text = entry.tell("en", facts)
    counted = bool(said.get("places"))
    problem = f"{rows_phrase(said['count'])}: {text.problem}" if counted else text.problem
    return Finding(name, level or entry.level, problem, text.mend, facts=tuple(sorted(facts.items())), **said)


def first_places(failing: ibis.Table) -> list[int]:
    """Return ``_at`` of the first five rows; nothing else of them is read."""
    answer = failing.select(AT).order_by(AT).limit(PLACES).to_pyarrow()
    return [int(at) for at in answer[AT].to_pylist()]

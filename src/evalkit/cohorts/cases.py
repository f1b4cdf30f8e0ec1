"""Test persons beside a definition: who is expected in, and who is left out by which step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import ibis
import pandas as pd

from evalkit.cohorts.stages import stages_of
from evalkit.errors import DesignError, InputError
from evalkit.values import Case, CohortDefinition, Tables
from evalkit.vocabulary.schema import ColumnSchema, table_names, table_schema

TYPES = {"string": "string", "integer": "int64", "number": "float64", "boolean": "boolean", "date": "date"}
ALWAYS = date(1900, 1, 1)
INSIDE = "in"


def check_cases(definition: CohortDefinition, cases: Sequence[Case] = ()) -> tuple[Case, ...]:
    """Check that a definition makes of test persons what is expected.

    Parameters
    ----------
    definition
        Of the cohort. Where it asks for a table that no case has rows of, that table is empty.
    cases
        Test persons; the definition's own where there are none.

    Returns
    -------
    tuple of Case
        Those checked.

    Raises
    ------
    DesignError
        If any comes out otherwise; each is told, with what was expected and what was found.
    InputError
        If there are no cases, two have one name, or a row does not fit the schema.
    """
    checked = tuple(cases) or definition.cases
    names = [case.name for case in checked]
    if not checked or len(set(names)) < len(names):
        raise InputError(
            f"there are no test persons beside {definition.name!r}, or two have the same name",
            remedy="give each case its own name",
        )
    stages = stages_of(_site(checked), _in_sight(definition))
    wrong = []
    for case in checked:
        left_by = (stage.id for stage in stages if case.name not in set(stage.spells["person_id"]))
        found = next(left_by, INSIDE)
        if found != case.expected:
            wrong.append(f"{case.name!r} was expected {_told(case.expected)} and is {_told(found)}")
    if wrong:
        raise DesignError(
            f"the definition {definition.name!r} makes of test persons what was not expected: {'; '.join(wrong)}",
            remedy="mend the criterion, or what the case expects",
        )
    return checked


def _in_sight(definition: CohortDefinition) -> CohortDefinition:
    """Return the definition followed until ``as_of``: a few test persons do not tell how far a site reaches."""
    parts = tuple(replace(part, definition=_in_sight(part.definition)) for part in definition.parts)
    return replace(definition, followed_in=(), parts=parts)


def _told(outcome: str) -> str:
    return "in the cohort" if outcome == INSIDE else f"left out by {outcome!r}"


def _site(cases: Sequence[Case]) -> Tables:
    unknown = sorted({name for case in cases for name in case.rows} - set(table_names()))
    if unknown:
        raise InputError(f"there is no canonical table {', '.join(unknown)}", remedy="see the data dictionary")
    return Tables({name: _table(name, cases) for name in table_names()})


def _table(name: str, cases: Sequence[Case]) -> ibis.Table:
    schema = {column.name: TYPES[column.type] for column in table_schema(name).columns} | {"known_from": "date"}
    rows = [_row(name, case, dict(row)) for case in cases for row in case.rows.get(name, ())]
    frame = pd.DataFrame({column: pd.Series([row[column] for row in rows], dtype="object") for column in schema})
    for column, kind in schema.items():
        if kind == "int64":
            frame[column] = frame[column].astype("Int64")
        elif kind == "boolean":
            frame[column] = frame[column].astype("boolean")
        elif kind == "float64":
            frame[column] = frame[column].astype("float64")
    return ibis.memtable(frame, schema=schema)


def _row(name: str, case: Case, told: dict[str, object]) -> dict[str, object]:
    schema = table_schema(name)
    strange = sorted(set(told) - {column.name for column in schema.columns} - {"known_from"})
    if strange:
        raise InputError(
            f"the case {case.name!r} gives {name} a column {', '.join(strange)} that it does not have",
            remedy="use the canonical names of the data dictionary",
        )
    row = {column.name: _value(column, told.get(column.name), case.name) for column in schema.columns}
    known = _date(told["known_from"]) if "known_from" in told else row.get(schema.known_from, ALWAYS)
    return {**row, "known_from": known}


def _value(column: ColumnSchema, told: object, person: str) -> object:
    if told is None and column.identity == "person":
        return person
    if told is None and column.default is not None:
        return column.default == "true" if column.type == "boolean" else column.default
    return _date(told) if column.type == "date" and told is not None else told


def _date(told: object) -> object:
    return date.fromisoformat(told) if isinstance(told, str) else told

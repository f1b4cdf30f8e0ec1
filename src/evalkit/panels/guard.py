"""No measure at a time sees what was known later: read off its expression before it runs."""

from __future__ import annotations

from collections.abc import Mapping

import ibis

from evalkit.errors import DesignError, InputError
from evalkit.values import Known, Measure, Tables

KEYS = ("person_id", "period")


def check_tables(tables: Tables, needed: tuple[str, ...]) -> None:
    """Refuse tables among which one is missing.

    Raises
    ------
    InputError
        Naming what is missing.
    """
    absent = [name for name in needed if name not in tables]
    if absent:
        raise InputError(
            f"this site handed over no table {', '.join(absent)}", remedy="name it under sources in the site file"
        )


def check_measures(measures: tuple[Measure, ...], taken: tuple[str, ...]) -> None:
    """Refuse measures whose columns collide with each other or with the panel's own.

    Raises
    ------
    InputError
        Naming the measure and the column.
    """
    seen = set(taken)
    for measure in measures:
        for column in dict.fromkeys((*measure.columns, measure.name)):
            if column in seen:
                raise InputError(
                    f"the column {column!r} of the measure {measure.name!r} is in the panel already",
                    remedy="ask for each measure once, and give a second threshold its own name=",
                )
            seen.add(column)


def check_whom(measures: tuple[Measure, ...], whom: str) -> None:
    """Refuse a panel of the enrolled for measures that ask for those who left too.

    Raises
    ------
    DesignError
        Naming the measures.
    """
    settled = [measure.name for measure in measures if measure.asks_for == "everyone" and whom != "everyone"]
    if settled:
        raise DesignError(
            f"{', '.join(settled)}: judged when a time has run out, by which many have left; those still enrolled are "
            "no fair sample of all",
            remedy='build the panel of everyone: build_panel(..., whom="everyone")',
        )


def check_settled(measures: tuple[Measure, ...], unsettled: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse counts over periods of which they cannot be told yet: a count has no missing, and 0 would be said.

    Raises
    ------
    DesignError
        Naming the measure and the periods.
    """
    for measure in measures:
        if measure.kind == "count" and unsettled[measure.name]:
            raise DesignError(
                f"the count {measure.name!r} rests on the day after its period, which is not seen of "
                f"{', '.join(unsettled[measure.name])}",
                remedy="choose an as_of after that day for the cohort",
            )


def check_result(measure: Measure, result: ibis.Table, known: Known) -> None:
    """Refuse a measure that lacks a column it declares, or that could see facts known after its period.

    Raises
    ------
    InputError
        If a declared column is not in the result.
    DesignError
        If the measure reads a table otherwise than through `Known`, or the day after its period without saying so.
    """
    absent = [column for column in (*KEYS, *measure.columns) if column not in result.columns]
    if measure.kind != "ratio" and measure.name not in measure.columns:
        absent.append(measure.name)
    if absent:
        raise InputError(
            f"the measure {measure.name!r} gives no column {', '.join(absent)}",
            remedy=f"let compute give {', '.join((*KEYS, *measure.columns))}",
        )
    late = known.unseen_paths(result)
    if late:
        raise DesignError(
            f"the measure {measure.name!r} would see facts known after its period: it reads a table "
            f"({', '.join(late)}) without asking when its facts were known",
            remedy="let compute ask known.facts, known.spells or known.history for the table",
        )
    if known.lag_days(result) > measure.lag_days:
        raise DesignError(
            f"the measure {measure.name!r} would see the day after its period and does not say so",
            remedy="give it lag_days=1 if it counts what ended in the period, or let compute ask known.history",
        )

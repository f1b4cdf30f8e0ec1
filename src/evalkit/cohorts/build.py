"""Build a cohort: candidates, one rule at a time, everyone counted at each step."""

from __future__ import annotations

from datetime import date

import pandas as pd

from evalkit.cohorts.stages import Stage, in_memory, seen_until, stages_of
from evalkit.errors import DesignError, InputError
from evalkit.values import Cohort, CohortDefinition, Flow, FlowStep, Tables, fingerprint, settle
from evalkit.vocabulary import school_year_of

COLUMNS = (
    "person_id",
    "entry",
    "follow_from",
    "exit",
    "exit_cause",
    "censored_at",
    "school_id",
    "year_group",
    "school_year",
    "sex",
)


def build_cohort(tables: Tables, definition: CohortDefinition) -> Cohort:
    """Find the persons a definition describes.

    Parameters
    ----------
    tables
        The site's tables. Facts known on or after the definition's ``as_of`` are not seen.
    definition
        From the library, or made of your own criteria.

    Returns
    -------
    Cohort
        Each person once, with the first spell that remains: ``person_id``, ``entry``, ``follow_from``, ``exit``,
        ``exit_cause``, ``censored_at``, ``school_id``, ``year_group``, ``school_year`` of the entry and ``sex``;
        ``flow`` counts persons and spells after each step, and its universe is the cohort's fingerprint.

    Raises
    ------
    InputError
        If the site handed over no table that the definition asks for.
    DesignError
        If nobody remains, or a criterion would choose persons by facts from after the day it is settled.
    """
    stages = stages_of(tables, definition)
    until = seen_until(tables, definition)
    steps = _steps(stages, definition, until)
    frame = settle(_people(stages[-1], tables, pd.Timestamp(until)), ("person_id",))
    return Cohort(
        frame=frame,
        flow=Flow(steps, universe=fingerprint(definition.key, frame), origin=tables.origin),
        name=definition.name,
        key=definition.key,
        tables=tables,
        origin=tables.origin,
        as_of=definition.as_of,
    )


def _steps(stages: list[Stage], definition: CohortDefinition, until: date) -> tuple[FlowStep, ...]:
    steps = tuple(FlowStep(each.id, each.sv, each.en, each.persons, len(each.spells)) for each in stages)
    emptied = next((step.id for step in steps if step.persons == 0), None)
    if emptied is not None:
        raise DesignError(
            f"the cohort {definition.name!r} holds no person: nobody is left after the step {emptied!r}; "
            f"nothing can be seen from {until} on",
            remedy="check the period, the year group and as_of against the data, or leave the step out",
        )
    return steps


def _people(last: Stage, tables: Tables, censored_at: pd.Timestamp) -> pd.DataFrame:
    first = last.spells.sort_values(["person_id", "entry", "spell_id"]).drop_duplicates("person_id")
    if "persons" not in tables:
        raise InputError("this site handed over no table 'persons'", remedy="name it under sources in the site file")
    ids = in_memory(first[["person_id"]], {"person_id": "string"})
    persons = tables["persons"].semi_join(ids, "person_id").select("person_id", "sex").execute()
    frame: pd.DataFrame = first.merge(persons, how="left", on="person_id")
    if "exit_cause" not in frame:
        frame["exit_cause"] = ""
    if "school_year" not in frame:
        frame["school_year"] = [school_year_of(day.date()).label for day in frame["entry"]]
    frame["censored_at"] = pd.Series(censored_at, index=frame.index).astype("datetime64[us]")
    frame["sex"] = frame["sex"].astype("str").fillna("unknown")
    frame["year_group"] = frame["year_group"].astype("Int64")
    return frame[list(COLUMNS)]

"""Build a cohort: candidates, one rule at a time, everyone counted at each step."""

from __future__ import annotations

import ibis
import pandas as pd

from evalkit.errors import DesignError, InputError
from evalkit.values import Cohort, CohortDefinition, Criterion, Flow, FlowStep, Tables, fingerprint, settle
from evalkit.vocabulary import school_year_of

SPELL = ("person_id", "spell_id")
COLUMNS = ("person_id", "entry", "exit", "exit_cause", "school_id", "year_group", "school_year", "sex")


def build_cohort(tables: Tables, definition: CohortDefinition) -> Cohort:
    """Find the persons a definition describes.

    Parameters
    ----------
    tables
        The site's tables. Facts known on or after the definition's ``as_of`` are not seen.
    definition
        From the library, or made of your own criteria. Candidates may carry ``exit_cause`` and ``school_year``.

    Returns
    -------
    Cohort
        Each person once, with the first spell that remains: ``person_id``, ``entry``, ``exit``, ``exit_cause``,
        ``school_id``, ``year_group``, ``school_year`` of the entry and ``sex``; ``flow`` counts persons and spells
        after each step, and its universe is the cohort's fingerprint.

    Raises
    ------
    InputError
        If the site handed over no table that the definition asks for.
    DesignError
        If nobody remains.
    """
    known = tables.known_before(definition.as_of)
    try:
        stages = _stages(known, definition)
    except KeyError as fault:
        raise InputError(str(fault.args[0]), remedy="name the table under sources in the site file") from None
    steps = _steps(stages, definition)
    frame = settle(_people(stages[-1], known), ("person_id",))
    return Cohort(
        frame=frame,
        flow=Flow(steps, universe=fingerprint(definition.key, frame), origin=tables.origin),
        name=definition.name,
        key=definition.key,
        tables=tables,
        origin=tables.origin,
        as_of=definition.as_of,
    )


def _stages(tables: Tables, definition: CohortDefinition) -> list[ibis.Table]:
    stages = [definition.candidates(tables)]
    for criterion in definition.criteria:
        stages.append(_after(tables, stages[-1], criterion))
    return stages


def _after(tables: Tables, before: ibis.Table, criterion: Criterion) -> ibis.Table:
    # a rule chooses among candidates and cannot change them, so the flow never rises
    keys = ("person_id",) if criterion.unit == "person" else SPELL
    kept = criterion.keep(tables, before).select(*keys).distinct()
    return before.view().semi_join(kept, list(keys)).select(*before.columns)


def _steps(stages: list[ibis.Table], definition: CohortDefinition) -> tuple[FlowStep, ...]:
    counts = [
        stage.agg(step=ibis.literal(number).cast("int64"), persons=stage.person_id.nunique(), spells=stage.count())
        for number, stage in enumerate(stages)
    ]
    counted = ibis.union(*counts).execute() if len(counts) > 1 else counts[0].execute()
    counted = counted.set_index("step").sort_index()
    texts = [("candidates", definition.sv, definition.en)] + [(c.id, c.sv, c.en) for c in definition.criteria]
    steps = tuple(
        FlowStep(*text, persons=int(counted.at[number, "persons"]), spells=int(counted.at[number, "spells"]))
        for number, text in enumerate(texts)
    )
    emptied = next((step.id for step in steps if step.persons == 0), None)
    if emptied is not None:
        raise DesignError(
            f"the cohort {definition.name!r} holds no person: nobody is left after the step {emptied!r}",
            remedy="check the period, the year group and as_of against the data, or leave the step out",
        )
    return steps


def _people(spells: ibis.Table, tables: Tables) -> pd.DataFrame:
    first_first = ibis.window(group_by="person_id", order_by=[ibis.asc("entry"), ibis.asc("spell_id")])
    ranked = spells.mutate(place=ibis.row_number().over(first_first))
    first = ranked.filter(ranked.place == 0)
    persons = tables["persons"].select("person_id", "sex")
    frame: pd.DataFrame = first.left_join(persons, "person_id").execute()
    for day in ("entry", "exit"):
        frame[day] = pd.to_datetime(frame[day]).astype("datetime64[us]")
    if "exit_cause" not in frame:
        frame["exit_cause"] = ""
    if "school_year" not in frame:
        frame["school_year"] = [school_year_of(day.date()).label for day in frame["entry"]]
    frame["sex"] = frame["sex"].astype("str").fillna("unknown")
    frame["year_group"] = frame["year_group"].astype("Int64")
    return frame[list(COLUMNS)]

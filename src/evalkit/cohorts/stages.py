"""Carry out a definition: who remains after each of its steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import pandas as pd

from evalkit.errors import DesignError, InputError
from evalkit.values import CohortDefinition, Criterion, Known, Tables
from evalkit.vocabulary.schema import table_names, table_schema

SPELL = ("person_id", "spell_id")
NEEDED = ("person_id", "spell_id", "entry", "exit", "school_id", "year_group")
GRID = {"person_id": "string", "period": "string", "start": "date", "end": "date", "school_id": "string"}
FIRST, LAST = "candidates", "followed"
FOLLOWED = (
    "är kvar och kan följas när alla villkor är avgjorda",
    "are there to be followed once every rule is settled",
)
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Stage:
    """One step and the spells that remain after it: the candidates' columns, ``follow_from`` and ``known_from``."""

    id: str
    sv: str
    en: str
    spells: pd.DataFrame

    @property
    def persons(self) -> int:
        """Persons that remain."""
        return int(self.spells["person_id"].nunique())


def stages_of(tables: Tables, definition: CohortDefinition) -> list[Stage]:
    """Apply a definition's steps one after the other.

    Parameters
    ----------
    tables
        The site's tables, whole: what a candidate's day does not know yet is held back here.
    definition
        Of the cohort.

    Returns
    -------
    list of Stage
        ``candidates``, the criteria, the parts' steps and ``followed``: those who are still there, known of and in
        sight on the day after which nothing chooses among them.

    Raises
    ------
    InputError
        If the site handed over no table that is asked for, or the candidates lack a column.
    DesignError
        If a criterion reads tables past what is known.
    """
    until = seen_until(tables, definition)
    known = tables.known_before(until)
    try:
        rows, schema = _candidates(known, definition, until)
        stages = [Stage(FIRST, definition.sv, definition.en, rows)]
        for number, criterion in enumerate(definition.criteria):
            rows = _kept(known, rows, schema, criterion, number)
            stages.append(Stage(criterion.id, criterion.sv, criterion.en, rows))
    except KeyError as fault:
        raise InputError(str(fault.args[0]), remedy="name the table under sources in the site file") from None
    for part in sorted(definition.parts, key=lambda part: part.how):
        others = stages_of(tables, part.definition)
        cut = _within if part.how == "intersect" else _without
        stages += cut(rows, others, part.definition)
        rows = stages[-1].spells
    there = rows["exit"].isna() | (rows["exit"] > rows["follow_from"])
    in_sight = (rows["follow_from"] < pd.Timestamp(until)) & (rows["known_from"] <= rows["follow_from"])
    texts = (
        "är kvar och kan följas när alla villkor är avgjorda",
        "are there to be followed once every rule is settled",
    )
    return [*stages, Stage(LAST, *texts, rows[there & in_sight])]


def seen_until(tables: Tables, definition: CohortDefinition) -> date:
    """Return the first day of which nothing can be seen: ``as_of``, or the day after the last fact handed over."""
    last: list[date] = []
    for name in definition.followed_in:
        if name not in tables:
            continue
        table = tables.known_before(definition.as_of)[name]
        columns = table_schema(name).columns if name in table_names() else ()
        later = {column.known_from for column in columns if column.known_from}
        days = ["known_from", *sorted(later.intersection(table.columns))]
        found = table.agg([table[day].max().name(day) for day in days]).execute()
        last += [pd.Timestamp(found.at[0, day]).date() for day in days if pd.notna(found.at[0, day])]
    return min([definition.as_of, max(last) + timedelta(days=1)]) if last else definition.as_of


def in_memory(frame: pd.DataFrame, schema: dict[str, str]) -> ibis.Table:
    """Return a small frame as a table for either engine."""
    # pandas keeps text in pieces after a concat, which pyspark 4.0 cannot take
    texts = [name for name, kind in schema.items() if kind.lstrip("!") == "string"]
    return ibis.memtable(frame.astype(dict.fromkeys(texts, "object")), schema=schema)


def _candidates(tables: Tables, definition: CohortDefinition, until: date) -> tuple[pd.DataFrame, dict[str, str]]:
    found = definition.candidates(tables, until)
    absent = [column for column in NEEDED if column not in found.columns]
    if absent:
        raise InputError(
            f"the candidates of {definition.name!r} have no column {', '.join(absent)}",
            remedy=f"let candidates give {', '.join(NEEDED)}",
        )
    if "known_from" not in found.columns:
        found = found.mutate(known_from=found.entry)
    schema = {name: str(kind) for name, kind in found.schema().items() if name != "known_from"}
    days = {
        f"settled {number}": found.entry if rule.settled is None else rule.settled(found).cast("date")
        for number, rule in enumerate(definition.criteria)
    }
    rows = _typed(found.mutate(**days).execute(), schema, ("known_from", *days))
    if rows.duplicated(list(SPELL)).any() or rows[[*SPELL, "entry"]].isna().any(axis=None):
        raise DesignError(
            f"the candidates of {definition.name!r} hold a spell twice, or one without person, spell or entry",
            remedy="give each spell of a person its own spell_id and an entry",
        )
    rows["follow_from"] = rows[["entry", *days]].max(axis=1)
    return rows.sort_values(list(SPELL), ignore_index=True), schema


def _typed(rows: pd.DataFrame, schema: dict[str, str], days: Iterable[str]) -> pd.DataFrame:
    dates = [name for name, kind in schema.items() if kind.lstrip("!") == "date"]
    whole = [name for name, kind in schema.items() if kind.lstrip("!").startswith("int")]
    for name in (*dates, *days):
        rows[name] = pd.to_datetime(rows[name]).astype("datetime64[us]")
    return rows.astype(dict.fromkeys(whole, "Int64"))


def _kept(
    tables: Tables, rows: pd.DataFrame, schema: dict[str, str], criterion: Criterion, number: int
) -> pd.DataFrame:
    """Return the spells, or all those of the persons, that a criterion keeps; it cannot change them."""
    rows = rows.assign(settled=rows[f"settled {number}"])
    # one spell of each person at a time, so that what is known of a later one says nothing of an earlier
    turn = rows.groupby("person_id").cumcount()
    asked = (
        [_asked(tables, rows[turn == each], schema, criterion) for each in range(int(turn.max()) + 1)]
        if len(rows)
        else []
    )
    chosen = pd.concat(asked, ignore_index=True) if asked else rows
    if criterion.unit == "person":
        # a person kept for one spell is followed from the day on which that spell's rule is settled
        theirs = _earliest(rows, chosen, "settled")
        chosen = rows.assign(follow_from=_later(rows["follow_from"], theirs))[theirs.notna()]
    return chosen.drop(columns="settled").sort_values(list(SPELL), ignore_index=True)


def _asked(tables: Tables, rows: pd.DataFrame, schema: dict[str, str], criterion: Criterion) -> pd.DataFrame:
    known = Known(tables, _grid(rows))
    answer = criterion.keep(known, in_memory(_as_seen(rows, schema), schema))
    kept = answer.select(*SPELL).distinct()
    past = known.unseen_paths(kept)
    if known.lag_days(kept):
        raise DesignError(
            f"the criterion {criterion.id!r} would see the day after it is settled",
            remedy="let keep ask known.history, or settle the criterion a day later",
        )
    if past:
        raise DesignError(
            f"the criterion {criterion.id!r} would choose persons by facts from later: it reads a table "
            f"({', '.join(past)}) without asking what was known on the day it is settled",
            remedy="let keep ask known.facts, known.spells or known.history for the table",
        )
    return rows.merge(kept.execute(), on=list(SPELL))


def _earliest(rows: pd.DataFrame, spells: pd.DataFrame, day: str) -> pd.Series:
    """Return, for each row, the earliest day among the person's spells; missing where there are none."""
    first = spells.groupby("person_id", as_index=False)[day].min()
    return rows[["person_id"]].merge(first, how="left", on="person_id")[day].set_axis(rows.index)


def _later(days: pd.Series, others: pd.Series) -> pd.Series:
    return days.where(~(others > days), others)


def _grid(rows: pd.DataFrame) -> ibis.Table:
    settled = rows["settled"]
    frame = pd.DataFrame(
        {
            "person_id": rows["person_id"],
            "period": rows["spell_id"],
            "start": rows["entry"].where(rows["entry"] <= settled, settled),
            "end": settled + DAY,
            "school_id": rows["school_id"],
        }
    )
    return in_memory(frame, GRID)


def _as_seen(rows: pd.DataFrame, schema: dict[str, str]) -> pd.DataFrame:
    seen = rows[list(schema)].copy()
    for name in seen.columns:
        if seen[name].dtype.kind == "M" and name != "entry":
            seen[name] = seen[name].where(seen[name] <= rows["settled"])
    if "exit_cause" in seen:
        seen["exit_cause"] = seen["exit_cause"].where(seen["exit"].notna(), "")
    return seen


def _within(rows: pd.DataFrame, others: list[Stage], definition: CohortDefinition) -> list[Stage]:
    """Keep those in the other cohort; nobody is followed before both are settled."""
    stages = []
    for stage in others:
        rows = rows[rows["person_id"].isin(stage.spells["person_id"])]
        stages.append(Stage(f"{definition.name}.{stage.id}", stage.sv, stage.en, rows))
    later = _later(rows["follow_from"], _earliest(rows, others[-1].spells, "follow_from"))
    stages[-1] = Stage(stages[-1].id, stages[-1].sv, stages[-1].en, rows.assign(follow_from=later))
    return stages


def _without(rows: pd.DataFrame, others: list[Stage], definition: CohortDefinition) -> list[Stage]:
    """Leave out those who were in the other cohort by the day that follow-up begins; who comes into it later stays."""
    theirs = _earliest(rows, others[-1].spells, "follow_from")
    texts = (f"hör inte till gruppen: {definition.sv}", f"are not of the group: {definition.en}")
    return [Stage(f"not_{definition.name}", *texts, rows[~(theirs <= rows["follow_from"])])]

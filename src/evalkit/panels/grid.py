"""Who is there in which period: the rows of a panel, before anything is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import ibis
import numpy as np
import pandas as pd

from evalkit.panels.periods import first_day
from evalkit.panels.stays import stays_of
from evalkit.values import Cohort, Period, Tables
from evalkit.vocabulary.periods import PeriodKind

PEOPLE = {
    "person": "int32",
    "person_id": "string",
    "entry": "date",
    "follow_from": "date",
    "exit": "date",
    "joins": "date",
}
PERIODS = {"time": "int32", "period": "string", "first": "date", "start": "date", "end": "date"}
NUMBERS = {"person": "int32", "own_id": "string"}
SCHOOLS = {"school": "int32", "school_id": "string"}


def people_of(cohort: Cohort) -> pd.DataFrame:
    """Return the cohort's persons, each with a number: the place in the cohort's frame.

    Returns
    -------
    pandas.DataFrame
        ``person``, ``person_id``, ``entry``, ``follow_from``, ``exit``, and ``joins``: the day from which a comparison
        person is followed in the cohort compared with (`evalkit.values.Matched`), missing for all others.
    """
    frame = cohort.frame
    joins = frame["joins"] if "joins" in frame else pd.Series(pd.NaT, frame.index, dtype="datetime64[us]")
    people = frame.assign(person=np.arange(len(frame), dtype="int32"), follow_from=cohort.followed_from, joins=joins)
    return people[list(PEOPLE)]


def people_table(people: pd.DataFrame) -> ibis.Table:
    """Return the persons as an Ibis table."""
    return ibis.memtable(people, schema=PEOPLE)


def periods_table(periods: Mapping[int, Period], kind: PeriodKind) -> ibis.Table:
    """Return the periods as an Ibis table: ``time``, ``period``, ``first`` (see `first_day`), ``start``, ``end``."""
    rows = [(time, each.label, first_day(each, kind), each.start, each.end) for time, each in periods.items()]
    return ibis.memtable(pd.DataFrame(rows, columns=list(PERIODS)), schema=PERIODS)


def enrolled_rows(
    people: pd.DataFrame, tables: Tables, periods: Mapping[int, Period], kind: PeriodKind
) -> pd.DataFrame:
    """Find the periods in which each person was enrolled.

    Parameters
    ----------
    people
        From `people_of`, or some of them.
    tables
        With ``enrolments``, ``courses`` or both.
    periods
        By time.
    kind
        What they are.

    Returns
    -------
    pandas.DataFrame
        One row per person and period that ends after the person is followed from, and in which a stay (`stays_of`)
        known before the period's end overlaps both the period (in autumn: from 15 August) and [entry, exit), until the
        last period that had ended when a comparison person joined the others:
        ``person``, ``time``, ``enrolled_at`` (school_id) and ``year_group`` of the latest such stay (those with a
        year group first, ties broken on the school).
    """
    stays = stays_of(tables)
    calendar = periods_table(periods, kind)
    begin, until = min(each.start for each in periods.values()), max(each.end for each in periods.values())
    within = stays.filter(
        stays.start < ibis.literal(until),
        stays.end.isnull() | (stays.end > ibis.literal(begin)),
    )
    spells = within.join(people_table(people), "person_id")
    there = spells.join(
        calendar,
        [
            spells.start < calendar.end,
            spells.follow_from < calendar.end,
            spells.joins.isnull() | (spells.joins >= calendar.end),
            spells.known_from < calendar.end,
            spells.void_from.isnull() | (spells.void_from >= calendar.end),
            spells.end.isnull() | (spells.end > calendar["first"]),
            spells.exit.isnull() | (spells.exit > calendar["first"]),
            spells.exit.isnull() | (spells.start < spells.exit),
            spells.end.isnull() | (spells.end > spells.entry),
        ],
        rname="{name}_of_period",
    )
    chosen = there.select("person", "time", "year_group", "start", enrolled_at="school_id")
    found = chosen.to_pyarrow().to_pandas(date_as_object=False)
    found["year_group"] = found["year_group"].astype("Int64")
    found = found.assign(unplaced=found["year_group"].isna(), earlier=-found.pop("start").astype("int64"))
    rows = first_of_each(found, ["person", "time"], ["unplaced", "earlier", "enrolled_at"])
    return rows[["person", "time", "enrolled_at", "year_group"]]


def everyone_rows(cohort: Cohort, enrolled: pd.DataFrame, periods: Mapping[int, Period]) -> pd.DataFrame:
    """Add the periods in which a cohort's persons were enrolled nowhere, from when they are followed to the last.

    Parameters
    ----------
    cohort
        Whose persons are followed.
    enrolled
        From `enrolled_rows`, of the same periods.
    periods
        By time.

    Returns
    -------
    pandas.DataFrame
        As from `enrolled_rows`; who is enrolled nowhere stands at the school of entry, without a year group.
    """
    people = people_of(cohort)
    ends = np.array([np.datetime64(each.end, "D") for each in periods.values()])
    followed = people["follow_from"].to_numpy("datetime64[D]")[:, None] < ends[None, :]
    followed &= ~(people["joins"].to_numpy("datetime64[D]")[:, None] < ends[None, :])
    person, place = np.nonzero(followed)
    every = pd.DataFrame(
        {"person": people["person"].to_numpy()[person], "time": np.array(list(periods), dtype="int32")[place]}
    )
    rows = every.merge(enrolled, how="left", on=["person", "time"])
    homes = cohort.frame["school_id"].astype("object")
    at_entry = pd.Series(homes.to_numpy()[rows["person"].to_numpy()], index=rows.index)
    return rows.assign(enrolled_at=rows["enrolled_at"].astype("object").fillna(at_entry))


def first_of_each(rows: pd.DataFrame, keys: Sequence[str], order: Sequence[str]) -> pd.DataFrame:
    """Return the first row of each key by an order, sorted by key.

    Only keys that stand more than once are put in order, which nearly none of millions do.
    """
    several = rows.duplicated(list(keys), keep=False)
    chosen = rows[several].sort_values([*keys, *order], kind="stable").drop_duplicates(list(keys))
    once = pd.concat([rows[~several], chosen]) if len(chosen) else rows
    return once.sort_values(list(keys), ignore_index=True)


def numbered(tables: Tables, people: pd.DataFrame) -> Tables:
    """Return the tables as a panel's measures see them: ``person_id`` is a number.

    Whatever is grouped, ordered or put aside by person takes half the time and memory by number. The cohort's persons
    bear their numbers in ``people``, all others of the table persons the numbers after them.
    """
    known = tables["persons"].select("person_id").to_pyarrow()["person_id"].to_pylist()
    own = people["person_id"].to_list()
    ids = [*own, *sorted(set(known) - set(own))]
    frame = pd.DataFrame({"person": np.arange(len(ids), dtype="int32"), "own_id": pd.Series(ids, dtype="str")})
    numbers = ibis.memtable(frame, schema=NUMBERS)
    named = {}
    for name, rows in tables.named.items():
        named[name] = rows
        if "person_id" in rows.columns:
            theirs = rows.join(numbers, rows.person_id == numbers.own_id)
            others = [column for column in rows.columns if column != "person_id"]
            named[name] = theirs.select(*others, person_id=theirs.person).select(*rows.columns)
    return replace(tables, named=named)


def as_grid(rows: pd.DataFrame, periods: Mapping[int, Period], kind: PeriodKind) -> ibis.Table:
    """Return the rows as the grid that measures are computed on, over the tables of `numbered`.

    Parameters
    ----------
    rows
        ``person``, ``time``, and ``school`` as a categorical of school_ids. The engine is handed their numbers alone,
        and puts the names beside them.

    Returns
    -------
    ibis.Table
        As `evalkit.values.Known` takes it.
    """
    numbers = pd.DataFrame(
        {
            "person_id": rows["person"].to_numpy("int32"),
            "time": rows["time"].to_numpy("int32"),
            "school": rows["school"].cat.codes.to_numpy("int32"),
        }
    )
    codes = rows["school"].cat.categories
    schools = pd.DataFrame({"school": np.arange(len(codes), dtype="int32"), "school_id": codes.astype("str")})
    grid = ibis.memtable(numbers, schema=dict.fromkeys(numbers.columns, "int32"))
    told = grid.join(periods_table(periods, kind), "time").join(ibis.memtable(schools, schema=SCHOOLS), "school")
    # without the view, Ibis would take a measure's join with the grid for one more link of this chain
    return told.select("person_id", "period", "start", "end", "school_id").view()

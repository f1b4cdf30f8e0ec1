"""Where a person's lessons were in a period: school and class, and what readers call the school."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta

import ibis
import pandas as pd

from evalkit.panels.grid import first_of_each
from evalkit.values import Period, Tables

KEYS = ["person", "time"]
NUMBERS = {"person": "int32", "person_id": "string"}
DAYS = {"day": "date", "time": "int32", "end": "date"}
PLACED = {"person": "int32", "time": "int32", "school": "str", "class_id": "str"}


def lesson_places(people: pd.DataFrame, tables: Tables, periods: Mapping[int, Period]) -> pd.DataFrame:
    """Find the school and class that most of a person's lessons in a period were in.

    Parameters
    ----------
    people
        ``person`` and ``person_id``.
    tables
        With ``attendance``; where the site handed over none, nothing is found.
    periods
        By time.

    Returns
    -------
    pandas.DataFrame
        ``person``, ``time``, ``school``, ``class_id`` (missing where no lesson at that school names a class) for
        persons with lessons known before the period's end. Ties are broken on the code.
    """
    if "attendance" not in tables:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in PLACED.items()})
    counted = _lessons(people, tables["attendance"], periods).to_pyarrow().to_pandas()
    schools = counted.groupby([*KEYS, "school"], as_index=False)["lessons"].sum() if _mixed(counted) else counted
    most = first_of_each(schools.assign(fewer=-schools["lessons"]), KEYS, ["fewer", "school"])
    named = counted[counted["class_id"].notna()]
    classes = first_of_each(named.assign(fewer=-named["lessons"]), [*KEYS, "school"], ["fewer", "class_id"])
    both = most[[*KEYS, "school"]].merge(classes[[*KEYS, "school", "class_id"]], how="left", on=[*KEYS, "school"])
    return both.astype(PLACED)


def _mixed(counted: pd.DataFrame) -> bool:
    return bool(counted.duplicated([*KEYS, "school"]).any())


def _lessons(people: pd.DataFrame, lessons: ibis.Table, periods: Mapping[int, Period]) -> ibis.Table:
    """Count lessons by person, period, school and class."""
    days = [
        (each.start + timedelta(days=number), time, each.end)
        for time, each in periods.items()
        for number in range((each.end - each.start).days)
    ]
    calendar = ibis.memtable(pd.DataFrame(days, columns=list(DAYS)), schema=DAYS)
    theirs = lessons.join(ibis.memtable(people[list(NUMBERS)], schema=NUMBERS), "person_id")
    placed = theirs.join(calendar, theirs.date == calendar.day)
    seen = placed.filter(placed.known_from < placed.end)
    return seen.group_by("person", "time", school="school_id", class_id="class_id").agg(lessons=seen.count())


def school_labels(tables: Tables) -> dict[str, str]:
    """Return what readers call each school.

    Schools that the study names bear their names. The others are numbered within the place, in the order of a digest of
    their code salted with a pseudonym: the order is the same for every panel of a site, and nobody without the
    pseudonyms can work it out from the public codes.

    Returns
    -------
    dict
        Label by school_id, for every school unit of the site.
    """
    units = tables["school_units"].select("school_id", "name").execute()
    salt = tables["persons"].agg(salt=tables["persons"].person_id.min()).execute().at[0, "salt"]
    names = dict(zip(units["school_id"], units["name"], strict=True))
    labels = {code: name for code, name in names.items() if code in tables.named_schools}
    unnamed = sorted(set(names) - set(labels), key=lambda code: hashlib.sha256(f"{salt} {code}".encode()).digest())
    return labels | {code: f"{tables.place} {number}".strip() for number, code in enumerate(unnamed, start=1)}

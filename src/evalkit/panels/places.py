"""Where a person's lessons were in a term: school and class, and what readers call the school."""

from __future__ import annotations

import hashlib

import ibis
import pandas as pd

from evalkit.values import Tables


def modal_places(tables: Tables, grid: ibis.Table) -> pd.DataFrame:
    """Find the school and class that most of a person's lessons in a term were in.

    Parameters
    ----------
    tables
        With ``attendance``.
    grid
        ``person_id``, ``period``, ``start``, ``end``.

    Returns
    -------
    pandas.DataFrame
        ``person_id``, ``term``, ``school``, ``class_id`` (missing where no lesson at that school names a class) for
        persons with lessons known before the term's end. Ties are broken on the code.
    """
    lessons = tables["attendance"]
    joined = lessons.join(
        grid,
        [
            lessons.person_id == grid.person_id,
            lessons.date >= grid.start,
            lessons.date < grid.end,
            lessons.known_from < grid.end,
        ],
    )
    seen = joined.select(lessons.person_id, grid.period, lessons.school_id.name("school"), lessons.class_id)
    counted = seen.group_by("person_id", "period", "school", "class_id").agg(lessons=seen.count())
    by_school = counted.group_by("person_id", "period", "school").agg(lessons=counted.lessons.sum())
    school = _most(by_school, "school").drop("lessons")
    named = counted.filter(counted.class_id.notnull()).semi_join(school, ["person_id", "period", "school"])
    both = school.left_join(_most(named, "class_id").select("person_id", "period", "class_id"), ["person_id", "period"])
    named_term = both.select(both.person_id, both.period.name("term"), both.school, both.class_id)
    frame: pd.DataFrame = named_term.execute()
    return frame


def _most(counted: ibis.Table, code: str) -> ibis.Table:
    most_first = ibis.window(group_by=["person_id", "period"], order_by=[ibis.desc("lessons"), ibis.asc(code)])
    ranked = counted.mutate(place=ibis.row_number().over(most_first))
    return ranked.filter(ranked.place == 0).drop("place")


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

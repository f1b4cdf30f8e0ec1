"""Where a person was on the day of entry, where the definition starts from something else than an enrolment."""

from __future__ import annotations

import ibis

from evalkit.values import Tables, took_place

KEYS = ["person_id", "spell_id"]


def with_school(candidates: ibis.Table, tables: Tables) -> ibis.Table:
    """Add the school and year group of the latest enrolment that had begun, and was known, by entry.

    Parameters
    ----------
    candidates
        ``person_id``, ``spell_id``, ``entry``; each spell once.
    tables
        With ``enrolments``.

    Returns
    -------
    ibis.Table
        The candidates with ``school_id`` (``""`` where nothing is known) and ``year_group``.
    """
    enrolments = tables["enrolments"]
    there = enrolments.filter(took_place(enrolments))
    there = there.select("person_id", "school_id", "year_group", "start", known="known_from")
    begun = candidates.select(*KEYS, "entry").join(there, "person_id")
    begun = begun.filter(begun.start <= begun.entry, begun.known <= begun.entry)
    latest_first = ibis.window(group_by=KEYS, order_by=[ibis.desc("start"), ibis.asc("school_id")])
    ranked = begun.mutate(place=ibis.row_number().over(latest_first))
    latest = ranked.filter(ranked.place == 0).select(*KEYS, "school_id", "year_group")
    joined = candidates.view().left_join(latest, KEYS)
    return joined.select(*candidates.columns, school_id=latest.school_id.fill_null(""), year_group=latest.year_group)

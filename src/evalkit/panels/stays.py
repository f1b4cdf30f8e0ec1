"""Where persons study, from when to when: enrolments at schools and, in adult education, courses."""

from __future__ import annotations

import ibis

from evalkit.errors import InputError
from evalkit.values import Tables, took_place

COLUMNS = ("person_id", "school_id", "year_group", "start", "end", "known_from", "void_from")
NO_SHOW = "no_show"


def stays_of(tables: Tables) -> ibis.Table:
    """Return every stay at a school that the site knows of.

    Returns
    -------
    ibis.Table
        ``person_id``, ``school_id``, ``year_group`` (missing for courses), ``start``, ``end`` (missing while it lasts),
        ``known_from``, and ``void_from``: the day on which it became known that the person never came, missing for all
        others. Until that day nobody can tell a no-show from others, so the stay counts.

    Raises
    ------
    InputError
        If the site handed over neither enrolments nor courses.
    """
    parts = []
    if "enrolments" in tables:
        rows = tables["enrolments"]
        begun = rows.filter(took_place(rows))
        parts.append(begun.mutate(void_from=ibis.null("date"), year_group=begun.year_group.cast("int64")))
    if "courses" in tables:
        rows = tables["courses"]
        ended = ibis.coalesce(rows.end, rows.start)
        void = ibis.ifelse(rows.outcome == NO_SHOW, ended, ibis.null("date"))
        parts.append(rows.mutate(void_from=void, year_group=ibis.null("int64")))
    if not parts:
        raise InputError(
            "this site handed over neither enrolments nor courses, so nobody is known to study anywhere",
            remedy="name one of them under sources in the site file",
        )
    return ibis.union(*(part.select(*COLUMNS) for part in parts)) if len(parts) > 1 else parts[0].select(*COLUMNS)

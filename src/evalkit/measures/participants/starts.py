"""The day on which a person first came to work, study or self-support."""

from __future__ import annotations

from typing import Literal

import ibis

from evalkit.errors import InputError
from evalkit.measures.participants.participation import group_named
from evalkit.values import Events, Tables

After = Literal["any", "entry", "exit"]
AFTER = ("any", "entry", "exit")


def first_job_or_study(after: After = "exit", project: str | None = None) -> Events:
    """Find the day on which a person first began to work or study.

    Parameters
    ----------
    after
        ``"exit"``: on a day after the last in the project; ``"entry"``: after the day of entry, so that studies that
        were under way do not count; ``"any"``: the first on record.
    project
        Number of the project; None for any.

    Returns
    -------
    Events
        ``first_job_or_study``, at most one a person; ``cause`` is the status. Of several the one that became known
        first, so that what is learnt later moves nothing.

    Raises
    ------
    InputError
        If there is no such ``after``.
    """
    return _first("first_job_or_study", ("in_work", "in_study"), after, project)


def first_job(after: After = "any", project: str | None = None) -> Events:
    """Find the day on which a person first began to work; from the start of SFI, time to it is survival time.

    Parameters
    ----------
    after, project
        As for `first_job_or_study`.

    Returns
    -------
    Events
        ``first_job``, as for `first_job_or_study`.

    Raises
    ------
    InputError
        If there is no such ``after``.
    """
    return _first("first_job", ("in_work",), after, project)


def self_support_reached(after: After = "any", project: str | None = None) -> Events:
    """Find the day on which a person first was wholly self-supporting.

    Parameters
    ----------
    after, project
        As for `first_job_or_study`.

    Returns
    -------
    Events
        ``self_support_reached``, as for `first_job_or_study`.

    Raises
    ------
    InputError
        If there is no such ``after``.
    """
    return _first("self_support_reached", ("self_supporting",), after, project)


def _first(name: str, groups: tuple[str, ...], after: After, project: str | None) -> Events:
    if after not in AFTER:
        raise InputError(f"events are not counted after {after!r}", remedy=f"use one of {', '.join(AFTER)}")
    meant = [group_named(group) for group in groups]

    def compute(tables: Tables) -> ibis.Table:
        rows = tables["statuses"]
        wanted = [(rows.kind == group.kind) & rows.status.isin(group.statuses) for group in meant]
        begun = rows.filter(ibis.or_(*wanted)).select(
            "person_id", date="start", known_from=ibis.greatest(rows.known_from, rows.start), cause="status"
        )
        chosen = begun if after == "any" else _after(tables, begun, after, project)
        first = ibis.window(group_by="person_id", order_by=[chosen.known_from, chosen.date, chosen.cause])
        placed = chosen.mutate(place=ibis.row_number().over(first))
        return placed.filter(placed.place == 0).select("person_id", "date", "known_from", "cause")

    return Events(
        name=name,
        compute=compute,
        repeats=False,
        parameters=(
            ("statuses", tuple(group.statuses for group in meant)),
            ("after", after),
            ("project", project or ""),
        ),
    )


def _after(tables: Tables, begun: ibis.Table, after: After, project: str | None) -> ibis.Table:
    """Keep statuses that began after an entry to (an exit from) the project, known once both are."""
    rows = tables["participants"]
    rows = rows if project is None else rows.filter(rows.project == project)
    bound = rows.end if after == "exit" else rows.start
    spells = rows.filter(bound.notnull()).select(
        participant="person_id", bound=bound, bound_known=ibis.greatest(rows.known_from, bound)
    )
    # an end is the day after the last, so a status may begin on it; on the day of entry it may not
    later = spells.bound <= begun.date if after == "exit" else spells.bound < begun.date
    both = begun.join(spells, [begun.person_id == spells.participant, later])
    return both.select("person_id", "date", "cause", known_from=ibis.greatest(both.known_from, both.bound_known))

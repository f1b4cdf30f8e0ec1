"""What schools, staff and municipalities do, as tables that can be protected.

Forums, stations, groups of pupils, statements and judgements are no persons: they are counted as they are, and
protection leaves them. Pupils who took part, pupils enrolled and staff who answered are persons, and protected like all
others.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import pandas as pd

from evalkit.errors import InputError
from evalkit.panels.counted import count_table
from evalkit.panels.places import school_labels
from evalkit.values import Column, Table, Tables

LABELS = {"school_id": "string", "school": "string"}


def forums_table(held: ibis.Table, tables: Tables, *, about: str = "forums", name: str = "forums_held") -> Table:
    """Make a table of the forums that schools held and whom they reached.

    Parameters
    ----------
    held
        From `evalkit.measures.forums.held`.
    tables
        The site's tables that were counted in.
    about
        Whom the forums were for; another where ``held`` was asked for year groups.
    name
        Of the table.

    Returns
    -------
    Table
        By school and term: ``forums``, ``stations``, ``groups``, ``told`` (stations that heard back) and
        ``feedback_after`` (mean days until then), which are about no person; ``participants`` out of ``enrolled``, both
        counts of pupils at the forum that most took part in, and ``coverage``, their share. Sums over forums are not
        shown: the same three pupils at four forums would pass protection as twelve.

    Raises
    ------
    InputError
        If more pupils took part than were enrolled, or two schools or more are not among the school units.
    DesignError
        If no forum was held.
    """
    over = held.filter((held.participants > held.enrolled) | (held.pupils > held.pupils_enrolled)).count().execute()
    if over:
        raise InputError(
            f"in {int(over)} rows of school and term more pupils took part in forums than were enrolled on those days",
            remedy="count all year groups that took part, and check the participants recorded",
        )
    columns = (
        *(_event(each, "forums" if each == "forums" else "groups") for each in ("forums", "stations", "groups")),
        Column("enrolled", "count"),
        Column("participants", "count", denominator="enrolled"),
        Column("coverage", "share", "participants", "enrolled", persons="enrolled", unit="share", decimals=1),
        _event("told", "groups"),
        _event("days_to_feedback", "days", shown=False),
        Column("feedback_after", "mean", "days_to_feedback", "told", unit="days", decimals=1, sensitive=False),
    )
    rows = _with_school(held.mutate(participants=held.pupils, enrolled=held.pupils_enrolled), tables)
    return count_table(rows, tables, by=("school", "term"), about=about, name=name, columns=columns)


def statements_table(
    said: ibis.Table,
    tables: Tables,
    *,
    by: Sequence[str] = ("school_id", "term", "dimension"),
    name: str = "statements",
) -> Table:
    """Make a table of what pupils said at forums and what came of it.

    A statement belongs to no person; those of small groups were withheld when they were counted, and ``withheld`` says
    how many.

    Parameters
    ----------
    said
        From `evalkit.measures.forums.statements`.
    tables
        The site's tables that were counted in.
    by
        What the statements were divided by.
    name
        Of the table.

    Returns
    -------
    Table
        ``statements``, ``with_action``, ``with_feedback``, ``withheld`` and ``feedback_after`` (mean days); where they
        were divided by dimension or theme, ``share`` of all statements too. ``school_id`` becomes ``school``.

    Raises
    ------
    InputError
        If the statements were divided by something else, or two schools or more are not among the school units.
    DesignError
        If there are none.
    """
    counted = ("statements", "with_action", "with_feedback", "withheld")
    columns = [*(_event(each, "statements") for each in counted), _event("days_to_feedback", "days", shown=False)]
    after = Column(
        "feedback_after", "mean", "days_to_feedback", "with_feedback", unit="days", decimals=1, sensitive=False
    )
    columns.append(after)
    if "whole" in said.columns:
        share = Column("share", "rate", "statements", "whole", unit="share", decimals=1, sensitive=False)
        columns += [_event("whole", "statements", shown=False), share]
    rows = _with_school(said, tables) if "school_id" in by else said
    named = tuple("school" if each == "school_id" else each for each in by)
    return count_table(rows, tables, by=named, about="statements", name=name, columns=columns)


def staff_table(index: ibis.Table, tables: Tables, *, name: str = "staff_index") -> Table:
    """Make a table of the staff survey, from `evalkit.measures.participants.staff_index`.

    Returns
    -------
    Table
        By unit and wave: ``asked``, ``staff`` (those with an index) and ``index``, the mean of theirs; and
        ``training``, hours a person asked. All are about persons, and protected.

    Raises
    ------
    InputError
        If the answers are of another kind.
    DesignError
        If nobody was asked.
    """
    rows = index.mutate(index_sum=ibis.coalesce(index.index_mean * index.staff, 0.0))
    columns = (
        Column("asked", "count"),
        Column("staff", "count", denominator="asked"),
        *_mean("index", "index_sum", "staff", "points"),
        *_mean("training", "training_hours", "asked", "hours"),
    )
    return count_table(rows, tables, by=("unit", "wave"), about="staff", name=name, columns=columns)


def staff_change_table(change: ibis.Table, tables: Tables, *, name: str = "staff_change") -> Table:
    """Make a table of the same staff's change, from `evalkit.measures.participants.staff_change`.

    Returns
    -------
    Table
        By unit: ``staff`` in both waves, ``change``, the mean of theirs, and ``risen`` of them. All are about persons,
        and protected. Their means before and after are not shown: set beside the mean of all who answered in that wave
        (`staff_table`), they would tell the index of the one who answered in that wave alone.

    Raises
    ------
    InputError
        If the answers are of another kind.
    DesignError
        If nobody answered in both waves.
    """
    rows = change.mutate(change_sum=change.change_mean * change.staff)
    columns = (
        Column("staff", "count"),
        *_mean("change", "change_sum", "staff", "points"),
        Column("risen", "count", denominator="staff"),
    )
    return count_table(rows, tables, by=("unit",), about="staff in both waves", name=name, columns=columns)


def implementation_table(degrees: ibis.Table, tables: Tables, *, name: str = "implementation") -> Table:
    """Make a table of how far the model is in use.

    Parameters
    ----------
    degrees
        From `evalkit.measures.participants.implementation_degree` or `implementation_persistence`.
    tables
        The site's tables that were counted in.
    name
        Of the table.

    Returns
    -------
    Table
        By municipality and component: the degrees, 0-4, and whether they persist, as they are. A judgement of a
        municipality is about no person. What was not judged is missing.

    Raises
    ------
    InputError
        If they are not of these kinds.
    DesignError
        If nothing was judged.
    """
    known = [each for each in ("degree", "degree_at_end", "degree_after", "persists") if each in degrees.columns]
    if not known:
        raise InputError("these are no degrees of implementation", remedy="ask implementation_degree for them")
    columns = tuple(Column(each, "mean", unit="", sensitive=False) for each in known)
    by = ("municipality", "component")
    return count_table(degrees, tables, by=by, about="implementation", name=name, columns=columns)


def _event(name: str, unit: str, *, shown: bool = True) -> Column:
    """Describe a number of things that are no persons."""
    return Column(name, "amount", unit=unit, sensitive=False, shown=shown)


def _mean(name: str, total: str, persons: str, unit: str) -> tuple[Column, Column]:
    return (
        Column(total, "amount", persons=persons, unit=unit, shown=False),
        Column(name, "mean", total, persons, persons=persons, unit=unit, decimals=1),
    )


def _with_school(counts: ibis.Table, tables: Tables) -> ibis.Table:
    """Put what readers call each school beside its code; one that is not among the school units is missing.

    Two such schools would be one row to the readers, and none of it could be told apart.
    """
    known = school_labels(tables)
    held_at = counts.select("school_id").distinct().execute()["school_id"]
    unnamed = int((~held_at.isin(list(known))).sum())
    if unnamed > 1:
        raise InputError(
            f"{unnamed} schools of the counts are not among the school units",
            remedy="add them to the school units that the site hands over",
        )
    frame = pd.DataFrame(sorted(known.items()), columns=list(LABELS), dtype="object")
    labels = ibis.memtable(frame, schema=LABELS).rename(code="school_id")
    return counts.left_join(labels, counts.school_id == labels.code).drop("code")

"""From persons by periods to schools by periods."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.errors import DesignError, InputError
from evalkit.panels.cells import PERSONS, columns_of, divided, summed
from evalkit.values import Measure, Panel, fingerprint

KEPT = ("municipality", "place", "treated_from")


def school_panel(panel: Panel, measures: Sequence[Measure], *, school: str = "assigned_school") -> Panel:
    """Sum a panel of persons over schools.

    Parameters
    ----------
    panel
        Persons by periods, with the measures.
    measures
        Ratios become the ratio of the sums over persons; means, counts and flags the mean over persons of whom there is
        one (counts: over all persons).
    school
        ``"assigned_school"``: pupils count in the school of the assignment date, the 15 October before the first forum,
        also after they move, and pupils assigned to none are left out. ``"school"``: in the school they go to.

    Returns
    -------
    Panel
        One row per school and time, unit ``school``: ``persons`` (the rows' weight), ``classes``, the columns that
        `evalkit.panels.tabulate` gives the measures, ``treated_from`` and the period's labels.

    Raises
    ------
    InputError
        If the panel lacks a column.
    DesignError
        If a school's persons are treated from more than one time, or no person has a school.
    """
    names = [name for each in measures for name in (*each.columns, each.name)]
    absent = [name for name in (school, *names) if name not in panel.frame.columns]
    if absent:
        raise InputError(f"the panel holds no {', '.join(absent)}", remedy="build it with the measures to be summed")
    rows = panel.frame[panel.frame[school].notna()]
    if rows.empty:
        raise DesignError(f"no person of the panel has {school}", remedy="check assignment_date in the study file")
    rows = rows.assign(school=rows[school], person_id=rows[panel.unit])
    keys = ["school", panel.time]
    cells = divided(summed(rows, keys, measures), columns_of(measures))
    per_time = [each for each in ("term", "month", "week", "year", "school_year") if each in rows]
    kept = [each for each in KEPT if each in rows and (school == "assigned_school" or each == "place")]
    groups = rows.groupby(keys, observed=True)
    if "treated_from" in kept and (rows.groupby("school", observed=True)["treated_from"].nunique() > 1).any():
        raise DesignError(
            "the pupils of a school are treated from more than one time",
            remedy="give every row of a school the same time in treated_from",
        )
    if panel.inner_cluster is not None:
        cells["classes"] = groups[panel.inner_cluster].nunique()
    frame = groups[[*per_time, *kept]].first().join(cells).reset_index()
    counted = [column.name for column in columns_of(measures) if column.kind == "count"]
    return Panel(
        frame=frame.astype(dict.fromkeys(counted, "int64")),
        unit="school",
        time=panel.time,
        cluster="school",
        treated_from="treated_from" if "treated_from" in kept else None,
        labels=panel.labels,
        weight=PERSONS.name,
        universe=fingerprint(rows[[panel.unit, panel.time, "school"]]),
        origin=panel.origin,
    )

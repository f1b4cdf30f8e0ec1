"""Build a panel: a cohort's persons by periods by measures."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evalkit.panels.rows import PanelPlan, Whom, panel_parts
from evalkit.values import Cohort, Events, Measure, Panel
from evalkit.vocabulary.periods import PeriodKind


def build_panel(
    cohort: Cohort,
    *,
    period: PeriodKind = "term",
    measures: Sequence[Measure],
    outcome: Events | None = None,
    exposures: Sequence[Events] = (),
    whom: Whom = "enrolled",
) -> Panel:
    """Measure a cohort's persons in each period they were enrolled.

    Parameters
    ----------
    cohort
        With its tables. Facts known on or after its ``as_of`` are not seen, and periods that had not ended by then are
        left out.
    period
        ``"term"``, ``"month"``, ``"week"``, ``"year"`` (calendar year) or ``"school_year"``.
    measures
        What to measure. Each sees only facts known before the period's end; measures that share sums share one scan.
        What is known on the day after its period (`Measure.lag_days`), such as a course that ended on the last day, is
        missing in a period that ends on ``as_of``: else all who ended on that day would be said to go on, and the
        numbers would change with a later ``as_of``.
        A school year is measured at a time, so that memory is bounded.
    outcome
        What persons are followed until: rows after the period of a person's first event are left out. What becomes
        known of an event after ``as_of`` is not seen.
    exposures
        What persons may be exposed to on the way; each varies over time and counts from the period in which it had
        happened and was known.

    whom
        ``"enrolled"``: persons while they are enrolled; ``"everyone"``: all of the cohort in every period from when
        they are followed, wherever they are. What is judged years after persons began, such as a diploma, asks for
        everyone: those still enrolled on that day are the ones for whom it went well or slowly.

    Returns
    -------
    Panel
        One row per person and period with an enrolment in [entry, exit), from the period in which the person is first
        followed (``follow_from``): before that day the cohort's rules were not settled, and nobody could have failed to
        be there. Text columns are categoricals.

        ``person_id``; ``time`` (place of the period in the study, from 0); the period's label (``term``, ``month``
        ``2024-02``, ``week`` ``2024-W05``, ``year`` ``2024``); ``school_year`` of its first day; ``place``;
        ``municipality`` (of the cluster school); ``school`` and ``class_id`` (of most lessons in the period; without
        lessons the enrolment's school); ``school_label``; ``assigned_school`` (on the assignment date, kept by those
        who move); ``cluster_school`` (assigned, else the first); ``year_group``; ``sex``; ``treated_from`` (time of the
        first forum at the assigned school, NaN for never, -1 for before anything was seen). The treatment's timing
        belongs to the design and is the same in all rows of a person.

        With an outcome: ``<name>`` (1 in the period of the event), ``<name>_cause`` and ``<name>_at_risk`` (days, from
        ``follow_from`` until the event, that day included, the exit or the period's end). For each exposure:
        ``<name>_since``, whole periods since the one in which it was first known, missing before. Then
        ``forum_exposed``, and for each measure its columns and its name.

    Raises
    ------
    InputError
        If a table is not there, there are no such periods, two measures give the same column, or a measure lacks one.
    DesignError
        If a measure would see later facts, no period had ended, a count rests on a day that is not seen, nobody was
        enrolled in any, a person had the outcome before being followed, or was exposed before entry.
    """
    plan = PanelPlan(cohort, period, tuple(measures), outcome, tuple(exposures), whom)
    return as_panel([frame for _, frame in panel_parts(plan)], plan)


def as_panel(frames: list[pd.DataFrame], plan: PanelPlan) -> Panel:
    """Return the rows of school years as one panel; the frames are used up, so that no column is held twice."""
    return Panel(
        frame=appended(frames),
        unit="person_id",
        time="time",
        cluster="cluster_school",
        inner_cluster="class_id",
        treated_from="treated_from",
        labels=plan.labels,
        origin=plan.cohort.origin,
    )


def appended(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Append frames of equal columns, column by column, and empty the list."""
    if len(frames) == 1:
        return frames.pop()
    columns = {}
    for name in list(frames[0].columns):
        parts = [frame.pop(name) for frame in frames]
        together = isinstance(parts[0].dtype, pd.CategoricalDtype)
        columns[name] = (
            pd.api.types.union_categoricals(parts, sort_categories=True)
            if together
            else pd.concat(parts, ignore_index=True)
        )
    frames.clear()
    return pd.DataFrame(columns, copy=False)

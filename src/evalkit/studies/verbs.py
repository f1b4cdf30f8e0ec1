"""The verbs of the door: each room's pure verb, its result kept in the store under all that made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from evalkit import disclosure, panels
from evalkit.cohorts.build import build_cohort as find_cohort
from evalkit.measures import attendance
from evalkit.reports import show as reports_show
from evalkit.studies.keeping import kept
from evalkit.values import (
    Cohort,
    CohortDefinition,
    Events,
    Measure,
    Panel,
    Protectable,
    Protected,
    SchoolSums,
    Table,
    Tables,
)
from evalkit.vocabulary.periods import PeriodKind

Noun = TypeVar("Noun")


def build_cohort(tables: Tables, definition: CohortDefinition) -> Cohort:
    """Find who is studied.

    Parameters
    ----------
    tables
        A site's tables, ``study.tables``.
    definition
        From ``evalkit.cohorts``, or one of your own.

    Returns
    -------
    Cohort
        With its flow.
    """
    made = kept(
        tables.origin,
        ("cohort", definition.key, tables.assignment_date, tables.terms),
        lambda: find_cohort(tables, definition),
    )
    return replace(made, tables=tables, origin=tables.origin, flow=replace(made.flow, origin=tables.origin))


def build_panel(
    cohort: Cohort,
    *,
    period: PeriodKind,
    measures: Sequence[Measure],
    outcome: Events | None = None,
    exposures: Sequence[Events] = (),
    whom: panels.Whom = "enrolled",
) -> Panel:
    """Measure every person of a cohort in every period. See `evalkit.panels.build_panel`.

    Parameters
    ----------
    cohort
        From `build_cohort`.
    period
        ``"term"``, ``"month"``, ``"week"``, ``"year"`` or ``"school_year"``.
    measures
        From the namespaces, such as ``ek.attendance.rate()``.
    outcome
        What persons are followed until, such as ``ek.progression.dropouts()``.
    exposures
        What persons may meet on the way, such as ``ek.transitions.changes("year_6_to_7")``.
    whom
        ``"enrolled"``, or ``"everyone"`` for what is judged after persons left, such as a diploma.
    """
    asked = tuple(measure.key for measure in measures)
    followed = ("" if outcome is None else outcome.key, tuple(each.key for each in exposures), whom)
    parts = ("panel", cohort.fingerprint, period, asked, followed, _setting(cohort.tables))
    made = kept(
        cohort.origin,
        parts,
        lambda: panels.build_panel(
            cohort, period=period, measures=measures, outcome=outcome, exposures=exposures, whom=whom
        ),
    )
    return replace(made, origin=cohort.origin)


def write_panel(
    cohort: Cohort,
    folder: Path | str,
    *,
    period: PeriodKind,
    measures: Sequence[Measure],
    outcome: Events | None = None,
    exposures: Sequence[Events] = (),
    whom: panels.Whom = "enrolled",
) -> Path:
    """Measure a school year at a time and keep the rows on disk. See `evalkit.panels.write_panel`."""
    return panels.write_panel(
        cohort, folder, period=period, measures=measures, outcome=outcome, exposures=exposures, whom=whom
    )


def read_panel(folder: Path | str, *, columns: Sequence[str] = (), school_years: Sequence[str] | None = None) -> Panel:
    """Read back what `write_panel` wrote. See `evalkit.panels.read_panel`."""
    return panels.read_panel(folder, columns=columns, school_years=school_years)


def school_panel(panel: Panel, measures: Sequence[Measure], *, school: str = "assigned_school") -> Panel:
    """Sum a panel of persons over schools. See `evalkit.panels.school_panel`."""
    parts = ("schools", panel.fingerprint, tuple(measure.key for measure in measures), school)
    made = kept(panel.origin, parts, lambda: panels.school_panel(panel, measures, school=school))
    return replace(made, origin=panel.origin)


def attrition(panel: Panel, cohort: Cohort, *, outcome: str = "", name: str = "attrition") -> Table:
    """Count who is seen and who is gone, period by period. See `evalkit.panels.attrition`."""
    parts = ("attrition", panel.fingerprint, cohort.fingerprint, outcome, name)
    made = kept(panel.origin, parts, lambda: panels.attrition(panel, cohort, outcome=outcome, name=name))
    return replace(made, origin=panel.origin)


def tabulate(source: Panel | Cohort, measures: Sequence[Measure], *, by: Sequence[str], name: str) -> Table:
    """Count persons, and sum measures, over divisions of a panel or cohort.

    Parameters
    ----------
    source
        Panel or cohort.
    measures
        What to sum; may be empty.
    by
        Columns to divide by, such as ``["term", "school"]``.
    name
        Name of the table; titles and labels are found by it.
    """
    parts = ("table", source.fingerprint, tuple(measure.key for measure in measures), tuple(by), name)
    made = kept(source.origin, parts, lambda: panels.tabulate(source, measures, by=by, name=name))
    return replace(made, origin=source.origin)


def school_sums(panel: Panel, *, outcome: str, adjust: Sequence[str] = ()) -> SchoolSums:
    """Sum one outcome per school, as the study's estimate needs it from each site.

    Parameters
    ----------
    panel
        With the outcome among its measures.
    outcome
        Name of the measure.
    adjust
        Columns known before the start, such as ``["sex"]``, that the effect is adjusted for; at most six.
    """
    parts = ("sums", panel.fingerprint, outcome, tuple(adjust))
    made = kept(panel.origin, parts, lambda: panels.school_sums(panel, outcome=outcome, adjust=adjust))
    name = "_".join(("sums", outcome, *(("by", *adjust) if adjust else ())))
    return replace(made, name=name, origin=panel.origin)


def presence(tables: Tables, *, day: date, name: str = "presence") -> Table:
    """Count who was on site, building by building and hour by hour.

    Parameters
    ----------
    tables
        A site's tables, ``study.tables``.
    day
        The day, in the site's own time.
    name
        Name of the table.
    """
    counts = attendance.present_by_hour(tables, day)
    return panels.count_table(counts, tables, by=("building_id", "hour"), about=f"on site {day}", name=name)


def protect(value: Protectable, *, policy: disclosure.Policy | None = None) -> Protected:
    """Make a value safe to show: the only way out. See `evalkit.disclosure.protect`."""
    return disclosure.protect(value, policy=policy)


def show(protected: Protected, *more: Protected, view: str | None = None) -> None:
    """Show protected values: a table, a figure, a sentence or a box. See `evalkit.reports.show.show`."""
    reports_show.show(protected, *more, view=view)


def _setting(tables: Tables | None) -> tuple[object, ...]:
    return () if tables is None else (tables.terms, tables.assignment_date, tables.named_schools, tables.place)

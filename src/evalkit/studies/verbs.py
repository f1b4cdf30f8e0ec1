"""The verbs of the door: each room's pure verb, its result kept in the store under all that made it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar

from evalkit import disclosure, models, panels
from evalkit.cohorts.build import build_cohort as find_cohort
from evalkit.errors import DesignError
from evalkit.measures import attendance, connectedness
from evalkit.reports import show as reports_show
from evalkit.studies.asking import study_wide
from evalkit.studies.pooling import with_design_facts
from evalkit.studies.store import Store, result_key
from evalkit.values import (
    Cohort,
    CohortDefinition,
    Curve,
    Estimate,
    Events,
    Measure,
    Origin,
    Panel,
    Protectable,
    Protected,
    SchoolSums,
    Table,
    Tables,
)
from evalkit.vocabulary.instruments import Instrument
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
    made = _kept(
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
    made = _kept(
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
    made = _kept(panel.origin, parts, lambda: panels.school_panel(panel, measures, school=school))
    return replace(made, origin=panel.origin)


def attrition(panel: Panel, cohort: Cohort, *, outcome: str = "", name: str = "attrition") -> Table:
    """Count who is seen and who is gone, period by period. See `evalkit.panels.attrition`."""
    parts = ("attrition", panel.fingerprint, cohort.fingerprint, outcome, name)
    made = _kept(panel.origin, parts, lambda: panels.attrition(panel, cohort, outcome=outcome, name=name))
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
    made = _kept(source.origin, parts, lambda: panels.tabulate(source, measures, by=by, name=name))
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
    made = _kept(panel.origin, parts, lambda: panels.school_sums(panel, outcome=outcome, adjust=adjust))
    name = "_".join(("sums", outcome, *(("by", *adjust) if adjust else ())))
    return replace(made, name=name, origin=panel.origin)


def few_treated_effect(sums: SchoolSums, *, name: str = "forum_effect") -> Estimate:
    """Estimate the effect of forums from the sums of all sites. See `evalkit.models.few_treated_effect`."""
    made = study_wide("few_treated_effect", (sums,), name, lambda: models.few_treated_effect(sums, name=name))
    assert isinstance(made, Estimate)
    return made


def event_study(sums: SchoolSums, *, name: str = "forum_event_study") -> Curve:
    """Estimate the difference term by term around the start. See `evalkit.models.event_study`."""
    made = study_wide("event_study", (sums,), name, lambda: models.event_study(sums, name=name))
    assert isinstance(made, Curve)
    return made


def staggered_effect(
    panel: Panel,
    *,
    outcome: str,
    control: Literal["never", "not_yet"] = "never",
    aggregate: Literal["simple", "dynamic", "group", "calendar"] = "simple",
    covariates: Sequence[str] = (),
    unbalanced: Literal["pairwise", "balanced"] = "pairwise",
    name: str = "staggered_effect",
) -> Estimate | Curve:
    """Estimate group-time effects in a panel with many treated clusters. See `evalkit.models.staggered_effect`.

    Raises
    ------
    DesignError
        Also where the study's effects stay hidden until checks pass: those are judged on all sites' sums alone.
    """
    if panel.origin is not None and panel.origin.blind:
        raise DesignError(
            "the study hides effects until its checks pass, and one site's panel cannot tell whether they do",
            remedy="use few_treated_effect, which is hidden and shown by those checks",
        )
    parts = ("staggered", panel.fingerprint, outcome, control, aggregate, tuple(covariates), unbalanced, name)
    made = _kept(
        panel.origin,
        parts,
        lambda: models.staggered_effect(
            panel,
            outcome=outcome,
            control=control,
            aggregate=aggregate,
            covariates=covariates,
            unbalanced=unbalanced,
            name=name,
        ),
    )
    return replace(made, origin=panel.origin)


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


def reliability(
    cohort: Cohort,
    *,
    wave: str,
    dimension: str | None = None,
    instrument: str | Instrument | None = None,
    coefficient: Literal["alpha", "omega"] = "alpha",
) -> Estimate:
    """Estimate how reliable a scale of the survey is. See `evalkit.models.reliability`.

    Parameters
    ----------
    cohort
        Whose answers are used.
    wave
        Of the survey.
    dimension, instrument
        Which items; all of the wave where both are None. See `evalkit.measures.connectedness.item_moments`.
    coefficient
        Cronbach's alpha, or McDonald's omega.
    """
    moments = connectedness.item_moments(cohort, wave=wave, dimension=dimension, instrument=instrument)
    return replace(models.reliability(moments, coefficient=coefficient), origin=cohort.origin)


def within_effect(panel: Panel, *, outcome: str, on: str, name: str) -> Estimate:
    """Relate an outcome to another measure within persons. See `evalkit.models.within_effect`."""
    parts = ("within", panel.fingerprint, outcome, on, name)
    made = _kept(panel.origin, parts, lambda: models.within_effect(panel, outcome=outcome, on=on, name=name))
    return replace(made, origin=panel.origin)


def change_over_time(
    panel: Panel, *, outcome: str, between: tuple[str, str], year_group: int | None = None, name: str
) -> Estimate:
    """Compare an outcome between two terms. See `evalkit.models.change_over_time`."""
    parts = ("change", panel.fingerprint, outcome, between, year_group, name)
    made = _kept(
        panel.origin,
        parts,
        lambda: models.change_over_time(panel, outcome=outcome, between=between, year_group=year_group, name=name),
    )
    return replace(with_design_facts(made, outcome, panel.origin), origin=panel.origin)


def protect(value: Protectable, *, policy: disclosure.Policy | None = None) -> Protected:
    """Make a value safe to show: the only way out. See `evalkit.disclosure.protect`."""
    return disclosure.protect(value, policy=policy)


def show(protected: Protected, *more: Protected, view: str | None = None) -> None:
    """Show protected values: a table, a figure, a sentence or a box. See `evalkit.reports.show.show`."""
    reports_show.show(protected, *more, view=view)


def _kept(origin: Origin | None, parts: tuple[object, ...], make: Callable[[], Noun]) -> Noun:
    if origin is None:
        return make()
    store = Store(Path(origin.store))
    key = result_key(origin.inputs, origin.tables, origin.engine, origin.study_digest, origin.site_digest, *parts)
    kept: Any = store.get(key)
    if kept is not None:
        return kept  # type: ignore[no-any-return]
    made = make()
    store.put(key, made)
    return made


def _setting(tables: Tables | None) -> tuple[object, ...]:
    return () if tables is None else (tables.terms, tables.assignment_date, tables.named_schools, tables.place)

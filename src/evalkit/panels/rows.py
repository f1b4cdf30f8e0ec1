"""The rows of a panel, a school year at a time, so that memory is bounded however many years there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import DesignError, InputError
from evalkit.panels.followup import expose, follow, outcome_columns, since_column, until_event
from evalkit.panels.grid import as_grid, enrolled_rows, everyone_rows, numbered, people_of
from evalkit.panels.guard import check_measures, check_settled, check_tables, check_whom
from evalkit.panels.measured import measured
from evalkit.panels.periods import by_school_year, ended_periods, school_year_label, study_periods, unsettled
from evalkit.panels.places import lesson_places, school_labels
from evalkit.panels.treatment import assigned_schools, exposure_days, first_forum_times
from evalkit.values import Cohort, Events, Known, Measure, Period, Tables, calendar_of
from evalkit.vocabulary.periods import PeriodKind

Whom = Literal["enrolled", "everyone"]
NEEDED = ("persons", "school_units")
EXPOSED = "forum_exposed"
DESIGN = (
    "school_year",
    "place",
    "municipality",
    "school",
    "school_label",
    "assigned_school",
    "cluster_school",
    "class_id",
    "year_group",
    "sex",
    "treated_from",
)


@dataclass(frozen=True, eq=False)
class PanelPlan:
    """All that is asked of a panel, checked before anything is measured.

    Parameters
    ----------
    cohort
        With its tables.
    kind
        Of the periods.
    measures, outcome, exposures, whom
        What its columns and rows are, see `evalkit.panels.build_panel`.

    Raises
    ------
    InputError
        If a table is not there, there are no such periods, or two columns would bear one name.
    DesignError
        If no period had ended, or a count could not be told of one that had.
    """

    cohort: Cohort
    kind: PeriodKind
    measures: tuple[Measure, ...]
    outcome: Events | None = None
    exposures: tuple[Events, ...] = ()
    whom: Whom = "enrolled"
    tables: Tables = field(init=False, repr=False)
    study: dict[int, Period] = field(init=False, repr=False)
    periods: dict[int, Period] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        tables = self.cohort.tables
        if tables is None:
            raise InputError("the cohort has no open tables to measure in", remedy="build it with build_cohort")
        check_tables(tables, NEEDED)
        if self.whom not in get_args(Whom):
            raise InputError(f"no panel is of {self.whom!r}", remedy=f"use one of {', '.join(get_args(Whom))}")
        check_measures(self.measures, self.own)
        check_whom(self.measures, self.whom)
        as_of = self.cohort.as_of
        study = study_periods(tables, self.kind)
        object.__setattr__(self, "tables", tables if as_of is None else tables.known_before(as_of))
        object.__setattr__(self, "study", study)
        object.__setattr__(self, "periods", ended_periods(study, as_of, _seen_until(self.cohort)))
        check_settled(self.measures, self.unsettled(self.periods))

    @property
    def own(self) -> tuple[str, ...]:
        """The panel's columns beside those of its measures, in order; a measure may be asked for ``forum_exposed``."""
        label = () if self.kind == "school_year" else (self.kind,)
        events = [] if self.outcome is None else [self.outcome.name + end for end in ("", "_cause", "_at_risk")]
        events += [f"{exposure.name}_since" for exposure in self.exposures]
        return ("person_id", "time", *label, *DESIGN, *events)

    def unsettled(self, periods: Mapping[int, Period]) -> dict[str, tuple[str, ...]]:
        """Return, by name of measure, the labels of the periods that it rests on later days of than can be seen."""
        return {each.name: unsettled(periods, self.cohort.as_of, each.lag_days) for each in self.measures}

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the panel, in order."""
        measures = [name for each in self.measures for name in dict.fromkeys((*each.columns, each.name))]
        return (*self.own, *([] if EXPOSED in measures else [EXPOSED]), *measures)

    @property
    def labels(self) -> tuple[tuple[int, str], ...]:
        """What readers call the periods."""
        return tuple((time, period.label) for time, period in self.periods.items())


def panel_parts(plan: PanelPlan) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give a panel's rows a school year at a time, in the order of the years.

    Parameters
    ----------
    plan
        What is asked.

    Yields
    ------
    tuple of str and pandas.DataFrame
        The school year of the periods' first days, such as ``"2023/24"``, and its rows, sorted by person and time. A
        year without rows is left out.

    Raises
    ------
    DesignError
        If nobody was enrolled in any of the periods.
    """
    people = people_of(plan.cohort)
    asked = _Asked(plan, people)
    found = False
    for year, periods in by_school_year(plan.periods).items():
        there = enrolled_rows(people, plan.tables, periods, plan.kind)
        if plan.whom == "everyone":
            there = everyone_rows(plan.cohort, there, periods)
        rows = until_event(there, asked.followed, periods)
        if len(rows):
            found = True
            yield year, asked.part(_placed(rows, people, plan.tables, periods), periods)
    if not found:
        raise DesignError(
            "nobody of the cohort was enrolled in any of the periods",
            remedy="check the study's school years against the cohort's period",
        )


class _Asked:
    """What is found once for all school years, and one school year's rows made of it."""

    def __init__(self, plan: PanelPlan, people: pd.DataFrame) -> None:
        self.plan, self.facts = plan, _PersonFacts(plan, people)
        self.followed = (
            None
            if plan.outcome is None
            else follow(plan.outcome, people, plan.tables, plan.periods, plan.kind, everyone=plan.whom == "everyone")
        )
        self.numbered = numbered(plan.tables, people)
        self.exposed = [expose(each, people, plan.tables) for each in plan.exposures]

    def part(self, rows: pd.DataFrame, periods: Mapping[int, Period]) -> pd.DataFrame:
        """Return all columns of the rows of one school year's periods."""
        plan, columns = self.plan, self.facts.columns(rows, periods)
        if self.followed is not None:
            columns |= outcome_columns(rows, self.followed, periods)
        for each in self.exposed:
            columns[f"{each.name}_since"] = since_column(rows, each, self.followed, plan.periods)
        frame = pd.DataFrame(columns, copy=False)
        grid = as_grid(rows, periods, plan.kind)
        known = Known(self.numbered, grid, calendar_of(tuple(periods.values())))
        keys = rows[["person", "time"]].assign(period=_labelled(rows["time"], _labels(periods)))
        values = measured(keys, known, plan.measures, plan.unsettled(periods), _scratch(plan.cohort))
        return pd.concat([frame, values], axis=1)[list(plan.columns)]


def _placed(rows: pd.DataFrame, people: pd.DataFrame, tables: Tables, periods: Mapping[int, Period]) -> pd.DataFrame:
    """Tell of each row where the person was: the school of most lessons, else of the enrolment, and the class."""
    lessons = lesson_places(people, tables, periods)
    rows = rows.merge(lessons, how="left", on=["person", "time"])
    school = rows.pop("school").fillna(rows.pop("enrolled_at"))
    return rows.assign(school=school.astype("category"), class_id=rows["class_id"].astype("category"))


class _PersonFacts:
    """What a panel tells of persons and schools beside measures, by the person's number."""

    def __init__(self, plan: PanelPlan, people: pd.DataFrame) -> None:
        tables, self.plan = plan.tables, plan
        ids = people["person_id"]
        self.ids = ids.to_numpy(object)
        self.sex = ids.map(_column(tables, "persons", "person_id", "sex")).fillna("unknown").to_numpy(object)
        assigned = ids.map(assigned_schools(tables)).astype("str")
        self.assigned = assigned.astype(object).where(assigned.notna(), None).to_numpy()
        self.treated = assigned.map(first_forum_times(tables, plan.study)).to_numpy("float64")
        self.cluster = self.assigned.copy()
        assert plan.cohort.tables is not None
        self.labels = school_labels(plan.cohort.tables)
        self.municipality = _column(tables, "school_units", "school_id", "municipality")
        self.exposure = exposure_days(tables)

    def columns(self, rows: pd.DataFrame, periods: Mapping[int, Period]) -> dict[str, Any]:
        """Return the panel's own columns for rows of ``person``, ``time``, ``school``, ``class_id``, ``year_group``."""
        person, time = rows["person"].to_numpy(), rows["time"].to_numpy()
        self._cluster_by_first_school(rows)
        schools = rows["school"].cat
        columns: dict[str, Any] = {
            "person_id": _by_code(person, self.ids),
            "time": time.astype("int64"),
            self.plan.kind: _labelled(rows["time"], _labels(periods)),
            "school_year": _labelled(rows["time"], {t: school_year_label(each) for t, each in periods.items()}),
            "place": _by_code(np.zeros(len(rows), "int8"), np.array([self.plan.tables.place], object)),
            "municipality": _by_code(person, _mapped(self.cluster, self.municipality)),
            "school": rows["school"],
            "school_label": _by_code(schools.codes.to_numpy(), _mapped(schools.categories, self.labels)),
            "assigned_school": _by_code(person, self.assigned),
            "cluster_school": _by_code(person, self.cluster),
            "class_id": rows["class_id"],
            "year_group": rows["year_group"],
            "sex": _by_code(person, self.sex),
            "treated_from": self.treated[person],
        }
        if EXPOSED not in [measure.name for measure in self.plan.measures]:
            columns[EXPOSED] = self._exposed(rows, periods)
        return columns

    def _cluster_by_first_school(self, rows: pd.DataFrame) -> None:
        # who was in no school on the assignment date belongs to the school of the first row
        first = rows[["person", "school"]].drop_duplicates("person")
        person, school = first["person"].to_numpy(), first["school"].to_numpy(object)
        homeless = np.array([each is None for each in self.cluster[person]], dtype=bool)
        self.cluster[person[homeless]] = school[homeless]

    def _exposed(self, rows: pd.DataFrame, periods: Mapping[int, Period]) -> NDArray[np.float64]:
        days = [self.exposure.get(school) for school in rows["school"].cat.categories]
        known = np.array([[day is not None and day < each.end for each in periods.values()] for day in days])
        place = np.searchsorted(np.array(list(periods)), rows["time"].to_numpy())
        exposed: NDArray[np.float64] = known[rows["school"].cat.codes.to_numpy(), place].astype("float64")
        return exposed


def _by_code(codes: NDArray[Any], texts: NDArray[Any]) -> Any:
    """Return texts by code as a categorical of those that stand in it, in their order."""
    known = pd.Categorical(texts)
    return pd.Categorical.from_codes(known.codes[codes], dtype=known.dtype).remove_unused_categories()


def _labelled(times: pd.Series, labels: Mapping[int, str]) -> Any:
    place = np.searchsorted(np.array(list(labels)), times.to_numpy())
    return _by_code(place, np.array(list(labels.values()), dtype=object))


def _labels(periods: Mapping[int, Period]) -> dict[int, str]:
    return {time: period.label for time, period in periods.items()}


def _mapped(codes: Iterable[Any], texts: Mapping[str, str]) -> NDArray[Any]:
    return np.array([texts.get(code) for code in codes], dtype=object)


def _column(tables: Tables, table: str, key: str, column: str) -> dict[str, str]:
    frame = tables[table].select(key, column).execute()
    return dict(zip(frame[key], frame[column], strict=True))


def _seen_until(cohort: Cohort) -> date | None:
    if "censored_at" not in cohort.frame or not len(cohort.frame):
        return None
    latest = cohort.frame["censored_at"].max()
    return None if pd.isna(latest) else latest.date()


def _scratch(cohort: Cohort) -> Path | None:
    return None if cohort.origin is None else Path(cohort.origin.store)

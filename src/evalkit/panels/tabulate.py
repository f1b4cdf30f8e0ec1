"""Count persons and sum measures over divisions of a panel or a cohort, keeping what the margins mean."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evalkit.errors import DesignError, InputError
from evalkit.panels.axes import TIMES, axes_of, with_levels
from evalkit.panels.cells import columns_of, count_cells
from evalkit.panels.places import school_labels
from evalkit.values import Cohort, Measure, Panel, Table, fingerprint


def tabulate(source: Panel | Cohort, measures: Sequence[Measure] = (), *, by: Sequence[str], name: str) -> Table:
    """Count persons, and sum measures, in each division.

    Parameters
    ----------
    source
        A panel, in which a person has a row per time, or a cohort, in which each person stands once.
    measures
        Measures that the panel holds; none for a cohort.
    by
        Columns that divide the rows; ``"school"`` shows school labels. In a panel, terms, months, weeks and years get
        no total, for the same person stands in many; everything else gets one (over schools it bears the place's name),
        and all margins are there. A school panel is divided by its time, for its rows stand for the same persons at
        every time.
    name
        Stable name of the table.

    Returns
    -------
    Table
        ``persons`` counts persons with any row. A ratio: hidden amounts and count of persons with a denominator, the
        rate, and its coverage over all persons. A flag: ``<name>_persons`` flagged of the hidden ``<name>_known``, and
        the share. A mean: hidden ``<name>_sum`` of persons' means, ``<name>_persons`` with one, and the mean. A count:
        ``<name>_persons`` of whom there was any, the hidden ``<name>_sum`` over persons (of all a person's events, or
        of the person's mean where days and the like are counted), and the mean over all persons. Persons of whom a
        division is not known stand at the level ``"missing"``. The universe is the digest of the panel's persons and
        times (of the cohort), whatever was measured.

    Raises
    ------
    InputError
        If the source has no such column or measure, or a measure's kind fits no column.
    DesignError
        If single persons would be the division, or a school panel is not divided by its time.
    """
    divisions = tuple(by)
    unit = source.unit if isinstance(source, Panel) else "person_id"
    added = isinstance(source, Panel) and source.weight is not None
    _check_divisions(source.frame, divisions, "" if added else unit)
    columns = columns_of(measures)
    summed = [column.name for column in columns if column.numerator is None] if added else _of(measures)
    _check_measures(source, measures, summed)
    if added and not set(divisions) & set(TIMES):
        raise DesignError(
            "the rows of a school panel stand for the same persons at every time, so they cannot be added up over time",
            remedy="name the panel's time in by=, or tabulate the panel of persons",
        )
    rows = source.frame.assign(person_id=source.frame[unit])
    if "school" in divisions:
        rows = rows.assign(school=_labels(source, rows))
    rows = with_levels(rows[list(dict.fromkeys(["person_id", *divisions, *summed]))], divisions)
    axes = axes_of(rows, divisions, repeated=isinstance(source, Panel), place=_place(source))
    return Table(
        name=name,
        universe=_universe(source),
        axes=axes,
        columns=columns,
        frame=count_cells(rows, axes, measures, added=added),
        origin=source.origin,
    )


def _check_divisions(frame: pd.DataFrame, by: tuple[str, ...], unit: str) -> None:
    if unit in by:
        raise DesignError("a table over single persons is no table", remedy=f"leave {unit} out of by=")
    absent = [column for column in by if column not in frame.columns]
    if absent:
        raise InputError(
            f"there is no column {', '.join(absent)} to divide by",
            remedy=f"divide by one of {', '.join(column for column in frame.columns if column != unit)}",
        )
    if len(set(by)) < len(by):
        raise InputError("a column stands twice in by=", remedy="name each once")


def _of(measures: Sequence[Measure]) -> list[str]:
    """Return the columns of a panel of persons that its measures are summed from."""
    return [name for each in measures for name in (*each.columns, each.name)]


def _check_measures(source: Panel | Cohort, measures: Sequence[Measure], needed: list[str]) -> None:
    if measures and isinstance(source, Cohort):
        raise InputError("a cohort holds no measures", remedy="build a panel with them, and tabulate that")
    absent = [name for name in needed if name not in source.frame.columns]
    if absent:
        raise InputError(
            f"the panel holds no {', '.join(dict.fromkeys(absent))}",
            remedy=f"add {', '.join(each.name for each in measures)} to the measures the panel is built with",
        )


def _universe(source: Panel | Cohort) -> str:
    # whatever was measured, the same persons at the same times are the same universe, so that tables are linked
    if isinstance(source, Cohort):
        return source.fingerprint
    return source.universe or fingerprint(source.frame[[source.unit, source.time]])


def _labels(source: Panel | Cohort, rows: pd.DataFrame) -> pd.Series:
    if "school_label" in rows:
        return rows["school_label"]
    if isinstance(source, Cohort) and source.tables is not None:
        return rows["school_id"].map(school_labels(source.tables))
    return rows["school"]


def _place(source: Panel | Cohort) -> str:
    if isinstance(source, Cohort):
        return "" if source.tables is None else source.tables.place
    return str(source.frame["place"].iloc[0]) if "place" in source.frame and len(source.frame) else ""

"""Values from before entry, the only ones that persons may be matched on."""

from __future__ import annotations

from datetime import date

import pandas as pd

from evalkit.errors import DesignError, InputError
from evalkit.values import Panel
from evalkit.vocabulary.periods import stretch

ON_ENTRY = ("school_id", "year_group", "school_year", "sex")
"""Columns of a cohort's frame that are known on the day of entry."""


def values_before(
    everyone: pd.DataFrame, values: Panel | pd.DataFrame | None, exact: tuple[str, ...], nearest: tuple[str, ...]
) -> pd.DataFrame:
    """Add to persons the columns asked for, as they stood before each one's entry.

    Parameters
    ----------
    everyone
        Rows of a cohort's frame, each person once.
    values
        As in `evalkit.cohorts.matched`.
    exact, nearest
        Columns.

    Returns
    -------
    pandas.DataFrame
        The same rows in order of person, with the columns; missing where nothing was known before entry.

    Raises
    ------
    DesignError
        If a column could tell of what came after entry.
    InputError
        If a column is not there or is no number.
    """
    asked = dict.fromkeys((*exact, *nearest))
    own = [column for column in asked if column in ON_ENTRY]
    ahead = [column for column in asked if column in everyone.columns and column not in ON_ENTRY]
    if ahead:
        raise DesignError(
            f"matching on {', '.join(ahead)} would choose comparison persons by what came after entry, and hide the "
            "very difference that is looked for",
            remedy="match on what was known before entry",
        )
    frame = everyone.sort_values("person_id", ignore_index=True)
    theirs = [column for column in asked if column not in own]
    if theirs:
        found = _known(frame, values, theirs)
        frame = frame.merge(found, how="left", on="person_id", validate="one_to_one")
    for column in nearest:
        kind = frame[column].dtype
        if not pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind):
            raise InputError(f"the column {column!r} is no number", remedy="match on it exactly")
        frame[column] = frame[column].astype("float64")
    return frame


def _known(frame: pd.DataFrame, values: Panel | pd.DataFrame | None, columns: list[str]) -> pd.DataFrame:
    needed = ["person_id", *([] if isinstance(values, Panel) else ["known_from"]), *columns]
    rows = values.frame if isinstance(values, Panel) else values
    absent = needed if rows is None else [column for column in needed if column not in rows.columns]
    if rows is None or absent:
        raise InputError(
            f"the values to match on have no column {', '.join(absent)}",
            remedy="hand over a panel, or a frame with person_id, known_from (the day they were known) and the columns",
        )
    entry = rows["person_id"].map(frame.set_index("person_id")["entry"])
    if isinstance(values, Panel):
        return _last_before(rows, values, entry, columns)
    if rows["person_id"].duplicated().any():
        raise InputError("the values to match on hold a person twice", remedy="give one row a person")
    late = entry.notna() & ~(pd.to_datetime(rows["known_from"]) <= entry)
    if late.any():
        raise DesignError(
            f"the values of {int(late.sum())} persons were known after entry only: to match on them would choose "
            "comparison persons by what came after",
            remedy="hand over values known by the day of entry",
        )
    return rows.loc[entry.notna(), ["person_id", *columns]]


def _last_before(rows: pd.DataFrame, panel: Panel, entry: pd.Series, columns: list[str]) -> pd.DataFrame:
    ends = {time: _end(label) for time, label in panel.labels}
    over = pd.to_datetime(rows[panel.time].map(ends))
    before = rows[(over <= entry).to_numpy(dtype=bool)]
    if before.empty:
        raise DesignError(
            "no period of the panel had ended when anybody entered, so there is nothing from before entry to match on",
            remedy="build the panel over periods before entry",
        )
    last = before.sort_values([panel.unit, panel.time]).drop_duplicates(panel.unit, keep="last")
    return last[["person_id", *columns]]


def _end(label: str) -> date:
    try:
        return stretch(label).end
    except ValueError:
        raise InputError(f"the period {label!r} has no dates", remedy="hand over a panel of dated periods") from None

"""Sums per school of one outcome: what a site gives to the study's estimate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.errors import DesignError, InputError
from evalkit.values import Panel, SchoolSums

POINTS = 100.0
LARGEST_SHARE = 2.0
CONTRASTS = ["school", "start", "pupils", "classes", "contrast_sum", "variance_within_school", "variance_within_class"]


def school_sums(panel: Panel, *, outcome: str, unit: str = "percentage_points") -> SchoolSums:
    """Sum an outcome per school and time, by intention to treat.

    Pupils count in the school they were assigned to (``assigned_school``; the panel's cluster where there is no such
    column) even after they move; pupils assigned to none are left out. For each possible start the contrast of a pupil
    is the mean outcome over the times from the start on, minus the mean over the times before; a pupil seen on one side
    only has none. The pupil's class is the one at the last time before the start.

    Parameters
    ----------
    panel
        With the outcome, a municipality and the timing of treatment.
    outcome
        Column of the panel; rows where it is missing are left out.
    unit
        ``"percentage_points"`` multiplies shares by 100; any other unit leaves them as they are.

    Returns
    -------
    SchoolSums
        Schools by code. ``classes`` counts the classes of pupils with a contrast; variances are NaN where too few
        pupils or classes leave no degrees of freedom.

    Raises
    ------
    InputError
        If there is no such outcome, or it is no share although percentage points are asked for.
    DesignError
        If no pupil has the outcome, or a school was treated before anything was seen or from several times.
    """
    rows = _outcomes(panel, outcome, unit)
    times = sorted(rows["time"].unique())
    schools = _schools(rows, times[0])
    terms = rows.groupby(["school", "time"], as_index=False).agg(
        pupils=("person", "nunique"), outcome_sum=("outcome", "sum")
    )
    parts = [_contrasts(rows, int(start)) for start in times[1:]]
    contrasts = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=CONTRASTS)
    places = schools[["school", "site", "municipality"]]
    return SchoolSums(
        outcome=outcome,
        unit=unit,
        schools=schools,
        terms=terms.merge(places, on="school"),
        contrasts=contrasts.merge(places, on="school"),
        labels=panel.labels,
        origin=panel.origin,
    )


def _schools(rows: pd.DataFrame, first_time: int) -> pd.DataFrame:
    schools = rows.groupby("school")
    if (schools["treated_from"].nunique(dropna=False) > 1).any():
        raise DesignError(
            "the pupils of a school are treated from more than one time",
            remedy="give every row of a school the same time in treated_from",
        )
    frame = schools[["site", "municipality", "treated_from"]].first().reset_index()
    if (frame["treated_from"] <= first_time).any():
        raise DesignError(
            "a school was treated before the outcome was seen there, so nothing can be compared with what came after",
            remedy="leave the school out of the panel, or start the study's terms earlier",
        )
    return frame


def _outcomes(panel: Panel, outcome: str, unit: str) -> pd.DataFrame:
    """Return the rows that count: ``person``, ``time``, ``school``, ``class``, ``outcome`` and facts of the school."""
    frame = panel.frame
    if outcome not in frame.columns:
        raise InputError(
            f"the panel holds no outcome {outcome!r}", remedy="add its measure to the measures of build_panel"
        )
    school = frame["assigned_school" if "assigned_school" in frame else panel.cluster]
    rows = pd.DataFrame(
        {
            "person": frame[panel.unit],
            "time": frame[panel.time].astype("int64"),
            "school": school,
            "class": _classes(panel),
            "outcome": frame[outcome].astype("float64"),
            "treated_from": _treated_from(panel),
            "municipality": frame.get("municipality", ""),
            "site": _site(panel),
        }
    )
    # few schools stand in many rows; sums of them bear plain texts, which others can put together
    named = [column for column in rows if isinstance(rows[column].dtype, pd.CategoricalDtype) and column != "person"]
    rows = rows.astype(dict.fromkeys(named, "str"))
    rows = rows[rows["outcome"].notna() & rows["school"].notna()]
    if rows.empty:
        raise DesignError(f"no pupil assigned to a school has the outcome {outcome!r}", remedy="check its coverage")
    if unit != "percentage_points":
        return rows
    if not rows["outcome"].between(0, LARGEST_SHARE).all():
        raise InputError(f"the outcome {outcome!r} is no share", remedy='name its unit, such as unit="points"')
    return rows.assign(outcome=rows["outcome"] * POINTS)


def _classes(panel: Panel) -> pd.Series | None:
    if panel.inner_cluster is None:
        return None
    named = panel.frame[panel.inner_cluster]
    if "school" not in panel.frame:
        return named.astype("str")
    # a class name such as 7A is used in many schools
    return (panel.frame["school"].astype("str") + " " + named.astype("str")).where(named.notna())


def _treated_from(panel: Panel) -> pd.Series | float:
    if panel.treated_from is None:
        return np.nan
    times = panel.frame[panel.treated_from].astype("float64")
    return times.where(times != 0)


def _site(panel: Panel) -> pd.Series | str:
    if panel.origin is not None and panel.origin.site is not None:
        return panel.origin.site
    there: pd.Series | str = panel.frame.get("place", "")
    return there


def _contrasts(rows: pd.DataFrame, start: int) -> pd.DataFrame:
    """Sum the pupils' contrasts at one start, per school."""
    before, after = rows[rows["time"] < start], rows[rows["time"] >= start]
    last = before.sort_values("time").drop_duplicates("person", keep="last").set_index("person")
    pupils = pd.DataFrame(
        {
            "contrast": after.groupby("person")["outcome"].mean() - before.groupby("person")["outcome"].mean(),
            "school": last["school"],
            "class": last["class"],
        }
    ).dropna(subset=["contrast"])
    by_school = pupils.groupby("school")["contrast"]
    found = pd.DataFrame(
        {
            "pupils": by_school.size(),
            "classes": pupils.groupby("school")["class"].nunique(),
            "contrast_sum": by_school.sum(),
            "variance_within_school": by_school.var(ddof=1),
            "variance_within_class": _within_classes(pupils),
        }
    )
    return found.rename_axis("school").reset_index().assign(start=start)[CONTRASTS]


def _within_classes(pupils: pd.DataFrame) -> pd.Series:
    """Return each school's variance of contrasts around the class means, over pupils less classes."""
    seated = pupils.dropna(subset=["class"])
    deviations = seated["contrast"] - seated.groupby(["school", "class"])["contrast"].transform("mean")
    squares = (deviations**2).groupby(seated["school"]).sum()
    schools = seated.groupby("school")
    freedom = schools.size() - schools["class"].nunique()
    return squares / freedom.where(freedom > 0)

"""Sums per school of one outcome: what a site gives to the study's estimate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import DesignError, InputError
from evalkit.panels.covariate_sums import covariate_sums, person_facts
from evalkit.values import Panel, SchoolSums
from evalkit.values.school_sums import CONTRAST_COLUMNS, COVARIATE_COLUMNS, MOVE_COLUMNS, PLACE, PRODUCT_COLUMNS

POINTS = 100.0
LARGEST_SHARE = 2.0
NEEDED_SHARE = 0.5
CONTRASTS = [*(name for name in CONTRAST_COLUMNS if name not in PLACE), "seated"]


def school_sums(
    panel: Panel, *, outcome: str, unit: str = "percentage_points", adjust: Sequence[str] = ()
) -> SchoolSums:
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
    adjust
        Columns of the panel that the study adjusts contrasts for: facts of persons known before any start, such as
        ``("sex",)``. Texts and truth values are groups, numbers enter as they are, and at most 6 covariates come of
        them all. The site gives sums per school, and products of deviations from school means over its schools that
        were never treated; the slope is the study's. That a fact which never changes was known before the start
        cannot be checked here.

    Returns
    -------
    SchoolSums
        Schools by code, also those without the outcome. ``classes`` counts the classes of pupils with a contrast;
        variances are NaN where too few pupils or classes leave no degrees of freedom. A school's ``fewest`` is taken
        over the times and starts in which the site has at least half as many assigned pupils as in its fullest one,
        and over the starts of its own treated schools, with the outcome or without it; where it has no pupil at all
        there is no row to tell of anybody.

    Raises
    ------
    InputError
        If there is no such outcome or covariate, or the outcome is no share although percentage points are asked for.
    DesignError
        If no pupil has the outcome, a school was treated before anything was seen or from several times, or a covariate
        changes within a person or is part of the design.
    """
    assigned = _assigned(panel, outcome)
    rows = _outcomes(assigned, outcome, unit)
    times = sorted(rows["time"].unique())
    schools = _schools(assigned, times[0])
    enrolled = assigned.groupby(["school", "time"]).size().rename("enrolled")
    terms = rows.groupby(["school", "time"]).agg(pupils=("person", "size"), outcome_sum=("outcome", "sum"))
    terms = terms.join(enrolled).reset_index()
    facts = person_facts(panel, tuple(adjust), outcome)
    parts = [_one_start(rows, assigned, schools, facts, int(start)) for start in times[1:]]
    contrasts, moves, covariates, products = ([part[i] for part in parts if len(part[i])] for i in range(4))
    places = schools[["school", "site", "municipality"]]
    return SchoolSums(
        outcome=outcome,
        unit=unit,
        schools=schools.merge(_fewest(assigned, schools), on="school"),
        terms=terms.merge(places, on="school"),
        contrasts=_stacked(contrasts, CONTRASTS).merge(places, on="school"),
        labels=panel.labels,
        origin=panel.origin,
        moves=_stacked(moves, MOVE_COLUMNS),
        adjusted=tuple(adjust),
        covariates=_stacked(covariates, COVARIATE_COLUMNS),
        products=_stacked(products, PRODUCT_COLUMNS),
    )


def _one_start(
    rows: pd.DataFrame, assigned: pd.DataFrame, schools: pd.DataFrame, facts: pd.DataFrame, start: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the contrasts of one start per school, who moved, and what adjusts for covariates."""
    pupils = _pupils(rows, start).merge(schools, on="school", how="left").set_index("person")
    covariates, products = covariate_sums(pupils, facts, start)
    return _contrasts(pupils, start), _moves(pupils, assigned, start), covariates, products


def _stacked(frames: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))


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


def _assigned(panel: Panel, outcome: str) -> pd.DataFrame:
    """Return the rows of pupils with an assigned school: who, when, where, the outcome and facts of the school."""
    frame = panel.frame
    if outcome not in frame.columns:
        raise InputError(
            f"the panel holds no outcome {outcome!r}", remedy="add its measure to the measures of build_panel"
        )
    kept = "assigned_school" in frame
    rows = pd.DataFrame(
        {
            # numbers group faster than pseudonyms
            "person": pd.factorize(frame[panel.unit])[0],
            "time": frame[panel.time].astype("int64"),
            "school": frame["assigned_school" if kept else panel.cluster],
            "attended": frame["school"] if kept and "school" in frame else None,
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
    return rows[rows["school"].notna()]


def _outcomes(assigned: pd.DataFrame, outcome: str, unit: str) -> pd.DataFrame:
    rows = assigned[assigned["outcome"].notna()]
    if rows.empty:
        raise DesignError(f"no pupil assigned to a school has the outcome {outcome!r}", remedy="check its coverage")
    if unit != "percentage_points":
        return rows
    if not rows["outcome"].between(0, LARGEST_SHARE).all():
        raise InputError(f"the outcome {outcome!r} is no share", remedy='name its unit, such as unit="points"')
    return rows.assign(outcome=rows["outcome"] * POINTS)


def _fewest(assigned: pd.DataFrame, schools: pd.DataFrame) -> pd.DataFrame:
    """Return each school's fewest pupils in the rows it must have, whether they have the outcome or not."""
    times = sorted(assigned["time"].unique())
    there = assigned.groupby(["school", "time"]).size().unstack(fill_value=0)
    stays = assigned.groupby("person").agg(school=("school", "first"), first=("time", "min"), last=("time", "max"))
    both = {start: stays[(stays["first"] < start) & (stays["last"] >= start)] for start in times[1:]}
    sides = pd.DataFrame({start: seen.groupby("school").size() for start, seen in both.items()}, index=there.index)
    own = [start for start in sides if start in set(schools["treated_from"].dropna())]
    needed = pd.concat([_full(there), _full(sides.fillna(0.0)), sides[own].fillna(0.0)], axis=1)
    return needed.where(needed > 0).min(axis=1).fillna(0.0).rename("fewest").rename_axis("school").reset_index()


def _full(counts: pd.DataFrame) -> pd.DataFrame:
    total = counts.sum()
    return counts[list(total.index[total >= NEEDED_SHARE * total.max()])]


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


def _pupils(rows: pd.DataFrame, start: int) -> pd.DataFrame:
    """Return each pupil seen on both sides of a start: ``person``, ``contrast``, ``school`` and ``class``."""
    before, after = rows[rows["time"] < start], rows[rows["time"] >= start]
    # a panel's rows stand in the order of persons and times
    last = before.drop_duplicates("person", keep="last").set_index("person")
    contrast = after.groupby("person")["outcome"].mean() - before.groupby("person")["outcome"].mean()
    pupils = pd.DataFrame({"contrast": contrast, "school": last["school"], "class": last["class"]})
    return pupils.dropna(subset=["contrast"]).rename_axis("person").reset_index()


def _contrasts(pupils: pd.DataFrame, start: int) -> pd.DataFrame:
    by_school = pupils.groupby("school")["contrast"]
    found = pd.DataFrame(
        {
            "pupils": by_school.size(),
            "classes": pupils.groupby("school")["class"].nunique(),
            "contrast_sum": by_school.sum(),
            "variance_within_school": by_school.var(ddof=1),
            "variance_within_class": _within_classes(pupils),
            "seated": pupils.groupby("school")["class"].count(),
        }
    )
    return found.rename_axis("school").reset_index().assign(start=start)[CONTRASTS]


def _moves(pupils: pd.DataFrame, assigned: pd.DataFrame, start: int) -> pd.DataFrame:
    """Count who was in another school than the assigned one, at the start or later."""
    later = assigned[(assigned["time"] >= start) & assigned["attended"].notna()]
    if later.empty:
        return pd.DataFrame()
    movers = later.loc[later["attended"] != later["school"], "person"].unique()
    counted = pupils.assign(moved=pupils.index.isin(movers), start=start)
    groups = counted.groupby(["site", "municipality", "start"], as_index=False)
    return groups.agg(pupils=("moved", "size"), moved=("moved", "sum"))


def _within_classes(pupils: pd.DataFrame) -> pd.Series:
    """Return each school's variance of contrasts around the class means, over pupils less classes."""
    seated = pupils.dropna(subset=["class"])
    deviations = seated["contrast"] - seated.groupby(["school", "class"])["contrast"].transform("mean")
    squares = (deviations**2).groupby(seated["school"]).sum()
    schools = seated.groupby("school")
    freedom = schools.size() - schools["class"].nunique()
    return squares / freedom.where(freedom > 0)

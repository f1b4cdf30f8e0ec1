"""What the study needs of a site to adjust contrasts for facts of persons."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import DesignError, InputError
from evalkit.values import Panel

MOST_COVARIATES = 6
DESIGN = ("school", "assigned_school", "cluster_school", "class_id", "treated_from", "municipality", "place")
CONTRAST = "contrast"
UNKNOWN = "unknown"
PLACE = ["site", "municipality"]
Floats = NDArray[np.float64]


def person_facts(panel: Panel, adjust: tuple[str, ...], outcome: str) -> pd.DataFrame:
    """Return covariates by person, numbered as they first stand in the panel.

    They are 0 or 1 for each group, numbers as they are, and NaN where not known.

    Every group has its column, so that sites with different groups can be put together; of each column's groups one
    tells nothing more and does not count among the 6. The group ``unknown`` is not known.

    Raises
    ------
    InputError
        If the panel lacks a column, or more than 6 covariates come of them.
    DesignError
        If a column changes within a person or belongs to the design.
    """
    absent = [name for name in adjust if name not in panel.frame.columns]
    if absent:
        raise InputError(
            f"the panel holds no {', '.join(absent)} to adjust for", remedy="name columns of the panel in adjust"
        )
    roles = {panel.unit, panel.time, panel.cluster, panel.inner_cluster, panel.treated_from, outcome, *DESIGN}
    if taken := [name for name in adjust if name in roles]:
        raise DesignError(
            f"contrasts cannot be adjusted for {', '.join(taken)}, which belongs to the design or is the outcome",
            remedy="adjust for facts of persons that were known before the start",
        )
    numbers = pd.Series(pd.factorize(panel.frame[panel.unit])[0], panel.frame.index, name="person")
    persons = panel.frame.groupby(numbers)[list(dict.fromkeys(adjust))]
    if changing := [name for name, often in persons.nunique().max().items() if often > 1]:
        raise DesignError(
            f"{', '.join(map(str, changing))} changes within a person, so it may tell of what came after the start",
            remedy="use each person's value before the first start, the same in all rows",
        )
    facts = persons.first()
    parts = [_columns(facts[name]) for name in facts]
    count = sum(max(part.shape[1] - (part.columns[0] != name), 1) for part, name in zip(parts, facts, strict=True))
    if count > MOST_COVARIATES:
        raise InputError(
            f"{count} covariates come of what is to be adjusted for, more than {MOST_COVARIATES}",
            remedy="name fewer, or put groups together",
        )
    return pd.concat(parts, axis=1) if parts else facts


def _columns(fact: pd.Series) -> pd.DataFrame:
    number = pd.api.types.is_numeric_dtype(fact.dtype) and not pd.api.types.is_bool_dtype(fact.dtype)
    if number:
        return fact.astype("float64").to_frame()
    known = fact.notna() & (fact.astype("str") != UNKNOWN)
    groups = fact.astype("str")
    return pd.DataFrame(
        {
            f"{fact.name}={group}": (groups == group).astype("float64").where(known)
            for group in sorted(groups[known].unique())
        },
        index=fact.index,
    )


def covariate_sums(pupils: pd.DataFrame, facts: pd.DataFrame, start: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sum covariates over the pupils with a contrast at one start.

    Parameters
    ----------
    pupils
        By person: ``contrast``, ``school``, ``class`` (or missing), ``site``, ``municipality``, ``treated_from``.
    facts
        As from `person_facts`.
    start
        Written into every row.

    Returns
    -------
    tuple
        Frames ``covariates`` and ``products`` of `evalkit.values.SchoolSums`; empty without covariates.
    """
    if not facts.shape[1]:
        return pd.DataFrame(), pd.DataFrame()
    known = facts.reindex(pupils.index)
    filled = known.fillna(known.groupby(pupils["school"]).transform("mean")).fillna(known.mean()).fillna(0.0)
    single = _groups(known)
    keys = [pupils[name] for name in (*PLACE, "school")]
    frames = {"members": single.groupby(keys).sum(), "known": known.groupby(keys).count()}
    frames["value_sum"] = filled.groupby(keys).sum()
    long = {name: frame.rename_axis(columns="covariate").stack() for name, frame in frames.items()}
    covariates = pd.DataFrame(long).reset_index().assign(start=start)
    never = pupils["treated_from"].isna()
    spread = filled.assign(**{CONTRAST: pupils[CONTRAST]})
    marked = single.assign(**{CONTRAST: 1.0})
    parts = [
        _products(own, spread.loc[own.index], marked.loc[own.index]).assign(
            site=own["site"].iloc[0], municipality=own["municipality"].iloc[0], start=start
        )
        for _, own in pupils[never].groupby(PLACE)
    ]
    return covariates, pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _groups(known: pd.DataFrame) -> pd.DataFrame:
    """Return who belongs to each covariate's group: those with the value 1, or all whose number is known."""
    group = {name: bool(known[name].isin([0.0, 1.0, np.nan]).all()) for name in known}
    return pd.DataFrame({name: known[name] if group[name] else known[name] * 0.0 + 1.0 for name in known})


def _products(pupils: pd.DataFrame, spread: pd.DataFrame, marked: pd.DataFrame) -> pd.DataFrame:
    """Multiply deviations from school and class means, summed over one place's schools that were never treated."""
    schools = pupils.groupby("school")
    size, seats, classes = schools.size(), schools["class"].count(), schools["class"].nunique()
    clear = size.index[(classes >= 1) & (seats > classes)]
    inside = pupils["school"].isin(clear)
    seated = inside & pupils["class"].notna()
    around_school = (spread - spread.groupby(pupils["school"]).transform("mean")).to_numpy()
    own = spread[seated]
    around_class = (
        own - own.groupby([pupils.loc[seated, "school"], pupils.loc[seated, "class"]]).transform("mean")
    ).to_numpy()
    within_school, within_class = around_school.T @ around_school, around_class.T @ around_class
    clear_school = around_school[inside.to_numpy()]
    between = clear_school.T @ clear_school - within_class
    counts = {
        "pupils": len(pupils),
        "freedom_school": len(pupils) - len(size),
        "freedom_class": int((seats - classes)[clear].sum()),
        "freedom_between": int((classes[clear] - 1).sum()),
        "reach": float((size[clear] - size[clear] / classes[clear]).sum()),
    }
    names = list(spread.columns)
    rows = [
        {
            "first": names[i],
            "second": names[j],
            "members": _smallest(marked[names[i]].to_numpy(), marked[names[j]].to_numpy()),
            "within_school": within_school[i, j],
            "within_class": within_class[i, j],
            "between_classes": between[i, j],
            **counts,
        }
        for i, j in combinations_with_replacement(range(len(names)), 2)
    ]
    return pd.DataFrame(rows)


def _smallest(first: Floats, second: Floats) -> int:
    """Return the size of the smallest group with anybody in it when pupils are divided by two marks at once."""
    both = np.isfinite(first) & np.isfinite(second)
    cells = np.bincount((2 * first[both] + second[both]).astype(np.int64), minlength=4)
    return int(cells[cells > 0].min()) if cells.any() else 0

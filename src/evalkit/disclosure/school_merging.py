"""Small schools are merged, by a rule that no outcome has a say in."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.values import SchoolSums

RULE = "merged_within_municipality"
PLACE = ["site", "municipality"]
UNIT = [*PLACE, "school"]


def merge_schools(sums: SchoolSums, minimum: int) -> SchoolSums:
    """Merge the schools that have fewer than the minimum pupils in a row that they must have.

    Within a site's municipality the small schools that were never treated become one unit; if that is still too small,
    it is merged with the smallest of the other schools there that were never treated. Small treated schools are merged
    likewise, with schools of the same start. What is too small after that is left out. Size is the schools' ``fewest``
    pupils, which does not depend on the outcome: outcomes of one panel are merged alike, so that one outcome's sums
    cannot be subtracted from another's. Where ``fewest`` is not known, size is the fewest pupils of the sums' own rows.

    A unit's name tells the municipality, the start and how many schools are in it. Pupils, sums and classes add up;
    a merged school's variance is taken around the unit's mean, and its class variance around class means as before.

    Returns
    -------
    SchoolSums
        With ``merged``, ``left_out``, ``treated_left_out`` and ``rule``, and without ``fewest``.
    """
    sizes = _sizes(sums)
    units: dict[tuple[str, str], str] = {}
    outside: set[tuple[str, str]] = set()
    for _, group in sums.schools.groupby([*PLACE, "treated_from"], dropna=False):
        small, enough = _members(sizes.loc[group.index], minimum)
        if enough:
            units |= dict.fromkeys(_keys(group.loc[small]), _name(group.iloc[0], len(small)))
        else:
            outside |= set(_keys(group.loc[small]))
    lost = sums.schools[_inside(sums.schools, outside)]
    return replace(
        sums,
        schools=_renamed(sums.schools, units, outside).drop_duplicates(["site", "school"]).assign(fewest=np.nan),
        terms=_added(_renamed(sums.terms, units, outside), "time"),
        contrasts=_pooled(_renamed(sums.contrasts, units, outside)),
        covariates=_added(_renamed(sums.covariates, units, outside), "start", "covariate"),
        merged=sums.merged + len(units),
        left_out=sums.left_out + len(lost),
        treated_left_out=sums.treated_left_out + int(lost["treated_from"].notna().sum()),
        rule=RULE,
    )


def _sizes(sums: SchoolSums) -> pd.Series:
    rows = pd.concat([sums.terms, sums.contrasts], ignore_index=True)
    own = rows.groupby(["site", "school"])["pupils"].min()
    seen = own.reindex(pd.MultiIndex.from_frame(sums.schools[["site", "school"]])).fillna(0.0).to_numpy()
    return sums.schools["fewest"].fillna(pd.Series(seen, sums.schools.index)).astype("float64")


def _members(sizes: pd.Series, minimum: int) -> tuple[list[int], bool]:
    """Return which schools of a group are small, or become part of their unit, and whether the unit is large enough."""
    small = sizes[sizes < minimum]
    if small.empty:
        return [], False
    if small.sum() >= minimum:
        return list(small.index), True
    # schools stand in the order of their codes, which settles ties
    others = sizes.drop(small.index).sort_values(kind="stable").head(1)
    return [*small.index, *others.index], not others.empty


def _name(school: pd.Series, count: int) -> str:
    start = "" if pd.isna(school["treated_from"]) else f"-from-{int(school['treated_from'])}"
    return f"merged-{count}-{school['site']}-{school['municipality']}{start}"


def _keys(frame: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(frame["site"], frame["school"], strict=True))


def _inside(frame: pd.DataFrame, keys: Container[tuple[str, str]]) -> pd.Series:
    return pd.Series([key in keys for key in _keys(frame)], frame.index, dtype=bool)


def _renamed(frame: pd.DataFrame, units: dict[tuple[str, str], str], outside: set[tuple[str, str]]) -> pd.DataFrame:
    names = pd.Series([units.get(key, key[1]) for key in _keys(frame)], frame.index, dtype="str")
    there: pd.DataFrame = frame.assign(school=names)[~_inside(frame, outside)]
    return there


def _added(frame: pd.DataFrame, *keys: str) -> pd.DataFrame:
    return frame.groupby([*UNIT, *keys], as_index=False).sum(min_count=1)


def _pooled(contrasts: pd.DataFrame) -> pd.DataFrame:
    """Put schools' contrasts together: squares around a unit's mean are those within its schools and between them."""
    units = contrasts.groupby([*UNIT, "start"])
    overall = units["contrast_sum"].transform("sum") / units["pupils"].transform("sum")
    between = contrasts["pupils"] * (contrasts["contrast_sum"] / contrasts["pupils"] - overall) ** 2
    alone = contrasts["pupils"] <= 1
    inside = ((contrasts["pupils"] - 1) * contrasts["variance_within_school"]).mask(alone, 0.0)
    classwise = contrasts["variance_within_class"]
    spare = (contrasts["seated"].fillna(contrasts["pupils"]) - contrasts["classes"]).where(classwise.notna(), 0.0)
    added = ["pupils", "classes", "contrast_sum", "seated"]
    parts = contrasts[[*UNIT, "start", *added]].assign(
        squares=inside + between, unknown=inside.isna(), spare=spare, class_squares=(spare * classwise).fillna(0.0)
    )
    found = parts.groupby([*UNIT, "start"], as_index=False).sum(min_count=1)
    squares, freedom = found["squares"].mask(found["unknown"] > 0), found["pupils"] - 1
    return found.assign(
        variance_within_school=squares / freedom.where(freedom > 0),
        variance_within_class=found["class_squares"] / found["spare"].where(found["spare"] > 0),
    )

"""The design behind a study's effect, read from school sums into arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.errors import DesignError
from evalkit.models.adjusted_contrasts import read_adjustment, with_covariates
from evalkit.models.arrays import Booleans, Floats, Integers
from evalkit.models.pooled_variances import estimated_classes, pooled_variances
from evalkit.values import SchoolSums, fingerprint

Comparison = Literal["within_municipality", "all_schools"]

COMPARISONS_NEEDED = 2
VALUES = ("mean", "pupils", "seated", "classes", "within", "inner")


@dataclass(frozen=True, eq=False)
class SchoolDesign:
    """G schools, the S terms in which treated schools started, and the k treated schools.

    Parameters
    ----------
    schools
        ``municipality/school`` of each of the G schools.
    stratum
        (G,) Schools are compared with schools of their stratum.
    comparison
        Whether strata are municipalities or all schools are one.
    starts
        The S start times among the treated, in order.
    contrast
        (G, S) mean over pupils of outcome from the start on minus outcome before, in ``unit``.
    pupils, classes
        (G, S) Pupils seen both before and after, and their classes (estimated at 25 pupils each where unknown).
    person_variance, class_variance
        (S,) Pooled variance of a person's contrast within class (within school where classes are unknown), and between
        classes within a school (NaN where classes are unknown).
    exposure
        (S, S) The contrast that a constant effect of 1 from start i gives at start j; 1 on the diagonal.
    treated, slots
        (k,) Treated schools, and which of ``starts`` each began at.
    unit
        Unit of the contrasts; shares are in percentage points.
    left_out, treated_left_out
        Schools without contrasts at every start, and treated schools among them; those that were too small count too.
    seen_share
        Pupils in the contrasts as a share of the pupils enrolled in these schools at each start; NaN where not known.
    seed
        Seed of every draw, from starts and sizes alone.
    adjusted
        What the contrasts are adjusted for, by slopes within schools; variances are then of adjusted contrasts.
    merged, rule
        How many schools are counted together with others, and by what rule.
    moved_share
        Of the pupils in the contrasts, how many were in another school than the assigned one from the start on, over
        the sites that tell; NaN where none does. Sites tell no count that is under the policy's minimum.
    """

    schools: tuple[str, ...]
    stratum: Integers
    comparison: Comparison
    starts: tuple[int, ...]
    contrast: Floats
    pupils: Floats
    classes: Floats
    person_variance: Floats
    class_variance: Floats
    exposure: Floats
    treated: Integers
    slots: Integers
    unit: str
    left_out: int
    treated_left_out: int
    seen_share: float
    seed: int
    adjusted: tuple[str, ...] = ()
    merged: int = 0
    rule: str = ""
    moved_share: float = float("nan")

    @property
    def untreated(self) -> Booleans:
        """(G,) Whether each school never held what is studied."""
        mask = np.ones(len(self.schools), dtype=bool)
        mask[self.treated[self.treated >= 0]] = False
        return mask

    @property
    def shares(self) -> Floats:
        """(S,) How much of the treated pupils began at each start."""
        weight = np.zeros(len(self.starts))
        np.add.at(weight, self.slots, self.pupils[self.treated, self.slots])
        return np.asarray(weight / weight.sum(), dtype=float)

    @property
    def coverage(self) -> float | None:
        """``seen_share``; None where it is not known."""
        return None if np.isnan(self.seen_share) else self.seen_share

    @property
    def fewest_pupils(self) -> int:
        """The fewest pupils that any compared group stands for: a treated school, or its comparisons together."""
        compared = np.isin(self.stratum, self.stratum[self.treated]) & self.untreated
        return int(min(self.pupils[self.treated, self.slots].min(), self.pupils[compared].sum(axis=0).min()))

    @property
    def freedom(self) -> int:
        """Untreated schools minus the stratum means they leave free."""
        return int(self.untreated.sum()) - len(np.unique(self.stratum[self.untreated]))


def read_design(sums: SchoolSums, comparison: Comparison | None = None) -> SchoolDesign:
    """Read school sums into arrays.

    Parameters
    ----------
    sums
        Of all sites.
    comparison
        None lets the design decide: schools are compared within their municipality if each municipality with a treated
        school has at least two schools that never held forums, otherwise with all schools. The outcome is not used.

    Raises
    ------
    DesignError
        If no school is treated, none can be compared, the treated were not seen both before and after, nothing varies
        within or between the schools to compare with, or what contrasts are to be adjusted for is not told by any site.
    """
    scale = 100.0 if sums.unit == "share" else 1.0
    schools = sums.schools.assign(key=sums.schools["municipality"] + "/" + sums.schools["school"]).set_index("key")
    if not schools["treated_from"].notna().any():
        raise DesignError(
            "no school of the study is treated, so there is no effect to estimate",
            remedy="add the site whose schools held forums, or check the forums table and its dates",
        )
    contrasts = _usable(with_covariates(sums.contrasts, sums) if sums.adjusted else sums.contrasts)
    starts = _starts(schools, contrasts)
    kept = contrasts[contrasts["start"].isin(starts)]
    names = _complete_schools(schools, kept, starts)
    arrays = {column: _grid(kept, column, names, starts) for column in VALUES}
    began = schools["treated_from"].reindex(list(names)).to_numpy(dtype=float)
    treated = np.flatnonzero(~np.isnan(began)).astype(np.int64)
    slots = np.array([starts.index(int(began[i])) for i in treated], dtype=np.int64)
    _refuse_the_impossible(treated, len(names))
    municipality = np.unique(schools["municipality"].reindex(list(names)).to_numpy(dtype=str), return_inverse=True)[1]
    chosen = comparison or _choose_comparison(municipality, treated)
    contrast, person, classwise = _spreads(sums, names, starts, arrays)
    stratum = (municipality if chosen == "within_municipality" else np.zeros(len(names))).astype(np.int64)
    _refuse_what_cannot_vary(contrast, person, stratum, np.isnan(began))
    order = np.lexsort((treated, slots))
    return SchoolDesign(
        schools=names,
        stratum=stratum,
        comparison=chosen,
        starts=starts,
        contrast=contrast * scale,
        pupils=arrays["pupils"],
        classes=estimated_classes(arrays["classes"], arrays["pupils"]),
        person_variance=person * scale**2,
        class_variance=classwise * scale**2,
        exposure=_exposure(sums.terms, starts),
        treated=treated[order],
        slots=slots[order],
        unit="percentage_points" if sums.unit == "share" else sums.unit,
        left_out=sums.left_out + len(schools) - len(names),
        treated_left_out=sums.treated_left_out + int(schools["treated_from"].notna().sum()) - len(treated),
        seen_share=_seen_share(sums.terms, arrays["pupils"], names, starts),
        seed=seed_of(sums),
        adjusted=sums.adjusted,
        merged=sums.merged,
        rule=sums.rule,
        moved_share=_moved_share(sums.moves, starts),
    )


def keep_schools(design: SchoolDesign, kept: Integers) -> SchoolDesign:
    """Return the design with some of its schools; treated schools left out have the place -1."""
    position = np.full(len(design.schools), -1, dtype=np.int64)
    position[kept] = np.arange(len(kept))
    return replace(
        design,
        schools=tuple(design.schools[i] for i in kept),
        stratum=design.stratum[kept],
        contrast=design.contrast[kept],
        pupils=design.pupils[kept],
        classes=design.classes[kept],
        treated=position[design.treated],
    )


def seed_of(sums: SchoolSums) -> int:
    """Return the seed that starts and sizes give, the same in every process, whatever the outcome and the names."""
    began = sums.schools[["site", "school", "treated_from"]]
    sizes = sums.contrasts.merge(began, on=["site", "school"])[["treated_from", "start", "pupils"]]
    return int(fingerprint(sizes.sort_values(["treated_from", "start", "pupils"], ignore_index=True))[:12], 16)


def _usable(contrasts: pd.DataFrame) -> pd.DataFrame:
    rows = contrasts[(contrasts["pupils"] > 0) & contrasts["contrast_sum"].notna()]
    renamed = rows.rename(columns={"variance_within_school": "within", "variance_within_class": "inner"})
    return renamed.assign(
        key=rows["municipality"] + "/" + rows["school"],
        mean=rows["contrast_sum"] / rows["pupils"],
    )


def _starts(schools: pd.DataFrame, contrasts: pd.DataFrame) -> tuple[int, ...]:
    began = schools["treated_from"].dropna().astype(int)
    seen = set(zip(contrasts["key"], contrasts["start"].astype(int), strict=True))
    starts = sorted({int(start) for key, start in began.items() if (key, int(start)) in seen})
    if not starts:
        raise DesignError(
            "no treated school has pupils seen both before and after its start",
            remedy="extend the study's terms so that they begin before the first forum",
        )
    return tuple(starts)


def _complete_schools(schools: pd.DataFrame, kept: pd.DataFrame, starts: tuple[int, ...]) -> tuple[str, ...]:
    """Keep schools with contrasts at every start; one treated from another time is neither treated nor untreated."""
    counts = kept.groupby("key")["start"].nunique()
    usable = schools["treated_from"].isna() | schools["treated_from"].isin(starts)
    return tuple(str(name) for name in schools.index[usable] if counts.get(name, 0) == len(starts))


def _grid(rows: pd.DataFrame, column: str, names: tuple[str, ...], starts: tuple[int, ...]) -> Floats:
    wide = rows.pivot(index="key", columns="start", values=column).reindex(index=list(names), columns=list(starts))
    return wide.to_numpy(dtype=float, na_value=np.nan)


def _refuse_the_impossible(treated: Integers, schools: int) -> None:
    if not len(treated):
        raise DesignError(
            "no treated school has contrasts at every start of the study",
            remedy="extend the study's terms, or study the schools' starts one at a time",
        )
    if len(treated) == schools:
        raise DesignError(
            "every school of the study is treated, so there is nothing to compare with",
            remedy="add sites or schools that held no forums during the study's terms",
        )


def _refuse_what_cannot_vary(contrast: Floats, person: Floats, stratum: Integers, untreated: Booleans) -> None:
    if person.any():
        return
    alike = [np.ptp(contrast[untreated & (stratum == place)], axis=0) for place in np.unique(stratum[untreated])]
    if not np.any(alike):
        raise DesignError(
            "the outcome changes alike for everyone in the schools to compare with, so chance cannot be judged",
            remedy="check that the outcome differs between persons and over the terms",
        )


def _choose_comparison(municipality: Integers, treated: Integers) -> Comparison:
    untreated = np.ones(len(municipality), dtype=bool)
    untreated[treated] = False
    there = [int((untreated & (municipality == place)).sum()) for place in np.unique(municipality[treated])]
    return "within_municipality" if min(there) >= COMPARISONS_NEEDED else "all_schools"


def _spreads(
    sums: SchoolSums, names: tuple[str, ...], starts: tuple[int, ...], arrays: dict[str, Floats]
) -> tuple[Floats, Floats, Floats]:
    """Return contrasts and their variances within and between classes, adjusted where the sums are made for it."""
    if sums.adjusted:
        found = read_adjustment(sums, names, starts, arrays["pupils"])
        return arrays["mean"] - found.shift, found.person_variance, found.class_variance
    return arrays["mean"], *pooled_variances(
        arrays["pupils"], arrays["seated"], arrays["classes"], arrays["within"], arrays["inner"]
    )


def _exposure(terms: pd.DataFrame, starts: tuple[int, ...]) -> Floats:
    pupils = terms.groupby("time")["pupils"].sum()
    times, weight = pupils.index.to_numpy(dtype=float), pupils.to_numpy(dtype=float)
    exposure = np.eye(len(starts))
    for i, began in enumerate(starts):
        on = (times >= began).astype(float)
        for j, split in enumerate(starts):
            after, before = weight * (times >= split), weight * (times < split)
            if i != j and after.sum() > 0 and before.sum() > 0:
                exposure[i, j] = (after @ on) / after.sum() - (before @ on) / before.sum()
    return exposure


def _seen_share(terms: pd.DataFrame, seen: Floats, names: tuple[str, ...], starts: tuple[int, ...]) -> float:
    rows = terms.rename(columns={"time": "start"}).assign(key=terms["municipality"] + "/" + terms["school"])
    enrolled = _grid(rows[rows["start"].isin(starts)], "enrolled", names, starts).sum()
    return float(seen.sum() / enrolled) if enrolled > 0 else float("nan")


def _moved_share(moves: pd.DataFrame, starts: tuple[int, ...]) -> float:
    told = moves[moves["start"].isin(starts) & moves["moved"].notna()]
    return float(told["moved"].sum() / told["pupils"].sum()) if len(told) else float("nan")

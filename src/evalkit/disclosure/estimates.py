"""Estimates, curves and sums that rest on too few."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.disclosure.policy import Policy
from evalkit.disclosure.school_merging import merge_schools
from evalkit.values import Curve, Diagnostic, Diagnostics, Estimate, SchoolSums

COUNTS = ("n", "persons", "pupils")
POINT_FACTS = ("relative", "method", "restriction", "bound", "outcome", "unit", "headline", "schools", "pupils")
Details = tuple[tuple[str, str | float | int], ...]


def treat_estimate(estimate: Estimate, policy: Policy) -> tuple[Estimate, int]:
    """Take out an estimate that rests on too few persons or clusters, and round the counts beside it.

    An estimate that does not say how many persons it rests on rests on too few. Counts beside it (``n``,
    ``persons_minimum``, diagnostics and details of persons) are rounded, so that nothing can be subtracted from them.

    Returns
    -------
    tuple
        The treated estimate, and how many numbers were taken.
    """
    if estimate.design == "pending":
        return estimate, 0
    diagnostics, taken = _diagnostics(estimate.diagnostics, policy)
    rounded = replace(
        estimate,
        n=_count(estimate.n, policy.estimate_persons, policy),
        persons_minimum=_count(estimate.persons_minimum, policy.estimate_persons, policy),
        diagnostics=diagnostics,
        details=_details(estimate.details, policy),
    )
    taken += sum(new is None and old is not None for new, old in zip(_behind(rounded), _behind(estimate), strict=True))
    if _enough(estimate, policy):
        return rounded, taken
    had = [
        number is not None
        for number in (estimate.value, estimate.standard_error, estimate.p, estimate.interval or None)
    ]
    told = tuple(fact for fact in rounded.details if not isinstance(fact[1], float))
    emptied = replace(rounded, value=None, interval=(), standard_error=None, p=None, details=told)
    return emptied, taken + sum(had) + len(rounded.details) - len(told)


def treat_curve(curve: Curve, policy: Policy) -> tuple[Curve, int]:
    """Take out points on too few pupils or schools, and round the pupils behind the others.

    Where a point rests on too few, every fraction among the details goes too: it was worked out from that point.
    Points about no pupil (the bins of a placebo distribution, a power curve) are untouched, unless detail
    ``fewest_pupils`` says that what they were worked out from rests on too few: then nothing is left of them.

    Returns
    -------
    tuple
        The treated curve, and how many points were taken.
    """
    details = _details(curve.details, policy)
    if "pupils" not in curve.frame.columns:
        fewest = curve.detail("fewest_pupils")
        if fewest is None or isinstance(fewest, str) or fewest >= policy.curve_persons:
            return replace(curve, details=details), 0
        told = tuple(fact for fact in details if isinstance(fact[1], str))
        return replace(curve, frame=curve.frame.head(0), details=told), len(curve.frame) + len(details) - len(told)
    frame = curve.frame.copy()
    few = ~(frame["pupils"] >= policy.curve_persons)
    if "schools" in frame.columns:
        few |= ~(frame["schools"] >= policy.curve_schools)
    drawn = [name for name in frame.columns if name not in POINT_FACTS]
    taken = int((few & frame[drawn].notna().any(axis=1)).sum())
    frame["pupils"] = frame["pupils"].astype("float64")
    frame[drawn] = frame[drawn].mask(few)
    frame["pupils"] = _rounded(frame["pupils"].mask(few), policy.rounding_base)
    told = tuple(fact for fact in details if not (few.any() and isinstance(fact[1], float)))
    return replace(curve, frame=frame, details=told), taken + len(details) - len(told)


def treat_sums(sums: SchoolSums, policy: Policy) -> tuple[SchoolSums, int]:
    """Merge small schools, and drop rows that are under the minimum all the same.

    Which schools are merged does not depend on the outcome, see `merge_schools`; rows that only this outcome leaves
    under the minimum are dropped, and schools without any row left are left out. A school's covariates at one start
    are dropped if any of their groups, or those outside it, are fewer than the minimum and not none; products likewise,
    for the groups that two covariates make together, and all of a municipality in which a never-treated school was
    merged, left out or lost a row, for they hold the squares of each school alone. Counts of pupils who moved, and of
    those who could, are rounded; too small ones are taken, and so are counts that no estimate needs once they have
    served.

    Returns
    -------
    tuple
        The treated sums, whose ``minimum`` is the threshold, and how many schools and rows were taken.
    """
    least = policy.sums_pupils
    whole = merge_schools(sums, least)
    terms = whole.terms[whole.terms["pupils"] >= least]
    contrasts = whole.contrasts[whole.contrasts["pupils"] >= least]
    schools = whole.schools[_among(whole.schools, terms) | _among(whole.schools, contrasts)]
    shorn = whole.schools.drop(schools.index)
    moves = whole.moves[whole.moves["pupils"] >= least]
    few = _few(moves["moved"], least) | _few(moves["pupils"] - moves["moved"], least)
    covariates = _covered(whole.covariates, contrasts, least)
    products = _unless(whole.products, _few(whole.products["members"], least), ["site", "municipality", "start"])
    treated = replace(
        whole,
        schools=schools,
        terms=terms.assign(
            enrolled=terms["pupils"] + _rounded(terms["enrolled"] - terms["pupils"], policy.rounding_base)
        ),
        contrasts=contrasts.assign(seated=np.nan),
        moves=moves.assign(
            moved=_rounded(moves["moved"].mask(few), policy.rounding_base),
            pupils=_rounded(moves["pupils"], policy.rounding_base),
        ),
        covariates=covariates.assign(members=np.nan, known=np.nan),
        products=_of_whole_places(products[products["pupils"] >= least], sums, contrasts).assign(members=np.nan),
        left_out=whole.left_out + len(shorn),
        treated_left_out=whole.treated_left_out + int(shorn["treated_from"].notna().sum()),
        minimum=max(sums.minimum, least),
    )
    taken = treated.merged - sums.merged + treated.left_out - sums.left_out + int(few.sum())
    rows = ("terms", "contrasts", "moves", "covariates", "products")
    return treated, taken + sum(len(getattr(whole, name)) - len(getattr(treated, name)) for name in rows)


def _of_whole_places(products: pd.DataFrame, before: SchoolSums, contrasts: pd.DataFrame) -> pd.DataFrame:
    """Return the products of places in which every never-treated school kept its contrasts as its own."""
    keys, place = ["site", "municipality", "school", "start"], ["site", "municipality"]
    calm = before.schools.loc[before.schools["treated_from"].isna(), ["site", "school"]]
    had = before.contrasts[before.contrasts["pupils"] > 0].merge(calm, on=["site", "school"])[keys]
    kept = had.merge(contrasts[keys], on=keys, how="left", indicator=True)
    lost = set(zip(*(kept.loc[kept["_merge"] == "left_only", name] for name in place), strict=True))
    there = [pair not in lost for pair in zip(products["site"], products["municipality"], strict=True)]
    return products[pd.Series(there, products.index, dtype=bool)]


def _covered(covariates: pd.DataFrame, contrasts: pd.DataFrame, least: int) -> pd.DataFrame:
    rest = covariates["known"] - covariates["members"]
    few = _few(covariates["members"], least) | _few(rest, least)
    keys = ["site", "municipality", "school", "start"]
    return _unless(covariates, few, keys).merge(contrasts[keys], on=keys)


def _unless(frame: pd.DataFrame, few: pd.Series, keys: list[str]) -> pd.DataFrame:
    """Return the rows of those groups in which nothing is about too few."""
    return frame[~few.groupby([frame[key] for key in keys]).transform("any")] if len(frame) else frame


def _few(counts: pd.Series, least: int) -> pd.Series:
    return (counts > 0) & (counts < least)


def _enough(estimate: Estimate, policy: Policy) -> bool:
    persons = [count for count in _behind(estimate) if count is not None]
    schools = estimate.clusters is None or estimate.clusters >= policy.estimate_clusters
    return bool(persons) and min(persons) >= policy.estimate_persons and schools


def _behind(estimate: Estimate) -> tuple[int | None, int | None]:
    return estimate.n, estimate.persons_minimum


def _diagnostics(diagnostics: Diagnostics, policy: Policy) -> tuple[Diagnostics, int]:
    items = tuple(_diagnostic(item, policy) for item in diagnostics.items)
    taken = sum(new.value is None and old.value is not None for new, old in zip(items, diagnostics.items, strict=True))
    return Diagnostics(items), taken


def _diagnostic(item: Diagnostic, policy: Policy) -> Diagnostic:
    few = item.persons is not None and item.persons < policy.estimate_persons
    value = item.value
    if item.unit == "persons" and isinstance(value, int | float):
        value = _count(int(value), policy.estimate_persons, policy)
    persons = _count(item.persons, policy.estimate_persons, policy)
    return replace(item, value=None if few and not isinstance(value, str) else value, persons=persons)


def _details(details: Details, policy: Policy) -> Details:
    """Round the counts of persons among the named facts, and leave out those under the minimum."""
    facts: list[tuple[str, str | float | int]] = []
    for name, value in details:
        if not isinstance(value, str) and name.split("_")[-1] in COUNTS:
            count = _count(int(value), policy.estimate_persons, policy)
            facts += [] if count is None else [(name, count)]
        else:
            facts.append((name, value))
    return tuple(facts)


def _count(count: int | None, minimum: int, policy: Policy) -> int | None:
    """Round a count; one from 1 to less than the minimum is taken."""
    if count is None or 0 < count < minimum:
        return None
    return (2 * count + policy.rounding_base) // (2 * policy.rounding_base) * policy.rounding_base


def _rounded(counts: pd.Series, base: int) -> pd.Series:
    return (counts + base / 2) // base * base


def _among(frame: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    keys = set(zip(others["site"], others["school"], strict=True))
    return pd.Series(
        [pair in keys for pair in zip(frame["site"], frame["school"], strict=True)], frame.index, dtype=bool
    )

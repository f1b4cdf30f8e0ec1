"""Find comparison persons for a cohort: exactly alike in some columns, nearest in measures from before entry.

Each person is matched on the day on which the person is first followed, and compared from then on, among those who are
in the pool on that day. Whoever was not known to be of the cohort by then is a candidate like others, also who joins it
later: to leave such persons out would be to choose comparisons by what came after, and to follow them from an earlier
day would be to count time in which they could not have joined [1]_. They are comparisons until they join themselves.

References
----------
.. [1] Lu, B. (2005). Propensity score matching with time-dependent covariates. *Biometrics* 61(3), 721-728.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.cohorts.before import values_before
from evalkit.errors import DesignError, InputError
from evalkit.values import Balance, Cohort, Events, FlowStep, Matched, Panel, balance, fingerprint

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Days = NDArray[np.datetime64]
ADDED = ["match_id", "weight", "distance"]
JOINS = "joins"
FREE = ("hör inte till gruppen när de börjar följas", "are not of the group when they are first followed")
MEASURED = ("har värden från tiden före inträdet", "have values from before entry")
FOUND = ("har fått minst en jämförelseperson", "have at least one comparison person")
CHOSEN = ("har valts till jämförelseperson", "were chosen as comparison persons")


@dataclass(frozen=True)
class _Asked:
    exact: tuple[str, ...]
    nearest: tuple[str, ...]
    ratio: int
    caliper: float | None


def matched(
    cohort: Cohort,
    pool: Cohort,
    *,
    values: Panel | pd.DataFrame | None = None,
    exact: Sequence[str] = (),
    nearest: Sequence[str] = (),
    ratio: int = 1,
    caliper: float | None = None,
    outcome: Events | None = None,
) -> Matched:
    """Match each person of a cohort with comparison persons from a pool, each used once.

    The day of a match is that on which the person of the cohort is first followed. Candidates are those who were
    followed in the pool by then, had not left it, and were not followed in the cohort themselves yet; who is later is
    one, and is followed as a comparison until then. Comparisons are followed from the day of the match. Values are not
    from that day: each one's are from before the own entry, to the cohort or to the pool. Where the pool is entered
    long before, match exactly on what tells when, or on values of less age. Among candidates alike
    in every ``exact`` column, the persons of the cohort choose in turn, those hardest to match first (farthest from the
    pool's mean; ties by pseudonym), the free person at the smallest Mahalanobis distance [1]_ in the ``nearest``
    columns; ties go to the lower pseudonym. With ``ratio`` above 1, everyone chooses once before anyone
    chooses again. The distance uses the mean of the two groups' covariances, so that it is in standard deviations and
    correlated measures do not count twice. Without ``nearest``, whoever is alike has the distance 0. Nothing is drawn
    at random: the same persons give the same matches in whatever order they stand.

    Parameters
    ----------
    cohort
        Those to find comparison persons for.
    pool
        Those to choose from.
    values
        A panel, of which each person's last whole period before entry (to the cohort, or to the pool) is used; or a
        frame with ``person_id``,
        ``known_from`` (the first day on which the values could be known) and the columns, once a person. None where all
        columns are the cohorts' own.
    exact, nearest
        Columns of the cohorts' frames that are known on entry (``school_id``, ``year_group``, ``school_year``, ``sex``)
        or of ``values``. Those of ``nearest`` are numbers.
    ratio
        Comparison persons for each, at most.
    caliper
        Largest distance, in standard deviations; None for no limit.
    outcome
        What is to be followed. Whoever of the pool had it before the day of the match is no candidate, for nobody can
        have a first one twice; a panel that follows it refuses such persons.

    Returns
    -------
    Matched
        Those matched and their comparisons with match ids and weights; balance before and after; how many found nobody.

    Raises
    ------
    DesignError
        If a column is not from before entry, or nobody is matched.
    InputError
        If a column is not there or is no number, or ratio or caliper mean nothing.

    References
    ----------
    .. [1] Rubin, D. B. (1980). Bias reduction using Mahalanobis-metric matching. *Biometrics* 36(2), 293-298.
    """
    if ratio < 1 or (caliper is not None and not caliper > 0) or not (exact or nearest):
        raise InputError(
            "matching needs a column, a ratio of 1 or more and a caliper above 0",
            remedy='name columns, such as exact=("sex", "school_year")',
        )
    if cohort.as_of != pool.as_of:
        raise DesignError(
            f"{cohort.name!r} and {pool.name!r} were seen on different days", remedy="give both the same as_of"
        )
    asked = _Asked(tuple(exact), tuple(nearest), ratio, caliper)
    free = _free(cohort, pool)
    told = [
        values_before(rows, values, asked.exact, asked.nearest).assign(in_cohort=inside)
        for rows, inside in ((cohort.frame.assign(follow_from=cohort.followed_from), True), (free, False))
    ]
    everyone = pd.concat(told, ignore_index=True)
    whole = everyone[everyone[[*exact, *nearest]].notna().all(axis=1)].reset_index(drop=True)
    pairs = _pairs(whole, asked, _first_days(outcome, pool, whole["person_id"]))
    if not pairs:
        raise DesignError(
            f"nobody of {cohort.name!r} has a comparison person in {pool.name!r}",
            remedy="ask for fewer exact columns, a wider caliper or a larger pool",
        )
    frame = _joined(whole, pairs)
    sought = "" if outcome is None else outcome.key
    key = fingerprint(cohort.fingerprint, pool.fingerprint, asked, sought, whole[["person_id", "in_cohort", *nearest]])
    before, after = _balances(whole, frame, asked)
    members = _cohort(cohort, whole, frame, key)
    return Matched(
        cohort=members,
        comparisons=_comparisons(pool, free, whole, frame, key),
        before=before,
        after=after,
        unmatched=cohort.size - members.size,
    )


def _free(cohort: Cohort, pool: Cohort) -> pd.DataFrame:
    """Return the pool's persons who are not in the cohort yet when first followed, and the day on which they join it.

    They join on the day on which they are first followed in it, for whether they belong to it is not known before. What
    lies on that day or later is no part of their follow-up as comparisons. A pool of comparisons found earlier is
    followed until the earlier of both days.
    """
    rows = pool.frame.assign(follow_from=pool.followed_from)
    members = pd.Series(cohort.followed_from.to_numpy(), index=cohort.frame["person_id"])
    joins = rows["person_id"].map(members).astype("datetime64[us]")
    if JOINS in rows:
        joins = pd.concat([rows[JOINS], joins], axis=1).min(axis=1)
    rows = rows.assign(**{JOINS: joins})[~(joins <= rows["follow_from"])]
    gone = ~(rows["exit"] < rows[JOINS]) & rows[JOINS].notna()
    if "censored_at" in rows:
        rows = rows.assign(censored_at=rows[["censored_at", JOINS]].min(axis=1))
    return rows.assign(exit=rows["exit"].mask(gone), exit_cause=rows["exit_cause"].mask(gone, ""))


def _scaled(numbers: Floats, inside: Flags) -> Floats:
    """Return the columns turned so that plain distances are Mahalanobis distances.

    ``numbers`` is persons by columns. Directions in which nobody differs are dropped.
    """
    groups = [numbers[inside], numbers[~inside]]
    spread = [np.atleast_2d(np.cov(group, rowvar=False)) for group in groups if len(group) > 1 and numbers.shape[1]]
    if not spread:
        return np.zeros((len(numbers), 0))
    size, turn = np.linalg.eigh(np.mean(spread, axis=0))
    kept = size > max(float(size.max()), 0.0) * 1e-12
    scaled: Floats = (numbers - numbers.mean(axis=0)) @ turn[:, kept] / np.sqrt(size[kept])
    return scaled


def _first_days(outcome: Events | None, pool: Cohort, persons: pd.Series) -> Days:
    """Return the day on which each person first had the outcome; missing where never, or none is asked about."""
    if outcome is None:
        return np.full(len(persons), np.datetime64("NaT", "us"))
    if pool.tables is None:
        raise InputError(
            f"{pool.name!r} has no tables in which to look for {outcome.name!r}", remedy="match cohorts of a study"
        )
    found = outcome.compute(pool.tables).select("person_id", "date").to_pyarrow().to_pandas(date_as_object=False)
    first = found.assign(person_id=found["person_id"].astype("str")).groupby("person_id")["date"].min()
    return persons.astype("str").map(first).to_numpy("datetime64[us]")


def _pairs(whole: pd.DataFrame, asked: _Asked, had: Days) -> list[tuple[int, int, float]]:
    """Return matches as (row in the cohort, row in the pool, distance)."""
    inside = whole["in_cohort"].to_numpy(dtype=bool)
    if inside.all() or not inside.any():
        return []
    points = _scaled(whole[list(asked.nearest)].to_numpy(dtype="float64"), inside)
    people = whole["person_id"].to_numpy(dtype=object)
    begin = whole["follow_from"].to_numpy("datetime64[us]")
    ends = [day for day in ("exit", "censored_at") if day in whole]
    gone = whole[[*ends, JOINS]].min(axis=1).to_numpy("datetime64[us]")
    hardness = _away(points, points[~inside].mean(axis=0))
    exact = list(asked.exact)
    number = whole.groupby(exact, sort=True).ngroup().to_numpy() if exact else np.zeros(len(whole), dtype="int64")
    pairs = []
    for group in range(int(number.max()) + 1):
        rows = np.flatnonzero(number == group)
        choosing = sorted(rows[inside[rows]], key=lambda row: (-hardness[row], people[row]))
        free = np.array(sorted(rows[~inside[rows]], key=lambda row: people[row]), dtype="int64")
        for _ in range(asked.ratio):
            for row in choosing:
                there = free[(begin[free] <= begin[row]) & ~(gone[free] <= begin[row]) & ~(had[free] < begin[row])]
                if not len(there):
                    continue
                away = _away(points[there], points[row])
                best = int(away.argmin())
                if asked.caliper is None or away[best] <= asked.caliper:
                    pairs.append((int(row), int(there[best]), float(away[best])))
                    free = free[free != there[best]]
    return pairs


def _away(points: Floats, center: Floats) -> Floats:
    """Return distances, rounded so that a tie is a tie on every machine."""
    distances: Floats = np.round(np.sqrt(((points - center) ** 2).sum(axis=1)), 10)
    return distances


def _joined(whole: pd.DataFrame, pairs: list[tuple[int, int, float]]) -> pd.DataFrame:
    """Return the rows matched, by their place in ``whole``."""
    found = pd.DataFrame(pairs, columns=["ours", "theirs", "distance"])
    found["person_id"] = whole["person_id"].to_numpy()[found["ours"]]
    found["match_id"] = found["person_id"].rank(method="dense").astype("int64")
    found["weight"] = 1 / found.groupby("ours")["theirs"].transform("size")
    mean = found.groupby("ours", as_index=False).agg(distance=("distance", "mean"), match_id=("match_id", "first"))
    ours = whole.iloc[mean["ours"]].assign(
        match_id=mean["match_id"].to_numpy(), weight=1.0, distance=mean["distance"].to_numpy()
    )
    theirs = whole.iloc[found["theirs"]].assign(
        follow_from=whole["follow_from"].to_numpy()[found["ours"]],
        **{column: found[column].to_numpy() for column in ADDED},
    )
    return pd.concat([ours, theirs])


def _balances(whole: pd.DataFrame, frame: pd.DataFrame, asked: _Asked) -> tuple[Balance, Balance]:
    """Return the balance before and after, each value of an exact column as a flag."""
    compared: dict[str, Floats] = {name: whole[name].to_numpy("float64") for name in asked.nearest}
    for name in asked.exact:
        values = whole[name].astype("str")
        compared |= {f"{name}={value}": (values == value).to_numpy("float64") for value in sorted(values.unique())}
    weight = frame["weight"].reindex(whole.index, fill_value=0.0)
    inside = whole["in_cohort"].to_numpy(dtype=bool)
    return balance(compared, inside), balance(compared, inside, weight.to_numpy("float64"))


def _cohort(cohort: Cohort, whole: pd.DataFrame, frame: pd.DataFrame, key: str) -> Cohort:
    """Return those of the cohort who were matched; the flow goes on with who has values and comparison persons."""
    kept = frame.loc[frame["in_cohort"], list(dict.fromkeys([*cohort.frame.columns, *ADDED]))]
    steps = (
        *cohort.flow.steps,
        _step("measured", MEASURED, int(whole["in_cohort"].sum())),
        _step("matched", FOUND, len(kept)),
    )
    return _made(cohort, kept, steps, f"{cohort.name}_matched", key)


def _comparisons(pool: Cohort, free: pd.DataFrame, whole: pd.DataFrame, frame: pd.DataFrame, key: str) -> Cohort:
    """Return those of the pool who were chosen; the flow goes on from the pool's."""
    kept = frame.loc[~frame["in_cohort"], list(dict.fromkeys([*pool.frame.columns, "follow_from", JOINS, *ADDED]))]
    steps = (
        *pool.flow.steps,
        _step("free", FREE, len(free)),
        _step("measured", MEASURED, int((~whole["in_cohort"]).sum())),
        _step("chosen", CHOSEN, len(kept)),
    )
    return _made(pool, kept, steps, f"{pool.name}_chosen", fingerprint(key, "comparisons"))


def _step(name: str, texts: tuple[str, str], persons: int) -> FlowStep:
    return FlowStep(name, *texts, persons, persons)


def _made(cohort: Cohort, kept: pd.DataFrame, steps: tuple[FlowStep, ...], name: str, key: str) -> Cohort:
    flow = replace(cohort.flow, steps=steps, universe=fingerprint(key, kept))
    return replace(cohort, frame=kept.reset_index(drop=True), flow=flow, name=name, key=key)

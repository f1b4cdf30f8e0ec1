"""Following persons until something happens: an outcome, and what they were exposed to before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import DesignError, InputError
from evalkit.panels.grid import enrolled_rows, people_table
from evalkit.values import Events, Period, Tables
from evalkit.vocabulary.periods import PeriodKind

Days = NDArray[np.datetime64]
NEVER = np.iinfo(np.int32).max
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, eq=False)
class Followed:
    """When each person's follow-up ends by the outcome, by the person's number.

    Parameters
    ----------
    name
        Of the outcome.
    day, cause
        Of the first event from ``follow_from`` until the exit, that day included; NaT and ``""`` without one.
    time
        Period whose row holds the event: the one it lies in, or the last before it in which the person was enrolled.
        ``NEVER`` without an event, -1 where the person was enrolled in no period until then.
    begin, end
        First day at risk, and the day after the last: the exit, NaT while open.
    """

    name: str
    day: Days
    cause: NDArray[Any]
    time: NDArray[np.int32]
    begin: Days
    end: Days


@dataclass(frozen=True, eq=False)
class Exposed:
    """When each person's first exposure happened, and from when it counts, by the person's number; NaT for never.

    It counts from the day on which it had happened and was known. Of several exposures the first to count is taken: one
    that happened earlier but became known later could not be seen until then.
    """

    name: str
    day: Days
    counts: Days


def follow(
    outcome: Events,
    people: pd.DataFrame,
    tables: Tables,
    periods: Mapping[int, Period],
    kind: PeriodKind,
    *,
    everyone: bool = False,
) -> Followed:
    """Find the first event of each person.

    Parameters
    ----------
    outcome
        What ends the follow-up.
    people
        From `evalkit.panels.grid.people_of`.
    tables
        As of the cohort's day.
    periods
        Those that had ended.
    kind
        What they are.
    everyone
        Whether persons have rows also while they are enrolled nowhere; then an event stands in the period it lies in.

    Raises
    ------
    DesignError
        If an event of a person lies before the person is followed.
    """
    begin, end = _days(people["follow_from"]), _days(people["exit"])
    found = _events_of(outcome, people, tables)
    if (found["date"].to_numpy() < begin[found["person"]]).any():
        raise DesignError(
            f"outcome before entry: persons of the cohort had {outcome.name!r} before they were followed, so they were "
            "never at risk of a first one",
            remedy="let a criterion of the cohort leave out those who had it before the day they are followed from, or "
            "follow events that count from that day on",
        )
    # the day of exit counts, for the event may be what ended the spell
    inside = ~(found["date"].to_numpy() > end[found["person"]])
    inside &= ~(_ends_of(found["date"], periods) > _days(people["joins"])[found["person"]])
    first = _firsts(found[inside].assign(counts=found["date"]), len(people), "date")
    last_there = np.where(first.day < end, first.day, first.day - DAY) if len(people) else first.day
    last_there = np.where(np.isnat(end), first.day, last_there)
    placed = _periods_of(last_there, periods)
    time = placed if everyone else _event_times(placed, people, tables, periods, kind)
    return Followed(outcome.name, first.day, first.cause, time, begin, end)


def expose(exposure: Events, people: pd.DataFrame, tables: Tables) -> Exposed:
    """Find the first exposure of each person.

    Raises
    ------
    DesignError
        If a person was exposed before entry: what the exposure did before anybody looked could not be seen.
    """
    found = _events_of(exposure, people, tables)
    if (found["date"].to_numpy() < _days(people["entry"])[found["person"]]).any():
        raise DesignError(
            f"exposed before entry: persons of the cohort had {exposure.name!r} before they entered it, so the time "
            "since the exposure, and who left because of it, is not seen from the start",
            remedy="let a criterion of the cohort leave out those exposed before entry",
        )
    counts = found[["date", "known_from"]].max(axis=1)
    first = _firsts(found.assign(counts=counts), len(people), "counts")
    return Exposed(exposure.name, first.day, first.counts)


def until_event(rows: pd.DataFrame, followed: Followed | None, periods: Mapping[int, Period]) -> pd.DataFrame:
    """Leave out the rows of each person after the period of the event, and those that begin on the exit or later."""
    if followed is None:
        return rows
    person, time = rows["person"].to_numpy(), rows["time"].to_numpy()
    starts = np.array([each.start for each in periods.values()], "datetime64[D]")
    begins = starts[np.searchsorted(np.array(list(periods)), time)]
    gone = (begins >= followed.end[person]) & (time != followed.time[person])
    kept: pd.DataFrame = rows[(time <= followed.time[person]) & ~gone].reset_index(drop=True)
    return kept


def outcome_columns(
    rows: pd.DataFrame, followed: Followed, periods: Mapping[int, Period]
) -> dict[str, NDArray[Any] | pd.Categorical]:
    """Return the outcome's columns for rows of ``person`` and ``time``.

    Returns
    -------
    dict
        ``<name>``, 1.0 in the period of the event, else 0.0; ``<name>_cause``, its cause there, else missing;
        ``<name>_at_risk``, days at risk in the period: from ``follow_from`` until the event, the exit or the period's
        end, the day of the event included.
    """
    person, time = rows["person"].to_numpy(), rows["time"].to_numpy()
    here = followed.time[person] == time
    causes = pd.Categorical(np.where(here, followed.cause[person], ""))
    start, end = (np.array([getattr(periods[each], side) for each in periods], "datetime64[D]") for side in _SIDES)
    place = np.searchsorted(np.array(list(periods)), time)
    last = np.fmin(end[place], followed.end[person])
    last = np.where(here, np.fmin(last, followed.day[person] + DAY), last)
    days = (last - np.fmax(start[place], followed.begin[person])).astype("int64")
    return {
        followed.name: here.astype("float64"),
        f"{followed.name}_cause": causes.remove_categories([""]) if "" in causes.categories else causes,
        f"{followed.name}_at_risk": np.maximum(days, 0).astype("int32"),
    }


def since_column(
    rows: pd.DataFrame, exposed: Exposed, followed: Followed | None, periods: Mapping[int, Period]
) -> NDArray[np.float64]:
    """Return the whole periods since the period in which the exposure was first known, NaN before.

    In the row of an event, an exposure on the day of the event or later is none: the event came first.
    """
    person, time = rows["person"].to_numpy(), rows["time"].to_numpy()
    ends = np.array([each.end for each in periods.values()], "datetime64[D]")
    # the first period of the study that ends after the day on which it had happened and was known
    first = np.searchsorted(ends, exposed.counts, side="right") + min(periods)
    since: NDArray[np.float64] = (time - first[person]).astype("float64")
    unexposed = np.isnat(exposed.counts[person]) | (since < 0)
    if followed is not None:
        unexposed |= (followed.time[person] == time) & ~(exposed.day[person] < followed.day[person])
    since[unexposed] = np.nan
    return since


_SIDES = ("start", "end")


@dataclass(frozen=True, eq=False)
class _First:
    day: Days
    counts: Days
    cause: NDArray[Any]


def _events_of(events: Events, people: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the events of the persons: ``person``, ``date``, ``known_from``, ``cause``."""
    try:
        rows = events.compute(tables).select("person_id", "date", "known_from", "cause")
    except KeyError as fault:
        raise InputError(str(fault.args[0]), remedy="name the table under sources in the site file") from None
    theirs = rows.join(people_table(people), "person_id").select("person", "date", "known_from", "cause")
    found: pd.DataFrame = theirs.to_pyarrow().to_pandas(date_as_object=False)
    return found.assign(
        date=found["date"].astype("datetime64[s]"),
        known_from=found["known_from"].astype("datetime64[s]"),
        cause=found["cause"].astype("str").fillna(""),
    )


def _firsts(found: pd.DataFrame, size: int, by: str) -> _First:
    """Return the first event of each person by a column; ties go to the earlier day, then by the cause."""
    ordered = found.sort_values(["person", by, "date", "known_from", "cause"]).drop_duplicates("person")
    day, counts = (np.full(size, np.datetime64("NaT", "D")) for _ in range(2))
    cause = np.full(size, "", dtype=object)
    day[ordered["person"]] = ordered["date"].to_numpy("datetime64[D]")
    counts[ordered["person"]] = ordered["counts"].to_numpy("datetime64[D]")
    cause[ordered["person"]] = ordered["cause"].to_numpy(object)
    return _First(day, counts, cause)


def _periods_of(days: Days, periods: Mapping[int, Period]) -> NDArray[np.int32]:
    """Return the period that each day lies in; ``NEVER`` where there is no day or it lies after the last period."""
    time = np.full(len(days), NEVER, dtype="int32")
    happened = ~np.isnat(days) & (days < np.datetime64(max(each.end for each in periods.values()), "D"))
    starts = np.array([each.start for each in periods.values()], "datetime64[D]")
    time[happened] = np.searchsorted(starts, days[happened], side="right") - 1 + min(periods)
    return time


def _ends_of(days: pd.Series, periods: Mapping[int, Period]) -> Days:
    """Return the day after the period that each day lies in, or after the first period for days before it."""
    ends = np.array([each.end for each in periods.values()], "datetime64[D]")
    place = np.searchsorted(ends, days.to_numpy("datetime64[D]"), side="right")
    return ends[np.minimum(place, len(ends) - 1)]


def _event_times(
    placed: NDArray[np.int32],
    people: pd.DataFrame,
    tables: Tables,
    periods: Mapping[int, Period],
    kind: PeriodKind,
) -> NDArray[np.int32]:
    """Return the last period with a row until the one that an event is placed in; -1 where there is none."""
    time, happened = placed.copy(), placed != NEVER
    if not happened.any():
        return time
    within = time[happened].copy()
    time[happened] = -1
    rows = enrolled_rows(people[happened], tables, periods, kind)
    own = pd.Series(within, index=people.index[happened])
    until = rows[rows["time"].to_numpy() <= own.loc[rows["person"]].to_numpy()]
    last = until.groupby("person")["time"].max()
    time[last.index.to_numpy()] = last.to_numpy()
    return time


def _days(column: pd.Series) -> Days:
    return column.to_numpy("datetime64[D]")

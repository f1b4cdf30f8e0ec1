"""Follow what students live on: work, studies and self-support over time, and the steps between."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from evalkit.sources.simulation.adults.careers import DISCONTINUED, NO_SHOW
from evalkit.sources.simulation.adults.catalogue import adult_magnitudes
from evalkit.sources.simulation.adults.columns import code_column, day_column
from evalkit.sources.simulation.adults.enrolled import REASONS
from evalkit.sources.simulation.adults.site import AdultDraw
from evalkit.sources.simulation.arrays import Flags, Integers
from evalkit.sources.simulation.streams import stream

KINDS = ("employment", "study", "self_support")
EMPLOYMENT, STUDY, SELF_SUPPORT = range(len(KINDS))
STATUSES = (
    "employed", "self_employed", "subsidised", "unemployed", "inactive", "studying", "not_studying", "full",
    "partial", "none",
)  # fmt: skip
EMPLOYED, SELF_EMPLOYED, SUBSIDISED, UNEMPLOYED, INACTIVE, STUDYING, NOT_STUDYING, FULL, PARTIAL, NONE = range(
    len(STATUSES)
)
OPEN = 10**7


def job_days(draw: AdultDraw) -> tuple[Integers, Integers]:
    """Return the day each person found work and the day a subsidised job began before it; 0 for never.

    Time to work runs from the last course on; who passed a higher course, or had the project's support, is faster.
    """
    told = adult_magnitudes()["work"]
    courses, count = draw.enrolled.courses, len(draw.entrants.person)
    end = draw.settings.end.toordinal()
    closed = np.where(courses["end"].to_numpy() == 0, OPEN, courses["end"].to_numpy())
    last = np.zeros(count, dtype=np.int64)
    np.maximum.at(last, courses["person"].to_numpy(), closed)
    passed = np.zeros(count)
    higher = courses["passed"].to_numpy(dtype=np.bool_)
    np.add.at(passed, courses["person"].to_numpy()[higher], 1)
    helped = np.zeros(count, dtype=np.bool_)
    support = draw.careers.support
    helped[support["person"].to_numpy()[support["project"].to_numpy(dtype=np.bool_)]] = True
    weight = np.exp(told["passed_course"] * np.minimum(passed, 4)) * np.where(helped, draw.settings.effects.job, 1.0)
    rng = stream(draw.settings.seed, draw.site.id, "work")
    waiting = rng.exponential(1.0, count) / (told["weekly"] * weight) * 7
    worked = last + 1 + waiting
    left_for_work = _left_for_work(draw, last)
    found = np.where(left_for_work, last, np.minimum(worked, OPEN)).astype(np.int64)
    found = np.where((last < OPEN) & (found < end), found, 0)
    subsidised = (found > 0) & ~left_for_work & (rng.random(count) < told["subsidised"])
    before = found - 30 - (rng.random(count) * 200).astype(np.int64)
    return found, np.where(subsidised, np.maximum(before, draw.entrants.start + 1), 0)


def status_table(draw: AdultDraw) -> pa.Table:
    """Return spells of each kind of status, from the first course on; spells of a kind never overlap."""
    found, subsidised = job_days(draw)
    subsidised = np.where(subsidised < found, subsidised, 0)
    parts = [
        *_employment(draw, found, subsidised),
        *_studies(draw),
        *_self_support(draw, found, subsidised),
    ]
    person, kind, status, start, end = (np.concatenate(each) for each in zip(*parts, strict=True))
    known = (start < np.where(end == 0, OPEN, end)) & (start < draw.settings.end.toordinal())
    order = np.lexsort((start, kind, person))
    order = order[known[order]]
    person, kind, status, start, end = (each[order] for each in (person, kind, status, start, end))
    return pa.table(
        {
            "person_id": draw.identities.on(person, start),
            "kind": code_column(KINDS, kind),
            "status": code_column(STATUSES, status),
            "start": day_column(start),
            "end": day_column(np.where(end >= draw.settings.end.toordinal(), 0, end)),
        }
    )


def at_entry(draw: AdultDraw, person: Integers, day: Integers) -> Integers:
    """Return employment on a day: unemployed, long-term unemployed, inactive or employed (0 to 3)."""
    found, _ = job_days(draw)
    working = (found[person] > 0) & (found[person] <= day)
    since = day - draw.entrants.start[person]
    return np.select([working, _inactive(draw)[person], since > 365], [3, 2, 1], 0)


Spells = tuple[Integers, Integers, Integers, Integers, Integers]


def _spells(person: Integers, kind: int, status: Integers | int, start: Integers, end: Integers) -> Spells:
    count = len(person)
    return person, np.full(count, kind), np.broadcast_to(np.asarray(status), count), start, end


def _employment(draw: AdultDraw, found: Integers, subsidised: Integers) -> list[Spells]:
    everyone, start = draw.entrants.person, draw.entrants.start
    without = np.where(_inactive(draw), INACTIVE, UNEMPLOYED)
    first_end = np.where(subsidised > 0, subsidised, found)
    helped, working = np.flatnonzero(subsidised), np.flatnonzero(found)
    own = np.where(draw.entrants.person[working] % 17 == 0, SELF_EMPLOYED, EMPLOYED)
    return [
        _spells(everyone, EMPLOYMENT, without, start, first_end),
        _spells(helped, EMPLOYMENT, SUBSIDISED, subsidised[helped], found[helped]),
        _spells(working, EMPLOYMENT, own, found[working], np.zeros(len(working), dtype=np.int64)),
    ]


def _self_support(draw: AdultDraw, found: Integers, subsidised: Integers) -> list[Spells]:
    """Return steps: nothing, partly from a subsidised job or the first months of work, then full."""
    everyone, start = draw.entrants.person, draw.entrants.start
    partial = np.where(subsidised > 0, subsidised, found)
    full = np.where(found > 0, found + 60 + 30 * (everyone % 5), 0)
    full = np.where(full < draw.settings.end.toordinal(), full, 0)
    stepping, there = np.flatnonzero(partial), np.flatnonzero(full)
    return [
        _spells(everyone, SELF_SUPPORT, NONE, start, partial),
        _spells(stepping, SELF_SUPPORT, PARTIAL, partial[stepping], full[stepping]),
        _spells(there, SELF_SUPPORT, FULL, full[there], np.zeros(len(there), dtype=np.int64)),
    ]


def _studies(draw: AdultDraw) -> list[Spells]:
    """Return unbroken spells of study, and what is between and after them."""
    courses = draw.enrolled.courses[draw.enrolled.courses["outcome"] != NO_SHOW].sort_values(["person", "start"])
    frame = pd.DataFrame({"person": courses["person"], "start": courses["start"]})
    frame["end"] = courses["end"].where(courses["end"] > 0, OPEN)
    reach = frame.groupby("person")["end"].cummax().groupby(frame["person"]).shift()
    frame["spell"] = (reach.isna() | (frame["start"] > reach)).cumsum()
    grouped = frame.groupby("spell").agg(person=("person", "first"), start=("start", "min"), end=("end", "max"))
    person, start, end = (grouped[name].to_numpy() for name in ("person", "start", "end"))
    resumed = grouped["start"].groupby(grouped["person"]).shift(-1).fillna(0).to_numpy(dtype=np.int64)
    over = end < OPEN
    return [
        _spells(person, STUDY, STUDYING, start, np.where(over, end, 0)),
        _spells(person[over], STUDY, NOT_STUDYING, end[over], resumed[over]),
    ]


def _inactive(draw: AdultDraw) -> Flags:
    return np.asarray((draw.entrants.person * 7919) % 100 < 18)


def _left_for_work(draw: AdultDraw, last: Integers) -> Flags:
    courses = draw.enrolled.courses
    person = courses["person"].to_numpy()
    work = (courses["reason"].to_numpy() == REASONS.index("work")) & (courses["outcome"].to_numpy() == DISCONTINUED)
    final = courses["end"].to_numpy() == last[person]
    left = np.zeros(len(last), dtype=np.bool_)
    left[person[work & final]] = True
    return left

"""Write down support, plans, contacts after absence, and who took part in the project."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from evalkit.sources.simulation.adults.careers import NO_SHOW
from evalkit.sources.simulation.adults.catalogue import SFI, adult_magnitudes, catalogue
from evalkit.sources.simulation.adults.columns import day_column, number_column, same, weekdays
from evalkit.sources.simulation.adults.entrants import CITIZENSHIPS, COMPULSORY, UPPER_SECONDARY
from evalkit.sources.simulation.adults.registers import away_runs
from evalkit.sources.simulation.adults.site import AdultDraw
from evalkit.sources.simulation.adults.statuses import at_entry
from evalkit.sources.simulation.arrays import Flags, Floats, Integers
from evalkit.sources.simulation.text import joined, numbered, picked

CONTACT_UNITS, CONTACT_SHARES = ("school", "vux", "ame", "ifo"), (0.72, 0.86, 0.94)
CHANNELS, CHANNEL_SHARES = ("call", "message", "meeting", "letter", "home_visit"), (0.46, 0.80, 0.91, 0.985)
ACTIONS = (
    "ny studieplan", "språkstöd", "byte av studieväg", "praktik", "studieteknik", "kontakt med vården", "barnomsorg",
    "ändrade studietider",
)  # fmt: skip
AUTHORS = ("vux", "vux ifo", "vux ame", "vux integration", "ifo ame vux", "ame integration vux ifo")
EMPLOYMENT = ("unemployed", "long_term_unemployed", "inactive", "employed")
LEVELS = ("isced_0_2", "isced_3_4", "isced_5_8")


def support_tables(draw: AdultDraw, rng: np.random.Generator) -> dict[str, pa.Table]:
    """Return the canonical tables ``support``, ``participants``, ``contacts`` and ``plans``."""
    runs = away_runs(draw)
    return {
        "support": _support(draw, rng),
        "participants": _participants(draw),
        "contacts": _contacts(draw, runs, rng),
        "plans": _plans(draw, runs, rng),
    }


def _support(draw: AdultDraw, rng: np.random.Generator) -> pa.Table:
    """Return support spells; in great need social services and joint planning come more often."""
    told = adult_magnitudes()["support"]
    spells = draw.careers.support
    project = spells["project"].to_numpy(dtype=np.bool_)
    count = len(spells)
    draws = rng.random((2, count))
    kinds = [*told["kinds"], *told["project_kinds"]]
    names = [kind["kind"] for kind in told["kinds"]]
    names += [f"{draw.settings.project}: {kind['kind']}" for kind in told["project_kinds"]]
    need = draw.careers.tracks.need[spells["track"].to_numpy(dtype=np.int64)]
    place = np.where(
        project,
        len(told["kinds"]) + _kind(told["project_kinds"], need, draws[0]),
        _kind(told["kinds"], need, draws[0]),
    )
    frame = pd.DataFrame({"person": spells["person"], "place": place, "start": spells["start"], "end": spells["end"]})
    frame["hours"] = np.array(told["hours"])[(draws[1] * len(told["hours"])).astype(int)]
    frame = frame.drop_duplicates(["person", "place", "start"])
    person, start = frame["person"].to_numpy(dtype=np.int64), frame["start"].to_numpy(dtype=np.int64)
    return pa.table(
        {
            "person_id": draw.identities.on(person, start),
            "provider": picked([kind["provider"] for kind in kinds], frame["place"].to_numpy(dtype=np.int64)),
            "kind": picked(names, frame["place"].to_numpy(dtype=np.int64)),
            "start": day_column(start),
            "end": day_column(_known(draw, frame["end"].to_numpy(dtype=np.int64))),
            "hours_per_week": number_column(frame["hours"].to_numpy()),
        }
    )


def _kind(kinds: list[dict[str, Any]], need: Floats, chance: Floats) -> Integers:
    weights = np.array([kind["weight"] for kind in kinds])
    social = np.array([kind["provider"] == "ifo" for kind in kinds])
    tilted = weights * np.exp(np.where(social, 0.4, 0.0) * need[:, None])
    cumulated = np.cumsum(tilted, axis=1) / tilted.sum(axis=1, keepdims=True)
    return np.asarray((chance[:, None] > cumulated[:, :-1]).sum(axis=1))


def _participants(draw: AdultDraw) -> pa.Table:
    """Return one row a participant: from the first support of the project to the last, with what was true at entry."""
    spells = draw.careers.support
    own = spells[spells["project"].to_numpy(dtype=np.bool_)].groupby("person")
    whole = own.agg(start=("start", "min"), end=("end", "max")).reset_index()
    person, start, end = (whole[name].to_numpy(dtype=np.int64) for name in ("person", "start", "end"))
    entrants = draw.entrants
    education = entrants.education[person]
    return pa.table(
        {
            "person_id": draw.identities.on(person, start),
            "project": same(draw.settings.project, len(person)),
            "start": day_column(start),
            "end": day_column(_known(draw, end)),
            "employment_at_entry": picked(EMPLOYMENT, at_entry(draw, person, start)),
            "education_at_entry": picked(
                LEVELS, np.where(education <= COMPULSORY, 0, np.where(education == UPPER_SECONDARY, 1, 2))
            ),
            "citizenship": picked(CITIZENSHIPS, entrants.citizenship[person].astype(np.int64)),
        }
    )


def _contacts(draw: AdultDraw, runs: pd.DataFrame, rng: np.random.Generator) -> pa.Table:
    """Return contacts after many days away in a row; sooner and more often for the project's participants."""
    told = adult_magnitudes()["contacts"]
    long = runs[runs["days"] >= told["days_away"]]
    person = draw.enrolled.courses["person"].to_numpy()[long["row"].to_numpy()]
    project = in_project(draw, person, long["first"].to_numpy())
    share, median = (np.where(project, told[name][1], told[name][0]) for name in ("share", "median_days"))
    delay = np.exp(np.log(median) + told["spread"] * rng.standard_normal(len(long))).astype(np.int64)
    day = weekdays(long["first"].to_numpy() + told["days_away"] + delay)
    chosen = (rng.random(len(long)) < share) & (day < draw.settings.end.toordinal())
    made = pd.DataFrame({"person": person[chosen], "day": day[chosen]}).drop_duplicates()
    person, day = made["person"].to_numpy(), made["day"].to_numpy()
    draws = rng.random((3, len(day)))
    return pa.table(
        {
            "contact_id": joined(draw.site.municipality, "-K", numbered(np.arange(1, len(day) + 1))),
            "person_id": draw.identities.on(person, day),
            "date": day_column(day),
            "unit": picked(CONTACT_UNITS, np.searchsorted(CONTACT_SHARES, draws[0])),
            "channel": picked(CHANNELS, np.searchsorted(CHANNEL_SHARES, draws[1])),
            "about": same("absence", len(day)),
            "reached": number_column(draws[2] < told["reached"]),
        }
    )


def _plans(draw: AdultDraw, runs: pd.DataFrame, rng: np.random.Generator) -> pa.Table:
    """Return plans for students who were away long, came back, or have been in their course for long: by action."""
    told = adult_magnitudes()["plans"]
    row, flagged = _flags(draw, runs, told)
    person = draw.enrolled.courses["person"].to_numpy()[row]
    project = in_project(draw, person, flagged)
    share, median = (np.where(project, told[name][1], told[name][0]) for name in ("share", "median_days"))
    delay = np.exp(np.log(median) + told["spread"] * rng.standard_normal(len(row))).astype(np.int64)
    created = weekdays(flagged + delay)
    chosen = (rng.random(len(row)) < share) & (created < draw.settings.end.toordinal())
    person, created, project = person[chosen], created[chosen], project[chosen]
    number, actions = np.arange(1, len(person) + 1), rng.integers(1, 4, len(person))
    at = np.repeat(np.arange(len(person)), actions)
    ordinal = np.arange(len(at)) - np.repeat(np.cumsum(actions) - actions, actions)
    first = rng.integers(0, len(ACTIONS), len(person))
    due = weekdays(created[at] + rng.integers(30, 121, len(at)))
    done = due + np.round(rng.normal(4, 18, len(at))).astype(np.int64)
    done = np.where(
        rng.random(len(at)) < np.where(project[at], *told["done"][::-1]), weekdays(np.maximum(done, created[at])), 0
    )
    done = np.where(done < draw.settings.end.toordinal(), done, 0)
    joint = np.where(project, 1 + rng.integers(0, len(AUTHORS) - 1, len(person)), rng.integers(0, 3, len(person)))
    useful = np.clip(np.round(rng.normal(np.where(project[at], 3.8, 3.3), 0.9)), 1, 5).astype(np.int64)
    return pa.table(
        {
            "plan_id": joined(draw.site.municipality, "-P", numbered(number[at])),
            "person_id": draw.identities.on(person[at], created[at]),
            "action": picked(ACTIONS, (first[at] + 3 * ordinal) % len(ACTIONS)),
            "author_units": picked(AUTHORS, joint[at]),
            "created": day_column(created[at]),
            "due": day_column(due),
            "done": day_column(done),
            "useful": number_column(useful, (done == 0) | (rng.random(len(at)) < 0.5)),
        }
    )


def _flags(draw: AdultDraw, runs: pd.DataFrame, told: dict[str, float]) -> tuple[Integers, Integers]:
    """Return enrolments that call for a plan, and the day they first did."""
    courses = draw.enrolled.courses
    first, end = draw.settings.first.toordinal(), draw.settings.end.toordinal()
    start = courses["start"].to_numpy()
    until = np.where(courses["end"].to_numpy() == 0, end, courses["end"].to_numpy())
    away = runs[runs["days"] >= told["days_away"]].groupby("row")["first"].min()
    by_absence = np.full(len(courses), end)
    by_absence[away.index.to_numpy()] = away.to_numpy() + int(told["days_away"])
    slow = start + 7 * int(told["slow_weeks"])
    sfi = catalogue().school_type[courses["course"].to_numpy()] == SFI
    by_pace = np.where(sfi & (slow < until), slow, end)
    by_return = np.where(courses["returner"].to_numpy(dtype=np.bool_), start, end)
    flagged = np.minimum(np.minimum(by_absence, by_pace), by_return)
    chosen = (flagged >= first) & (flagged < end) & (courses["outcome"].to_numpy() != NO_SHOW)
    return np.flatnonzero(chosen), flagged[chosen]


def in_project(draw: AdultDraw, person: Integers, day: Integers) -> Flags:
    """Tell whether a person had support from the project on a day (ordinal); shapes (rows,)."""
    spells = draw.careers.support
    own = spells[spells["project"].to_numpy(dtype=np.bool_)]
    asked = pd.DataFrame({"person": person, "day": day, "place": np.arange(len(person))})
    both = asked.merge(own[["person", "start", "end"]], on="person")
    within = both[(both["start"] <= both["day"]) & (both["day"] < both["end"])]
    held = np.zeros(len(person), dtype=np.bool_)
    held[within["place"].to_numpy(dtype=np.int64)] = True
    return held


def _known(draw: AdultDraw, end: Integers) -> Integers:
    return np.where(end < draw.settings.end.toordinal(), end, 0)

"""Make the registers of a site: persons, units, enrolments, courses, grades, absences told beforehand, handovers."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from evalkit.sources.simulation.adults.attendance import building_codes
from evalkit.sources.simulation.adults.careers import COMPLETED, MOVED, NO_PROGRESS, NO_SHOW, OUTCOMES, PAUSED
from evalkit.sources.simulation.adults.catalogue import SCHOOL_TYPES, SFI, UPPER, catalogue
from evalkit.sources.simulation.adults.columns import code_column, day_column, number_column, same
from evalkit.sources.simulation.adults.enrolled import FORMS, GRADES, REASONS, UNITS
from evalkit.sources.simulation.adults.identities import MARKINGS
from evalkit.sources.simulation.adults.lessons import PRESENT, VALID
from evalkit.sources.simulation.adults.site import AdultDraw
from evalkit.sources.simulation.arrays import Integers
from evalkit.sources.simulation.text import joined, numbered, picked

LEVELS_FROM = date(2025, 7, 1).toordinal()
"""From this day courses of upper secondary bear the names of subject levels [V]."""
ELSEWHERE = ("0180", "1480", "1715", "1814", "2081", "1487")
REGIONS = ("sweden", "eu", "outside_eu")
TOLD_SHARE = 0.5
OPEN = 10**7


def register_tables(draw: AdultDraw, rng: np.random.Generator) -> dict[str, pa.Table]:
    """Return the canonical tables of the registers; persons also with names and addresses."""
    return {
        "persons": _persons(draw, rng),
        "aliases": _aliases(draw),
        "school_units": _units(draw),
        "buildings": _buildings(draw),
        "enrolments": _enrolments(draw),
        "courses": _courses(draw),
        "grades": _grades(draw),
        "absences": _absences(draw, rng),
        "handovers": _handovers(draw, rng),
    }


def _persons(draw: AdultDraw, rng: np.random.Generator) -> pa.Table:
    people, entrants = draw.identities, draw.entrants
    count = len(entrants.person)
    everyone = np.arange(count)
    courses = draw.enrolled.courses
    moved = np.unique(courses["person"].to_numpy()[courses["outcome"].to_numpy() == MOVED])
    home = np.zeros(count, dtype=np.int64)
    immigrated = np.where(entrants.arrival > 0, np.maximum(entrants.arrival, people.born), 0)
    home[moved] = 1 + rng.integers(0, len(ELSEWHERE), len(moved))
    return pa.table(
        {
            "person_id": people.current(everyone),
            "name": joined(pa.array(people.family), ", ", pa.array(people.given)),
            "address": pa.array(people.street),
            "sex": code_column(("man", "woman"), entrants.woman.astype(np.int64)),
            "birth_date": day_column(people.born),
            "security_marking": code_column(MARKINGS, people.marking),
            "birth_region": code_column(REGIONS, entrants.citizenship),
            "home_municipality": code_column((draw.site.municipality, *ELSEWHERE), home),
            "immigrated": day_column(immigrated),
        }
    )


def _aliases(draw: AdultDraw) -> pa.Table:
    people, who = draw.identities, draw.identities.aliased()
    return pa.table(
        {
            "old_id": picked(people.before, who),
            "new_id": picked(people.after, who),
            "changed": day_column(people.changed[who]),
        }
    )


def _units(draw: AdultDraw) -> pa.Table:
    units = draw.enrolled.units
    return pa.table(
        {
            "school_id": pa.array(units),
            "name": pa.array([f"{draw.site.name}, {name}" for name in UNITS]),
            "municipality": same(draw.site.municipality, len(units)),
            "school_types": pa.array(["SFI", "SFI", "VUXGR", "VUXGY"]),
        }
    )


def _buildings(draw: AdultDraw) -> pa.Table:
    units = draw.enrolled.units
    return pa.table(
        {
            "building_id": pa.array(building_codes(draw)),
            "school_id": pa.array(units),
            "name": pa.array([f"Hus {letter}" for letter in "ABCD"]),
            "municipality": same(draw.site.municipality, len(units)),
        }
    )


def _enrolments(draw: AdultDraw) -> pa.Table:
    """Return unbroken spells at a unit: courses that overlap or follow within four weeks are one."""
    courses = draw.enrolled.courses[draw.enrolled.courses["outcome"] != NO_SHOW]
    spells = courses[["person", "unit", "course", "start", "end", "outcome"]].sort_values(["person", "unit", "start"])
    spells["until"] = spells["end"].where(spells["end"] > 0, OPEN)
    reach = spells.groupby(["person", "unit"])["until"].cummax().groupby([spells["person"], spells["unit"]]).shift()
    spells["spell"] = (reach.isna() | (spells["start"] > reach + 28)).cumsum()
    grouped = spells.groupby("spell")
    whole = grouped.agg(
        person=("person", "first"), unit=("unit", "first"), start=("start", "min"), end=("until", "max")
    )
    last = spells.sort_values(["spell", "until"], kind="stable").groupby("spell").tail(1).set_index("spell")
    broken = (~last["outcome"].isin([COMPLETED, PAUSED])) & (last["until"] < OPEN)
    kind = catalogue().school_type[last["course"].to_numpy()]
    path = catalogue().path[last["course"].to_numpy()]
    person, start = whole["person"].to_numpy(), whole["start"].to_numpy()
    end = whole["end"].where(whole["end"] < OPEN, 0).to_numpy()
    return pa.table(
        {
            "person_id": draw.identities.on(person, start),
            "school_id": picked(draw.enrolled.units, whole["unit"].to_numpy()),
            "school_type": picked(SCHOOL_TYPES, kind),
            "start": day_column(start),
            "end": day_column(end),
            "cancelled": number_column(broken.to_numpy(dtype=np.bool_)),
            "programme": code_column(("", "1", "2", "3"), path),
        }
    )


def _courses(draw: AdultDraw) -> pa.Table:
    people, courses = draw.identities, draw.enrolled.courses
    person, number, start, end, outcome, hours = (
        courses[name].to_numpy() for name in ("person", "course", "start", "end", "outcome", "hours")
    )
    facts, kind = catalogue(), catalogue().school_type[number]
    by_level = (kind == UPPER) & (start >= LEVELS_FROM)
    names = picked([*facts.names, *facts.level_names], number + np.where(by_level, len(facts.names), 0))
    return pa.table(
        {
            "person_id": people.on(person, start),
            "name": joined(
                pa.array(people.family).take(pa.array(person)), ", ", pa.array(people.given).take(pa.array(person))
            ),
            "course_id": joined(draw.site.municipality, "-", numbered(np.arange(1, len(courses) + 1))),
            "school_id": picked(draw.enrolled.units, courses["unit"].to_numpy()),
            "school_type": picked(SCHOOL_TYPES, kind),
            "course": picked(facts.codes, number),
            "course_name": names,
            "study_path": code_column(("", "1", "2", "3"), facts.path[number]),
            "points": number_column(facts.points[number].astype(np.float64), facts.points[number] == 0),
            "pace": number_column(courses["pace"].to_numpy().astype(np.float64), kind == SFI),
            "hours_per_week": number_column(hours),
            "mode": picked(FORMS, courses["form"].to_numpy()),
            "applied": day_column(courses["applied"].to_numpy()),
            "start": day_column(start),
            "attended_from": day_column(courses["attended_from"].to_numpy()),
            "planned_end": day_column(courses["planned_end"].to_numpy()),
            "end": day_column(end),
            "outcome": code_column(OUTCOMES, outcome),
            "reason": code_column(REASONS, courses["reason"].to_numpy()),
            "grade": code_column(GRADES, courses["grade"].to_numpy()),
        }
    )


def _grades(draw: AdultDraw) -> pa.Table:
    courses = draw.enrolled.courses[draw.enrolled.courses["grade"] >= 0]
    person, number = courses["person"].to_numpy(), courses["course"].to_numpy()
    second = courses["track"].to_numpy() >= len(draw.entrants.person)
    # Two grades in a subject are never registered on one day.
    day = courses["end"].to_numpy() - 1 + second
    points = catalogue().points[number]
    terms, term = _terms(day)
    return pa.table(
        {
            "person_id": draw.identities.on(person, day),
            "school_id": picked(draw.enrolled.units, courses["unit"].to_numpy()),
            "subject": picked(catalogue().subjects, number),
            "course": picked(catalogue().codes, number),
            "points": number_column(points.astype(np.float64), points == 0),
            "grade": picked(GRADES, courses["grade"].to_numpy()),
            "term": picked(terms, term),
            "registered": day_column(day),
            "final": number_column(np.ones(len(day), dtype=np.bool_)),
        }
    )


def _terms(day: Integers) -> tuple[list[str], Integers]:
    days, place = np.unique(day, return_inverse=True)
    return [f"{'VT' if each.month < 7 else 'HT'}{each.year}" for each in map(date.fromordinal, days.tolist())], place


def _absences(draw: AdultDraw, rng: np.random.Generator) -> pa.Table:
    """Return breaks that were granted, and about half of the illness that was reported when it began."""
    courses = draw.enrolled.courses
    following = (
        courses.sort_values(["track", "start"], kind="stable").groupby(["track", "participation"])["start"].shift(-1)
    )
    resumed = following.reindex(courses.index).fillna(0).to_numpy(dtype=np.int64)
    pause = np.flatnonzero(courses["outcome"].to_numpy() == PAUSED)
    runs = away_runs(draw, VALID)
    runs = runs[rng.random(len(runs)) < TOLD_SHARE]
    row = np.concatenate([pause, runs["row"].to_numpy()])
    told = pd.DataFrame({"row": row, "person": courses["person"].to_numpy()[row]})
    told["start"] = np.concatenate([courses["end"].to_numpy()[pause], runs["first"].to_numpy()])
    told["end"] = np.concatenate([resumed[pause], runs["last"].to_numpy() + 1])
    told["leave"] = np.arange(len(row)) < len(pause)
    # Who is away from two courses reports it once.
    told = told.drop_duplicates(["person", "start", "leave"])
    row, person, start, end, leave = (told[name].to_numpy() for name in ("row", "person", "start", "end", "leave"))
    registered = np.where(leave, start - rng.integers(3, 21, len(row)), start)
    unit = courses["unit"].to_numpy()[row]
    return pa.table(
        {
            "person_id": draw.identities.on(person, registered),
            "absence_id": joined(draw.site.municipality, "-F", numbered(np.arange(1, len(row) + 1))),
            "school_id": picked(draw.enrolled.units, unit),
            "kind": code_column(("reported", "granted_leave"), leave.astype(np.int64)),
            "registered": day_column(registered),
            "start": day_column(start),
            "end": day_column(end),
        }
    )


def away_runs(draw: AdultDraw, state: int | None = None) -> pd.DataFrame:
    """Return runs of days away in a row: enrolment ``row``, ``first`` and ``last`` day, ``days`` with lessons.

    Parameters
    ----------
    state
        Count only days away of this kind; None counts every kind.
    """
    order = np.lexsort((draw.days.day, draw.days.row))
    row, day, found = draw.days.row[order], draw.days.day[order], draw.days.state[order]
    away = found != PRESENT if state is None else found == state
    fresh = away & np.concatenate([[True], (row[1:] != row[:-1]) | ~away[:-1]])
    run = np.cumsum(fresh)[away]
    days = pd.DataFrame({"run": run, "row": row[away], "day": day[away]}).groupby("run")
    return days.agg(row=("row", "first"), first=("day", "min"), last=("day", "max"), days=("day", "size"))


def _handovers(draw: AdultDraw, rng: np.random.Generator) -> pa.Table:
    """Return transitions from SFI to basic, from basic to upper secondary, and to another municipality."""
    courses = draw.enrolled.courses.sort_values(["track", "start"], kind="stable")
    courses = courses[~courses["outcome"].isin([NO_SHOW, NO_PROGRESS])]
    kind = pd.Series(catalogue().school_type[courses["course"].to_numpy()], index=courses.index)
    onward = kind.groupby(courses["track"]).shift(-1)
    next_unit = courses["unit"].groupby(courses["track"]).shift(-1)
    crossing = (onward.notna() & (onward != kind) & (courses["outcome"] == COMPLETED)) | (courses["outcome"] == MOVED)
    chosen = courses[crossing].assign(kind=kind, onward=onward.fillna(-1), next_unit=next_unit.fillna(-1))
    chosen = chosen.drop_duplicates(["person", "end"])
    moved = chosen["outcome"].to_numpy() == MOVED
    person, day = chosen["person"].to_numpy(), chosen["end"].to_numpy()
    to_unit, to_kind = (np.where(moved, -1, chosen[name].to_numpy(dtype=np.int64)) for name in ("next_unit", "onward"))
    documented = rng.random(len(chosen)) < np.where(moved, 0.25, 0.55)
    agreed = rng.random(len(chosen)) < 0.8
    return pa.table(
        {
            "person_id": draw.identities.on(person, day),
            "date": day_column(day),
            "from_school": picked(draw.enrolled.units, chosen["unit"].to_numpy()),
            "to_school": code_column(draw.enrolled.units, to_unit),
            "from_type": picked(SCHOOL_TYPES, chosen["kind"].to_numpy()),
            "to_type": code_column(SCHOOL_TYPES, to_kind),
            "documented": number_column(documented),
            "consent": number_column(agreed, ~documented),
        }
    )

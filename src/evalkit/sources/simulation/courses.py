"""Put the grades of upper secondary school into the study's years: who was at which school on the day they were set."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Flags, Floats
from evalkit.sources.simulation.careers.attainment import LETTERS, Background
from evalkit.sources.simulation.careers.coursework import Coursework, Pupils, draw_coursework
from evalkit.sources.simulation.careers.plans import as_written
from evalkit.sources.simulation.careers.upper import YEARS
from evalkit.sources.simulation.expectations import Expectations
from evalkit.sources.simulation.homes import Homes
from evalkit.sources.simulation.magnitudes import magnitudes
from evalkit.sources.simulation.settings import SimulationSettings, SiteSettings
from evalkit.sources.simulation.streams import stream
from evalkit.sources.simulation.upper_secondary import Beginners
from evalkit.vocabulary import school_year, term_of

DAYS_BEFORE_END = 4
WEEK = 7
NOBODY = -1


def draw_courses(
    years: tuple[Expectations, ...],
    homes: Homes,
    beginners: Beginners,
    settings: SimulationSettings,
    site: SiteSettings,
) -> pd.DataFrame:
    """Return one row a grade in upper secondary school, of those who were there when it was set.

    Grades of earlier years count for what comes later, but only those of the study's years are returned.

    Returns
    -------
    DataFrame
        As `outcomes.draw_grades`, with course, points, and plan_points (missing at introductory programmes).
    """
    stays = pd.concat([_upper(year).assign(place=place) for place, year in enumerate(years)], ignore_index=True)
    found = beginners.only(np.isin(beginners.person, stays["person"].to_numpy()))
    first = school_year(settings.school_years[0]).start.year
    own = homes.only(found.person)
    pupils = Pupils(
        autumn=found.autumn,
        path=found.path,
        fate=found.outcome,
        background=Background(np.zeros(len(found.person)), own.education, own.woman, own.late, own.ability),
        absence=_absence(years, found, first),
    )
    work = draw_coursework(pupils, stream(settings.seed, site.id, "coursework"))
    table = _dated(work, found, years, first)
    here = table.merge(stays[["person", "place", "school", "start", "end"]], on=["person", "place"])
    here = here[(here["start"] <= here["day"]) & (here["day"] < here["end"])].sort_values("number")
    return _as_records(here, work, own.second_language)


def _upper(year: Expectations) -> pd.DataFrame:
    return year.stays[year.stays["school_type"] == "GY"]


def _absence(years: tuple[Expectations, ...], found: Beginners, first: int) -> Floats:
    """Return expected absence by school year since the first autumn; years outside the study have the pupil's mean."""
    row = np.full(1 + max((int(year.stays["person"].max()) for year in years), default=0), NOBODY)
    row[found.person] = np.arange(len(found.person))
    away, days = np.zeros((len(found.person), YEARS)), np.zeros((len(found.person), YEARS))
    for place, year in enumerate(years):
        chosen = np.flatnonzero((year.stays["school_type"] == "GY").to_numpy())
        pupil = row[year.stays["person"].to_numpy()[chosen]]
        column = first + place - found.autumn[pupil]
        known = (pupil != NOBODY) & (column >= 0) & (column < YEARS)
        here = year.enrolled[chosen[known]]
        at = (pupil[known], column[known])
        np.add.at(away, at, np.where(here, year.absence[chosen[known]], 0).sum(axis=1, dtype=np.float64))
        np.add.at(days, at, here.sum(axis=1))
    usual = np.where(
        days.sum(axis=1) > 0,
        away.sum(axis=1) / days.sum(axis=1).clip(min=1),
        magnitudes()["upper_secondary"]["mean_absence"],
    )
    return np.asarray(np.where(days > 0, away / days.clip(min=1), usual[:, None]))


def _dated(work: Coursework, found: Beginners, years: tuple[Expectations, ...], first: int) -> pd.DataFrame:
    """Return number, person, place (of the school year) and day of the grades set in the study's years."""
    place = found.autumn[work.pupil] + work.year - first
    kept = np.flatnonzero((place >= 0) & (place < len(years)))
    ends = np.array([_ends(year) for year in years])
    day = ends[place[kept], np.where(work.autumn[kept], 0, 1)] - WEEK * work.weeks_early[kept]
    return pd.DataFrame({"number": kept, "person": found.person[work.pupil[kept]], "place": place[kept], "day": day})


def _ends(year: Expectations) -> tuple[int, int]:
    """Return the days (ordinals) on which grades are set in the autumn and in the spring."""
    autumn = [day for day in year.days if term_of(day).label.startswith("HT")]
    return autumn[-1 - DAYS_BEFORE_END].toordinal(), year.days[-1 - DAYS_BEFORE_END].toordinal()


def _as_records(here: pd.DataFrame, work: Coursework, second: Flags) -> pd.DataFrame:
    number = here["number"].to_numpy()
    days, term_places = np.unique(here["day"].to_numpy(), return_inverse=True)
    terms = np.array([term_of(_date(day)).label for day in days], dtype=object)
    course, variant = work.course[number], 2 * work.gy25[number] + second[work.pupil[number]]
    written = [as_written(gy25=gy25, second_language=sva) for gy25 in (False, True) for sva in (False, True)]
    codes, subjects = (
        np.array([[getattr(each, name) for each in courses] for courses in written], dtype=object)
        for name in ("code", "subject")
    )
    plan = work.plan_points[number]
    return pd.DataFrame(
        {
            "person": here["person"].to_numpy(),
            "school": here["school"].to_numpy(),
            "subject": subjects[variant, course],
            "grade": np.array(LETTERS, dtype=object)[work.letter[number]],
            "term": terms[term_places],
            "day": here["day"].to_numpy(),
            "final": True,
            "course": codes[variant, course],
            "points": np.array([each.points for each in written[0]])[course],
            "plan_points": np.where(plan > 0, plan, np.nan),
        }
    )


def _date(ordinal: int) -> date:
    return date.fromordinal(int(ordinal))

"""Draw all of one site's adult education."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evalkit.errors import InputError
from evalkit.sources.simulation.adults.careers import (
    GOING_ON,
    NO_SHOW,
    Careers,
    Planted,
    Tracks,
    draw_careers,
    draw_tracks,
)
from evalkit.sources.simulation.adults.catalogue import adult_magnitudes
from evalkit.sources.simulation.adults.enrolled import Enrolled, describe
from evalkit.sources.simulation.adults.entrants import Entrants, draw_entrants
from evalkit.sources.simulation.adults.identities import Identities, make_identities
from evalkit.sources.simulation.adults.lessons import Days, draw_days, propensities, teaching_days
from evalkit.sources.simulation.adults.settings import AdultSettings, AdultSite
from evalkit.sources.simulation.arrays import Floats, Integers
from evalkit.sources.simulation.streams import stream

POOL, POOL_FLOOR = 2.8, 400


@dataclass(frozen=True, eq=False)
class AdultDraw:
    """All of one site.

    Parameters
    ----------
    site, settings
        As told.
    entrants, identities
        The site's persons, exactly as many as told.
    careers, without
        Their courses and support; and the same persons' courses had the project's support had no effect.
    enrolled
        The courses, described.
    usual
        Shape (enrolments,): expected absence on an average day.
    days
        Who was to come, and who came.
    """

    site: AdultSite
    settings: AdultSettings
    entrants: Entrants
    identities: Identities
    careers: Careers
    without: Careers
    enrolled: Enrolled
    usual: Floats
    days: Days


def draw_adults(settings: AdultSettings, place: int) -> AdultDraw:
    """Return one site of a study; what is drawn there does not depend on the other sites' sizes."""
    site, seed = settings.sites[place], settings.seed
    entrants, careers, without = draw_persons(settings, site)
    identities = make_identities(
        entrants, settings.end, stream(seed, site.id, "identities"), place=place, places=len(settings.sites)
    )
    enrolled = describe(careers, site.municipality, settings.end.toordinal(), stream(seed, site.id, "enrolled"))
    usual = propensities(careers.tracks, enrolled.courses, stream(seed, site.id, "propensities"))
    days = draw_days(
        enrolled.courses, usual, teaching_days(settings.first, settings.end), stream(seed, site.id, "lessons")
    )
    return AdultDraw(site, settings, entrants, identities, careers, without, enrolled, usual, days)


def draw_persons(settings: AdultSettings, site: AdultSite) -> tuple[Entrants, Careers, Careers]:
    """Return exactly the persons told, each with a course in the window; their careers; and those without effect.

    Beginners of many years are drawn, so that the stock is in balance when the window opens; the first of them who have
    a course in the window are the site's persons.

    Raises
    ------
    InputError
        If too few beginners ever have one.
    """
    for factor in (1, 2, 4):
        entrants, careers, without = _pool(settings, site, int(POOL * factor * site.persons) + POOL_FLOOR)
        chosen = persons_in_window(careers, settings.first.toordinal(), settings.end.toordinal())
        if len(chosen) >= site.persons:
            kept = chosen[: site.persons]
            return entrants.only(kept), _only(careers, kept), _only(without, kept)
    raise InputError(
        f"too few students of {site.name} have a course in the window", remedy="choose a longer window or fewer persons"
    )


def persons_in_window(careers: Careers, first: int, end: int) -> Integers:
    """Return the persons with a course that they came to and that overlaps ``[first, end)``, ordinals."""
    courses = careers.courses
    lasting = (courses["end"] == 0) | (courses["end"] > first)
    here = lasting & (courses["start"] < end) & (courses["outcome"] != NO_SHOW)
    return np.unique(courses["person"].to_numpy()[here.to_numpy()])


def _pool(settings: AdultSettings, site: AdultSite, count: int) -> tuple[Entrants, Careers, Careers]:
    monday = adult_magnitudes()["start"]["first_monday"].toordinal()
    rng = stream(settings.seed, site.id, "entrants")
    entrants = draw_entrants(count, settings.shares, settings.end, rng)
    tracks = draw_tracks(entrants, monday, rng)
    weeks = -(-(settings.end.toordinal() - monday) // 7)
    started = -(-(site.project_start.toordinal() - monday) // 7)
    planted = Planted(settings.support_effect(site), settings.effects.returner, started)
    seed = int(stream(settings.seed, site.id, "careers").integers(2**63))
    careers, without = (
        _known_on(draw_careers(tracks, each, first_monday=monday, weeks=weeks, seed=seed), settings.end.toordinal())
        for each in (planted, replace(planted, support=1.0))
    )
    return entrants, careers, without


def _known_on(careers: Careers, day: int) -> Careers:
    """Return the careers as they are known on a day (ordinal): what ends later has not ended."""
    courses = careers.courses.copy()
    later = courses["end"] > day
    courses.loc[later, "end"] = 0
    courses.loc[later, "outcome"] = GOING_ON
    courses.loc[later, "passed"] = False
    return replace(careers, courses=courses)


def _only(careers: Careers, persons: Integers) -> Careers:
    """Return the careers of some persons, and persons and tracks numbered anew."""
    tracks = careers.tracks
    number = np.full(int(tracks.person.max()) + 1, -1)
    number[persons] = np.arange(len(persons))
    kept = np.flatnonzero(number[tracks.person] >= 0)
    track_number = np.full(len(tracks.person), -1)
    track_number[kept] = np.arange(len(kept))
    picked = {name: getattr(tracks, name)[kept] for name in tracks.__dataclass_fields__}
    frames = []
    for frame in (careers.courses, careers.support):
        own = frame[number[frame["person"].to_numpy()] >= 0].copy()
        own["person"] = number[own["person"].to_numpy()]
        own["track"] = track_number[own["track"].to_numpy()]
        frames.append(own.sort_values(["person", "start", "track"], kind="stable", ignore_index=True))
    return Careers(Tracks(**{**picked, "person": number[tracks.person[kept]]}), frames[0], frames[1])

"""Draw all of one site, a school year at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from evalkit.sources.simulation.expectations import Expectations, expect_year, with_forums
from evalkit.sources.simulation.forums import draw_forums
from evalkit.sources.simulation.outcomes import draw_grades, draw_support, draw_talents
from evalkit.sources.simulation.people import People, make_people
from evalkit.sources.simulation.population import Population, draw_population
from evalkit.sources.simulation.presence import Exceptions, Lessons, draw_exceptions, draw_lessons
from evalkit.sources.simulation.schools import School, draw_schools
from evalkit.sources.simulation.settings import SimulationSettings, SiteSettings
from evalkit.sources.simulation.shocks import Traits, draw_traits
from evalkit.sources.simulation.streams import stream
from evalkit.sources.simulation.surveys import draw_surveys
from evalkit.sources.simulation.timetable import Timetable, draw_timetable
from evalkit.vocabulary import school_calendar, school_year, terms_of


@dataclass(frozen=True, eq=False)
class SiteDraw:
    """All of one site but its lessons.

    Parameters
    ----------
    site
        As told.
    terms
        Labels of the terms.
    schools, population, people, traits
        Who is where, and what they are like.
    years
        Expectations of each school year.
    forums, survey, grades, support
        Records, person by number; forums by station.
    """

    site: SiteSettings
    terms: tuple[str, ...]
    schools: tuple[School, ...]
    population: Population
    people: People
    traits: Traits
    years: tuple[Expectations, ...]
    forums: pd.DataFrame
    survey: pd.DataFrame
    grades: pd.DataFrame
    support: pd.DataFrame


@dataclass(frozen=True, eq=False)
class LessonYear:
    """One school year's lessons, and what was recorded of them."""

    label: str
    timetable: Timetable
    expectations: Expectations
    exceptions: Exceptions
    lessons: Lessons


def draw_site(settings: SimulationSettings, place: int) -> SiteDraw:
    """Return all of the site at ``place`` in the settings but its lessons."""
    site, seed = settings.sites[place], settings.seed
    terms = _terms(settings)
    schools = draw_schools(site, seed)
    population = draw_population(
        schools, settings.school_years, settings.population, stream(seed, site.id, "population")
    )
    people = make_people(
        population.intakes,
        settings.population,
        stream(seed, site.id, "people"),
        place=place,
        places=len(settings.sites),
    )
    traits = draw_traits(
        settings.shocks,
        settings.connectedness,
        stream(seed, site.id, "traits"),
        persons=len(population.intakes),
        rooms=len(population.classes),
        schools=len(schools),
        terms=len(terms),
    )
    years = _expect(settings, site, schools, population, traits)
    survey, grades, support = _records(settings, site, years, terms, traits)
    forums = draw_forums(site, schools, stream(seed, site.id, "forums"))
    return SiteDraw(site, terms, schools, population, people, traits, years, forums, survey, grades, support)


def lesson_years(settings: SimulationSettings, draw: SiteDraw) -> Iterator[LessonYear]:
    """Yield each school year's lessons; one year at a time is held in memory."""
    site, seed = draw.site, settings.seed
    for label, year in zip(settings.school_years, draw.years, strict=True):
        rooms = year.stays["room"].drop_duplicates().sort_values().to_numpy()
        timetable = draw_timetable(
            rooms,
            year.days,
            settings.lessons_per_week,
            settings.attendance,
            stream(seed, site.id, f"timetable {label}"),
        )
        rng = stream(seed, site.id, f"lessons {label}")
        exceptions = draw_exceptions(year.stays, timetable.activities, settings.attendance, rng)
        lessons = draw_lessons(timetable, year, exceptions, settings.attendance, rng)
        yield LessonYear(label, timetable, year, exceptions, lessons)


def _terms(settings: SimulationSettings) -> tuple[str, ...]:
    return tuple(term.label for term in terms_of(settings.school_years))


def _expect(
    settings: SimulationSettings,
    site: SiteSettings,
    schools: tuple[School, ...],
    population: Population,
    traits: Traits,
) -> tuple[Expectations, ...]:
    terms = _terms(settings)
    stays = population.stays[~population.stays["cancelled"]]
    years = [
        expect_year(
            stays[stays["school_year"] == place].reset_index(drop=True),
            school_calendar(label).school_days,
            terms,
            traits,
            settings.effects,
        )
        for place, label in enumerate(settings.school_years)
    ]
    if site.forum is None:
        return tuple(years)
    return tuple(with_forums(years, schools[0].number, site.forum.dates[0], settings.effects))


def _records(
    settings: SimulationSettings,
    site: SiteSettings,
    years: tuple[Expectations, ...],
    terms: tuple[str, ...],
    traits: Traits,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    seed = settings.seed
    last_day = school_year(settings.school_years[-1]).end
    talents = draw_talents(len(traits.rank), stream(seed, site.id, "talents"))
    survey, grades, support = [], [], []
    for label, year in zip(settings.school_years, years, strict=True):
        rng = stream(seed, site.id, f"survey {label}")
        survey.append(draw_surveys(year, terms, traits, settings.connectedness, rng))
        grades.append(draw_grades(year, traits, talents, stream(seed, site.id, f"grades {label}")))
        support.append(draw_support(year, last_day, traits, stream(seed, site.id, f"support {label}")))
    return (
        pd.concat(survey, ignore_index=True),
        pd.concat(grades, ignore_index=True).sort_values(["day", "person", "subject"], ignore_index=True),
        pd.concat(support, ignore_index=True).sort_values(["start", "person", "kind"], ignore_index=True),
    )

"""Draw what happens at a site year by year: expectations with all that is planted, and the records that follow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.sources.simulation.expectations import Expectations, expect_year, with_forums
from evalkit.sources.simulation.homes import Homes
from evalkit.sources.simulation.incidents import draw_handovers, draw_incidents
from evalkit.sources.simulation.outcomes import draw_grades
from evalkit.sources.simulation.people import People, make_people
from evalkit.sources.simulation.population import Population
from evalkit.sources.simulation.schools import School
from evalkit.sources.simulation.settings import SimulationSettings, SiteSettings
from evalkit.sources.simulation.shocks import Traits
from evalkit.sources.simulation.streams import stream
from evalkit.sources.simulation.support import draw_support, with_support
from evalkit.sources.simulation.surveys import draw_surveys
from evalkit.vocabulary import school_calendar, school_year, terms_of


def term_labels(settings: SimulationSettings) -> tuple[str, ...]:
    """Return the labels of the study's terms."""
    return tuple(term.label for term in terms_of(settings.school_years))


def identities(settings: SimulationSettings, place: int, population: Population, homes: Homes) -> People:
    """Return identities for everyone at a site."""
    return make_people(
        population.intakes,
        settings.population,
        stream(settings.seed, settings.sites[place].id, "people"),
        place=place,
        places=len(settings.sites),
        sex=homes.woman,
    )


def expect_all(
    settings: SimulationSettings, population: Population, traits: Traits, school_type: str
) -> list[Expectations]:
    """Return expectations of each school year before anything is planted, for the stays at one school type."""
    terms = term_labels(settings)
    stays = population.stays[~population.stays["cancelled"] & (population.stays["school_type"] == school_type)]
    return [
        expect_year(
            stays[stays["school_year"] == place].reset_index(drop=True),
            school_calendar(label).school_days,
            terms,
            traits,
            settings.effects,
        )
        for place, label in enumerate(settings.school_years)
    ]


def expect(
    settings: SimulationSettings,
    site: SiteSettings,
    schools: tuple[School, ...],
    population: Population,
    traits: Traits,
) -> tuple[tuple[Expectations, ...], pd.DataFrame]:
    """Return years 7-9 with all that was planted, and the spells of support."""
    years = expect_all(settings, population, traits, "GR")
    last_day = school_year(settings.school_years[-1]).end
    spells = [
        draw_support(year, last_day, stream(settings.seed, site.id, f"support {label}"))
        for label, year in zip(settings.school_years, years, strict=True)
    ]
    support = pd.concat(spells, ignore_index=True).sort_values(["start", "person", "kind"], ignore_index=True)
    years = with_support(years, support, settings.effects)
    if site.forum is not None:
        size = forum_sizes(settings)[site.id]
        years = with_forums(years, schools[0].number, site.forum.dates[0], settings.effects, size)
    return tuple(years), support


def forum_sizes(settings: SimulationSettings) -> dict[str, float]:
    """Return the effect planted at each site's school with forums; their plain mean is the setting."""
    sites = [site.id for site in settings.sites if site.forum is not None]
    draws = np.array([stream(settings.seed, site, "forum size").standard_normal() for site in sites])
    sizes = settings.effects.forum + settings.effects.forum_spread * (draws - draws.mean() if sites else draws)
    return dict(zip(sites, sizes.tolist(), strict=True))


def records(
    settings: SimulationSettings,
    site: SiteSettings,
    years: tuple[Expectations, ...],
    traits: Traits,
    homes: Homes,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return answers to the survey, and grades of years 8 and 9."""
    terms = term_labels(settings)
    survey, grades = [], []
    for label, year in zip(settings.school_years, years, strict=True):
        rng = stream(settings.seed, site.id, f"survey {label}")
        survey.append(draw_surveys(year, terms, traits, settings.connectedness, rng))
        grades.append(draw_grades(year, homes, stream(settings.seed, site.id, f"grades {label}")))
    return (
        pd.concat(survey, ignore_index=True),
        pd.concat(grades, ignore_index=True).sort_values(["day", "person", "subject"], ignore_index=True),
    )


def registers(
    settings: SimulationSettings,
    site: SiteSettings,
    population: Population,
    years: tuple[Expectations, ...],
    traits: Traits,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return incidents and handovers."""
    incidents = [
        draw_incidents(year, traits, stream(settings.seed, site.id, f"incidents {label}"))
        for label, year in zip(settings.school_years, years, strict=True)
    ]
    first = years[0].days[0].toordinal()
    return (
        pd.concat(incidents, ignore_index=True).sort_values(["day", "person", "kind"], ignore_index=True),
        draw_handovers(population.stays, first, stream(settings.seed, site.id, "handovers")),
    )

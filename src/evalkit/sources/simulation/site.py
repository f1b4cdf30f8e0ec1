"""Draw all of one site but its lessons."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from evalkit.sources.simulation.courses import draw_courses
from evalkit.sources.simulation.expectations import together
from evalkit.sources.simulation.forums import draw_forums
from evalkit.sources.simulation.homes import draw_homes
from evalkit.sources.simulation.outcomes import final_grades
from evalkit.sources.simulation.population import draw_population
from evalkit.sources.simulation.register_site import draw_register_site
from evalkit.sources.simulation.schools import draw_schools, draw_upper_schools
from evalkit.sources.simulation.settings import SimulationSettings
from evalkit.sources.simulation.shocks import draw_traits
from evalkit.sources.simulation.site_draw import SiteDraw
from evalkit.sources.simulation.site_years import expect, expect_all, identities, records, registers, term_labels
from evalkit.sources.simulation.streams import stream
from evalkit.sources.simulation.upper_stays import NinthYear, add_upper_secondary


def draw_site(settings: SimulationSettings, place: int) -> SiteDraw:
    """Return all of the site at ``place`` in the settings but its lessons."""
    site, seed = settings.sites[place], settings.seed
    if site.persons:
        return draw_register_site(settings, place)
    terms = term_labels(settings)
    schools = draw_schools(site, seed)
    population = draw_population(
        schools, settings.school_years, settings.population, stream(seed, site.id, "population")
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
    homes = draw_homes(population.intakes, stream(seed, site.id, "homes"))
    years, support = expect(settings, site, schools, population, traits)
    survey, grades = records(settings, site, years, traits, homes)
    forums = draw_forums(site, schools, stream(seed, site.id, "forums"))
    incidents, handovers = registers(settings, site, population, years, traits)
    lower = SiteDraw(
        site=site,
        terms=terms,
        schools=schools,
        population=population,
        people=identities(settings, place, population, homes),
        homes=homes,
        traits=traits,
        years=years,
        forums=forums,
        survey=survey,
        grades=grades,
        support=support,
        incidents=incidents,
        handovers=handovers,
    )
    return lower if site.upper_secondary is None else _with_upper(settings, place, lower)


def _with_upper(settings: SimulationSettings, place: int, lower: SiteDraw) -> SiteDraw:
    """Return the site with upper secondary school: what was drawn of years 7-9 stays as it is."""
    site = lower.site
    schools = draw_upper_schools(site)
    ninth = NinthYear(*final_grades(lower.grades, lower.homes))
    upper = add_upper_secondary(
        settings, site, schools, lower.population, homes=lower.homes, traits=lower.traits, ninth=ninth
    )
    above = expect_all(settings, upper.population, upper.traits, "GY")
    years = tuple(together(first, second) for first, second in zip(lower.years, above, strict=True))
    courses = draw_courses(years, upper.homes, upper.beginners, settings, site)
    grades = pd.concat([lower.grades, courses], ignore_index=True)
    incidents, handovers = registers(settings, site, upper.population, years, upper.traits)
    return replace(
        lower,
        schools=(*lower.schools, *schools),
        population=upper.population,
        people=identities(settings, place, upper.population, upper.homes),
        homes=upper.homes,
        traits=upper.traits,
        years=years,
        grades=grades.sort_values(["day", "person", "subject"], ignore_index=True),
        upper=upper,
        incidents=incidents,
        handovers=handovers,
    )

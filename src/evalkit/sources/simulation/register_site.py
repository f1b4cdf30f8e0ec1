"""Draw a site from the careers of all persons of a municipality's register: every stage, exactly N persons."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Floats, Integers
from evalkit.sources.simulation.careers import Careers, draw_careers
from evalkit.sources.simulation.careers.attainment import LETTERS, SUBJECTS
from evalkit.sources.simulation.careers.latents import LOWER, UPPER, ranked_within
from evalkit.sources.simulation.careers.spells import PROGRAMMES, SCHOOL_TYPES, programme_kind
from evalkit.sources.simulation.courses import draw_courses
from evalkit.sources.simulation.expectations import together
from evalkit.sources.simulation.forums import draw_forums
from evalkit.sources.simulation.homes import Homes, draw_homes
from evalkit.sources.simulation.magnitudes import normal_ranks
from evalkit.sources.simulation.population import Population, SchoolClass, Stay
from evalkit.sources.simulation.schools import LARGEST_CLASS, YEAR_GROUPS, School
from evalkit.sources.simulation.settings import SimulationSettings, SiteSettings
from evalkit.sources.simulation.shocks import Traits, draw_traits
from evalkit.sources.simulation.site_draw import SiteDraw
from evalkit.sources.simulation.site_years import expect, expect_all, identities, records, registers, term_labels
from evalkit.sources.simulation.streams import stream
from evalkit.sources.simulation.upper_secondary import Beginners
from evalkit.sources.simulation.upper_stays import UpperDraw, diplomas_of
from evalkit.vocabulary import school_year

NO_LESSONS = -1
AGE_IN_YEAR_7 = 13


def draw_register_site(settings: SimulationSettings, place: int) -> SiteDraw:
    """Return a site whose register holds exactly ``persons`` persons.

    Enrolments are of every stage, from preschool to adult education; lessons, grades and surveys of years 7-9 and upper
    secondary school in the study's school years.
    """
    site, seed = settings.sites[place], settings.seed
    years = [school_year(label).start.year for label in settings.school_years]
    careers = draw_careers(site.persons, years[-1], seed, site.id)
    schools = _schools(site, careers)
    population = _population(careers, years)
    homes = _homes(careers, stream(seed, site.id, "homes"))
    traits = _traits(settings, site, careers, population, len(schools))
    below, support = expect(settings, site, schools, population, traits)
    above = expect_all(settings, population, traits, "GY")
    survey, grades = records(settings, site, below, traits, homes)
    together_years = tuple(together(first, second) for first, second in zip(below, above, strict=True))
    upper = _upper(careers, population, homes, traits, years)
    courses = draw_courses(together_years, homes, upper.beginners, settings, site)
    grades = pd.concat([_as_decided(grades, careers), courses], ignore_index=True)
    incidents, handovers = registers(settings, site, population, together_years, traits)
    unshifted = replace(settings, population=replace(settings.population, year_older=0.0))
    return SiteDraw(
        site=site,
        terms=term_labels(settings),
        schools=schools,
        population=population,
        people=identities(unshifted, place, population, homes),
        homes=homes,
        traits=traits,
        years=together_years,
        forums=draw_forums(site, schools, stream(seed, site.id, "forums")),
        survey=survey,
        grades=grades.sort_values(["day", "person", "subject"], ignore_index=True),
        support=support,
        upper=upper,
        incidents=incidents,
        handovers=handovers,
    )


def _schools(site: SiteSettings, careers: Careers) -> tuple[School, ...]:
    names, types = careers.places.names(site.name), careers.places.types()
    return tuple(
        School(number, f"99{site.municipality}{number + 1:02d}", name, 0, holds_forums=False, school_type=kind)
        for number, (name, kind) in enumerate(zip(names, types, strict=True))
    )


def _population(careers: Careers, years: list[int]) -> Population:
    """Return the spells as stays; those with lessons are in classes of a school, an autumn and a programme."""
    spells = careers.spells
    types = np.array(SCHOOL_TYPES, dtype=object)[spells["school_type"]]
    group = spells["year_group"].to_numpy().astype(np.int64)
    autumn = _autumns(spells["start"].to_numpy())
    taught = (types == "GY") | ((types == "GR") & (group >= YEAR_GROUPS[0]))
    taught &= (autumn >= years[0]) & (autumn <= years[-1])
    stays = pd.DataFrame(
        {
            "person": spells["person"].to_numpy().astype(np.int64),
            "school": spells["school"].to_numpy().astype(np.int64),
            "school_year": np.where(taught, autumn - years[0], NO_LESSONS),
            "year_group": group,
            "start": spells["start"].to_numpy().astype(np.int64),
            "end": spells["end"].to_numpy().astype(np.int64),
            "cancelled": spells["cancelled"].to_numpy(),
            "open": spells["open"].to_numpy(),
            "school_type": types,
            "programme": np.array(PROGRAMMES, dtype=object)[spells["programme"]],
        }
    )
    rooms = _rooms(stays[taught], autumn[taught])
    stays["room"] = NO_LESSONS
    stays.loc[taught, "room"] = rooms.number
    intakes = careers.persons.birth_year.astype(np.int64) + AGE_IN_YEAR_7
    return Population(intakes, stays[list(Stay._fields)], rooms.classes)


class _Rooms(NamedTuple):
    number: Integers
    classes: tuple[SchoolClass, ...]


def _rooms(stays: pd.DataFrame, autumn: Integers) -> _Rooms:
    """Give each stay a class: of a school, the autumn its stage began, and programme; large ones are several."""
    upper = (stays["school_type"] == "GY").to_numpy()
    began = autumn - stays["year_group"].to_numpy() + np.where(upper, 1, YEAR_GROUPS[0])
    keys = pd.DataFrame({"school": stays["school"], "began": began, "programme": stays["programme"]})
    groups = keys.groupby(["school", "began", "programme"])
    # by person, so that a pupil keeps the class from year to year
    turn = stays["person"].to_numpy() % np.maximum(groups["began"].transform("size") // (3 * LARGEST_CLASS), 1)
    keys = keys.assign(turn=turn)
    number = keys.groupby(["school", "began", "programme", "turn"], sort=True).ngroup().to_numpy()
    distinct = keys.assign(number=number).drop_duplicates("number").sort_values("number")
    columns = (distinct[name].tolist() for name in ("school", "began", "programme", "turn"))
    classes = tuple(
        SchoolClass(school, began, programme or chr(ord("A") + turn % 26))
        for school, began, programme, turn in zip(*columns, strict=True)
    )
    return _Rooms(number, classes)


def _homes(careers: Careers, rng: np.random.Generator) -> Homes:
    persons = careers.persons
    drawn = draw_homes(persons.birth_year.astype(np.int64) + AGE_IN_YEAR_7, rng)
    second = drawn.second_language.copy()
    second[careers.nine.person] = careers.grades.second_language
    language = drawn.modern_language.copy()
    language[careers.nine.person] = careers.grades.letters[:, SUBJECTS.index("M2")] >= 0
    return replace(
        drawn,
        woman=persons.woman,
        education=persons.education,
        region=persons.region,
        arrived=persons.arrived.astype(np.int64),
        late=persons.late,
        ability=careers.latents.ability.astype(np.float64),
        second_language=second,
        modern_language=language,
    )


def _traits(
    settings: SimulationSettings, site: SiteSettings, careers: Careers, population: Population, schools: int
) -> Traits:
    """Return shocks as at any site, with the absence that the careers had."""
    drawn = draw_traits(
        settings.shocks,
        settings.connectedness,
        stream(settings.seed, site.id, "traits"),
        persons=len(careers.persons),
        rooms=len(population.classes),
        schools=schools,
        terms=2 * len(settings.school_years),
    )
    score = careers.latents.absence[:, LOWER].astype(np.float64)
    usual = drawn.usual + settings.connectedness.correlation * (score - drawn.score)
    return replace(drawn, score=score, rank=normal_ranks(score), usual=usual, upper=_upper_ranks(careers))


def _upper_ranks(careers: Careers) -> Floats:
    found = np.full((len(careers.persons), 2), 0.5)
    kinds = programme_kind(careers.upper.path.programme)
    for column, chosen in enumerate([(kinds % 3 > 0).any(axis=1), (kinds == 3).any(axis=1)]):
        person = careers.nine.person[chosen]
        found[person, column] = ranked_within(careers.latents.absence[person, UPPER])
    return found


def _as_decided(grades: pd.DataFrame, careers: Careers) -> pd.DataFrame:
    """Return the grades with the final ones that decided what came after year 9."""
    row = np.full(len(careers.persons), NO_LESSONS)
    row[careers.nine.person] = np.arange(len(careers.nine.person))
    place = row[grades["person"].to_numpy()]
    subject = grades["subject"].replace("SVA", "SV").map(SUBJECTS.index).to_numpy()
    letters = np.array([*LETTERS, ""], dtype=object)[careers.grades.letters[place, subject]]
    decided = grades["final"].to_numpy() & (place >= 0) & (letters != "")
    return grades.assign(grade=np.where(decided, letters, grades["grade"]))


def _upper(careers: Careers, population: Population, homes: Homes, traits: Traits, years: list[int]) -> UpperDraw:
    upper = careers.upper
    found = Beginners(
        person=careers.nine.person,
        autumn=careers.nine.autumn,
        programme=upper.programme,
        begins=upper.begins,
        fates=upper.fates,
        path=upper.path,
        absence_score=careers.latents.absence[careers.nine.person, UPPER].astype(np.float64),
        outcome=upper.outcome,
        school_years=upper.school_years,
    )
    stays = population.stays[population.stays["school_type"] == "GY"]
    return UpperDraw(population, homes, traits, found, diplomas_of(found, stays, years))


def _autumns(start: Integers) -> Integers:
    """Return the calendar year in which the school year of each day starts."""
    days = (start.astype(np.int64) - 719_163).astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64)
    return np.asarray((months - 6) // 12 + 1970)

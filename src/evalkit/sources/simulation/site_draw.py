"""All of one site that is drawn, and one school year of its lessons."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evalkit.sources.simulation.expectations import Expectations
from evalkit.sources.simulation.homes import Homes
from evalkit.sources.simulation.people import People
from evalkit.sources.simulation.population import Population
from evalkit.sources.simulation.presence import Exceptions, Lessons
from evalkit.sources.simulation.schools import School
from evalkit.sources.simulation.settings import SiteSettings
from evalkit.sources.simulation.shocks import Traits
from evalkit.sources.simulation.timetable import Timetable
from evalkit.sources.simulation.upper_stays import UpperDraw


@dataclass(frozen=True, eq=False)
class SiteDraw:
    """All of one site but its lessons.

    Parameters
    ----------
    site
        As told.
    terms
        Labels of the terms.
    schools, population, people, homes, traits
        Who is where, and what they are like.
    years
        Expectations of each school year.
    forums, survey, grades, support, incidents, handovers
        Records, person by number; forums by station.
    upper
        Upper secondary school, where the site has any.
    """

    site: SiteSettings
    terms: tuple[str, ...]
    schools: tuple[School, ...]
    population: Population
    people: People
    homes: Homes
    traits: Traits
    years: tuple[Expectations, ...]
    forums: pd.DataFrame
    survey: pd.DataFrame
    grades: pd.DataFrame
    support: pd.DataFrame
    incidents: pd.DataFrame
    handovers: pd.DataFrame
    upper: UpperDraw | None = None


@dataclass(frozen=True, eq=False)
class LessonYear:
    """Lessons of some schools in one school year, what was recorded of them, and absences reported beforehand.

    Parameters
    ----------
    label
        Of the school year.
    timetable, expectations, exceptions, lessons, absences
        Of the schools of this part.
    part
        0 for the year's first schools.
    first_event
        How many events of the year stand in earlier parts.
    """

    label: str
    timetable: Timetable
    expectations: Expectations
    exceptions: Exceptions
    lessons: Lessons
    absences: pd.DataFrame
    part: int = 0
    first_event: int = 0

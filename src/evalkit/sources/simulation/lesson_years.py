"""Draw the lessons of a site: a school year at a time, and a large site a few schools at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np

from evalkit.sources.simulation.absences import draw_reported
from evalkit.sources.simulation.arrays import Integers
from evalkit.sources.simulation.expectations import Expectations
from evalkit.sources.simulation.presence import draw_days, draw_exceptions, draw_lessons
from evalkit.sources.simulation.settings import SimulationSettings, SiteSettings
from evalkit.sources.simulation.site_draw import LessonYear, SiteDraw
from evalkit.sources.simulation.streams import stream
from evalkit.sources.simulation.timetable import draw_timetable

STAYS_AT_A_TIME = 700
"""Stays whose lessons are drawn together, about half a million lessons a school year; a school is never divided."""
AHEAD = 1
"""Parts drawn while an earlier one is written, by one thread: drawing holds the interpreter, writing does not."""


def lesson_years(settings: SimulationSettings, draw: SiteDraw) -> Iterator[LessonYear]:
    """Yield the lessons of each school year, in parts where a site has many pupils.

    What is held in memory does not grow with the site; what is drawn does not depend on how many threads draw.
    """
    parts = [
        partial(_draw_part, settings, draw, place, number, rows)
        for place, year in enumerate(draw.years)
        for number, rows in enumerate(_parts(year))
    ]
    events: dict[str, int] = {}
    for year in _in_order(parts):
        first = events.get(year.label, 0)
        events[year.label] = first + len(year.timetable.events)
        yield replace(year, first_event=first)


def upper_lessons(settings: SimulationSettings, site: SiteSettings) -> int:
    """Return lessons a week in upper secondary school."""
    share = site.upper_secondary.lessons if site.upper_secondary else 1.0
    return max(1, round(share * settings.lessons_per_week))


def _draw_part(settings: SimulationSettings, draw: SiteDraw, place: int, part: int, rows: Integers) -> LessonYear:
    site, label = draw.site, settings.school_years[place]
    year = draw.years[place].only(rows)
    purpose = f"{label} {part}" if part else label

    def own(name: str) -> np.random.Generator:
        return stream(settings.seed, site.id, f"{name} {purpose}")

    timetable = draw_timetable(
        year.stays["room"].drop_duplicates().sort_values().to_numpy(),
        year.days,
        settings.lessons_per_week,
        settings.attendance,
        own("timetable"),
        classes=draw.population.classes,
        upper_lessons=upper_lessons(settings, site),
    )
    rng = own("lessons")
    exceptions = draw_exceptions(year.stays, timetable.activities, settings.attendance, rng)
    states = draw_days(year, settings.attendance, rng)
    lessons = draw_lessons(timetable, year, exceptions, settings.attendance, rng, states=states)
    absences = draw_reported(year, states, own("absences"))
    return LessonYear(label, timetable, year, exceptions, lessons, absences, part=part)


def _parts(year: Expectations) -> list[Integers]:
    """Return the rows of the year's stays in parts of whole schools."""
    schools, counts = np.unique(year.stays["school"].to_numpy(), return_counts=True)
    part_of_school = (np.cumsum(counts) - counts) // STAYS_AT_A_TIME
    part = part_of_school[np.searchsorted(schools, year.stays["school"].to_numpy())]
    return [np.flatnonzero(part == number) for number in np.unique(part)]


def _in_order(parts: list[partial[LessonYear]]) -> Iterator[LessonYear]:
    """Yield what the parts give, in their order, drawing a few ahead."""
    with ThreadPoolExecutor(AHEAD) as pool:
        waiting: deque[Future[LessonYear]] = deque()
        for draw in parts:
            waiting.append(pool.submit(draw))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

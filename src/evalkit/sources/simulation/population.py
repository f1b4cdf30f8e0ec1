"""Draw who goes to which school and class from when to when: intakes, moves, leavers, newcomers, no-shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Integers
from evalkit.sources.simulation.schools import YEAR_GROUPS, School
from evalkit.sources.simulation.settings import PopulationSettings
from evalkit.vocabulary import school_calendar, school_year

DAY = timedelta(days=1)


class Stay(NamedTuple):
    """A pupil at a school in a class for a school year or a part of one.

    ``person``, ``school`` and ``room`` (class) are numbers, ``school_year`` is a place in the study, ``start`` and
    ``end`` are ordinals, half-open; ``open``: no end is known yet; ``programme`` is a code, empty in years 7-9.
    """

    person: int
    school: int
    room: int
    school_year: int
    year_group: int
    start: int
    end: int
    cancelled: bool = False
    open: bool = False
    school_type: str = "GR"
    programme: str = ""


class SchoolClass(NamedTuple):
    """A class of an intake at a school; in upper secondary school the letter is the programme's code."""

    school: int
    intake: int
    letter: str


@dataclass(frozen=True, eq=False)
class Population:
    """Pupils and their stays.

    Parameters
    ----------
    intakes
        Shape (persons,): the year each pupil's intake starts year 7.
    stays
        One row a `Stay`, by person and start.
    classes
        By number, which a class keeps through years 7-9.
    """

    intakes: Integers
    stays: pd.DataFrame
    classes: tuple[SchoolClass, ...]

    def each_stay(self) -> Iterator[Stay]:
        """Yield the stays one by one."""
        return (Stay(*values) for values in zip(*(self.stays[name].tolist() for name in Stay._fields), strict=True))


@dataclass
class _Register:
    """The register while it is drawn."""

    schools: tuple[School, ...]
    settings: PopulationSettings
    rng: np.random.Generator
    intakes: list[int]
    stays: list[Stay]
    members: dict[int, tuple[int, int]]
    rooms: dict[tuple[int, int], list[int]]
    sizes: Counter[int] = field(default_factory=Counter)

    def newcomer(self, intake: int) -> int:
        self.intakes.append(intake)
        return len(self.intakes) - 1

    def settle(self, person: int, school: int, intake: int) -> int:
        """Give a person a place in the school's class with the fewest members, and return the class."""
        if person in self.members:
            self.sizes[self.members[person][1]] -= 1
        room = min(self.rooms[(school, intake)], key=lambda room: (self.sizes[room], room))
        self.sizes[room] += 1
        self.members[person] = (school, room)
        return room

    def leave(self, person: int) -> None:
        """Take a person's place away."""
        _, room = self.members.pop(person)
        self.sizes[room] -= 1


def draw_population(
    schools: tuple[School, ...], school_years: tuple[str, ...], settings: PopulationSettings, rng: np.random.Generator
) -> Population:
    """Return pupils and stays, with exactly ``sum(school.pupils)`` pupils at the start of every school year."""
    firsts = [school_year(label).start.year for label in school_years]
    intakes = range(firsts[0] - len(YEAR_GROUPS) + 1, firsts[-1] + 1)
    classes = [
        SchoolClass(school.number, intake, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[letter])
        for intake in intakes
        for school in schools
        for letter in range(school.classes(intake))
    ]
    rooms: dict[tuple[int, int], list[int]] = {}
    for number, each in enumerate(classes):
        rooms.setdefault((each.school, each.intake), []).append(number)
    register = _Register(schools, settings, rng, [], [], {}, rooms)
    for intake in intakes:
        register.members = {}
        for place, (label, first) in enumerate(zip(school_years, firsts, strict=True)):
            if first - intake in range(len(YEAR_GROUPS)):
                _school_year(register, intake, place, label, last=place == len(school_years) - 1)
    stays = pd.DataFrame(register.stays, columns=list(Stay._fields))
    return Population(
        intakes=np.array(register.intakes, dtype=np.int64),
        stays=stays.sort_values(["person", "start"], kind="stable").reset_index(drop=True),
        classes=tuple(classes),
    )


def _school_year(register: _Register, intake: int, place: int, label: str, *, last: bool) -> None:
    """Let one intake go through one school year: fill up in August, then moves and leavers."""
    calendar = school_calendar(label)
    window = school_year(label)
    year_group = YEAR_GROUPS[window.start.year - intake]
    first = calendar.school_days[0]
    if register.members:
        _summer(register, intake)
    _fill(register, intake)
    ongoing = last and year_group < YEAR_GROUPS[-1]
    mondays = [day for day in calendar.school_days[15:-25] if day.weekday() == 0] or [calendar.school_days[80]]
    for person in list(register.members):
        school, room = register.members[person]
        move, leave = _chances(register)
        start = first
        if move < register.settings.move / 2 and len(register.schools) > 1:
            day = _choose(register, mondays)
            register.stays.append(Stay(person, school, room, place, year_group, *_span(start, day)))
            start, school = day, _other_school(register, school)
            room = register.settle(person, school, intake)
        elif leave < register.settings.leave / 2:
            day = _choose(register, mondays)
            register.stays.append(Stay(person, school, room, place, year_group, *_span(start, day)))
            register.leave(person)
            continue
        register.stays.append(Stay(person, school, room, place, year_group, *_span(start, window.end), open=ongoing))
    if year_group == YEAR_GROUPS[0]:
        _no_shows(register, intake, place, first)


def _summer(register: _Register, intake: int) -> None:
    for person in list(register.members):
        move, leave = _chances(register)
        school, _ = register.members[person]
        if leave < register.settings.leave / 2:
            register.leave(person)
        elif move < register.settings.move / 2 and len(register.schools) > 1:
            register.settle(person, _other_school(register, school), intake)


def _fill(register: _Register, intake: int) -> None:
    """Let newcomers take the places that are free, where most are free."""
    held = Counter(school for school, _ in register.members.values())
    free = {school.number: school.intake_size(intake) - held[school.number] for school in register.schools}
    for _ in range(sum(free.values())):
        school = max(free, key=lambda number: (free[number], -number))
        free[school] -= 1
        register.settle(register.newcomer(intake), school, intake)


def _no_shows(register: _Register, intake: int, place: int, first: date) -> None:
    """Admit a few who never come: a cancelled enrolment, and nothing else."""
    for school in register.schools:
        for _ in range(int(register.rng.binomial(school.intake_size(intake), register.settings.no_show))):
            person = register.newcomer(intake)
            room = register.rooms[(school.number, intake)][0]
            span = _span(first, first + 14 * DAY)
            register.stays.append(Stay(person, school.number, room, place, YEAR_GROUPS[0], *span, cancelled=True))


def _chances(register: _Register) -> tuple[float, float]:
    move, leave = register.rng.random(2)
    return float(move), float(leave)


def _choose(register: _Register, days: list[date]) -> date:
    return days[int(register.rng.integers(len(days)))]


def _other_school(register: _Register, school: int) -> int:
    other = int(register.rng.integers(len(register.schools) - 1))
    return other + (other >= school)


def _span(start: date, end: date) -> tuple[int, int]:
    return start.toordinal(), end.toordinal()

"""Draw the careers of all persons of a municipality's register."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Flags, Floats, Integers, Shares, States
from evalkit.sources.simulation.careers.adulthood import add_adult_education
from evalkit.sources.simulation.careers.attainment import Background, Grades, draw_grades
from evalkit.sources.simulation.careers.choice import choose_programmes
from evalkit.sources.simulation.careers.compulsory import AfterNine, add_compulsory, add_preschool
from evalkit.sources.simulation.careers.fates import LEFT, STUDIEBEVIS, Fates, draw_fates
from evalkit.sources.simulation.careers.households import SWEDEN, Persons, draw_persons
from evalkit.sources.simulation.careers.latents import UPPER, Latents, draw_latents, ranked_within
from evalkit.sources.simulation.careers.places import Places, draw_places
from evalkit.sources.simulation.careers.spells import FS, GY, SFI, Spells, first_day, july, programme_kind
from evalkit.sources.simulation.careers.transitions import draw_handovers, find_transitions
from evalkit.sources.simulation.careers.upper import NOWHERE, YEARS, Path, lay_out, outcome_of
from evalkit.sources.simulation.magnitudes import absence_quantile
from evalkit.sources.simulation.streams import stream

INTRODUCTORY_KIND = 3
ABOUT_ENTRANTS = ("woman", "born", "education", "region", "arrived")
SHORTEST_TRY = 60
"""Days of preschool that one must have had time for."""


class UpperStart(NamedTuple):
    """Upper secondary school of those who finished year 9, in their order.

    ``programme`` is where each was admitted and ``begins`` whether the person came; ``outcome`` is a place in
    ``FATES`` after ``school_years`` since the first autumn, known only where ``ended`` (a day, ordinal) is not 0.
    """

    programme: States
    begins: Flags
    fates: Fates
    path: Path
    absence: Floats
    outcome: Integers
    school_years: Integers
    ended: Integers


@dataclass(frozen=True, eq=False)
class Careers:
    """The careers of a municipality's persons.

    Parameters
    ----------
    persons, latents, places
        Who they are, what lies behind, and the school units.
    spells
        Enrolments: person, school, school_type, year_group, programme (numbers), start, end (ordinals, half-open),
        cancelled, open.
    nine, background, grades
        Those who finished year 9 here, what decided their grades, and the grades.
    upper
        How upper secondary school went for them.
    entrants
        Who entered adult education: person, school_type (code), study_path (1-3 in SFI, else 0), start (ordinal),
        woman, born (ordinal), education and region (as `Persons` has them), arrived (ordinal; 0 if born in Sweden).
    transitions
        As `transitions.draw_handovers` returns them.
    seen_until
        Day (ordinal) after which nothing is known.
    """

    persons: Persons
    latents: Latents
    places: Places
    spells: pd.DataFrame
    nine: AfterNine
    background: Background
    grades: Grades
    upper: UpperStart
    entrants: pd.DataFrame
    transitions: pd.DataFrame
    seen_until: int


def draw_careers(count: int, last_autumn: int, seed: int, site: str) -> Careers:
    """Return the careers of exactly ``count`` persons, each with at least one enrolment.

    Parameters
    ----------
    count
        Persons in the register.
    last_autumn
        Calendar year in which the last school year starts; nothing is known after its end.
    seed, site
        Same seed and site, same careers.
    """
    seen_until = int(july(np.array([last_autumn + 1]))[0])

    def rng(purpose: str) -> np.random.Generator:
        return stream(seed, site, f"careers {purpose}")

    persons = draw_persons(count, last_autumn, rng("persons"))
    latents = draw_latents(count, rng("latents"))
    places = draw_places(count)
    spells = Spells(persons.here_from, persons.here_to, seen_until)
    add_preschool(spells, persons, places, rng("preschool"))
    nine = add_compulsory(spells, persons, places, rng("compulsory"))
    background = background_of(persons, latents, nine.person)
    grades = draw_grades(background, last_autumn, rng("grades"))
    upper = start_upper(background, grades, nine, persons, latents, rng=rng("upper"))
    add_upper(spells, nine, upper, places, rng("upper schools"))
    left, without = _ends(count, nine, upper)
    entrants = add_adult_education(spells, persons, places, left=left, without=without, rng=rng("adult"))
    entrants = entrants.assign(**{name: getattr(persons, name)[entrants["person"]] for name in ABOUT_ENTRANTS})
    _someone_everywhere(spells, persons, places, seen_until)
    table = spells.table()
    kept = table[~table["cancelled"]].reset_index(drop=True)
    transitions = draw_handovers(find_transitions(kept), rng("handovers"))
    return Careers(persons, latents, places, table, nine, background, grades, upper, entrants, transitions, seen_until)


def background_of(persons: Persons, latents: Latents, person: Integers) -> Background:
    """Return what decides the attainment of some persons."""
    return Background(
        absence=latents.share("9", person),
        education=persons.education[person],
        woman=persons.woman[person],
        late=persons.late[person],
        ability=latents.ability[person].astype(np.float64),
    )


def start_upper(
    background: Background,
    grades: Grades,
    nine: AfterNine,
    persons: Persons,
    latents: Latents,
    *,
    rng: np.random.Generator,
) -> UpperStart:
    """Draw upper secondary school for those who finished year 9."""
    programme, begins = choose_programmes(grades, background, nine.autumn, rng)
    absence = upper_absence(programme, latents.absence[nine.person, UPPER])
    abroad = persons.region[nine.person] != SWEDEN
    fates = draw_fates(programme, background, absence, abroad, rng)
    path = lay_out(programme, begins, fates, woman=background.woman, autumn=nine.autumn, rng=rng)
    outcome, years = outcome_of(fates, path)
    last = path.last_year().clip(min=0)
    share = np.where(years > 0, path.share_of_year[np.arange(len(years)), last], 0.0)
    begun = first_day(nine.autumn + last)
    ended = begun + (share * (july(nine.autumn + last + 1) - begun)).astype(np.int64)
    return UpperStart(programme, begins, fates, path, absence, outcome, years, ended)


def upper_absence(programme: Integers, score: Floats | Shares) -> Floats:
    """Return long-run shares of absence: each group of programmes has the table of its stage, kept in order."""
    introductory = programme_kind(programme) == INTRODUCTORY_KIND
    absence = np.zeros(len(score))
    for chosen, stage in ((introductory, "IM"), (~introductory, "GY")):
        absence[chosen] = absence_quantile(stage, ranked_within(score[chosen]))
    return absence


def add_upper(spells: Spells, nine: AfterNine, upper: UpperStart, places: Places, rng: np.random.Generator) -> None:
    """Add spells of upper secondary school, a year at a time."""
    school = places.uppers[rng.integers(0, len(places.uppers), len(nine.person))]
    path = upper.path
    for year in range(YEARS):
        rows = np.flatnonzero(path.programme[:, year] > NOWHERE)
        start, end = first_day(nine.autumn[rows] + year), july(nine.autumn[rows] + year + 1)
        end = start + (path.share_of_year[rows, year] * (end - start)).astype(np.int64)
        after = path.changed_after[rows, year]
        changed = (after > 0) & (start + after < end)
        middle = np.where(changed, start + after, end)
        group = path.year_group[rows, year]
        spells.add(
            nine.person[rows],
            school[rows],
            start,
            middle,
            school_type=GY,
            year_group=group,
            programme=path.programme[rows, year],
        )
        moving = rows[changed]
        school[moving] = places.uppers[(np.searchsorted(places.uppers, school[moving]) + 1) % len(places.uppers)]
        spells.add(
            nine.person[moving],
            school[moving],
            middle[changed],
            end[changed],
            school_type=GY,
            year_group=group[changed],
            programme=path.changed_to[moving, year],
        )


def _ends(count: int, nine: AfterNine, upper: UpperStart) -> tuple[Integers, Flags]:
    left, without = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
    left[nine.person] = upper.ended
    without[nine.person] = (upper.outcome == STUDIEBEVIS) | (upper.outcome == LEFT)
    return left, without


def _someone_everywhere(spells: Spells, persons: Persons, places: Places, seen_until: int) -> None:
    """Give whoever has no spell one: preschool for the young, a try at SFI for the others; so N stays N."""
    rest = np.flatnonzero(~spells.any)
    young = persons.class_of[rest] > 0
    young &= july(persons.class_of[rest]) > persons.here_from[rest] + SHORTEST_TRY
    end = np.minimum(persons.here_to[rest], seen_until)
    start = np.maximum(persons.here_from[rest], end - 150)
    for kind, unit, chosen in ((FS, int(places.preschools[0]), young), (SFI, places.adult, ~young)):
        who = rest[chosen]
        spells.add(who, np.full(len(who), unit), start[chosen], end[chosen], school_type=kind)

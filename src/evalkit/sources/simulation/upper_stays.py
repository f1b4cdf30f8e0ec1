"""Turn upper secondary school as it went into stays in classes, and draw whom it concerns, for one site."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Flags, Integers
from evalkit.sources.simulation.careers.attainment import Grades
from evalkit.sources.simulation.careers.fates import FATES, LEFT
from evalkit.sources.simulation.careers.spells import PROGRAMMES, first_day, july
from evalkit.sources.simulation.careers.upper import NOWHERE
from evalkit.sources.simulation.homes import Homes, draw_homes
from evalkit.sources.simulation.population import Population, SchoolClass, Stay
from evalkit.sources.simulation.schools import School, beginners
from evalkit.sources.simulation.settings import SimulationSettings, SiteSettings
from evalkit.sources.simulation.shocks import Traits, draw_traits
from evalkit.sources.simulation.streams import stream
from evalkit.sources.simulation.upper_secondary import (
    SPARE,
    Beginners,
    Candidates,
    admit,
    begin,
    merged,
    offered_programmes,
    outsiders,
    ranks,
    school_of,
)
from evalkit.vocabulary import school_year

YEARS_BEFORE = 2
INTAKE_BEFORE = 3
"""Years between the start of year 7 and of upper secondary school."""
DAYS_OF_NO_SHOW = 14
SHORTEST = 5


class NinthYear(NamedTuple):
    """Those who finished year 9 at the site: numbers, the calendar year they go on, final grades."""

    person: Integers
    autumn: Integers
    grades: Grades


@dataclass(frozen=True, eq=False)
class UpperDraw:
    """A site with its upper secondary schools.

    Parameters
    ----------
    population, homes, traits
        Of everyone: the site's own pupils as before, then those from elsewhere.
    beginners
        Who began when, and how it went.
    diplomas
        Ends known in the study's years: person, school, programme (code), day (ordinal), outcome (of ``FATES``).
    """

    population: Population
    homes: Homes
    traits: Traits
    beginners: Beginners
    diplomas: pd.DataFrame


def add_upper_secondary(
    settings: SimulationSettings,
    site: SiteSettings,
    schools: tuple[School, ...],
    population: Population,
    *,
    homes: Homes,
    traits: Traits,
    ninth: NinthYear,
) -> UpperDraw:
    """Return the site with its upper secondary schools.

    Parameters
    ----------
    schools
        The upper secondary ones.
    ninth
        Who may go on. Of them and of others, exactly `schools.beginners` begin every autumn.
    """
    years = [school_year(label).start.year for label in settings.school_years]
    admitted = _admit_all(settings, site, years, homes=homes, traits=traits, ninth=ninth)
    offered = offered_programmes(beginners(site))
    stays, classes = _stays(admitted.beginners, years, schools, offered, len(population.classes))
    # who came from elsewhere and was gone before the study's years is nobody here
    own = np.arange(len(population.intakes))
    kept = np.concatenate([own, np.unique(stays["person"].to_numpy()[stays["person"] >= len(own)])])
    stays["person"] = np.searchsorted(kept, stays["person"])
    found = admitted.beginners.only(np.isin(admitted.beginners.person, kept))
    found = replace(found, person=np.searchsorted(kept, found.person))
    traits = traits.and_also(admitted.traits).only(kept)
    traits = traits.and_also(_surroundings(settings, site, len(classes), len(schools)))
    intakes = np.concatenate([population.intakes, admitted.intakes])[kept]
    everyone = pd.concat([population.stays, stays], ignore_index=True).sort_values(["person", "start"], kind="stable")
    return UpperDraw(
        Population(intakes, everyone.reset_index(drop=True), (*population.classes, *classes)),
        homes.and_also(admitted.homes).only(kept),
        replace(traits, upper=ranks(found, len(kept))),
        found,
        diplomas_of(found, stays, years),
    )


class _Admitted(NamedTuple):
    beginners: Beginners
    homes: Homes
    traits: Traits
    intakes: Integers


def _admit_all(
    settings: SimulationSettings,
    site: SiteSettings,
    years: list[int],
    *,
    homes: Homes,
    traits: Traits,
    ninth: NinthYear,
) -> _Admitted:
    places, offered = beginners(site), offered_programmes(beginners(site))
    parts, from_elsewhere = [], []
    first = len(homes.woman)
    for autumn in range(years[0] - YEARS_BEFORE, years[-1] + 1):
        rng = stream(settings.seed, site.id, f"upper secondary {autumn}")
        here = np.flatnonzero(ninth.autumn == autumn)
        here = here[rng.permutation(len(here))]
        own = _own(here, ninth, homes, traits)
        home, trait = _strangers(settings, autumn, SPARE * places, rng)
        other = outsiders(home, trait.score, first, autumn, rng)
        admitted, programme, begins = admit(own, other, autumn, places=places, offered=offered, rng=rng)
        strange = admitted.person >= first
        chosen = admitted.person[strange] - first
        from_elsewhere.append((home.only(chosen), trait.only(chosen), np.full(len(chosen), autumn - INTAKE_BEFORE)))
        person = admitted.person.copy()
        person[strange] = first + np.arange(len(chosen))
        first += len(chosen)
        now = np.full(len(person), autumn)
        parts.append(begin(admitted._replace(person=person), programme, begins, autumn=now, offered=offered, rng=rng))
    home, trait, intakes = from_elsewhere[0]
    for more_homes, more_traits, more_intakes in from_elsewhere[1:]:
        home, trait = home.and_also(more_homes), trait.and_also(more_traits)
        intakes = np.concatenate([intakes, more_intakes])
    return _Admitted(merged(parts), home, trait, intakes)


def _own(here: Integers, ninth: NinthYear, homes: Homes, traits: Traits) -> Candidates:
    person = ninth.person[here]
    grades = Grades(**{name: getattr(ninth.grades, name)[here] for name in Grades.__dataclass_fields__})
    return Candidates(person, homes.only(person), traits.score[person], grades)


def _strangers(settings: SimulationSettings, autumn: int, count: int, rng: np.random.Generator) -> tuple[Homes, Traits]:
    homes = draw_homes(np.full(count, autumn - INTAKE_BEFORE), rng)
    terms = 2 * len(settings.school_years)
    traits = draw_traits(settings.shocks, settings.connectedness, rng, persons=count, rooms=0, schools=0, terms=terms)
    return homes, traits


def _surroundings(settings: SimulationSettings, site: SiteSettings, rooms: int, schools: int) -> Traits:
    """Return shocks to the classes and schools of upper secondary school, and no persons."""
    return draw_traits(
        settings.shocks,
        settings.connectedness,
        stream(settings.seed, site.id, "upper surroundings"),
        persons=0,
        rooms=rooms,
        schools=schools,
        terms=2 * len(settings.school_years),
    )


def _stays(
    found: Beginners, years: list[int], schools: tuple[School, ...], offered: tuple[str, ...], first_room: int
) -> tuple[pd.DataFrame, list[SchoolClass]]:
    """Return stays within the study's years, and the classes they are in."""
    path = found.path
    row, year = np.nonzero(path.programme > NOWHERE)
    autumn = found.autumn[row] + year
    seen = (autumn >= years[0]) & (autumn <= years[-1])
    row, year, autumn = row[seen], year[seen], autumn[seen]
    start, july_after = first_day(autumn), july(autumn + 1)
    end = start + (path.share_of_year[row, year] * (july_after - start)).astype(np.int64)
    middle = start + path.changed_after[row, year]
    changes = (path.changed_after[row, year] > 0) & (middle < end - SHORTEST)
    next_year = np.append(path.programme, np.zeros((len(path.programme), 1), dtype=np.int8), axis=1)[row, year + 1]
    goes_on = (end >= july_after) & (next_year > NOWHERE) & (autumn == years[-1])
    before = _Part(row, year, autumn, path.programme[row, year], start, np.where(changes, middle, end))
    after = _Part(row, year, autumn, path.changed_to[row, year], middle, end).only(changes)
    away = np.flatnonzero(~found.begins)
    away = away[(found.autumn[away] >= years[0]) & (found.autumn[away] <= years[-1])]
    came = first_day(found.autumn[away])
    no_show = _Part(away, np.zeros_like(away), found.autumn[away], found.programme[away], came, came + DAYS_OF_NO_SHOW)
    parts = [
        (before, False, goes_on & ~changes),
        (after, False, goes_on[changes]),
        (no_show, True, np.zeros(len(away), dtype=bool)),
    ]
    tables = [
        _table(part, found, years, schools, offered, cancelled=cancelled, open_=open_)
        for part, cancelled, open_ in parts
    ]
    return _with_rooms(pd.concat(tables, ignore_index=True), years, first_room)


class _Part(NamedTuple):
    row: Integers
    year: Integers
    autumn: Integers
    programme: Integers
    start: Integers
    end: Integers

    def only(self, chosen: Flags) -> _Part:
        return _Part(*(values[chosen] for values in self))


def _table(
    part: _Part,
    found: Beginners,
    years: list[int],
    schools: tuple[School, ...],
    offered: tuple[str, ...],
    *,
    cancelled: bool,
    open_: Flags,
) -> pd.DataFrame:
    group = found.path.year_group[part.row, part.year].clip(1, 3)
    return pd.DataFrame(
        {
            "person": found.person[part.row],
            "school": schools[0].number + school_of(part.programme, offered, len(schools)),
            "room": 0,
            "school_year": part.autumn - years[0],
            "year_group": group.astype(np.int64),
            "start": part.start.astype(np.int64),
            "end": part.end.astype(np.int64),
            "cancelled": cancelled,
            "open": open_,
            "school_type": "GY",
            "programme": np.array(PROGRAMMES, dtype=object)[part.programme],
        }
    )[list(Stay._fields)]


def _with_rooms(stays: pd.DataFrame, years: list[int], first_room: int) -> tuple[pd.DataFrame, list[SchoolClass]]:
    """Give each stay a class: one for each school, autumn of the first year, and programme."""
    autumn = years[0] + stays["school_year"] - stays["year_group"] + 1
    keys = pd.DataFrame({"school": stays["school"], "autumn": autumn, "programme": stays["programme"]})
    room = keys.groupby(["school", "autumn", "programme"], sort=True).ngroup()
    distinct = keys.drop_duplicates().sort_values(["school", "autumn", "programme"])
    columns = (distinct[name].tolist() for name in ("school", "autumn", "programme"))
    classes = [SchoolClass(*values) for values in zip(*columns, strict=True)]
    return stays.assign(room=room.to_numpy() + first_room), classes


def diplomas_of(found: Beginners, stays: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    """Return the ends that lie within the study's years, on the last day of the last stay.

    Columns: person, school, programme (code), day (ordinal), outcome (of ``FATES``).
    """
    last = found.autumn + found.school_years - 1
    rows = np.flatnonzero((found.school_years > 0) & (last >= years[0]) & (last <= years[-1]))
    ends = stays[~stays["cancelled"]].sort_values(["person", "end"]).drop_duplicates("person", keep="last")
    table = pd.DataFrame(
        {"person": found.person[rows], "outcome": found.outcome[rows], "school_year": last[rows] - years[0]}
    )
    # who moved away before the end has none here
    table = table.merge(ends, on=["person", "school_year"])
    table["outcome"] = np.array(FATES, dtype=object)[table["outcome"].clip(0, LEFT)]
    return table.rename(columns={"end": "day"})[["person", "school", "programme", "day", "outcome"]]

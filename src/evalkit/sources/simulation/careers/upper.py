"""Lay out upper secondary school year by year: programmes, changes, breaks, re-entry, and the day it ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.sources.simulation.arrays import Flags, Integers, States
from evalkit.sources.simulation.careers.choice import programmes_of
from evalkit.sources.simulation.careers.fates import INTRODUCTORY_KIND, LEFT, STUDIEBEVIS, Fates
from evalkit.sources.simulation.careers.spells import programme_kind
from evalkit.sources.simulation.magnitudes import magnitudes

YEARS = 6
NOWHERE = 0
MIDDLE_OF_NOVEMBER = 75
"""Days after the first school day until which a change of programme costs no year."""


@dataclass(frozen=True, eq=False)
class Path:
    """Upper secondary school of beginners, by year since the first autumn; arrays of shape (beginners, YEARS).

    Parameters
    ----------
    programme
        Places in ``PROGRAMMES``; 0 where the person is not in school.
    year_group
        1-3; a year can be taken again.
    share_of_year
        Share of the school year after which the person leaves; 1 where the year is finished.
    changed_after
        Days into the year after which the programme (``changed_to``) or the school changed; 0 for none.
    changed_to
        Places in ``PROGRAMMES``; the same programme where only the school changed.
    """

    programme: States
    year_group: States
    share_of_year: np.ndarray
    changed_after: Integers
    changed_to: States

    def last_year(self) -> Integers:
        """Return the last year (column) each beginner was in school; -1 for never."""
        there = self.programme > NOWHERE
        return np.where(there.any(axis=1), YEARS - 1 - np.argmax(there[:, ::-1], axis=1), -1)


def lay_out(
    programme: States, begins: Flags, fates: Fates, *, woman: Flags, autumn: Integers, rng: np.random.Generator
) -> Path:
    """Return the years of beginners so that each ends as the fate says."""
    count = len(programme)
    table = magnitudes()["upper_secondary"]
    national = _national(programme, woman, autumn, rng)
    wanted = _years_wanted(fates, rng)
    restarts = (wanted > 3) & (rng.random(count) < 0.6)
    places = np.zeros((count, YEARS), dtype=np.int8)
    groups = np.zeros((count, YEARS), dtype=np.int8)
    share = np.ones((count, YEARS))
    introductory = programme_kind(programme) == INTRODUCTORY_KIND
    stays = _introduction_years(introductory, fates, table["stays_on"], rng)
    for year in range(YEARS):
        number = year - stays
        at_introduction = introductory & (year < stays)
        at_national = (number >= 0) & (number < wanted) & (fates.national | ~introductory)
        places[:, year] = np.where(at_introduction, programme, np.where(at_national, national, NOWHERE))
        taken = np.where(restarts, np.maximum(number, 1), np.minimum(number + 1, 3))
        groups[:, year] = np.where(at_introduction, 1, np.where(at_national, taken.clip(1, 3), 0))
    leaves = (fates.fate == LEFT) & (fates.national | ~introductory)
    last = stays + wanted - 1
    rows = np.flatnonzero(leaves)
    share[rows, last[rows].clip(max=YEARS - 1)] = rng.uniform(0.1, 0.95, len(rows))
    _come_back(places, groups, share, leaves & (last < YEARS - 2), last=last, rng=rng)
    _restart_elsewhere(places, restarts, stays, woman=woman, autumn=autumn, rng=rng)
    places[~begins] = NOWHERE
    after, to = _changes(places, woman, autumn, introductory, rng)
    return Path(places, groups, share, after, to)


def outcome_of(fates: Fates, path: Path) -> tuple[Integers, Integers]:
    """Return how it ended (places in ``FATES``), and after how many school years since the first autumn."""
    last = path.last_year()
    ended = np.where(last < 0, LEFT, fates.fate)
    return ended, last + 1


def _national(programme: States, woman: Flags, autumn: Integers, rng: np.random.Generator) -> States:
    """Return the national programme each is at, or comes to after an introductory one: mostly a vocational one."""
    draws, found = rng.random(len(programme)), programme.copy()
    introductory = programme_kind(programme) == INTRODUCTORY_KIND
    for year in np.unique(autumn):
        for her in (False, True):
            group = "vocational_women" if her else "vocational_men"
            numbers, shares = programmes_of(group, int(year) + 1)
            chosen = introductory & (autumn == year) & (woman == her)
            place = np.searchsorted(np.cumsum(shares), draws[chosen], side="right").clip(max=len(numbers) - 1)
            found[chosen] = numbers[place]
    return found


def _years_wanted(fates: Fates, rng: np.random.Generator) -> Integers:
    """Return years at the national programme: three, more where the examen took longer, fewer where one leaves."""
    wanted = (
        3
        + np.where(fates.fate < STUDIEBEVIS, fates.fate, 0)
        - np.where(fates.fate < STUDIEBEVIS, fates.introduction, 0)
    )
    longer = (fates.fate == STUDIEBEVIS) & (rng.random(len(wanted)) < 0.3)
    return np.where(fates.fate == LEFT, fates.leaves_in, wanted + longer)


def _introduction_years(introductory: Flags, fates: Fates, stays_on: float, rng: np.random.Generator) -> Integers:
    """Return years at an introductory programme; those who never leave it for a national one stay one to four."""
    more = 1 + (rng.random((3, len(introductory))) < stays_on).cumprod(axis=0).sum(axis=0)
    return np.where(introductory, np.where(fates.national, fates.introduction, more), 0)


def _come_back(
    places: States,
    groups: States,
    share: np.ndarray,
    leaves: Flags,
    *,
    last: Integers,
    rng: np.random.Generator,
) -> None:
    """Let some of those who left begin again the next autumn, and leave again before the end."""
    chance = magnitudes()["upper_secondary"]["comes_back"]
    rows = np.flatnonzero(leaves & (rng.random(len(leaves)) < chance))
    year = last[rows] + 1
    places[rows, year] = places[rows, last[rows]]
    groups[rows, year] = groups[rows, last[rows]]
    share[rows, year] = rng.uniform(0.3, 0.95, len(rows))


def _restart_elsewhere(
    places: States, restarts: Flags, stays: Integers, *, woman: Flags, autumn: Integers, rng: np.random.Generator
) -> None:
    """Let the first year of those who restarted have been at another programme."""
    rows = np.flatnonzero(restarts)
    column = stays[rows].clip(max=YEARS - 1)
    kept = places[rows, column] > NOWHERE
    rows, column = rows[kept], column[kept]
    places[rows, column] = _another(places[rows, column], woman[rows], autumn[rows], rng)


def _changes(
    places: States, woman: Flags, autumn: Integers, introductory: Flags, rng: np.random.Generator
) -> tuple[Integers, States]:
    """Return changes of programme in the first autumn, and of school in any year."""
    table = magnitudes()["upper_secondary"]
    after, to = np.zeros(places.shape, dtype=np.int16), places.copy()
    moves = (rng.random(places.shape) < table["school_change"]) & (places > NOWHERE)
    after[moves] = rng.integers(30, 200, int(moves.sum()))
    first = (rng.random(len(places)) < table["programme_change"]) & (places[:, 0] > NOWHERE) & ~introductory
    rows = np.flatnonzero(first & (places[:, 1] > NOWHERE))
    after[rows, 0] = rng.integers(14, MIDDLE_OF_NOVEMBER, len(rows))
    to[rows, 0] = places[rows, 1]
    places[rows, 0] = _another(places[rows, 0], woman[rows], autumn[rows], rng)
    return after, to


def _another(programme: States, woman: Flags, autumn: Integers, rng: np.random.Generator) -> States:
    """Return another vocational programme of the year."""
    found = programme.copy()
    draws = rng.random(len(programme))
    for year in np.unique(autumn):
        for her in (False, True):
            numbers, shares = programmes_of("vocational_women" if her else "vocational_men", int(year))
            chosen = (autumn == year) & (woman == her)
            place = np.searchsorted(np.cumsum(shares), draws[chosen], side="right").clip(max=len(numbers) - 1)
            picked = numbers[place]
            other = numbers[(place + 1) % len(numbers)]
            found[chosen] = np.where(picked == programme[chosen], other, picked)
    return found

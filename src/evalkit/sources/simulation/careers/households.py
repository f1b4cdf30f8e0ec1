"""Draw families and persons: siblings, guardians' education, birth region, arrivals, moves in and out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.sources.simulation.arrays import Flags, Integers, States
from evalkit.sources.simulation.careers.spells import july
from evalkit.sources.simulation.magnitudes import magnitudes

SWEDEN, EUROPE, ELSEWHERE = range(3)
YEAR = 365.25
SCHOOL_START_AGE = 6
ADULT_FROM, ADULT_UNTIL = 20, 55
SHORTEST_STAY = 200
FOREVER = 3_000_000
SPAN = 28
"""Birth years that a register holds: those aged 1 to 28 when it is drawn up."""


@dataclass(frozen=True, eq=False)
class Persons:
    """Persons by number from 0; every array has shape (persons,).

    Parameters
    ----------
    family
        Number; siblings share it, and with it education, region, arrival and moves.
    woman
        Legal sex.
    born
        Day of birth (ordinal).
    birth_year
        Calendar year.
    education
        Guardians' highest: 0 compulsory or less, 1 upper secondary, 2 post-secondary. Adults: their own.
    region
        Place of birth: 0 Sweden, 1 Europe, 2 elsewhere.
    arrived
        Day of immigration (ordinal); 0 for those born in Sweden.
    late
        Arrived after the age when ``late_from_age`` begins: less Swedish schooling.
    adult
        Came as an adult, with no Swedish schooling before.
    here_from, here_to
        Days (ordinals, half-open) in the municipality.
    moved_in
        From another municipality, after birth.
    class_of
        Calendar year in which the person starts förskoleklass.
    """

    family: Integers
    woman: Flags
    born: Integers
    birth_year: Integers
    education: States
    region: States
    arrived: Integers
    late: Flags
    adult: Flags
    here_from: Integers
    here_to: Integers
    moved_in: Flags
    class_of: Integers

    def __len__(self) -> int:
        """Return the number of persons."""
        return len(self.family)


def draw_persons(count: int, last_autumn: int, rng: np.random.Generator) -> Persons:
    """Return exactly ``count`` persons of families of a municipality.

    Parameters
    ----------
    last_autumn
        Calendar year in which the last school year starts that the register knows.
    """
    table = magnitudes()["households"]
    family, place = _families(count, table, rng)
    families = int(family[-1]) + 1
    adult = (rng.random(families) < table["adult"])[family]
    birth_year = _birth_years(family, place, last_autumn, table, rng)
    age_now = np.where(adult, rng.integers(ADULT_FROM, ADULT_UNTIL, count), 0)
    birth_year = np.where(adult, last_autumn - age_now, birth_year)
    born = july(birth_year - 1) + 184 + rng.integers(0, 365, count)
    abroad = (rng.random(families) < table["abroad"])[family] | adult
    arrived, region = _arrivals(family, born, abroad, adult, last_autumn=last_autumn, rng=rng)
    education = np.where(
        (arrived > 0) | abroad,
        _pick(rng.random(families), table["education_abroad"])[family],
        _pick(rng.random(families), table["education"])[family],
    )
    moved_in = (rng.random(families) < table["move_in"])[family] & ~adult
    here_from, here_to = _moves(family, born, arrived, moved_in, last_autumn=last_autumn, rng=rng)
    older = rng.random(count)
    shift = (older < table["starts_older"]).astype(int) - (older > 1 - table["starts_younger"])
    return Persons(
        family=family.astype(np.int32),
        woman=rng.random(count) < table["woman"],
        born=born.astype(np.int32),
        birth_year=birth_year.astype(np.int16),
        education=education.astype(np.int8),
        region=region.astype(np.int8),
        arrived=arrived.astype(np.int32),
        late=(arrived > 0) & ((arrived - born) >= table["late_from_age"] * YEAR) & ~adult,
        adult=adult,
        here_from=here_from.astype(np.int32),
        here_to=here_to.astype(np.int32),
        moved_in=moved_in & (here_from > born) & (arrived < here_from),
        class_of=(birth_year + SCHOOL_START_AGE + shift).astype(np.int16),
    )


def _families(count: int, table: dict[str, list[float]], rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Return each person's family and place among the siblings; the last family is cut to make the count."""
    sizes = 1 + _pick(rng.random(count), table["sizes"])
    family = np.repeat(np.arange(count), sizes)[:count]
    starts = np.cumsum(sizes) - sizes
    return family, np.arange(count) - starts[family]


def _birth_years(
    family: Integers, place: Integers, last_autumn: int, table: dict[str, list[int]], rng: np.random.Generator
) -> Integers:
    """Return birth years: the first child's is any of the span, siblings follow; past its end they begin anew."""
    first = rng.integers(0, SPAN, int(family[-1]) + 1)[family]
    gap = np.array(table["spacing_years"])[rng.integers(0, len(table["spacing_years"]), len(family))]
    since = np.where(place == 0, 0, gap)
    total = np.cumsum(since)
    starts = np.flatnonzero(place == 0)
    later = total - np.repeat(total[starts], np.diff(np.append(starts, len(family))))
    return np.asarray(last_autumn - SPAN + (first + later) % SPAN)


def _arrivals(
    family: Integers,
    born: Integers,
    abroad: Flags,
    adult: Flags,
    *,
    last_autumn: int,
    rng: np.random.Generator,
) -> tuple[Integers, Integers]:
    """Return days of immigration and regions of birth; children born after the family came are born in Sweden."""
    families = int(family[-1]) + 1
    until = int(july(np.array([last_autumn]))[0])
    span = int(SPAN * YEAR)
    day = (until - rng.integers(0, span, families))[family]
    day = np.where(adult, np.maximum(day, born + int(18 * YEAR)), day)
    came = abroad & (day > born) & (day < until + 200)
    elsewhere = (rng.random(families) < magnitudes()["households"]["outside_europe"])[family]
    return np.where(came, day, 0), np.where(came, np.where(elsewhere, ELSEWHERE, EUROPE), SWEDEN)


def _moves(
    family: Integers,
    born: Integers,
    arrived: Integers,
    moved_in: Flags,
    *,
    last_autumn: int,
    rng: np.random.Generator,
) -> tuple[Integers, Integers]:
    families = int(family[-1]) + 1
    until = int(july(np.array([last_autumn + 1]))[0])
    first = np.maximum(born, arrived)
    left = np.maximum(until - SHORTEST_STAY - first, 1)
    into = np.where(moved_in, first + (rng.random(families)[family] * left).astype(np.int64), first)
    leaves = (rng.random(families) < magnitudes()["households"]["move_out"])[family]
    left = np.maximum(until - SHORTEST_STAY - into, 1)
    out = into + SHORTEST_STAY + (rng.random(families)[family] * left).astype(np.int64)
    return into, np.where(leaves, out, FOREVER)


def _pick(draws: np.ndarray, shares: list[float]) -> Integers:
    cumulated = np.cumsum(shares) / np.sum(shares)
    return np.asarray(np.searchsorted(cumulated, draws, side="right").clip(max=len(shares) - 1))

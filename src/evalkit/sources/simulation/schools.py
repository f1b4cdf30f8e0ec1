"""Draw a site's schools: codes, names, sizes, and how many pupils of each intake they hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.errors import InputError
from evalkit.sources.simulation.settings import SMALLEST_SCHOOL, SiteSettings
from evalkit.sources.simulation.streams import stream

YEAR_GROUPS = (7, 8, 9)
LARGEST_CLASS = 27


@dataclass(frozen=True)
class School:
    """One school, with school years 7-9 or with upper secondary school.

    Parameters
    ----------
    number
        Place among the site's schools, from 0.
    code
        Made-up school unit code of eight digits.
    pupils
        In years 7-9 at the start of every school year; about so many in upper secondary school.
    holds_forums
        Whether it is the site's school with dialogue forums.
    school_type
        GR or GY.
    handed_over
        False: left out of the site's list of schools, as a planted fault.
    """

    number: int
    code: str
    name: str
    pupils: int
    holds_forums: bool
    school_type: str = "GR"
    handed_over: bool = True

    def intake_size(self, intake: int) -> int:
        """Return how many pupils of an intake the school holds; any three intakes in a row sum to ``pupils``."""
        base, rest = divmod(self.pupils, len(YEAR_GROUPS))
        return base + ((intake + self.number) % len(YEAR_GROUPS) < rest)

    def classes(self, intake: int) -> int:
        """Return the number of classes of an intake."""
        return -(-self.intake_size(intake) // LARGEST_CLASS)


def draw_schools(site: SiteSettings, seed: int) -> tuple[School, ...]:
    """Return the site's schools; the one with forums is first.

    Raises
    ------
    InputError
        If a school would have fewer than three pupils.
    """
    sizes = _sizes(site)
    if sizes[-1] < SMALLEST_SCHOOL:
        raise InputError(
            f"{site.name}'s smallest school would have {sizes[-1]} pupils",
            remedy="simulate more pupils, fewer schools or a smaller size_ratio",
        )
    ranks = list(stream(seed, site.id, "school sizes").permutation(site.schools))
    if site.forum is not None:
        ranks.remove(site.forum.size_rank - 1)
        ranks.insert(0, site.forum.size_rank - 1)
    return tuple(
        School(
            number=number,
            code=f"99{site.municipality}{number + 1:02d}",
            name=site.forum.school if site.forum and number == 0 else f"{site.name} skola {number + 1}",
            pupils=sizes[rank],
            holds_forums=site.forum is not None and number == 0,
        )
        for number, rank in enumerate(ranks)
    )


def draw_upper_schools(site: SiteSettings) -> tuple[School, ...]:
    """Return the site's upper secondary schools, numbered after those with years 7-9; none where none is asked for."""
    if site.upper_secondary is None:
        return ()
    each = 3 * beginners(site) // site.upper_secondary.schools
    return tuple(
        School(
            number=number,
            code=f"99{site.municipality}{number + 1:02d}",
            name=f"{site.name} gymnasium {number - site.schools + 1}",
            pupils=each,
            holds_forums=False,
            school_type="GY",
        )
        for number in range(site.schools, site.schools + site.upper_secondary.schools)
    )


def beginners(site: SiteSettings) -> int:
    """Return how many begin upper secondary school at the site every autumn."""
    share = site.upper_secondary.share if site.upper_secondary else 0.0
    return round(share * site.pupils / len(YEAR_GROUPS))


def _sizes(site: SiteSettings) -> list[int]:
    steps = np.linspace(1.0, 0.0, site.schools) if site.schools > 1 else np.zeros(1)
    weights = site.size_ratio**steps
    exact = weights / weights.sum() * site.pupils
    sizes = np.floor(exact).astype(int)
    largest_rests = np.argsort(-(exact - sizes), kind="stable")
    sizes[largest_rests[: site.pupils - sizes.sum()]] += 1
    return sorted((int(size) for size in sizes), reverse=True)

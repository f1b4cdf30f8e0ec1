"""Draw the grades of upper secondary school, year by year, so that they end as the pupil's fate says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.sources.simulation.arrays import Flags, Floats, Integers, States
from evalkit.sources.simulation.careers.attainment import LETTERS, NO_BASIS, Background, graded, pass_level, passes
from evalkit.sources.simulation.careers.fates import INTRODUCTORY_KIND, STUDIEBEVIS
from evalkit.sources.simulation.careers.plans import Plan, catalogue, plan_of, role_of
from evalkit.sources.simulation.careers.spells import programme_kind
from evalkit.sources.simulation.careers.upper import NOWHERE, YEARS, Path
from evalkit.sources.simulation.magnitudes import magnitudes

E = LETTERS.index("E")
F = LETTERS.index("F")
VOCATIONAL_KIND = 1
MAY_STAY_FAILED = 2
"""Courses without a pass that who gets a diploma has at most: together never more than the 250 points allowed."""


@dataclass(frozen=True, eq=False)
class Pupils:
    """Pupils of upper secondary school; arrays by pupil.

    Parameters
    ----------
    autumn
        Calendar year of the first one.
    path, fate
        How it goes; ``fate`` has places in ``FATES``.
    background
        What decides grades besides absence.
    absence
        Shape (pupils, YEARS): share of offered time in each school year since the first autumn.
    """

    autumn: Integers
    path: Path
    fate: Integers
    background: Background
    absence: Floats


@dataclass(frozen=True, eq=False)
class Coursework:
    """Grades; arrays of shape (grades,).

    Parameters
    ----------
    pupil
        Place in `Pupils`.
    year
        School years since the first autumn, 0-5.
    course
        Place in `plans.catalogue`.
    letter
        Place in ``LETTERS``.
    autumn
        Whether set in December; the others are in June.
    weeks_early
        Weeks before that, where a course of an earlier year was read again.
    plan_points
        Extent of the plan of study; 0 where there is none.
    gy25
        Whether the pupil reads subject levels.
    """

    pupil: Integers
    year: Integers
    course: Integers
    letter: States
    autumn: Flags
    weeks_early: Integers
    plan_points: Integers
    gy25: Flags


@dataclass(frozen=True, eq=False)
class _Standing:
    """What does not change over the years, and what pupils have so far, by course: shape (pupils, courses)."""

    pupils: Pupils
    programme: Integers
    last: Integers
    gy25: Flags
    lacks: Flags
    passed: Flags
    graded: Flags


def draw_coursework(pupils: Pupils, rng: np.random.Generator) -> Coursework:
    """Return all grades, in the order they are set.

    Each course is graded at its end by ability, background and the year's absence. Then the fate is kept: who gets a
    diploma passes what it asks for, in the last year at the latest and never before; who gets a certificate lacks one
    such course to the end; who leaves is not there when the last courses end.
    """
    programme = np.where(pupils.path.changed_after > 0, pupils.path.changed_to, pupils.path.programme)
    national = (programme > NOWHERE) & (programme_kind(programme) != INTRODUCTORY_KIND)
    first, last = np.argmax(national, axis=1), YEARS - 1 - np.argmax(national[:, ::-1], axis=1)
    begun = pupils.autumn + np.where(national.any(axis=1), first, 0)
    gy25 = begun >= magnitudes()["coursework"]["levels_since"]
    passed, taken = (np.zeros((len(begun), len(catalogue())), dtype=bool) for _ in range(2))
    standing = _Standing(pupils, programme, last, gy25, _lacking(pupils.fate, rng), passed, taken)
    extended = _extended(programme, national, begun, rng)
    # nobody's grades, so that there is something to join
    parts = [_grade(standing, np.zeros(0, dtype=np.int64), 0, plan_of(1, extended=False), rng)]
    for year in range(YEARS):
        for number in np.unique(programme[programme[:, year] > NOWHERE, year]):
            for more in (False, True):
                rows = np.flatnonzero((programme[:, year] == number) & (extended == more))
                parts.append(_grade(standing, rows, year, plan_of(int(number), extended=more), rng))
    names = Coursework.__dataclass_fields__
    return Coursework(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _extended(programme: Integers, national: Flags, begun: Integers, rng: np.random.Generator) -> Flags:
    """Return whose vocational plan is extended: never one who also was at a preparatory programme."""
    table = magnitudes()["coursework"]["extended"]
    vocational = ((programme_kind(programme) == VOCATIONAL_KIND) | ~national).all(axis=1)
    return np.asarray(vocational & (begun >= table["since"]) & (rng.random(len(begun)) < table["share"]))


def _lacking(fate: Integers, rng: np.random.Generator) -> Flags:
    """Return the courses that a pupil never passes, shape (pupils, courses): none but for a certificate."""
    shares = magnitudes()["coursework"]["certificate_lacks"]
    role = rng.choice(len(shares), size=len(fate), p=list(shares.values()))
    of_role = np.array([[role_of(course) == name for course in catalogue()] for name in shares])
    return np.asarray(of_role[role] & (fate == STUDIEBEVIS)[:, None])


def _grade(standing: _Standing, rows: Integers, year: int, plan: Plan, rng: np.random.Generator) -> Coursework:
    """Return the grades of a year at a programme, and note what was passed."""
    pupils = standing.pupils
    at = np.ix_(rows, plan.course)
    latent, letters = _letters(pupils, rows, year, plan, rng)
    letters[standing.lacks[at] & passes(letters)] = F
    # who stays at an introductory programme is in its first year all the time
    group = pupils.path.year_group[rows, year] if plan.points else np.full(len(rows), year + 1)
    ends = np.asarray(year == standing.last[rows])
    read, again = _read(standing, at, group, ends=ends, plan=plan, rng=rng)
    here = pupils.path.share_of_year[rows, year][:, None]
    there = np.where(plan.autumn & ~again, here > magnitudes()["coursework"]["autumn_over"], here >= 1)
    if plan.points:
        diploma = pupils.fate[rows] < STUDIEBEVIS
        letters, read = _with_diploma(
            standing, at, letters, read & there, chosen=diploma, ends=ends, latent=latent, plan=plan
        )
    else:
        read &= there
    again = plan.year < group[:, None]
    standing.passed[at] |= read & passes(letters)
    standing.graded[at] |= read & (letters != NO_BASIS)
    pupil, place = np.nonzero(read)
    return Coursework(
        pupil=rows[pupil],
        year=np.full(len(pupil), year),
        course=plan.course[place],
        letter=letters[pupil, place],
        autumn=(plan.autumn & ~again)[pupil, place],
        # two courses of a subject never have their grade on the same day
        weeks_early=np.where(again, 2 * (group[:, None] - plan.year) + plan.autumn, 0)[pupil, place],
        plan_points=np.full(len(pupil), plan.points),
        gy25=standing.gy25[rows[pupil]],
    )


def _letters(pupils: Pupils, rows: Integers, year: int, plan: Plan, rng: np.random.Generator) -> tuple[Floats, States]:
    """Return latent levels and letters, shape (rows, courses), as they would be without regard to the fate."""
    table, own = magnitudes(), pupils.background
    absence = pupils.absence[rows, year]
    level = pass_level(Background(absence, own.education[rows], own.woman[rows], own.late[rows], own.ability[rows]))
    noise = rng.standard_normal((len(rows), len(plan.course)))
    latent = level[:, None] + table["coursework"]["easier"] + table["attainment"]["subject_spread"] * noise
    letters = graded(latent, own.woman[rows])
    # E is the only pass of a diploma project
    letters[:, plan.project] = letters[:, plan.project].clip(max=E)
    away = absence > table["grades"]["no_basis_from_absence"]
    letters[away[:, None] & (rng.random(latent.shape) < table["grades"]["no_basis_share"])] = NO_BASIS
    return latent, letters


def _read(
    standing: _Standing,
    at: tuple[Integers, ...],
    group: Integers,
    *,
    ends: Flags,
    plan: Plan,
    rng: np.random.Generator,
) -> tuple[Flags, Flags]:
    """Return which courses are read this year, and which of them are of an earlier year."""
    open_ = ~standing.passed[at]
    now = (plan.year == group[:, None]) & open_
    # the project waits for the last year of school
    now &= ends[:, None] | ~plan.project
    tried = rng.random(open_.shape) < magnitudes()["coursework"]["reads_again"]
    again = (plan.year < group[:, None]) & open_ & standing.graded[at] & plan.required & tried
    return now | again, again


def _with_diploma(
    standing: _Standing,
    at: tuple[Integers, ...],
    letters: States,
    read: Flags,
    *,
    chosen: Flags,
    ends: Flags,
    latent: Floats,
    plan: Plan,
) -> tuple[States, Flags]:
    """Return letters and courses read, with what those chosen lack made good.

    Each year but a few courses stay without a pass. In the last one these are none that a rule asks for, and every
    course of the plan has a grade.
    """
    now = ends[:, None]
    short = ~standing.passed[at] & ~(read & passes(letters)) & (now | read) & chosen[:, None]
    may_stay = short & ~(now & plan.required)
    worst = np.argsort(np.argsort(np.where(may_stay, latent, np.inf), axis=1), axis=1)
    stays = may_stay & (worst < MAY_STAY_FAILED)
    made_good = letters.copy()
    made_good[short & ~stays], made_good[stays & now] = E, F
    return made_good, read | (short & ~stays) | (stays & now & ~standing.graded[at])

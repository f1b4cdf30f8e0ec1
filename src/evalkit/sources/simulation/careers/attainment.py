"""Draw final grades of years 6 and 9, and judge by the dated rules which programmes they open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from evalkit.sources.simulation.arrays import Flags, Floats, States
from evalkit.sources.simulation.magnitudes import magnitudes

LETTERS = ("F", "E", "D", "C", "B", "A", "-")
NO_BASIS = 6
POINTS = np.array([0.0, 10.0, 12.5, 15.0, 17.5, 20.0, 0.0])
SUBJECTS = ("SV", "EN", "MA", "BI", "FY", "KE", "TK", "GE", "HI", "RE", "SH", "IDH", "HKK", "SL", "BL", "MU", "M2")
SWEDISH = SUBJECTS.index("SV")
LANGUAGE = SUBJECTS.index("M2")
YEAR_6 = ("MA", "EN", "SV")
KINDS = ("vocational", "arts", "social", "science")
BLOCK = 100_000
NO_GRADE = -1


@dataclass(frozen=True, eq=False)
class Background:
    """What decides attainment, by person; every array has shape (persons,).

    Parameters
    ----------
    absence
        Long-run share of absence in year 9.
    education
        Guardians' highest; 2 is post-secondary.
    woman, late
        Legal sex; came to Sweden late.
    ability
        Standard normal.
    """

    absence: Floats
    education: States
    woman: Flags
    late: Flags
    ability: Floats


@dataclass(frozen=True, eq=False)
class Grades:
    """Final grades of year 9, and grades of year 6.

    Parameters
    ----------
    letters
        Shape (persons, subjects): places in ``LETTERS``; ``NO_GRADE`` for a modern language not read.
    year_6
        Shape (persons, 3): likewise, in the subjects ``YEAR_6``.
    second_language
        Shape (persons,): reads Swedish as a second language, so that SV is SVA.
    opens
        Shape (persons, 4): whether the grades open each of ``KINDS``.
    opens_imv
        Shape (persons,): whether they open programme-oriented introduction.
    merit
        Shape (persons,): merit points, at most 340.
    """

    letters: States
    year_6: States
    second_language: Flags
    opens: Flags
    opens_imv: Flags
    merit: Floats

    @property
    def eligible(self) -> Flags:
        """Whether the grades open vocational programmes, the least there is."""
        return np.asarray(self.opens[:, 0])


def draw_grades(background: Background, autumn: int, rng: np.random.Generator) -> Grades:
    """Return grades of persons who finish year 9.

    Parameters
    ----------
    autumn
        Calendar year whose rules of eligibility apply.
    """
    blocks = [slice(first, first + BLOCK) for first in range(0, max(len(background.ability), 1), BLOCK)]
    parts = [_block(_part(background, block), rng) for block in blocks]
    letters, year_6, second = (np.concatenate([part[place] for part in parts]) for place in range(3))
    passed = passes(letters)
    return Grades(
        letters=letters,
        year_6=year_6,
        second_language=second,
        opens=np.column_stack([opens(passed, kind, autumn) for kind in KINDS]),
        opens_imv=opens_introduction(passed),
        merit=merit_points(letters),
    )


def passes(letters: States) -> Flags:
    """Return which grades are A-E."""
    return np.asarray((letters > 0) & (letters < NO_BASIS))


def opens(passed: Flags, kind: str, autumn: int) -> Flags:
    """Return who is eligible for a kind of national programmes that starts in an autumn.

    Parameters
    ----------
    passed
        Shape (persons, subjects), in the order of ``SUBJECTS``; SV stands for SV or SVA, which never count twice.
    """
    rules = _rules(autumn)
    entry = next(each for each in rules["kinds"] if each["kind"] == kind)
    core = [SUBJECTS.index(choice[0]) for choice in rules["core"]]
    needed = core + [SUBJECTS.index(subject) for subject in entry["required"]]
    others = passed.sum(axis=1) - passed[:, needed].sum(axis=1)
    return np.asarray(passed[:, needed].all(axis=1) & (others >= entry["others"]))


def opens_introduction(passed: Flags) -> Flags:
    """Return who may take programme-oriented introduction: SV, and EN or MA with four others, or both with three."""
    english, mathematics = passed[:, SUBJECTS.index("EN")], passed[:, SUBJECTS.index("MA")]
    others = passed.sum(axis=1) - passed[:, SWEDISH] - english - mathematics
    one, both = (english | mathematics) & (others >= 4), english & mathematics & (others >= 3)
    return np.asarray(passed[:, SWEDISH] & (one | both))


def merit_points(letters: States) -> Floats:
    """Return merit points: the best 16 grades, and a modern language as the 17th."""
    points = np.where(letters == NO_GRADE, 0.0, POINTS[letters])
    return np.asarray(points.sum(axis=1))


def programme_rule(programme: str, autumn: int) -> int:
    """Return the place in ``KINDS`` of the rule for a national programme."""
    kinds = _rules(autumn)["kinds"]
    return next(KINDS.index(each["kind"]) for each in kinds if programme in each["programmes"])


def pass_level(background: Background) -> Floats:
    """Return each person's latent level before chance, at or above zero where a pass is likelier than not."""
    table = magnitudes()["attainment"]
    return np.asarray(
        table["level"]
        + table["absence"] * background.absence ** table["absence_power"]
        + table["post_secondary"] * (background.education == 2)
        + table["girl"] * background.woman
        + table["late"] * background.late
        + table["ability_spread"] * background.ability
    )


def _block(background: Background, rng: np.random.Generator) -> tuple[States, States, Flags]:
    table = magnitudes()["attainment"]
    count = len(background.ability)
    level = pass_level(background)
    own = rng.standard_normal((count, len(SUBJECTS)), dtype=np.float32)
    latent = level[:, None] + np.array([table["offsets"][name] for name in SUBJECTS]) + table["subject_spread"] * own
    letters = graded(latent, background.woman)
    letters[rng.random(count) >= table["modern_language"], LANGUAGE] = NO_GRADE
    second = rng.random(count) < np.where(background.late, 0.9, table["second_language"])
    before = _six(latent, second, rng)
    return letters, graded(before, background.woman), second


def graded(latent: Floats, woman: Flags) -> States:
    """Return letters: F below zero, then steps whose width depends on sex."""
    table = magnitudes()["attainment"]
    step = np.where(woman, table["step_women"], table["step_men"])[:, None]
    return np.asarray(np.clip(np.floor(latent / step) + 1, 0, 5).astype(np.int8))


def _six(latent: Floats, second: Flags, rng: np.random.Generator) -> Floats:
    """Return latent levels of year 6: those of year 9 without what changes in between."""
    table = magnitudes()["attainment"]["year_6"]
    names = np.array([[name] * len(second) for name in YEAR_6], dtype=object).T
    names[second, YEAR_6.index("SV")] = "SVA"
    change = np.vectorize(table["change"].get, otypes=[float])(names)
    shift = np.vectorize(table["level"].get, otypes=[float])(names)
    here = latent[:, [SUBJECTS.index(name) for name in YEAR_6]]
    return np.asarray(here + shift + change * rng.standard_normal(here.shape))


def _rules(autumn: int) -> dict[str, Any]:
    dated = [entry for entry in magnitudes()["eligibility"] if entry["since"] <= date(autumn, 7, 1)]
    found: dict[str, Any] = max(dated, key=lambda entry: entry["since"])
    return found


def _part(background: Background, block: slice) -> Background:
    values: dict[str, npt.NDArray[Any]] = {
        name: getattr(background, name)[block] for name in Background.__dataclass_fields__
    }
    return Background(**values)

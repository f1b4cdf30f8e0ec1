"""Draw how upper secondary school ends: examen in three, four or five years, studiebevis, or leaving without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.sources.simulation.arrays import Flags, Floats, Integers, States
from evalkit.sources.simulation.careers.attainment import Background
from evalkit.sources.simulation.careers.spells import PROGRAMMES, programme_kind
from evalkit.sources.simulation.magnitudes import magnitudes

IN_THREE, IN_FOUR, IN_FIVE, STUDIEBEVIS, LEFT = range(5)
FATES = ("examen_3", "examen_4", "examen_5", "studiebevis", "left")
PREPARATORY_KIND, INTRODUCTORY_KIND = 2, 3


@dataclass(frozen=True, eq=False)
class Fates:
    """How it goes, by beginner.

    Parameters
    ----------
    fate
        Places in ``FATES``, counted from the first autumn in upper secondary school.
    introduction
        Years at an introductory programme before a national one; 0 for those who began at a national one.
    national
        Whether the person ever comes to a national programme.
    leaves_in
        Year of study (1-3) in which one who leaves does so.
    chance
        Chance of an examen within five years that was drawn from; the truth beside ``fate``.
    """

    fate: States
    introduction: States
    national: Flags
    leaves_in: States
    chance: Floats


def draw_fates(
    programme: Integers, background: Background, absence: Floats, abroad: Flags, rng: np.random.Generator
) -> Fates:
    """Return fates of beginners.

    Parameters
    ----------
    programme
        Where each begins, places in ``PROGRAMMES``.
    background
        As it decided grades.
    absence
        Long-run share of absence in upper secondary school.
    abroad
        Born abroad.
    """
    table = magnitudes()["upper_secondary"]
    count = len(programme)
    kind = programme_kind(programme)
    introductory = kind == INTRODUCTORY_KIND
    goes_on = np.array([table["to_national"].get(name, 1.0) for name in PROGRAMMES])[programme]
    national = rng.random(count) < goes_on
    years = np.where(introductory & national, 1 + (rng.random(count) >= table["after_one_year"]), 0)
    chance = examen_chance(kind, background, absence, abroad)
    chance = np.where(introductory, table["examen_after_introduction"] * national, chance)
    certificate = np.where(
        introductory, table["studiebevis_after_introduction"] * national, (1 - chance) * table["studiebevis"]
    )
    draw, late = rng.random(count), rng.random(count)
    in_four = np.where(late < table["in_five"] + table["in_four"], IN_FOUR, IN_THREE)
    examen = np.where(late < table["in_five"], IN_FIVE, in_four)
    examen = np.where(introductory, np.where(years == 1, IN_FOUR, IN_FIVE), examen)
    fate = np.where(draw < chance, examen, np.where(draw < chance + certificate, STUDIEBEVIS, LEFT))
    leaves_in = 1 + np.searchsorted(np.cumsum(table["leave_in_year"]), rng.random(count), side="right").clip(max=2)
    return Fates(fate.astype(np.int8), years.astype(np.int8), national, leaves_in.astype(np.int8), chance)


def examen_chance(kind: Integers, background: Background, absence: Floats, abroad: Flags) -> Floats:
    """Return the chance of an examen within five years at a national programme, by what moves it."""
    table = magnitudes()["upper_secondary"]
    level = np.where(kind == PREPARATORY_KIND, table["preparatory"], table["vocational"])
    odds = (
        level
        + table["ability"] * background.ability
        + table["absence"] * (absence - table["mean_absence"])
        + table["girl"] * (background.woman - 0.5)
        + table["abroad"] * abroad
    )
    return np.asarray(1 / (1 + np.exp(-odds)))

"""Let those who finished year 9 begin upper secondary school: which programme, or none."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from evalkit.sources.simulation.arrays import Flags, Floats, Integers, States
from evalkit.sources.simulation.careers.attainment import Background, Grades, programme_rule
from evalkit.sources.simulation.careers.spells import NO_PROGRAMME, PREPARATORY, PROGRAMMES, VOCATIONAL
from evalkit.sources.simulation.magnitudes import magnitudes

MEAN_MERIT, SPREAD_MERIT = 235.0, 50.0
NEWCOMER_SHARE_IMS = 0.75
YOUTH_SHARE_IMY = 0.62


def choose_programmes(
    grades: Grades, background: Background, autumn: Integers, rng: np.random.Generator
) -> tuple[States, Flags]:
    """Return the programme each person begins, and who begins at all.

    Returns
    -------
    programme
        Places in ``PROGRAMMES``; what those who never begin had been admitted to, too.
    begins
        False for those who do not show up.
    """
    count = len(autumn)
    programme = np.full(count, NO_PROGRAMME, dtype=np.int8)
    table = magnitudes()["programmes"]
    pull = (
        table["preparatory_level"]
        + table["preparatory_merit"] * (grades.merit - MEAN_MERIT) / SPREAD_MERIT
        + table["preparatory_education"] * (background.education - 1)
    )
    preparatory = rng.random(count) < 1 / (1 + np.exp(-pull))
    draws = rng.random(count)
    for year in np.unique(autumn):
        now = autumn == year
        preferred = _pick(draws, "preparatory", int(year))
        allowed = _allowed(preferred, grades.opens, int(year))
        practical = np.where(
            background.woman, _pick(draws, "vocational_women", int(year)), _pick(draws, "vocational_men", int(year))
        )
        chosen = np.where(preparatory & allowed, preferred, practical)
        programme[now] = np.where(grades.eligible, chosen, _introduction(grades, background, rng))[now]
    upper = magnitudes()["upper_secondary"]
    stays_away = np.where(grades.eligible, upper["not_started"], upper["not_started_introduction"])
    return programme, rng.random(count) >= stays_away


def programmes_of(group: str, autumn: int) -> tuple[Integers, Floats]:
    """Return programmes of a group in an autumn and the share of each; codes follow their dates."""
    table = magnitudes()["programmes"]
    old = table["before_2022"] if autumn < 2022 else {}
    names = [old.get(name, name) for name in table[group]]
    weights = np.array(list(table[group].values()))
    return np.array([PROGRAMMES.index(name) for name in names]), weights / weights.sum()


def _pick(draws: Floats, group: str, autumn: int) -> Integers:
    numbers, shares = programmes_of(group, autumn)
    return np.asarray(numbers[np.searchsorted(np.cumsum(shares), draws, side="right").clip(max=len(numbers) - 1)])


def _allowed(programme: Integers, opens: Flags, autumn: int) -> Flags:
    rule = _rules_by_programme(autumn)[programme]
    return np.asarray(opens[np.arange(len(programme)), rule])


@cache
def _rules_by_programme(autumn: int) -> Any:
    national = (*VOCATIONAL, *PREPARATORY)
    return np.array([programme_rule(name, autumn) if name in national else 0 for name in PROGRAMMES])


def _introduction(grades: Grades, background: Background, rng: np.random.Generator) -> Integers:
    """Return introductory programmes: language for newcomers, programme-oriented where grades open it."""
    draw = rng.random((2, len(background.late)))
    language = background.late & (draw[0] < NEWCOMER_SHARE_IMS)
    other = np.where(draw[1] < YOUTH_SHARE_IMY, PROGRAMMES.index("IMY"), PROGRAMMES.index("IMA"))
    return np.where(language, PROGRAMMES.index("IMS"), np.where(grades.opens_imv, PROGRAMMES.index("IMV"), other))

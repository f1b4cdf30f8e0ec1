"""Draw the connectedness survey: one wave a term, some pupils and some answers missing."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Floats, Integers
from evalkit.sources.simulation.expectations import Expectations
from evalkit.sources.simulation.magnitudes import magnitudes
from evalkit.sources.simulation.settings import ConnectednessSettings
from evalkit.sources.simulation.shocks import Traits
from evalkit.vocabulary import answer_scale, dimensions, term_of

NOT_KNOWN = 0
RESPONSE_LOSS = 0.8
"""Fall in the chance of an answer for each unit of expected absence: those who are away answer less."""


def draw_surveys(
    year: Expectations,
    terms: tuple[str, ...],
    traits: Traits,
    settings: ConnectednessSettings,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the answers of one school year.

    Returns
    -------
    DataFrame
        One row an item: person, wave, day (ordinal), item (place in the list of items), answer (1-4; 0 is not known).
    """
    parts = [
        _wave(year, wave, term=terms.index(wave), traits=traits, settings=settings, rng=rng)
        for wave in _waves(year.days)
    ]
    return pd.concat(parts, ignore_index=True)


def connectedness_level(
    person: Integers,
    school: Integers,
    term: int,
    traits: Traits,
    settings: ConnectednessSettings,
) -> Floats:
    """Return pupils' true connectedness in a term, on the answer scale."""
    usual = settings.mean + settings.between * traits.usual[person] + traits.school_level[school]
    return np.asarray(usual + traits.swing[person, term])


def _waves(days: tuple[date, ...]) -> list[str]:
    return list(dict.fromkeys(term_of(day).label for day in days))


def _wave(
    year: Expectations,
    wave: str,
    *,
    term: int,
    traits: Traits,
    settings: ConnectednessSettings,
    rng: np.random.Generator,
) -> pd.DataFrame:
    survey = magnitudes()["survey"]
    week = survey["autumn_week"] if wave.startswith("HT") else survey["spring_week"]
    choices = np.array([place for place, day in enumerate(year.days) if day.isocalendar().week == week])
    stays = year.stays
    room_day = rng.choice(choices, size=int(stays["room"].max()) + 1)
    day = room_day[stays["room"].to_numpy()]
    here = year.enrolled[np.arange(len(stays)), day]
    away = year.absence[np.arange(len(stays)), day]
    chance = settings.response - RESPONSE_LOSS * (away - 0.1)
    answering = here & (rng.random(len(stays)) < chance)
    person = stays["person"].to_numpy()[answering]
    level = connectedness_level(person, stays["school"].to_numpy()[answering], term, traits, settings)
    answers = _answers(level, traits.dimension[person], settings.not_known, rng)
    ordinals = np.array([each.toordinal() for each in year.days])[day[answering]]
    items = answers.shape[1]
    return pd.DataFrame(
        {
            "person": np.repeat(person, items),
            "wave": wave,
            "day": np.repeat(ordinals, items),
            "item": np.tile(np.arange(items), len(person)),
            "answer": answers.ravel(),
        }
    )


def _answers(level: Floats, deviation: Floats, not_known: float, rng: np.random.Generator) -> Integers:
    """Return answers, shape (pupils, items), whose mean over items follows the level, and by dimension deviates."""
    survey = magnitudes()["survey"]
    offsets = np.array([item["offset"] for item in survey["items"]])
    noise = survey["item_spread"] * rng.standard_normal((len(level), len(offsets)))
    noise -= noise.mean(axis=1, keepdims=True)
    scale, codes = answer_scale(), [dimension.code for dimension in dimensions()]
    own = deviation[:, [codes.index(item["dimension"]) for item in survey["items"]]]
    answers = np.clip(np.rint(level[:, None] + own + offsets + noise), scale.lowest, scale.highest).astype(np.int64)
    return np.where(rng.random(answers.shape) < not_known, NOT_KNOWN, answers)

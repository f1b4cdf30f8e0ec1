"""Draw what makes pupils' absence differ: propensities, shocks to schools, classes and pupils, connectedness."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from evalkit.sources.simulation.arrays import Floats
from evalkit.sources.simulation.magnitudes import magnitudes, normal_ranks
from evalkit.sources.simulation.settings import ConnectednessSettings, ShockSettings

SKEWNESS_LOSS = 0.68
"""Correlation of a pupil's measured absence with its normal score: less than 1, as absence is skewed and varies."""


@dataclass(frozen=True, eq=False)
class Traits:
    """What pupils and their surroundings are like, drawn once.

    Parameters
    ----------
    rank
        Shape (persons,): the pupil's place in the distribution of absence, kept through the years.
    score
        Shape (persons,): the same as a normal score.
    usual
        Shape (persons,): usual level of connectedness against the mean, in standard deviations.
    swing
        Shape (persons, terms): deviation from the usual level each term, in scale steps.
    pupil, room, school, school_level
        Multipliers of absence with mean one: (persons, terms), (classes, terms), (schools, terms); and the schools'
        level of connectedness, (schools,).
    """

    rank: Floats
    score: Floats
    usual: Floats
    swing: Floats
    pupil: Floats
    room: Floats
    school: Floats
    school_level: Floats


def draw_traits(
    shocks: ShockSettings,
    connectedness: ConnectednessSettings,
    rng: np.random.Generator,
    *,
    persons: int,
    rooms: int,
    schools: int,
    terms: int,
) -> Traits:
    """Return traits of so many pupils, classes and schools over so many terms."""
    score = rng.standard_normal(persons)
    link = float(np.clip(connectedness.correlation / SKEWNESS_LOSS, -1, 1))
    usual = link * score + np.sqrt(1 - link**2) * rng.standard_normal(persons)
    swing = connectedness.within * remembered(rng, (persons, terms), connectedness.memory)
    room = _multiplier(rng.standard_normal((rooms, 1)), shocks.school_class) * _multiplier(
        rng.standard_normal((rooms, terms)), shocks.class_term
    )
    school = _multiplier(rng.standard_normal((schools, 1)), shocks.school) * _multiplier(
        remembered(rng, (schools, terms), shocks.school_term_memory), shocks.school_term
    )
    return Traits(
        rank=normal_ranks(score),
        score=score,
        usual=usual,
        swing=swing,
        pupil=_multiplier(rng.standard_normal((persons, terms)), shocks.pupil_term),
        room=room,
        school=school,
        school_level=connectedness.school * rng.standard_normal(schools),
    )


def remembered(rng: np.random.Generator, shape: tuple[int, int], memory: float) -> Floats:
    """Return standard normal rows that follow a first-order autoregression with coefficient ``memory``."""
    values = rng.standard_normal(shape)
    for place in range(1, shape[1]):
        values[:, place] = memory * values[:, place - 1] + np.sqrt(1 - memory**2) * values[:, place]
    return values


def day_levels(days: tuple[date, ...]) -> Floats:
    """Return each school day's multiplier by season and weekday, with mean one over the school year."""
    season = magnitudes()["season"]
    levels = np.array([season["months"].get(str(day.month), 1.0) * season["weekdays"][day.weekday()] for day in days])
    return np.asarray(levels / levels.mean())


def _multiplier(scores: Floats, spread: float) -> Floats:
    """Return log-normal multipliers with mean one and about the given relative standard deviation."""
    return np.asarray(np.exp(spread * scores - spread**2 / 2))

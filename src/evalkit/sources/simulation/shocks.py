"""Draw what makes pupils' absence differ: propensities, shocks to schools, classes and pupils, connectedness."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date

import numpy as np

from evalkit.sources.simulation.arrays import Floats, Integers
from evalkit.sources.simulation.magnitudes import magnitudes, normal_ranks
from evalkit.sources.simulation.settings import ConnectednessSettings, ShockSettings
from evalkit.vocabulary import dimensions

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
    dimension
        Shape (persons, 4): how far the pupil's level in each dimension of connectedness (in the order of the
        vocabulary) lies from the pupil's own level, in scale steps; nothing on average over the survey's items.
    upper
        Shape (persons, 2): place in the distribution of absence at national and at introductory programmes; half
        where the pupil goes to none.
    """

    rank: Floats
    score: Floats
    usual: Floats
    swing: Floats
    pupil: Floats
    room: Floats
    school: Floats
    school_level: Floats
    dimension: Floats
    upper: Floats

    def only(self, persons: Integers) -> Traits:
        """Return the chosen persons, in that order, and all classes and schools."""
        own = ("rank", "score", "usual", "swing", "pupil", "dimension", "upper")
        return replace(self, **{name: getattr(self, name)[persons] for name in own})

    def and_also(self, others: Traits) -> Traits:
        """Return these pupils, classes and schools, and others after them."""
        return Traits(
            **{
                field.name: np.concatenate([getattr(self, field.name), getattr(others, field.name)])
                for field in fields(self)
            }
        )


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
        dimension=connectedness.dimension * _dimensions(rng.standard_normal((persons, len(dimensions())))),
        upper=np.full((persons, 2), 0.5),
    )


def _dimensions(scores: Floats) -> Floats:
    """Return the scores less each row's mean over the survey's items."""
    codes = [dimension.code for dimension in dimensions()]
    asked = [item["dimension"] for item in magnitudes()["survey"]["items"]]
    weights = np.array([asked.count(code) for code in codes]) / len(asked)
    return np.asarray(scores - (scores @ weights)[:, None])


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

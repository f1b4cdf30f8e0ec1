"""Turn traits into each pupil's expected absence every school day, with and without the planted effects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from evalkit.sources.simulation.arrays import Flags, Floats, Integers, Shares
from evalkit.sources.simulation.careers.spells import INTRODUCTORY
from evalkit.sources.simulation.magnitudes import absence_quantile, magnitudes
from evalkit.sources.simulation.settings import EffectSettings
from evalkit.sources.simulation.shocks import Traits, day_levels
from evalkit.vocabulary import term_of

PERCENT = 100
FIRST_MONTH_OF_AUTUMN = 7


@dataclass(frozen=True, eq=False)
class Expectations:
    """Expected shares of absence in one school year.

    Parameters
    ----------
    stays
        The year's stays (no cancelled ones), in the order of the rows below.
    days
        School days, the columns below.
    enrolled
        Shape (stays, days).
    absence
        Shape (stays, days): expected share of the day's lesson time away, with all that was planted.
    without_forums
        The same, had there been no forums.
    without_support
        The same, had there been neither forums nor support.
    swing
        Shape (stays, terms of the study): factor on absence that a pupil's swing in connectedness makes.
    """

    stays: pd.DataFrame
    days: tuple[date, ...]
    enrolled: Flags
    absence: Shares
    without_forums: Shares
    without_support: Shares
    swing: Floats

    def only(self, rows: Integers) -> Expectations:
        """Return the chosen rows of stays."""
        if len(rows) == len(self.stays):
            return self
        return Expectations(
            self.stays.iloc[rows].reset_index(drop=True),
            self.days,
            self.enrolled[rows],
            self.absence[rows],
            self.without_forums[rows],
            self.without_support[rows],
            self.swing[rows],
        )


def expect_year(
    stays: pd.DataFrame,
    days: tuple[date, ...],
    terms: tuple[str, ...],
    traits: Traits,
    effects: EffectSettings,
) -> Expectations:
    """Return expectations before any forum.

    Parameters
    ----------
    stays
        The school year's stays: person, school, room, year_group, start, end.
    days
        The school days of the year.
    terms
        Labels of the study's terms; places in it are the columns of ``traits``.
    traits
        What pupils and their surroundings are like.
    effects
        The within-person slope of connectedness is planted here, as a share of each pupil's absence, so that it is the
        setting on average over pupils.
    """
    person, school, room = (stays[name].to_numpy() for name in ("person", "school", "room"))
    usual = usual_absence(stays, traits)
    term_places = [terms.index(term_of(day).label) for day in days]
    levels = magnitudes()["season"]["terms"]
    slope = effects.connectedness / PERCENT / usual.mean()
    swing = np.clip(1.0 - slope * traits.swing[person], 0.05, None)
    by_term = {
        place: usual
        * levels.get(terms[place], 1.0)
        * traits.pupil[person, place]
        * traits.room[room, place]
        * traits.school[school, place]
        * swing[:, place]
        for place in dict.fromkeys(term_places)
    }
    daily = day_levels(days)
    absence = np.column_stack([by_term[place] * daily[day] for day, place in enumerate(term_places)])
    absence = np.clip(absence, 0.001, magnitudes()["forms"]["largest"]).astype(np.float32)
    ordinals = np.array([day.toordinal() for day in days])
    enrolled = (stays["start"].to_numpy()[:, None] <= ordinals) & (ordinals < stays["end"].to_numpy()[:, None])
    return Expectations(stays, days, enrolled, absence, absence, absence, swing)


def stages_of(stays: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return the stage of each stay: its year group in years 7-9, else GY, or IM at an introductory programme."""
    upper = stays["school_type"].to_numpy() == "GY"
    introductory = stays["programme"].isin(INTRODUCTORY).to_numpy()
    names = stays["year_group"].astype(str).to_numpy(dtype=object)
    return np.where(upper, np.where(introductory, "IM", "GY"), names)


def usual_absence(stays: pd.DataFrame, traits: Traits) -> Floats:
    """Return each stay's long-run share of absence: the pupil's rank in the distribution of the stage."""
    person, stages = stays["person"].to_numpy(), stages_of(stays)
    ranks = {"GY": traits.upper[:, 0], "IM": traits.upper[:, 1]}
    usual = np.zeros(len(stays))
    for stage in dict.fromkeys(stages.tolist()):
        chosen = stages == stage
        usual[chosen] = absence_quantile(stage, ranks.get(stage, traits.rank)[person[chosen]])
    return usual


def together(first: Expectations, second: Expectations) -> Expectations:
    """Return the expectations of both sets of stays in one school year."""
    return Expectations(
        stays=pd.concat([first.stays, second.stays], ignore_index=True),
        days=first.days,
        enrolled=np.concatenate([first.enrolled, second.enrolled]),
        absence=np.concatenate([first.absence, second.absence]),
        without_forums=np.concatenate([first.without_forums, second.without_forums]),
        without_support=np.concatenate([first.without_support, second.without_support]),
        swing=np.concatenate([first.swing, second.swing]),
    )


def exposed(expectations: Expectations, school: int, first: date) -> Flags:
    """Return the pupil-days at a school from its first forum on, shape (stays, days)."""
    later = np.array([day >= first for day in expectations.days])
    at_school = expectations.stays["school"].to_numpy() == school
    return np.asarray(expectations.enrolled & at_school[:, None] & later)


def with_forums(
    years: list[Expectations], school: int, first: date, effects: EffectSettings, size: float | None = None
) -> list[Expectations]:
    """Return expectations after the forums' effect: absence falls by shares that are the setting on average.

    Parameters
    ----------
    size
        Mean rise over the exposed days at this school, in percentage points; the setting where it is not told. By term
        since the first forum the effect follows ``effects.forum_profile``.
    """
    masks = [exposed(year, school, first) for year in years]
    wanted = effects.forum if size is None else size
    weights = [profile_of(year.days, first, effects) for year in years]
    weighted = sum(
        float((year.absence * weight)[mask].sum(dtype=np.float64))
        for year, mask, weight in zip(years, masks, weights, strict=True)
    )
    if weighted == 0:
        return years
    fall = wanted / PERCENT * sum(int(mask.sum()) for mask in masks) / weighted
    largest = magnitudes()["forms"]["largest"]
    fallen = [
        np.where(mask, np.clip(year.absence * (1 - fall * weight), 0.0, largest), year.absence).astype(np.float32)
        for year, mask, weight in zip(years, masks, weights, strict=True)
    ]
    return [replace(year, absence=absence) for year, absence in zip(years, fallen, strict=True)]


def profile_of(days: tuple[date, ...], first: date, effects: EffectSettings) -> Floats:
    """Return each day's relative size of the effect, by term since the first forum; before it the first term's."""
    start = _term_number(first)
    last = len(effects.forum_profile) - 1
    return np.array([effects.forum_profile[min(max(_term_number(day) - start, 0), last)] for day in days])


def _term_number(day: date) -> int:
    return 2 * day.year + (day.month >= FIRST_MONTH_OF_AUTUMN)


def term_means(values: Floats | Shares, mask: Flags, days: tuple[date, ...]) -> dict[str, tuple[Floats, Floats]]:
    """Return, by term, each row's sum over its enrolled days and the number of those days."""
    labels = np.array([term_of(day).label for day in days])
    return {
        label: (
            np.where(mask[:, labels == label], values[:, labels == label], 0.0).sum(axis=1),
            mask[:, labels == label].sum(axis=1).astype(np.float64),
        )
        for label in dict.fromkeys(labels.tolist())
    }

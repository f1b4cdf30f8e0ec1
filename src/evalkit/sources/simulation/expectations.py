"""Turn traits into each pupil's expected absence every school day, with and without the planted effects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Flags, Floats, Shares
from evalkit.sources.simulation.magnitudes import absence_quantile, magnitudes
from evalkit.sources.simulation.settings import EffectSettings
from evalkit.sources.simulation.shocks import Traits, day_levels
from evalkit.vocabulary import term_of

PERCENT = 100


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
    swing
        Shape (stays, terms of the study): factor on absence that a pupil's swing in connectedness makes.
    """

    stays: pd.DataFrame
    days: tuple[date, ...]
    enrolled: Flags
    absence: Shares
    without_forums: Shares
    swing: Floats


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
    usual = np.zeros(len(stays))
    for group in np.unique(stays["year_group"]):
        chosen = stays["year_group"].to_numpy() == group
        usual[chosen] = absence_quantile(int(group), traits.rank[person[chosen]])
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
    return Expectations(stays, days, enrolled, absence, absence, swing)


def exposed(expectations: Expectations, school: int, first: date) -> Flags:
    """Return the pupil-days at a school from its first forum on, shape (stays, days)."""
    later = np.array([day >= first for day in expectations.days])
    at_school = expectations.stays["school"].to_numpy() == school
    return np.asarray(expectations.enrolled & at_school[:, None] & later)


def with_forums(years: list[Expectations], school: int, first: date, effects: EffectSettings) -> list[Expectations]:
    """Return expectations after the forums' effect: absence falls by one share that is the setting on average."""
    masks = [exposed(year, school, first) for year in years]
    days = sum(int(mask.sum()) for mask in masks)
    if days == 0:
        return years
    mean = sum(float(year.absence[mask].sum(dtype=np.float64)) for year, mask in zip(years, masks, strict=True)) / days
    kept = 1.0 - effects.forum / PERCENT / mean
    largest = magnitudes()["forms"]["largest"]
    fallen = [
        np.where(mask, np.clip(year.absence * kept, 0.0, largest), year.absence).astype(np.float32)
        for year, mask in zip(years, masks, strict=True)
    ]
    return [replace(year, absence=absence) for year, absence in zip(years, fallen, strict=True)]


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

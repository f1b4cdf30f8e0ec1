"""Draw support that goes to those who need it, and what it does: a comparison that forgets need goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Flags, Floats
from evalkit.sources.simulation.expectations import Expectations
from evalkit.sources.simulation.magnitudes import magnitudes
from evalkit.sources.simulation.settings import EffectSettings
from evalkit.vocabulary import term_of

PERCENT = 100
FIRST_DAY, LAST_DAY = 45, 150
"""School days of the year among which support begins; need is judged by the days before the first."""


def draw_support(year: Expectations, last_day: date, rng: np.random.Generator) -> pd.DataFrame:
    """Return the spells of support that begin in a school year, for those much away in its first weeks.

    Returns
    -------
    DataFrame
        One row a spell: person, provider, kind, start, end (ordinals, half-open; 0 where it goes on), hours.
    """
    table = magnitudes()["support"]
    stays = year.stays
    need = table["share"] * np.exp(table["steepness"] * needs(year) - table["steepness"] ** 2 / 2)
    day = rng.integers(FIRST_DAY, min(LAST_DAY, len(year.days) - 1), len(stays))
    here = year.enrolled[np.arange(len(stays)), day]
    chosen = np.flatnonzero(here & (rng.random(len(stays)) < need))
    kinds = rng.choice(len(table["kinds"]), size=len(chosen), p=[kind["weight"] for kind in table["kinds"]])
    start = np.array([each.toordinal() for each in year.days])[day[chosen]]
    end = start + rng.integers(21, 300, size=len(chosen))
    spells = pd.DataFrame(
        {
            "person": stays["person"].to_numpy()[chosen],
            "provider": [table["kinds"][kind]["provider"] for kind in kinds],
            "kind": [table["kinds"][kind]["kind"] for kind in kinds],
            "start": start,
            "end": np.where(end > last_day.toordinal(), 0, end),
            "hours": rng.choice(table["hours"], size=len(chosen)),
        }
    )
    return spells.drop_duplicates(["person", "provider", "kind", "start"])


def needs(year: Expectations) -> Floats:
    """Return each stay's need: log expected absence in the first weeks, standardised; 0 where not yet enrolled."""
    early = year.enrolled[:, :FIRST_DAY]
    days = early.sum(axis=1)
    absence = np.where(early, year.absence[:, :FIRST_DAY], 0).sum(axis=1, dtype=np.float64) / days.clip(min=1)
    known = days > 0
    level = np.log(absence[known].clip(min=1e-4))
    found = np.zeros(len(days))
    found[known] = (level - level.mean()) / max(float(level.std()), 1e-9)
    return found


def with_support(years: list[Expectations], support: pd.DataFrame, effects: EffectSettings) -> list[Expectations]:
    """Return expectations after the support's effect: absence falls by one share that is the setting on average."""
    masks = [supported(year, support) for year in years]
    days = sum(int(mask.sum()) for mask in masks)
    if days == 0 or effects.support == 0:
        return years
    mean = sum(float(year.absence[mask].sum(dtype=np.float64)) for year, mask in zip(years, masks, strict=True)) / days
    kept, largest = 1.0 - effects.support / PERCENT / mean, magnitudes()["forms"]["largest"]
    fallen = [
        np.where(mask, np.clip(year.absence * kept, 0.0, largest), year.absence).astype(np.float32)
        for year, mask in zip(years, masks, strict=True)
    ]
    return [replace(year, absence=each, without_forums=each) for year, each in zip(years, fallen, strict=True)]


def supported(year: Expectations, support: pd.DataFrame) -> Flags:
    """Return the pupil-days with support in years 7-9, shape (stays, days)."""
    ordinals = np.array([day.toordinal() for day in year.days])
    stay = pd.Series(np.arange(len(year.stays)), index=year.stays["person"].to_numpy())
    rows = support[["person", "start", "end"]].merge(stay.rename("stay"), left_on="person", right_index=True)
    mask = np.zeros(year.enrolled.shape, dtype=bool)
    end = rows["end"].to_numpy()
    active = (rows["start"].to_numpy()[:, None] <= ordinals) & ((ordinals < end[:, None]) | (end == 0)[:, None])
    np.logical_or.at(mask, rows["stay"].to_numpy(), active)
    lower = (year.stays["school_type"] == "GR").to_numpy()
    return np.asarray(mask & year.enrolled & lower[:, None])


def support_truth(years: tuple[Expectations, ...], support: pd.DataFrame, effects: EffectSettings) -> dict[str, Any]:
    """Return the planted effect, and what comparisons that forget need would find, in percentage points.

    ``naive_difference`` is expected attendance on days with support less that on days without. ``before_and_after`` is
    the rise from autumn to spring of those whose support began that school year, season and all;
    ``before_and_after_against_others`` is how much more they rose than the others. Of that,
    ``regression_to_the_mean`` would have come without any support: who is chosen after a bad term has a better next.
    """
    masks = [supported(year, support) for year in years]
    rest = [
        year.enrolled & ~mask & (year.stays["school_type"] == "GR").to_numpy()[:, None]
        for year, mask in zip(years, masks, strict=True)
    ]
    realised = _mean(years, masks, "without_support") - _mean(years, masks, "without_forums")
    rises = [_rises(year, support, name) for name in ("without_forums", "without_support") for year in years]
    with_it, without_it = np.array(rises).reshape(2, len(years), 2).mean(axis=1) if years else np.full((2, 2), np.nan)
    return {
        "planted_percentage_points": effects.support,
        "realised_percentage_points": _points(realised),
        "naive_difference": _points(_mean(years, rest, "absence") - _mean(years, masks, "absence")),
        "before_and_after": _points(with_it[0]),
        "before_and_after_against_others": _points(with_it[0] - with_it[1]),
        "regression_to_the_mean": _points(without_it[0] - without_it[1]),
        "spells": len(support),
    }


def _mean(years: tuple[Expectations, ...], masks: list[Flags], name: str) -> float:
    days = sum(int(mask.sum()) for mask in masks)
    total = sum(float(getattr(year, name)[mask].sum(dtype=np.float64)) for year, mask in zip(years, masks, strict=True))
    return total / days if days else float("nan")


def _rises(year: Expectations, support: pd.DataFrame, name: str) -> tuple[float, ...]:
    """Return the mean rise in attendance from autumn to spring of those whose support began, and of the others."""
    values, labels = getattr(year, name), np.array([term_of(day).label[:2] for day in year.days])
    autumn, spring = year.enrolled & (labels == "HT"), year.enrolled & (labels == "VT")
    both = autumn.any(axis=1) & spring.any(axis=1) & (year.stays["school_type"] == "GR").to_numpy()
    before, after = (
        np.where(mask, values, 0).sum(axis=1, dtype=np.float64) / mask.sum(axis=1).clip(min=1)
        for mask in (autumn, spring)
    )
    begun = support["start"].between(year.days[0].toordinal(), year.days[-1].toordinal())
    chosen = year.stays["person"].isin(support.loc[begun, "person"]).to_numpy()
    rise = before - after
    return tuple(float(rise[both & mask].mean()) if (both & mask).any() else np.nan for mask in (chosen, ~chosen))


def _points(share: float) -> float | None:
    return None if np.isnan(share) else round(float(PERCENT * share), 4)

"""Draw incidents and handovers, which registers of their own hold."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Flags, Integers
from evalkit.sources.simulation.expectations import Expectations
from evalkit.sources.simulation.magnitudes import magnitudes
from evalkit.sources.simulation.shocks import Traits

FIRST_YEAR_OF_STAGE = 7
NO_SCHOOL = -1


def draw_incidents(year: Expectations, traits: Traits, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row an incident of a school year: person, school, day (ordinal), kind, severity (1-3).

    Pupils who are more away have more of them.
    """
    table = magnitudes()["incidents"]
    person = year.stays["person"].to_numpy()
    steep = table["steepness"]
    share = year.enrolled.mean(axis=1)
    mean = table["per_year"] * share * np.exp(steep * traits.score[person] - steep**2 / 2)
    row = np.repeat(np.arange(len(person)), rng.poisson(mean))
    days = year.enrolled.sum(axis=1)
    place = (rng.random(len(row)) * days[row]).astype(np.int64)
    first = np.argmax(year.enrolled, axis=1)
    ordinals = np.array([day.toordinal() for day in year.days])
    weights = np.array([kind["weight"] for kind in table["kinds"]])
    kind = rng.choice(len(weights), size=len(row), p=weights / weights.sum())
    return pd.DataFrame(
        {
            "person": person[row],
            "school": year.stays["school"].to_numpy()[row],
            "day": ordinals[(first[row] + place).clip(max=len(ordinals) - 1)],
            "kind": np.array([entry["kind"] for entry in table["kinds"]], dtype=object)[kind],
            "severity": 1 + rng.binomial(2, 0.3, len(row)),
        }
    )


def draw_handovers(stays: pd.DataFrame, first_day: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row a change of school or stage: person, day, from_school, to_school, types, documented, consent.

    Parameters
    ----------
    stays
        By person and start.
    first_day
        First school day (ordinal) of the study; who started before it had been handed over earlier.
    """
    table = magnitudes()["handover"]
    stays = stays[~stays["cancelled"]].reset_index(drop=True)
    earlier = stays.shift(1)
    same = (earlier["person"] == stays["person"]).to_numpy()
    moved = same & ((earlier["school"] != stays["school"]) | (earlier["programme"] != stays["programme"])).to_numpy()
    new = ~same & (stays["year_group"].isin([FIRST_YEAR_OF_STAGE, 1])).to_numpy()
    chosen = np.flatnonzero((moved | new) & (stays["start"].to_numpy() >= first_day))
    was = np.where(same, earlier["school_type"].fillna("GR"), "GR")[chosen].astype(object)
    now = stays["school_type"].to_numpy()[chosen]
    group = np.where(was != now, "to_upper", np.where(same[chosen], "change", "within_compulsory"))
    group = np.where(~same[chosen] & (now == "GY"), "to_upper", group)
    share = np.array([table["documented"][name] for name in group])
    documented = rng.random(len(chosen)) < share
    day = stays["start"].to_numpy()[chosen] - rng.integers(3, 60, len(chosen))
    return pd.DataFrame(
        {
            "person": stays["person"].to_numpy()[chosen],
            "day": day,
            "from_school": _schools(earlier["school"].to_numpy(), same)[chosen],
            "to_school": stays["school"].to_numpy()[chosen],
            "from_type": was,
            "to_type": now,
            "documented": documented,
            "consent": documented & (rng.random(len(chosen)) < table["consent"]),
        }
    ).drop_duplicates(["person", "day"])


def _schools(before: Integers, same: Flags) -> Integers:
    return np.where(same, before, NO_SCHOOL).astype(np.int64)

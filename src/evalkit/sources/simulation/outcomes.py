"""Draw term grades and spells of support."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from evalkit.sources.simulation.arrays import Flags, Floats, Shares
from evalkit.sources.simulation.expectations import Expectations
from evalkit.sources.simulation.magnitudes import magnitudes, normal_ranks
from evalkit.sources.simulation.shocks import Traits
from evalkit.vocabulary import term_of

DAYS_BEFORE_END = 4


# Weights of absence, connectedness, talent, talent for the subject, and the term's chance in a grade.
WEIGHTS = np.array([-0.45, 0.2, 0.65, 0.5, 0.2])


@dataclass(frozen=True, eq=False)
class Talents:
    """What pupils bring to their grades, kept through the years.

    Parameters
    ----------
    general
        Shape (persons, 1), standard normal.
    particular
        Shape (persons, subjects), standard normal.
    second_language
        Shape (persons,): who reads Swedish as a second language.
    """

    general: Floats
    particular: Floats
    second_language: Flags


def draw_talents(persons: int, rng: np.random.Generator) -> Talents:
    """Return talents of pupils."""
    table = magnitudes()["grades"]
    return Talents(
        rng.standard_normal((persons, 1)),
        rng.standard_normal((persons, len(table["subjects"]))),
        rng.random(persons) < table["second_language_share"],
    )


def draw_grades(year: Expectations, traits: Traits, talents: Talents, rng: np.random.Generator) -> pd.DataFrame:
    """Return the grades set at the end of a school year's two terms.

    Absence, connectedness and grades go together between pupils; a pupil who is mostly away can be left without.

    Returns
    -------
    DataFrame
        One row a grade: person, school, subject, grade, term, day (ordinal), final.
    """
    table = magnitudes()["grades"]
    row = np.flatnonzero(year.stays["year_group"] >= table["first_year_group"])
    stays = year.stays.iloc[row]
    person = stays["person"].to_numpy()
    lasting = np.stack([traits.score[person], traits.usual[person], talents.general[person, 0]], axis=1) @ WEIGHTS[:3]
    level = lasting[:, None] + WEIGHTS[3] * talents.particular[person]
    parts = []
    for term in dict.fromkeys(term_of(day).label for day in year.days):
        place = max(place for place, day in enumerate(year.days) if term_of(day).label == term) - DAYS_BEFORE_END
        score = (level + WEIGHTS[4] * rng.standard_normal(level.shape)) / np.sqrt((WEIGHTS**2).sum())
        grades = _grades(score, year.absence[row, place], rng)
        here = year.enrolled[row, place]
        parts.append(_long(stays[here], grades[here], table["subjects"], term, year.days[place]))
    found = pd.concat(parts, ignore_index=True)
    second = talents.second_language[found["person"].to_numpy()] & (found["subject"] == "SV").to_numpy()
    return found.assign(subject=np.where(second, "SVA", found["subject"]))


def draw_support(year: Expectations, last_day: date, traits: Traits, rng: np.random.Generator) -> pd.DataFrame:
    """Return the spells of support that begin in a school year.

    Returns
    -------
    DataFrame
        One row a spell: person, provider, kind, start, end (ordinals, half-open; 0 where it goes on), hours.
    """
    table = magnitudes()["support"]
    stays = year.stays
    need = table["share"] * np.exp(0.8 * traits.score[stays["person"].to_numpy()] - 0.32)
    chosen = stays[rng.random(len(stays)) < need]
    kinds = rng.choice(len(table["kinds"]), size=len(chosen), p=[kind["weight"] for kind in table["kinds"]])
    first, last = chosen["start"].to_numpy(), np.minimum(chosen["end"].to_numpy(), year.days[-1].toordinal())
    start = first + (rng.random(len(chosen)) * np.maximum(last - first - 1, 1)).astype(np.int64)
    end = start + rng.integers(21, 300, size=len(chosen))
    spells = pd.DataFrame(
        {
            "person": chosen["person"].to_numpy(),
            "provider": [table["kinds"][kind]["provider"] for kind in kinds],
            "kind": [table["kinds"][kind]["kind"] for kind in kinds],
            "start": start,
            "end": np.where(end > last_day.toordinal(), 0, end),
            "hours": rng.choice(table["hours"], size=len(chosen)),
        }
    )
    return spells.drop_duplicates(["person", "provider", "kind", "start"])


def _grades(score: Floats, absence: Shares, rng: np.random.Generator) -> npt.NDArray[np.object_]:
    table = magnitudes()["grades"]
    letters = np.array(list(table["scale"]), dtype=object)
    grades = letters[np.searchsorted(list(table["scale"].values()), normal_ranks(score.ravel())).clip(0, 5)]
    without_basis = (absence > table["no_basis_from_absence"])[:, None] & (
        rng.random(score.shape) < table["no_basis_share"]
    )
    return np.where(without_basis, "-", grades.reshape(score.shape))


def _long(
    stays: pd.DataFrame,
    grades: npt.NDArray[np.object_],
    subjects: list[str],
    term: str,
    day: date,
) -> pd.DataFrame:
    count = len(subjects)
    final = (stays["year_group"].to_numpy() == 9) & term.startswith("VT")
    return pd.DataFrame(
        {
            "person": np.repeat(stays["person"].to_numpy(), count),
            "school": np.repeat(stays["school"].to_numpy(), count),
            "subject": np.tile(np.array(subjects, dtype=object), len(stays)),
            "grade": grades.ravel(),
            "term": term,
            "day": day.toordinal(),
            "final": np.repeat(final, count),
        }
    )

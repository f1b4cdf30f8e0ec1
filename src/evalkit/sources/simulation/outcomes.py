"""Draw term grades and spells of support."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from evalkit.sources.simulation.expectations import Expectations
from evalkit.sources.simulation.magnitudes import Floats, magnitudes, normal_ranks
from evalkit.sources.simulation.shocks import Traits
from evalkit.vocabulary import term_of

DAYS_BEFORE_END = 4


def draw_grades(
    year: Expectations, traits: Traits, seconds: np.ndarray[tuple[int], np.dtype[np.bool_]], rng: np.random.Generator
) -> pd.DataFrame:
    """Return the grades set at the end of a school year's two terms.

    Parameters
    ----------
    year
        The school year.
    traits
        Absence, connectedness and grades go together between pupils.
    seconds
        Shape (persons,): who reads Swedish as a second language.

    Returns
    -------
    DataFrame
        One row a grade: person, school, subject, grade, term, day (ordinal), final.
    """
    subjects = magnitudes()["grades"]["subjects"]
    stays = year.stays[year.stays["year_group"] >= magnitudes()["grades"]["first_year_group"]]
    ability = np.random.Generator(np.random.PCG64(rng.integers(2**63))).standard_normal((len(traits.rank), 1))
    person = stays["person"].to_numpy()
    general = -0.45 * traits.score[person] + 0.2 * traits.usual[person] + 0.65 * ability[person, 0]
    particular = rng.standard_normal((len(stays), len(subjects)))
    parts = []
    for term in dict.fromkeys(term_of(day).label for day in year.days):
        place = max(place for place, day in enumerate(year.days) if term_of(day).label == term) - DAYS_BEFORE_END
        score = general[:, None] + 0.5 * particular + 0.2 * rng.standard_normal(particular.shape)
        usual = year.absence[stays.index.to_numpy(), place]
        grades = _grades(score / np.sqrt(0.45**2 + 0.2**2 + 0.65**2 + 0.29), usual, rng)
        here = year.enrolled[stays.index.to_numpy(), place]
        parts.append(_long(stays[here], grades[here], subjects, term, year.days[place]))
    grades_of_year = pd.concat(parts, ignore_index=True)
    second = seconds[grades_of_year["person"].to_numpy()] & (grades_of_year["subject"] == "SV").to_numpy()
    return grades_of_year.assign(subject=np.where(second, "SVA", grades_of_year["subject"]))


def draw_support(
    year: Expectations, last_day: date, traits: Traits, rng: np.random.Generator
) -> pd.DataFrame:
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


def _grades(
    score: Floats, absence: np.ndarray[tuple[int], np.dtype[np.float32]], rng: np.random.Generator
) -> np.ndarray[tuple[int, int], np.dtype[np.object_]]:
    table = magnitudes()["grades"]
    letters = np.array(list(table["scale"]), dtype=object)
    grades = letters[np.searchsorted(list(table["scale"].values()), normal_ranks(score.ravel())).clip(0, 5)]
    without_basis = (absence > table["no_basis_from_absence"])[:, None] & (
        rng.random(score.shape) < table["no_basis_share"]
    )
    chosen: np.ndarray[tuple[int, int], np.dtype[np.object_]] = np.where(
        without_basis, "-", grades.reshape(score.shape)
    )
    return chosen


def _long(
    stays: pd.DataFrame,
    grades: np.ndarray[tuple[int, int], np.dtype[np.object_]],
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

"""Draw term grades of years 8 and 9."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Flags, Floats, Integers, States
from evalkit.sources.simulation.careers.attainment import (
    KINDS,
    LANGUAGE,
    LETTERS,
    NO_BASIS,
    NO_GRADE,
    SUBJECTS,
    YEAR_6,
    Background,
    Grades,
    graded,
    merit_points,
    opens,
    opens_introduction,
    pass_level,
    passes,
)
from evalkit.sources.simulation.expectations import Expectations
from evalkit.sources.simulation.homes import Homes
from evalkit.sources.simulation.magnitudes import magnitudes
from evalkit.vocabulary import term, term_of

DAYS_BEFORE_END = 4
LAST_YEAR = 9


def draw_grades(year: Expectations, homes: Homes, rng: np.random.Generator) -> pd.DataFrame:
    """Return the grades set at the end of a school year's two terms.

    They follow ability, guardians' education, and the absence expected over the school year with all that was planted,
    so that what raises attendance raises grades. A pupil who is mostly away can be left without.

    Returns
    -------
    DataFrame
        One row a grade: person, school, subject, grade, term, day (ordinal), final.
    """
    table = magnitudes()["grades"]
    row = np.flatnonzero(year.stays["year_group"] >= table["first_year_group"])
    stays = year.stays.iloc[row]
    person = stays["person"].to_numpy()
    absence = _mean_absence(year, row)
    level = _level(absence, homes.only(person), stays["year_group"].to_numpy())
    parts = []
    for label in dict.fromkeys(term_of(day).label for day in year.days):
        place = max(place for place, day in enumerate(year.days) if term_of(day).label == label) - DAYS_BEFORE_END
        latent = level + table["term_spread"] * rng.standard_normal(level.shape)
        letters = graded(latent, homes.woman[person])
        without_basis = (absence > table["no_basis_from_absence"])[:, None] & (
            rng.random(letters.shape) < table["no_basis_share"]
        )
        letters = np.where(without_basis, NO_BASIS, letters)
        letters[~homes.modern_language[person], LANGUAGE] = NO_GRADE
        here = year.enrolled[row, place]
        parts.append(_long(stays[here], letters[here], label, year.days[place]))
    found = pd.concat(parts, ignore_index=True)
    second = homes.second_language[found["person"].to_numpy()] & (found["subject"] == "SV").to_numpy()
    return found.assign(subject=np.where(second, "SVA", found["subject"]))


def final_grades(grades: pd.DataFrame, homes: Homes) -> tuple[Integers, Integers, Grades]:
    """Return who got final grades of year 9, the calendar year they can go on, and the grades as careers need them."""
    final = grades[grades["final"]]
    person, row = np.unique(final["person"].to_numpy(), return_inverse=True)
    letters = np.full((len(person), len(SUBJECTS)), NO_GRADE, dtype=np.int8)
    subject = final["subject"].replace("SVA", "SV").map(SUBJECTS.index).to_numpy()
    letters[row, subject] = final["grade"].map(LETTERS.index).to_numpy()
    autumn = np.zeros(len(person), dtype=np.int64)
    autumn[row] = final["term"].map(lambda label: term(label).start.year).to_numpy()
    passed = passes(letters)
    latest = int(autumn.max()) if len(autumn) else 2011
    return (
        person,
        autumn,
        Grades(
            letters=letters,
            year_6=np.full((len(person), len(YEAR_6)), NO_GRADE, dtype=np.int8),
            second_language=homes.second_language[person],
            opens=np.column_stack([opens(passed, kind, latest) for kind in KINDS]),
            opens_imv=opens_introduction(passed),
            merit=merit_points(letters),
        ),
    )


def _mean_absence(year: Expectations, row: Integers) -> Floats:
    days = year.enrolled[row].sum(axis=1).clip(min=1)
    return np.asarray(np.where(year.enrolled[row], year.absence[row], 0).sum(axis=1, dtype=np.float64) / days)


def _level(absence: Floats, homes: Homes, year_group: Integers) -> Floats:
    """Return latent levels, shape (stays, subjects), without the term's chance."""
    table, term_table = magnitudes()["attainment"], magnitudes()["grades"]
    background = Background(absence, homes.education, homes.woman, homes.late, homes.ability)
    lasting = np.sqrt(table["subject_spread"] ** 2 - term_table["term_spread"] ** 2)
    level = pass_level(background) - term_table["lower_in_year_8"] * (year_group < LAST_YEAR)
    offsets = np.array([table["offsets"][name] for name in SUBJECTS])
    return np.asarray(level[:, None] + offsets + lasting * homes.particular)


def _long(stays: pd.DataFrame, letters: States, label: str, day: date) -> pd.DataFrame:
    count = len(SUBJECTS)
    final = (stays["year_group"].to_numpy() == LAST_YEAR) & label.startswith("VT")
    table = pd.DataFrame(
        {
            "person": np.repeat(stays["person"].to_numpy(), count),
            "school": np.repeat(stays["school"].to_numpy(), count),
            "subject": np.tile(np.array(SUBJECTS, dtype=object), len(stays)),
            "grade": np.array([*LETTERS, ""], dtype=object)[letters.ravel()],
            "term": label,
            "day": day.toordinal(),
            "final": np.repeat(final, count),
        }
    )
    graded_rows: Flags = letters.ravel() != NO_GRADE
    return table[graded_rows]

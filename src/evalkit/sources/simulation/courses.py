"""Draw course grades of upper secondary school, set in June."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Flags, Floats, Integers
from evalkit.sources.simulation.careers.attainment import LETTERS, NO_BASIS, Background, graded, pass_level
from evalkit.sources.simulation.careers.spells import INTRODUCTORY
from evalkit.sources.simulation.expectations import Expectations
from evalkit.sources.simulation.homes import Homes
from evalkit.sources.simulation.magnitudes import magnitudes
from evalkit.sources.simulation.settings import SimulationSettings, SiteSettings
from evalkit.sources.simulation.streams import stream
from evalkit.vocabulary import term_of

COURSES = {
    1: (("SVE", "SVESVE01", 100), ("ENG", "ENGENG05", 100), ("MAT", "MATMAT01", 100), ("IDR", "IDRIDR01", 100)),
    2: (("SVE", "SVESVE02", 100), ("ENG", "ENGENG06", 100), ("MAT", "MATMAT02", 100), ("REL", "RELREL01", 50)),
    3: (("SVE", "SVESVE03", 100), ("SAM", "SAMSAM01", 100), ("HIS", "HISHIS01", 100), ("GYAR", "GYARB", 100)),
}
"""By year of study: subject, course code, points. What the whole class reads, on every national programme."""
DAYS_BEFORE_END = 4
EASIER = 0.35
"""Level of courses against year 9: pupils read what they chose."""


def draw_courses(
    years: tuple[Expectations, ...], homes: Homes, settings: SimulationSettings, site: SiteSettings
) -> pd.DataFrame:
    """Return one row a grade at national programmes: as `outcomes.draw_grades`, with course and points."""
    parts = [
        _year(year, homes, stream(settings.seed, site.id, f"courses {label}"))
        for label, year in zip(settings.school_years, years, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


def _year(year: Expectations, homes: Homes, rng: np.random.Generator) -> pd.DataFrame:
    place = len(year.days) - 1 - DAYS_BEFORE_END
    stays = year.stays
    national = (stays["school_type"] == "GY") & ~stays["programme"].isin(INTRODUCTORY)
    parts = []
    for group, courses in COURSES.items():
        row = np.flatnonzero(national.to_numpy() & (stays["year_group"].to_numpy() == group) & year.enrolled[:, place])
        letters, without = _letters(year, row, homes, len(courses), rng)
        letters = np.where(without, NO_BASIS, letters)
        subject, code, points = (list(values) for values in zip(*courses, strict=True))
        count = len(row)
        parts.append(
            pd.DataFrame(
                {
                    "person": np.repeat(stays["person"].to_numpy()[row], len(courses)),
                    "school": np.repeat(stays["school"].to_numpy()[row], len(courses)),
                    "subject": np.tile(np.array(subject, dtype=object), count),
                    "grade": np.array(LETTERS, dtype=object)[letters.ravel()],
                    "term": term_of(year.days[place]).label,
                    "day": year.days[place].toordinal(),
                    "final": True,
                    "course": np.tile(np.array(code, dtype=object), count),
                    "points": np.tile(np.array(points), count),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _letters(
    year: Expectations, row: Integers, homes: Homes, courses: int, rng: np.random.Generator
) -> tuple[Integers, Flags]:
    table, terms = magnitudes()["attainment"], magnitudes()["grades"]
    own = homes.only(year.stays["person"].to_numpy()[row])
    absence = _absence(year, row)
    level = pass_level(Background(absence, own.education, own.woman, own.late, own.ability)) + EASIER
    latent = level[:, None] + table["subject_spread"] * rng.standard_normal((len(row), courses))
    without = (absence > terms["no_basis_from_absence"])[:, None] & (rng.random(latent.shape) < terms["no_basis_share"])
    return graded(latent, own.woman), without


def _absence(year: Expectations, row: Integers) -> Floats:
    days = year.enrolled[row].sum(axis=1).clip(min=1)
    return np.asarray(np.where(year.enrolled[row], year.absence[row], 0).sum(axis=1, dtype=np.float64) / days)

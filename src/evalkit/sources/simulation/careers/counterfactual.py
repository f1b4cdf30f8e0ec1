"""What careers would have been with other absence: the same persons, the same chance, one thing changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from evalkit.sources.simulation.arrays import Flags, Floats, Integers
from evalkit.sources.simulation.careers.attainment import Background, draw_grades
from evalkit.sources.simulation.careers.fates import INTRODUCTORY_KIND, examen_chance
from evalkit.sources.simulation.careers.spells import programme_kind
from evalkit.sources.simulation.magnitudes import magnitudes
from evalkit.sources.simulation.streams import stream

FEWER = 0.05
"""How much lower absence is in the counterfactual, as a share of offered time; never below nothing."""
BANDS = ((0.0, 0.10), (0.10, 0.20), (0.20, 0.30), (0.30, 1.01))
PLANTED = ("attainment", "upper_secondary", "coursework", "programmes", "study_allowance", "persistence", "valid_share")


def planted_parameters() -> dict[str, Any]:
    """Return the parameters behind grades, eligibility and completion."""
    return {name: magnitudes()[name] for name in PLANTED}


def eligibility_truth(background: Background, autumn: int, seed: int, site: str) -> dict[str, Any]:
    """Return shares of eligible persons as things are, and with five percentage points less absence.

    The same chance is used for both, so that their difference is the effect of absence and of nothing else. The
    difference between bands of absence, which anyone can tabulate, also holds what goes along with absence.
    """
    less = replace(background, absence=np.maximum(background.absence - FEWER, 0.0))
    eligible, otherwise = (
        draw_grades(each, autumn, stream(seed, site, "counterfactual grades")).eligible for each in (background, less)
    )
    return {
        "eligible": _share(eligible),
        "eligible_with_five_points_less_absence": _share(otherwise),
        "by_absence": {
            f"{low:.0%}-{min(high, 1.0):.0%}": _share(
                eligible[(background.absence >= low) & (background.absence < high)]
            )
            for low, high in BANDS
        },
        "by_guardians_education": {
            name: _share(eligible[background.education == level])
            for level, name in enumerate(("compulsory", "upper_secondary", "post_secondary"))
        },
    }


def completion_truth(programme: Integers, background: Background, absence: Floats, abroad: Flags) -> dict[str, Any]:
    """Return mean chances of an examen within five years at national programmes, as is and with less absence."""
    kind = programme_kind(programme)
    national = kind != INTRODUCTORY_KIND
    chance = examen_chance(kind, background, absence, abroad)
    otherwise = examen_chance(kind, background, np.maximum(absence - FEWER, 0.0), abroad)
    return {
        "examen_within_five_years": _mean(chance[national]),
        "examen_with_five_points_less_absence": _mean(otherwise[national]),
        "vocational": _mean(chance[kind == 1]),
        "preparatory": _mean(chance[kind == 2]),
    }


def _share(flags: Flags) -> float | None:
    return _mean(flags.astype(np.float64))


def _mean(values: Floats) -> float | None:
    return round(float(values.mean()), 5) if len(values) else None

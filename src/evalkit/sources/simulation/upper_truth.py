"""The truth of year 9, of upper secondary school, and of what dialogue forums did to grades."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import Flags
from evalkit.sources.simulation.careers.allowance import allowance_chance
from evalkit.sources.simulation.careers.attainment import pass_level
from evalkit.sources.simulation.careers.counterfactual import (
    completion_truth,
    eligibility_truth,
    planted_parameters,
)
from evalkit.sources.simulation.careers.fates import FATES
from evalkit.sources.simulation.careers.households import SWEDEN
from evalkit.sources.simulation.careers.spells import PROGRAMMES
from evalkit.sources.simulation.expectations import Expectations
from evalkit.sources.simulation.magnitudes import absence_quantile
from evalkit.sources.simulation.outcomes import draw_grades, final_grades
from evalkit.sources.simulation.settings import SimulationSettings
from evalkit.sources.simulation.site_draw import SiteDraw
from evalkit.sources.simulation.streams import stream
from evalkit.sources.simulation.upper_secondary import background_of
from evalkit.vocabulary import school_year


def careers_truth(settings: SimulationSettings, draw: SiteDraw) -> dict[str, Any]:
    """Return what was planted in grades, eligibility and completion, what it came to, and what else could have been."""
    person, _, grades = final_grades(_compulsory(draw), draw.homes)
    latest = school_year(settings.school_years[-1]).start.year
    truth: dict[str, Any] = {
        "parameters": planted_parameters(),
        "year_9": {
            "finished": len(person),
            "eligible_by_their_grades": _share(grades.eligible),
            **eligibility_truth(
                background_of(draw.homes.only(person), draw.traits.score[person]), latest, settings.seed, draw.site.id
            ),
        },
        "forum_on_eligibility": _forum_on_eligibility(settings, draw),
    }
    return truth | ({"upper_secondary": _upper(draw)} if draw.upper else {})


def ninth_table(draw: SiteDraw) -> pd.DataFrame:
    """Return one row a pupil with final grades of year 9: what decided them, and whether they opened programmes."""
    person, autumn, grades = final_grades(_compulsory(draw), draw.homes)
    homes = draw.homes.only(person)
    background = background_of(homes, draw.traits.score[person])
    return pd.DataFrame(
        {
            "personnummer": np.array(draw.people.civic, dtype=object)[person],
            "autumn": autumn,
            "absence": background.absence.round(6),
            "ability": homes.ability.round(4),
            "guardians_education": homes.education,
            "late": homes.late,
            "pass_level": pass_level(background).round(4),
            "eligible": grades.eligible,
            "merit": grades.merit,
        }
    )


def beginners_table(draw: SiteDraw) -> pd.DataFrame:
    """Return one row a person admitted to upper secondary school: chances, and how it goes, seen or not yet."""
    if draw.upper is None:
        return pd.DataFrame()
    found = draw.upper.beginners
    absence = absence_quantile("GY", draw.traits.upper[found.person, 0])
    return pd.DataFrame(
        {
            "personnummer": np.array(draw.people.civic, dtype=object)[found.person],
            "autumn": found.autumn,
            "programme": np.array(PROGRAMMES, dtype=object)[found.programme],
            "begins": found.begins,
            "absence": absence.round(6),
            "chance_of_examen": found.fates.chance.round(6),
            "chance_of_withdrawn_allowance": allowance_chance(absence, draw.homes.woman[found.person]).round(6),
            "outcome": np.array(FATES, dtype=object)[found.outcome],
            "school_years": found.school_years,
        }
    )


def _compulsory(draw: SiteDraw) -> pd.DataFrame:
    return draw.grades if "course" not in draw.grades else draw.grades[draw.grades["course"].isna()]


def _upper(draw: SiteDraw) -> dict[str, Any]:
    if draw.upper is None:
        return {}
    found = draw.upper.beginners
    homes = draw.homes.only(found.person)
    absence = absence_quantile("GY", draw.traits.upper[found.person, 0])
    background = background_of(homes, draw.traits.score[found.person])
    return {
        "beginners": {
            int(autumn): int(found.begins[found.autumn == autumn].sum()) for autumn in np.unique(found.autumn)
        },
        "did_not_show_up": int((~found.begins).sum()),
        "outcomes": {name: int((found.outcome[found.begins] == place).sum()) for place, name in enumerate(FATES)},
        "study_allowance_withdrawn": round(float(allowance_chance(absence, homes.woman)[found.begins].mean()), 5),
        **completion_truth(found.programme, background, absence, homes.region != SWEDEN),
    }


def _forum_on_eligibility(settings: SimulationSettings, draw: SiteDraw) -> dict[str, Any] | None:
    """Return how many more became eligible at the school with forums: the same chance, with and without forums."""
    if draw.site.forum is None:
        return None
    with_forums: list[pd.DataFrame] = []
    without: list[pd.DataFrame] = []
    for label, year in zip(settings.school_years, draw.years, strict=True):
        for tables, each in ((with_forums, year), (without, replace(year, absence=year.without_forums))):
            lower = _only_lower(each)
            tables.append(draw_grades(lower, draw.homes, stream(settings.seed, draw.site.id, f"grades {label}")))
    school = draw.schools[0].number
    first = draw.site.forum.dates[0].toordinal()
    shares = []
    for tables in (with_forums, without):
        grades = pd.concat(tables, ignore_index=True)
        grades = grades[(grades["school"] == school) & (grades["day"] >= first)]
        shares.append(_share(final_grades(grades, draw.homes)[2].eligible))
    return {"school_id": draw.schools[0].code, "eligible": shares[0], "eligible_without_forums": shares[1]}


def _only_lower(year: Expectations) -> Expectations:
    chosen = (year.stays["school_type"] == "GR").to_numpy()
    return replace(
        year,
        stays=year.stays[chosen].reset_index(drop=True),
        enrolled=year.enrolled[chosen],
        absence=year.absence[chosen],
        without_forums=year.without_forums[chosen],
        without_support=year.without_support[chosen],
        swing=year.swing[chosen],
    )


def _share(flags: Flags) -> float | None:
    return round(float(flags.mean()), 5) if len(flags) else None

"""Make what the project knows of itself: the staff survey before and after, and how far the model is in use."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from evalkit.sources.simulation.adults.catalogue import adult_magnitudes
from evalkit.sources.simulation.adults.columns import code_column, day_column, number_column, same
from evalkit.sources.simulation.adults.settings import AdultSettings, AdultSite
from evalkit.sources.simulation.text import joined, numbered, picked

WAVES = ("före", "efter")
STEPS = ("none", "planned", "pilot", "partial", "full")
MONTHS_A_YEAR = 12
FEWEST_DAYS_FOR_DECISION, MOST_DAYS_FOR_DECISION = 14, 120


def project_tables(settings: AdultSettings, site: AdultSite, rng: np.random.Generator) -> dict[str, pa.Table]:
    """Return the canonical tables ``staff_survey`` and ``implementation`` of a site."""
    return {"staff_survey": _staff_survey(settings, site, rng), "implementation": _implementation(settings, site, rng)}


def _staff_survey(settings: AdultSettings, site: AdultSite, rng: np.random.Generator) -> pa.Table:
    told = adult_magnitudes()["staff"]
    units, items = tuple(told["units"]), told["items"]
    unit = np.repeat(np.arange(len(units)), list(told["units"].values()))
    staff = len(unit)
    level, hours = 0.5 * rng.standard_normal(staff), np.round(rng.gamma(2.0, told["training"] / 2, staff), 0)
    stays = rng.random((len(WAVES), staff)) < told["both_waves"]
    stays[0] |= ~stays[1]
    wave, who = np.nonzero(stays)
    at, item = np.repeat(np.arange(len(who)), len(items)), np.tile(np.arange(len(items)), len(who))
    gained = (told["rise"] + told["per_ten_hours"] * hours / 10)[who] * wave
    answer = told["mean"] + level[who] + gained
    answers = np.clip(np.round(answer[at] + 0.7 * rng.standard_normal(len(at))), 1, 5).astype(np.int64)
    asked = np.array([site.project_start.toordinal() - 14, settings.end.toordinal() - 60])
    return pa.table(
        {
            "respondent_id": joined("P", site.municipality, numbered(who[at] + 1)),
            "wave": picked(WAVES, wave[at]),
            "date": day_column(asked[wave][at] + rng.integers(0, 14, len(at))),
            "unit": picked(units, unit[who][at]),
            "item": picked(items, item),
            "answer": number_column(answers, rng.random(len(at)) > told["answered"]),
            "training_hours": number_column((hours[who] * wave)[at]),
        }
    )


def _implementation(settings: AdultSettings, site: AdultSite, rng: np.random.Generator) -> pa.Table:
    """Return each component's step at every follow-up; a component never takes a step back."""
    told = adult_magnitudes()["implementation"]
    components, begin = told["components"], site.project_start
    days = []
    for step in range(0, 10 * MONTHS_A_YEAR, told["step_months"]):
        month = begin.month - 1 + step
        day = date(begin.year + month // MONTHS_A_YEAR, month % MONTHS_A_YEAR + 1, 1)
        if day < settings.end:
            days.append(day.toordinal())
    advances = rng.random((len(days), len(components))) < told["advance"]
    advances[0] = True
    steps = np.minimum(np.cumsum(advances, axis=0), len(STEPS) - 1)
    asked, component = np.repeat(days, len(components)), np.tile(np.arange(len(components)), len(days))
    firm = steps.ravel() >= STEPS.index("partial")
    before = rng.integers(FEWEST_DAYS_FOR_DECISION, MOST_DAYS_FOR_DECISION, len(components))
    # The decision is taken once, before the follow-up that first finds the component partly in use.
    place = np.argmax(steps >= STEPS.index("partial"), axis=0)
    decided = np.array(days)[place] - before
    return pa.table(
        {
            "municipality": same(site.municipality, len(asked)),
            "component": code_column(components, component),
            "date": day_column(asked),
            "step": picked(STEPS, steps.ravel()),
            "decision_date": day_column(np.where(firm, decided[component], 0)),
        }
    )

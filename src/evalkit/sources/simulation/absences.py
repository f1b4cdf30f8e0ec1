"""Draw absences reported beforehand: an illness told in the morning, a leave granted earlier."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.sources.simulation.arrays import States
from evalkit.sources.simulation.expectations import Expectations
from evalkit.sources.simulation.magnitudes import magnitudes
from evalkit.sources.simulation.presence import VALID

REPORTED, GRANTED = "Anmäld frånvaro", "Beviljad ledighet"


def draw_reported(year: Expectations, states: States, rng: np.random.Generator) -> pd.DataFrame:
    """Return the reported absences of a school year; whole days of valid absence, most of them reported.

    Parameters
    ----------
    states
        Shape (stays, days), as `presence.draw_days` returns them.

    Returns
    -------
    DataFrame
        person, school, start, end (ordinals, half-open), registered (ordinal), kind.
    """
    table = magnitudes()["reported_absence"]
    away = np.zeros((len(states), len(year.days) + 2), dtype=np.int8)
    away[:, 1:-1] = (states == VALID) & year.enrolled
    change = np.diff(away, axis=1)
    stay, first = np.nonzero(change == 1)
    _, after = np.nonzero(change == -1)
    ordinals = np.array([day.toordinal() for day in year.days])
    draw, early = rng.random(len(stay)), rng.integers(7, 40, len(stay))
    kept = draw < table["illness"] + table["leave"]
    granted = draw >= table["illness"]
    start = ordinals[first]
    frame = pd.DataFrame(
        {
            "person": year.stays["person"].to_numpy()[stay],
            "school": year.stays["school"].to_numpy()[stay],
            "start": start,
            "end": ordinals[after - 1] + 1,
            "registered": np.where(granted, start - early, start),
            "kind": np.where(granted, GRANTED, REPORTED),
        }
    )
    reported: pd.DataFrame = frame[kept].sort_values(["start", "person"], kind="stable", ignore_index=True)
    return reported

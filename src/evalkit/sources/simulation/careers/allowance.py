"""Study allowance that is withdrawn for invalid absence from upper secondary school."""

from __future__ import annotations

import numpy as np

from evalkit.sources.simulation.arrays import Flags, Floats
from evalkit.sources.simulation.magnitudes import magnitudes


def allowance_chance(absence: Floats, woman: Flags, stage: str = "GY") -> Floats:
    """Return the chance that a pupil's study allowance is withdrawn within a school year.

    The rule is more than four hours of invalid absence in a month, reported by the school; schools report repeated
    absence, so the chance follows the long-run share of invalid absence.

    Parameters
    ----------
    absence
        Long-run share of absence.
    woman
        Legal sex.
    stage
        Whose share of valid absence applies.
    """
    table = magnitudes()["study_allowance"]
    invalid = absence * (1 - magnitudes()["valid_share"]["stages"][stage])
    odds = table["level"] + table["invalid"] * invalid + table["girl"] * woman
    return np.asarray(1 / (1 + np.exp(-odds)))

"""Which simulator a study file asks for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalkit.sources.simulation.adults import adult_settings_from, simulate_adults
from evalkit.sources.simulation.folder import SimulationSummary
from evalkit.sources.simulation.run import simulate
from evalkit.sources.simulation.told import settings_from

ADULTS = "adults"


def simulate_study(mapping: Mapping[str, Any], seed: int, out: Path) -> SimulationSummary:
    """Write the exports of a study's sites and the truth beside them.

    Parameters
    ----------
    mapping
        What the study file says under ``simulation``; ``kind: adults`` asks for Komvux and SFI, otherwise schools.
    seed
        Every random number follows from it.
    out
        Folder to write; one that an earlier simulation wrote is replaced as a whole.

    Raises
    ------
    InputError
        If the settings cannot be met, or the folder holds anything but an earlier simulation.
    """
    if mapping.get("kind") == ADULTS:
        return simulate_adults(adult_settings_from(mapping, seed), out)
    return simulate(settings_from(mapping, seed), out)

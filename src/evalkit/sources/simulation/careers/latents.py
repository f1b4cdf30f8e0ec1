"""Draw what lies behind absence, connectedness and grades: normal scores that persist from stage to stage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.sources.simulation.arrays import Flags, Floats, Integers, Shares
from evalkit.sources.simulation.magnitudes import absence_quantile, magnitudes, normal_ranks

EARLY, MIDDLE, LOWER, UPPER = range(4)
SKEWNESS_LOSS = 0.82
"""Correlation of a pupil's long-run absence with its normal score: less than 1, for absence is skewed."""


@dataclass(frozen=True, eq=False)
class Latents:
    """Latent traits of persons.

    Parameters
    ----------
    absence
        Shape (persons, 4): normal scores of absence in years F-3, 4-6, 7-9 and upper secondary.
    connectedness
        Shape (persons, 4): behavioural, academic, affective and cognitive, standard normal.
    ability
        Shape (persons,): standard normal, what school work comes easily.
    """

    absence: Shares
    connectedness: Shares
    ability: Shares

    def share(self, stage: str, chosen: Flags | Integers) -> Floats:
        """Return the long-run share of absence of the persons chosen, were they at a stage."""
        column = {"F-3": EARLY, "4-6": MIDDLE, "7": LOWER, "8": LOWER, "9": LOWER}.get(stage, UPPER)
        return absence_quantile(stage, normal_ranks(self.absence[chosen, column].astype(np.float64)))


def draw_latents(count: int, rng: np.random.Generator) -> Latents:
    """Return latent traits of so many persons."""
    table = magnitudes()["persistence"]
    absence = rng.standard_normal((count, 4), dtype=np.float32)
    rest = np.float32(np.sqrt(1 - table["next_stage"] ** 2))
    for stage in range(1, 4):
        absence[:, stage] = table["next_stage"] * absence[:, stage - 1] + rest * absence[:, stage]
    return Latents(
        absence=absence,
        connectedness=dimensions_of(absence[:, LOWER], rng),
        ability=rng.standard_normal(count, dtype=np.float32),
    )


def dimensions_of(score: Shares, rng: np.random.Generator) -> Shares:
    """Return four dimensions of connectedness, each correlating with absence as told, and with one another."""
    table = magnitudes()["persistence"]
    link = table["connectedness"] / SKEWNESS_LOSS
    common = rng.standard_normal(len(score), dtype=np.float32)
    own = rng.standard_normal((len(score), 4), dtype=np.float32)
    share = table["dimension_common"]
    mixed = np.sqrt(share) * common[:, None] + np.sqrt(1 - share) * own
    return np.asarray(link * score[:, None] + np.sqrt(1 - link**2) * mixed).astype(np.float32)


def ranked_within(score: Floats | Shares) -> Floats:
    """Return each score's rank within the group, between 0 and 1: a group selected for absence keeps its table."""
    places = np.empty(len(score))
    places[np.argsort(score, kind="stable")] = np.arange(len(score))
    return (places + 0.5) / max(len(score), 1)

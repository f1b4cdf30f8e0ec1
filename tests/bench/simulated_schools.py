"""School sums of made-up studies, drawn at the level of classes: for validation and speed, without any pupil."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.values import SchoolSums

LABELS = tuple(enumerate(("HT2021", "VT2022", "HT2022", "VT2023", "HT2023", "VT2024", "HT2024", "VT2025")))
PLACES = (("ale", "1440", 4), ("molndal", "1481", 7), ("lerum", "1441", 4), ("goteborg", "1480", 15))
STARTS = (4, 5)
CLASS = 25
LIKENESS = 0.8


@dataclass(frozen=True)
class Scenario:
    """One made-up world; spreads are in units of a person's standard deviation, squared.

    ``treated`` is small, middle, large or equal (all schools alike); ``tails`` normal or heavy (t with 3 degrees of
    freedom, between schools); ``place_spread`` is shared in a municipality; ``known`` tells whether classes are known.
    """

    treated: str = "equal"
    class_correlation: float = 0.0
    school_spread: float = 0.01
    tails: str = "normal"
    place_spread: float = 0.0
    known: bool = True
    one_treated: bool = False


def sizes(scenario: Scenario) -> tuple[pd.DataFrame, list[int]]:
    """Return schools with their pupils, tenfold different within each municipality, and which are treated."""
    rows = []
    for site, municipality, count in PLACES:
        pupils = [150] * count if scenario.treated == "equal" else np.round(np.geomspace(40, 400, count)).astype(int)
        rows += [(site, municipality, f"{site}-{number:02d}", int(n)) for number, n in enumerate(pupils)]
    schools = pd.DataFrame(rows, columns=["site", "municipality", "school", "pupils"])
    pair = {"equal": [0, 4], "small": [0, 4], "middle": [1, 7], "large": [3, 10]}[scenario.treated]
    return schools, pair[:1] if scenario.one_treated else pair


def draw(scenario: Scenario, generator: np.random.Generator, effect: float = 0.0) -> SchoolSums:
    """Draw one study; two starts' contrasts of a school are alike but not the same."""
    schools, treated = sizes(scenario)
    n = schools["pupils"].to_numpy()
    m = np.maximum(1, np.round(n / CLASS)).astype(int)
    rho, count = scenario.class_correlation, len(n)
    place = pd.factorize(schools["municipality"])[0]
    spread = np.sqrt(scenario.school_spread) * _alike(generator, count, scenario.tails)
    spread += np.sqrt(scenario.place_spread) * _alike(generator, len(PLACES), "normal")[place]
    rows, names = [], schools[["site", "municipality", "school"]].to_numpy().tolist()
    class_parts = np.sqrt(rho) * _alike(generator, int(m.sum()), "normal")
    offsets = np.concatenate([[0], np.cumsum(m)])
    for i in range(count):
        per_class = np.full(m[i], n[i] // m[i]) + (np.arange(m[i]) < n[i] % m[i])
        noise = np.sqrt((1 - rho) / per_class)[:, None] * _alike(generator, m[i], "normal")
        means = class_parts[offsets[i] : offsets[i + 1]] + noise
        inside = (1 - rho) * generator.chisquare(n[i] - m[i]) / (n[i] - m[i])
        for slot, start in enumerate(STARTS):
            mean = (per_class * means[:, slot]).sum() / n[i]
            between = (per_class * (means[:, slot] - mean) ** 2).sum()
            total = ((n[i] - m[i]) * inside + between) / (n[i] - 1)
            lift = effect * (1.0 if i == treated[min(slot, len(treated) - 1)] else 0.8) if i in treated else 0.0
            value = n[i] * (mean + spread[i, slot] + lift)
            rows.append((*names[i], start, n[i], m[i], value, total, inside if scenario.known else np.nan))
    return _sums(schools, treated, rows)


def _alike(generator: np.random.Generator, count: int, tails: str) -> np.ndarray:
    """Return (count, 2) draws of mean 0 and variance 1 with correlation ``LIKENESS``."""
    if tails == "heavy":
        first, second = (generator.standard_t(3, count) / np.sqrt(3) for _ in range(2))
    else:
        first, second = (generator.standard_normal(count) for _ in range(2))
    return np.stack([first, LIKENESS * first + np.sqrt(1 - LIKENESS**2) * second], axis=1)


def _sums(schools: pd.DataFrame, treated: list[int], rows: list[tuple[object, ...]]) -> SchoolSums:
    began = np.full(len(schools), np.nan)
    began[treated] = STARTS[: len(treated)]
    terms = schools.merge(pd.DataFrame({"time": [time for time, _ in LABELS]}), how="cross")
    columns = ["site", "municipality", "school", "start", "pupils", "classes", "contrast_sum"]
    contrasts = pd.DataFrame(rows, columns=[*columns, "variance_within_school", "variance_within_class"])
    return SchoolSums(
        outcome="attendance_rate",
        unit="points",
        schools=schools.assign(treated_from=began),
        terms=terms.assign(outcome_sum=0.0),
        contrasts=contrasts,
        labels=LABELS,
    )

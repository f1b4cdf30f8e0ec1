"""Size and power of every test of `few_treated_effect`, by simulation on the study's 30 schools.

Run as ``python tests/bench/validate_few_treated.py [--replications 400] [--processes 2] [--out FILE.csv]``. Scenarios
already in the file are not run again. Power is at the effect that a test knowing all variances finds in 8 of 10.
"""

from __future__ import annotations

import argparse
import itertools
import time
import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, fields
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm, t
from simulated_schools import Scenario, draw

from evalkit.models.assignments import variance_parts
from evalkit.models.permutation import count_extreme, unite
from evalkit.models.school_analysis import SchoolAnalysis, analyse, headline_interval
from evalkit.models.school_design import SchoolDesign, read_design
from evalkit.values import Segment

LEVEL = 0.95
SEED = 20_260_215
TREATED = ("equal", "small", "middle", "large")
CORRELATIONS = (0.0, 0.03, 0.06, 0.10)
SPREADS = (0.002, 0.02)


def grid() -> list[Scenario]:
    """Return the scenarios: the full grid, and one departure at a time."""
    base = [
        Scenario(treated, rho, spread) for treated, rho, spread in itertools.product(TREATED, CORRELATIONS, SPREADS)
    ]
    pairs = list(itertools.product(TREATED, SPREADS))
    heavy = [Scenario(treated, 0.03, spread, tails="heavy") for treated, spread in pairs]
    places = [Scenario(treated, 0.03, spread, place_spread=0.02) for treated, spread in pairs]
    single = [Scenario(treated, 0.03, spread, one_treated=True) for treated, spread in pairs]
    unknown = [Scenario(treated, rho, 0.02, known=False) for treated, rho in itertools.product(TREATED, CORRELATIONS)]
    return base + heavy + places + single + unknown


def judge(scenario: Scenario, generator: np.random.Generator) -> dict[str, float]:
    """Draw one study without effect and tell which tests reject 0, and which would find the oracle's effect."""
    analyses = analyse(read_design(draw(scenario, generator)))
    one = analyses[0]
    design = one.design
    known = true_deviation(one, scenario)
    aim = (norm.ppf(1 - (1 - LEVEL) / 2) + norm.ppf(0.8)) * known
    headline = headline_interval(analyses, LEVEL)
    model = unite(tuple(each.model_interval(LEVEL) for each in analyses))
    plain = count_extreme(one.effect, np.ones_like(one.effect)).p
    edge = norm.ppf((1 + LEVEL) / 2) * known
    return {
        "headline": outside(0.0, headline),
        "model": outside(0.0, model),
        "plain_permutation": float(plain <= 1 - LEVEL),
        "stratified_permutation": float(one.stratified.p <= 1 - LEVEL),
        "cluster_robust": cluster_robust(design),
        "power_oracle": float(abs(one.effect[0] + aim) > edge),
        "power_headline": outside(-aim, headline),
        "power_model": outside(-aim, model),
    }


def outside(value: float, interval: tuple[Segment, ...]) -> float:
    """Return 1 if no segment holds the value."""
    return float(not any(segment.low <= value <= segment.high for segment in interval))


def true_deviation(analysis: SchoolAnalysis, scenario: Scenario) -> float:
    """Return the standard deviation of the observed difference, from what the scenario says."""
    design, rho = analysis.design, scenario.class_correlation
    variance = rho / design.classes + (1 - rho) / design.pupils
    slope, base = variance_parts(analysis.weights[:1], variance)
    return float(np.sqrt(slope[0] * scenario.school_spread + base[0]))


def cluster_robust(design: SchoolDesign) -> float:
    """Return 1 if the usual cluster-robust t test of treated against untreated schools rejects."""
    slot = int(design.slots[0])
    value, size = design.contrast[:, slot], design.pupils[:, slot]
    variance, means = 0.0, []
    for group in (~design.untreated, design.untreated):
        share = size[group] / size[group].sum()
        mean = float(share @ value[group])
        variance += float((share**2 * (value[group] - mean) ** 2).sum())
        means.append(mean)
    schools = len(value)
    error = np.sqrt(variance * schools / (schools - 1))
    return float(abs(means[0] - means[1]) > t.ppf((1 + LEVEL) / 2, schools - 1) * error)


def run(scenario: Scenario, replications: int) -> dict[str, object]:
    """Carry out one scenario."""
    generator = np.random.default_rng([SEED, zlib.crc32(repr(astuple(scenario)).encode())])
    begun = time.perf_counter()
    found = pd.DataFrame([judge(scenario, generator) for _ in range(replications)]).mean()
    facts = dict(zip([field.name for field in fields(scenario)], astuple(scenario), strict=True))
    seconds = round(time.perf_counter() - begun, 1)
    return {**facts, "replications": replications, **found.round(4).to_dict(), "seconds": seconds}


def main() -> None:
    """Run what is not in the file yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=400)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    chosen = parser.parse_args()
    names = [field.name for field in fields(Scenario)]
    table = pd.read_csv(chosen.out) if chosen.out.exists() else pd.DataFrame()
    done = {tuple(row) for row in table[names].itertuples(index=False)} if len(table) else set()
    left = [scenario for scenario in grid() if astuple(scenario) not in done]
    with ProcessPoolExecutor(chosen.processes) as pool:
        for row in pool.map(partial(run, replications=chosen.replications), left):
            table = pd.concat([table, pd.DataFrame([row])], ignore_index=True)
            table.to_csv(chosen.out, index=False)
    print(table.to_string())


if __name__ == "__main__":
    main()

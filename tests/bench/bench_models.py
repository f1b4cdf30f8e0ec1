"""Run times of the permutation test and of the two-way within regression.

Run as ``python tests/bench/bench_models.py [--units 100000]``; prints one line a task: best of the repeats, in seconds.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from simulated_schools import Scenario, draw

from evalkit.models import detectable_effect, event_study, few_treated_effect, within_effect
from evalkit.models.cluster_covariance import bias_reduced
from evalkit.models.school_analysis import analyse, headline_interval
from evalkit.models.school_design import read_design
from evalkit.models.two_way import fit_two_way
from evalkit.values import Panel

TERMS, SCHOOLS = 10, 60


def best(task: Callable[[], object], repeats: int = 3) -> float:
    """Return the shortest time of a few."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        task()
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> None:
    """Time each task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=100_000)
    units = parser.parse_args().units
    generator = np.random.default_rng(1)
    sums = draw(Scenario("small", 0.05, 0.02), generator)
    unit, term = np.repeat(np.arange(units), TERMS), np.tile(np.arange(TERMS), units)
    x = generator.normal(size=(units * TERMS, 1))
    y = 0.1 * x[:, 0] + generator.normal(size=units * TERMS)
    school = unit % SCHOOLS

    def within() -> object:
        fit = fit_two_way(y, x, unit, term, school)
        return bias_reduced(fit.cross, fit.scores, np.eye(TERMS)[0])

    frame = pd.DataFrame({"unit": unit, "term": term, "school": school, "x": x[:, 0], "y": y})[: 10_000 * TERMS]
    panel = Panel(frame, "unit", "term", "school")
    tasks: dict[str, Callable[[], object]] = {
        "870 assignments, interval inverted": lambda: headline_interval(analyse(read_design(sums)), 0.95),
        "few_treated_effect, power included": lambda: few_treated_effect(sums),
        "event_study": lambda: event_study(sums),
        "detectable_effect, 5 treated": lambda: detectable_effect(sums, treated=5),
        f"two-way within, CR2 by school, {units} x {TERMS}": within,
        "within_effect through linearmodels, 10000 x 10": lambda: within_effect(panel, outcome="y", on="x"),
    }
    for name, task in tasks.items():
        print(f"{best(task):8.3f} s  {name}")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:8.2f} GB at most")


if __name__ == "__main__":
    main()

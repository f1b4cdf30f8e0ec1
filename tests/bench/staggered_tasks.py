"""Staggered effects on a large panel, for ``bench_models.py``.

Run as ``python tests/bench/staggered_tasks.py [--units 200000]``; prints seconds and the most memory held.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np

from evalkit.models.staggered import aggregate, arrange, group_time_effects, uniform_quantile

TERMS, SCHOOLS = 10, 100


def staggered_tasks(units: int) -> dict[str, Callable[[], object]]:
    """Return tasks by name: units in 100 schools, half of them treated from one of 9 terms, 10 terms each."""
    generator = np.random.default_rng(1)
    unit, term = np.repeat(np.arange(units), TERMS), np.tile(np.arange(TERMS), units)
    school = np.arange(units) % SCHOOLS
    start = np.where(school % 2 == 0, 1.0 + (school // 2) % (TERMS - 1), np.nan)
    outcome = generator.normal(size=units)[unit] + 0.1 * (term >= start[unit]) + generator.normal(size=units * TERMS)

    def dynamic() -> np.ndarray:
        laid_out = arrange(unit, term, outcome, start, school)
        found = aggregate(group_time_effects(laid_out), "dynamic")
        return np.stack([point.influence for point in found.points])

    return {
        f"group-time effects, dynamic, {units} x {TERMS}": dynamic,
        "the same with 999 draws by school": lambda: uniform_quantile(dynamic(), level=0.95, seed=1),
    }


def main() -> None:
    """Time each task once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=200_000)
    tasks = staggered_tasks(parser.parse_args().units)
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:8.2f} GB before")
    for name, task in tasks.items():
        begun = time.perf_counter()
        task()
        print(f"{time.perf_counter() - begun:8.3f} s  {name}")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:8.2f} GB at most")


if __name__ == "__main__":
    main()

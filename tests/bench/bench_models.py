"""Run times of the models as ratios within one run: to plain numpy, and to the fastest library that does the same.

Run as ``python tests/bench/bench_models.py [--units 1000000] [--terms 10] [--peers FOLDER] [--without-peers]``. Every
task runs in a process of its own on the same Parquet file; rivals run in an environment of their own, made from
``peers.txt`` where there is none. Bars: faster than the fastest library, and at most twice the plain floor.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from plain_floors import permutation

from evalkit.models import detectable_effect, event_study, few_treated_effect
from evalkit.models.school_analysis import analyse, headline_interval
from evalkit.models.school_design import read_design
from evalkit.values import SchoolSums

HERE = Path(__file__).parent
PEERS = HERE.parents[1] / ".evalkit" / "peers"
SCHOOLS = 100
REPEATS = 3
WITHIN, LONGEST = 2.0, 1.0
ALIKE = 1e-6

ROUNDS = (
    ("two-way within, clustered", "floor_two_way", "evalkit_two_way", ("pyfixest_two_way", "linearmodels_two_way")),
    (
        "group-time effects, dynamic",
        "floor_group_time",
        "evalkit_group_time",
        ("diff_diff_group_time", "moderndid_group_time"),
    ),
    ("the same with 999 draws by school", "floor_band", "evalkit_band", ("diff_diff_band", "moderndid_band")),
)


@dataclass(frozen=True)
class Timed:
    """Best seconds, most gigabytes and the first numbers of the answer."""

    seconds: float
    gigabytes: float
    answer: tuple[float, ...]


def make_panel(units: int, terms: int) -> pd.DataFrame:
    """Return units in 100 schools, half of which are treated from one of the later terms on."""
    generator = np.random.default_rng(1)
    unit, term = np.repeat(np.arange(units), terms), np.tile(np.arange(terms), units)
    school = unit % SCHOOLS
    start = np.where(school % 2 == 0, 1 + (school // 2) % (terms - 1), 0)
    x = generator.normal(size=units * terms)
    treated = (start > 0) & (term >= start)
    return pd.DataFrame(
        {
            "unit": unit,
            "time": term,
            "school": school,
            "start": start,
            "x": x,
            "y": 0.1 * x + generator.normal(size=units * terms),
            "outcome": generator.normal(size=units)[unit] + 0.1 * treated + generator.normal(size=units * terms),
        }
    )


def make_sums(schools: int = 30, terms: int = 8, start: int = 4) -> SchoolSums:
    """Return sums of 30 schools of one municipality, two of them treated from the same term: 435 assignments."""
    generator = np.random.default_rng(1)
    keys = pd.DataFrame(
        {"school": [f"s{number:02d}" for number in range(schools)], "municipality": "1480", "site": "a"}
    )
    began = np.where(np.arange(schools) < 2, float(start), np.nan)
    pupils = np.round(np.geomspace(40, 400, schools)).astype(int)
    mean = generator.normal(0, np.sqrt(0.01 + 1.0 / pupils))
    contrasts = keys.assign(
        start=start,
        pupils=pupils,
        classes=np.maximum(1, pupils // 25),
        contrast_sum=pupils * mean,
        variance_within_school=1.0,
        variance_within_class=1.0,
    )
    rows = keys.assign(pupils=pupils).merge(pd.DataFrame({"time": range(terms)}), how="cross")
    rows = rows.assign(outcome_sum=rows["pupils"] * generator.normal(size=len(rows)))
    labels = tuple((number, f"T{number}") for number in range(terms))
    return SchoolSums("attendance_rate", "points", keys.assign(treated_from=began), rows, contrasts, labels)


def ready(peers: Path) -> Path:
    """Return the Python that has the rivals, in an environment made where there is none."""
    python = peers / "bin" / "python"
    if not python.exists():
        venv.create(peers, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "-r", str(HERE / "peers.txt")], check=True)
    return python


def run(python: Path | str, task: str, data: Path, repeats: int) -> Timed | None:
    """Run one task; None where it fails."""
    command = [str(python), str(HERE / "bench_tasks.py"), task, str(data), str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{task} failed: {(done.stderr.strip().splitlines() or ['no word'])[-1]}")
        return None
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return Timed(told["seconds"], told["gigabytes"], tuple(told["answer"]))


def line(name: str, timed: Timed, floor: float, fastest: float | None, verdict: str = "") -> None:
    """Print one row."""
    to_fastest = f"{timed.seconds / fastest:8.2f}" if fastest else f"{'-':>8}"
    absolute = f"{timed.seconds:9.3f} s{timed.gigabytes:7.2f} GB"
    print(f"  {name:28s}{absolute}{timed.seconds / floor:9.2f}{to_fastest}  {verdict}".rstrip())


def compare(name: str, tasks: tuple[str, str, tuple[str, ...]], data: Path, peers: Path | None) -> None:
    """Run one round of the table, and tell whether both bars are passed and all give the same answer."""
    floor = run(sys.executable, tasks[0], data, REPEATS)
    own = run(sys.executable, tasks[1], data, REPEATS)
    rivals = {task: run(peers, task, data, 1) for task in tasks[2]} if peers else {}
    assert floor is not None, tasks[0]
    assert own is not None, tasks[1]
    times = [timed.seconds for timed in rivals.values() if timed is not None]
    fastest = min(times) if times else None
    print(f"{name:34s}{'seconds':>7}{'peak':>10}{'/ floor':>9}{'/ best':>8}")
    line("plain numpy", floor, floor.seconds, fastest)
    bars = [own.seconds <= WITHIN * floor.seconds] + ([own.seconds < fastest] if fastest else [])
    verdict = ("PASS" if all(bars) else "MISS") + ("" if fastest else " (no rival)")
    line("evalkit", own, floor.seconds, fastest, verdict)
    for task, timed in rivals.items():
        if timed is not None:
            same = np.allclose(timed.answer[:1], own.answer[:1], rtol=ALIKE)
            line(task, timed, floor.seconds, fastest, "" if same else "another answer")
    if not np.allclose(own.answer[:1], floor.answer[:1], rtol=ALIKE):
        print("  evalkit and the plain floor give different answers")


def best(task: Callable[[], object]) -> float:
    """Return the shortest time of a few."""
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        task()
        times.append(time.perf_counter() - begun)
    return min(times)


def permute() -> None:
    """Time the exact permutation from school sums, its interval included, and verbs built on it."""
    sums = make_sums()
    rows = sums.contrasts
    n = rows["pupils"].to_numpy(float)
    floor = best(lambda: permutation(rows["contrast_sum"].to_numpy(float) / n, n, 0.01 + 1.0 / n))
    own = best(lambda: headline_interval(analyse(read_design(sums)), 0.95))
    print("exact permutation of 435 assignments, from school sums; the bar is a second")
    print(f"  {'plain numpy, no interval':28s}{floor:9.3f} s")
    print(f"  {'evalkit, interval inverted':28s}{own:9.3f} s  {'PASS' if own < LONGEST else 'MISS'}")
    print("verbs as a whole, no bar")
    for verb in (few_treated_effect, event_study, detectable_effect):
        print(f"  {verb.__name__:28s}{best(lambda verb=verb: verb(sums)):9.3f} s")


def main() -> None:
    """Run the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--terms", type=int, default=10)
    parser.add_argument("--peers", type=Path, default=PEERS)
    parser.add_argument("--without-peers", action="store_true")
    chosen = parser.parse_args()
    peers = None if chosen.without_peers else ready(chosen.peers)
    print(f"{chosen.units} units x {chosen.terms} terms, {SCHOOLS} schools", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "panel.parquet"
        make_panel(chosen.units, chosen.terms).to_parquet(data)
        for name, *tasks in ROUNDS:
            compare(name, tuple(tasks), data, peers)
            sys.stdout.flush()
    print("hazard logit: not built yet")
    permute()


if __name__ == "__main__":
    main()

"""Rows per second and peak memory of the simulator writing lesson attendance to Parquet, by size.

Run as ``python tests/bench/bench_simulator.py [--rows 1000000 10000000 54000000]``. Each size is a process of its own
with one site; its peak memory is what the system says of that process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from evalkit.sources.simulation import settings_from, simulate

ROWS_A_PUPIL = 2_912
"""Lesson rows of a pupil at the start of each of four school years, 21 lessons a week."""
PUPILS_A_SCHOOL = 500


def measure(rows: int) -> dict[str, float]:
    pupils = max(9, rows // ROWS_A_PUPIL)
    site = {"name": "Stor", "municipality": "1480", "format": "parquet", "pupils": pupils}
    told = {"lessons_per_week": 21, "sites": {"stor": site | {"schools": max(1, pupils // PUPILS_A_SCHOOL)}}}
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        summary = simulate(settings_from(told, seed=1), Path(folder) / "data", workers=1)
        seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"rows": summary.sites[0].lesson_rows, "seconds": seconds, "processor": sum(os.times()[:2]), "peak": peak}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--child", type=int)
    told = parser.parse_args()
    if told.child:
        print(json.dumps(measure(told.child)))
        return
    print("| rows | seconds | processor seconds | rows per second | peak memory, GB |\n|---|---|---|---|---|")
    for rows in told.rows:
        command = [sys.executable, __file__, "--child", str(rows)]
        made = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(
            f"| {made['rows']:,} | {made['seconds']:.1f} | {made['processor']:.1f} | "
            f"{made['rows'] / made['seconds']:,.0f} | {made['peak']:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()

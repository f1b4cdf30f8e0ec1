"""Try thousands of bad inputs and tell what each class gave: a clear error, a reading, or anything else.

Run as ``python tests/bench/validate_bad_inputs.py [--seconds 150] [--seed 1]``. Every input is taken in by a child
process with limits of time and memory. A damaged file that is read is one whose form still is sound. Ends with 1 if
any gave what it may not: another error, a hang, a crash, a told
value, half a store.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from hostile_files import SECRET, Case, csv_cases, date_cases, fuzzed, packed_pages, place_cases, sound_bytes
from hostile_workbooks import workbook_cases
from hostile_worker import Worker

SIDE_BY_SIDE = 2
Outcomes = Counter[tuple[str, str]]


def judged(case: Case, worker: Worker, folder: Path) -> str:
    """Return ``error``, ``a reading`` or what else a case gave."""
    root = folder / "project"
    root.mkdir(parents=True)
    sources = case.make(root)
    told = {"root": str(root), "out": str(folder / "store" / "t"), "sources": sources, "secrets": [SECRET]}
    answer = worker.ask(told, seconds=60)
    shutil.rmtree(folder, ignore_errors=True)
    outcome = answer["outcome"]
    if answer["leaks"]:
        return f"OTHER: told a value ({case.name})"
    if outcome not in ("read", "refused") or case.expected not in (outcome, "either"):
        return f"OTHER: {outcome} {answer['told'][:60]} ({case.name})"
    if bool(answer["left"]) != (outcome == "read"):
        return f"OTHER: half a store ({case.name})"
    return "a reading" if outcome == "read" else "error"


def run(cases: Iterator[tuple[str, Case]], until: float, folder: Path) -> Outcomes:
    """Try cases until there are none, or the time is over."""
    found: Outcomes = Counter()
    with Worker() as worker:
        for number, (name, case) in enumerate(cases):
            if time.monotonic() > until:
                break
            found[name, judged(case, worker, folder / str(number))] += 1
    return found


def _named() -> Iterator[tuple[str, Case]]:
    for case in (*csv_cases(), *date_cases(), *place_cases(), *packed_pages(), *workbook_cases()):
        yield f"made: {case.kind}", case


def _fuzzed(seed: int, folder: Path) -> Iterator[tuple[str, Case]]:
    for case in fuzzed(sound_bytes(folder), random.Random(seed)):
        yield f"{case.name.split(':')[0]}: {case.kind}", case


def tell(line: str) -> None:
    """Write a line of the table."""
    sys.stdout.write(f"{line}\n")


def main() -> int:
    """Print the table; return the exit code."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=150)
    asked.add_argument("--seed", type=int, default=1)
    told = asked.parse_args()
    until = time.monotonic() + told.seconds
    with tempfile.TemporaryDirectory() as top, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        parts = [
            pool.submit(
                lambda: (
                    run(_named(), float("inf"), Path(top) / "n")
                    + run(_fuzzed(told.seed, Path(top) / "a"), until, Path(top) / "m")
                )
            ),
            pool.submit(lambda: run(_fuzzed(told.seed + 1, Path(top) / "b"), until, Path(top) / "f")),
        ]
        found = sum((part.result() for part in parts), Outcomes())
    names = sorted({name for name, _ in found})
    tell(f"{'class of bad input':<28}{'tried':>8}{'error':>8}{'read':>8}{'other':>8}")
    for name in names:
        error, read = found[name, "error"], found[name, "a reading"]
        tried = sum(count for (other, _), count in found.items() if other == name)
        tell(f"{name:<28}{tried:>8}{error:>8}{read:>8}{tried - error - read:>8}")
    others = [(outcome, count) for (_, outcome), count in found.items() if outcome.startswith("OTHER")]
    for outcome, count in others:
        tell(f"{count} x {outcome}")
    tell(f"{sum(found.values())} tried, seeds {told.seed} and {told.seed + 1}")
    return 1 if others else 0


if __name__ == "__main__":
    sys.exit(main())

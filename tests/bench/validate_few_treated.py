"""Size, coverage and power of the headline interval of `few_treated_effect`, by simulation over a grid of designs.

Run as ``python tests/bench/validate_few_treated.py [--replications 2000] [--processes 2] [--out FILE.csv]
[--only sizes=large,known=True]``. Rows already in the file are not run again, so it can be broken off at any time.
``--summary`` runs nothing and writes what the file holds to ``docs/reference/few_treated_validation.md``.

Power is at the effect that a normal test knowing every variance finds in 8 of 10. Two batches of studies are drawn for
each row: one without effect gives the size, one with that effect gives power and coverage.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import astuple, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm
from simulated_contrasts import Drawn, World, draw, geometry, make_sums, pool, read_world, true_deviation
from validation_summary import write_summary

from evalkit.models import few_treated_effect
from evalkit.models.assignments import comparison_weights
from evalkit.models.competitors import competing_intervals
from evalkit.models.permutation import covers
from evalkit.models.prepared_assignments import Assignments, prepare, prepare_stratified
from evalkit.models.repeated_studies import Studies, choose_permutation, find_p
from evalkit.models.school_analysis import analyse, headline_interval, offers_permutation
from evalkit.models.school_design import SchoolDesign, read_design

LEVEL = 0.95
SEED = 20_260_301
POWER = 0.8
CORRELATIONS = (0.0, 0.03, 0.06, 0.10)
COLUMNS = ("equal", "large", "small", "lognormal")
COUNTS = tuple(itertools.product((1, 2, 3, 5), (12, 30, 60)))
CORE = (2, 30)
COMPARED = 400
AGREEING = 20
WHOLE = 1
HERE = Path(__file__)
SUMMARY = HERE.parents[2] / "docs" / "reference" / "few_treated_validation.md"


def grid() -> list[World]:
    """Return the rows; each family over all class correlations, with classes known and unknown."""
    made: list[World] = []
    for rho, known in itertools.product(CORRELATIONS, (True, False)):
        made += [World(sizes, k, count, rho, known) for sizes in COLUMNS for k, count in COUNTS]
        for sizes, (k, count) in itertools.product(COLUMNS, COUNTS):
            if (k, count) == CORE or sizes == "lognormal":
                base = World(sizes, k, count, rho, known)
                made += [replace(base, outcome="binary"), replace(base, tails="heavy")]
                made += [replace(base, starts="staggered")] if k > 1 else []
        for sizes in COLUMNS:
            core = World(sizes, *CORE, rho, known)
            made += [replace(core, spread=spread) for spread in (0.002, 0.03)]
            made += [replace(core, starts="staggered", tails="heavy")]
        for sizes, starts in itertools.product(("own_small", "own_middle", "own_large"), ("one", "staggered")):
            made.append(World(sizes, *CORE, rho, known, starts=starts, place_spread=0.02))
    # what readers ask first comes first
    return sorted(
        dict.fromkeys(made), key=lambda w: ((w.treated, w.schools) != CORE, not w.known, w.treated, w.schools)
    )


def run(world: World, replications: int) -> dict[str, object]:
    """Carry out one row."""
    generator = np.random.default_rng([SEED, zlib.crc32(repr(astuple(world)).encode())])
    begun = time.perf_counter()
    calm = draw(world, replications, 0.0, generator)
    design = read_world(world, calm)
    assignments = prepare(design)
    deviation = true_deviation(_weights(design, calm), calm, geometry(world))
    aim = float((norm.ppf((1 + LEVEL) / 2) + norm.ppf(POWER)) * np.sqrt((deviation**2).mean()))
    moved = draw(world, replications, aim, generator)
    still, changed = _studies(world, design, calm), _studies(world, design, moved)
    none = np.zeros((1, replications))
    at_none = find_p(still, assignments, none)
    at_aim = find_p(changed, assignments, np.stack([none[0], moved.lift]))
    headline = np.where(choose_permutation(still, assignments, LEVEL), at_none.permutation, at_none.variance_model)
    permuted = choose_permutation(changed, assignments, LEVEL)
    tested = np.where(permuted, at_aim.permutation, at_aim.variance_model)
    threshold = (1 - LEVEL) * (1 + 1e-9)
    found = {
        "size": headline[0] <= threshold,
        "coverage": tested[1] > threshold,
        "power": tested[0] <= threshold,
        "power_oracle": _oracle(design, moved, world),
        "size_permutation": at_none.permutation[0] <= threshold,
        "power_permutation": at_aim.permutation[0] <= threshold,
        "size_model": at_none.variance_model[0] <= threshold,
        "power_model": at_aim.variance_model[0] <= threshold,
        "size_plain": at_none.plain[0] <= threshold,
    }
    if len(np.unique(design.stratum)) > 1:
        found["size_stratified"] = find_p(still, prepare_stratified(design), none).permutation[0] <= threshold
    shares = {name: round(float(flags.mean()), 4) for name, flags in found.items()}
    agree(world, calm, design, assignments, headline[0])
    if (world.treated, world.schools) == CORE and world.known:
        shares |= _compete(design, calm)
    facts = dict(zip([field.name for field in fields(World)], astuple(world), strict=True))
    rule = {"permuted": round(float(permuted.mean()), 4), "assignments": assignments.count}
    seconds = round(time.perf_counter() - begun, 1)
    said = {"replications": replications, "seed": SEED, "commit": _commit(), "aim": round(aim, 4), "seconds": seconds}
    return {**facts, **rule, **shares, **said}


def agree(world: World, drawn: Drawn, design: SchoolDesign, assignments: Assignments, found: np.ndarray) -> None:
    """Stop unless the public verb says what the batch says, for the first studies of a row."""
    for number in range(min(AGREEING, len(found))):
        sums = make_sums(world, drawn, number)
        own = read_design(sums)
        analyses = analyse(own)
        p = found[number]
        if not assignments.complete:
            # each study draws its assignments with a seed from its content
            batch = find_p(_one(_studies(world, design, drawn), own, number), prepare(own), np.zeros((1, 1)))
            p = (batch.permutation if offers_permutation(analyses[0], LEVEL) else batch.variance_model)[0, 0]
        interval = headline_interval(analyses, LEVEL)
        outside = not covers(interval, np.zeros(1))[0]
        assert outside == (p <= (1 - LEVEL) * (1 + 1e-9)), (world, number, p, interval)
        if number < WHOLE:
            effect = few_treated_effect(sums, level=LEVEL)
            assert effect.interval == interval, (world, number)
            assert abs(effect.p - p) < 1e-9, (world, number, p, effect.p)


def _one(studies: Studies, own: SchoolDesign, number: int) -> Studies:
    rows = slice(number, number + 1)
    return Studies(
        design=own,
        treated=own.treated[None, :],
        contrast=studies.contrast[rows],
        person_variance=studies.person_variance[rows],
        class_variance=studies.class_variance[rows],
    )


def _studies(world: World, design: SchoolDesign, drawn: Drawn) -> Studies:
    person, between = pool(world, drawn)
    return Studies(design, drawn.treated, drawn.mean, person, between)


def _weights(design: SchoolDesign, drawn: Drawn) -> np.ndarray:
    return comparison_weights(design, drawn.treated)


def _oracle(design: SchoolDesign, drawn: Drawn, world: World) -> np.ndarray:
    weights = _weights(design, drawn)
    known = true_deviation(weights, drawn, geometry(world))
    effect = (weights * drawn.mean).sum(axis=(1, 2))
    return np.abs(effect) > norm.ppf((1 + LEVEL) / 2) * known


def _compete(design: SchoolDesign, drawn: Drawn) -> dict[str, float]:
    """Return the sizes of what others would use."""
    misses = []
    for number in range(min(COMPARED, len(drawn.mean))):
        treated = drawn.treated[number % len(drawn.treated)]
        made = competing_intervals(replace(design, treated=treated, contrast=drawn.mean[number]), LEVEL)
        misses.append(
            {name: float(not covers(i, np.zeros(1))[0]) if i is not None else np.nan for name, i in made.items()}
        )
    return {f"size_{name}": round(float(share), 4) for name, share in pd.DataFrame(misses).mean().items()}


def _commit() -> str:
    """Return the commit, with a plus where the sources differ from it."""
    root = HERE.parents[2]
    told = [
        subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout.strip()
        for words in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "src/evalkit/models", "tests/bench"))
    ]
    return told[0] + ("+" if told[1] else "")


def left_to_do(table: pd.DataFrame, only: str, replications: int) -> list[World]:
    """Return the rows that the filter asks for and the file does not hold."""
    names = [field.name for field in fields(World)]
    kept = table[table["replications"] >= replications] if len(table) else table
    done = {tuple(row) for row in kept[names].itertuples(index=False)} if len(kept) else set()
    asked = [part.split("=", 1) for part in only.split(",") if part]
    return [
        world
        for world in grid()
        if astuple(world) not in done and all(str(getattr(world, name)) == value for name, value in asked)
    ]


def carry_out(left: list[World], replications: int, processes: int) -> Iterator[dict[str, object]]:
    """Yield rows as they are done."""
    if processes == 1:
        yield from (run(world, replications) for world in left)
        return
    with ProcessPoolExecutor(processes) as pool_of:
        for job in as_completed([pool_of.submit(run, world, replications) for world in left]):
            yield job.result()


def main() -> None:
    """Run what is not in the file yet, or write the summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=2_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", default="", help="field=value,field=value")
    parser.add_argument("--out", type=Path, default=HERE.with_suffix(".csv"))
    parser.add_argument("--summary", action="store_true")
    chosen = parser.parse_args()
    table = pd.read_csv(chosen.out) if chosen.out.exists() else pd.DataFrame()
    if chosen.summary:
        write_summary(table, len(grid()), SUMMARY)
        return
    left = left_to_do(table, chosen.only, chosen.replications)
    print(f"{len(left)} of {len(grid())} rows to do")
    for row in carry_out(left, chosen.replications, chosen.processes):
        table = pd.concat([table, pd.DataFrame([row])], ignore_index=True)
        part = chosen.out.with_suffix(".part")
        table.to_csv(part, index=False)
        part.replace(chosen.out)
        print({name: row[name] for name in (*[f.name for f in fields(World)], "size", "power", "coverage", "seconds")})


if __name__ == "__main__":
    main()

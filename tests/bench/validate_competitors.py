"""Size and power of what others would use where 2 of 30 schools are treated: the first table of the statistics plan.

Run as ``python tests/bench/validate_competitors.py [--replications 400] [--processes 2] [--out FILE.csv]``; what is in
the file is not run again, so it can be broken off at any time. ``--summary`` writes what the file holds to
``docs/reference/competitors.md`` and runs nothing.

The world: 30 schools, 10 periods, treatment of 2 schools from the sixth on, means of each school and period. A school's
shocks follow an AR(1) with coefficient .5 and deviation ``SHOCK``; a mean over n pupils adds noise of variance 1 / n.
The plan does not print the shocks' deviation, the size of equal schools or the effect behind its powers; ``SHOCK`` is
what its sizes of the plain permutation at 600 against 60 and 30 against 300 pupils imply, the rest is chosen here.
"""

from __future__ import annotations

import argparse
import subprocess
import time
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import fill

import numpy as np
import pandas as pd
from diff_diff import SyntheticDiD
from scipy.stats import norm

from evalkit.models.competitors import Interval, competing_intervals
from evalkit.models.permutation import covers
from evalkit.models.prepared_assignments import prepare
from evalkit.models.repeated_studies import Studies, choose_permutation, find_p
from evalkit.models.school_design import SchoolDesign
from evalkit.models.staggered import aggregate, arrange, group_time_effects

SEED = 20_261_123
SCHOOLS, PERIODS, START, TREATED = 30, 10, 5, 2
AUTOCORRELATION, SHOCK, EFFECT, LEVEL = 0.5, 0.07, 0.15, 0.95
COLUMNS = {"equal": (300, 300), "large": (600, 60), "small": (30, 300)}
PLACEBOS, DRAWS = 200, 999
HERE = Path(__file__)
SUMMARY = HERE.parents[2] / "docs" / "reference" / "competitors.md"

LABELS = {
    "cluster_robust": "cluster-robust (CRV1)",
    "group_time": "Callaway-Sant'Anna, multiplier bootstrap by school",
    "jackknife": "CR3 jackknife",
    "wild_bootstrap": "restricted wild cluster bootstrap",
    "bias_reduced": "CR2 with Satterthwaite degrees of freedom",
    "permutation_plain": "exact permutation over the 435 assignments",
    "synthetic": "synthetic DiD, placebo",
    "conley_taber": "Conley-Taber",
    "ferman_pinto": "Ferman-Pinto, crude variance model",
    "ferman_pinto_spread": "the same, untreated schools from half to twice the size",
    "cluster_robust_by_pupils": "cluster-robust (CRV1), weighted by pupils",
    "jackknife_by_pupils": "CR3 jackknife, weighted by pupils",
    "wild_bootstrap_by_pupils": "restricted wild cluster bootstrap, weighted by pupils",
    "bias_reduced_by_pupils": "CR2 with Satterthwaite degrees of freedom, weighted by pupils",
    "headline": "evalkit, classes known",
    "headline_unknown": "evalkit, classes unknown",
}
BY_PUPILS = {
    "ferman_pinto": "ferman_pinto",
    "cluster_robust_by_pupils": "cluster_robust",
    "jackknife_by_pupils": "jackknife",
    "wild_bootstrap_by_pupils": "wild_bootstrap",
    "bias_reduced_by_pupils": "bias_reduced",
}
PRINTED = {
    "cluster_robust": (0.27, 0.17, 0.37, None),
    "group_time": (0.35, 0.23, 0.42, None),
    "jackknife": (0.17, 0.11, 0.18, None),
    "wild_bootstrap": (0.00, 0.00, 0.01, 0.05),
    "bias_reduced": (0.005, 0.00, 0.01, 0.10),
    "permutation_plain": (0.055, 0.00, 0.30, 0.83),
    "synthetic": (0.04, 0.00, 0.45, 0.75),
    "conley_taber": (0.09, 0.005, 0.44, 0.88),
    "ferman_pinto": (0.085, 0.16, 0.065, 0.88),
}
BATCHES = ("contrasts", "spread", "group_time", "synthetic")


@dataclass(frozen=True)
class Job:
    """One column with or without an effect, and which methods are run on it."""

    column: str
    effect: float
    batch: str
    replications: int


def draw(job: Job) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """Return (R, G, T) means, (G,) pupils, and the generator for what follows; the same data for every batch."""
    place = list(COLUMNS).index(job.column)
    generator = np.random.default_rng([SEED, place, round(job.effect * 1_000)])
    pupils = np.full(SCHOOLS, COLUMNS[job.column][1], dtype=float)
    if job.batch == "spread":
        pupils[TREATED:] *= np.geomspace(0.5, 2.0, SCHOOLS - TREATED)
    pupils[:TREATED] = COLUMNS[job.column][0]
    shocks = np.empty((job.replications, SCHOOLS, PERIODS))
    shocks[:, :, 0] = generator.standard_normal(shocks.shape[:2])
    for period in range(1, PERIODS):
        fresh = np.sqrt(1 - AUTOCORRELATION**2) * generator.standard_normal(shocks.shape[:2])
        shocks[:, :, period] = AUTOCORRELATION * shocks[:, :, period - 1] + fresh
    noise = generator.standard_normal(shocks.shape) / np.sqrt(pupils)[None, :, None]
    means = SHOCK * shocks + noise
    means[:, :TREATED, START:] += job.effect
    return means, pupils, generator


def make_design(means: np.ndarray, pupils: np.ndarray, person_variance: float, seed: int) -> SchoolDesign:
    """Return the design of one data set of (G, T) means."""
    contrast = means[:, START:].mean(axis=1) - means[:, :START].mean(axis=1)
    return SchoolDesign(
        schools=tuple(f"s{number:02d}" for number in range(SCHOOLS)),
        stratum=np.zeros(SCHOOLS, dtype=np.int64),
        comparison="all_schools",
        starts=(START,),
        contrast=contrast[:, None],
        pupils=pupils[:, None],
        classes=np.maximum(1.0, np.round(pupils / 25.0))[:, None],
        person_variance=np.array([person_variance]),
        class_variance=np.zeros(1),
        exposure=np.ones((1, 1)),
        treated=np.arange(TREATED),
        slots=np.zeros(TREATED, dtype=np.int64),
        unit="points",
        left_out=0,
        treated_left_out=0,
        seen_share=1.0,
        seed=seed,
    )


def judge_contrasts(job: Job) -> dict[str, float]:
    """Return the share of data sets in which each method on contrasts rejects 0."""
    means, pupils, generator = draw(job)
    freedom = float((pupils - 1).sum())
    variance = 2.0 / START * generator.chisquare(freedom, job.replications) / freedom
    designs = [make_design(one, pupils, v, SEED + n) for n, (one, v) in enumerate(zip(means, variance, strict=True))]
    contrast = np.stack([design.contrast for design in designs])
    rejected: dict[str, float] = {}
    for name, classes in (("headline", 0.0), ("headline_unknown", np.nan)):
        studies = Studies(
            design=designs[0],
            treated=designs[0].treated[None, :],
            contrast=contrast,
            person_variance=variance[:, None],
            class_variance=np.full((job.replications, 1), classes),
        )
        assignments = prepare(replace(designs[0], class_variance=np.array([classes])))
        found = find_p(studies, assignments, np.zeros((1, 1)))
        permuted = choose_permutation(studies, assignments, LEVEL)
        p = np.where(permuted, found.permutation[0], found.variance_model[0])
        rejected[name] = float((p <= 1 - LEVEL).mean())
        if name == "headline":
            rejected["permutation_plain"] = float((found.plain[0] <= 1 - LEVEL).mean())
    alike = [replace(design, pupils=np.full_like(design.pupils, pupils.mean())) for design in designs]
    told = [competing_intervals(design, LEVEL) for design in alike]
    rejected |= {name: _missing(told, name) for name in told[0] if name != "ferman_pinto"}
    weighted = [competing_intervals(design, LEVEL) for design in designs]
    rejected |= {name: _missing(weighted, known) for name, known in BY_PUPILS.items()}
    return rejected


def _missing(told: list[dict[str, Interval]], name: str) -> float:
    """Return how often an interval misses 0; one that cannot be had misses nothing."""
    return float(1.0 - np.mean([covers(one[name], np.zeros(1))[0] if one[name] else True for one in told]))


def judge_spread(job: Job) -> dict[str, float]:
    """Return how often the crude variance model rejects where untreated schools differ in size, so that it can fit."""
    means, pupils, _ = draw(job)
    designs = [make_design(one, pupils, 2.0 / START, SEED + n) for n, one in enumerate(means)]
    told = [competing_intervals(design, LEVEL) for design in designs]
    return {"ferman_pinto_spread": _missing(told, "ferman_pinto")}


def judge_group_time(job: Job) -> dict[str, float]:
    """Return how often the simple mean of group-time effects, with a multiplier bootstrap by school, rejects 0.

    As csdid and R's did: bootstrap deviation from the quartiles, normal quantile. Rademacher multipliers.
    """
    means, _, generator = draw(job)
    unit, time = np.repeat(np.arange(SCHOOLS), PERIODS), np.tile(np.arange(PERIODS), SCHOOLS)
    began = np.where(np.arange(SCHOOLS) < TREATED, float(START), np.nan)
    rejected = []
    for one in means:
        effects = group_time_effects(arrange(unit, time, one.ravel(), began, np.arange(SCHOOLS)))
        overall = aggregate(effects, "simple").overall
        draws = generator.choice([-1.0, 1.0], size=(DRAWS, len(overall.influence))) @ overall.influence
        low, high = np.quantile(draws, [0.25, 0.75])
        deviation = (high - low) / (norm.ppf(0.75) - norm.ppf(0.25))
        rejected.append(abs(overall.value) > norm.ppf((1 + LEVEL) / 2) * deviation)
    return {"group_time": float(np.mean(rejected))}


def judge_synthetic(job: Job) -> dict[str, float]:
    """Return how often synthetic difference in differences with its placebo standard error rejects 0."""
    means, _, _ = draw(job)
    frame = pd.DataFrame({"unit": np.repeat(np.arange(SCHOOLS), PERIODS), "time": np.tile(np.arange(PERIODS), SCHOOLS)})
    frame["treated"] = (frame["unit"] < TREATED).astype(int)
    rejected = []
    for number, one in enumerate(means):
        model = SyntheticDiD(n_bootstrap=PLACEBOS, seed=SEED + number)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = model.fit(
                frame.assign(outcome=one.ravel()), "outcome", "treated", "unit", "time", list(range(START, PERIODS))
            )
        rejected.append(abs(fit.att) > norm.ppf((1 + LEVEL) / 2) * fit.se)
    return {"synthetic": float(np.mean(rejected))}


def run(job: Job) -> list[dict[str, object]]:
    """Carry out one job; one row a method."""
    judge = {
        "contrasts": judge_contrasts,
        "spread": judge_spread,
        "group_time": judge_group_time,
        "synthetic": judge_synthetic,
    }[job.batch]
    begun = time.perf_counter()
    found = judge(job)
    seconds = round(time.perf_counter() - begun, 1)
    facts = {"column": job.column, "effect": job.effect, "batch": job.batch, "replications": job.replications}
    return [
        {**facts, "method": name, "rejected": share, "seed": SEED, "seconds": seconds} for name, share in found.items()
    ]


def list_jobs(replications: int) -> list[Job]:
    """Return every job, the quick ones first."""
    plan = [(column, 0.0) for column in COLUMNS] + [("equal", EFFECT)]
    return [Job(column, effect, batch, replications) for batch in BATCHES for column, effect in plan]


def commit() -> str:
    """Return the commit of the code, with a plus sign where files were changed since."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
        capture_output=True,
        text=True,
        check=False,
        cwd=HERE.parent,
    )
    return said.stdout.strip() or "unknown"


def summarise(table: pd.DataFrame) -> str:
    """Return the table in Markdown, each share beside the printed one."""
    kept = table.drop_duplicates(["column", "effect", "method"], keep="last")
    shares = {(row.column, row.effect, row.method): row.rejected for row in kept.itertuples()}
    count = int(kept["replications"].min())
    made = (
        f"Made by `tests/bench/validate_competitors.py`, seed {SEED}, {count} data sets a column, Monte Carlo error of "
        f"a size of .05 {np.sqrt(0.05 * 0.95 / count):.3f}. Share of data sets in which a nominal 5 % test rejects; "
        f"power at an effect of {EFFECT} among equal schools. In brackets: what the statistics plan prints."
    )
    world = (
        f"The world: {SCHOOLS} schools, {PERIODS} periods, {TREATED} treated from period {START + 1}; means of school "
        f"and period; school shocks AR({AUTOCORRELATION}) with deviation {SHOCK}, persons' deviation 1; equal schools "
        f"of {COLUMNS['equal'][0]} pupils. The plan prints neither the shocks' deviation, nor the effect, nor the size "
        "of equal schools, so its figures are matched in kind, not to the last digit. Regressions are of means, "
        "unweighted, unless said. Where all untreated schools are of one size the crude variance model has nothing to "
        "fit its slope on and is Conley-Taber's."
    )
    lines = [
        "# What others would use where 2 of 30 schools are treated",
        "",
        fill(made, 120),
        "",
        fill(world, 120),
        "",
        "| method | equal | treated large (600 vs 60) | treated small (30 vs 300) | power |",
        "|---|---|---|---|---|",
    ]
    for method, label in LABELS.items():
        keys = [(column, 0.0, method) for column in COLUMNS] + [("equal", EFFECT, method)]
        cells = []
        for key, printed in zip(keys, PRINTED.get(method, (None,) * 4), strict=True):
            own = f"{shares[key]:.3f}" if key in shares else "-"
            cells.append(own + (f" ({printed:g})" if printed is not None else ""))
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Run what is not in the file yet, or write the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=400)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=HERE.with_suffix(".csv"))
    parser.add_argument("--summary", action="store_true")
    chosen = parser.parse_args()
    table = pd.read_csv(chosen.out) if chosen.out.exists() else pd.DataFrame()
    if chosen.summary:
        SUMMARY.write_text(summarise(table), encoding="utf-8")
        return
    names = ["column", "effect", "batch", "replications"]
    done = {tuple(row) for row in table[names].itertuples(index=False)} if len(table) else set()
    left = [j for j in list_jobs(chosen.replications) if (j.column, j.effect, j.batch, j.replications) not in done]
    code = commit()
    with ProcessPoolExecutor(chosen.processes) as pool:
        for future in as_completed([pool.submit(run, job) for job in left]):
            rows = pd.DataFrame(future.result()).assign(commit=code)
            table = pd.concat([table, rows], ignore_index=True)
            partial = chosen.out.with_suffix(".part")
            table.to_csv(partial, index=False)
            partial.replace(chosen.out)
            print(rows.to_string(header=False), flush=True)


if __name__ == "__main__":
    main()

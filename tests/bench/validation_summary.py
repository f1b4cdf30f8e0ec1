"""The validation of `few_treated_effect` as a page of tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

SIZE = (0.03, 0.07)
LEAST_POWER = 0.75
FAMILY = ["sizes", "outcome", "tails", "starts", "spread", "known"]
ROW = ["sizes", "treated", "schools", "correlation", "known", "outcome", "tails", "starts", "spread"]
OTHERS = {
    "size_plain": "plain permutation",
    "size_conley_taber": "Conley-Taber",
    "size_ferman_pinto": "Ferman-Pinto",
    "size_cluster_robust": "cluster-robust",
    "size_bias_reduced": "CR2",
    "size_jackknife": "CR3",
    "size_wild_bootstrap": "wild bootstrap",
}


def write_summary(table: pd.DataFrame, rows: int, path: Path) -> None:
    """Write the page."""
    table = table.assign(ratio=table["power"] / table["power_oracle"])
    path.write_text("\n\n".join([_head(table, rows), *_sections(table)]) + "\n", encoding="utf-8")


def _head(table: pd.DataFrame, rows: int) -> str:
    told = {name: ", ".join(sorted({str(value) for value in table[name]})) for name in ("seed", "commit")}
    good = table["size"].between(*SIZE)
    return f"""# Validation of the effect with few treated schools

{len(table)} of {rows} rows of the grid, {table["replications"].min()} replications or more each (Monte Carlo error of a
size of .05: .005). Seed {told["seed"]}; commit {told["commit"]} (a plus: with changes not yet committed). Made by
`python tests/bench/validate_few_treated.py`, this page by its `--summary`.

Targets for the headline interval: size {SIZE[0]}-{SIZE[1]} (with unknown classes it may be lower, never higher), power
at least {LEAST_POWER} of that of a normal test that knows every variance, at the effect that it finds in 8 of 10.

* Size within the target in {good.sum()} of {len(table)} rows; with known classes in
  {(good & table["known"]).sum()} of {table["known"].sum()}. Above {SIZE[1]}: {(table["size"] > SIZE[1]).sum()} rows.
* Power within the target in {(table["ratio"] >= LEAST_POWER).sum()} rows; with known classes in
  {((table["ratio"] >= LEAST_POWER) & table["known"]).sum()} of {table["known"].sum()}.

School sizes: equal (120 pupils); large (treated 600, others 60); small (30, 300); lognormal (median 120, tenfold,
treated drawn anew); own (30 schools in four municipalities, 40-400 pupils). A contrast's variance within a
class is 1 less the class correlation; spread is the variance between schools. Ten terms, shocks of schools and classes
with an autoregression of .5; staggered starts lie in terms 4-6."""


def _sections(table: pd.DataFrame) -> list[str]:
    high = (table["size"] > SIZE[1]) | (table["coverage"] < 1 - SIZE[1])
    worst = table[high | (table["known"] & (table["size"] < SIZE[0]))].sort_values("size")
    weak = table[table["ratio"] < LEAST_POWER].sort_values("ratio")
    return [
        "## By design",
        "Each line holds all class correlations and numbers of schools; `permuted` is how often permutation is the"
        " headline.",
        _by_family(table),
        "## Two of thirty treated: what others would use",
        "Mean size of a nominal .05 test over class correlations, known classes. Where all untreated schools are of one"
        " size nothing is known of how variance falls with size, and Ferman-Pinto is Conley-Taber.",
        _others(table),
        "## Where the size is missed, or coverage with the effect",
        _lines(worst.assign(missed=worst["size"].map(_distance)), [*ROW, "size", "missed", "coverage"]),
        "## Where the power is missed",
        _lines(weak.assign(missed=LEAST_POWER - weak["ratio"]), [*ROW, "power", "power_oracle", "ratio", "missed"]),
    ]


def _distance(size: float) -> float:
    return size - min(max(size, SIZE[0]), SIZE[1])


def _by_family(table: pd.DataFrame) -> str:
    grouped = table.groupby(FAMILY, as_index=False).agg(
        rows=("size", "size"),
        smallest=("size", "min"),
        largest=("size", "max"),
        mean=("size", "mean"),
        coverage=("coverage", "mean"),
        ratio=("ratio", "mean"),
        least_ratio=("ratio", "min"),
        permuted=("permuted", "mean"),
    )
    return _lines(grouped, list(grouped.columns))


def _others(table: pd.DataFrame) -> str:
    there = [name for name in OTHERS if name in table]
    core = table[(table["treated"] == 2) & (table["schools"] == 30) & table["known"]]
    means = core.groupby(["sizes", "outcome", "tails", "starts"], as_index=False)[["size", *there]].mean()
    return _lines(means.rename(columns={"size": "headline", **OTHERS}), None)


def _lines(frame: pd.DataFrame, columns: list[str] | None) -> str:
    kept = frame if columns is None else frame[columns]
    if not len(kept):
        return "Nowhere."
    rows = [list(kept.columns), ["---"] * kept.shape[1]]
    rows += [[_text(value) for value in row] for row in kept.itertuples(index=False)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _text(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)

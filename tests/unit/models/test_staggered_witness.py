"""Witnesses: csdid 0.4.3 (after R did 2.5.1), moderndid 0.2.0 and diff-diff, over a grid of options on mpdta.

The outputs of the first two stand in tests/oracle/models/staggered_witness.json beside the script that made them, to 12
digits; values must agree within 1e-10 and standard errors within 1e-9 of themselves (the propensity's last step). Where
a library differs, a test shows the cause by doing the same here.

* Rows dropped: both leave out every county that lacks a year at their defaults, which is "balanced" here; "pairwise" is
  csdid on each pair of years alone, and diff-diff's default.
* moderndid's means take cohorts by counties even where weights are given.
* moderndid measures times within an anticipation of two from the time before each; R did 2.5.1 and csdid from the last
  time before treatment may act.
* moderndid also measures the last cohort before its start where nobody is never treated.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.models.staggered import (
    GroupTime,
    aggregate,
    arrange,
    clustered_error,
    group_time_effects,
    uniform_quantile,
)

ORACLE = Path(__file__).parents[2] / "oracle" / "models"
WITNESS = json.loads((ORACLE / "staggered_witness.json").read_text(encoding="utf-8"))
RUNS = WITNESS["runs"]
VALUE, ERROR = 1e-10, 1e-9


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_staggered_witness", ORACLE / "make_staggered_witness.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PANELS = script().build()


def told(run: dict[str, Any]) -> str:
    parts = [run["data"], run["control"], run["estimator"], "+".join(run["covariates"]) or "means"]
    parts += [str(run[key]) for key in ("weight", "cluster") if run[key]]
    return "-".join([*parts, f"{run['anticipation']}", run["base"]])


def effects(run: dict[str, Any], unbalanced: str = "balanced") -> GroupTime:
    frame = PANELS[run["data"]]
    unit, counties = pd.factorize(frame["countyreal"])
    facts = frame.drop_duplicates("countyreal").set_index("countyreal").loc[counties]
    cluster = pd.factorize(facts[run["cluster"]] if run["cluster"] else facts.index)[0]
    laid_out = arrange(
        unit.astype(np.int64),
        frame["year"].to_numpy(),
        frame["lemp"].to_numpy(),
        facts["first_treat"].replace(0, np.nan).to_numpy(dtype=float),
        cluster.astype(np.int64),
        weight=frame[run["weight"]].to_numpy() if run["weight"] else None,
        covariates=frame[run["covariates"]].to_numpy(),
        control=run["control"],
        unbalanced=unbalanced,
        anticipation=run["anticipation"],
    )
    return group_time_effects(laid_out, control=run["control"], estimator=run["estimator"], base=run["base"])


def near(pair: list[float | None]) -> tuple[Any, Any]:
    value, error = pair
    return pytest.approx(value, abs=VALUE), pytest.approx(error or 0.0, rel=ERROR, abs=1e-12)


def cells_of(found: GroupTime) -> dict[tuple[int, int], tuple[float, float]]:
    return {
        (int(found.starts[cell.cohort]), int(found.times[cell.time])): (value, clustered_error(influence, "CR0"))
        for cell, value, influence in zip(found.cells, found.value, found.influence, strict=True)
    }


def check_cells(found: GroupTime, witness: list[list[float]]) -> None:
    assert cells_of(found) == {(int(start), int(year)): near(pair) for start, year, *pair in witness}


def check_means(found: GroupTime, witness: dict[str, Any]) -> None:
    for kind in ("simple", "dynamic", "group", "calendar"):
        means = aggregate(found, kind)
        overall = (means.overall.value, clustered_error(means.overall.influence, "CR0"))
        assert overall == near(witness[kind]["overall"]), kind
        points = {point.at: (point.value, clustered_error(point.influence, "CR0")) for point in means.points}
        assert points == {int(at): near(pair) for at, *pair in witness[kind].get("points", [])}, kind


@pytest.mark.parametrize("run", RUNS, ids=told)
def test_csdid(run: dict[str, Any]) -> None:
    found = effects(run)
    check_cells(found, run["csdid"]["cells"])
    check_means(found, run["csdid"])


@pytest.mark.parametrize("run", [run for run in RUNS if "moderndid" in run], ids=told)
def test_moderndid(run: dict[str, Any]) -> None:
    found, witness = effects(run), run["moderndid"]
    if run["anticipation"] == 2:
        within = {(int(g), int(t)) for g, t, *_ in witness["cells"] if g - 2 <= t < g}
        assert within
        outside = [row for row in witness["cells"] if (row[0], row[1]) not in within]
        mine = {key: pair for key, pair in cells_of(found).items() if key not in within}
        assert mine == {(int(g), int(t)): near(pair) for g, t, *pair in outside}
        return
    if run["data"] == "treated":
        last = [row for row in witness["cells"] if row[0] == 2007]
        assert [row[1] for row in last] == [2004, 2005]
        check_cells(found, [row for row in witness["cells"] if row[0] < 2007])
        simple = aggregate(found, "simple").overall
        assert (simple.value, clustered_error(simple.influence, "CR0")) == near(witness["simple"]["overall"])
        return
    check_cells(found, witness["cells"])
    if run["weight"]:
        start = PANELS["whole"].drop_duplicates("countyreal")["first_treat"]
        counties = np.stack([start == cohort for cohort in (*found.starts, 0)]).astype(float)
        assert aggregate(found, "simple").overall.value != pytest.approx(witness["simple"]["overall"][0], abs=1e-4)
        found = replace(found, load=counties)
    check_means(found, witness)


@pytest.mark.parametrize("run", [run for run in RUNS if "pairwise" in run], ids=told)
def test_pairwise_is_csdid_on_each_pair_of_years_alone(run: dict[str, Any]) -> None:
    check_cells(effects(run, "pairwise"), run["pairwise"])


def test_csdid_takes_an_unbalanced_panel_for_cross_sections() -> None:
    """Asked to keep all rows, R and csdid compare the means of whoever was seen in each year."""
    frame = PANELS["dropped"]
    mean = frame.groupby(["first_treat", "year"])["lemp"].mean()
    for start, year, value, _ in WITNESS["cross_sections"]["cells"]:
        base = start - 1 if year >= start else year - 1
        change = mean[start, year] - mean[start, base] - mean[0, year] + mean[0, base]
        assert value == pytest.approx(change, abs=VALUE)
    mine = cells_of(effects({**RUNS[0], "data": "dropped"}, "pairwise"))
    assert mine[2004, 2004][0] != pytest.approx(WITNESS["cross_sections"]["cells"][0][2], abs=1e-3)


def test_csdid_draws_as_wide_a_band() -> None:
    """Both by 20,000 Rademacher draws, to .1.

    csdid divides by standard errors from the draws' quartiles, which for the cohort of 20 counties are 6 % above the
    root of the sum of squares that is used here, and so finds a smaller quantile of larger errors.
    """
    points = aggregate(effects(RUNS[0]), "dynamic").points
    drawn = uniform_quantile(np.stack([point.influence for point in points]), level=0.95, seed=1, draws=20_000)
    assert drawn == pytest.approx(WITNESS["band"], abs=0.1)


def test_diff_diff_is_pairwise_and_weighs_cells_by_their_own_units() -> None:
    from diff_diff import CallawaySantAnna

    with pytest.warns(UserWarning, match="units observed at BOTH"):
        fit = CallawaySantAnna(control_group="never_treated", estimation_method="reg").fit(
            PANELS["dropped"], outcome="lemp", unit="countyreal", time="year", first_treat="first_treat"
        )
    found = effects({**RUNS[0], "data": "dropped"}, "pairwise")
    theirs = {(int(g), int(t)): (cell["effect"], cell["se"]) for (g, t), cell in fit.group_time_effects.items()}
    assert cells_of(found) == {key: near(list(pair)) for key, pair in theirs.items()}
    after = found.since >= 0
    assert fit.overall_att == pytest.approx(np.average(found.value[after], weights=found.treated[after]), abs=VALUE)
    assert aggregate(found, "simple").overall.value != pytest.approx(fit.overall_att, abs=1e-6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("library", ["csdid", "moderndid"])
def test_the_kept_outputs_are_what_the_library_says(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip(library, reason=f"{library} is not installed: pip install -e '.[witness]'")
    run = RUNS[5]
    again = getattr(script(), f"by_{library}")(PANELS[run["data"]], run)
    capsys.readouterr()
    assert again["cells"] == [pytest.approx(row, rel=1e-9) for row in run[library]["cells"]]
    assert again["dynamic"]["overall"] == pytest.approx(run[library]["dynamic"]["overall"], rel=1e-9)

"""Write staggered_witness.json: group-time effects on mpdta by csdid 0.4.3 and moderndid 0.2.0 over a grid of options.

csdid follows R did 2.5.1. Run in an environment with both, numpy and pandas. The data are made from mpdta.csv by rules
that need no random numbers, told in ``build``; the tests build them by the same function.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import itertools
import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
KINDS = ("simple", "dynamic", "group", "calendar")
ESTIMATORS = {"doubly_robust": "dr", "outcome_regression": "reg", "inverse_weighting": "ipw"}
CONTROLS = {"never": "nevertreated", "not_yet": "notyettreated"}


def build() -> dict[str, pd.DataFrame]:
    """Return the panels: whole, with 5 % of the rows dropped, without the never treated.

    ``x`` is a covariate that changes over time, ``w`` a weight from 1 to 3 a county, ``state`` the code without its
    last three digits.
    """
    whole = pd.read_csv(HERE / "mpdta.csv")
    county, year = whole["countyreal"], whole["year"]
    whole["x"] = whole["lpop"] + np.sin(county + 1.7 * year) + 0.1 * (whole["first_treat"] > 0)
    whole["w"] = 1.0 + county % 17 / 8
    whole["state"] = county // 1000
    dropped = whole[(county // 3 * 7 + year * 9) % 20 != 3]
    return {"whole": whole, "dropped": dropped, "treated": whole[whole["first_treat"] > 0]}


def grid() -> list[dict[str, object]]:
    """Return the options of every run."""
    plain = {"data": "whole", "weight": None, "cluster": None, "anticipation": 0, "base": "varying"}
    runs = []
    for control, estimator, covariates in itertools.product(CONTROLS, ESTIMATORS, ([], ["lpop"], ["x"], ["lpop", "x"])):
        runs.append({**plain, "control": control, "estimator": estimator, "covariates": covariates})
    for control, estimator, covariates in itertools.product(CONTROLS, ESTIMATORS, ([], ["x"])):
        if covariates or estimator == "doubly_robust":
            some = {"control": control, "estimator": estimator, "covariates": covariates}
            runs += [{**plain, **some, "weight": "w"}, {**plain, **some, "data": "dropped"}]
            runs.append({**plain, **some, "data": "dropped", "weight": "w", "cluster": "state"})
    for control, covariates in itertools.product(CONTROLS, ([], ["x"])):
        some = {"control": control, "estimator": "doubly_robust", "covariates": covariates}
        runs += [{**plain, **some, "anticipation": lead} for lead in (1, 2)]
        runs.append({**plain, **some, "base": "universal"})
    for covariates in ([], ["lpop"]):
        some = {"control": "not_yet", "estimator": "doubly_robust", "covariates": covariates}
        runs.append({**plain, **some, "data": "treated"})
    return runs


def by_csdid(frame: pd.DataFrame, run: dict[str, object], *, unbalanced: bool = False) -> dict[str, object]:
    """Return cells and means with their standard errors by csdid."""
    from csdid.att_gt import ATTgt

    formula = "~ " + " + ".join(run["covariates"]) if run["covariates"] else "~ 1"
    model = ATTgt(
        yname="lemp", tname="year", idname="countyreal", gname="first_treat", data=frame.copy(),
        control_group=[CONTROLS[run["control"]]], xformla=formula, anticipation=run["anticipation"],
        weights_name=run["weight"], clustervar=run["cluster"], allow_unbalanced_panel=unbalanced, cband=False,
    ).fit(est_method=ESTIMATORS[run["estimator"]], base_period=run["base"], bstrap=False)  # fmt: skip
    cells = model.results
    found = {"cells": table(cells["group"], cells["year"], cells["att"], cells["se"])}
    for kind in KINDS if len(frame["year"].unique()) > 2 else ():
        means = model.aggte(typec=kind, bstrap=False, cband=False, clustervars=run["cluster"]).atte
        found[kind] = {"overall": [number(means["overall_att"]), number(means["overall_se"])]}
        if kind != "simple":
            found[kind]["points"] = table(means["egt"], means["att_egt"], np.ravel(means["se_egt"]))
    return found


def by_moderndid(frame: pd.DataFrame, run: dict[str, object]) -> dict[str, object]:
    """Return the same by moderndid."""
    import moderndid

    made = moderndid.att_gt(
        data=frame.copy(), yname="lemp", tname="year", idname="countyreal", gname="first_treat",
        xformla="~ " + " + ".join(run["covariates"]) if run["covariates"] else None,
        weightsname=run["weight"], est_method=ESTIMATORS[run["estimator"]], control_group=CONTROLS[run["control"]],
        anticipation=run["anticipation"], base_period=run["base"], boot=False, cband=False,
    )  # fmt: skip
    found = {"cells": table(made.groups, made.times, made.att_gt, made.se_gt)}
    for kind in KINDS:
        means = moderndid.aggte(made, type=kind, boot=False, cband=False)
        found[kind] = {"overall": [number(means.overall_att), number(means.overall_se)]}
        if kind != "simple":
            found[kind]["points"] = table(means.event_times, means.att_by_event, means.se_by_event)
    return found


def band_by_csdid(frame: pd.DataFrame, run: dict[str, object]) -> float:
    """Return csdid's critical value for bands over the time since the start, from 20,000 draws."""
    from csdid.att_gt import ATTgt

    np.random.seed(1)
    model = ATTgt(
        yname="lemp", tname="year", idname="countyreal", gname="first_treat", data=frame.copy(),
        control_group=[CONTROLS[run["control"]]], cband=True, biters=20_000,
    ).fit(bstrap=True)  # fmt: skip
    return number(model.aggte(typec="dynamic").atte["crit_val_egt"])


def pairwise_cells(frame: pd.DataFrame, run: dict[str, object]) -> list[list[float | None]]:
    """Return every cell by csdid from the two times it compares alone, counties seen at both."""
    cells = []
    for start in (2004, 2006, 2007):
        for year in range(2004, 2008):
            before = start - 1 if year >= start else year - 1
            two = frame[frame["year"].isin([before, year])]
            later = (two["first_treat"] == 0) | (two["first_treat"] > year)
            compared = later if run["control"] == "not_yet" else two["first_treat"] == 0
            own = two["first_treat"] == start
            part = two[own | (compared & ~own)].assign(first_treat=own * year)
            found = by_csdid(part, {**run, "control": "never"})["cells"]
            cells.append([start, year, *found[0][2:]])
    return cells


def number(value: object) -> float | None:
    """Return a number with 12 significant digits, None where there is none."""
    plain = float(np.ravel(value)[0])
    return float(f"{plain:.12g}") if np.isfinite(plain) else None


def table(*columns: object) -> list[list[float | None]]:
    """Return rows of numbers."""
    return [[number(value) for value in row] for row in zip(*map(np.ravel, columns), strict=True)]


def main() -> None:
    """Run the grid and write the file."""
    data, made = build(), []
    for run in grid():
        frame = data[run["data"]]
        found = {**run, "csdid": by_csdid(frame, run)}
        if run["cluster"] is None:
            found["moderndid"] = by_moderndid(frame, run)
        if run["data"] == "dropped" and run["cluster"] is None:
            found["pairwise"] = pairwise_cells(frame, run)
        made.append(found)
    plain = grid()[0]
    witness = {
        "made_with": [f"{name} {importlib.metadata.version(name)}" for name in ("csdid", "moderndid")],
        "runs": made,
        "cross_sections": by_csdid(data["dropped"], plain, unbalanced=True),
        "band": band_by_csdid(data["whole"], plain),
    }
    text = json.dumps(witness, separators=(",", ":")).replace('{"data"', '\n{"data"')
    (HERE / "staggered_witness.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        main()

"""Write cr2_witness.json: CR2 and Satterthwaite degrees of freedom by diff-diff 3.13.0 (held equal to clubSandwich).

Run in an environment with diff-diff, numpy and pandas. The regressions carry every county dummy, so nothing is swept
out: log employment on treatment with county and year effects, clustered by state (the county code without its last
three digits), and the mean of 2007 against 2003, clustered by state.
"""

from __future__ import annotations

import json
from pathlib import Path

import diff_diff
import numpy as np
import pandas as pd
from diff_diff.linalg import compute_robust_vcov

HERE = Path(__file__).parent


def witness(x: np.ndarray, y: np.ndarray, cluster: np.ndarray, place: int) -> dict[str, float]:
    """Return one coefficient with its standard error and degrees of freedom."""
    coefficients = np.linalg.lstsq(x, y, rcond=None)[0]
    residuals = y - x @ coefficients
    vcov, freedom = compute_robust_vcov(x, residuals, cluster_ids=cluster, vcov_type="hc2_bm", return_dof=True)
    return {
        "value": float(coefficients[place]),
        "standard_error": float(np.sqrt(vcov[place, place])),
        "freedom": float(freedom[place]),
    }


data = pd.read_csv(HERE / "mpdta.csv")
state = (data["countyreal"] // 1000).to_numpy()
on = ((data["first_treat"] > 0) & (data["year"] >= data["first_treat"])).to_numpy(float)
county = pd.get_dummies(data["countyreal"], dtype=float).to_numpy()
year = pd.get_dummies(data["year"], dtype=float, drop_first=True).to_numpy()
ends = data["year"].isin([2003, 2007]).to_numpy()
later = (data["year"] == 2007).to_numpy(float)
found = {
    "made_with": f"diff-diff {diff_diff.__version__}",
    "within": witness(np.column_stack([on, year, county]), data["lemp"].to_numpy(), state, 0),
    "change": witness(
        np.column_stack([np.ones(ends.sum()), later[ends]]), data["lemp"].to_numpy()[ends], state[ends], 1
    ),
}
(HERE / "cr2_witness.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")

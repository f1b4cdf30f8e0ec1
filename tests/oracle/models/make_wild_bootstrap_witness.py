"""Write wild_bootstrap_witness.json: tests of small_panel.csv by wildboottest 0.3.2, every person and term a dummy.

Run in an environment with wildboottest, numpy and pandas. Eight schools have 256 Rademacher weightings, and all are
used, so nothing is random. ``as_extreme`` counts those whose t is as far from 0 as the observed, ties included.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from wildboottest.wildboottest import WildboottestCL

HERE = Path(__file__).parent
TESTED = (-0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)


def bootstrap(x: np.ndarray, y: np.ndarray, cluster: np.ndarray, *, restricted: bool) -> tuple[float, np.ndarray]:
    """Return t of the first coefficient, and t of every weighting."""
    first = np.eye(x.shape[1])[0]
    test = WildboottestCL(X=x, Y=y, cluster=cluster, R=first, B=9999, seed=1, parallel=False)
    test.get_scores(bootstrap_type="11", impose_null=restricted, adj=False, cluster_adj=False)
    test.get_weights(weights_type="rademacher")
    test.get_numer()
    test.get_denom()
    test.get_tboot()
    test.get_vcov()
    test.get_tstat()
    return float(test.t_stat), test.t_boot[-256:]


frame = pd.read_csv(HERE / "small_panel.csv")
person = pd.get_dummies(frame["person"], dtype=float).to_numpy()
term = pd.get_dummies(frame["time"], dtype=float, drop_first=True).to_numpy()
x = np.column_stack([frame["x"], term, person])
school = frame["school"].to_numpy()
found = []
for value in TESTED:
    shifted = frame["y"].to_numpy() - value * frame["x"].to_numpy()
    row: dict[str, float] = {"tested": value}
    for name, restricted in (("restricted", True), ("unrestricted", False)):
        t, drawn = bootstrap(x, shifted, school, restricted=restricted)
        assert len(drawn) == 256
        row["t"] = t
        row[f"as_extreme_{name}"] = int((np.abs(drawn) >= abs(t) * (1 - 1e-9)).sum())
    found.append(row)
result = {"made_with": f"wildboottest {version('wildboottest')}", "weightings": 256, "tests": found}
(HERE / "wild_bootstrap_witness.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")

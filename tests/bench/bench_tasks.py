"""One task of ``bench_models.py`` in a process of its own, so that its memory is its own.

Run as ``python tests/bench/bench_tasks.py TASK DATA.parquet [REPEATS]``; prints a JSON line with the best time in
seconds, the most memory held in GB and the first numbers of the answer. Rivals are imported from whatever environment
runs this, each in its own task; a rival first runs on a small panel, so that what it compiles is not counted.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

Task = Callable[[pd.DataFrame], Callable[[], object]]
DRAWS = 999


def arrays_of(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the columns as arrays."""
    return {name: frame[name].to_numpy() for name in frame.columns}


def floor_two_way(frame: pd.DataFrame) -> Callable[[], object]:
    import plain_floors

    data = arrays_of(frame)
    return lambda: plain_floors.two_way(data)


def floor_group_time(frame: pd.DataFrame) -> Callable[[], object]:
    import plain_floors

    data = arrays_of(frame)
    return lambda: plain_floors.group_time(data)[0]


def floor_band(frame: pd.DataFrame) -> Callable[[], object]:
    import plain_floors

    data = arrays_of(frame)
    return lambda: plain_floors.group_time_band(data, DRAWS)


def evalkit_two_way(frame: pd.DataFrame) -> Callable[[], object]:
    from evalkit.models.cluster_covariance import plain_clustered
    from evalkit.models.two_way import fit_two_way

    data = arrays_of(frame)

    def task() -> object:
        fit = fit_two_way(data["y"], data["x"][:, None], data["unit"], data["time"], data["school"], by_cluster=False)
        first = np.eye(fit.scores.shape[1])[0]
        told = plain_clustered(fit.cross.sum(axis=0), fit.scores, first, fit.rows, fit.parameters)
        return [fit.coefficients[0], told.standard_error]

    return task


def evalkit_cr2(frame: pd.DataFrame) -> Callable[[], object]:
    from evalkit.models.cluster_covariance import bias_reduced
    from evalkit.models.two_way import fit_two_way

    data = arrays_of(frame)

    def task() -> object:
        fit = fit_two_way(data["y"], data["x"][:, None], data["unit"], data["time"], data["school"])
        return [fit.coefficients[0], bias_reduced(fit.cross, fit.scores, np.eye(fit.scores.shape[1])[0]).standard_error]

    return task


def evalkit_group_time(frame: pd.DataFrame, draws: int = 0) -> Callable[[], object]:
    from evalkit.models.staggered import aggregate, arrange, group_time_effects, uniform_quantile

    data = arrays_of(frame)
    units = data["unit"].max() + 1
    start, school = np.full(units, np.nan), np.zeros(units, dtype=np.int64)
    start[data["unit"]] = np.where(data["start"] > 0, data["start"], np.nan)
    school[data["unit"]] = data["school"]

    def task() -> object:
        found = aggregate(
            group_time_effects(arrange(data["unit"], data["time"], data["outcome"], start, school)), "dynamic"
        )
        values = [point.value for point in found.points]
        if not draws:
            return values
        influence = np.stack([point.influence for point in found.points])
        return [*values, uniform_quantile(influence, level=0.95, seed=1, draws=draws)]

    return task


def evalkit_band(frame: pd.DataFrame) -> Callable[[], object]:
    return evalkit_group_time(frame, DRAWS)


def pyfixest_two_way(frame: pd.DataFrame) -> Callable[[], object]:
    import pyfixest

    def task() -> object:
        fit = pyfixest.feols("y ~ x | unit + time", frame, vcov={"CRV1": "school"})
        return [fit.coef()["x"], fit.se()["x"]]

    return task


def linearmodels_two_way(frame: pd.DataFrame) -> Callable[[], object]:
    from linearmodels.panel import PanelOLS

    indexed = frame.set_index(["unit", "time"])

    def task() -> object:
        model = PanelOLS(indexed["y"], indexed[["x"]], entity_effects=True, time_effects=True)
        fit = model.fit(
            cov_type="clustered", clusters=indexed[["school"]], auto_df=False, count_effects=False, group_debias=True
        )
        return [fit.params["x"], fit.std_errors["x"]]

    return task


def diff_diff_group_time(frame: pd.DataFrame, draws: int = 0) -> Callable[[], object]:
    from diff_diff import CallawaySantAnna

    rows = frame[["unit", "time", "outcome", "start", "school"]]

    def task() -> object:
        model = CallawaySantAnna(cluster="school", n_bootstrap=draws, seed=1)
        fit = model.fit(rows, "outcome", "unit", "time", "start")
        return fit.aggregate("event_study").att

    return task


def diff_diff_band(frame: pd.DataFrame) -> Callable[[], object]:
    return diff_diff_group_time(frame, DRAWS)


def moderndid_group_time(frame: pd.DataFrame, draws: int = 0) -> Callable[[], object]:
    import moderndid

    rows = frame[["unit", "time", "outcome", "start", "school"]].astype({"start": float})

    def task() -> object:
        fit = moderndid.att_gt(
            rows,
            yname="outcome",
            tname="time",
            idname="unit",
            gname="start",
            est_method="reg",
            boot=draws > 0,
            biters=draws or 1,
            cband=draws > 0,
            clustervars=["school"] if draws else None,
        )
        return moderndid.aggte(fit, type="dynamic").att_by_event

    return task


def moderndid_band(frame: pd.DataFrame) -> Callable[[], object]:
    return moderndid_group_time(frame, DRAWS)


TASKS: dict[str, Task] = {
    name: task
    for name, task in list(globals().items())
    if callable(task) and name.split("_")[0] in {"floor", "evalkit", "pyfixest", "linearmodels", "diff", "moderndid"}
}
RIVALS = ("pyfixest", "linearmodels", "diff_diff", "moderndid")


def main() -> None:
    """Time one task."""
    name, path = sys.argv[1], Path(sys.argv[2])
    repeats = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    warnings.simplefilter("ignore")
    frame = pd.read_parquet(path)
    if name.startswith(RIVALS):
        TASKS[name](frame[frame["unit"] < 2_000])()
    task = TASKS[name](frame)
    times, answer = [], None
    for _ in range(repeats):
        begun = time.perf_counter()
        answer = task()
        times.append(time.perf_counter() - begun)
    told = [float(number) for number in np.asarray(answer, dtype=float).ravel()[:20]]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": min(times), "gigabytes": peak, "answer": told}))


if __name__ == "__main__":
    main()

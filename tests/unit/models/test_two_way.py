"""Witnesses: linearmodels; R's plm and clubSandwich (tests/oracle/models/r_witness.R and its output).

Published, and found again by that script: mpdta -0.036549 (.0132519) and wage_panel union .0227222 by plm, whose small
sample factor G/(G-1) * (N-1)/(N-K) counts the regressors alone in K. Tolerances: R's output has 12 digits.
"""

from __future__ import annotations

import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from linearmodels.datasets import wage_panel
from linearmodels.panel import PanelOLS

from evalkit.models.cluster_covariance import bias_reduced, jackknife, plain_clustered
from evalkit.models.two_way import TwoWay, fit_two_way

ORACLE = Path(__file__).parents[2] / "oracle" / "models"
ALREADY_R = {"auto_df": False, "count_effects": False, "group_debias": True}


def witness() -> dict[str, float]:
    frame = pd.read_csv(ORACLE / "r_witness.csv")
    return dict(zip(frame["quantity"], frame["value"], strict=True))


def fitted(frame: pd.DataFrame, outcome: str, on: list[str], keys: tuple[str, str, str]) -> TwoWay:
    codes = [pd.factorize(frame[name], sort=True)[0].astype(np.int64) for name in keys]
    return fit_two_way(frame[outcome].to_numpy(float), frame[on].to_numpy(float), *codes)


def like_plm(fit: TwoWay, place: int) -> float:
    combination = np.eye(fit.scores.shape[1])[place]
    return plain_clustered(
        fit.cross.sum(axis=0), fit.scores, combination, fit.rows, len(fit.coefficients)
    ).standard_error


def by_linearmodels(frame: pd.DataFrame, outcome: str, on: list[str], keys: tuple[str, str]) -> pd.Series:
    indexed = frame.set_index(list(keys))
    model = PanelOLS(indexed[outcome], indexed[on], entity_effects=True, time_effects=True)
    return model.fit(cov_type="clustered", cluster_entity=True, **ALREADY_R).std_errors


def mpdta() -> pd.DataFrame:
    frame = pd.read_csv(ORACLE / "mpdta.csv")
    return frame.assign(on=((frame["first_treat"] > 0) & (frame["year"] >= frame["first_treat"])).astype(float))


def wages() -> pd.DataFrame:
    frame = wage_panel.load()
    return frame.assign(**{name: frame[name].astype(float) for name in ("lwage", "expersq", "union", "married")})


def test_mpdta_as_plm_published_and_linearmodels_set_right() -> None:
    frame = mpdta()
    fit = fitted(frame, "lemp", ["on"], ("countyreal", "year", "countyreal"))
    assert fit.coefficients[0] == pytest.approx(-0.036549, abs=5e-7)
    assert fit.coefficients[0] == pytest.approx(witness()["mpdta_on"], abs=1e-12)
    assert like_plm(fit, 0) == pytest.approx(0.0132519, abs=5e-8)
    assert like_plm(fit, 0) == pytest.approx(witness()["mpdta_on_se_sss"], abs=1e-12)
    errors = by_linearmodels(frame, "lemp", ["on"], ("countyreal", "year"))
    assert errors["on"] == pytest.approx(0.0132519, abs=5e-8)
    assert errors["on"] == pytest.approx(like_plm(fit, 0), rel=1e-9)


def test_wage_panel_as_plm_published_and_linearmodels_set_right() -> None:
    frame, on = wages(), ["expersq", "union", "married"]
    fit = fitted(frame, "lwage", on, ("nr", "year", "nr"))
    assert fit.coefficients[1] == pytest.approx(witness()["wage_union"], abs=1e-6)
    assert like_plm(fit, 1) == pytest.approx(0.0227222, abs=5e-8)
    assert like_plm(fit, 1) == pytest.approx(witness()["wage_union_se_sss"], abs=1e-6)
    errors = by_linearmodels(frame, "lwage", on, ("nr", "year"))
    assert errors["union"] == pytest.approx(like_plm(fit, 1), rel=1e-9)


def test_clubsandwich_on_a_small_panel_with_every_dummy() -> None:
    frame, found = pd.read_csv(ORACLE / "small_panel.csv"), witness()
    fit = fitted(frame, "y", ["x"], ("person", "time", "school"))
    first = np.eye(4)[0]
    reduced = bias_reduced(fit.cross, fit.scores, first)
    assert fit.coefficients[0] == pytest.approx(found["small_x"], abs=1e-11)
    assert reduced.standard_error == pytest.approx(found["small_x_se_cr2"], rel=1e-9)
    assert reduced.freedom == pytest.approx(found["small_x_freedom_cr2"], rel=1e-9)
    assert reduced.p(fit.coefficients[0]) == pytest.approx(found["small_x_p_cr2"], rel=1e-8)
    left_out = jackknife(fit.cross, fit.scores, first).standard_error
    assert left_out * math.sqrt(8 / 7) == pytest.approx(found["small_x_se_cr3"], rel=1e-9)


@pytest.mark.long
def test_r_finds_again_what_is_kept(tmp_path: Path) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is not installed")
    target = tmp_path / "again.csv"
    subprocess.run([rscript, str(ORACLE / "r_witness.R"), str(target)], check=True, capture_output=True, timeout=300)
    again = pd.read_csv(target)
    kept = pd.read_csv(ORACLE / "r_witness.csv")
    assert list(again["quantity"]) == list(kept["quantity"])
    assert again["value"].to_numpy() == pytest.approx(kept["value"].to_numpy(), rel=1e-9)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_the_unit_of_a_measure_does_not_matter(unit: float) -> None:
    frame = pd.read_csv(ORACLE / "small_panel.csv")
    plain = fitted(frame, "y", ["x"], ("person", "time", "school"))
    scaled = fitted(frame.assign(x=unit * frame["x"]), "y", ["x"], ("person", "time", "school"))
    first = np.eye(4)[0]
    assert unit * scaled.coefficients[0] == pytest.approx(plain.coefficients[0], rel=1e-9)
    for convention in (bias_reduced, jackknife):
        before, after = (convention(fit.cross, fit.scores, first) for fit in (plain, scaled))
        assert unit * after.standard_error == pytest.approx(before.standard_error, rel=1e-8)
        assert after.freedom == pytest.approx(before.freedom, rel=1e-8)

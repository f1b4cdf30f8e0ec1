"""Estimators on `mpdta` (R's did), against published values and closed forms.

Published: two-way fixed effects by R's plm, clustered by county, -0.036549 (.0132519), printed to six and seven
decimals; group-time effects by R's did 2.5.1, simple -.039951 (.012034, which has no G/(G-1)); the extended two-way
regression with lpop, simple, -0.05062703. The rest is worked out here with plain least squares.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from linearmodels.panel import PanelOLS

from evalkit.errors import DesignError
from evalkit.models.agreement import compare_estimators
from evalkit.models.agreement.answers import Answer, ask, name_trouble, read_cells
from evalkit.models.agreement.bacon import decompose
from evalkit.values import Panel

MPDTA = Path(__file__).parents[2] / "oracle" / "models" / "mpdta.csv"


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return pd.read_csv(MPDTA)


def panel_of(frame: pd.DataFrame, weight: str | None = None) -> Panel:
    return Panel(frame, "countyreal", "year", "countyreal", treated_from="first_treat", weight=weight)


def imputed(frame: pd.DataFrame, weight: np.ndarray) -> tuple[float, dict[int, float]]:
    """Dummy-variable least squares on untreated rows, then the mean of what is left over treated rows."""
    treated = ((frame["first_treat"] > 0) & (frame["year"] >= frame["first_treat"])).to_numpy()
    dummies = [pd.get_dummies(frame[column], dtype=float).to_numpy() for column in ("countyreal", "year")]
    x, root = np.column_stack([dummies[0], dummies[1][:, 1:]]), np.sqrt(weight)[:, None]
    y = frame["lemp"].to_numpy()
    fit = np.linalg.lstsq((x * root)[~treated], y[~treated] * root[~treated, 0], rcond=None)[0]
    left, start = y - x @ fit, frame["first_treat"].to_numpy()
    means = {
        int(first): float(np.average(left[treated & (start == first)], weights=weight[treated & (start == first)]))
        for first in np.unique(start[start > 0])
    }
    return float(np.average(left[treated], weights=weight[treated])), means


def test_two_way_is_plms(rows: pd.DataFrame) -> None:
    answer = compare_estimators(panel_of(rows), "lemp").get("two_way")
    assert answer.value == pytest.approx(-0.036549, abs=5e-7)
    assert answer.standard_error == pytest.approx(0.0132519, abs=5e-8)


def test_group_time_is_rs(rows: pd.DataFrame) -> None:
    answer = compare_estimators(panel_of(rows), "lemp").get("group_time")
    assert answer.value == pytest.approx(-0.039951, abs=5e-7)
    assert answer.standard_error == pytest.approx(0.012034 * np.sqrt(500 / 499), abs=1e-6)


def test_etwfe_with_lpop_is_the_published(rows: pd.DataFrame) -> None:
    answer = compare_estimators(panel_of(rows), "lemp", covariates=["lpop"]).get("etwfe")
    assert answer.value == pytest.approx(-0.05062703, abs=5e-9)
    assert answer.warned == ("collinear",)


def test_imputation_two_stage_and_etwfe_are_the_same_least_squares(rows: pd.DataFrame) -> None:
    found = compare_estimators(panel_of(rows), "lemp")
    value, means = imputed(rows, np.ones(len(rows)))
    for method in ("imputation", "two_stage", "etwfe"):
        answer = found.get(method)
        assert answer.value == pytest.approx(value, abs=1e-9)
        first = int(rows["year"].min()) - 1
        assert {start + first: one for start, one in answer.by_start} == pytest.approx(means, abs=1e-9)


def test_weights_reach_every_estimator(rows: pd.DataFrame) -> None:
    few = rows[rows["countyreal"] % 7 == 0].assign(pupils=lambda frame: np.exp(frame["lpop"]))
    found = compare_estimators(panel_of(few, "pupils"), "lemp")
    value, means = imputed(few, few["pupils"].to_numpy())
    for method in ("imputation", "two_stage", "etwfe"):
        assert [one for _, one in found.get(method).by_start] == pytest.approx(list(means.values()), abs=1e-8)
        assert found.get(method).value == pytest.approx(value, abs=1e-8)
        assert found.get(method).standard_error is None


def test_bacon_is_goodman_bacons_formula(rows: pd.DataFrame) -> None:
    found = decompose(read_cells(panel_of(rows), "lemp"))
    starts = rows.drop_duplicates("countyreal")["first_treat"]
    share = starts.value_counts(normalize=True)
    on = {start: float((rows["year"].drop_duplicates() >= start).mean()) for start in share.index if start}
    allowed, forbidden = 0.0, 0.0
    for start, treated in on.items():
        allowed += share[0] * share[start] * treated * (1 - treated)
    for early, late in itertools.combinations(sorted(on), 2):
        both = share[early] * share[late]
        allowed += both * (on[early] - on[late]) * (1 - on[early])
        forbidden += both * on[late] * (on[early] - on[late])
    assert found.value == pytest.approx(-0.036549, abs=5e-7)
    assert found.forbidden_share == pytest.approx(forbidden / (allowed + forbidden), abs=1e-10)
    assert found.without_forbidden is not None
    assert found.without_forbidden < found.value


def test_no_standard_error_below_the_threshold_of_treated_clusters(rows: pd.DataFrame) -> None:
    starts = rows.drop_duplicates("countyreal").set_index("countyreal")["first_treat"]
    few = [*starts[starts > 0].index[:5], *starts[starts == 0].index]
    found = compare_estimators(panel_of(rows[rows["countyreal"].isin(few)]), "lemp")
    assert found.treated_clusters == 5
    assert [answer.standard_error for answer in found.answers] == [None] * 6
    assert all(answer.value is not None for answer in found.answers[:5])


def test_an_estimator_that_cannot_answer_says_why(rows: pd.DataFrame) -> None:
    found = compare_estimators(panel_of(rows), "lemp")
    assert (found.get("synthetic").value, found.get("synthetic").reason) == (None, "too_few_terms")
    unbalanced = compare_estimators(panel_of(rows.drop(index=[3, 77])), "lemp")
    assert unbalanced.get("synthetic").reason == "unbalanced"
    assert unbalanced.comparisons.reason == "unbalanced"
    assert unbalanced.get("imputation").value is not None
    treated = compare_estimators(panel_of(rows[rows["first_treat"] > 0]), "lemp")
    assert treated.get("group_time").reason == "no_never_treated"


def test_conventions_are_those_of_the_library(rows: pd.DataFrame) -> None:
    found = compare_estimators(panel_of(rows), "lemp")
    data = rows.assign(treatment=((rows["first_treat"] > 0) & (rows["year"] >= rows["first_treat"])).astype(float))
    data = data.set_index(["countyreal", "year"])
    model = PanelOLS(data["lemp"], data[["treatment"]], entity_effects=True, time_effects=True)
    errors = {
        (counted, debiased): float(
            model.fit(
                cov_type="clustered",
                cluster_entity=True,
                auto_df=False,
                count_effects=counted,
                group_debias=debiased,
            ).std_errors["treatment"]
        )
        for counted, debiased in ((False, True), (True, True), (False, False))
    }
    plain = errors[False, True]
    assert found.get("two_way").standard_error == pytest.approx(plain, rel=1e-12)
    assert errors[True, True] / plain == pytest.approx(found.conventions.counting_nested, rel=1e-9)
    # without the correction for clusters the library has N / (N - K) instead of (N - 1) / (N - K)
    bare = errors[False, False] / plain * np.sqrt(2499 / 2500)
    assert bare == pytest.approx(found.conventions.without_clusters, rel=1e-9)


def test_a_librarys_words_become_codes_and_never_pass() -> None:
    def refuses() -> Answer:
        raise ValueError("unit '4711' has no observations in all 5 periods: Panel is not balanced")

    assert ask("synthetic", refuses) == Answer("synthetic", None, reason="unbalanced")
    assert name_trouble("county 1480 went wrong") == "library_refused"
    assert ask("two_way", lambda: Answer("two_way", float("nan"))).reason == "not_estimated"


@pytest.mark.parametrize("year", [2001, 2002, 2003])
def test_units_treated_from_the_first_time_on_are_left_out(rows: pd.DataFrame, year: int) -> None:
    early = rows["first_treat"].where(rows["first_treat"] != 2004, year)
    found = compare_estimators(panel_of(rows.assign(first_treat=early)), "lemp")
    without = compare_estimators(panel_of(rows[rows["first_treat"] != 2004]), "lemp")
    assert (found.left_out, without.left_out) == (20, 0)
    assert found.get("imputation").value == pytest.approx(without.get("imputation").value, abs=1e-12)


def test_nothing_to_compare_is_an_error(rows: pd.DataFrame) -> None:
    with pytest.raises(DesignError, match="before and after"):
        compare_estimators(panel_of(rows.assign(first_treat=0)), "lemp")
    with pytest.raises(DesignError, match="no column nothing"):
        compare_estimators(panel_of(rows), "nothing")


def test_peers_give_the_same(rows: pd.DataFrame) -> None:
    moderndid = pytest.importorskip("moderndid")
    told = moderndid.att_gt(
        rows.astype({"first_treat": float}), yname="lemp", tname="year", idname="countyreal", gname="first_treat"
    )
    simple = moderndid.aggte(told, type="simple")
    answer = compare_estimators(panel_of(rows), "lemp").get("group_time")
    assert answer.value == pytest.approx(float(simple.overall_att), abs=1e-9)


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_two_way_is_pyfixests(rows: pd.DataFrame) -> None:
    pyfixest = pytest.importorskip("pyfixest")
    data = rows.assign(treatment=((rows["first_treat"] > 0) & (rows["year"] >= rows["first_treat"])).astype(float))
    fit = pyfixest.feols("lemp ~ treatment | countyreal + year", data, vcov={"CRV1": "countyreal"})
    found = compare_estimators(panel_of(rows), "lemp")
    assert found.get("two_way").value == pytest.approx(float(fit.coef()["treatment"]), abs=1e-9)
    error = found.get("two_way").standard_error
    assert error is not None
    assert error * found.conventions.counting_terms == pytest.approx(float(fit.se()["treatment"]), rel=1e-9)

"""Staggered effects on panels small enough to work out by hand, and what the verb refuses."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from evalkit.errors import DesignError
from evalkit.models.staggered import aggregate, arrange, clustered_error, group_time_effects
from evalkit.models.staggered_effect import staggered_effect
from evalkit.values import Curve, Estimate, Panel

COLUMNS = ["person_id", "term", "school", "from", "score"]


def panel_of(rows: list[tuple], **more: list[float]) -> Panel:
    frame = pd.DataFrame(rows, columns=COLUMNS).assign(**more)
    return Panel(frame, "person_id", "term", "school", treated_from="from")


def paths(start: float, *scores: tuple[float, ...], name: str = "p") -> list[tuple]:
    """Return one person a tuple of scores from term 1 on, each in an own school; None is a term not seen."""
    found = []
    for number, path in enumerate(scores):
        key = f"{name}{start}-{number}"
        found += [(key, t + 1, key, start, score) for t, score in enumerate(path) if score is not None]
    return found


SMALL = [
    *paths(3, (1.0, 2.0, 7.0, 9.0), (3.0, 4.0, 7.0, 5.0)),
    *paths(4, (0.0, 1.0, 2.0, 9.0)),
    *paths(math.nan, (5.0, 5.0, 6.0, 6.0), (1.0, 3.0, 3.0, 4.0)),
]


def simple(panel: Panel, **choices: object) -> Estimate:
    found = staggered_effect(panel, outcome="score", **choices)
    assert isinstance(found, Estimate)
    return found


def points(panel: Panel, aggregate: str, **choices: object) -> dict[int, float]:
    found = staggered_effect(panel, outcome="score", aggregate=aggregate, **choices)
    assert isinstance(found, Curve)
    return dict(zip(found.frame["relative"], found.frame["value"], strict=True))


def test_cells_by_hand() -> None:
    # changes of the never treated: 1-2: 1, 2-3: .5, 2-4: 1, 3-4: .5; of cohort 3 from 2: 4 and 4; of cohort 4 from 3: 7
    assert points(panel_of(SMALL), "group") == {3: pytest.approx((3.5 + 3.0) / 2), 4: pytest.approx(6.5)}
    assert points(panel_of(SMALL), "calendar") == {3: pytest.approx(3.5), 4: pytest.approx((2 * 3.0 + 6.5) / 3)}
    assert points(panel_of(SMALL), "dynamic") == {
        -2: pytest.approx(0.0),
        -1: pytest.approx((2 * 0.0 + 0.5) / 3),
        0: pytest.approx((2 * 3.5 + 6.5) / 3),
        1: pytest.approx(3.0),
    }
    assert simple(panel_of(SMALL)).value == pytest.approx((2 * 3.5 + 2 * 3.0 + 6.5) / 5)


def test_those_not_yet_treated_are_compared_while_they_are() -> None:
    # at 3, cohort 4 (change 1) joins the never treated (1 and 0); at 4 it does not
    found = points(panel_of(SMALL), "group", control="not_yet")
    assert found == {3: pytest.approx((4 - 2 / 3 + 4 - 1.0) / 2), 4: pytest.approx(6.5)}


def test_a_universal_base_measures_all_from_the_same_term() -> None:
    found = points(panel_of(SMALL), "dynamic", base_period="universal")
    assert found[-1] == 0.0
    assert found[-2] == pytest.approx((2 * (-1.0 + 1.0) + (-1.0 + 0.5)) / 3)
    assert found[-3] == pytest.approx(-2.0 + 1.5)
    assert found[0] == pytest.approx((2 * 3.5 + 6.5) / 3)


def test_anticipation_moves_the_base() -> None:
    found = points(panel_of(SMALL), "group", anticipation=1)
    # cohort 3 from term 1: 5 and 5 on average against 1.5 and 2; cohort 4 from term 2: 8 against 1
    assert found == {3: pytest.approx((3.5 + 3.0) / 2), 4: pytest.approx(7.0)}
    # of the never treated, whoever starts within the anticipation is no comparison any more
    assert points(panel_of(SMALL), "group", control="not_yet", anticipation=1)[3] == pytest.approx((3.5 + 3.0) / 2)


def test_whoever_starts_after_the_last_term_is_never_treated() -> None:
    later = [row if not math.isnan(row[3]) else (*row[:3], 9.0, row[4]) for row in SMALL]
    assert simple(panel_of(later)).value == simple(panel_of(SMALL)).value
    zero = [row if not math.isnan(row[3]) else (*row[:3], 0.0, row[4]) for row in SMALL]
    assert simple(panel_of(zero)).value == simple(panel_of(SMALL)).value


def test_whoever_started_before_the_first_term_is_left_out() -> None:
    early = paths(1, (9.0, 1.0, 2.0, 5.0))
    found = simple(panel_of([*SMALL, *early]))
    assert found.value == simple(panel_of(SMALL)).value
    assert found.detail("units_started_early") == 1
    assert found.n == 5


def test_the_last_to_start_are_compared_where_nobody_is_never_treated() -> None:
    treated = [row for row in SMALL if not math.isnan(row[3])]
    with pytest.raises(DesignError, match="was never treated"):
        simple(panel_of(treated))
    found = simple(panel_of(treated), control="not_yet")
    assert found.value == pytest.approx(4.0 - 1.0)  # term 3 alone: from term 4 on everyone is treated


def test_pairwise_uses_whoever_was_seen_at_both_times_and_balanced_only_the_whole() -> None:
    gap = [*SMALL, *paths(math.nan, (2.0, 2.0, None, 9.0), name="gap")]
    # in 2-4 the third never treated counts (change 7), in 2-3 and 3-4 not
    pairwise = points(panel_of(gap), "calendar")
    assert pairwise == {3: pytest.approx(3.5), 4: pytest.approx((2 * (4.0 - 9.0 / 3) + 6.5) / 3)}
    assert points(panel_of(gap), "calendar", unbalanced="balanced") == points(panel_of(SMALL), "calendar")
    found = simple(panel_of(gap), unbalanced="balanced")
    assert found.detail("units_incomplete") == 1
    assert "balanced (only units seen at all times)" in found.convention
    assert simple(panel_of(gap)).detail("units_incomplete") == 0


def test_missing_outcomes_are_terms_not_seen() -> None:
    gap = [*SMALL, *paths(math.nan, (2.0, 2.0, None, 9.0), name="gap")]
    missing = [*SMALL, *paths(math.nan, (2.0, 2.0, math.nan, 9.0), name="gap")]
    assert simple(panel_of(missing)).value == simple(panel_of(gap)).value
    assert simple(panel_of(missing)).diagnostics.get("coverage") == pytest.approx(23 / 24)


def test_units_without_any_outcome_are_as_if_not_there() -> None:
    empty = [("q", term, "q", 0.0, math.nan) for term in (1, 2, 3, 4)]
    assert simple(panel_of([*SMALL, *empty])).n == 5
    treated = [row for row in SMALL if not math.isnan(row[3])]
    unit, start = np.array([0, 0, 1, 1, 2, 2]), np.array([2.0, 2.0, np.nan])
    with pytest.raises(DesignError, match="was never treated"):
        arrange(unit, np.array([1, 2] * 3), np.array([1.0, 2, 3, 4, np.nan, np.nan]), start, np.arange(3))
    with pytest.raises(DesignError, match="was never treated"):
        simple(panel_of([*treated, *empty]))


def test_a_cohort_never_seen_before_its_start_is_told() -> None:
    late = [*SMALL, *paths(3, (None, None, 7.0, 7.0), name="late")]
    assert simple(panel_of(late)).value == pytest.approx((3 * 3.5 + 3 * 3.0 + 6.5) / 7)  # the cohort counts by its size
    lost = [row for row in SMALL if not (row[3] == 3 and row[1] < 3)]
    found = simple(panel_of(lost))
    assert found.value == pytest.approx(6.5)
    assert found.detail("cells_left_out") == 3


def test_weights_count_rows_for_many() -> None:
    weights = [2.0 if row[0] == "p3-0" else 1.0 for row in SMALL]
    twice = [*SMALL, *[("copy", *row[1:]) for row in SMALL if row[0] == "p3-0"]]
    weighted = panel_of(SMALL, pupils=weights)
    assert simple(weighted, weight="pupils").value == pytest.approx(simple(panel_of(twice)).value)
    frame = Panel(weighted.frame, "person_id", "term", "school", treated_from="from", weight="pupils")
    found = simple(frame)
    assert found.value == simple(weighted, weight="pupils").value
    assert found.n == 6
    assert simple(weighted, weight="pupils").n == 5


def test_the_earlier_weight_and_covariate_count() -> None:
    generator = np.random.default_rng(2)
    rows = [*paths(3, *generator.normal(size=(30, 4)).tolist()), *paths(math.nan, *generator.normal(size=(40, 4)))]
    weight, x = generator.uniform(1, 2, len(rows)), generator.normal(size=len(rows))
    time = np.array([row[1] for row in rows])
    base = {"weight": "w", "covariates": ["x"]}
    once = simple(panel_of(rows, w=weight, x=x), **base)
    moved = simple(panel_of(rows, w=np.where(time > 2, 9.0, weight), x=np.where(time > 2, 7.0 * x, x)), **base)
    assert moved.value == pytest.approx(once.value)
    other = simple(panel_of(rows, w=weight, x=np.where(time == 2, x**2, x)), **base)
    assert other.value != pytest.approx(once.value)


def test_two_groups_and_two_times_are_a_difference_of_mean_changes() -> None:
    generator = np.random.default_rng(7)
    own, other = generator.normal(1, 1, size=(25, 2)), generator.normal(0, 2, size=(40, 2))
    found = simple(panel_of([*paths(2, *own), *paths(math.nan, *other)]))
    change = own[:, 1] - own[:, 0], other[:, 1] - other[:, 0]
    assert found.value == pytest.approx(change[0].mean() - change[1].mean())
    variance = change[0].var() / 25 + change[1].var() / 40
    assert found.standard_error == pytest.approx(math.sqrt(variance * 65 / 64))
    assert found.high - found.value == pytest.approx(student.ppf(0.975, 24) * found.standard_error)
    assert found.p == pytest.approx(2 * student.sf(abs(found.value) / found.standard_error, 24))


def test_a_saturated_covariate_gives_the_mean_over_its_levels() -> None:
    """Closed form: with a 0-1 covariate all three estimators average the levels' differences by the treated."""
    generator = np.random.default_rng(8)
    own, other = generator.normal(size=(30, 2)), generator.normal(size=(44, 2))
    level = np.concatenate([np.arange(30) % 3 == 0, np.arange(44) % 2 == 0]).astype(float)
    panel = panel_of([*paths(2, *own), *paths(math.nan, *other)], x=np.repeat(level, 2))
    change = np.concatenate([own[:, 1] - own[:, 0], other[:, 1] - other[:, 0]])
    treated = np.arange(74) < 30
    by_level = [
        change[treated & (level == one)].mean() - change[~treated & (level == one)].mean() for one in (0.0, 1.0)
    ]
    for estimator in ("doubly_robust", "outcome_regression", "inverse_weighting"):
        found = simple(panel, covariates=["x"], estimator=estimator)
        assert found.value == pytest.approx(np.dot(by_level, [20, 10]) / 30), estimator
        assert found.detail("estimator") == estimator


def test_the_standard_error_is_right_over_repeated_samples() -> None:
    """The mean estimated variance equals the variance of the estimate, the uncertain sizes of cohorts included."""
    generator, values, variances = np.random.default_rng(11), [], []
    for _ in range(400):
        x = generator.normal(size=150)
        kind = generator.choice([2.0, 3.0, np.nan], size=150, p=[0.2, 0.3, 0.5])
        gain = np.where(kind == 2, 1.0, 4.0)
        y = x[:, None] * np.arange(4) + generator.normal(size=(150, 4))
        y += np.where(np.arange(1, 5) >= kind[:, None], gain[:, None], 0.0)
        unit, time = np.repeat(np.arange(150), 4), np.tile(np.arange(1, 5), 150)
        laid_out = arrange(unit, time, y.ravel(), kind, np.arange(150), covariates=np.repeat(x, 4)[:, None])
        overall = aggregate(group_time_effects(laid_out), "simple").overall
        values.append(overall.value)
        variances.append(clustered_error(overall.influence) ** 2)
    assert np.mean(variances) / np.var(values) == pytest.approx(1.0, abs=0.25)  # sd of the ratio near .07


def test_shares_are_told_in_percentage_points() -> None:
    share = [(*row[:4], row[4] / 10) for row in SMALL]
    found = simple(panel_of(share))
    assert found.unit == "percentage_points"
    assert found.value == pytest.approx(10 * simple(panel_of(SMALL)).value)
    assert simple(panel_of(SMALL)).unit == "points"


def test_pointwise_leaves_the_bands_empty() -> None:
    generator = np.random.default_rng(9)
    rows = [*paths(3, *generator.normal(size=(25, 4))), *paths(math.nan, *generator.normal(size=(25, 4)))]
    curve = staggered_effect(panel_of(rows), outcome="score", aggregate="dynamic", band="pointwise")
    assert isinstance(curve, Curve)
    assert curve.frame[["band_low", "band_high"]].isna().all(axis=None)
    assert curve.frame[["low", "high"]].notna().all(axis=None)
    again = staggered_effect(panel_of(rows), outcome="score", aggregate="dynamic")
    assert isinstance(again, Curve)
    assert again.frame["low"].equals(curve.frame["low"])


def test_a_band_over_one_point_is_its_interval() -> None:
    generator = np.random.default_rng(10)
    rows = [*paths(2, *generator.normal(size=(25, 2))), *paths(math.nan, *generator.normal(size=(25, 2)))]
    one = staggered_effect(panel_of(rows), outcome="score", aggregate="dynamic")
    assert isinstance(one, Curve)
    width = one.frame["high"] - one.frame["low"]
    assert ((one.frame["band_high"] - one.frame["band_low"]) / width).item() == pytest.approx(1.0, abs=0.12)


def test_the_panel_is_untouched() -> None:
    panel = panel_of(SMALL)
    before = panel.fingerprint
    simple(panel, control="not_yet")
    assert panel.fingerprint == before


def without_start() -> Panel:
    return Panel(panel_of(SMALL).frame, "person_id", "term", "school")


@pytest.mark.parametrize(
    ("panel", "choices", "said"),
    [
        (panel_of(SMALL), {"covariates": ["age"]}, "no column age"),
        (without_start(), {}, "from when anyone is treated"),
        (panel_of(SMALL), {"anticipation": -1}, "anticipation is negative"),
        (panel_of([row for row in SMALL if math.isnan(row[3])]), {}, "no treated unit is seen before its start"),
        (panel_of([row for row in SMALL if row[3] == 3]), {"control": "not_yet"}, "nobody to compare with"),
        (panel_of([(*row[:4], math.nan) for row in SMALL]), {}, "nobody has the outcome"),
        (panel_of([(*row[:2], f"s{row[1]}", *row[3:]) for row in SMALL]), {}, "school changes over time"),
        (panel_of([(*row[:3], 2.0 + row[1], row[4]) for row in SMALL]), {}, "from changes over time"),
        (panel_of(SMALL, w=[-1.0] * len(SMALL)), {"weight": "w"}, "a weight is negative"),
        (panel_of(SMALL, x=[1.0] * len(SMALL)), {"covariates": ["x"]}, "the same for everyone"),
        (
            panel_of(SMALL, x=[float(row[3] == 3) for row in SMALL]),
            {"covariates": ["x"], "estimator": "inverse_weighting"},
            "nobody is comparable",
        ),
        (
            panel_of(SMALL, x=[float(row[3] == 3) for row in SMALL]),
            {"covariates": ["x"], "estimator": "outcome_regression"},
            "cannot be told apart",
        ),
    ],
)
def test_refusals(panel: Panel, choices: dict, said: str) -> None:
    with pytest.raises(DesignError, match=said) as caught:
        simple(panel, **choices)
    assert caught.value.remedy

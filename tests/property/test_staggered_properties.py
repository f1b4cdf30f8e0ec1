"""Staggered effects on random unbalanced panels: what must not change them, and a second route by plain loops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.models.staggered import GroupTime, aggregate, arrange, clustered_error, group_time_effects
from evalkit.models.staggered_effect import staggered_effect
from evalkit.values import Curve, Estimate, Panel

SOME = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(0, 10_000)
CONTROLS = st.sampled_from(["never", "not_yet"])
UNBALANCED = st.sampled_from(["pairwise", "balanced"])
KINDS = ("dynamic", "group", "calendar")


def draw(seed: int, *, schools: int = 60, terms: int = 5, zero: bool = False) -> pd.DataFrame:
    """Return pupils of schools that start at random terms or never, some terms missing."""
    generator = np.random.default_rng(seed)
    rows = []
    for school in range(schools):
        start = generator.choice([2, 3, 5, 0, 0])
        for pupil in range(generator.integers(1, 4)):
            level, weight = generator.normal(), generator.uniform(0.5, 2)
            for term in range(1, terms + 1):
                if generator.random() < 0.9:
                    score = 0.0 if zero else level + 0.3 * term + (start > 0) * (term >= start) + generator.normal()
                    rows.append(
                        (f"p{school:02d}-{pupil}", term, f"s{school:02d}", start, score, level + 0.1 * term, weight)
                    )
    return pd.DataFrame(rows, columns=["person_id", "term", "school", "from", "score", "x", "w"])


def panel_of(frame: pd.DataFrame) -> Panel:
    return Panel(frame, "person_id", "term", "school", treated_from="from")


def curves(frame: pd.DataFrame, **choices: object) -> pd.DataFrame:
    """Return the points of all curves, with the overall and the simple mean as rows."""
    panel, found = panel_of(frame), []
    for kind in KINDS:
        curve = staggered_effect(panel, outcome="score", aggregate=kind, **choices)
        assert isinstance(curve, Curve)
        found.append(curve.frame.drop(columns=["relative"]).assign(overall=curve.detail("overall")))
    one = staggered_effect(panel, outcome="score", **choices)
    assert isinstance(one, Estimate)
    found.append(pd.DataFrame({"value": [one.value], "low": [one.low], "high": [one.high], "overall": [one.value]}))
    return pd.concat(found, ignore_index=True)


def same(first: pd.DataFrame, second: pd.DataFrame) -> None:
    np.testing.assert_allclose(second, first, rtol=1e-8, atol=1e-9)


@SOME
@given(SEEDS, CONTROLS, UNBALANCED)
def test_names_and_order_do_not_matter(seed: int, control: str, unbalanced: str) -> None:
    frame = draw(seed)
    generator = np.random.default_rng(seed)
    renamed = frame.sample(frac=1, random_state=seed)
    for column in ("person_id", "school"):
        names = renamed[column].unique()
        other = dict(zip(names, generator.permutation(len(names)), strict=True))
        renamed[column] = [f"n{other[name]:04d}" for name in renamed[column]]
    choices = {"control": control, "unbalanced": unbalanced, "covariates": ["x"], "weight": "w"}
    same(curves(frame, **choices), curves(renamed, **choices))


@SOME
@given(SEEDS, CONTROLS, st.floats(0.1, 50), st.floats(-20, 20))
def test_scaling_scales_and_shifting_does_nothing(seed: int, control: str, factor: float, shift: float) -> None:
    frame = draw(seed)
    moved = frame.assign(score=factor * frame["score"] + shift)
    widths = ["value", "low", "high", "band_low", "band_high", "overall"]
    first, second = curves(frame, control=control), curves(moved, control=control)
    np.testing.assert_allclose(second[widths], factor * first[widths], rtol=1e-7, atol=1e-8 * factor)


@SOME
@given(SEEDS, CONTROLS, st.integers(-3000, 3000))
def test_the_count_of_time_may_begin_anywhere(seed: int, control: str, shift: int) -> None:
    frame = draw(seed)
    later = frame["from"].where(frame["from"] == 0, frame["from"] + shift).astype(float).replace(0.0, np.nan)
    if ((frame["from"] > 0) & later.isna()).any():
        return  # a start at time 0 is how a panel says never
    moved = frame.assign(**{"term": frame["term"] + shift, "from": later})
    same(curves(frame, control=control), curves(moved, control=control))


@SOME
@given(SEEDS, CONTROLS)
def test_nothing_changed_means_no_effect_and_no_false_certainty(seed: int, control: str) -> None:
    found = curves(draw(seed, zero=True), control=control)
    assert (found["value"] == 0).all()
    assert found[["low", "high"]].isna().all(axis=None)


@SOME
@given(SEEDS, st.floats(-3, 3))
def test_a_constant_effect_on_common_paths_is_found_exactly(seed: int, effect: float) -> None:
    frame = draw(seed)
    level = frame.groupby("person_id")["score"].transform("first")
    on = (frame["from"] > 0) & (frame["term"] >= frame["from"])
    exact = frame.assign(score=level + frame["term"] ** 2 + effect * on)
    for kind in KINDS:
        curve = staggered_effect(panel_of(exact), outcome="score", aggregate=kind)
        assert isinstance(curve, Curve)
        assert curve.detail("overall") == pytest.approx(effect, abs=1e-9)


def core(frame: pd.DataFrame, control: str, unbalanced: str, **more: object) -> GroupTime:
    unit, people = pd.factorize(frame["person_id"])
    facts = frame.drop_duplicates("person_id").set_index("person_id").loc[people]
    laid_out = arrange(
        unit.astype(np.int64),
        frame["term"].to_numpy(),
        frame["score"].to_numpy(),
        facts["from"].replace(0, np.nan).to_numpy(dtype=float),
        pd.factorize(facts["school"], sort=True)[0],
        control=control,
        unbalanced=unbalanced,
        **more,
    )
    return group_time_effects(laid_out, control=control)


@SOME
@given(SEEDS, CONTROLS, UNBALANCED, st.integers(0, 1))
def test_plain_loops_give_the_same_cells(seed: int, control: str, unbalanced: str, anticipation: int) -> None:
    frame = draw(seed, schools=25)
    found = core(frame, control, unbalanced, anticipation=anticipation)
    wide = frame.pivot(index="person_id", columns="term", values="score")
    start = frame.groupby("person_id")["from"].first().replace(0, 99)
    wide = wide[start > 1 + anticipation]
    wide = wide.dropna() if unbalanced == "balanced" else wide
    start = start[wide.index].where(start <= 5 + anticipation, 99)
    for cell, value, counts in zip(
        found.cells, found.value, zip(found.treated, found.compared, strict=True), strict=True
    ):
        g, t, b = found.starts[cell.cohort], found.times[cell.time], found.times[cell.base]
        assert b == (max(s for s in range(1, 6) if s + anticipation < g) if t + anticipation >= g else t - 1)
        change = (wide[t] - wide[b]).dropna()
        compared = start[change.index] > (t + anticipation if control == "not_yet" else 98)
        own = start[change.index] == g
        assert value == pytest.approx(change[own].mean() - change[compared & ~own].mean(), abs=1e-10)
        assert counts == (own.sum(), (compared & ~own).sum())


@SOME
@given(SEEDS)
def test_influence_is_how_the_result_moves_when_a_school_counts_more(seed: int) -> None:
    """Two routes: the derivative with respect to a school's weight, by differences, is its influence."""
    frame = draw(seed, schools=40)
    unit, people = pd.factorize(frame["person_id"])
    facts = frame.drop_duplicates("person_id").set_index("person_id").loc[people]
    school = pd.factorize(facts["school"], sort=True)[0]
    step = 1e-5

    def overall(kind: str, weighted: int, weight: float) -> tuple[float, np.ndarray]:
        rows = np.where(school[unit] == weighted, weight, 1.0)
        laid_out = arrange(
            unit.astype(np.int64),
            frame["term"].to_numpy(),
            frame["score"].to_numpy(),
            facts["from"].replace(0, np.nan).to_numpy(dtype=float),
            school,
            weight=rows,
            covariates=frame[["x"]].to_numpy(),
        )
        found = aggregate(group_time_effects(laid_out), kind).overall
        return found.value, found.influence

    for kind in ("simple", *KINDS):
        influence = overall(kind, 0, 1.0)[1]
        slope = (overall(kind, 0, 1.0 + step)[0] - overall(kind, 0, 1.0 - step)[0]) / (2 * step)
        assert slope == pytest.approx(influence[0], abs=1e-5 * max(1.0, np.abs(influence).max()))
        assert influence.sum() == pytest.approx(0.0, abs=1e-8)
        assert clustered_error(influence) > 0

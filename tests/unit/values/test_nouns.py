"""Nouns refuse what they must not hold, and are not changed by what they were made from."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from evalkit.values import (
    Axis,
    Birthright,
    Cohort,
    Column,
    Estimate,
    Flow,
    FlowStep,
    Measure,
    Panel,
    Period,
    Protected,
    SchoolSums,
    Segment,
    Table,
    fingerprint,
)


def flow(*counts: int) -> Flow:
    return Flow(tuple(FlowStep(f"s{i}", "a", "a", n, n) for i, n in enumerate(counts)))


def cohort_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "person_id": ["b", "a"],
            "entry": pd.to_datetime(["2021-08-17", "2021-08-17"]),
            "exit": pd.to_datetime([None, "2022-01-01"]),
            "exit_cause": ["", "moved"],
            "school_id": ["1", "1"],
            "year_group": [7, 7],
        }
    )


def test_a_period_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match="not after"):
        Period(date(2023, 1, 1), date(2023, 1, 1))
    period = Period(date(2023, 1, 1), date(2023, 7, 1))
    assert period.contains(date(2023, 1, 1))
    assert not period.contains(date(2023, 7, 1))


def test_a_flow_never_rises() -> None:
    assert flow(10, 8, 8).steps[-1].persons == 8
    with pytest.raises(ValueError, match="rises"):
        flow(10, 11)


def test_a_cohort_holds_each_person_once_and_sorts_them() -> None:
    cohort = Cohort(cohort_frame(), flow(2), "c", "k")
    assert list(cohort.frame["person_id"]) == ["a", "b"]
    with pytest.raises(ValueError, match="once"):
        Cohort(pd.concat([cohort_frame(), cohort_frame()]), flow(4), "c", "k")
    early = cohort_frame().assign(exit=pd.to_datetime(["2020-01-01", "2020-01-01"]))
    with pytest.raises(ValueError, match="before entering"):
        Cohort(early, flow(2), "c", "k")


def test_a_noun_keeps_its_own_copy() -> None:
    frame = cohort_frame()
    cohort = Cohort(frame, flow(2), "c", "k")
    frame.loc[0, "person_id"] = "z"
    assert "z" not in set(cohort.frame["person_id"])


def test_a_panel_refuses_duplicates_and_missing_keys() -> None:
    frame = pd.DataFrame({"p": ["a", "a"], "t": [0, 1], "s": ["x", "x"]})
    assert len(Panel(frame, "p", "t", "s").frame) == 2
    with pytest.raises(ValueError, match="once"):
        Panel(frame.assign(t=0), "p", "t", "s")
    with pytest.raises(ValueError, match="missing"):
        Panel(frame.assign(s=None), "p", "t", "s")
    with pytest.raises(ValueError, match="no column"):
        Panel(frame, "p", "t", "s", treated_from="g")


def test_a_ratio_has_a_denominator() -> None:
    with pytest.raises(ValueError, match="denominator"):
        Measure("r", "ratio", "share", "higher", ("a",), lambda tables, grid: grid, numerator="a")


def test_an_estimate_says_what_it_estimates_and_a_wald_interval_holds_its_value() -> None:
    with pytest.raises(ValueError, match="what it estimates"):
        Estimate("e", " ", "effect", 1.0, "points")
    with pytest.raises(ValueError, match="Wald"):
        Estimate("e", "x", "effect", 1.0, "points", (Segment(2.0, 3.0),), standard_error=0.1)
    inverted = Estimate("e", "x", "effect", 1.0, "points", (Segment(-math.inf, 0.0), Segment(2.0, math.inf)))
    assert inverted.low == -math.inf
    assert inverted.high == math.inf


def test_school_sums_refuse_a_school_under_the_minimum() -> None:
    schools = pd.DataFrame({"site": ["a"], "municipality": ["1440"], "school": ["s"], "treated_from": [np.nan]})
    terms = pd.DataFrame(
        {"site": ["a"], "municipality": ["1440"], "school": ["s"], "time": [0], "pupils": [9], "outcome_sum": [1.0]}
    )
    empty = pd.DataFrame(
        {
            name: []
            for name in (
                "site",
                "municipality",
                "school",
                "start",
                "pupils",
                "classes",
                "contrast_sum",
                "variance_within_school",
                "variance_within_class",
            )
        }
    )
    SchoolSums("o", "percentage_points", schools, terms, empty, ((0, "HT2021"),))
    with pytest.raises(ValueError, match="fewer than 10"):
        SchoolSums("o", "percentage_points", schools, terms, empty, ((0, "HT2021"),), minimum=10)


def test_school_sums_fill_in_what_need_not_be_there() -> None:
    place = {"site": ["a"], "municipality": ["1440"], "school": ["s"]}
    schools, terms = place | {"treated_from": [np.nan]}, place | {"time": [0], "pupils": [9], "outcome_sum": [1.0]}
    counts = {"start": [1], "pupils": [12], "classes": [1], "contrast_sum": [3.0]}
    contrasts = place | counts | {"variance_within_school": [1.0], "variance_within_class": [1.0]}
    frames = [pd.DataFrame(frame) for frame in (schools, terms, contrasts)]
    made = SchoolSums("o", "points", *frames, ((0, "HT2021"),))
    assert made.schools["fewest"].isna().all()
    assert made.terms["enrolled"].isna().all()
    assert made.contrasts["seated"].isna().all()
    assert made.moves.empty
    with pytest.raises(ValueError, match="moves has no column"):
        SchoolSums("o", "points", *frames, ((0, "HT2021"),), moves=pd.DataFrame({"site": ["a"]}))


def test_a_table_knows_its_levels() -> None:
    axis, column = Axis("sex", ("woman", "man"), "all"), Column("persons", "count")
    with pytest.raises(ValueError, match="level"):
        Table("t", "u", (axis,), (column,), pd.DataFrame({"sex": ["other"], "persons": [1]}))
    with pytest.raises(ValueError, match="once"):
        Table("t", "u", (axis,), (column,), pd.DataFrame({"sex": ["man", "man"], "persons": [1, 2]}))


def test_a_protected_value_is_born_in_protect_alone() -> None:
    with pytest.raises(PermissionError):
        Protected(flow(10), pd.DataFrame(), "p", "d", 0, "released", "r", None)  # type: ignore[arg-type]
    assert Protected(flow(10), pd.DataFrame(), "p", "d", 0, "released", "r", Birthright()).value == flow(10)


def test_a_fingerprint_ignores_the_order_of_a_sum_but_not_a_changed_value() -> None:
    left = pd.DataFrame({"x": [0.1 + 0.2, 1.0], "who": ["a", "b"]})
    right = pd.DataFrame({"x": [0.3, 1.0], "who": ["a", "b"]})
    assert fingerprint(left) == fingerprint(right)
    assert fingerprint(left) != fingerprint(right.assign(x=[0.3000001, 1.0]))
    assert fingerprint(left) != fingerprint(right.assign(who=["a", "c"]))
    assert fingerprint(pd.DataFrame({"n": np.array([1, 2], "int32")})) == fingerprint(pd.DataFrame({"n": [1.0, 2.0]}))

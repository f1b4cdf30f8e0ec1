"""Names, order and units change nothing that is judged from clusters' sums, in whole verbs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.models import family_effects, within_effect
from evalkit.values import Estimate, Panel, SchoolSums

COVARIANCES = ("bias_reduced", "wild_bootstrap", "cluster_robust", "jackknife")
LABELS = tuple(enumerate(("HT2021", "VT2022", "HT2022", "VT2023")))


def panel(seed: int, schools: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    school = np.repeat(np.arange(schools), generator.integers(3, 7, schools))
    person = np.repeat(np.arange(len(school)), 4)
    frame = pd.DataFrame({"person_id": person, "time": np.tile(np.arange(4), len(school)), "school": school[person]})
    shock = generator.normal(size=(schools, 4, 2))[frame["school"], frame["time"]]
    frame["x"] = shock[:, 0] + generator.normal(size=len(frame))
    frame["y"] = 0.3 * frame["x"] + shock[:, 1] + generator.normal(size=len(frame)) + 3.0
    return frame[generator.random(len(frame)) < 0.9]


def judge(frame: pd.DataFrame, covariance: str) -> Estimate:
    named = frame.astype({"person_id": "str", "school": "str"})
    return within_effect(
        Panel(named, "person_id", "time", "school", labels=LABELS), outcome="y", on="x", covariance=covariance
    )


def said(one: Estimate, unit: float = 1.0) -> list[float]:
    return [unit * one.value, unit * one.low, unit * one.high, one.p]


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), schools=st.integers(3, 16), covariance=st.sampled_from(COVARIANCES))
def test_within_effects_know_no_names_order_or_units(seed: int, schools: int, covariance: str) -> None:
    frame = panel(seed, schools)
    before = judge(frame, covariance)
    generator = np.random.default_rng(seed + 1)
    other = frame.sample(frac=1.0, random_state=seed)
    person = generator.permutation(frame["person_id"].max() + 1)
    school = generator.permutation(schools)
    other = other.assign(person_id=person[other["person_id"]], school=school[other["school"]])
    assert said(judge(other, covariance)) == pytest.approx(said(before), rel=1e-6)
    scaled = judge(frame.assign(x=1e3 * frame["x"], y=100.0 * frame["y"] + 7.0), covariance)
    assert said(scaled, 10.0) == pytest.approx(said(before), rel=1e-6)


def outcome(name: str, seed: int, schools: list[str]) -> SchoolSums:
    generator = np.random.default_rng(seed)
    places = pd.DataFrame({"site": "ale", "municipality": "1440", "school": schools})
    values = pd.DataFrame(
        {"contrast_sum": 100.0 * generator.normal(0, 2, len(schools)), "pupils": 100, "classes": 4, "start": 2}
    )
    terms = places.merge(pd.DataFrame({"time": range(4), "pupils": 100, "outcome_sum": 0.0}), how="cross")
    return SchoolSums(
        name,
        "points",
        places.assign(treated_from=[2.0, 2.0] + [np.nan] * (len(schools) - 2)),
        terms,
        pd.concat([places, values], axis=1).assign(variance_within_school=90.0, variance_within_class=80.0),
        LABELS,
    )


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(16, 24))
def test_families_know_no_names_or_order(seed: int, count: int) -> None:
    generator = np.random.default_rng(seed)
    names = [f"s{number:02d}" for number in range(count)]
    renamed = dict(zip(names, generator.permutation(names), strict=True))
    before = family_effects([outcome(f"o{i}", seed + i, names) for i in range(3)])
    others = []
    for i in (2, 0, 1):
        one = outcome(f"o{i}", seed + i, names)
        parts = {part: getattr(one, part) for part in ("schools", "terms", "contrasts")}
        others.append(
            replace(one, **{part: frame.assign(school=frame["school"].map(renamed)) for part, frame in parts.items()})
        )
    after = family_effects(others).frame.set_index("outcome").loc[before.frame["outcome"]]
    columns = ["value", "low", "high", "p", "p_adjusted"]
    assert after[columns].to_numpy() == pytest.approx(before.frame[columns].to_numpy(), rel=1e-9)

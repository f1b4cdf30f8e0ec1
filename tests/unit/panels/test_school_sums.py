"""School sums equal those made pupil by pupil."""

from __future__ import annotations

import statistics
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from evalkit.errors import DesignError
from evalkit.panels import school_sums
from evalkit.values import Panel

quick = settings(max_examples=10, deadline=None, derandomize=True, phases=[Phase.generate])


def random_panel(seed: int) -> Panel:
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(int(rng.integers(2, 20))):
        assigned = None if rng.random() < 0.1 else str(rng.choice(["A", "B"]))
        for time in range(5):
            if rng.random() < 0.25:
                continue
            school = assigned if assigned and rng.random() < 0.8 else "C"
            rows.append(
                {
                    "person_id": f"p{person}",
                    "time": time,
                    "school": school,
                    "assigned_school": assigned,
                    "class_id": None if rng.random() < 0.15 else str(rng.choice(["7a", "7b"])),
                    "cluster_school": assigned or "C",
                    "treated_from": 2.0 if assigned == "A" else np.nan,
                    "municipality": "1440",
                    "place": "Ale",
                    "attendance_rate": rng.random() if rng.random() < 0.9 else np.nan,
                }
            )
    rows.append(
        rows[0] | {"person_id": "q", "assigned_school": "A", "treated_from": 2.0, "time": 1, "attendance_rate": 0.5}
    )
    return Panel(
        pd.DataFrame(rows), "person_id", "time", "cluster_school", "class_id", "treated_from", ((0, "HT2021"),)
    )


def contrast(own: pd.DataFrame, start: int) -> tuple[float, str | None] | None:
    """Return one pupil's contrast at a start and the class before it."""
    own = own[own["attendance_rate"].notna()]
    before, after = own[own["time"] < start], own[own["time"] >= start]
    if before.empty or after.empty:
        return None
    last = before.sort_values("time").iloc[-1]
    named = None if pd.isna(last["class_id"]) else f"{last['school']} {last['class_id']}"
    return 100 * (after["attendance_rate"].mean() - before["attendance_rate"].mean()), named


def within(pairs: list[tuple[float, str | None]]) -> float:
    seated = [(value, name) for value, name in pairs if name is not None]
    names = {name for _, name in seated}
    means = {name: statistics.fmean(value for value, own in seated if own == name) for name in names}
    squares = sum((value - means[name]) ** 2 for value, name in seated)
    return squares / (len(seated) - len(names)) if len(seated) > len(names) else np.nan


@quick
@given(seed=st.integers(0, 10**6))
def test_contrasts_equal_those_made_pupil_by_pupil(seed: int) -> None:
    panel = random_panel(seed)
    found = school_sums(panel, outcome="attendance_rate").contrasts.set_index(["school", "start"])
    seen = panel.frame.dropna(subset=["assigned_school", "attendance_rate"])
    keys = set()
    for start in sorted(seen["time"].unique())[1:]:
        for school, pupils in seen.groupby("assigned_school"):
            pairs = [contrast(own, start) for _, own in pupils.groupby("person_id")]
            pairs = [pair for pair in pairs if pair is not None]
            if not pairs:
                continue
            keys.add((school, start))
            row = found.loc[(school, start)]
            values = [value for value, _ in pairs]
            assert row["pupils"] == len(values)
            assert row["classes"] == len({name for _, name in pairs} - {None})
            assert row["contrast_sum"] == pytest.approx(sum(values))
            variance = statistics.variance(values) if len(values) > 1 else np.nan
            assert row["variance_within_school"] == pytest.approx(variance, nan_ok=True, abs=1e-9)
            assert row["variance_within_class"] == pytest.approx(within(pairs), nan_ok=True, abs=1e-9)
    assert set(found.index) == keys


@quick
@given(seed=st.integers(0, 10**6))
def test_terms_count_assigned_pupils_with_an_outcome(seed: int) -> None:
    panel = random_panel(seed)
    sums = school_sums(panel, outcome="attendance_rate")
    seen = panel.frame.dropna(subset=["assigned_school", "attendance_rate"])
    cells = seen.groupby(["assigned_school", "time"])["attendance_rate"]
    found = sums.terms.set_index(["school", "time"])
    assert found["pupils"].to_dict() == cells.size().to_dict()
    assert found["outcome_sum"].to_dict() == pytest.approx((100 * cells.sum()).to_dict())
    assert dict(zip(sums.schools["school"], sums.schools["treated_from"].fillna(-9), strict=True)) == {
        school: {"A": 2.0, "B": -9.0}[school] for school in seen["assigned_school"].unique()
    }


def test_without_any_class_only_the_schools_variance_is_known() -> None:
    panel = random_panel(2)
    sums = school_sums(replace(panel, frame=panel.frame.assign(class_id=None)), outcome="attendance_rate")
    assert (sums.contrasts["classes"] == 0).all()
    assert sums.contrasts["variance_within_class"].isna().all()
    assert sums.contrasts["variance_within_school"].notna().any()


def test_a_school_treated_from_two_times_is_refused() -> None:
    panel = random_panel(2)
    frame = panel.frame.assign(treated_from=panel.frame["treated_from"].where(panel.frame["person_id"] != "q", 3.0))
    with pytest.raises(DesignError, match="more than one time"):
        school_sums(replace(panel, frame=frame), outcome="attendance_rate")


def test_summing_changes_nothing() -> None:
    panel = random_panel(2)
    before = panel.frame.copy()
    school_sums(panel, outcome="attendance_rate")
    pd.testing.assert_frame_equal(panel.frame, before)


def test_other_units_are_left_as_they_are() -> None:
    panel = random_panel(2)
    points = school_sums(panel, outcome="attendance_rate", unit="points")
    percent = school_sums(panel, outcome="attendance_rate")
    assert (points.unit, percent.unit) == ("points", "percentage_points")
    np.testing.assert_allclose(percent.contrasts["contrast_sum"], 100 * points.contrasts["contrast_sum"])
    np.testing.assert_allclose(
        percent.contrasts["variance_within_school"], 1e4 * points.contrasts["variance_within_school"]
    )


def test_sums_bear_plain_texts_that_go_together_with_those_of_other_sites() -> None:
    sums = school_sums(random_panel(2), outcome="attendance_rate")
    for frame in (sums.schools, sums.terms, sums.contrasts):
        assert {str(frame[column].dtype) for column in ("school", "municipality", "site")} == {"str"}

"""Witness: means by hand; a t test on school means where schools are balanced."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from evalkit.errors import DesignError
from evalkit.models import change_over_time
from evalkit.values import Panel

LABELS = ((0, "HT2021"), (1, "VT2022"), (2, "HT2022"))


def drawn(rows: str) -> Panel:
    """Read ``person term school year_group outcome`` lines."""
    frame = pd.DataFrame(
        [line.split() for line in rows.strip().splitlines()], columns=["person", "time", "school", "year_group", "y"]
    )
    frame = frame.astype({"time": int, "year_group": int, "y": float})
    return Panel(frame, "person", "time", "school", labels=LABELS)


TINY = """
a 0 s1 7 0.80
b 0 s1 7 0.90
c 0 s2 7 1.00
a 2 s1 8 0.10
d 2 s1 7 0.95
e 2 s2 7 0.85
f 1 s2 7 0.00
"""


def test_levels_and_change_worked_out_by_hand() -> None:
    found = change_over_time(drawn(TINY), outcome="y", between=("HT2021", "HT2022"), year_group=7, name="attendance")
    assert found.detail("from_level") == pytest.approx(90.0)
    assert found.detail("to_level") == pytest.approx(90.0)
    assert found.value == pytest.approx(0.0)
    assert (found.detail("from"), found.detail("to"), found.detail("year_group")) == ("HT2021", "HT2022", 7)
    assert (found.unit, found.design, found.name) == ("percentage_points", "change", "attendance")
    assert (found.n, found.clusters, found.persons_minimum) == (5, 2, 2)


def test_without_a_year_group_everyone_counts() -> None:
    found = change_over_time(drawn(TINY), outcome="y", between=("HT2021", "HT2022"))
    assert found.value == pytest.approx(100 * (1.9 / 3 - 0.9))
    assert found.n == 5
    assert found.detail("year_group") is None


def test_balanced_schools_give_the_t_test_on_their_changes() -> None:
    generator = np.random.default_rng(1)
    frame = pd.DataFrame(
        [(f"{s}-{i}-{time}", time, f"s{s}") for s in range(5) for time in (0, 2) for i in range(12)],
        columns=["person", "time", "school"],
    )
    frame["y"] = 10 + generator.normal(size=len(frame)) + frame["school"].str[1].astype(int) * frame["time"]
    found = change_over_time(
        Panel(frame, "person", "time", "school", labels=LABELS), outcome="y", between=("HT2021", "HT2022")
    )
    means = frame.groupby(["school", "time"])["y"].mean().unstack()
    changes = means[2] - means[0]
    error = changes.std(ddof=1) / math.sqrt(5)
    assert found.value == pytest.approx(changes.mean())
    assert found.standard_error == pytest.approx(error)
    assert found.diagnostics.get("degrees_of_freedom") == pytest.approx(4)
    assert found.high == pytest.approx(changes.mean() + t.ppf(0.975, 4) * error)
    assert found.unit == "points"


def test_one_school_gives_the_change_and_an_open_interval() -> None:
    alone = drawn(TINY)
    alone = replace(alone, frame=alone.frame[alone.frame["school"] == "s1"])
    found = change_over_time(alone, outcome="y", between=("HT2021", "HT2022"))
    assert found.value == pytest.approx(100 * (0.525 - 0.85))
    assert (found.low, found.high) == (-math.inf, math.inf)
    assert (found.detail("reason"), found.p, found.standard_error) == ("one_cluster", None, None)


def test_a_missing_outcome_does_not_count_and_shows_in_coverage() -> None:
    made = drawn(TINY)
    frame = made.frame.copy()
    frame.loc[frame["person"] == "b", "y"] = np.nan
    found = change_over_time(replace(made, frame=frame), outcome="y", between=("HT2021", "HT2022"))
    assert found.detail("from_level") == pytest.approx(90.0)
    assert found.diagnostics.get("persons_from") == 2
    assert found.diagnostics.get("coverage") == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"between": ("HT2021", "HT2030")}, "HT2030"),
        ({"between": ("HT2021", "HT2022"), "outcome": "z"}, "z"),
        ({"between": ("HT2021", "HT2022"), "year_group": 9}, "nobody"),
    ],
)
def test_what_is_not_there_is_refused(asked, word: str) -> None:
    with pytest.raises(DesignError, match=word):
        change_over_time(drawn(TINY), **{"outcome": "y", **asked})


def test_the_panel_is_not_changed() -> None:
    made = drawn(TINY)
    before = made.frame.copy()
    change_over_time(made, outcome="y", between=("HT2021", "HT2022"))
    pd.testing.assert_frame_equal(made.frame, before)

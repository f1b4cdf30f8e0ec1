"""Cells of a table equal those counted one by one, and margins mean what their axes say."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from evalkit.measures import attendance, connectedness
from evalkit.panels import tabulate
from evalkit.panels.axes import axes_of, with_levels
from evalkit.values import Panel, Table

MEASURES = [attendance.rate(), attendance.high_absence(), connectedness.index()]
quick = settings(max_examples=10, deadline=None, derandomize=True, phases=[Phase.generate])


def random_panel(seed: int) -> Panel:
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(int(rng.integers(1, 15))):
        sex = str(rng.choice(["woman", "man"]))
        for time in range(4):
            if rng.random() < 0.3:
                continue
            offered = int(rng.integers(0, 3)) * 60
            reported = int(rng.integers(0, offered + 1)) if rng.random() < 0.7 else 0
            parts = np.bincount(rng.integers(0, 4, reported), minlength=4)
            rows.append(
                {
                    "person_id": f"p{person}",
                    "time": time,
                    "term": ["HT2021", "VT2022", "HT2022", "VT2023"][time],
                    "sex": sex,
                    "school": str(rng.choice(["1", "2", "10"])),
                    "place": "Ale",
                    "offered_minutes": offered,
                    "reported_minutes": reported,
                    "present_minutes": int(parts[0] + parts[1]),
                    "attended_minutes": int(parts[0]),
                    "other_minutes": int(parts[1]),
                    "valid_absence_minutes": int(parts[2]),
                    "invalid_absence_minutes": int(parts[3]),
                    "attendance_rate": (parts[0] + parts[1]) / reported if reported else np.nan,
                    "high_absence": float((parts[2] + parts[3]) / reported >= 0.15) if reported else np.nan,
                    "connectedness_index": float(rng.integers(1, 5)) if rng.random() < 0.6 else np.nan,
                }
            )
    frame = pd.DataFrame(rows or [dict.fromkeys(["person_id", "time"])])
    frame["school_label"] = "Ale " + frame["school"]
    return Panel(frame, unit="person_id", time="time", cluster="school")


def by_hand(rows: pd.DataFrame) -> dict[str, float]:
    """Count one cell person by person."""
    cell = dict.fromkeys(["persons", "reported", "flagged", "known", "told", "score"], 0.0)
    for _, own in rows.groupby("person_id"):
        cell["persons"] += 1
        cell["reported"] += bool((own["reported_minutes"] > 0).any())
        cell["known"] += bool(own["high_absence"].notna().any())
        cell["flagged"] += bool((own["high_absence"] == 1).any())
        scores = [score for score in own["connectedness_index"] if score == score]
        cell["told"] += bool(scores)
        cell["score"] += sum(scores) / len(scores) if scores else 0
    return cell


def same(found: float, above: float, below: float) -> bool:
    return np.isnan(found) if below == 0 else bool(np.isclose(found, above / below))


@quick
@given(seed=st.integers(0, 10**6), by=st.sampled_from([[], ["term"], ["school"], ["sex", "term"], ["school", "sex"]]))
def test_every_cell_equals_the_one_counted_by_hand(seed: int, by: list[str]) -> None:
    panel = random_panel(seed)
    table = tabulate(panel, MEASURES, by=by, name="cells")
    rows = panel.frame.assign(school=panel.frame["school_label"])
    levels = [[*axis.levels, *([axis.total] if axis.total else [])] for axis in table.axes]
    assert [tuple(row) for row in table.frame[by].to_numpy()] == list(product(*levels))
    for _, cell in table.frame.iterrows():
        own = rows
        for axis in table.axes:
            own = own if cell[axis.name] == axis.total else own[own[axis.name] == cell[axis.name]]
        hand = by_hand(own)
        assert cell["persons"] == hand["persons"]
        assert cell["attendance_rate_persons"] == hand["reported"]
        assert (cell["high_absence_known"], cell["high_absence_persons"]) == (hand["known"], hand["flagged"])
        assert cell["connectedness_index_persons"] == hand["told"]
        assert cell["connectedness_index_sum"] == pytest.approx(hand["score"])
        assert same(cell["attendance_rate"], own["present_minutes"].sum(), own["reported_minutes"].sum())
        assert same(cell["attendance_coverage"], own["reported_minutes"].sum(), own["offered_minutes"].sum())
        assert same(cell["high_absence"], hand["flagged"], hand["known"])
        assert same(cell["connectedness_index"], hand["score"], hand["told"])


@quick
@given(seed=st.integers(0, 10**6))
def test_levels_of_a_partition_add_up_to_its_total(seed: int) -> None:
    table = tabulate(random_panel(seed), [attendance.rate()], by=["term", "school", "sex"], name="cells")
    for axis in table.axes[1:]:
        assert axis.partition
        others = [other.name for other in table.axes if other is not axis]
        for column in ("persons", "attendance_rate_persons", "offered_minutes", "present_minutes"):
            total = table.frame[table.frame[axis.name] == axis.total].set_index(others)[column]
            parts = table.frame[table.frame[axis.name] != axis.total].groupby(others, sort=False)[column].sum()
            assert parts.to_dict() == total.to_dict()


def test_tabulating_changes_nothing_and_twice_is_once() -> None:
    panel = random_panel(3)
    before = panel.frame.copy()
    first, second = (tabulate(panel, MEASURES, by=["school", "term"], name="cells") for _ in range(2))
    pd.testing.assert_frame_equal(first.frame, second.frame)
    pd.testing.assert_frame_equal(panel.frame, before)
    assert (first.axes, first.columns, first.universe) == (second.axes, second.columns, second.universe)


def test_levels_stand_in_the_order_readers_expect() -> None:
    frame = pd.DataFrame(
        {
            "person_id": list("abcd"),
            "school": ["Ale 10", "Ale 2", None, "Da Vinciskolan"],
            "term": ["VT2022", "HT2021", "HT2020", "VT2021"],
            "sex": ["unknown", "man", "woman", "man"],
            "treated_from": [2.0, 10.0, np.nan, 2.0],
        }
    )
    by = ("school", "term", "sex", "treated_from")
    axes = {axis.name: axis for axis in axes_of(with_levels(frame, by), by, repeated=True, place="Ale")}
    assert axes["school"].levels == ("Ale 2", "Ale 10", "Da Vinciskolan", "missing")
    assert axes["school"].total == "Ale"
    assert axes["term"].levels == ("HT2020", "VT2021", "HT2021", "VT2022")
    assert axes["sex"].levels == ("woman", "man", "unknown")
    assert axes["treated_from"].levels == ("2", "10", "missing")


def test_columns_of_a_share_name_both_its_counts() -> None:
    table: Table = tabulate(random_panel(3), [attendance.high_absence()], by=["term"], name="cells")
    share = table.column("high_absence")
    assert (share.numerator, share.denominator) == ("high_absence_persons", "high_absence_known")
    assert table.column("high_absence_known").denominator == "persons"
    assert not table.column("high_absence_known").shown

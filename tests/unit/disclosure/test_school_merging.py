"""Merged schools' sums equal those of their pupils taken together; the witness is the sums of a relabelled panel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drawn_releases import SKOLVERKET
from evalkit.disclosure import protect_alone
from evalkit.disclosure.school_merging import RULE, merge_schools
from evalkit.panels import school_sums
from evalkit.values import Panel, SchoolSums, fingerprint
from evalkit.values.archive import read, write
from evalkit.values.protected import parts

quick = settings(max_examples=10, deadline=None, derandomize=True, phases=[Phase.generate])
STARTS = {"t1": 2.0, "t2": 2.0, "t3": 3.0}


def pupils_of(sizes: dict[str, int], seed: int = 1, *, places: dict[str, str] | None = None) -> pd.DataFrame:
    """Return four terms of pupils with two outcomes, a class and a sex; the second outcome is often missing."""
    generator = np.random.default_rng(seed)
    rows = [
        {
            "person_id": f"{school}-{pupil}",
            "time": time,
            "school": school,
            "assigned_school": school,
            "class_id": None if pupil % 7 == 6 else f"7{pupil % 3}",
            "treated_from": STARTS.get(school, np.nan),
            "municipality": (places or {}).get(school, "1440"),
            "place": "ale",
            "sex": ("woman", "man")[pupil % 2],
            "rate": generator.random(),
            "other": generator.random() if generator.random() < 0.6 else np.nan,
        }
        for school, size in sizes.items()
        for pupil in range(size)
        for time in range(4)
        if generator.random() < 0.9
    ]
    return pd.DataFrame(rows)


def panel_of(frame: pd.DataFrame) -> Panel:
    return Panel(
        frame, "person_id", "time", "assigned_school", "class_id", "treated_from", tuple((t, f"T{t}") for t in range(4))
    )


def sums_of(frame: pd.DataFrame, outcome: str = "rate", **asked: object) -> SchoolSums:
    return school_sums(panel_of(frame), outcome=outcome, **asked)


def units(sums: SchoolSums) -> list[str]:
    return sums.schools["school"].tolist()


@quick
@given(seed=st.integers(0, 10**6))
def test_a_merged_school_is_as_if_its_pupils_had_gone_to_one_school(seed: int) -> None:
    frame = pupils_of({"a": 40, "b": 6, "c": 5, "d": 30, "t1": 9, "t2": 9, "t3": 40}, seed)
    merged = merge_schools(sums_of(frame, adjust=("sex",)), 10)
    unit = {
        "b": "merged-3-ale-1440",
        "c": "merged-3-ale-1440",
        "d": "merged-3-ale-1440",
        "t1": "merged-2-ale-1440-from-2",
        "t2": "merged-2-ale-1440-from-2",
    }
    if "d" in units(merged):
        unit = {school: name.replace("3-ale", "2-ale") for school, name in unit.items() if school != "d"}
    whole = frame.assign(
        assigned_school=frame["assigned_school"].replace(unit), class_id=frame["school"] + frame["class_id"]
    )
    expected = sums_of(whole, adjust=("sex",))
    assert set(units(merged)) == set(units(expected))
    for name in ("terms", "contrasts", "covariates", "moves"):
        dropped = ["moved"] if name == "moves" else []
        pd.testing.assert_frame_equal(
            getattr(merged, name).drop(columns=dropped),
            getattr(expected, name).drop(columns=dropped),
            check_dtype=False,
            rtol=1e-9,
        )
    assert merged.merged == len(unit)


def test_small_schools_that_were_never_treated_become_one_unit_and_need_no_more() -> None:
    merged = merge_schools(sums_of(pupils_of({"a": 40, "b": 8, "c": 8, "d": 30})), 10)
    assert units(merged) == ["a", "d", "merged-2-ale-1440"]
    assert (merged.merged, merged.left_out, merged.rule) == (2, 0, RULE)


def test_one_small_school_is_merged_with_the_smallest_other() -> None:
    merged = merge_schools(sums_of(pupils_of({"a": 40, "b": 5, "d": 30})), 10)
    assert units(merged) == ["a", "merged-2-ale-1440"]
    assert merged.terms["pupils"].sum() == sums_of(pupils_of({"a": 40, "b": 5, "d": 30})).terms["pupils"].sum()


def test_treated_schools_merge_with_those_of_their_own_start_alone() -> None:
    together = merge_schools(sums_of(pupils_of({"a": 40, "t1": 5, "t2": 30, "t3": 30})), 10)
    assert units(together) == ["a", "merged-2-ale-1440-from-2", "t3"]
    assert together.schools["treated_from"].tolist()[1:] == [2.0, 3.0]
    alone = merge_schools(sums_of(pupils_of({"a": 40, "t1": 30, "t3": 5})), 10)
    assert units(alone) == ["a", "t1"]
    assert (alone.left_out, alone.treated_left_out) == (1, 1)
    assert "t3" not in set(alone.terms["school"]) | set(alone.contrasts["school"])


def test_schools_of_other_municipalities_are_never_merged() -> None:
    merged = merge_schools(sums_of(pupils_of({"a": 40, "b": 5, "c": 30}, places={"b": "1480", "c": "1480"})), 10)
    assert units(merged) == ["a", "merged-2-ale-1480"]
    alone = merge_schools(sums_of(pupils_of({"a": 40, "b": 5}, places={"b": "1480"})), 10)
    assert units(alone) == ["a"]
    assert alone.left_out == 1


def test_outcomes_of_one_panel_are_merged_alike_so_that_none_can_be_subtracted_from_another() -> None:
    frame = pupils_of({"a": 60, "b": 8, "c": 7, "d": 18, "t1": 40})
    frame.loc[(frame["school"] == "b") & (frame["time"] > 0), "other"] = np.nan
    rate, other = (protect_alone(sums_of(frame, name), SKOLVERKET).value for name in ("rate", "other"))
    assert set(units(rate)) == {"a", "merged-2-ale-1440", "d", "t1"}
    assert set(units(other)) <= set(units(rate)), "d is dropped where too few have the outcome, never merged"
    few = sums_of(frame, "other").terms
    assert (few.loc[few["school"] == "d", "pupils"] < 10).any()
    assert (other.terms["pupils"] >= 10).all()


def test_the_first_terms_few_pupils_do_not_make_every_school_small() -> None:
    frame = pupils_of({"a": 40, "b": 30, "t1": 40})
    late = frame[(frame["time"] > 0) | (frame["person_id"].isin(["a-1", "b-1", "t1-1"]))]
    assert units(merge_schools(sums_of(late), 10)) == ["a", "b", "t1"]


def test_where_sizes_are_not_known_the_rows_of_the_sums_tell() -> None:
    made = sums_of(pupils_of({"a": 40, "b": 5, "d": 30}))
    unknown = replace(made, schools=made.schools.assign(fewest=np.nan))
    assert units(merge_schools(unknown, 10)) == ["a", "merged-2-ale-1440"]


def test_protected_twice_is_protected_once() -> None:
    made = sums_of(pupils_of({"a": 60, "b": 8, "c": 7, "d": 26, "t1": 40, "t3": 4}), adjust=("sex",))
    once = protect_alone(made, SKOLVERKET)
    twice = protect_alone(once.value, SKOLVERKET)
    assert twice.fingerprint == once.fingerprint
    assert (twice.suppressed, once.value.merged, once.value.left_out) == (0, 2, 1)


@quick
@given(seed=st.integers(0, 10**6))
def test_row_order_and_codes_of_schools_do_not_matter(seed: int) -> None:
    frame = pupils_of({"a": 40, "b": 6, "c": 5, "d": 30, "t1": 26}, seed)
    shuffled = frame.sample(frac=1.0, random_state=seed % 1000)
    one, two = (protect_alone(sums_of(each), SKOLVERKET) for each in (frame, shuffled))
    assert one.fingerprint == two.fingerprint
    codes = {school: f"x{ord(school[0])}" for school in ("a", "b", "c", "d")}
    relabelled = frame.assign(**{name: frame[name].replace(codes) for name in ("school", "assigned_school")})
    other = protect_alone(sums_of(relabelled), SKOLVERKET).value
    assert sorted(other.contrasts["contrast_sum"]) == pytest.approx(sorted(one.value.contrasts["contrast_sum"]))


def test_covariates_of_too_few_pupils_do_not_leave_the_site() -> None:
    frame = pupils_of({"a": 60, "d": 60, "t1": 40})
    rare = frame.assign(sex=frame["sex"].where(frame["school"] != "d", "woman"))
    few = rare.assign(sex=rare["sex"].mask(rare["person_id"].isin([f"d-{number}" for number in range(4)]), "man"))
    kept = protect_alone(sums_of(rare, adjust=("sex",)), SKOLVERKET).value
    assert set(kept.covariates["school"]) == {"a", "d", "t1"}, "a group of none tells of nobody"
    dropped = protect_alone(sums_of(few, adjust=("sex",)), SKOLVERKET).value
    assert set(dropped.covariates["school"]) == {"a", "t1"}
    assert set(dropped.contrasts["school"]) == {"a", "d", "t1"}


def test_products_about_a_small_group_do_not_leave_the_site() -> None:
    frame = pupils_of({"a": 60, "d": 60, "t1": 40})
    number = frame["person_id"].str.split("-").str[1].astype(int)
    frame["origin"] = np.where(number % 12 < 2, "here", "there")
    frame.loc[frame["school"] == "t1", "origin"] = "there"
    kept = protect_alone(sums_of(frame, adjust=("sex", "origin")), SKOLVERKET).value
    assert not kept.products.empty
    crossed = frame.assign(origin=np.where((number % 12 == 0) | (number == 1), "here", "there"))
    assert protect_alone(sums_of(crossed, adjust=("sex", "origin")), SKOLVERKET).value.products.empty


def test_few_who_moved_are_not_told() -> None:
    frame = pupils_of({"a": 60, "t1": 40})
    for movers, told in ((3, False), (15, True)):
        names = [f"a-{number}" for number in range(movers)]
        moved = frame.assign(school=frame["school"].mask(frame["person_id"].isin(names) & (frame["time"] == 3), "t1"))
        moves = protect_alone(sums_of(moved), SKOLVERKET).value.moves
        assert moves["moved"].notna().all() == told
    assert protect_alone(sums_of(frame), SKOLVERKET).value.moves["moved"].eq(0).all()


def test_counts_that_serve_protection_alone_do_not_leave_the_site() -> None:
    told = protect_alone(sums_of(pupils_of({"a": 43, "t1": 41}), adjust=("sex",)), SKOLVERKET).value
    assert not told.covariates.empty
    served = (told.covariates[["members", "known"]], told.products["members"], told.schools["fewest"])
    assert all(frame.isna().all(axis=None) for frame in (*served, told.contrasts["seated"]))


def test_pupils_without_the_outcome_are_told_in_round_numbers() -> None:
    told = protect_alone(sums_of(pupils_of({"a": 43, "t1": 41}), "other"), SKOLVERKET).value
    lacking = told.terms["enrolled"] - told.terms["pupils"]
    assert (lacking % 5 == 0).all()
    assert lacking.gt(0).any()


def test_a_school_that_opened_later_is_not_small_for_that() -> None:
    frame = pupils_of({"a": 40, "b": 30, "t1": 40})
    assert units(merge_schools(sums_of(frame[(frame["time"] > 0) | (frame["school"] != "t1")]), 10)) == ["a", "b", "t1"]


def test_protected_sums_kept_on_disk_say_the_same(tmp_path: Path) -> None:
    for adjust in ((), ("sex",)):
        told = protect_alone(sums_of(pupils_of({"a": 60, "b": 6, "t1": 40}), adjust=adjust), SKOLVERKET).value
        folder = tmp_path / f"sums-{len(adjust)}"
        write(told, folder)
        back = read(folder)
        assert fingerprint(*parts(back)) == fingerprint(*parts(told))
        assert (back.adjusted, back.merged, back.rule) == (adjust, 2, RULE)

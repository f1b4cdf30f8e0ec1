"""Comparison persons.

Each person of a cohort is matched with the free persons of a pool who are alike in some columns and nearest in measures
from before entry. What came after entry is refused: it would hide the very difference that is looked for. So is leaving
out those who enter the cohort later: they are comparisons until they do. Nobody is compared from a day on which the
match was not made yet, nor with who is not in the pool on that day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from drawn_tables import matches, site
from evalkit.cohorts import matched
from evalkit.errors import DesignError, InputError
from evalkit.values import Cohort, Events, Flow, FlowStep, Panel

AS_OF = date(2023, 7, 1)


def cohort(
    name: str,
    *,
    entered: dict[str, str] | None = None,
    followed: dict[str, str] | None = None,
    left: dict[str, str] | None = None,
    **sexes: str,
) -> Cohort:
    days = [pd.Timestamp((entered or {}).get(person, "2022-08-17")) for person in sexes]
    first = [pd.Timestamp((followed or {}).get(person, day)) for person, day in zip(sexes, days, strict=True)]
    last = [pd.Timestamp((left or {}).get(person)) for person in sexes]
    frame = pd.DataFrame(
        {
            "person_id": list(sexes),
            "entry": days,
            "follow_from": first,
            "exit": pd.Series(last, dtype="datetime64[us]"),
            "exit_cause": "",
            "censored_at": pd.Timestamp(AS_OF),
            "sex": list(sexes.values()),
        }
    )
    flow = Flow((FlowStep("candidates", "kandidater", "candidates", len(sexes), len(sexes)),))
    return Cohort(frame, flow, name, name, as_of=AS_OF)


OURS = cohort("ours", anna="woman", bo="man", cia="woman")
POOL = cohort("pool", dan="man", eva="woman", fia="woman", gun="woman", hal="man")


def rates(known: str = "2022-06-30", **values: float | None) -> pd.DataFrame:
    return pd.DataFrame({"person_id": list(values), "known_from": pd.Timestamp(known), "rate": list(values.values())})


BEFORE = rates(anna=0.9, bo=0.5, cia=0.6, dan=0.1, eva=0.85, fia=0.62, gun=0.8, hal=0.55)


def test_exact_and_nearest() -> None:
    """Women are matched with women; among them the nearest attendance before entry counts."""
    found = matched(OURS, POOL, values=BEFORE, exact=("sex",), nearest=("rate",))
    assert matches(
        found.cohort.frame,
        """
        person_id sex   match_id weight
        anna      woman 1        1
        bo        man   2        1
        cia       woman 3        1
        """,
    )
    assert matches(
        found.comparisons.frame,
        """
        person_id sex   match_id weight joins
        eva       woman 1        1      -
        fia       woman 3        1      -
        hal       man   2        1      -
        """,
    )
    assert found.unmatched == 0
    assert [step.id for step in found.cohort.flow.steps] == ["candidates", "measured", "matched"]
    assert [(step.id, step.persons) for step in found.comparisons.flow.steps] == [
        ("candidates", 5),
        ("free", 5),
        ("measured", 5),
        ("chosen", 3),
    ]


def test_who_enters_later_may_be_a_comparison_until_then() -> None:
    """Eva enters the cohort in January: she is no comparison for herself nor for whoever enters after her, and one for
    anna until she enters. Bo was in the cohort when he came into the pool, and is none. Who leaves before entering the
    cohort has left; who is seen to leave after it has not.
    """
    later = {"eva": "2023-01-09", "cia": "2023-02-06"}
    ours = cohort("ours", entered=later, anna="woman", bo="man", eva="woman", cia="woman")
    pool = cohort("pool", bo="man", eva="woman", fia="woman")
    values = rates(anna=0.9, bo=0.85, eva=0.9, cia=0.9, fia=0.2)
    found = matched(ours, pool, values=values, exact=("sex",), nearest=("rate",))
    assert matches(found.cohort.frame, "person_id entry match_id \n anna 2022-08-17 1 \n cia 2023-02-06 2")
    assert matches(
        found.comparisons.frame,
        """
        person_id entry      censored_at joins      match_id
        eva       2022-08-17 2023-01-09  2023-01-09 1
        fia       2022-08-17 2023-07-01  -          2
        """,
    )
    assert [(step.id, step.persons) for step in found.comparisons.flow.steps][:2] == [("candidates", 3), ("free", 2)]
    leaves = pool.frame.assign(exit=pd.to_datetime(["2023-01-01", "2022-12-01", "2023-06-01"]), exit_cause="moved")
    left = matched(ours, replace(pool, frame=leaves), values=values, exact=("sex",), nearest=("rate",))
    assert matches(left.comparisons.frame, "person_id exit \n eva 2022-12-01 \n fia 2023-06-01")
    stays = leaves.assign(exit=pd.Timestamp("2023-06-01"))
    still = matched(ours, replace(pool, frame=stays), values=values, exact=("sex",), nearest=("rate",))
    assert matches(still.comparisons.frame, "person_id exit exit_cause \n eva - '' \n fia 2023-06-01 moved")


def test_that_somebody_enters_later_changes_nobodys_comparisons_before() -> None:
    """Whether eva ever enters the cohort does not change whom she is compared with."""
    pool = cohort("pool", eva="woman", fia="woman")
    values = rates(anna=0.9, eva=0.9, fia=0.2)
    never = matched(cohort("ours", anna="woman"), pool, values=values, nearest=("rate",))
    ours = cohort("ours", entered={"eva": "2023-01-09"}, anna="woman", eva="woman")
    later = matched(ours, pool, values=values, nearest=("rate",))
    first = [each.comparisons.frame.set_index("match_id").at[1, "person_id"] for each in (never, later)]
    assert first == ["eva", "eva"]


def test_candidates_are_in_the_pool_on_the_day_of_the_match() -> None:
    """Anna is first followed in March 2023. Dan had left the pool by then and eva was not in it yet; fia is the nearest
    of those who are there.
    """
    ours = cohort("ours", entered={"anna": "2023-03-01"}, anna="woman")
    pool = cohort("pool", entered={"eva": "2023-03-02"}, left={"dan": "2023-03-01"}, dan="man", eva="man", fia="man")
    found = matched(ours, pool, values=rates(anna=0.9, dan=0.9, eva=0.9, fia=0.2), nearest=("rate",))
    assert matches(found.comparisons.frame, "person_id entry follow_from \n fia 2022-08-17 2023-03-01")


def test_comparisons_are_followed_from_the_day_of_the_match() -> None:
    """That eva could be chosen says that she had not joined by March: the time before is no time at risk of hers."""
    ours = cohort("ours", entered={"anna": "2023-03-01", "eva": "2023-06-01"}, anna="woman", eva="woman")
    found = matched(
        ours,
        cohort("pool", eva="woman", gun="man"),
        values=rates(anna=0.9, eva=0.9, gun=0.1),
        exact=("sex",),
        nearest=("rate",),
    )
    assert matches(found.comparisons.frame, "person_id follow_from joins \n eva 2023-03-01 2023-06-01")
    assert found.unmatched == 1


def test_who_had_the_outcome_before_the_match_is_no_candidate_where_it_is_named() -> None:
    """Eva, the nearest, was in a fight in January; anna is matched in March. Fia was in one later, and is compared."""
    tables = site(
        incidents="""
        incident_id person_id date       kind
        1           eva       2023-01-10 violence
        2           fia       2023-04-10 violence
        """
    )
    fights = Events("fights", lambda tables: tables["incidents"].mutate(cause=tables["incidents"].kind))
    ours = cohort("ours", entered={"anna": "2023-03-01"}, anna="woman")
    pool = replace(cohort("pool", eva="woman", fia="woman"), tables=tables)
    values = rates(anna=0.9, eva=0.9, fia=0.2)
    found = matched(ours, pool, values=values, nearest=("rate",), outcome=fights)
    assert matches(found.comparisons.frame, "person_id follow_from \n fia 2023-03-01")
    assert matches(matched(ours, pool, values=values, nearest=("rate",)).comparisons.frame, "person_id \n eva")
    with pytest.raises(InputError, match="no tables"):
        matched(ours, replace(pool, tables=None), values=values, nearest=("rate",), outcome=fights)


def test_who_will_turn_out_to_be_of_the_cohort_is_a_candidate_until_that_is_known() -> None:
    """Eva entered before anna, and that she belongs to the cohort was settled after anna's match: until then she is
    like others. Anna is matched on the day on which she is first followed herself.
    """
    days = {"anna": "2022-12-01", "eva": "2022-11-01"}
    settled = {"anna": "2022-12-10", "eva": "2022-12-11"}
    ours = cohort("ours", entered=days, followed=settled, anna="woman", eva="woman")
    found = matched(ours, cohort("pool", eva="woman"), values=rates(anna=0.9, eva=0.9), nearest=("rate",))
    assert matches(found.comparisons.frame, "person_id follow_from joins \n eva 2022-12-10 2022-12-11")
    early = cohort("ours", entered=days, followed=settled | {"eva": "2022-12-10"}, anna="woman", eva="woman")
    with pytest.raises(DesignError, match="nobody of 'ours' has a comparison person"):
        matched(early, cohort("pool", eva="woman"), values=rates(anna=0.9, eva=0.9), nearest=("rate",))


def test_comparisons_found_earlier_are_followed_until_they_join_either_cohort() -> None:
    """Eva joins the first cohort in January: a second match does not take that back."""
    first = cohort("first", entered={"eva": "2023-01-09"}, anna="woman", eva="woman")
    values = rates(anna=0.9, bo=0.9, eva=0.9)
    pool = matched(first, cohort("pool", eva="woman"), values=values, nearest=("rate",)).comparisons
    second = matched(cohort("second", bo="man"), pool, values=values, nearest=("rate",))
    assert matches(second.comparisons.frame, "person_id joins censored_at \n eva 2023-01-09 2023-01-09")
    sooner = cohort("second", entered={"eva": "2022-10-03"}, bo="man", eva="woman")
    assert matches(
        matched(sooner, pool, values=values, nearest=("rate",)).comparisons.frame, "person_id joins \n eva 2022-10-03"
    )
    late = cohort("second", entered={"bo": "2023-01-09"}, bo="man")
    with pytest.raises(DesignError, match="nobody of 'second' has a comparison person"):
        matched(late, pool, values=values, nearest=("rate",))


def test_balance_before_and_after() -> None:
    """The means come closer; the values of an exact column are compared as shares."""
    found = matched(OURS, POOL, values=BEFORE, exact=("sex",), nearest=("rate",))
    before, after = (each.frame.set_index("column") for each in (found.before, found.after))
    assert list(before.index) == ["rate", "sex=man", "sex=woman"]
    assert before.loc["rate", "mean_out"] == pytest.approx(0.584)
    assert after.loc["rate", "mean_out"] == pytest.approx((0.85 + 0.62 + 0.55) / 3)
    assert abs(after.loc["rate", "standardised_difference"]) < abs(before.loc["rate", "standardised_difference"])
    assert after.loc["sex=man", "standardised_difference"] == 0


def test_each_comparison_person_is_used_once_and_shares_the_weight() -> None:
    """With a ratio of two everyone chooses once before anyone chooses again; the comparison persons of one share 1."""
    found = matched(OURS, POOL, values=BEFORE, nearest=("rate",), ratio=2)
    others = found.comparisons.frame
    assert not others["person_id"].duplicated().any()
    assert others.groupby("match_id")["weight"].sum().to_list() == [1.0, 1.0, 1.0]
    assert sorted(others.groupby("match_id").size()) == [1, 2, 2]


def test_a_caliper_leaves_unmatched_who_has_nobody_near() -> None:
    """It is counted in standard deviations. Unmatched persons fall at the last step of the flow."""
    values = rates(anna=0.9, bo=0.5, cia=0.0, dan=0.5, eva=0.9, fia=0.6, gun=0.7, hal=0.8)
    found = matched(OURS, POOL, values=values, nearest=("rate",), caliper=0.2)
    assert found.unmatched == 1
    assert [step.persons for step in found.cohort.flow.steps] == [3, 3, 2]
    assert [set(each.frame["person_id"]) for each in (found.cohort, found.comparisons)] == [
        {"anna", "bo"},
        {"dan", "eva"},
    ]


def test_who_has_no_value_is_not_matched() -> None:
    """The step is counted; nothing is made up for them."""
    values = rates(anna=0.9, bo=None, dan=0.1, eva=0.85, fia=None)
    found = matched(OURS, POOL, values=values, nearest=("rate",))
    assert [step.persons for step in found.cohort.flow.steps] == [3, 1, 1]
    assert [*found.cohort.frame["person_id"], *found.comparisons.frame["person_id"]] == ["anna", "eva"]


def test_ties_go_to_the_lower_pseudonym_in_whatever_order_persons_stand() -> None:
    """The same persons give the same matches."""
    values = rates(anna=0.5, bo=0.5, cia=0.5, dan=0.5, eva=0.5, fia=0.5, gun=0.5, hal=0.5)
    found = matched(OURS, POOL, values=values, nearest=("rate",))
    assert matches(found.cohort.frame, "person_id match_id \n anna 1 \n bo 2 \n cia 3")
    assert matches(found.comparisons.frame, "person_id match_id \n dan 1 \n eva 2 \n fia 3")
    turned = matched(OURS, POOL, values=values[::-1], nearest=("rate",))
    pd.testing.assert_frame_equal(turned.cohort.frame, found.cohort.frame)
    pd.testing.assert_frame_equal(turned.comparisons.frame, found.comparisons.frame)


def test_the_panels_last_whole_period_before_entry_counts() -> None:
    """Entry is on 17 August 2022: the spring term had ended, the autumn term had not."""
    rows = [
        ("anna", 0, 0.9), ("anna", 1, 0.1), ("bo", 0, 0.2), ("bo", 1, 0.9),
        ("dan", 0, 0.2), ("dan", 1, 0.1), ("eva", 0, 0.9), ("eva", 1, 0.9),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["person_id", "time", "rate"]).assign(school="A")
    panel = Panel(frame, "person_id", "time", "school", labels=((0, "VT2022"), (1, "HT2022")))
    found = matched(OURS, POOL, values=panel, nearest=("rate",))
    assert found.cohort.frame.set_index("person_id")["match_id"].to_dict() == {"anna": 1, "bo": 2}
    assert found.comparisons.frame.set_index("person_id")["match_id"].to_dict() == {"dan": 2, "eva": 1}
    later = Panel(frame, "person_id", "time", "school", labels=((0, "HT2022"), (1, "VT2023")))
    with pytest.raises(DesignError, match="no period of the panel had ended"):
        matched(OURS, POOL, values=later, nearest=("rate",))


@pytest.mark.parametrize("column", ["exit", "exit_cause", "follow_from"])
def test_columns_from_after_entry_are_refused(column: str) -> None:
    """How long somebody stays is what came after, and so is the cause of leaving."""
    with pytest.raises(DesignError, match="by what came after entry"):
        matched(OURS, POOL, exact=(column,))


def test_values_known_after_entry_only_are_refused() -> None:
    """A frame says when each value could be known."""
    with pytest.raises(DesignError, match="known after entry only"):
        matched(OURS, POOL, values=rates(known="2022-08-18", anna=0.9, eva=0.85), nearest=("rate",))
    assert matched(OURS, POOL, values=rates(known="2022-08-17", anna=0.9, eva=0.85), nearest=("rate",))


@pytest.mark.parametrize(
    ("choice", "problem"),
    [
        ({}, "needs a column"),
        ({"exact": ("sex",), "ratio": 0}, "a ratio of 1 or more"),
        ({"exact": ("sex",), "caliper": 0.0}, "a caliper above 0"),
        ({"nearest": ("rate",)}, "no column person_id, known_from, rate"),
        ({"nearest": ("grade",), "values": BEFORE}, "no column grade"),
        ({"nearest": ("sex",)}, "is no number"),
    ],
)
def test_matching_that_means_nothing_is_refused(choice: dict[str, object], problem: str) -> None:
    """What is missing is named."""
    with pytest.raises(InputError, match=problem):
        matched(OURS, POOL, **choice)  # type: ignore[arg-type]


def test_nobody_matched_and_different_days_are_refused() -> None:
    """A cohort is not matched with persons of whom more was known."""
    with pytest.raises(DesignError, match="nobody of 'ours' has a comparison person"):
        matched(OURS, cohort("empty", ivar="unknown"), exact=("sex",))
    with pytest.raises(DesignError, match="on different days"):
        matched(OURS, replace(POOL, as_of=date(2023, 8, 1)), exact=("sex",))

"""The audit: an attack that must find what treatment might leave."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drawn_releases import SKOLVERKET, table
from evalkit.disclosure import Release, audit, protect_release
from evalkit.errors import DisclosureError
from evalkit.values import Curve, Estimate, Flow, FlowStep, Protected, Segment

SCHOOLS = table("school persons\nA 40\nB 3\nC 30\nD 40\nall 113", name="by_school")
SEXES = table("sex persons\nwoman 53\nman 60\nall 113", name="by_sex")
GRADES = table("sex persons failed\nboys 50 3\ngirls 50 30\nall 100 33", name="grades", universe="graded")
RATES = table(
    "school persons present reported\nA 9 80 90\nB 20 150 200\nC 50 450 500\nall 79 680 790",
    name="rates",
    universe="measured",
)


def released(*tables):
    return protect_release({f"c/{each.name}": each for each in tables}, SKOLVERKET)


def tampered(release: Release, key: str, row: int, **cells: float) -> Release:
    """Put true numbers back into a release."""
    protected = release.protected[key]
    frame, marks = protected.value.frame.copy(), protected.marks.copy()
    for name, value in cells.items():
        frame.loc[row, name], marks.loc[row, name] = value, ""
    changed = replace(protected, value=replace(protected.value, frame=frame), marks=marks)
    return replace(release, protected={**release.protected, key: changed})


def shown_otherwise(release: Release, key: str, value) -> Release:
    return replace(release, protected={key: replace(release.protected[key], value=value)})


def test_a_treated_release_withstands():
    audit(released(SCHOOLS, SEXES, GRADES, RATES))


@pytest.mark.parametrize(
    ("key", "row", "cells"),
    [
        ("c/by_school", 1, {"persons": 3}),
        ("c/by_school", 2, {"persons": 30}),
        ("c/grades", 0, {"failed": 3}),
        ("c/grades", 1, {"failed": 30}),
        ("c/grades", 1, {"failed_share": 0.6}),
        ("c/rates", 0, {"rate": 80 / 90}),
        ("c/rates", 1, {"rate": 0.75}),
    ],
)
def test_a_number_too_many(key, row, cells):
    with pytest.raises(DisclosureError, match=r"can be worked out|should be hidden|too few"):
        audit(tampered(released(SCHOOLS, SEXES, GRADES, RATES), key, row, **cells))


def test_a_mark_that_tells_too_much():
    """The girls' mark would say that at most 4 of them failed; then the boys' 3 are at least 29 less those."""
    release = released(GRADES)
    protected = release.protected["c/grades"]
    marks = protected.marks.copy()
    marks.loc[1, "failed_share"] = "~0"
    changed = {"c/grades": replace(protected, marks=marks)}
    with pytest.raises(DisclosureError, match="grades"):
        audit(replace(release, protected=changed))


def test_an_earlier_release_gives_it_away():
    before = released(SEXES)
    alone = released(replace(SCHOOLS, frame=SCHOOLS.frame.iloc[:4], axes=(replace(SCHOOLS.axes[0], total=None),)))
    audit(alone)
    with pytest.raises(DisclosureError, match="by_school"):
        audit(alone, [before])


def test_the_message_holds_no_number():
    with pytest.raises(DisclosureError) as caught:
        audit(tampered(released(SCHOOLS), "c/by_school", 1, persons=3))
    assert not any(character.isdigit() for character in str(caught.value))


@pytest.mark.parametrize("counts", [(100, 95), (103, 90), (100, 5)])
def test_flows_that_can_be_subtracted(counts):
    asked = Flow(tuple(FlowStep(f"s{n}", "x", "x", count, count) for n, count in enumerate((1000, 500))))
    told = Flow(tuple(FlowStep(f"s{n}", "x", "x", count, count) for n, count in enumerate(counts)))
    with pytest.raises(DisclosureError, match="flow"):
        audit(shown_otherwise(protect_release({"c/flow": asked}, SKOLVERKET), "c/flow", told))


@pytest.mark.parametrize("facts", [{"n": 8}, {"n": 100, "clusters": 1}, {"n": 113}])
def test_estimates_on_too_few_or_with_an_exact_count(facts):
    asked = Estimate("e", "what", "change", 1.0, "points", (Segment(0.0, 2.0),), **facts)
    release = protect_release({"c/e": asked}, SKOLVERKET)
    with pytest.raises(DisclosureError, match="estimate"):
        audit(shown_otherwise(release, "c/e", asked))


def test_curves_with_points_on_too_few():
    frame = pd.DataFrame({"relative": [-1, 0], "value": [0.0, 1.0], "schools": [2, 2], "pupils": [100, 8]})
    asked = Curve("c", "event_study", "what", "points", frame)
    release = protect_release({"c/c": asked}, SKOLVERKET)
    value = release.protected["c/c"].value
    assert isinstance(value, Curve)
    np.testing.assert_array_equal(value.frame["value"], [0.0, np.nan])
    np.testing.assert_array_equal(value.frame["schools"], [2, 2])
    np.testing.assert_array_equal(value.frame["pupils"], [100, np.nan])
    with pytest.raises(DisclosureError, match="curve"):
        audit(shown_otherwise(release, "c/c", asked))


def test_numbers_worked_out_from_a_hidden_point_are_hidden_too():
    frame = pd.DataFrame({"method": ["headline"], "value": [1.0], "schools": [2], "pupils": [8]})
    asked = Curve("c", "estimators", "what", "points", frame, details=(("gap_imputation", 0.25), ("placebos", 30)))
    release = protect_release({"c/c": asked}, SKOLVERKET)
    value = release.protected["c/c"].value
    assert isinstance(value, Curve)
    assert value.details == (("placebos", 30),)
    assert list(value.frame["method"]) == ["headline"]
    with pytest.raises(DisclosureError, match="hidden point"):
        audit(shown_otherwise(release, "c/c", replace(value, details=asked.details)))


def test_only_disclosure_makes_protected_values():
    protected = released(SCHOOLS).protected["c/by_school"]
    with pytest.raises(PermissionError):
        Protected(protected.value, protected.marks, "p", "d", 0, "released", "c/x", None)


def test_a_curve_worked_out_from_too_few_leaves_nothing():
    frame = pd.DataFrame({"left": [0.0], "right": [1.0], "assignments": [3], "as_extreme": [1]})
    facts = (("observed", 1.5), ("assignments", 66), ("fewest_pupils", 3), ("comparison", "all_schools"))
    asked = Curve("c", "placebo_distribution", "what", "points", frame, details=facts)
    release = protect_release({"c/c": asked}, SKOLVERKET)
    value = release.protected["c/c"].value
    assert isinstance(value, Curve)
    assert value.frame.empty
    assert value.details == (("comparison", "all_schools"),)
    with pytest.raises(DisclosureError, match="too few"):
        audit(shown_otherwise(release, "c/c", asked))

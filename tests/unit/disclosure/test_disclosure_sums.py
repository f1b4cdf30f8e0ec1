"""Sums and curves: rows and points on too few pupils."""

from dataclasses import replace

import pandas as pd

from drawn_releases import SKOLVERKET
from evalkit.disclosure import protect, protect_alone
from evalkit.values import Curve, SchoolSums


def sums() -> SchoolSums:
    schools = pd.DataFrame(
        {"site": "ale", "municipality": "1440", "school": ["a", "b", "c"], "treated_from": [2.0, None, None]}
    )
    terms = pd.DataFrame(
        {
            "site": "ale",
            "municipality": "1440",
            "school": ["a", "a", "b", "b", "c", "c"],
            "time": [0, 1, 0, 1, 0, 1],
            "pupils": [40, 41, 9, 12, 3, 4],
            "outcome_sum": [1.0] * 6,
        }
    )
    contrasts = pd.DataFrame(
        {
            "site": "ale",
            "municipality": "1440",
            "school": ["a", "b", "c"],
            "start": 1,
            "pupils": [38, 9, 3],
            "classes": [2, 1, 1],
            "contrast_sum": [1.0] * 3,
            "variance_within_school": [1.0] * 3,
            "variance_within_class": [1.0] * 3,
        }
    )
    return SchoolSums("attendance_rate", "percentage_points", schools, terms, contrasts, ((0, "HT2021"), (1, "VT2022")))


def test_small_schools_are_merged_and_no_row_stands_for_under_ten_pupils():
    protected = protect_alone(sums(), SKOLVERKET)
    value = protected.value
    assert (value.minimum, value.merged, value.left_out) == (10, 2, 0)
    assert list(value.schools["school"]) == ["a", "merged-2-ale-1440"]
    assert value.terms["pupils"].tolist() == [40, 41, 12, 16]
    assert value.contrasts["pupils"].tolist() == [38, 12]
    assert protected.suppressed == 2


def test_rows_that_are_small_all_the_same_are_dropped_and_schools_without_rows():
    whole = sums()
    schools = whole.schools.assign(fewest=[38.0, 12.0, 12.0])
    value = protect_alone(replace(whole, schools=schools), SKOLVERKET).value
    assert list(value.schools["school"]) == ["a", "b"]
    assert list(zip(value.terms["school"], value.terms["time"], strict=True)) == [("a", 0), ("a", 1), ("b", 1)]
    assert list(value.contrasts["school"]) == ["a"]
    assert (value.merged, value.left_out, value.treated_left_out) == (0, 1, 0)


def test_twice_is_once():
    once = protect_alone(sums(), SKOLVERKET)
    assert protect_alone(once.value, SKOLVERKET).fingerprint == once.fingerprint


def test_curves_about_no_pupil_are_untouched():
    frame = pd.DataFrame({"left": [0.0], "right": [1.0], "assignments": [3], "as_extreme": [1]})
    curve = Curve("p", "placebo_distribution", "what", "points", frame, details=(("observed", 1.2), ("pupils", 4)))
    told = protect(curve, policy=SKOLVERKET).value
    assert told.frame.equals(frame)
    assert told.details == (("observed", 1.2),)

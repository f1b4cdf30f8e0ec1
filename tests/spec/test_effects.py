"""What the effect verbs mean, in tables small enough to check by hand.

1. The effect: a treated school's change minus that of the schools it is compared with.
2. Chance: what other schools would have shown, had the start dates fallen on them.
3. What the design can find.
4. Within persons, and over time.
"""

from __future__ import annotations

import math

import pandas as pd
import pytest

from evalkit.models import (
    change_over_time,
    combine_sums,
    detectable_effect,
    event_study,
    few_treated_effect,
    placebo_distribution,
    within_effect,
)
from evalkit.values import Panel, SchoolSums

TERMS = ((0, "HT2022"), (1, "VT2023"), (2, "HT2023"), (3, "VT2024"))


def school_sums(table: str, site: str, municipality: str) -> SchoolSums:
    """Read ``school start pupils change`` lines; start ``-`` is never, change is the mean after minus before."""
    rows = [line.split() for line in table.strip().splitlines()[1:]]
    place = {"site": site, "municipality": municipality}
    schools = pd.DataFrame(
        [{**place, "school": s, "treated_from": math.nan if start == "-" else float(start)} for s, start, _, _ in rows]
    )
    contrasts = pd.DataFrame(
        [
            {**place, "school": s, "start": start, "pupils": int(n), "classes": 2, "contrast_sum": int(n) * float(d)}
            for s, _, n, d in rows
            for start in (2, 3)
        ]
    ).assign(variance_within_school=64.0, variance_within_class=64.0)
    terms = pd.DataFrame(
        [
            {
                **place,
                "school": s,
                "time": time,
                "pupils": int(n),
                "outcome_sum": int(n) * (90 + float(d) * (time >= 2)),
            }
            for s, _, n, d in rows
            for time, _ in TERMS
        ]
    )
    return SchoolSums("attendance_rate", "points", schools, terms, contrasts, TERMS)


ALE = """
school start pupils change
a1     2     100     3.0
a2     -     100     0.0
a3     -     300    -1.0
a4     -     100     0.5
"""

MOLNDAL = """
school start pupils change
m1     2     300     1.0
m2     -     100     0.0
m3     -     100     1.0
m4     -     200    -0.5
m5     -     100     0.0
m6     -     100    -0.5
m7     -     100     0.5
"""


def both() -> SchoolSums:
    return combine_sums([school_sums(ALE, "ale", "1440"), school_sums(MOLNDAL, "molndal", "1481")])


def test_the_effect_weighs_treated_schools_by_pupils_and_compares_within_the_municipality() -> None:
    """Ale: 3 - (-300 + 50) / 500 = 3.5. Mölndal: 1 - 0 / 700 = 1. Weighted 100 to 300: 1.625."""
    effect = few_treated_effect(both())
    assert effect.value == pytest.approx(0.25 * 3.5 + 0.75 * 1.0)
    assert (effect.clusters, effect.treated_clusters, effect.n) == (11, 2, 1600)
    assert effect.diagnostics.get("comparison_schools") == 9


def test_chance_is_judged_over_every_pair_of_schools() -> None:
    """Both began in HT2023, so pairs are unordered: 11 x 10 / 2. Within municipalities there are 4 x 7."""
    effect = few_treated_effect(both())
    assert effect.detail("assignments") == 55
    assert effect.detail("assignments_stratified") == 28
    assert effect.attainable_p == pytest.approx(1 / 55)
    assert effect.detail("attainable_p_stratified") == pytest.approx(1 / 28)


def test_start_dates_that_differ_make_twice_as_many_assignments() -> None:
    later = combine_sums(
        [school_sums(ALE, "ale", "1440"), school_sums(MOLNDAL.replace("m1     2", "m1     3"), "molndal", "1481")]
    )
    effect = few_treated_effect(later)
    assert effect.detail("assignments") == 110
    assert effect.detail("assignments_stratified") == 28
    assert (effect.detail("first_start"), effect.detail("last_start")) == ("HT2023", "VT2024")


def test_the_picture_of_chance_counts_the_same_assignments() -> None:
    effect, picture = few_treated_effect(both()), placebo_distribution(both())
    assert picture.frame["assignments"].sum() == 55
    assert picture.frame["as_extreme"].sum() == effect.detail("as_extreme")
    assert picture.detail("observed") == effect.value


def test_few_assignments_hand_the_headline_to_the_variance_model() -> None:
    """With 55 assignments p moves in steps of .018; a fifth of .05 is wanted."""
    assert few_treated_effect(both()).detail("rule") == "variance_model"
    assert few_treated_effect(both(), level=0.9).detail("rule") == "permutation"


def test_the_course_of_events_starts_from_the_term_before() -> None:
    """Nothing happened before; each school stays at its change from HT2023 on."""
    frame = event_study(both()).frame.set_index("relative")
    assert frame["value"].to_dict() == pytest.approx({-2: 0.0, -1: 0.0, 0: 1.625, 1: 1.625})
    assert frame["schools"].tolist() == [2, 2, 2, 2]
    assert frame["pupils"].tolist() == [400, 400, 400, 400]


def test_what_can_be_found_is_told_beside_and_grows_with_more_schools() -> None:
    now, more = detectable_effect(both()), detectable_effect(both(), treated=4)
    assert now.value > more.value > 0
    assert few_treated_effect(both()).diagnostics.get("detectable_effect") == now.value


PUPILS = """
pupil term school index rate
a     0    s1     2.0   0.80
a     1    s1     3.0   0.90
b     0    s1     3.0   0.85
b     1    s1     2.0   0.75
c     0    s2     1.0   0.70
c     1    s2     2.0   0.80
d     0    s2     4.0   0.95
d     1    s2     4.0   0.95
"""


def pupils() -> Panel:
    frame = pd.DataFrame([line.split() for line in PUPILS.strip().splitlines()[1:]], columns=PUPILS.split()[:5])
    frame = frame.astype({"term": int, "index": float, "rate": float})
    return Panel(frame, "pupil", "term", "school", labels=TERMS)


def test_within_persons_attendance_moves_with_connectedness() -> None:
    """From term to term the index changes by 1, -1, 1, 0 and the rate by 10, -10, 10, 0 points: 10 points each."""
    found = within_effect(pupils(), outcome="rate", on="index")
    assert found.value == pytest.approx(10.0)
    assert found.unit == "percentage_points"
    assert found.design == "association"


def test_change_over_time_is_a_difference_of_means_and_never_an_effect() -> None:
    found = change_over_time(pupils(), outcome="rate", between=("HT2022", "VT2023"))
    assert found.detail("from_level") == pytest.approx(82.5)
    assert found.detail("to_level") == pytest.approx(85.0)
    assert found.value == pytest.approx(2.5)
    assert found.design == "change"

"""What contrasts may be adjusted for, and what a site sums of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import DesignError, InputError
from evalkit.panels import school_sums
from evalkit.panels.covariate_sums import person_facts
from evalkit.values import Panel

ROWS = """
person time school sex     language score outcome
a      0    s1     woman   1        3.0   1
a      1    s1     woman   1        3.0   4
b      0    s1     man     0        5.0   2
b      1    s1     man     0        5.0   2
c      0    s1     unknown 1        -     1
c      1    s1     unknown 1        -     3
d      0    s2     man     1        4.0   0
d      1    s2     man     1        4.0   5
"""


def panel(**changes: object) -> Panel:
    lines = [line.split() for line in ROWS.strip().splitlines()]
    frame = pd.DataFrame(lines[1:], columns=lines[0]).replace("-", np.nan)
    numbers = dict.fromkeys(("time", "language", "score", "outcome"), "float64")
    frame = frame.astype(numbers | {"time": "int64"}).assign(**changes)
    return Panel(frame, "person", "time", "school", labels=((0, "HT2021"), (1, "VT2022")))


def test_groups_become_columns_and_numbers_stay() -> None:
    facts = person_facts(panel(), ("sex", "language", "score"), "outcome")
    assert list(facts.columns) == ["sex=man", "sex=woman", "language", "score"]
    assert facts.loc[2, ["sex=man", "sex=woman", "score"]].isna().all()
    assert facts.loc[0].tolist() == [0.0, 1.0, 1.0, 3.0]


def test_sums_and_products_by_hand() -> None:
    """Changes at s1 are 3, 0, 2, mean 5/3; c counts as half a woman and as the mean score of 4."""
    made = school_sums(panel(), outcome="outcome", unit="points", adjust=("sex", "score"))
    rows = made.covariates.set_index(["covariate", "school"])
    assert rows.loc["sex=woman", ["members", "known", "value_sum"]].to_numpy().tolist() == [[1, 2, 1.5], [0, 1, 0]]
    assert rows.loc["score", ["members", "known", "value_sum"]].to_numpy().tolist() == [[2, 2, 12], [1, 1, 4]]
    pairs = made.products.set_index(["first", "second"])
    assert pairs.loc[("sex=woman", "contrast"), "within_school"] == pytest.approx(0.5 * 3 - 0.5 * 0)
    assert pairs.loc[("score", "score"), "within_school"] == pytest.approx(2.0)
    assert pairs.loc[("sex=woman", "score"), "within_school"] == pytest.approx(-1.0)
    assert pairs.loc[("contrast", "contrast"), "within_school"] == pytest.approx(14 / 3)
    assert pairs["pupils"].eq(4).all()
    assert pairs["freedom_school"].eq(2).all()
    assert pairs.loc[("sex=woman", "contrast"), "members"] == 1


def test_products_are_of_schools_that_were_never_treated() -> None:
    treated = panel(treated_from=[1.0] * 6 + [np.nan] * 2)
    made = school_sums(
        Panel(treated.frame, "person", "time", "school", treated_from="treated_from", labels=treated.labels),
        outcome="outcome",
        unit="points",
        adjust=("score",),
    )
    assert made.products["pupils"].eq(1).all()
    assert made.products["within_school"].eq(0).all()


def test_what_cannot_be_adjusted_for_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="no shoe_size"):
        school_sums(panel(), outcome="outcome", unit="points", adjust=("shoe_size",))
    with pytest.raises(DesignError, match="outcome, which belongs"):
        school_sums(panel(), outcome="outcome", unit="points", adjust=("outcome",))
    with pytest.raises(DesignError, match="school, which belongs to the design"):
        school_sums(panel(), outcome="outcome", unit="points", adjust=("school",))
    later = panel(sex=["woman", "man", *["man"] * 6])
    with pytest.raises(DesignError, match="sex changes within a person"):
        school_sums(later, outcome="outcome", unit="points", adjust=("sex",))
    many = panel(grade=list("aabbccdd"), number=1.0, other=2.0, third=3.0, fourth=4.0)
    with pytest.raises(InputError, match=r"7 covariates .* more than 6"):
        school_sums(many, outcome="outcome", unit="points", adjust=("grade", "number", "other", "third", "fourth"))


def test_messages_never_repeat_a_value() -> None:
    secret = panel(sex=["canary", "man", *["man"] * 6])
    with pytest.raises(DesignError) as told:
        school_sums(secret, outcome="outcome", unit="points", adjust=("sex",))
    assert "canary" not in str(told.value)

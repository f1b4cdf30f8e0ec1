"""Reliability of a scale.

Item means and covariances of one wave are summed where the answers are; Cronbach's alpha (with Feldt's interval) and
McDonald's omega (one factor) rest on them alone. Reversed items are turned round first, and "Vet ej" is no answer.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import connectedness
from evalkit.models.reliability import reliability
from evalkit.values import Cohort, Flow, ItemMoments, Tables

SURVEY = """
person_id wave   date       item dimension answer
anna      HT2021 2021-11-01 a    affective 4
anna      HT2021 2021-11-01 b    affective 3
bo        HT2021 2021-11-01 a    affective 1
bo        HT2021 2021-11-01 b    affective 2
cia       HT2021 2021-11-01 a    affective 2
cia       HT2021 2021-11-01 b    affective 1
dan       HT2021 2021-11-01 a    affective 3
dan       HT2021 2021-11-01 b    affective -
dan       HT2021 2021-11-01 c    cognitive 3
anna      VT2022 2022-03-01 a    affective 1
"""


def drawn(moments: ItemMoments) -> pd.DataFrame:
    """Return the moments as a frame: one row an item."""
    frame = pd.DataFrame(moments.covariance, columns=list(moments.items))
    return frame.assign(item=list(moments.items), mean=moments.means, n=moments.n, persons=moments.persons)


class TestItemMoments:
    def test_listwise_takes_those_who_answered_every_item(self) -> None:
        """Listwise, only pupils who answered every item of the scale in the wave count: Dan is left out."""
        moments = connectedness.item_moments(site(survey=SURVEY), wave="HT2021", dimension="affective")
        assert matches(
            drawn(moments),
            """
            item mean    a       b n persons
            a    2.33333 2.33333 1 3 4
            b    2       1       1 3 4
            """,
        )

    def test_pairwise_takes_all_answers_to_each_pair(self) -> None:
        """Pairwise, each number rests on all who answered its items, and n is that of the smallest pair."""
        moments = connectedness.item_moments(
            site(survey=SURVEY), wave="HT2021", dimension="affective", missing="pairwise"
        )
        assert matches(
            drawn(moments),
            """
            item mean a       b n persons
            a    2.5  1.66667 1 3 4
            b    2    1       1 3 4
            """,
        )

    def test_reversed_items_are_turned_round(self) -> None:
        """A reversed item covaries the other way, so the instrument must say so."""
        own = connectedness.own_instrument("egen", affective=("a", "b"), reverse=("b",))
        moments = connectedness.item_moments(site(survey=SURVEY), wave="HT2021", dimension="affective", instrument=own)
        assert matches(
            drawn(moments),
            """
            item mean    a       b
            a    2.33333 2.33333 -1
            b    3       -1      1
            """,
        )

    def test_a_cohort_gives_its_own_persons_and_what_was_known_by_its_day(self) -> None:
        """Asked of a cohort, the moments are of its persons alone."""
        tables = site(survey=SURVEY)
        moments = connectedness.item_moments(cohort_of(tables, "anna", "bo"), wave="HT2021", dimension="affective")
        assert (moments.n, moments.persons, moments.means.tolist()) == (2, 2, [2.5, 2.5])

    def test_nothing_to_sum_is_refused(self) -> None:
        tables = site(survey=SURVEY)
        with pytest.raises(InputError, match=r"nobody answered.*HT2029"):
            connectedness.item_moments(tables, wave="HT2029")
        with pytest.raises(InputError, match="no table 'survey'"):
            connectedness.item_moments(site(), wave="HT2021")
        with pytest.raises(InputError, match="no open tables"):
            connectedness.item_moments(replace(cohort_of(tables, "anna"), tables=None), wave="HT2021")
        with pytest.raises(InputError, match="never missing 'imputed'"):
            connectedness.item_moments(tables, wave="HT2021", missing="imputed")  # type: ignore[arg-type]


class TestCoefficients:
    def test_alpha_is_found_from_the_moments(self) -> None:
        """Two items with variances 7/3 and 1 and covariance 1 have alpha 2 (1 - (10/3) / (16/3)) = 0.75."""
        moments = connectedness.item_moments(site(survey=SURVEY), wave="HT2021", dimension="affective")
        alpha = reliability(moments)
        assert alpha.value == pytest.approx(0.75)
        assert (alpha.name, alpha.n, alpha.detail("wave"), alpha.detail("reason")) == (
            "cronbach_alpha",
            3,
            "HT2021",
            None,
        )
        assert alpha.diagnostics.get("coverage") == 0.75

    def test_a_negative_alpha_is_told_and_explained(self) -> None:
        """An item that should have been reversed makes alpha negative: it stands as it is, with the reason."""
        own = connectedness.own_instrument("egen", affective=("a", "b"), reverse=("b",))
        moments = connectedness.item_moments(site(survey=SURVEY), wave="HT2021", dimension="affective", instrument=own)
        alpha = reliability(moments)
        assert alpha.value == pytest.approx(-3.0)
        assert alpha.detail("reason") == "negative"

    def test_one_item_has_no_reliability(self) -> None:
        """A scale of one item has neither alpha nor omega, and two items no omega."""
        tables = site(survey=SURVEY)
        one = reliability(connectedness.item_moments(tables, wave="HT2021", dimension="cognitive"))
        two = connectedness.item_moments(tables, wave="HT2021", dimension="affective")
        assert (one.value, one.detail("reason")) == (None, "too_few_items")
        assert reliability(two, coefficient="omega").detail("reason") == "too_few_items"

    def test_all_items_together_need_someone_who_answered_them_all(self) -> None:
        """Where nobody answered every item there is nothing to judge by."""
        whole = connectedness.item_moments(site(survey=SURVEY), wave="HT2021")
        assert (whole.items, whole.n) == (("a", "b", "c"), 0)
        assert np.isnan(whole.covariance).all()
        assert reliability(whole).detail("reason") == "too_few_persons"


def cohort_of(tables: Tables, *people: str) -> Cohort:
    frame = pd.DataFrame({"person_id": list(people)}).assign(
        entry=pd.Timestamp("2021-08-17"),
        exit=pd.Series([pd.NaT] * len(people), dtype="datetime64[ns]"),
        exit_cause="",
        school_id="A",
        year_group=7,
    )
    return Cohort(frame, Flow(()), "these", "key", tables)

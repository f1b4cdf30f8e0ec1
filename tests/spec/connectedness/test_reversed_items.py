"""Instruments and reversed items.

An instrument says which items count, which dimension each asks about, and which are worded so that agreement speaks of
little connectedness. The vocabulary holds the project's own survey and the structure of the Student Engagement
Instrument (its wordings are protected); a study may describe its own.
"""

from __future__ import annotations

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import connectedness
from evalkit.vocabulary import dimensions
from evalkit.vocabulary.instruments import instrument

OWN = connectedness.own_instrument("egen", affective=("q1", "q2", "q3"), cognitive=("q4",), reverse=("q3",))
SURVEY = """
person_id wave   date       item dimension answer
anna      HT2021 2021-11-01 q1   cognitive 4
anna      HT2021 2021-11-01 q2   cognitive 4
anna      HT2021 2021-11-01 q3   cognitive 1
anna      HT2021 2021-11-01 q4   cognitive 2
anna      HT2021 2021-11-01 q9   cognitive 1
"""


class TestOwnInstruments:
    def test_a_reversed_item_is_turned_round_on_the_scale(self) -> None:
        """The answer 1 to a reversed item is worth 4; items that are not of the instrument count nowhere."""
        assert matches(
            measured(connectedness.index(instrument=OWN), site(survey=SURVEY), "HT2021"),
            """
            person_id connectedness_index
            anna      3.5
            """,
        )

    def test_the_instrument_says_what_dimension_an_item_is_of(self) -> None:
        """The instrument's dimensions hold, whatever stands in the survey."""
        assert matches(
            measured(connectedness.index("affective", instrument=OWN), site(survey=SURVEY), "HT2021"),
            """
            person_id connectedness_affective
            anna      4
            """,
        )

    def test_items_of_the_instrument_that_nobody_met_are_unanswered(self) -> None:
        """Two thirds of the instrument's items must be answered, whether or not anyone met them."""
        survey = "person_id wave date item answer \n anna 1 2021-11-01 q1 4 \n anna 1 2021-11-01 q2 4"
        assert measured(connectedness.index(instrument=OWN), site(survey=survey), "HT2021").empty
        assert len(measured(connectedness.index(), site(survey=survey), "HT2021")) == 1

    def test_a_faulty_instrument_is_refused(self) -> None:
        with pytest.raises(InputError, match="has q1 twice"):
            connectedness.own_instrument("egen", affective=("q1",), cognitive=("q1",))
        with pytest.raises(InputError, match="q9 are reversed"):
            connectedness.own_instrument("egen", affective=("q1",), reverse=("q9",))
        with pytest.raises(InputError, match="has no items"):
            connectedness.own_instrument("egen")


class TestInstrumentsOfTheVocabulary:
    def test_the_engagement_instrument_turns_its_extrinsic_motivation_round(self) -> None:
        """The Student Engagement Instrument asks about the affective and the cognitive dimension; two items reverse."""
        items = instrument("sei").items
        assert {item.dimension for item in items} == {"affective", "cognitive"}
        assert [item.code for item in items if item.reverse] == ["EM1", "EM2"]
        assert len(items) == 35

    def test_the_projects_survey_asks_about_all_four_dimensions(self) -> None:
        """The project's own survey has items on all four dimensions, none reversed."""
        own = instrument("skolanknytning")
        assert {item.dimension for item in own.items} == {each.code for each in dimensions()}
        assert not [item for item in own.items if item.reverse]

    def test_both_label_sets_name_the_same_four_dimensions(self) -> None:
        """One model has two sets of names in Sweden: research calls social connectedness affective."""
        names = {each.code: (each.label("sv"), each.label("sv", "early_warning")) for each in dimensions()}
        assert names == {
            "behavioural": ("beteendemässig", "beteendemässig"),
            "academic": ("akademisk", "akademisk"),
            "affective": ("affektiv", "social"),
            "cognitive": ("kognitiv", "affektiv"),
        }

"""The connectedness index.

A pupil's answers in the latest wave of the period are averaged, all together or by dimension. What an answer is worth,
what "Vet ej" is, and how many items must be answered are chosen in the measure. Where records tell of a dimension
(attendance, grades), they have measures of their own.
"""

from __future__ import annotations

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import connectedness

FOUR_ANSWERS = """
person_id wave   date       item dimension answer
anna      HT2021 2021-11-01 A1   affective 4
anna      HT2021 2021-11-01 A2   affective 3
anna      HT2021 2021-11-01 K1   cognitive 2
anna      HT2021 2021-11-01 K2   cognitive -
"""
EACH_ANSWER = """
person_id wave   date       item answer
anna      HT2021 2021-11-01 a    4
bo        HT2021 2021-11-01 a    3
cia       HT2021 2021-11-01 a    2
dan       HT2021 2021-11-01 a    1
"""
ONE_DOES_NOT_KNOW = """
person_id wave   date       item answer
anna      HT2021 2021-11-01 a    4
anna      HT2021 2021-11-01 b    4
anna      HT2021 2021-11-01 c    -
bo        HT2021 2021-11-01 a    1
bo        HT2021 2021-11-01 b    1
bo        HT2021 2021-11-01 c    1
"""


class TestWhichAnswersCount:
    def test_index_is_the_mean_of_answered_items_if_two_thirds_are_answered(self) -> None:
        """The index is the mean of the answered items; with fewer than two thirds answered there is none."""
        tables = site(
            survey="""
            person_id wave   date       item answer
            anna      HT2021 2021-11-01 a    4
            anna      HT2021 2021-11-01 b    3
            anna      HT2021 2021-11-01 c    -
            bo        HT2021 2021-11-01 a    4
            bo        HT2021 2021-11-01 b    -
            bo        HT2021 2021-11-01 c    -
            """
        )
        assert matches(
            measured(connectedness.index(), tables, "HT2021"),
            """
            person_id period connectedness_index
            anna      HT2021 3.5
            """,
        )

    def test_items_left_out_count_as_unanswered(self) -> None:
        """An item that others met in the wave and a pupil left out is an unanswered one."""
        tables = site(
            survey="""
            person_id wave   date       item answer
            anna      HT2021 2021-11-01 a    4
            bo        HT2021 2021-11-01 a    1
            bo        HT2021 2021-11-01 b    2
            bo        HT2021 2021-11-01 c    3
            """
        )
        assert matches(
            measured(connectedness.index(), tables, "HT2021"),
            """
            person_id connectedness_index
            bo        2
            """,
        )

    def test_the_share_that_must_be_answered_can_be_chosen(self) -> None:
        """Three of four items answered are enough for a share of 0.75, and too few for 0.8."""
        tables = site(survey=FOUR_ANSWERS)
        assert matches(
            measured(connectedness.index(answered_share=0.75), tables, "HT2021"),
            """
            person_id connectedness_index
            anna      3
            """,
        )
        assert measured(connectedness.index(answered_share=0.8), tables, "HT2021").empty

    def test_the_latest_wave_of_the_period_counts_and_no_older_one_stands_in_for_it(self) -> None:
        """A pupil's latest wave in the period counts; where it has too few answers, no older one stands in for it."""
        tables = site(
            survey="""
            person_id wave   date       item answer
            anna      HT2021 2021-09-01 a    1
            anna      VT2022 2021-12-01 a    4
            bo        HT2021 2021-09-01 a    1
            bo        VT2022 2021-12-01 a    -
            """
        )
        assert matches(
            measured(connectedness.index(), tables, "HT2021"),
            """
            person_id connectedness_index
            anna      4
            """,
        )

    def test_answers_known_after_the_period_are_not_seen(self) -> None:
        """Answers that became known after the period's end count neither in it nor later."""
        tables = site(
            survey="""
            person_id wave   date       item answer known_from
            anna      HT2021 2021-12-01 a    4      2022-01-01
            """
        )
        assert measured(connectedness.index(), tables, "HT2021", "VT2022").empty

    def test_a_site_without_a_survey_has_no_index(self) -> None:
        """Where the site handed over no survey, nobody has an index."""
        tables = site(persons="person_id \n anna")
        assert measured(connectedness.index(), tables, "HT2021").empty


class TestDimensions:
    def test_a_dimension_is_the_mean_of_its_items(self) -> None:
        """A dimension's index is the mean of its own items, and two thirds of these must be answered."""
        tables = site(survey=FOUR_ANSWERS)
        assert matches(
            measured(connectedness.index("affective"), tables, "HT2021"),
            """
            person_id connectedness_affective
            anna      3.5
            """,
        )
        assert measured(connectedness.index("cognitive"), tables, "HT2021").empty

    def test_a_dimension_that_nobody_was_asked_about_has_no_index(self) -> None:
        """Where no item asks about a dimension there is no index of it: none is made up from records."""
        assert measured(connectedness.index("behavioural"), site(survey=FOUR_ANSWERS), "HT2021").empty

    def test_all_dimensions_are_of_the_same_wave(self) -> None:
        """A dimension is taken from the pupil's latest wave, even if an earlier one asked about it and this did not."""
        tables = site(
            survey="""
            person_id wave date       item dimension answer
            anna      1    2021-09-01 A1   affective 1
            anna      1    2021-09-01 K1   cognitive 2
            anna      2    2021-11-01 A1   affective 4
            """
        )
        assert matches(
            measured(connectedness.index("affective"), tables, "HT2021"),
            """
            person_id connectedness_affective
            anna      4
            """,
        )
        assert measured(connectedness.index("cognitive"), tables, "HT2021").empty


class TestScoring:
    def test_ten_points_lie_evenly_between_the_worst_and_the_best_answer(self) -> None:
        """On the index 0-10 the four answers are worth 10, 6.67, 3.33 and 0."""
        assert matches(
            measured(connectedness.index(scores="ten"), site(survey=EACH_ANSWER), "HT2021"),
            """
            person_id connectedness_index_ten
            anna      10
            bo        6.66667
            cia       3.33333
            dan       0
            """,
        )

    def test_a_hundred_points_lie_evenly_too(self) -> None:
        """On the index 0-100 they are worth 100, 66.7, 33.3 and 0."""
        assert matches(
            measured(connectedness.index(scores="hundred"), site(survey=EACH_ANSWER), "HT2021"),
            """
            person_id connectedness_index_hundred
            anna      100
            bo        66.6667
            cia       33.3333
            dan       0
            """,
        )

    def test_several_scorings_fit_in_one_panel(self) -> None:
        """Variants have names of their own, and equal parameters mean the same measure."""
        names = [
            connectedness.index(),
            connectedness.index("affective"),
            connectedness.index(scores="ten"),
            connectedness.index(dont_know="middle"),
            connectedness.index("affective", scores="ten", dont_know="blocks"),
        ]
        assert [measure.name for measure in names] == [
            "connectedness_index",
            "connectedness_affective",
            "connectedness_index_ten",
            "connectedness_index_dont_know_middle",
            "connectedness_affective_ten_dont_know_blocks",
        ]
        assert len({measure.key for measure in names}) == len(names)
        assert connectedness.index(answered_share=0.8, name="strict").name == "strict"
        assert connectedness.index(scores="points").key == connectedness.index().key


class TestDontKnow:
    def test_excluded_dont_know_is_no_answer(self) -> None:
        """By default "Vet ej" is no answer: the others are averaged."""
        assert matches(
            measured(connectedness.index(dont_know="excluded"), site(survey=ONE_DOES_NOT_KNOW), "HT2021"),
            """
            person_id connectedness_index
            anna      4
            bo        1
            """,
        )

    def test_blocking_dont_know_leaves_no_index(self) -> None:
        """With "blocks", a pupil who answered "Vet ej" anywhere has no index."""
        assert matches(
            measured(connectedness.index(dont_know="blocks"), site(survey=ONE_DOES_NOT_KNOW), "HT2021"),
            """
            person_id connectedness_index_dont_know_blocks
            bo        1
            """,
        )

    def test_dont_know_in_the_middle_is_an_answer_worth_two_and_a_half(self) -> None:
        """With "middle", "Vet ej" is an answer in the middle of the scale, 2.5 of 1-4."""
        assert matches(
            measured(connectedness.index(dont_know="middle"), site(survey=ONE_DOES_NOT_KNOW), "HT2021"),
            """
            person_id connectedness_index_dont_know_middle
            anna      3.5
            bo        1
            """,
        )


class TestRefusals:
    def test_what_there_is_not_is_refused_with_what_there_is(self) -> None:
        with pytest.raises(InputError, match=r"no dimension 'social'.*affective"):
            connectedness.index("social")
        with pytest.raises(InputError, match="no scoring 'stars'"):
            connectedness.index(scores="stars")  # type: ignore[arg-type]
        with pytest.raises(InputError, match="no policy 'guess'"):
            connectedness.index(dont_know="guess")  # type: ignore[arg-type]
        with pytest.raises(InputError, match="no instrument 'pssm'"):
            connectedness.index(instrument="pssm")

    @pytest.mark.parametrize("share", [0, -0.5, 1.2])
    def test_a_share_that_must_be_answered_is_a_share(self, share: float) -> None:
        with pytest.raises(InputError, match="no share"):
            connectedness.index(answered_share=share)

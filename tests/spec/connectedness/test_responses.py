"""Positive answers, Vet ej, and who answered.

Shares of answers are ratios: they add up over pupils before they are divided. The response rate is over those who were
enrolled while the wave went on.
"""

from __future__ import annotations

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import connectedness

SURVEY = """
person_id wave   date       item dimension answer
anna      HT2021 2021-11-01 a    affective 4
anna      HT2021 2021-11-01 b    affective 3
anna      HT2021 2021-11-01 c    cognitive 2
anna      HT2021 2021-11-01 d    cognitive -
bo        HT2021 2021-11-01 a    affective 1
"""


class TestPositiveAnswers:
    def test_the_two_best_answers_out_of_all_are_positive(self) -> None:
        """The two best answers of the scale are positive; "Vet ej" is an answer too, and not a positive one."""
        assert matches(
            measured(connectedness.share_positive(), site(survey=SURVEY), "HT2021"),
            """
            person_id connectedness_positive_answers connectedness_positive_of connectedness_positive
            anna      2                              4                         0.5
            bo        0                              1                         0
            """,
        )

    def test_dont_know_can_be_left_out(self) -> None:
        """Where "Vet ej" is excluded it is no answer, and the measure has another name."""
        assert matches(
            measured(connectedness.share_positive(dont_know="excluded"), site(survey=SURVEY), "HT2021"),
            """
            person_id connectedness_positive_known_answers connectedness_positive_known_of connectedness_positive_known
            anna      2                                    3                               0.666667
            bo        0                                    1                               0
            """,
        )

    def test_coverage_is_answers_out_of_items_asked(self) -> None:
        """Coverage tells how many of the items asked were answered by those who took part."""
        measure = connectedness.share_positive()
        assert measure.coverage == (
            "connectedness_positive_coverage",
            "connectedness_positive_of",
            "connectedness_positive_asked",
        )
        assert matches(
            measured(measure, site(survey=SURVEY), "HT2021"),
            """
            person_id connectedness_positive_of connectedness_positive_asked
            anna      4                         4
            bo        1                         4
            """,
        )

    def test_a_reversed_item_is_positive_after_it_is_turned_round(self) -> None:
        """Disagreeing with a reversed item is a positive answer."""
        own = connectedness.own_instrument("egen", affective=("a", "b"), reverse=("a",))
        found = measured(connectedness.share_positive("affective", instrument=own), site(survey=SURVEY), "HT2021")
        assert matches(
            found,
            """
            person_id connectedness_positive_affective_answers connectedness_positive_affective_of
            anna      1                                        2
            bo        1                                        1
            """,
        )

    def test_a_policy_that_there_is_not_is_refused(self) -> None:
        with pytest.raises(InputError, match="no policy 'middle'"):
            connectedness.share_positive(dont_know="middle")  # type: ignore[arg-type]


class TestDontKnowShare:
    def test_dont_know_out_of_all_answers(self) -> None:
        """How often "Vet ej" was the answer, in all or about one dimension."""
        tables = site(survey=SURVEY)
        assert matches(
            measured(connectedness.dont_know_share(), tables, "HT2021"),
            """
            person_id dont_know_share_answers dont_know_share_of dont_know_share
            anna      1                       4                  0.25
            bo        0                       1                  0
            """,
        )
        assert matches(
            measured(connectedness.dont_know_share("cognitive"), tables, "HT2021"),
            """
            person_id dont_know_share_cognitive
            anna      0.5
            bo        -
            """,
        )


class TestResponseRate:
    ENROLMENTS = """
    person_id school_id start      end        cancelled
    anna      A         2021-08-17 2022-06-15 false
    bo        A         2021-08-17 2022-06-15 false
    cia       A         2021-11-20 2022-06-15 false
    dan       A         2021-08-17 2021-11-01 false
    eva       A         2021-08-17 -          true
    """
    SURVEY = """
    person_id wave   date       item answer
    anna      HT2021 2021-11-01 a    4
    fia       HT2021 2021-11-05 a    4
    """

    def test_those_enrolled_while_the_wave_went_on_were_asked(self) -> None:
        """Anna answered and Bo did not. Cia came after it, Dan had left on its first day, Eva never began."""
        assert matches(
            measured(
                connectedness.response_rate(), site(enrolments=self.ENROLMENTS, survey=self.SURVEY), "HT2021", "VT2022"
            ),
            """
            person_id period waves_answered waves_enrolled survey_response_rate
            anna      HT2021 1              1              1
            bo        HT2021 0              1              0
            """,
        )

    def test_dont_know_is_an_answer_to_the_survey(self) -> None:
        """Who answered "Vet ej" to everything has answered."""
        survey = "person_id wave date item answer \n bo HT2021 2021-11-01 a -"
        assert matches(
            measured(connectedness.response_rate(), site(enrolments=self.ENROLMENTS, survey=survey), "HT2021"),
            """
            person_id waves_answered waves_enrolled
            anna      0              1
            bo        1              1
            """,
        )

    def test_waves_add_up_over_a_school_year(self) -> None:
        """In a period with two waves both count."""
        survey = self.SURVEY + "bo VT2022 2022-03-01 a 2 \n anna VT2022 2022-03-01 a 2"
        assert matches(
            measured(connectedness.response_rate(), site(enrolments=self.ENROLMENTS, survey=survey), "2021/22"),
            """
            person_id waves_answered waves_enrolled
            anna      2              2
            bo        1              2
            cia       0              1
            """,
        )

    def test_without_a_survey_nobody_was_asked(self) -> None:
        """Where the site handed over no survey there is no response rate."""
        assert measured(connectedness.response_rate(), site(enrolments=self.ENROLMENTS), "HT2021").empty

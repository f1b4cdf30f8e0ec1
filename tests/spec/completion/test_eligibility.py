"""Eligibility for upper secondary school.

A pupil in year 9 on 1 June is judged when that school year has ended, by the rules then in force: from the term that
ends on 30 June on, and not before. Rules, grade scales and what counts as a subject are dated entries of the
vocabulary.
"""

from __future__ import annotations

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import completion

YEAR_9 = """
person_id school_id year_group start      end
anna      A         9          2021-08-17 2022-06-14
"""
TWO_PUPILS = YEAR_9 + "bo A 9 2021-08-17 2022-06-14 \n"
GRADES = """
person_id subject grade
"""
SWEDISH = "anna      SV      E\n"
OTHER_CORE = """anna      EN      E
anna      MA      E
"""
CORE = GRADES + SWEDISH + OTHER_CORE
SCIENCE = """anna      BI      E
anna      FY      E
"""
CRAFTS = """anna      BL      E
anna      MU      E
anna      SL      E
"""
EIGHT = CORE + SCIENCE + CRAFTS
TWELVE_WITHOUT_KE = (
    EIGHT
    + """anna      KE      F
anna      GE      E
anna      HI      E
anna      SH      E
anna      IDH     E
"""
)


def test_eight_passes_with_the_core_open_vocational_programmes() -> None:
    """Passes in SV, EN and MA and in five other subjects make eligible for vocational programmes."""
    tables = site(enrolments=YEAR_9, grades=EIGHT)
    found = measured(completion.eligible("vocational"), tables, "VT2022")
    assert matches(found, "person_id period eligible_vocational \n anna VT2022 1")


def test_eight_passes_without_mathematics_open_nothing() -> None:
    """Eight passes do not make eligible where mathematics is F."""
    tables = site(
        enrolments=YEAR_9,
        grades="""
        person_id subject grade
        anna      SV      A
        anna      EN      A
        anna      MA      F
        anna      BI      A
        anna      FY      A
        anna      KE      A
        anna      BL      A
        anna      MU      A
        anna      SL      A
        """,
    )
    assert matches(measured(completion.subjects_passed(), tables, "VT2022"), "person_id subjects_passed \n anna 8")
    found = measured(completion.eligible("vocational"), tables, "VT2022")
    assert matches(found, "person_id eligible_vocational \n anna 0")


def test_twelve_passes_without_chemistry_open_the_arts_and_not_science() -> None:
    """Natural science and technology ask for BI, FY and KE among the twelve passes; the arts programme does not."""
    tables = site(enrolments=YEAR_9, grades=TWELVE_WITHOUT_KE)
    arts = measured(completion.eligible("arts"), tables, "VT2022")
    assert matches(arts, "person_id eligible_arts \n anna 1")
    science = measured(completion.eligible("science"), tables, "VT2022")
    assert matches(science, "person_id eligible_science \n anna 0")


def test_twelve_passes_without_religion_do_not_open_the_social_programmes() -> None:
    """Economics, humanities and social science ask for GE, HI, RE and SH among the twelve passes."""
    tables = site(enrolments=YEAR_9, grades=TWELVE_WITHOUT_KE)
    found = measured(completion.eligible("social"), tables, "VT2022")
    assert matches(found, "person_id eligible_social \n anna 0")
    with_religion = site(enrolments=YEAR_9, grades=TWELVE_WITHOUT_KE + "anna RE E")
    found = measured(completion.eligible("social"), with_religion, "VT2022")
    assert matches(found, "person_id eligible_social \n anna 1")


def test_swedish_as_a_second_language_will_do_for_swedish() -> None:
    """SV = F and SVA = E is a pass in Swedish."""
    tables = site(
        enrolments=YEAR_9,
        grades=GRADES + OTHER_CORE + SCIENCE + CRAFTS + "anna SV F \n anna SVA E",
    )
    found = measured(completion.eligible("vocational"), tables, "VT2022")
    assert matches(found, "person_id eligible_vocational \n anna 1")


def test_swedish_and_swedish_as_a_second_language_count_once() -> None:
    """SV = E and SVA = E are one pass of the eight, not two."""
    tables = site(
        enrolments=YEAR_9,
        grades=CORE + SCIENCE + "anna SVA E \n anna BL E \n anna MU E",
    )
    assert matches(measured(completion.subjects_passed(), tables, "VT2022"), "person_id subjects_passed \n anna 7")
    found = measured(completion.eligible("vocational"), tables, "VT2022")
    assert matches(found, "person_id eligible_vocational \n anna 0")


def test_mother_tongue_and_modern_languages_are_subjects() -> None:
    """Mother tongue and a modern language count among the eight passes like any other subject."""
    tables = site(
        enrolments=YEAR_9,
        grades=CORE + SCIENCE + "anna BL E \n anna MLARA E \n anna M2FRA E",
    )
    found = measured(completion.eligible("vocational"), tables, "VT2022")
    assert matches(found, "person_id eligible_vocational \n anna 1")


def test_a_block_grade_stands_for_its_subjects_that_have_none_of_their_own() -> None:
    """NO stands for BI, FY and KE, and SO for GE, HI, RE and SH; a grade in the subject itself goes before."""
    tables = site(
        enrolments=YEAR_9,
        grades=CORE + "anna NO E \n anna SO E \n anna SH F",
    )
    assert matches(measured(completion.subjects_passed(), tables, "VT2022"), "person_id subjects_passed \n anna 9")


@pytest.mark.parametrize(
    ("language", "number", "others", "eligible"), [("EN", "F", 4, 1), ("EN", "F", 3, 0), ("EN", "E", 3, 1)]
)
def test_programme_oriented_introduction_asks_for_english_or_mathematics(
    language: str, number: str, others: int, eligible: int
) -> None:
    """IMV: Swedish, and English or mathematics with four other passes, or both with three."""
    more = "\n".join(f"anna {subject} E" for subject in ("BI", "FY", "BL", "MU")[:others])
    grades = f"person_id subject grade \n anna SV E \n anna {language} E \n anna MA {number} \n {more}"
    tables = site(enrolments=YEAR_9, grades=grades)
    found = measured(completion.eligible("imv"), tables, "VT2022")
    assert found["eligible_imv"].tolist() == [eligible]


def test_a_dash_is_recorded_and_a_missing_row_is_not() -> None:
    """A dash in mathematics and no row at all are no pass alike; the dash is failed, the missing row unknown."""
    tables = site(
        enrolments=TWO_PUPILS,
        grades="""
        person_id subject grade
        anna      SV      E
        anna      EN      E
        anna      MA      –
        bo        SV      E
        bo        EN      E
        """,
    )
    assert matches(
        measured(completion.core_failed(), tables, "VT2022"),
        """
        person_id core_failed_subjects core_failed_recorded core_failed_due core_failed
        anna      1                    3                    3               0.333333
        bo        0                    2                    3               0
        """,
    )
    found = measured(completion.eligible("vocational"), tables, "VT2022")
    assert matches(found, "person_id eligible_vocational \n anna 0 \n bo 0")


def test_nobody_is_judged_before_the_school_year_has_ended() -> None:
    """In the autumn of year 9 eligibility is not known yet; from the spring on it is, also in later terms."""
    tables = site(enrolments=YEAR_9, grades=EIGHT)
    found = measured(completion.eligible("vocational"), tables, "HT2021", "VT2022", "HT2022")
    assert matches(found, "person_id period eligible_vocational \n anna HT2022 1 \n anna VT2022 1")


def test_shares_of_judged_pupils_count_each_pupil_once() -> None:
    """In the period in which year 9 ended: what is added up over terms would otherwise hold anna once for each later
    one. Bo's grades came with him from elsewhere in September, and he counts in the autumn.
    """
    tables = site(
        enrolments=YEAR_9,
        grades="""
        person_id subject grade registered known_from
        anna      SV      E     2022-06-10 2022-06-10
        anna      MA      F     2022-06-10 2022-06-10
        bo        MA      E     2022-06-10 2022-09-05
        """,
    )
    terms = ("HT2021", "VT2022", "HT2022", "VT2023")
    reach = measured(completion.graded(), tables, *terms)
    assert matches(reach, "person_id period graded_pupils graded_judged \n anna VT2022 1 1 \n bo HT2022 1 1")
    failed = measured(completion.core_failed(), tables, *terms)
    assert matches(
        failed,
        """
        person_id period core_failed_subjects core_failed_recorded
        anna      VT2022 1                    2
        bo        HT2022 0                    1
        """,
    )


def test_a_first_grade_known_after_year_9_counts_when_it_is_known() -> None:
    """Bo's grade in mathematics was set in June and known in September. Until then his three subjects are due and none
    is recorded; in the autumn the grade counts, once. Whether he had any grade is told by what was known in June.
    """
    tables = site(
        enrolments=TWO_PUPILS,
        grades="""
        person_id subject grade registered known_from
        anna      SV      E     2022-06-10 2022-06-10
        anna      MA      F     2022-06-10 2022-09-05
        bo        MA      E     2022-06-10 2022-09-05
        """,
    )
    terms = ("HT2021", "VT2022", "HT2022", "VT2023")
    assert matches(
        measured(completion.core_failed(), tables, *terms),
        """
        person_id period core_failed_subjects core_failed_recorded core_failed_due
        anna      VT2022 0                    1                    3
        bo        HT2022 0                    1                    3
        bo        VT2022 0                    0                    3
        """,
    )
    reach = measured(completion.graded(), tables, *terms)
    assert matches(reach, "person_id period graded_pupils graded_judged \n anna VT2022 1 1 \n bo VT2022 0 1")


def test_who_repeats_year_9_counts_once_for_each() -> None:
    """Bo failed mathematics, went through year 9 once more, and passed."""
    tables = site(
        enrolments="""
        person_id school_id year_group start      end
        bo        A         9          2021-08-17 2022-06-14
        bo        A         9          2022-08-17 2023-06-14
        """,
        grades="""
        person_id subject grade registered
        bo        MA      F     2022-06-10
        bo        MA      E     2023-06-10
        """,
    )
    found = measured(completion.core_failed(), tables, "VT2022", "HT2022", "VT2023", "HT2023")
    assert matches(found, "period core_failed_subjects core_failed_recorded \n VT2022 1 1 \n VT2023 0 1")


def test_forecasts_are_counted_in_the_terms_in_which_grades_were_given() -> None:
    """A term without a new grade makes no new forecast."""
    tables = site(
        enrolments=YEAR_9,
        grades="""
        person_id subject grade term   registered final
        anna      MA      F     HT2021 2021-12-20 false
        anna      EN      E     HT2022 2022-12-20 false
        """,
    )
    found = measured(completion.core_failed(grades="term"), tables, "HT2021", "VT2022", "HT2022", "VT2023")
    assert matches(found, "period core_failed_term_subjects core_failed_term_recorded \n HT2021 1 1 \n HT2022 1 2")


def test_pupils_without_grades_are_in_the_denominator_and_those_who_left_are_not() -> None:
    """Bo finished year 9 without a grade: not eligible. Cy moved away in May, and is judged where she went."""
    tables = site(
        enrolments=TWO_PUPILS + "cy A 9 2021-08-17 2022-05-10",
        grades=EIGHT,
    )
    found = measured(completion.eligible("vocational"), tables, "VT2022")
    assert matches(found, "person_id eligible_vocational \n anna 1 \n bo 0")
    reach = measured(completion.graded(), tables, "VT2022")
    assert matches(reach, "person_id graded_pupils graded_judged \n anna 1 1 \n bo 0 1")


def test_who_came_with_final_grades_from_elsewhere_is_judged_by_them() -> None:
    """Of a person without an enrolment in compulsory school, final grades tell, from the end of their school year."""
    tables = site(
        enrolments="""
        person_id school_id school_type year_group start
        anna      G         GY          1          2022-08-17
        """,
        grades=EIGHT,
    )
    found = measured(completion.eligible("vocational"), tables, "VT2022", "HT2022")
    assert matches(found, "person_id period eligible_vocational \n anna HT2022 1 \n anna VT2022 1")


def test_term_grades_make_a_forecast_and_no_eligibility() -> None:
    """Term grades count with `grades="term"` alone: a forecast before year 9 ends, for everyone with a grade."""
    tables = site(
        enrolments=YEAR_9,
        grades="""
        person_id subject grade term   registered final
        anna      SV      E     HT2021 2021-12-20 false
        anna      EN      E     HT2021 2021-12-20 false
        anna      MA      E     HT2021 2021-12-20 false
        """,
    )
    forecast = measured(completion.subjects_passed(grades="term"), tables, "HT2021", "VT2022")
    assert matches(forecast, "person_id period subjects_passed_term \n anna HT2021 3 \n anna VT2022 3")
    final = measured(completion.subjects_passed(), tables, "HT2021", "VT2022")
    assert matches(final, "person_id period subjects_passed \n anna VT2022 0")


def test_the_latest_grade_in_a_subject_counts() -> None:
    """An examination in August raises F to E: eligible from the autumn, and still not eligible as year 9 ended."""
    tables = site(
        enrolments=YEAR_9,
        grades="""
        person_id subject grade term   registered trial
        anna      SV      E     VT2022 2022-06-10 false
        anna      EN      E     VT2022 2022-06-10 false
        anna      MA      F     VT2022 2022-06-10 false
        anna      MA      E     HT2022 2022-08-12 true
        anna      BI      E     VT2022 2022-06-10 false
        anna      FY      E     VT2022 2022-06-10 false
        anna      BL      E     VT2022 2022-06-10 false
        anna      MU      E     VT2022 2022-06-10 false
        anna      SL      E     VT2022 2022-06-10 false
        """,
    )
    now = measured(completion.eligible("vocational"), tables, "VT2022", "HT2022")
    assert matches(now, "person_id period eligible_vocational \n anna HT2022 1 \n anna VT2022 0")
    then = measured(completion.eligible("vocational", grades="year_9"), tables, "VT2022", "HT2022")
    assert matches(then, "person_id period eligible_vocational_year_9 \n anna HT2022 0 \n anna VT2022 0")


def test_a_grade_known_late_counts_from_when_it_was_known() -> None:
    """The grade in music was set in June and known in September: anna becomes eligible in the autumn."""
    late = (
        EIGHT.replace("grade", "grade known_from")
        .replace("E\n", "E 2022-06-10\n")
        .replace("MU      E 2022-06-10", "MU      E 2022-09-01")
    )
    tables = site(enrolments=YEAR_9, grades=late)
    found = measured(completion.eligible("vocational"), tables, "VT2022", "HT2022")
    assert matches(found, "person_id period eligible_vocational \n anna HT2022 1 \n anna VT2022 0")


def test_pupils_are_judged_by_the_rules_of_their_year() -> None:
    """Until 2010 a G in Swedish, English and mathematics opened every national programme."""
    tables = site(
        enrolments="""
        person_id school_id year_group start      end
        anna      A         9          2009-08-17 2010-06-10
        """,
        grades="""
        person_id subject grade term   registered
        anna      SV      G     VT2010 2010-06-08
        anna      EN      VG    VT2010 2010-06-08
        anna      MA      G     VT2010 2010-06-08
        anna      BI      IG    VT2010 2010-06-08
        """,
    )
    found = measured(completion.eligible("science"), tables, "VT2010")
    assert matches(found, "person_id eligible_science \n anna 1")


def test_a_site_without_grades_says_nothing() -> None:
    """Where no grades were handed over, nobody is judged."""
    assert measured(completion.eligible("vocational"), site(enrolments=YEAR_9), "VT2022").empty
    assert measured(completion.core_failed(), site(enrolments=YEAR_9), "VT2022").empty


def test_the_end_of_year_9_with_eligibility_is_an_event() -> None:
    """Dated the last day of the school year, known the day after; who is not eligible then has none."""
    tables = site(enrolments=TWO_PUPILS, grades=EIGHT)
    events = completion.completed_year_9_eligible().compute(tables).execute()
    assert matches(events, "person_id date known_from cause \n anna 2022-06-30 2022-07-01 ''")


def test_who_takes_year_9_again_is_judged_anew() -> None:
    """Anna was not eligible after her first year 9 and is after her second: one event, at the end of the second."""
    tables = site(
        enrolments="""
        person_id school_id year_group start      end
        anna      A         9          2020-08-17 2021-06-14
        anna      A         9          2021-08-17 2022-06-14
        """,
        grades=EIGHT,
    )
    found = measured(completion.eligible("vocational"), tables, "VT2021", "VT2022")
    assert matches(found, "person_id period eligible_vocational \n anna VT2021 0 \n anna VT2022 1")
    events = completion.completed_year_9_eligible().compute(tables).execute()
    assert matches(events, "person_id date \n anna 2022-06-30")


def test_a_group_or_basis_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="no rule of eligibility"):
        completion.eligible("medical")
    with pytest.raises(InputError, match="no basis"):
        completion.eligible(grades="best")

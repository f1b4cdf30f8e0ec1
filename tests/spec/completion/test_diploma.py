"""The upper secondary diploma.

Beginners are pupils in year 1 on 15 October. Three, four or five school years later it is judged whether their grades
make a diploma: 2,500 points with a grade, 2,250 of them passed, and passes in Swedish 1, English 5, mathematics 1 and
the diploma project; a preparatory diploma asks for Swedish 2 and 3 and English 6 as well. `REST` stands for all other
courses of a plan.
"""

from __future__ import annotations

import pytest

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.errors import InputError
from evalkit.measures import completion

VOCATIONAL = """
person_id school_id school_type year_group programme start
anna      G         GY          1          BA        2021-08-17
"""
PREPARATORY = """
person_id school_id school_type year_group programme start
anna      G         GY          1          NANAT     2021-08-17
"""
WHOLE = """
person_id subject course    points grade term   registered
anna      SVE     SVESVE01  100    E     VT2022 2022-06-10
anna      ENG     ENGENG05  100    E     VT2022 2022-06-10
anna      MAT     MATMAT01a 100    E     VT2022 2022-06-10
anna      GYAR    GYARBA    100    E     VT2024 2024-06-10
anna      X       REST      2100   E     VT2024 2024-06-10
"""


def reached(grades: str, enrolments: str = VOCATIONAL, *, credit: str = "diploma") -> int:
    """Return whether anna reaches a diploma within three years, for rules told by many small cases."""
    measure = completion.diploma(3, credit=credit)
    found = measured(measure, site(enrolments=enrolments, grades=grades), "VT2024")
    return int(found[measure.name].iloc[0])


def test_a_diploma_is_judged_when_the_school_years_have_passed() -> None:
    """A beginner of 2021 is judged once: in the term in which the three, or four, school years have passed."""
    tables = site(enrolments=VOCATIONAL, grades=WHOLE)
    three = measured(completion.diploma(3), tables, "HT2023", "VT2024", "HT2024")
    assert matches(three, "person_id period diploma_within_3_years \n anna VT2024 1")
    assert measured(completion.diploma(4), tables, "VT2024", "HT2024").empty
    four = measured(completion.diploma(4), tables, "VT2025")
    assert matches(four, "person_id period diploma_within_4_years \n anna VT2025 1")


def test_a_beginner_without_grades_has_none_and_lowers_the_coverage() -> None:
    """Bo began and has no grade of upper secondary level: no diploma, and nothing recorded that could make one."""
    tables = site(enrolments=VOCATIONAL + "bo G GY 1 BA 2021-08-17", grades=WHOLE)
    assert matches(
        measured(completion.diploma(3), tables, "VT2024"),
        """
        person_id diploma_within_3_years_reached diploma_within_3_years_beginners diploma_within_3_years_graded
        anna      1                              1                                1
        bo        0                              1                                0
        """,
    )


@pytest.mark.parametrize("missing", ["SVESVE01", "ENGENG05", "MATMAT01a", "GYARBA"])
def test_without_one_of_the_core_there_is_no_diploma(missing: str) -> None:
    """F in Swedish 1, English 5, mathematics 1 or the diploma project is no diploma, with 2,400 points passed."""
    failed = "\n".join(line.replace(" E ", " F ") if missing in line else line for line in WHOLE.splitlines())
    assert reached(WHOLE) == 1
    assert reached(failed) == 0


def test_250_points_may_be_failed_and_no_more() -> None:
    """2,250 points passed of 2,500 with a grade will do; 2,200 will not."""
    some = WHOLE.replace("REST      2100   E", "REST      1850   E") + "anna X A 250 F VT2024 2024-06-10"
    more = WHOLE.replace("REST      2100   E", "REST      1800   E") + "anna X A 300 F VT2024 2024-06-10"
    assert (reached(some), reached(more)) == (1, 0)


def test_a_dash_is_no_grade_in_the_plan() -> None:
    """2,400 points passed and a dash in the last 100 are 2,400 points with a grade, and no diploma."""
    dash = WHOLE.replace("REST      2100   E", "REST      2000   E") + "anna X A 100 – VT2024 2024-06-10"
    assert reached(dash) == 0


def test_a_certificate_is_not_completion() -> None:
    """Grades in 2,500 points with F in mathematics make a certificate, which counts only where it is asked for."""
    failed = WHOLE.replace("MATMAT01a 100    E", "MATMAT01a 100    F")
    tables = site(enrolments=VOCATIONAL, grades=failed)
    found = measured(completion.diploma(3), tables, "VT2024")
    assert matches(found, "person_id diploma_within_3_years \n anna 0")
    either = measured(completion.diploma(3, credit="diploma_or_certificate2500"), tables, "VT2024")
    assert matches(either, "person_id diploma_or_certificate_within_3_years \n anna 1")


def test_a_preparatory_diploma_asks_for_more_swedish_and_english() -> None:
    """On a preparatory programme Swedish 2 and 3 and English 6 must be passed too."""
    more = """
    anna      SVE     SVESVE02  100    E     VT2023 2023-06-10
    anna      SVE     SVESVE03  100    E     VT2024 2024-06-10
    anna      ENG     ENGENG06  100    E     VT2023 2023-06-10
    """
    assert reached(WHOLE, VOCATIONAL) == 1
    assert reached(WHOLE, PREPARATORY) == 0
    assert reached(WHOLE + more, PREPARATORY) == 1


def test_the_rules_follow_the_programme_begun_last() -> None:
    """Who changes from a preparatory to a vocational programme is judged by the vocational rule."""
    changed = """
    person_id school_id school_type year_group programme start      end
    anna      G         GY          1          NA        2021-08-17 2022-06-14
    anna      G         GY          2          BA        2022-08-17 -
    """
    assert reached(WHOLE, changed) == 1


def test_a_course_and_a_subject_level_of_the_same_content_count_once() -> None:
    """Engelska 5 and Engelska nivå 1 are the same 100 points, by code or by name: 2,400 points, no diploma."""
    mixed = """
    person_id subject course          points grade term   registered
    anna      SVE     SVESVE01        100    E     VT2022 2022-06-10
    anna      ENG     ENGENG05        100    E     VT2022 2022-06-10
    anna      ENGE    ENGE1000X       100    C     VT2023 2023-06-10
    anna      ENGE    Engelskanivå1   100    C     VT2024 2024-06-10
    anna      MAT     MATMAT01a       100    E     VT2022 2022-06-10
    anna      GYAR    GYARBA          100    E     VT2024 2024-06-10
    anna      X       REST            2000   E     VT2024 2024-06-10
    """
    assert reached(mixed) == 0
    assert reached(mixed.replace("2000", "2100")) == 1


def test_a_subject_level_will_do_for_the_course() -> None:
    """Passes in nivå 1 of Swedish, English and mathematics stand for Svenska 1, Engelska 5 and Matematik 1."""
    levels = WHOLE.replace("SVESVE01 ", "SVEN1000X").replace("ENGENG05 ", "ENGE1000X")
    assert reached(levels.replace("MATMAT01a", "MATE1A00X")) == 1


def test_swedish_and_swedish_as_a_second_language_are_one_course() -> None:
    """Svenska 1 and Svenska som andraspråk 1 never count twice."""
    both = WHOLE.replace("2100", "2000") + "anna SVA SVASVA01 100 E VT2023 2023-06-10"
    assert reached(both) == 0


def test_points_of_basic_adult_education_are_not_of_upper_secondary_level() -> None:
    """600 points of GRNENG2 add nothing to a diploma."""
    basic = WHOLE.replace("2100", "2000") + "anna ENG GRNENG2 600 E VT2024 2024-06-10"
    assert reached(basic) == 0


def test_the_extent_of_the_plan_is_read_where_it_is_told() -> None:
    """A vocational plan can be larger than 2,500 points; all of it needs a grade."""
    lines = WHOLE.strip().splitlines()
    larger = "\n".join([lines[0] + " plan_points", *(line + " 2700" for line in lines[1:])])
    assert reached(larger) == 0
    assert reached(larger + "\n anna X MORE 200 E VT2024 2024-06-10 2700") == 1


def test_a_course_once_passed_stays_passed() -> None:
    """An F in a course that was passed before takes nothing away, and an F turned into E gives its points once."""
    assert reached(WHOLE + "anna MAT MATMAT01a 100 F HT2023 2023-12-10") == 1
    raised = WHOLE.replace("MATMAT01a 100    E", "MATMAT01a 100    F") + "anna MAT MATMAT01a 100 E HT2023 2023-12-10"
    assert reached(raised) == 1


def test_an_adult_diploma_asks_for_2400_points() -> None:
    """Who goes on in adult education at upper secondary level is judged by its rule, from then on."""
    short = WHOLE.replace("REST      2100   E", "REST      2000   E").replace("2024-06-10", "2025-01-20")
    tables = site(
        enrolments=VOCATIONAL,
        grades=short,
        courses="""
        person_id course_id school_type course start
        anna      1         VUXGY       REST   2024-08-19
        """,
    )
    found = measured(completion.diploma(4), tables, "VT2025")
    assert matches(found, "person_id diploma_within_4_years \n anna 1")
    without = measured(completion.diploma(4), site(enrolments=VOCATIONAL, grades=short), "VT2025")
    assert matches(without, "person_id diploma_within_4_years \n anna 0")


def test_grades_after_the_school_years_do_not_count_within_them() -> None:
    """The diploma project passed in August 2024 is within four years of autumn 2021, and not within three."""
    late = WHOLE.replace("GYARBA    100    E     VT2024 2024-06-10", "GYARBA    100    E     HT2024 2024-08-20")
    tables = site(enrolments=VOCATIONAL, grades=late)
    three = measured(completion.diploma(3), tables, "VT2024")
    assert matches(three, "person_id diploma_within_3_years \n anna 0")
    four = measured(completion.diploma(4), tables, "VT2025")
    assert matches(four, "person_id diploma_within_4_years \n anna 1")


def test_beginners_are_in_year_1_on_15_october_once() -> None:
    """Anna takes year 1 again: a beginner of 2020. Bo came in November. Cy left in September. Dag came to year 2."""
    tables = site(
        enrolments="""
        person_id school_id school_type year_group programme start      end
        anna      G         GY          1          BA        2020-08-17 2021-06-14
        anna      G         GY          1          EE        2021-08-17 2022-06-14
        bo        G         GY          1          BA        2020-11-02 2021-06-14
        cy        G         GY          1          BA        2020-08-17 2020-09-30
        dag       G         GY          2          BA        2020-08-17 2021-06-14
        """,
        grades=WHOLE,
    )
    found = measured(completion.diploma(3), tables, "VT2023")
    assert matches(found, "person_id diploma_within_3_years_beginners \n anna 1")
    assert matches(
        measured(completion.started("programme"), tables, "HT2020", "HT2021"),
        "person_id period started_programme \n anna HT2020 BA \n anna HT2021 BA",
    )


def test_the_base_is_named() -> None:
    """National programmes by default; beginners of introductory programmes alone, or all, by name."""
    tables = site(
        enrolments="""
        person_id school_id school_type year_group programme programme_type start
        anna      G         GY          1          BA        -              2021-08-17
        bo        G         GY          1          IMV       -              2021-08-17
        cy        G         GY          1          QX        introductory   2021-08-17
        dag       G         GY          1          QX        -              2021-08-17
        """,
        grades=WHOLE,
    )
    national = measured(completion.diploma(3), tables, "VT2024")
    assert matches(national, "person_id diploma_within_3_years \n anna 1")
    introductory = measured(completion.diploma(3, base="introductory"), tables, "VT2024")
    assert matches(introductory, "person_id diploma_within_3_years_introductory \n bo 0 \n cy 0")
    everyone = measured(completion.diploma(3, base="all"), tables, "VT2024")
    assert matches(everyone, "person_id diploma_within_3_years_all \n anna 1 \n bo 0 \n cy 0 \n dag 0")


def test_completion_is_divided_by_where_pupils_began() -> None:
    """By programme, school, or home municipality; these are not the same pupils' figures."""
    tables = site(
        persons="person_id home_municipality \n anna 1440",
        enrolments="""
        person_id school_id school_type year_group programme start      end
        anna      G         GY          1          NANAT     2021-08-17 2022-01-10
        anna      H         GY          1          BA        2022-01-10 -
        """,
    )
    assert matches(measured(completion.started("school"), tables, "VT2022"), "person_id started_school \n anna G")
    assert matches(
        measured(completion.started("programme"), tables, "VT2022"), "person_id started_programme \n anna NA"
    )
    home = measured(completion.started("home_municipality"), tables, "VT2022")
    assert matches(home, "person_id started_home_municipality \n anna 1440")


def test_a_diploma_is_an_event_on_the_day_that_its_grades_could_be_known() -> None:
    """The last grade needed dates it; a grade known late dates it to when it was known."""
    tables = site(enrolments=VOCATIONAL, grades=WHOLE)
    events = completion.diplomas().compute(tables).execute()
    assert matches(events, "person_id date known_from cause \n anna 2024-06-10 2024-06-10 vocational")
    lines = WHOLE.strip().splitlines()
    late = "\n".join(
        [lines[0] + " known_from", *(line + " 2024-06-10" for line in lines[1:-1]), lines[-1] + " 2024-09-01"]
    )
    events = completion.diplomas().compute(site(enrolments=VOCATIONAL, grades=late)).execute()
    assert matches(events, "person_id date known_from \n anna 2024-09-01 2024-09-01")


def test_without_enrolments_the_least_is_asked_for() -> None:
    """Where no table tells what was begun, the requirements that every diploma of a programme shares decide."""
    events = completion.diplomas().compute(site(grades=WHOLE)).execute()
    assert matches(events, "person_id date cause \n anna 2024-06-10 vocational")
    assert measured(completion.diploma(3), site(grades=WHOLE), "VT2024").empty
    assert measured(completion.diploma(3), site(enrolments=VOCATIONAL), "VT2024").empty


def test_a_clock_base_credit_or_unit_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="no clock 6"):
        completion.diploma(6)
    with pytest.raises(InputError, match="no base"):
        completion.diploma(3, base="vocational")
    with pytest.raises(InputError, match="no credit"):
        completion.diploma(3, credit="studiebevis")
    with pytest.raises(InputError, match="no unit"):
        completion.started("class")

"""Merit points.

The sum of the best 16 grades, A 20, B 17.5, C 15, D 12.5, E 10, F and a dash 0; since admission to 2014/15 the modern
language read as language choice (M2) counts on top, so that 340 is the most.
"""

from __future__ import annotations

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.measures import completion

YEAR_9 = """
person_id school_id year_group start      end
anna      A         9          2021-08-17 2022-06-14
bo        A         9          2021-08-17 2022-06-14
"""
SUBJECTS = ("SV", "EN", "MA", "BI", "FY", "KE", "TK", "GE", "HI", "RE", "SH", "IDH", "HKK", "SL", "BL", "MU")


def grades_of(**of_person: dict[str, str]) -> str:
    rows = [f"{person} {subject} {grade}" for person, each in of_person.items() for subject, grade in each.items()]
    return "person_id subject grade\n" + "\n".join(rows)


def test_each_letter_has_its_points() -> None:
    """A to E are worth 20 to 10 points in steps of 2.5, F and a dash nothing."""
    tables = site(
        enrolments=YEAR_9,
        grades="""
        person_id subject grade
        anna      SV      A
        anna      EN      B
        anna      MA      C
        anna      BI      D
        anna      FY      E
        anna      KE      F
        anna      GE      –
        """,
    )
    assert matches(measured(completion.merit(), tables, "VT2022"), "person_id merit_points \n anna 75")


def test_a_modern_language_as_language_choice_is_the_seventeenth_grade() -> None:
    """Sixteen A and an E in M2 are 330 points, and with an A in it 340, the most there is."""
    sixteen = dict.fromkeys(SUBJECTS, "A")
    tables = site(enrolments=YEAR_9, grades=grades_of(anna=sixteen | {"M2FRA": "E"}, bo=sixteen | {"M2FRA": "A"}))
    found = measured(completion.merit(), tables, "VT2022")
    assert matches(found, "person_id merit_points \n anna 330 \n bo 340")


def test_only_the_best_sixteen_of_the_others_count() -> None:
    """A mother tongue, or a language of the pupil's own choice (M1), can replace a lower grade and never adds one."""
    sixteen = dict.fromkeys(SUBJECTS, "A") | {"MU": "E"}
    tables = site(enrolments=YEAR_9, grades=grades_of(anna=sixteen | {"MLARA": "B"}, bo=sixteen | {"M1SPA": "F"}))
    found = measured(completion.merit(), tables, "VT2022")
    assert matches(found, "person_id merit_points \n anna 317.5 \n bo 310")


def test_before_2014_no_language_counted_on_top() -> None:
    """Who finished year 9 in 2013 has 320 points at most."""
    sixteen = dict.fromkeys(SUBJECTS, "A")
    rows = grades_of(anna=sixteen | {"M2FRA": "E"}).replace("grade", "grade term registered", 1)
    lines = [line + " VT2013 2013-06-10" if number else line for number, line in enumerate(rows.splitlines())]
    tables = site(
        enrolments="person_id school_id year_group start end \n anna A 9 2012-08-17 2013-06-14",
        grades="\n".join(lines),
    )
    assert matches(measured(completion.merit(), tables, "VT2013"), "person_id merit_points \n anna 320")


def test_who_has_no_grade_is_not_in_the_mean() -> None:
    """Bo has a dash only: not eligible, and without merit points. Cy has an F: 0 points, in the mean."""
    tables = site(
        enrolments=YEAR_9 + "cy A 9 2021-08-17 2022-06-14",
        grades="""
        person_id subject grade
        anna      SV      E
        bo        SV      –
        cy        SV      F
        """,
    )
    found = measured(completion.merit(), tables, "VT2022")
    assert matches(found, "person_id merit_points \n anna 10 \n cy 0")
    judged = measured(completion.eligible("vocational"), tables, "VT2022")
    assert matches(judged, "person_id eligible_vocational \n anna 0 \n bo 0 \n cy 0")

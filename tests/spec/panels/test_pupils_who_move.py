"""Pupils who move count where they belonged before the first forum anywhere.

That a forum makes pupils come or leave is part of its effect, so nobody's school changes with a move: pupils belong to
the school they went to on the assignment date, and those who went to none that day belong to no school.
"""

from __future__ import annotations

from datetime import date

from drawn_tables import matches, site
from evalkit.cohorts import school_year_starters
from evalkit.cohorts.build import build_cohort
from evalkit.measures import attendance
from evalkit.panels import build_panel, school_sums
from evalkit.values import SchoolSums

SCHOOLS = """
school_id name       municipality
A         Aleskolan  1440
B         Bergskolan 1440
C         Centrum    1440
"""
PERSONS = """
person_id sex
ada       woman
bo        man
cia       woman
dan       man
eva       woman
fia       woman
"""
ENROLMENTS = """
person_id school_id year_group start      end
ada       A         7          2021-08-17 2022-08-01
ada       B         8          2022-08-17 -
bo        A         7          2021-08-17 -
cia       B         7          2021-08-17 2022-08-01
cia       A         8          2022-08-17 -
dan       B         7          2021-08-17 -
eva       C         7          2021-08-17 2022-08-01
fia       A         7          2022-08-17 -
"""
LESSONS = "person_id lesson_id school_id class_id date minutes_attended minutes_valid_absence"
ATTENDANCE = f"""
{LESSONS}
ada 1 A 7a 2021-09-01 60 -
ada 2 A 7a 2022-02-01 60 -
ada 3 B 8b 2022-09-01 30 30
bo  1 A 7a 2021-09-01 30 30
bo  2 A 7a 2022-02-01 30 30
bo  3 A 8a 2022-09-01 45 15
cia 1 B 7b 2021-09-01 60 -
cia 2 B 7b 2022-02-01 60 -
cia 3 A 8a 2022-09-01 60 -
dan 1 B 7b 2021-09-01 60 -
dan 2 B 7b 2022-02-01 30 30
dan 3 B 8b 2022-09-01 60 -
eva 1 C 7c 2021-09-01 60 -
eva 2 C 7c 2022-02-01 60 -
fia 3 A 7a 2022-09-01 60 -
"""
FORUMS = "forum_id school_id date \n f1 A 2022-10-01"


def sums_of(**changes: str) -> SchoolSums:
    texts = {"persons": PERSONS, "school_units": SCHOOLS, "enrolments": ENROLMENTS, "attendance": ATTENDANCE}
    tables = site(**(texts | {"forums": FORUMS} | changes), assignment_date=date(2021, 10, 15))
    cohort = build_cohort(tables, school_year_starters(7, ("2021-08-01", "2023-07-31"), "2023-01-01"))
    return school_sums(build_panel(cohort, measures=[attendance.rate()]), outcome="attendance_rate")


def test_who_leaves_a_school_with_forums_or_comes_to_it_counts_where_they_were_before() -> None:
    """At start 2: A has ada (moved out, 50 - 100) and bo (75 - 50); B has cia (moved in, 0) and dan (100 - 75).

    fia began at A after the assignment date and counts nowhere; eva left and has no term from the start on.
    """
    sums = sums_of()
    assert sums.terms.loc[sums.terms["time"] == 2, "pupils"].tolist() == [2, 2]
    assert matches(sums.schools, "school treated_from \n A 2 \n B - \n C -")
    assert matches(
        sums.contrasts[sums.contrasts["start"] == 2],
        """
        school start pupils contrast_sum
        A      2     2      -25
        B      2     2      25
        """,
    )


def test_how_many_moved_is_told_of_those_seen_on_both_sides() -> None:
    """Of ada, bo, cia and dan two were in another school; at start 1 eva counts too, who never moved."""
    assert matches(
        sums_of().moves,
        """
        municipality start pupils moved
        1440         1     5      2
        1440         2     4      2
        """,
    )


def test_the_class_is_the_one_before_the_start_so_that_a_move_changes_none() -> None:
    contrasts = sums_of().contrasts
    assert matches(contrasts[contrasts["start"] == 2], "school classes seated \n A 1 2 \n B 1 2")


def test_who_moves_to_another_site_counts_at_the_first_alone() -> None:
    """gun goes to Ale on the assignment date and begins again at Lerum, where forums are held; ivy stays at Lerum."""
    ale = sums_of(
        persons="person_id sex \n gun woman",
        enrolments="person_id school_id year_group start end \n gun A 7 2021-08-17 2022-08-01",
        attendance=f"{LESSONS} \n gun 1 A 7a 2021-09-01 60 - \n gun 2 A 7a 2022-02-01 60 -",
    )
    lerum = sums_of(
        persons="person_id sex \n gun woman \n ivy woman",
        school_units="school_id name municipality \n L Lerskolan 1441",
        enrolments="""
        person_id school_id year_group start      end
        gun       L         7          2022-08-17 -
        ivy       L         7          2021-08-17 -
        """,
        attendance=f"""
        {LESSONS}
        gun 3 L 7x 2022-09-01 30 30
        ivy 1 L 7x 2021-09-01 60 -
        ivy 3 L 8x 2022-09-01 45 15
        """,
        forums="forum_id school_id date \n f1 L 2022-10-01",
    )
    assert matches(ale.terms, "school time pupils outcome_sum \n A 0 1 100 \n A 1 1 100")
    assert matches(lerum.terms, "school time pupils outcome_sum \n L 0 1 100 \n L 2 1 75")
    assert matches(lerum.contrasts, "school start pupils contrast_sum \n L 2 1 -25")

"""Returns, breaks and courses passed: what happens after a dropout, and how far students get.

Everything that needs time to happen is counted once the time has run out, so that nobody counts as gone, or as not yet
having passed, who had no time to return or to pass.
"""

from __future__ import annotations

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.measures import progression
from evalkit.values import Events, Tables


def drawn_events(events: Events, tables: Tables):
    return events.compute(tables).execute().sort_values(["person_id", "date"], ignore_index=True)


def test_a_return_is_a_course_begun_within_twelve_months_of_a_dropout() -> None:
    """A return is dated on the first day of the new course, and known from the first day attended; where none is on
    record, after four weeks."""
    tables = site(
        courses="""
        person_id course_id course start      attended_from end        outcome
        anna      1         SFIC   2021-01-11 2021-01-11    2021-03-01 discontinued
        anna      2         SFIC   2021-09-06 2021-09-08    -          -
        bo        3         SFIC   2021-01-11 2021-01-11    2021-03-01 discontinued
        bo        4         SFIC   2021-09-06 -             -          -
        cia       5         SFIC   2021-01-11 2021-01-11    2021-03-01 discontinued
        cia       6         SFIC   2022-03-07 2022-03-07    -          -
        """
    )
    assert matches(
        drawn_events(progression.returns(), tables),
        """
        person_id date       known_from
        anna      2021-09-06 2021-09-08
        bo        2021-09-06 2021-10-04
        """,
    )


def test_a_no_show_is_no_return() -> None:
    """Who was admitted again and never came has not returned."""
    tables = site(
        courses="""
        person_id course_id start      end        outcome
        anna      1         2021-01-11 2021-03-01 discontinued
        anna      2         2021-09-06 2021-09-20 no_show
        """
    )
    assert drawn_events(progression.returns(), tables).empty


def test_a_dropout_is_counted_for_restarts_once_its_months_have_run_out() -> None:
    """Of the dropouts of March 2021, those with a new start within six months are counted in October 2021, when the six
    months and the four weeks until a start is known have passed, and not before."""
    tables = site(
        courses="""
        person_id course_id start      attended_from end        outcome
        anna      1         2021-01-11 2021-01-11    2021-03-10 discontinued
        anna      2         2021-09-06 2021-09-06    -          -
        bo        3         2021-01-11 2021-01-11    2021-03-10 discontinued
        bo        4         2021-09-20 2021-09-20    -          -
        """
    )
    rate = progression.restart_rate(within_months=6, name="restart")
    assert matches(
        measured(rate, tables, "2021-03", "2021-09", "2021-10", "2021-11"),
        """
        person_id period  restart_met restart_judged restart
        anna      2021-10 1           1              1
        bo        2021-10 0           1              0
        """,
    )


def test_agreed_breaks_are_events_of_their_own_and_are_resumed_or_not() -> None:
    """An agreed break is no dropout; whether it was resumed is counted when the time has run out."""
    tables = site(
        courses="""
        person_id course_id course start      end        outcome
        anna      1         SFIC   2021-01-11 2021-03-01 break
        anna      2         SFIC   2021-06-01 -          -
        bo        3         SFIC   2021-01-11 2021-03-01 break
        """
    )
    assert matches(drawn_events(progression.breaks(), tables), "person_id date \n anna 2021-03-01 \n bo 2021-03-01")
    assert drawn_events(progression.recorded_dropouts(), tables).empty
    found = measured(progression.break_resumed(), tables, "2021", "2022")
    assert matches(found, "person_id period break_resumed \n anna 2022 1 \n bo 2022 0")


def test_after_a_return_it_is_asked_who_stays_and_who_passes() -> None:
    """Ninety days after the return: in a course, or not. Twelve months after: a course passed, or not."""
    tables = site(
        courses="""
        person_id course_id course start      attended_from end        outcome      grade
        anna      1         SFIC   2021-01-11 2021-01-11    2021-03-01 discontinued -
        anna      2         SFIC   2021-04-05 2021-04-05    2021-09-01 completed    C
        bo        3         SFIC   2021-01-11 2021-01-11    2021-03-01 discontinued -
        bo        4         SFIC   2021-04-05 2021-04-05    2021-05-01 discontinued -
        """
    )
    stays = measured(progression.still_studying(), tables, "2021")
    assert matches(stays, "person_id still_studying \n anna 1 \n bo 0")
    passes = measured(progression.completed_after_return(), tables, "2021", "2022")
    assert matches(passes, "person_id period completed_after_return \n anna 2022 1 \n bo 2022 0")


def test_beginners_who_passed_a_course_within_so_many_months() -> None:
    """Beginners are followed from their first day; a course completed with a fail is not passed."""
    tables = site(
        courses="""
        person_id course_id course start      end        outcome   grade
        anna      1         SFIC   2021-01-11 2021-06-01 completed E
        bo        2         SFIC   2021-01-11 2021-06-01 completed F
        cia       3         SFIC   2021-01-11 2021-09-01 completed E
        """
    )
    half = measured(progression.passed_course(6), tables, "2021")
    assert matches(half, "person_id passed_within_6_months \n anna 1 \n bo 0 \n cia 0")
    year = measured(progression.passed_course(12), tables, "2021", "2022")
    assert matches(year, "person_id period passed_within_12_months \n anna 2022 1 \n bo 2022 0 \n cia 2022 1")


def test_two_courses_within_two_years_where_the_higher_implies_the_lower() -> None:
    """Of the beginners of 2020, by the end of 2022: D passed after starting in C is two courses, B passed after
    skipping A is one, and a course passed later does not count."""
    tables = site(
        courses="""
        person_id course_id course start      end        outcome      grade
        anna      1         SFIC   2020-02-01 2020-06-01 discontinued -
        anna      2         SFID   2021-02-01 2021-06-01 completed    E
        bo        3         SFIB   2020-02-01 2020-06-01 completed    E
        cia       4         SFIC   2020-02-01 2020-06-01 completed    E
        cia       5         SFID   2022-02-01 2023-01-10 completed    E
        """
    )
    found = measured(progression.passed_two(), tables, "2020", "2021", "2022", "2023")
    assert matches(found, "person_id period passed_two \n anna 2022 1 \n bo 2022 0 \n cia 2022 0")


def test_a_beginner_belongs_to_the_municipality_of_the_last_course_passed() -> None:
    """Who began in one municipality and passed the last course in another counts in the other."""
    tables = site(
        courses="""
        person_id course_id course school_id start      end        outcome   grade
        anna      1         SFIC   A         2020-02-01 2020-06-01 completed E
        anna      2         SFID   B         2021-02-01 2021-06-01 completed E
        """,
        school_units="school_id municipality \n A 1440 \n B 1715",
    )
    assert measured(progression.passed_two(municipality="1440"), tables, "2022").empty
    assert matches(measured(progression.passed_two(municipality="1715"), tables, "2022"), "passed_two \n 1")


def test_weeks_to_pass_leave_breaks_out_and_are_set_beside_last_years_median() -> None:
    """Time in the course counts, breaks do not. The local median is that of the calendar year before."""
    tables = site(
        courses="""
        person_id course_id course study_path start      end        outcome   grade
        anna      1         SFIC   2          2020-03-02 2020-05-11 completed E
        bo        2         SFIC   2          2020-03-02 2020-07-20 completed E
        cia       3         SFIC   2          2021-03-01 2021-05-10 break     -
        cia       4         SFIC   2          2021-08-02 2021-10-11 completed E
        """
    )
    weeks = measured(progression.weeks_to_pass("2C"), tables, "2021")
    assert matches(weeks, "person_id weeks_to_pass \n cia 20")
    against = measured(progression.time_against_median(name="t"), tables, "2020", "2021")
    assert matches(
        against,
        """
        person_id period t_days t_expected t_compared t_passed t
        anna      2020   0      0          0          1        -
        bo        2020   0      0          0          1        -
        cia       2021   140    70         1          1        2
        """,
    )


def test_no_progression_is_flagged_after_twenty_six_weeks_in_courses() -> None:
    """Only weeks in a course count, each once; a course passed starts the count again."""
    tables = site(
        courses="""
        person_id course_id course start      attended_from end        outcome   grade
        anna      1         SFIC   2021-01-04 2021-01-04    -          -         -
        bo        2         SFIC   2021-01-04 2021-01-04    2021-04-05 break     -
        bo        3         SFIC   2021-08-02 2021-08-02    -          -         -
        cia       4         SFIC   2021-01-04 2021-01-04    2021-06-01 completed E
        cia       5         SFID   2021-06-01 2021-06-01    2021-10-01 -         -
        """
    )
    assert matches(
        drawn_events(progression.no_progress(), tables),
        """
        person_id date       known_from
        anna      2021-07-05 2021-07-05
        bo        2021-11-01 2021-11-01
        """,
    )
    flags = measured(progression.flagged(progression.no_progress()), tables, "HT2021")
    assert matches(flags, "person_id no_progress_flag \n anna 1 \n bo 1 \n cia 0")


def test_low_progression_is_half_as_long_again_as_usual_or_a_third_start() -> None:
    """Whoever is still in a course at more than one and a half times last year's median is flagged that day, with
    teaching hours taken into account; so is whoever begins the same course again after two dropouts."""
    tables = site(
        courses="""
        person_id course_id course study_path start      attended_from end        outcome      grade hours_per_week
        anna      1         SFIC   2          2020-03-02 2020-03-02    2020-05-11 completed    E     15
        bo        2         SFIC   2          2021-03-01 2021-03-01    -          -            -     15
        cia       3         SFIC   2          2021-03-01 2021-03-01    -          -            -     30
        dan       4         SFID   2          2021-01-04 2021-01-04    2021-02-01 discontinued -     15
        dan       5         SFID   2          2021-03-01 2021-03-01    2021-04-01 discontinued -     15
        dan       6         SFID   2          2021-05-03 2021-05-03    -          -            -     15
        """
    )
    assert matches(
        drawn_events(progression.low_progress(), tables),
        """
        person_id date       known_from cause
        bo        2021-06-15 2021-06-15 slow
        cia       2021-04-23 2021-04-23 slow
        dan       2021-05-03 2021-05-03 restarts
        """,
    )

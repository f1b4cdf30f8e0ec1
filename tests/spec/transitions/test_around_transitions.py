"""Around a transition: who shows up, how attendance changes, what was handed over, and who is lost.

Each case is judged on a day, once all that the verdict rests on could be known, and counts in the period of that day.
"""

from __future__ import annotations

from drawn_measures import measured
from drawn_tables import matches, site
from evalkit.measures import transitions

MOVES = """
person_id school_id year_group start      end
anna      A         6          2021-08-17 2022-06-10
anna      B         7          2022-08-17 -
bo        A         6          2021-08-17 2022-06-10
bo        B         7          2022-08-17 -
"""
TO_UPPER = """
person_id school_id school_type year_group programme start      end
anna      A         GR          9          -         2021-08-17 2022-06-10
anna      G         GY          -          NA        2022-08-17 2022-10-01
anna      G         GY          -          EK        2022-10-01 -
bo        A         GR          9          -         2021-08-17 2022-06-10
bo        G         GY          -          NA        2022-08-17 2022-12-01
bo        H         GY          -          EK        2022-12-01 -
cia       A         GR          9          -         2021-08-17 2022-06-10
"""


def test_showing_up_is_a_minute_present_in_the_first_two_weeks() -> None:
    """The two weeks begin on the first day with a lesson; someone without a reported lesson is a case, not judged."""
    tables = site(
        enrolments=MOVES + "cia A 6 2021-08-17 2022-06-10 \n cia B 7 2022-08-17 -",
        attendance="""
        person_id lesson_id date       minutes_attended minutes_invalid_absence
        anna      1         2022-08-22 -                60
        anna      2         2022-09-04 30               30
        bo        3         2022-08-22 -                60
        bo        4         2022-09-05 60               -
        """,
    )
    found = measured(transitions.show_up(name="s"), tables, "HT2022")
    assert matches(found, "person_id s_met s_judged s_cases \n anna 1 1 1 \n bo 0 1 1 \n cia 0 0 1")
    first = measured(transitions.show_up(days=1), tables, "2022-08")
    assert matches(first, "person_id show_up_first_day \n anna 0 \n bo 0")


def test_attendance_after_is_set_beside_the_same_pupils_last_weeks_before() -> None:
    """The last six weeks with lessons before, the first six after: no holiday lies in them, and each pupil is compared
    with no one else. Absence that rises by five percentage points or more is told as such."""
    tables = site(
        enrolments=MOVES,
        attendance="""
        person_id lesson_id date       minutes_attended minutes_invalid_absence
        anna      0         2022-04-20 -                100
        anna      1         2022-06-08 100              -
        anna      2         2022-08-22 95               5
        anna      3         2022-10-02 95               5
        anna      4         2022-10-03 -                100
        bo        5         2022-06-08 100              -
        bo        6         2022-08-22 96               4
        """,
    )
    after = measured(transitions.attendance_after(), tables, "2022-09", "2022-10")
    assert matches(
        after,
        """
        person_id period  attendance_after_transition_present attendance_after_transition
        anna      2022-10 190                                 0.95
        bo        2022-10 96                                  0.96
        """,
    )
    before = measured(transitions.attendance_before(), tables, "2022-10")
    assert matches(before, "person_id attendance_before_transition \n anna 1 \n bo 1")
    change = measured(transitions.attendance_change(), tables, "2022-10")
    assert matches(change, "person_id attendance_change \n anna -5 \n bo -4")
    assert matches(measured(transitions.absence_rise(), tables, "2022-10"), "person_id absence_rise \n anna 1 \n bo 0")


def test_lessons_at_the_school_that_was_left_are_not_the_receiving_schools() -> None:
    """Bo was moved to B in the register and went on coming to A: he did not show up at B. Cia has no lesson at B yet,
    and is not judged by those at A. A lesson on which no school stands is taken to be held where the person had gone.
    """
    tables = site(
        enrolments="""
        person_id school_id year_group start      end
        bo        A         6          2021-08-17 2022-06-10
        bo        B         7          2022-08-17 -
        cia       A         6          2021-08-17 2022-06-10
        cia       B         7          2022-08-17 -
        dan       A         6          2021-08-17 2022-06-10
        dan       B         7          2022-08-17 -
        """,
        attendance="""
        person_id lesson_id school_id date       minutes_attended minutes_invalid_absence
        bo        1         A         2022-06-08 100              -
        bo        2         A         2022-08-22 100              -
        bo        3         B         2022-08-23 -                100
        cia       4         A         2022-06-08 100              -
        cia       5         A         2022-08-22 100              -
        dan       6         A         2022-06-08 100              -
        dan       7         -         2022-08-22 100              -
        """,
    )
    shown = measured(transitions.show_up(name="s"), tables, "HT2022")
    assert matches(shown, "person_id s_met s_judged s_cases \n bo 0 1 1 \n cia 0 0 1 \n dan 1 1 1")
    after = measured(transitions.attendance_after(name="a"), tables, "HT2022")
    assert matches(
        after,
        """
        person_id a_present a_reported a_judged a_cases
        bo        0         100        1        1
        cia       0         0          0        1
        dan       100       100        1        1
        """,
    )


def test_two_schools_begun_on_one_day_are_one_transition() -> None:
    """Anna was registered at B and C on the same day and went to C: she showed up, once. What D, registered in October,
    says of that day came too late.
    """
    tables = site(
        enrolments="""
        person_id school_id year_group start      end        known_from
        anna      A         6          2021-08-17 2022-06-10 2021-08-17
        anna      B         7          2022-08-17 -          2022-08-17
        anna      C         7          2022-08-17 -          2022-08-17
        anna      D         7          2022-08-17 -          2022-10-20
        """,
        attendance="""
        person_id lesson_id school_id date       minutes_attended minutes_invalid_absence
        anna      1         A         2022-06-08 100              -
        anna      2         D         2022-08-19 100              -
        anna      3         B         2022-08-22 -                100
        anna      4         C         2022-08-23 60               -
        """,
    )
    shown = measured(transitions.show_up(type="6_to_7", name="s"), tables, "HT2022")
    assert matches(shown, "person_id s_met s_judged s_cases \n anna 1 1 1")
    after = measured(transitions.attendance_after(type="6_to_7", name="a"), tables, "HT2022")
    assert matches(after, "person_id a_present a_reported a_cases \n anna 60 160 1")


def test_a_programme_changed_by_15_november_is_told_on_that_day() -> None:
    """Those who began a national programme in the autumn are looked at on 15 November; a later change is not one of
    these."""
    found = measured(transitions.programme_change(name="p"), site(enrolments=TO_UPPER), "2022-10", "2022-11", "2022-12")
    assert matches(found, "person_id period p \n anna 2022-11 1 \n bo 2022-11 0")


def test_registered_at_another_school_within_ninety_days() -> None:
    """A further school within ninety days of the transition counts; a new programme at the same school does not."""
    early = TO_UPPER.replace("2022-12-01", "2022-11-01")
    found = measured(transitions.registered_elsewhere(name="r"), site(enrolments=early), "2022-11")
    assert matches(found, "person_id r_met r_judged \n anna 0 1 \n bo 1 1")


def test_handovers_are_documented_and_made_with_consent_or_not() -> None:
    """A documented handover to the receiving school, from half a year before until a month after; consent is asked of
    the documented ones alone."""
    tables = site(
        enrolments=MOVES,
        handovers="""
        person_id date       to_school documented consent
        anna      2022-05-20 B         true       false
        bo        2022-05-20 C         true       true
        bo        2022-10-01 B         true       true
        """,
    )
    documented = measured(transitions.handover_documented(), tables, "HT2022")
    assert matches(documented, "person_id handover_documented \n anna 1 \n bo 0")
    consent = measured(transitions.handover_with_consent(name="c"), tables, "HT2022")
    assert matches(consent, "person_id c_met c_judged c_cases \n anna 0 1 1 \n bo 0 0 1")


def test_a_gap_is_long_after_sixty_days_in_school_and_twenty_eight_between_courses() -> None:
    """Days from the day after the last to the first: 60 in school are a summer, 61 a long gap; between courses 28."""
    tables = site(
        enrolments="""
        person_id school_id year_group start      end
        anna      A         6          2021-08-17 2022-06-18
        anna      B         7          2022-08-17 -
        bo        A         6          2021-08-17 2022-06-17
        bo        B         7          2022-08-17 -
        """,
        courses="""
        person_id course_id course start      end
        cia       1         SFIC   2022-01-10 2022-06-01
        cia       2         SFID   2022-06-29 -
        dan       3         SFIC   2022-01-10 2022-06-01
        dan       4         SFID   2022-06-30 -
        """,
    )
    found = measured(transitions.long_gap(), tables, "2022")
    assert matches(found, "person_id long_gap \n anna 0 \n bo 1 \n cia 0 \n dan 1")


def test_on_track_is_a_pass_in_swedish_english_and_mathematics_after_the_first_term() -> None:
    """F or streck in one of them is off track, whatever the rest; a pass in all three is on track, with either Swedish
    subject; anything else is not judged."""
    tables = site(
        enrolments=MOVES + "cia A 6 2021-08-17 2022-06-10 \n cia B 7 2022-08-17 -",
        grades="""
        person_id subject grade term   registered
        anna      SVA     E     HT2022 2022-12-20
        anna      SV      F     HT2022 2022-12-20
        anna      EN      C     HT2022 2022-12-20
        anna      MA      F     HT2022 2022-12-01
        anna      MA      E     HT2022 2022-12-20
        bo        MA      F     HT2022 2022-12-20
        cia       MA      A     HT2022 2022-12-20
        cia       EN      A     HT2022 2022-12-20
        """,
    )
    found = measured(transitions.on_track(name="t"), tables, "2023-01", "2023-02")
    assert matches(
        found,
        """
        person_id period  t_met t_judged t_cases
        anna      2023-02 1     1        1
        bo        2023-02 0     1        1
        cia       2023-02 0     0        1
        """,
    )


def test_lost_is_who_left_and_was_not_seen_in_the_next_stage_in_time() -> None:
    """Without an enrolment in upper secondary school 130 days after the end of year 9, past 15 October: lost, and
    counted on that day. Who takes year 9 again has not left it, and the number of days is a choice."""
    again = TO_UPPER + "dan A GR 9 - 2021-08-17 2022-06-10 \n dan A GR 9 - 2022-08-08 -"
    found = measured(transitions.lost(), site(enrolments=again), "2022-09", "2022-10")
    assert matches(
        found,
        """
        person_id period  lost_in_transition
        anna      2022-10 0
        bo        2022-10 0
        cia       2022-10 1
        """,
    )
    short = measured(transitions.lost(within_days=60), site(enrolments=TO_UPPER), "2022-08")
    assert list(short["lost_in_transition"]) == [1, 1, 1]

"""Dropout by rule: who by an ordinance's rule has interrupted the studies.

The ordinance on adult education says more than three weeks in a row away, not for illness or granted leave; upper
secondary school, more than a month. Everything that the texts leave open is decided here, one test a decision, and
always so that nobody is said to have dropped out on the strength of what is unknown. What the register says of dropouts
is another matter, and kept apart.
"""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from drawn_tables import matches, site
from evalkit.measures import progression
from evalkit.values import Events, Tables

COURSE = """
person_id course_id course start      end
anna      1         SFIC   2021-08-01 -
"""
HEADER = "person_id lesson_id date minutes_attended minutes_valid_absence minutes_invalid_absence reported"


def lessons(first: str, last: str, *others: str, skip: tuple[str, ...] = ()) -> str:
    """Draw a lesson attended on 1 September 2021, one missed on each day from first to last, and others."""
    start, days = date.fromisoformat(first), (date.fromisoformat(last) - date.fromisoformat(first)).days
    missed = [start + timedelta(days=number) for number in range(days + 1)]
    away = [f"anna {day} {day} 0 0 60 true" for day in missed if str(day) not in skip]
    return "\n".join([HEADER, "anna 0 2021-09-01 60 0 0 true", *away, *others])


def found(tables: Tables, events: Events | None = None) -> pd.DataFrame:
    rows = (events or progression.dropouts()).compute(tables)
    return rows.execute().sort_values(["person_id", "date"], ignore_index=True)


def test_twenty_one_days_away_are_no_dropout() -> None:
    """A person who is away for exactly three weeks, 21 calendar days, has not dropped out."""
    assert found(site(courses=COURSE, attendance=lessons("2021-09-02", "2021-09-22"))).empty


def test_the_twenty_second_day_away_is_a_dropout_dated_at_the_last_day_attended() -> None:
    """The rule strikes on the 22nd day away; the dropout bears the date of the last day attended, and is known from the
    day it strikes."""
    assert matches(
        found(site(courses=COURSE, attendance=lessons("2021-09-02", "2021-09-23"))),
        """
        person_id date       known_from cause  first_absent strikes
        anna      2021-09-01 2021-09-23 komvux 2021-09-02   2021-09-23
        """,
    )


def test_a_dropout_may_instead_bear_the_first_day_away_or_the_day_the_rule_strikes() -> None:
    """Which day the dropout bears is a choice; what makes it one, and when it is known, is not."""
    tables = site(courses=COURSE, attendance=lessons("2021-09-02", "2021-09-23"))
    first = found(tables, progression.dropouts(dated="first_absent"))
    strikes = found(tables, progression.dropouts(dated="strikes"))
    assert matches(first, "person_id date known_from \n anna 2021-09-02 2021-09-23")
    assert matches(strikes, "person_id date known_from \n anna 2021-09-23 2021-09-23")


def test_a_sick_day_inside_ends_the_run() -> None:
    """A day of which at least half of the absence is valid ends the run, and the days are counted anew."""
    sick = "anna s 2021-09-12 0 30 30 true"
    tables = site(courses=COURSE, attendance=lessons("2021-09-02", "2021-10-03", sick, skip=("2021-09-12",)))
    assert found(tables).empty


def test_a_day_with_less_than_half_valid_does_not_end_the_run() -> None:
    """A few minutes of illness on a day otherwise missed without a reason do not end the run."""
    scant = "anna s 2021-09-12 0 29 31 true"
    tables = site(courses=COURSE, attendance=lessons("2021-09-02", "2021-09-23", scant, skip=("2021-09-12",)))
    assert matches(found(tables), "person_id date known_from \n anna 2021-09-01 2021-09-23")


def test_any_minute_attended_ends_the_run() -> None:
    """Who attends a minute has not stayed away that day."""
    minute = "anna m 2021-09-12 1 0 59 true"
    tables = site(courses=COURSE, attendance=lessons("2021-09-02", "2021-10-03", minute, skip=("2021-09-12",)))
    assert found(tables).empty


def test_activity_online_ends_the_run() -> None:
    """Being active in the online classroom is not staying away, even on a day without lessons."""
    active = """
    person_id school_id date       direction
    anna      V         2021-09-12 activity
    """
    absent = lessons("2021-09-02", "2021-10-03", skip=("2021-09-12",))
    assert found(site(courses=COURSE, attendance=absent, checkins=active)).empty
    passing_by = active.replace("activity", "in      ")
    assert len(found(site(courses=COURSE, attendance=absent, checkins=passing_by))) == 1


def test_absence_reported_or_leave_granted_beforehand_ends_the_run() -> None:
    """A day that an absence reported beforehand covers ends the run, if it was registered before the rule struck."""
    told = """
    person_id absence_id kind          registered start      end
    anna      1          granted_leave 2021-09-20 2021-09-12 2021-09-13
    """
    absent = lessons("2021-09-02", "2021-10-03")
    assert found(site(courses=COURSE, attendance=absent, absences=told)).empty
    late = told.replace("2021-09-20", "2021-09-24")
    struck = found(site(courses=COURSE, attendance=absent, absences=late))
    assert matches(struck, "person_id date known_from \n anna 2021-09-01 2021-09-23")


def test_a_day_without_a_report_ends_the_run() -> None:
    """A rule with consequences never rests on what is unknown: a day of which nothing was reported ends the run."""
    unknown = "anna u 2021-09-12 - - - false"
    text = lessons("2021-09-02", "2021-10-03", unknown, skip=("2021-09-12",))
    offered = "\n".join(f"{line} {'minutes_offered' if line == HEADER else 60}" for line in text.splitlines())
    assert found(site(courses=COURSE, attendance=offered)).empty


def test_weekends_and_short_holidays_count_as_days_away() -> None:
    """Calendar days count: someone with lessons on Mondays alone drops out at the fourth missed in a row."""
    mondays = f"""
    {HEADER}
    anna 0 2021-08-30 60 0 0  true
    anna 1 2021-09-06 0  0 60 true
    anna 2 2021-09-13 0  0 60 true
    anna 3 2021-09-20 0  0 60 true
    anna 4 2021-09-27 0  0 60 true
    """
    assert matches(found(site(courses=COURSE, attendance=mondays)), "date known_from \n 2021-08-30 2021-09-27")


def test_more_than_two_weeks_without_lessons_end_the_run() -> None:
    """Nobody stays away from lessons that are not given: over three weeks of Christmas holiday a run does not go on."""
    winter = f"""
    {HEADER}
    anna 0 2021-12-15 60 0 0  true
    anna 1 2021-12-17 0  0 60 true
    anna 2 2022-01-10 0  0 60 true
    anna 3 2022-01-17 0  0 60 true
    """
    assert found(site(courses=COURSE, attendance=winter)).empty


def test_who_never_came_has_not_dropped_out() -> None:
    """Someone admitted who never attended is no participant in the course: a no-show, not a dropout."""
    start = COURSE.replace("2021-08-01", "2021-09-02")
    assert found(site(courses=start, attendance=lessons("2021-09-02", "2021-10-10"))).empty


def test_a_course_that_has_ended_cannot_be_dropped() -> None:
    """Only a course that goes on when the rule strikes can be interrupted."""
    ended = COURSE.replace(" -\n", " 2021-09-20\n")
    assert found(site(courses=ended, attendance=lessons("2021-09-02", "2021-10-10"))).empty


def test_a_dropout_is_counted_once_until_the_person_attends_again() -> None:
    """However long someone stays away it is one dropout; after a day attended there can be another."""
    back = "anna b 2021-10-15 60 0 0 true"
    tables = site(courses=COURSE, attendance=lessons("2021-09-02", "2021-11-30", back, skip=("2021-10-15",)))
    assert matches(
        found(tables),
        """
        person_id date       known_from
        anna      2021-09-01 2021-09-23
        anna      2021-10-15 2021-11-06
        """,
    )


def test_a_report_that_comes_late_is_used_from_the_day_it_is_known() -> None:
    """A day of absence registered later makes the rule strike when it is known, and not before."""
    text = lessons("2021-09-02", "2021-09-22", "anna x 2021-09-23 0 0 60 true")
    late = "\n".join(
        f"{line} {'known_from' if line == HEADER else '2021-10-05' if ' x ' in line else line.split()[2]}"
        for line in text.splitlines()
    )
    assert matches(found(site(courses=COURSE, attendance=late)), "date known_from \n 2021-09-01 2021-10-05")


def test_upper_secondary_school_takes_more_than_a_month() -> None:
    """A month in a row, 2 September to 1 October, is not more than a month; the day after is."""
    enrolled = """
    person_id school_id school_type start      end
    anna      A         GY          2021-08-18 -
    """
    rule = progression.dropouts("upper_secondary")
    month = site(enrolments=enrolled, attendance=lessons("2021-09-02", "2021-10-01"))
    assert found(month, rule).empty
    longer = site(enrolments=enrolled, attendance=lessons("2021-09-02", "2021-10-02"))
    assert matches(found(longer, rule), "date known_from cause \n 2021-09-01 2021-10-02 upper_secondary")


def test_a_municipality_may_go_by_its_own_number_of_days() -> None:
    """Some write a student out after two weeks: another number of days can be given."""
    tables = site(courses=COURSE, attendance=lessons("2021-09-02", "2021-09-16"))
    assert matches(found(tables, progression.dropouts(days=14)), "date known_from \n 2021-09-01 2021-09-16")


def test_dropouts_on_record_are_kept_apart() -> None:
    """The register's dropouts are courses discontinued or ended for lack of progress, dated at their end."""
    courses = """
    person_id course_id start      end        outcome
    anna      1         2021-08-01 2021-10-01 discontinued
    bo        2         2021-08-01 2021-11-01 ended_no_progress
    cia       3         2021-08-01 2021-12-01 completed
    dan       4         2021-08-01 2021-09-01 no_show
    """
    assert matches(
        found(site(courses=courses), progression.recorded_dropouts()),
        """
        person_id date       known_from cause
        anna      2021-10-01 2021-10-01 discontinued
        bo        2021-11-01 2021-11-01 ended_no_progress
        """,
    )

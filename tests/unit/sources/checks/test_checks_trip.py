"""Each check over a small drawn site: one that trips it, at the right row, and one that just does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from drawn_site import MONDAY, ONE, THREE, TWO, UNITS, Site, found_in, lesson, only, rows_told, spell, weekdays

from evalkit.vocabulary.checks import checks

DAY = timedelta(days=1)
PUPILS = [f"p{number}" for number in range(6)]


def persons(*names: str, **more: Any) -> list[dict[str, Any]]:
    return [{"person_id": name, "birth_date": date(2010, 5, 1)} | more for name in names or ("p0",)]


def site(**tables: Any) -> Site:
    """Return a sound site of one pupil at one school, with these tables in place of its own."""
    return {"persons": persons(), "school_units": UNITS, "enrolments": [spell("p0")]} | tables


def course(**more: Any) -> dict[str, Any]:
    row = {"person_id": "p0", "course_id": "c1", "school_id": ONE, "school_type": "VUXSFI", "course": "SFIC"}
    return row | {"start": date(2023, 9, 1)} | more


def grade(registered: date, **more: Any) -> dict[str, Any]:
    row = {"person_id": "p0", "subject": "MA", "grade": "E", "term": "HT2023", "registered": registered, "final": False}
    return row | more


def lessons(**more: Any) -> Site:
    return site(attendance=[lesson("p0", MONDAY), lesson("p0", MONDAY, 1, **more)])


def teacher(unreported: int) -> Site:
    days = weekdays(MONDAY, 200)
    return site(
        enrolments=[spell("p0", end=None)],
        attendance=[
            lesson(
                "p0",
                day,
                teacher_id="t",
                reported=place >= unreported,
                minutes_attended=60 if place >= unreported else None,
            )
            for place, day in enumerate(days)
        ],
    )


def months_of(reported: Callable[[str, int], bool], schools: tuple[str, ...] = (ONE, TWO, THREE)) -> Site:
    """Return ten months of ten pupils' lessons at three schools; ``reported`` by school and month counted from 0."""
    people = [f"{school[0]}-{number}" for school in schools for number in range(12)]
    rows = []
    for month in range(10):
        first = date(2023 + (8 + month) // 12, (8 + month) % 12 + 1, 2)
        for person in people:
            school = person[0] * 8
            for number, day in enumerate(weekdays(first, 17)):
                told = reported(school, month) or number % 3 == 0
                rows.append(
                    lesson(
                        person,
                        day,
                        school_id=school,
                        class_id=None,
                        reported=told,
                        minutes_attended=60 if told else None,
                    )
                )
    spells = [spell(person, end=None, school_id=person[0] * 8) for person in people]
    return site(persons=persons(*people), enrolments=spells, attendance=rows)


def class_of_six(weeks: int, absent: int | None = None) -> Site:
    """Return six pupils' lessons on every weekday; ``absent`` is the lesson that one of them misses."""
    rows = []
    for number, day in enumerate(weekdays(MONDAY, 5 * weeks)):
        away = {"minutes_attended": 0, "minutes_valid_absence": 60} if number == absent else {}
        rows += [lesson(pupil, day, **(away if pupil == "p3" else {})) for pupil in PUPILS]
    return site(persons=persons(*PUPILS), enrolments=[spell(pupil) for pupil in PUPILS], attendance=rows)


def weeks_away(weeks: int) -> Site:
    days = weekdays(MONDAY, 75)
    gap = set(days[10 : 10 + 5 * weeks])
    own = [lesson("p0", day, class_id=None) for day in days if day not in gap]
    return site(
        persons=persons("p0", "p1"),
        enrolments=[spell("p0"), spell("p1")],
        attendance=[*own, *(lesson("p1", day, class_id=None) for day in days)],
    )


SPELL, LATER = spell("p0", end=date(2023, 10, 1)), date(2023, 10, 16)
CASES: dict[str, tuple[Site, list[int], Site]] = {
    "missing_value": (site(persons=[{"person_id": None}, *persons()]), [1], site()),
    "out_of_range": (lessons(start_minute=1440), [2], lessons(start_minute=1439 - 60)),
    "unknown_code": (site(persons=persons(sex="x")), [1], site(persons=persons(sex="unknown"))),
    "wrong_pattern": (
        site(school_units=[*UNITS, UNITS[0] | {"school_id": "1234567"}]),
        [4],
        site(school_units=[*UNITS, UNITS[0] | {"school_id": "12345678"}]),
    ),
    "sum_above_limit": (lessons(minutes_other=2), [2], lessons(minutes_other=1)),
    "sum_below_limit": (lessons(minutes_attended=58), [2], lessons(minutes_attended=59)),
    "duplicate_key": (lessons(lesson_id=f"{MONDAY}-0"), [2], lessons()),
    "missing_reference": (site(enrolments=[spell("p0"), spell("q")]), [2], site()),
    "end_not_after_start": (
        site(enrolments=[spell("p0", MONDAY, MONDAY)]),
        [1],
        site(enrolments=[spell("p0", MONDAY, MONDAY + DAY)]),
    ),
    "overlapping_intervals": (
        site(enrolments=[SPELL, spell("p0", date(2023, 9, 30), school_id=TWO)]),
        [2],
        site(enrolments=[SPELL, spell("p0", date(2023, 10, 1), school_id=TWO)]),
    ),
    "outside_enrolment": (
        site(enrolments=[SPELL], attendance=[lesson("p0", date(2023, 9, 29)), lesson("p0", date(2023, 10, 2))]),
        [2],
        site(enrolments=[SPELL], attendance=[lesson("p0", date(2023, 9, 29))]),
    ),
    "enrolment_gap": (
        site(enrolments=[SPELL, spell("p0", LATER, school_id=TWO)]),
        [2],
        site(enrolments=[SPELL, spell("p0", LATER - DAY, school_id=TWO)]),
    ),
    "impossible_order": (
        site(courses=[course(attended_from=date(2023, 8, 31))]),
        [1],
        site(courses=[course(attended_from=date(2023, 9, 1))]),
    ),
    "outcome_without_end": (
        site(courses=[course(outcome="completed")]),
        [1],
        site(courses=[course(outcome="completed", end=date(2023, 12, 1))]),
    ),
    "year_group_sequence": (
        site(enrolments=[SPELL, spell("p0", date(2024, 8, 16), None, year_group=6)]),
        [2],
        site(enrolments=[SPELL, spell("p0", date(2024, 8, 16), None, year_group=9)]),
    ),
    "grade_before_enrolment": (
        site(grades=[grade(date(2023, 8, 15))]),
        [1],
        site(grades=[grade(date(2023, 8, 16))]),
    ),
    "age_outside_stage": (
        site(persons=persons(birth_date=date(2019, 1, 1))),
        [1],
        site(persons=persons(birth_date=date(2018, 12, 31))),
    ),
    "future_date": (
        site(grades=[grade(date(2026, 2, 16), term="HT2025")]),
        [1],
        site(grades=[grade(date(2026, 2, 15), term="HT2025")]),
    ),
    "late_registration": (site(grades=[grade(date(2024, 3, 2))]), [1], site(grades=[grade(date(2024, 3, 1))])),
    "overlapping_lessons": (lessons(start_minute=520), [2], lessons(start_minute=521)),
    "long_lesson": (
        lessons(minutes_offered=241, minutes_attended=241),
        [2],
        lessons(minutes_offered=240, minutes_attended=240),
    ),
    "empty_lesson": (lessons(minutes_offered=0, minutes_attended=0), [2], lessons()),
    "long_day": (
        lessons(minutes_offered=541, minutes_attended=541),
        [1],
        lessons(minutes_offered=540, minutes_attended=540),
    ),
    "lessons_on_days_off": (
        site(attendance=[lesson("p0", MONDAY), lesson("p0", MONDAY - DAY)]),
        [2],
        site(attendance=[lesson("p0", MONDAY)]),
    ),
    "uniform_attendance": (class_of_six(6), [1], class_of_six(6, absent=29)),
    "lesson_gap": (weeks_away(5), [11], weeks_away(4)),
    "person_without_enrolment": (site(persons=persons("p0", "p1")), [2], site()),
    "enrolled_without_attendance": (
        site(
            persons=persons("p0", "p1"),
            enrolments=[spell("p0"), spell("p1", MONDAY)],
            attendance=[lesson("p0", MONDAY), lesson("p0", MONDAY + 31 * DAY)],
        ),
        [2],
        site(
            persons=persons("p0", "p1"),
            enrolments=[spell("p0"), spell("p1", MONDAY + DAY)],
            attendance=[lesson("p0", MONDAY), lesson("p0", MONDAY + 31 * DAY)],
        ),
    ),
    "unknown_kept_code": (site(enrolments=[spell("p0", school_type="NY")]), [1], site()),
    "security_marked": (site(persons=persons(security_marking="protected")), [], site()),
    "alike_rows": (
        site(courses=[course(), course(course_id="c2")]),
        [2],
        site(courses=[course(), course(course_id="c2", start=date(2023, 9, 2))]),
    ),
    "unreported_by_teacher": (teacher(60), [], teacher(59)),
    "low_reporting": (months_of(lambda school, month: school != ONE or month != 3), [], months_of(lambda *_: True)),
    "routine_change": (months_of(lambda school, month: school != TWO or month < 5), [], months_of(lambda *_: True)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_check_trips_at_the_right_row_and_not_a_step_before(name: str, tmp_path: Path) -> None:
    wrong, rows, sound = CASES[name]
    (one,) = only(name, found_in(wrong, tmp_path))
    assert rows_told(one) == rows
    assert one.level == checks()[name].level
    assert one.problem
    assert one.remedy
    assert only(name, found_in(sound, tmp_path)) == []


def test_a_school_and_month_are_told_by_the_schools_own_name(tmp_path: Path) -> None:
    (one,) = only("low_reporting", found_in(CASES["low_reporting"][0], tmp_path))
    assert one.groups == ("Skola 1, 2023-12",)
    assert one.count == 1
    (changed,) = only("routine_change", found_in(CASES["routine_change"][0], tmp_path))
    assert changed.groups == ("Skola 2, 2024-02",)
    assert "the share of time reported" in changed.problem


def months_with(*firsts: date) -> Site:
    people = PUPILS[:3]
    rows = [lesson(person, day) for first in firsts for day in weekdays(first, 17) for person in people]
    return site(persons=persons(*people), enrolments=[spell(person, end=None) for person in people], attendance=rows)


def test_a_month_without_lessons_between_months_with(tmp_path: Path) -> None:
    autumn = months_with(date(2023, 9, 4), date(2023, 11, 6))
    (one,) = only("months_without_lessons", found_in(autumn, tmp_path))
    assert one.groups == ("Skola 1, 2023-10",)
    summer = months_with(date(2024, 5, 6), date(2024, 9, 2))
    assert only("months_without_lessons", found_in(summer, tmp_path)) == []


def test_the_summer_is_no_gap(tmp_path: Path) -> None:
    years = [spell("p0", end=date(2024, 7, 1)), spell("p0", date(2024, 8, 16), None, year_group=8)]
    assert only("enrolment_gap", found_in(site(enrolments=years), tmp_path)) == []


def test_the_same_lesson_in_two_files(tmp_path: Path) -> None:
    twice = lessons(start_minute=480)
    (one,) = only("double_report", found_in(twice, tmp_path, files={"attendance": [0, 1]}))
    assert [(where.file, where.row) for where in one.places] == [("two.csv", 2)]
    assert only("double_report", found_in(twice, tmp_path)) == []
    assert only("double_report", found_in(lessons(), tmp_path, files={"attendance": [0, 1]})) == []


def test_a_sound_site_has_no_finding_but_notes(tmp_path: Path) -> None:
    found = found_in(class_of_six(4, absent=19), tmp_path)
    assert [one.check for one in found if one.level != "note"] == []


def test_at_most_five_places_are_told_and_all_are_counted(tmp_path: Path) -> None:
    (one,) = only("unknown_code", found_in(site(persons=persons(*PUPILS, "p6", sex="x")), tmp_path))
    assert (one.count, rows_told(one), one.share) == (7, [1, 2, 3, 4, 5], 1.0)


def test_every_check_is_tried_somewhere() -> None:
    elsewhere = {
        *("missing_table", "empty_table", "ten_digit_numbers", "read_as", "hidden_rows", "lookup_without_row"),
        *("deleted_records", "untyped_activities", "lessons_outside_days", "earlier_identities"),
        *(name for name in checks() if name.startswith("unreadable_")),
        *("unmapped_code", "months_without_lessons", "double_report"),
    }
    assert set(CASES) | elsewhere == set(checks())

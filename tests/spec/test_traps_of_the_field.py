"""The traps of the field, and the tests that hold each.

A trap is a mistake that software about Swedish schools makes. What is not held yet says what is missing.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Trap:
    """One trap: what must hold, the tests as ``file::test``, and what no test holds yet."""

    number: int
    rule: str
    tests: tuple[str, ...] = ()
    missing: str = ""


ELIGIBILITY = "spec/completion/test_eligibility.py::"
DROPOUT = "spec/progression/test_dropout_by_rule.py::"
DIPLOMA = "spec/completion/test_diploma.py::"
READING = "unit/sources/test_read_ss12000.py::"
PROTECTION = "spec/test_protection.py::"
TRAPS = (
    Trap(
        1,
        "Eligibility asks for the core, named subjects and a number of passes; SV and SVA count once",
        (
            f"{ELIGIBILITY}test_eight_passes_without_mathematics_open_nothing",
            f"{ELIGIBILITY}test_twelve_passes_without_chemistry_open_the_arts_and_not_science",
            f"{ELIGIBILITY}test_swedish_as_a_second_language_will_do_for_swedish",
            f"{ELIGIBILITY}test_swedish_and_swedish_as_a_second_language_count_once",
        ),
    ),
    Trap(
        2,
        "A dash is recorded and a missing row is not; neither is a pass",
        (f"{ELIGIBILITY}test_a_dash_is_recorded_and_a_missing_row_is_not",),
    ),
    Trap(
        3,
        "Cancelled lessons, activities that are not reported and participates=false enter no denominator",
        (
            f"{READING}test_only_lessons_that_were_held_and_are_reported_enter",
            "unit/sources/test_ss12000_rules.py::test_activities_that_are_not_reported_never_enter",
            "spec/attendance/test_attendance_rate.py::"
            "test_only_lessons_in_the_table_are_offered_so_cancelled_ones_enter_no_denominator",
        ),
    ),
    Trap(
        4,
        "An unreported lesson leaves the rate and lowers the coverage",
        (
            "spec/attendance/test_attendance_rate.py::"
            "test_an_unreported_lesson_is_unknown_so_the_rate_stays_and_coverage_falls",
        ),
    ),
    Trap(
        5,
        "21 days away are no dropout and 22 are, dated at the last day attended, unless ill or on leave",
        (
            f"{DROPOUT}test_twenty_one_days_away_are_no_dropout",
            f"{DROPOUT}test_the_twenty_second_day_away_is_a_dropout_dated_at_the_last_day_attended",
            f"{DROPOUT}test_a_sick_day_inside_ends_the_run",
        ),
    ),
    Trap(
        6,
        "Both denominators of SFI dropout give the published shares",
        ("spec/progression/test_course_participations.py::test_both_denominators_reproduce_the_national_table_of_sfi",),
    ),
    Trap(
        7,
        "Age is that of the entry date; a return is one participant; indicators add up",
        (
            "spec/participants/test_entry.py::test_who_turns_18_the_day_after_entry_is_17",
            "spec/participants/test_entry.py::test_a_return_keeps_the_first_entry",
        ),
        missing="sums of the funds' indicators, which no frame of indicators makes yet",
    ),
    Trap(
        8,
        "Upon leaving is 0 to 28 days; six months after are calendar months",
        (
            "spec/participants/test_after_leaving.py::test_the_window_is_0_to_28_days_from_the_last_day",
            "spec/participants/test_after_leaving.py::test_six_calendar_months_from_31_august_is_the_last_of_february",
        ),
    ),
    Trap(9, "The monthly participant file is chronological and corrected forwards", missing="no delivery is made yet"),
    Trap(
        10,
        "Few who failed are hidden, and no total minus what is published gives them away",
        (
            f"{PROTECTION}test_3_of_12_failed",
            f"{PROTECTION}test_boys_near_100_hide_the_girls",
            f"{PROTECTION}test_the_total_minus_what_is_shown",
        ),
    ),
    Trap(
        11,
        "A municipality code that came as the number 180 is 0180; Kungsbacka is in county 13",
        (
            "unit/vocabulary/test_codes.py::test_an_integer_gets_back_its_lost_zero_and_an_unknown_code_is_told",
            "unit/vocabulary/test_codes.py::test_municipality_codes_are_four_characters_and_tell_the_county",
            "unit/sources/test_ss12000_rules.py::test_home_is_where_one_is_registered_and_codes_may_be_integers",
        ),
    ),
    Trap(
        12,
        "Identity numbers of every form are read, and false ones refused with an explanation",
        (
            "unit/vocabulary/test_identity.py::test_every_way_of_writing_gives_one_form",
            "unit/vocabulary/test_identity.py::test_faults_are_explained_without_the_number",
            "unit/vocabulary/test_identity.py::test_coordination_number_adds_sixty_to_the_day",
            "unit/vocabulary/test_identity.py::test_temporary_numbers_have_no_sex_and_no_check_digit",
            "unit/vocabulary/test_identity.py::test_leap_day",
        ),
    ),
    Trap(
        13,
        "Swedish numbers have a decimal comma and hard spaces, a file semicolons, and one day a year 23 hours",
        (
            "unit/reports/test_numbers.py::test_numbers_by_the_rules_of_each_language",
            "unit/reports/test_numbers.py::test_percent_has_a_no_break_space_in_swedish_and_none_in_english",
            "spec/test_own_data.py::test_decimal_commas",
            "unit/sources/test_ss12000_rules.py::test_a_night_that_changes_the_clock_has_its_true_length",
            "spec/attendance/test_attendance_calendar.py::test_the_day_the_clocks_change_is_a_day_like_others",
        ),
    ),
    Trap(
        14,
        "A course (Gy11) and a subject level (Gy25) of the same content count once",
        (
            f"{DIPLOMA}test_a_course_and_a_subject_level_of_the_same_content_count_once",
            f"{DIPLOMA}test_a_subject_level_will_do_for_the_course",
        ),
    ),
    Trap(
        15,
        "Persons with a security marking are in no exported row, and in aggregates",
        (
            "unit/values/test_tables_exportable.py::test_no_table_lets_marked_persons_or_restricted_columns_out",
            "unit/values/test_tables_exportable.py::test_exactly_the_rows_of_persons_known_to_be_unmarked_leave",
            "spec/cohorts/test_school_year_starters.py::test_protected_identity_is_no_reason_to_be_left_out",
        ),
    ),
    Trap(
        16,
        "Introductory programmes are read in both spellings; unknown curricula and school types are kept",
        (
            f"{READING}test_unknown_school_types_are_kept_and_programmes_spelt_wrong_are_known",
            f"{READING}test_the_introductory_programme_spelt_right",
            f"{READING}test_subject_and_grades_come_from_syllabuses",
            "unit/vocabulary/test_completion_rules.py::test_both_spellings_of_introductory_programmes_are_read",
        ),
    ),
    Trap(
        17,
        "Statements of dialogue forums name nobody; what small groups said needs a release",
        (
            "spec/forums/test_schools.py::test_no_person_group_or_statement_can_be_read_from_the_counts",
            "spec/forums/test_schools.py::test_what_small_groups_said_needs_the_holders_release",
        ),
    ),
    Trap(
        18,
        "Valid absence raises the same flag as invalid",
        ("spec/attendance/test_absence_flags.py::test_valid_absence_raises_the_same_flag_as_invalid",),
    ),
)


@cache
def names_in(path: Path) -> frozenset[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef))


def test_every_trap_stands_once_in_order() -> None:
    assert [trap.number for trap in TRAPS] == list(range(1, 19))


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: f"trap-{trap.number}")
def test_the_tests_that_hold_a_trap_are_there(trap: Trap) -> None:
    assert trap.tests or trap.missing
    for each in trap.tests:
        file, _, name = each.partition("::")
        assert name.startswith("test_")
        assert name in names_in(TESTS / file), each

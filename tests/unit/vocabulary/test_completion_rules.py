"""Grade scales, rules of eligibility, merit and diplomas, programmes and course levels agree with one another."""

from __future__ import annotations

import pytest

from evalkit.vocabulary.diploma import (
    course_roles,
    diploma_clock,
    diploma_rules,
    other_levels,
    same_courses,
    written_together,
)
from evalkit.vocabulary.eligibility import eligibility_groups, eligibility_rules, eligibility_subjects, merit_rules
from evalkit.vocabulary.grade_scales import grade_letters
from evalkit.vocabulary.programmes import programme_kinds, programmes
from evalkit.vocabulary.schema import table_schema
from evalkit.vocabulary.school_types import school_type


def test_every_grade_that_the_schema_allows_stands_in_one_scale() -> None:
    letters = [each.letter for each in grade_letters()]
    assert len(letters) == len(set(letters))
    assert set(letters) == set(table_schema("grades").column("grade").allowed)
    assert {each.letter for each in grade_letters() if each.passed} == {"A", "B", "C", "D", "E", "MVG", "VG", "G"}
    assert [each.letter for each in grade_letters() if not each.grade] == ["-"]
    assert all((each.points > 0) == each.passed for each in grade_letters())


def test_the_latest_rule_stands_first_and_asks_for_no_more_subjects_than_it_names_passes() -> None:
    for group in eligibility_groups():
        rules = eligibility_rules(group)
        assert [rule.since for rule in rules] == sorted((rule.since for rule in rules), reverse=True)
        assert all(len(rule.needed) <= rule.passes for rule in rules)
    assert [rule.passes for rule in eligibility_rules("vocational")] == [8, 3]
    assert merit_rules()[0].language_choice == ("M2",)
    with pytest.raises(KeyError, match="vocational"):
        eligibility_rules("medical")


def test_subjects_counted_as_another_are_never_asked_for_by_their_own_name() -> None:
    subjects = eligibility_subjects()
    named = {
        s for group in eligibility_groups() for r in eligibility_rules(group) for choice in r.needed for s in choice
    }
    assert not named & set(subjects.same)
    assert set(subjects.core) <= named
    assert {each for block in subjects.blocks.values() for each in block} <= named
    assert all(school_type(code).years for code in subjects.school_types)


def test_programmes_are_opened_by_groups_that_have_rules() -> None:
    codes = [each.code for each in programmes()]
    assert len(codes) == len(set(codes)) == 24
    assert {each.eligibility for each in programmes()} - {""} == set(eligibility_groups())
    assert all(each.eligibility for each in programmes() if each.kind != "introductory")
    assert {each.code for each in programmes() if each.until} == {"HA", "HV"}
    assert {each.kind for each in programmes()} == set(programme_kinds())
    # no code begins with another, so that the beginning of a study path code tells the programme
    assert not [(a, b) for a in codes for b in codes if a != b and a.startswith(b)]


def test_both_spellings_of_introductory_programmes_are_read() -> None:
    assert {"Intruduktionsprogram", "Introduktionsprogram"} <= set(programme_kinds()["introductory"])


def test_levels_stand_under_courses_and_never_under_another_level() -> None:
    same = same_courses()
    assert same["ENGE1000X"] == same["ENGELSKANIVÅ1"] == same["ENGELSKA5"] == "ENGENG05"
    assert same["SVEA1000X"] == same["SVASVA01"] == "SVESVE01"
    assert not set(same) & set(same.values())
    assert written_together("Matematik – fortsättning, nivå 1b") in same


def test_rules_of_diplomas_name_roles_that_courses_can_fill() -> None:
    roles, counted = course_roles(), set(same_courses().values())
    for rule in diploma_rules():
        assert set(rule.courses) <= set(roles)
        assert rule.passed < rule.graded
    for role in set(roles) - {"project"}:
        assert any(course.startswith(beginning) for course in counted for beginning in roles[role])
    beginnings = [beginning for each in roles.values() for beginning in each]
    assert not any(beginning.startswith(other_levels()) for beginning in beginnings)
    assert (diploma_clock().reference, diploma_clock().years) == ((10, 15), (3, 4, 5))

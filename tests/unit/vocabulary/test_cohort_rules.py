"""Dated rules that cohorts rest on."""

from __future__ import annotations

from datetime import date

import pytest

from evalkit.vocabulary.cohort_rules import (
    activity_rule,
    adult_part,
    adult_parts,
    reference_day,
    return_months,
    stage_of,
    stages,
)
from evalkit.vocabulary.school_types import school_types


def test_pupils_are_counted_on_15_october() -> None:
    assert reference_day(2021) == date(2021, 10, 15)


def test_every_school_type_named_is_one_of_the_standard() -> None:
    known = {kind.code for kind in school_types()}
    rule = activity_rule(date(2024, 1, 1))
    named = {code for each in (*stages(), *adult_parts()) for code in each.school_types} | {
        *rule.schools,
        *rule.equivalent,
    }
    assert named <= known


def test_each_year_of_compulsory_school_is_of_one_stage() -> None:
    assert [stage_of(year, "GR").years for year in range(1, 10)] == [(1, 3)] * 3 + [(4, 6)] * 3 + [(7, 9)] * 3
    assert stage_of(0, "FKLASS").id == "preschool_class"
    assert stage_of(1, "GY").id == "upper_secondary"
    with pytest.raises(KeyError, match="no year group 4"):
        stage_of(4, "GY")


def test_adult_education_is_divided_without_overlap() -> None:
    codes = [code for part in adult_parts() for code in part.school_types]
    assert len(codes) == len(set(codes))
    assert {kind.code for kind in school_types() if kind.stage == "adult"} - set(codes) == {"FHS", "STF"}
    assert adult_part("sfi").school_types == ("SFI", "VUXSFI")
    with pytest.raises(KeyError, match="no part 'none'"):
        adult_part("none")


def test_the_activity_responsibility_is_dated() -> None:
    rule = activity_rule(date(2015, 1, 1))
    assert (rule.under_age, rule.duty_age, rule.duty_ends) == (20, 16, (7, 1))
    assert rule.provenance.source
    with pytest.raises(KeyError, match="in force"):
        activity_rule(date(2014, 12, 31))


def test_a_return_comes_within_a_year() -> None:
    assert return_months(date(2023, 1, 1)) == 12

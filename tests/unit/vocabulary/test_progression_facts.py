"""Facts behind transitions, progression and dropout: dated, named, and consistent with each other."""

from __future__ import annotations

from datetime import date

import pytest

from evalkit.vocabulary.dropout_rules import dropout_rule
from evalkit.vocabulary.progression_rules import progression_rules
from evalkit.vocabulary.sfi_courses import sfi_courses, study_path_courses
from evalkit.vocabulary.transition_types import places_of, transition_type, transition_types


def test_statistics_name_nine_study_path_courses() -> None:
    assert study_path_courses() == ("1A", "1B", "1C", "1D", "2B", "2C", "2D", "3C", "3D")
    assert [each.letter for each in sfi_courses()] == ["A", "B", "C", "D"]


def test_rules_of_dropout_are_three_weeks_and_a_month() -> None:
    komvux, upper = (dropout_rule(name, date(2024, 1, 1)) for name in ("komvux", "upper_secondary"))
    assert (komvux.days, komvux.months, komvux.table) == (21, 0, "courses")
    assert (upper.days, upper.months, upper.table) == (0, 1, "enrolments")
    assert komvux.provenance.certainty == "V2"


def test_a_rule_that_is_not_there_or_not_yet_in_force_is_refused() -> None:
    with pytest.raises(KeyError, match="upper_secondary"):
        dropout_rule("compulsory", date(2024, 1, 1))
    with pytest.raises(KeyError, match="in force"):
        dropout_rule("komvux", date(2000, 1, 1))
    with pytest.raises(KeyError, match="in force"):
        progression_rules(date(2000, 1, 1))


def test_every_type_of_transition_leads_between_places_it_looks_among() -> None:
    names = [each.name for each in transition_types()]
    assert len(set(names)) == len(names) >= 18
    for each in transition_types():
        assert set(each.sources) <= set(each.among)
        assert each.sv
        assert each.en
    with pytest.raises(KeyError, match="6_to_7"):
        transition_type("6_to_8")
    assert set(places_of("sfi")) < set(places_of("adult"))


def test_limits_come_as_whole_numbers_shares_and_codes() -> None:
    rules = progression_rules(date(2024, 1, 1))
    assert rules.number("no_progress_weeks") == 26
    assert rules.share("slow_share") == (3, 2)
    assert rules.numbers("lost_after_days") == {"school": 130, "adult": 180}
    assert "SVA" in rules.codes("core_subjects")["swedish"]
    assert rules.provenance.certainty == "PROP"

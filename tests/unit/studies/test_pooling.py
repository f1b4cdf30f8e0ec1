"""The study's answers wait for all sites' sums, and say which are missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.disclosure import load_policy
from evalkit.errors import DesignError
from evalkit.studies.pooling import answer, keep_sums, pending, protect_sums, resolve, sums_folder
from evalkit.studies.study_verbs import Question
from evalkit.values import Curve, Estimate, SchoolSums

POLICIES = Path(__file__).parents[3] / "params" / "policies"
SITES = ("north", "south")


def sums_of(site: str, *, schools: int = 6, treated: bool = False, pupils: int = 40) -> SchoolSums:
    generator = np.random.default_rng([len(site), schools])
    names = [f"{site}{number}" for number in range(schools)]
    places = {"site": site, "municipality": {"north": "1440", "south": "1481"}[site]}
    start = [2.0 if treated and number == 0 else np.nan for number in range(schools)]
    terms = [
        {**places, "school": name, "time": time, "pupils": pupils, "outcome_sum": pupils * generator.normal(90, 1)}
        | {"enrolled": pupils}
        for name in names
        for time in range(4)
    ]
    contrasts = [
        {
            **places,
            "school": name,
            "start": time,
            "pupils": pupils,
            "classes": 2,
            "contrast_sum": pupils * generator.normal(0, 1),
            "variance_within_school": 20.0,
            "variance_within_class": 19.0,
        }
        for name in names
        for time in (1, 2, 3)
    ]
    return SchoolSums(
        "attendance_rate",
        "percentage_points",
        pd.DataFrame({**places, "school": names, "treated_from": start}),
        pd.DataFrame(terms),
        pd.DataFrame(contrasts),
        tuple((time, f"T{time}") for time in range(4)),
        name="sums_attendance_rate",
    )


def question(verb: str = "few_treated_effect") -> Question:
    return Question(verb, "forum_effect", ("sums_attendance_rate",))


def asked(verb: str = "few_treated_effect") -> Estimate | Curve:
    return pending(question(verb), "percentage_points", None)


def answered(folder: Path, verb: str = "few_treated_effect") -> Estimate | Curve:
    return answer(question(verb), "percentage_points", None, folder=folder, sites=SITES)


def test_a_question_has_no_number_in_it() -> None:
    effect = asked()
    assert isinstance(effect, Estimate)
    assert effect.design == "pending"
    assert effect.value is None
    assert Question.of(effect) == question()
    course = asked("event_study")
    assert isinstance(course, Curve)
    assert course.frame.empty


def test_all_sites_sums_make_one_answer(tmp_path: Path) -> None:
    keep_sums(sums_of("north", treated=True), tmp_path, "north")
    keep_sums(sums_of("south"), tmp_path, "south")
    made = answered(tmp_path)
    assert isinstance(made, Estimate)
    assert made.value is not None
    assert made.clusters == 12
    assert made.detail("sites_missing") is None
    assert made.detail("outcome") == "attendance_rate"


def test_a_missing_site_is_named_and_nothing_is_made_up(tmp_path: Path) -> None:
    keep_sums(sums_of("south"), tmp_path, "south")
    made = answered(tmp_path)
    assert isinstance(made, Estimate)
    assert made.value is None
    assert made.detail("sites_missing") == "north"
    course = answered(tmp_path, "event_study")
    assert isinstance(course, Curve)
    assert course.kind == "event_study"
    assert course.frame.empty


def test_with_all_sites_there_and_no_treated_school_the_design_says_no(tmp_path: Path) -> None:
    for site in SITES:
        keep_sums(sums_of(site), tmp_path, site)
    with pytest.raises(DesignError):
        answered(tmp_path)


def test_what_a_design_cannot_tell_around_the_effect_is_said_and_ends_no_run(tmp_path: Path) -> None:
    keep_sums(sums_of("north", schools=1, treated=True), tmp_path, "north")
    keep_sums(sums_of("south", schools=1), tmp_path, "south")
    sizes = answered(tmp_path, "placebo_sizes")
    assert isinstance(sizes, Curve)
    assert sizes.frame.empty
    assert sizes.detail("out_of_reach") == 1
    assert "untreated" in sizes.estimand


def test_the_same_question_is_answered_once_a_run(tmp_path: Path) -> None:
    keep_sums(sums_of("north", treated=True), tmp_path, "north")
    keep_sums(sums_of("south"), tmp_path, "south")
    made: dict[Question, Estimate | Curve] = {}
    first = resolve({"dialogue_forums/forum_effect": asked()}, tmp_path, SITES, made)
    second = resolve({"summary/forum_effect": asked()}, tmp_path, SITES, made)
    assert len(made) == 1
    assert first["dialogue_forums/forum_effect"] == second["summary/forum_effect"]


def test_a_school_with_few_pupils_never_leaves_its_site(tmp_path: Path) -> None:
    policy = load_policy("skolverket", POLICIES)
    whole = sums_of("north", treated=True)
    contrasts = whole.contrasts.assign(pupils=whole.contrasts["pupils"].where(whole.contrasts["school"] != "north3", 3))
    terms = whole.terms.assign(pupils=whole.terms["pupils"].where(whole.terms["school"] != "north3", 3))
    small = SchoolSums(whole.outcome, whole.unit, whole.schools, terms, contrasts, whole.labels, name=whole.name)
    left = protect_sums(small, policy)
    assert "north3" not in set(left.terms["school"]) | set(left.contrasts["school"]) | set(left.schools["school"])
    assert set(left.schools["school"]) == {"north0", "north2", "north4", "north5", "merged-2-north-1440"}


def test_sums_of_another_study_file_are_missing_not_mixed_in(tmp_path: Path) -> None:
    keep_sums(sums_of("north", treated=True), sums_folder(tmp_path, "one", "key"), "north")
    keep_sums(sums_of("south"), sums_folder(tmp_path, "two", "key"), "south")
    made = answered(sums_folder(tmp_path, "one", "key"))
    assert made.detail("sites_missing") == "south"

"""Effects stay hidden until the checks that the study declared beforehand pass."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_pooling import SITES, sums_of

from evalkit.errors import DesignError, InputError
from evalkit.models import combine_sums, design_report
from evalkit.studies.blinding import judge, openly, veil
from evalkit.studies.diagnostics import family
from evalkit.studies.estimating import within_effect
from evalkit.studies.parameters import load_study
from evalkit.studies.pooling import answer, keep_sums
from evalkit.studies.study_verbs import VERBS, Question
from evalkit.values import Curve, Estimate, Origin, Panel, SchoolSums

ORIGIN = Origin("study", "north", "1", "2", "3", "skolverket", "sv", False, "store")
PASSING = (("coverage", 0.5), ("detectable_effect", 1000.0))
FAILING = (("coverage", 0.5), ("detectable_effect", 1e-6))


def ask(verb: str, folder: Path, blind: tuple[tuple[str, float], ...]) -> Estimate | Curve:
    keep_sums(sums_of("north", treated=True), folder, "north")
    keep_sums(sums_of("south"), folder, "south")
    question = Question(verb, "forum_effect", ("sums_attendance_rate",))
    origin = replace(ORIGIN, blind=blind)
    return answer(question, "percentage_points", origin, folder=folder, sites=SITES)


def test_an_effect_is_hidden_while_a_check_fails(tmp_path: Path) -> None:
    hidden = ask("few_treated_effect", tmp_path, FAILING)
    assert isinstance(hidden, Estimate)
    assert hidden.design == "blinded"
    assert (hidden.value, hidden.interval, hidden.p) == (None, (), None)
    assert {item.name: item.value for item in hidden.diagnostics.items} == {
        "check_coverage": "passed",
        "check_detectable_effect": "failed",
    }
    assert hidden.detail("failed") == "check_detectable_effect"


def test_an_effect_that_is_let_through_says_under_which_declaration(tmp_path: Path) -> None:
    shown = ask("few_treated_effect", tmp_path, PASSING)
    assert isinstance(shown, Estimate)
    assert shown.value is not None
    assert shown.detail("unblinded")
    assert ask("few_treated_effect", tmp_path, ()).detail("unblinded") is None


@pytest.mark.parametrize("verb", sorted(verb for verb, how in VERBS.items() if how.kind and how.tells_effect))
def test_every_picture_of_the_effect_is_hidden_with_it(tmp_path: Path, verb: str) -> None:
    hidden = ask(verb, tmp_path, FAILING)
    assert isinstance(hidden, Curve)
    assert hidden.kind == "blinded"
    assert hidden.frame.empty


@pytest.mark.parametrize("verb", sorted(verb for verb, how in VERBS.items() if not how.tells_effect))
def test_what_the_design_can_find_is_never_hidden(tmp_path: Path, verb: str) -> None:
    told = ask(verb, tmp_path, FAILING)
    assert getattr(told, "design", "") != "blinded"
    assert getattr(told, "kind", "") != "blinded"


def test_hiding_does_not_depend_on_what_came_after_the_start(tmp_path: Path) -> None:
    sums = sums_of("north", treated=True)
    treated = sums.schools.loc[sums.schools["treated_from"].notna(), "school"]
    later = sums.contrasts["school"].isin(treated)
    lifted = sums.contrasts["contrast_sum"] + 9_000.0 * later
    wilder = sums.contrasts["variance_within_school"] * (1.0 + 8.0 * later)
    other = replace(sums, contrasts=sums.contrasts.assign(contrast_sum=lifted, variance_within_school=wilder))
    declared = (("coverage", 0.5), ("overlap", 0.5), ("exchangeability_p", 0.01), ("detectable_effect", 5.0))
    assert judge(sums, declared) == judge(other, declared)
    assert design_report(sums).diagnostics == design_report(other).diagnostics


def study_file(folder: Path, text: str) -> Path:
    source = Path(__file__).parents[3] / "params" / "skolanknytning" / "study.yml"
    path = folder / "study.yml"
    path.write_text(source.read_text(encoding="utf-8") + text, encoding="utf-8")
    return path


def test_a_study_file_declares_its_checks(tmp_path: Path) -> None:
    study = load_study(study_file(tmp_path, "blind: {until: {coverage: 0.8, detectable_effect: 5.0}}\n"))
    assert study.blind is not None
    assert study.blind.until.thresholds == (("coverage", 0.8), ("detectable_effect", 5.0))


@pytest.mark.parametrize("checks", ["{pretrend_p: 0.1}", "{}", "{coverage: 80}", "{coverage: -1}"])
def test_a_pre_trend_or_nothing_is_no_check(tmp_path: Path, checks: str) -> None:
    with pytest.raises(InputError, match="blind"):
        load_study(study_file(tmp_path, f"blind: {{until: {checks}}}\n"))


def test_only_the_declared_family_is_judged_as_one() -> None:
    one = replace(sums_of("north", treated=True), origin=replace(ORIGIN, family=("attendance_rate", "high_absence")))
    with pytest.raises(InputError, match="declares attendance_rate, high_absence"):
        family([one])


def two_outcomes() -> tuple[SchoolSums, SchoolSums, tuple[tuple[str, float], ...]]:
    """Return a calm and a restless outcome, and a check that only the calm one passes."""
    calm = combine_sums([sums_of("north", treated=True), sums_of("south")])
    wide = calm.contrasts.assign(
        contrast_sum=100 * calm.contrasts["contrast_sum"],
        variance_within_school=1e4 * calm.contrasts["variance_within_school"],
        variance_within_class=1e4 * calm.contrasts["variance_within_class"],
    )
    found = design_report(calm).diagnostics.get("detectable_effect")
    assert isinstance(found, float)
    return calm, replace(calm, outcome="other", contrasts=wide), (("detectable_effect", 2 * found),)


@pytest.mark.parametrize("turned", [False, True])
def test_a_family_is_hidden_while_any_of_its_outcomes_fails(turned: bool) -> None:
    calm, restless, declared = two_outcomes()
    asked = Question("family", "forum_family", ("a", "b"))
    hidden = veil(asked, [restless, calm] if turned else [calm, restless], declared)
    assert isinstance(hidden, Curve)
    assert hidden.kind == "blinded"
    assert veil(asked, [calm, calm], declared) is None


def test_a_hidden_effect_is_not_told_as_the_effect_on_coverage() -> None:
    calm, restless, declared = two_outcomes()
    asked = Question("design", "forum_design", ("a", "b"))
    assert list(openly(asked, [restless, restless], declared)) == [restless]
    assert len(openly(asked, [calm, restless], declared)) == 2
    assert len(openly(asked, [restless, restless], ())) == 2


def test_what_few_schools_did_is_no_question_of_persons() -> None:
    frame = pd.DataFrame([(p, t, f"s{p // 4}", float(p < 4 and t), p + t) for p in range(12) for t in range(3)])
    frame.columns = ["person", "time", "school", "exposed", "outcome"]
    panel = Panel(frame.assign(start=np.nan), "person", "time", "school", treated_from="start")
    with pytest.raises(DesignError, match="few_treated_effect"):
        within_effect(panel, outcome="outcome", on="exposed", name="x")

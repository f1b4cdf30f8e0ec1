from __future__ import annotations

from typing import Any

import pytest
from evidence_values import blinded_curve, design, estimators, family, sensitivity, sizes
from shown_values import change, protected, waiting

from evalkit.reports.labels import Words
from evalkit.reports.sentences import conclude, find, verdict_of
from evalkit.reports.sentences.headlines import headline_page
from evalkit.reports.sentences.reading import read
from evalkit.reports.shown import Shown
from evalkit.reports.views import compose
from evalkit.values import Estimate, Protected

SV, EN = Words("sv"), Words("en")
CHECKS = {"coverage": "passed", "overlap": "failed", "exchangeability_p": "unknown"}
DECLARED = ("coverage", "overlap", "exchangeability_p", "detectable_effect", "registration_change")


def shown(value: Protected, view: str | None = None, words: Words = SV) -> Shown:
    return compose((value,), view, words)


def hidden() -> Estimate:
    value = waiting("blinded", CHECKS).value
    assert isinstance(value, Estimate)
    return value


def test_a_hidden_effect_says_what_failed_and_what_to_do() -> None:
    box = shown(waiting("blinded", CHECKS))
    assert box.kind == "box"
    for text in (box.html.replace("<strong>", "").replace("</strong>", ""), box.plain.replace("**", "")):
        assert "Effekten visas inte än" in text
        assert "Skolor att jämföra med. Inte klarad. Ta med fler skolor utan dialogtorg" in text
        assert "Skolornas storlek. Gick inte att pröva, och räknas inte som klarad." in text
        assert "Täckning. Klarad." in text
        assert "kör igen" in text
    assert box.plain.index("Inte klarad") < box.plain.index("Gick inte att pröva") < box.plain.index("Klarad.")
    assert "**The size of the schools.** Could not be tested" in shown(waiting("blinded", CHECKS), words=EN).plain


def test_every_check_that_may_be_declared_has_a_name_and_a_remedy() -> None:
    for name in DECLARED:
        assert SV.has(f"check.{name}")
        assert SV.has(f"check.{name}.todo")


@pytest.mark.parametrize("view", [None, "interval", "headline", "title", "conclusions"])
def test_a_hidden_effect_can_be_shown_in_every_view(view: str | None) -> None:
    box = shown(waiting("blinded", CHECKS), view)
    said = f"{box.plain} {dict(box.page)}"
    assert "nan" not in said
    assert "För lite data" not in said
    assert "För lite data" not in str(box.html)


def test_a_hidden_effect_is_neither_too_little_nor_none() -> None:
    assert verdict_of(read(hidden(), SV)) == "blinded"
    found = find(hidden(), SV)
    assert found.certainty is not None
    assert found.certainty.bars == 0
    said = conclude((change(), protected(hidden())), SV)
    assert any(text.startswith("Om dialogtorgen har haft någon effekt: den visas först när") for text in said.cannot)
    title, lead = headline_page([hidden()], SV)
    assert title == "Effekten visas inte än"
    assert lead.startswith("Studien har bestämt i förväg")
    assert "effekten av dialogtorgen visas inte" in headline_page([change().value, hidden()], SV)[1].lower()  # type: ignore[list-item]


def test_a_hidden_curve_is_a_note_in_place_of_a_picture() -> None:
    box = shown(blinded_curve())
    assert box.kind == "box"
    assert box.picture is None
    assert "Inte klarade: skolor att jämföra med och skolornas storlek." in box.plain
    assert "Not passed: schools to compare with and the size of the schools." in shown(blinded_curve(), words=EN).html


@pytest.mark.parametrize("make", [sizes, sensitivity, estimators, family])
def test_evidence_is_a_figure_with_a_drawing_for_phones(make: Any) -> None:
    figure = shown(make())
    assert figure.kind == "figure"
    page = figure.bundle()["text/html"]
    assert page.count('role="img"') == page.count("<svg ") == 2
    assert '<svg class="broad" ' in page
    assert '<svg class="slim" ' in page
    assert "Simulerade data." in figure.note


def test_a_report_on_a_design_is_a_list_by_itself_and_when_asked() -> None:
    report = design(treated_schools=2, comparison_schools=9)
    for view in (None, "design"):
        box = shown(report, view)
        assert box.kind == "box"
        assert "<li><strong>Skolor.</strong> Två skolor med dialogtorg jämförs med nio utan.</li>" in box.html
        assert "- **Skolor.** Två skolor" in box.plain
    assert "Preliminär" in shown(protected(report.value, status="preliminary")).plain

from __future__ import annotations

from dataclasses import replace

import pytest
from shown_values import (
    bands,
    by_school,
    by_term,
    by_year_group,
    effect,
    event_study,
    flow,
    origin,
    placebos,
    power,
    protected,
)

from evalkit.reports.figures.course import course
from evalkit.reports.figures.distribution import distribution
from evalkit.reports.figures.grid import grid
from evalkit.reports.labels import Words, without_no_break
from evalkit.reports.sentences.captions import marked, preliminary
from evalkit.reports.sentences.courses import course_caption, distribution_caption, grid_caption
from evalkit.reports.sentences.curves import (
    event_study_caption,
    flow_caption,
    interval_caption,
    placebo_caption,
    power_caption,
)
from evalkit.values import Estimate, Flow, FlowStep

SV, EN = Words("sv"), Words("en")


def test_a_course_compares_autumn_with_autumn() -> None:
    caption = course_caption(course(by_term()), SV)
    assert caption.title == "Närvaron steg från 88,7 till 90,3 procent"
    assert caption.alt == "Linjediagram. Närvaron steg från 88,7 till 90,3 procent, HT 2021 till HT 2024."
    assert caption.subtitle == "Närvaro per termin, procent av rapporterad lektionstid"
    assert "avkortad" in caption.note
    assert course_caption(course(by_term()), EN).alt == (
        "Line chart. Attendance rose from 88.7 to 90.3 per cent, autumn 2021 to autumn 2024."
    )


def test_groups_are_compared_at_the_last_time_that_all_have() -> None:
    assert course_caption(course(by_year_group()), SV).title == "Närvaron är lägst i årskurs 9"
    alike = course_caption(course(by_year_group(fall=0.001)), SV)
    assert alike.title == "Närvaron är ungefär lika hög i alla årskurser"


def test_schools_are_told_by_their_range() -> None:
    caption = course_caption(course(by_school()), SV)
    assert without_no_break(caption.title) == "Närvaron i skolorna låg mellan 89,2 och 90,7 procent höstterminen 2024"
    assert "Da Vinciskolan: från 88,0 till 89,2 procent" in caption.alt
    assert "Ale 2" not in caption.alt


def test_protected_values_stand_in_no_text() -> None:
    hidden = tuple((row, "attendance_rate", "..") for row in range(8))
    drawn = course(by_school(hidden=hidden))
    caption = course_caption(drawn, SV)
    assert "Da Vinciskolan" not in caption.alt
    assert "skyddade" in caption.alt
    assert "89,2" not in caption.title
    for number in ("88,0", "88,2", "88,4", "88,6", "88,8"):
        assert number not in caption.alt + caption.title


def test_bars_say_how_many_of_a_hundred() -> None:
    caption = distribution_caption(distribution(bands()), SV)
    assert caption.title == "De flesta är sällan borta, men 16 av 100 är borta minst 15 procent"
    assert without_no_break(caption.subtitle) == "Andel elever i varje frånvaroband, höstterminen 2024"


def test_protected_bands_stand_in_no_alternative_text() -> None:
    caption = distribution_caption(distribution(bands(hidden=("15-20", "50-100"))), SV)
    assert "15–20" not in caption.alt
    assert caption.title == "Så fördelar sig frånvaron"


def test_grids_tell_who_held_forums_and_from_when() -> None:
    caption = grid_caption(grid(by_school()), SV)
    assert without_no_break(caption.title) == "En skola höll dialogtorg, från VT 2024"
    assert caption.alt == "Rutnät. Da Vinciskolan höll sitt första dialogtorg VT 2024. 3 skolor höll inget."


def test_an_event_study_is_judged_by_the_band_over_all_terms() -> None:
    assert event_study_caption(event_study().value, SV).title == "Ingen enskild termin skiljer sig tydligt från noll"  # type: ignore[arg-type]
    lifted = event_study_caption(event_study(lift=9.0).value, SV)  # type: ignore[arg-type]
    assert lifted.title == "Tre av tre terminer efter start skiljer sig tydligt från noll"
    between = event_study_caption(event_study(lift=2.0).value, SV)  # type: ignore[arg-type]
    assert between.title == "Ingen enskild termin skiljer sig tydligt från noll"


def test_p_values_come_after_counts() -> None:
    caption = placebo_caption(placebos().value, SV)  # type: ignore[arg-type]
    assert caption.title == "8 av 59 sätt att ge starttiderna till skolor ger en minst lika stor skillnad"
    assert "8 av 59, p = 0,14" in caption.note
    assert "p =" not in caption.title + caption.alt
    assert placebo_caption(placebos(100).value, SV).subtitle.startswith("Varje ruta är 47 av")  # type: ignore[arg-type]


def test_the_observed_choice_alone_is_no_other_choice() -> None:
    from dataclasses import replace

    curve = placebos().value
    frame = curve.frame.assign(as_extreme=[0] * 7 + [1, 0, 0])  # type: ignore[union-attr]
    alone = placebo_caption(replace(curve, frame=frame), SV)  # type: ignore[type-var,arg-type]
    assert alone.title == "Inget annat sätt att ge starttiderna till skolor ger en lika stor skillnad"


def test_the_power_curve_says_what_can_be_missed() -> None:
    assert power_caption(power().value, SV).title == "Effekter under 2,0 procentenheter kan vi lätt missa"  # type: ignore[arg-type]


def test_flows_are_told_in_tens_and_rounded_counts() -> None:
    caption = flow_caption(flow().value, SV)  # type: ignore[arg-type]
    assert caption.title == "Nio av tio elever ingår i analysen"
    assert caption.alt == "Flödesdiagram. Av 1 340 elever ingår 1 215."
    assert "sammanslagna" not in caption.note
    assert "sammanslagna" in flow_caption(flow(merged=True).value, SV).note  # type: ignore[arg-type]


def test_intervals_name_their_rule_and_their_ends() -> None:
    caption = interval_caption(effect().value, SV)  # type: ignore[arg-type]
    assert caption.title == "Dialogtorgen: ingen tydlig skillnad"
    assert "starttiderna" in caption.note
    assert caption.alt.endswith("+0,8 procentenheter, intervall −0,7 till +2,4.")


@pytest.mark.parametrize(
    ("rule", "reason", "said"),
    [
        ("permutation", "sizes_alike", "inte är mycket större eller mindre än de andra."),
        ("variance_model", "sizes_differ", "skolorna med dialogtorg är mycket större eller mindre än de andra."),
        ("variance_model", "too_few_assignments", "eftersom sätten att ge starttiderna till skolor är för få."),
        ("variance_model", "too_few_untreated", "eftersom skolorna utan dialogtorg är för få."),
    ],
)
def test_intervals_tell_why_their_rule_was_chosen(rule: str, reason: str, said: str) -> None:
    made = effect().value
    assert isinstance(made, Estimate)
    chosen = replace(made, details=(("rule", rule), ("rule_reason", reason)))
    assert said in interval_caption(chosen, SV).note
    assert EN.has(f"interval.rule.{rule}.{reason}")
    assert said not in interval_caption(made, SV).note


def test_intervals_tell_the_smallest_p_within_municipalities() -> None:
    known = (("assignments_stratified", 42), ("attainable_p_stratified", 1 / 42))
    note = interval_caption(effect(details=known).value, SV).note  # type: ignore[arg-type]
    assert "Om starttiderna bara byts inom samma kommun finns 42 sätt, och lägsta möjliga p är 0,024." in note
    assert "inom samma kommun" not in interval_caption(effect().value, SV).note  # type: ignore[arg-type]


def test_merged_flows_never_say_that_all_are_included() -> None:
    steps = (
        FlowStep("candidates", "inskrivna", "enrolled", 100, 100),
        FlowStep("day+attendance", "började; hade närvaro", "started; had attendance", 100, 100),
    )
    assert flow_caption(Flow(steps, "u", "flow", origin()), SV).title == "Nästan alla elever ingår i analysen"
    plain = (steps[0], FlowStep("day", "började", "started", 100, 100))
    assert flow_caption(Flow(plain, "u", "flow", origin()), SV).title == "Alla elever ingår i analysen"


@pytest.mark.parametrize(("language", "word"), [("sv", "Simulerade data."), ("en", "Simulated data.")])
def test_made_up_data_are_said_to_be(language: str, word: str) -> None:
    words = Words(language)
    assert marked("", by_term(), words) == word
    assert marked("", by_term(source=origin(simulated=False)), words) == ""


def test_preliminary_values_are_marked() -> None:
    value = protected(by_term().value, by_term().marks, "preliminary")
    assert marked("", value, SV).startswith("Preliminär")
    assert marked("", value, EN).startswith("Preliminary")
    assert preliminary((by_term(),), SV) == ""

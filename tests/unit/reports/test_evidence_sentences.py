from __future__ import annotations

from dataclasses import replace

import pytest
from evidence_values import HIDDEN, OPEN, design, estimators, family, masked, sensitivity, sizes
from shown_values import event_study, smallest

from evalkit.reports.labels import Words, without_no_break
from evalkit.reports.sentences import conclude
from evalkit.reports.sentences.curves import event_study_caption
from evalkit.reports.sentences.design import design_items, is_design
from evalkit.reports.sentences.methods import estimators_caption, placebo_size_caption
from evalkit.reports.sentences.robustness import family_caption, sensitivity_caption
from evalkit.values import Curve, Estimate, Protected

SV, EN = Words("sv"), Words("en")
CODES = [
    "headline",
    "permutation",
    "permutation_plain",
    "stratified",
    "variance_model",
    "conley_taber",
    "ferman_pinto",
    "cluster_robust",
    "bias_reduced",
    "jackknife",
    "wild_bootstrap",
    "group_time",
    "imputation",
    "two_stage",
    "etwfe",
    "synthetic",
    "two_way",
    "school_weighted",
    "all_schools",
]
CAUSES = [
    "none",
    "weighting",
    "comparison_set",
    "composition",
    "base_term",
    "not_yet_treated",
    "forbidden_comparisons",
    "term_weights",
    "synthetic_weights",
    "unbalanced_rule",
]
NOWHERE = ((HIDDEN, HIDDEN),) * 3


def curve_of(value: Protected) -> Curve:
    assert isinstance(value.value, Curve)
    return value.value


def estimate_of(value: Protected) -> Estimate:
    assert isinstance(value.value, Estimate)
    return value.value


def test_every_method_cause_and_composed_key_has_words() -> None:
    keys = {f"method.{code}" for code in CODES} | {f"method.{code}.why" for code in CODES}
    keys |= {f"cause.{cause}" for cause in CAUSES}
    keys |= {f"sizes.title.{found}" for found in ("held", "more", "less", "unclear", "none")}
    for restriction in ("relative", "smooth"):
        keys |= {f"sensitivity.title.{restriction}.{kind}" for kind in ("all", "to", "only", "never")}
        keys |= {f"figure.{restriction}_{what}" for what in ("panel", "axis")}
    keys |= {f"family.note.{how}" for how in ("romano_wolf", "holm")}
    assert {key for key in keys if not SV.has(key)} == set()


# ---- sizes ----


@pytest.mark.parametrize(
    ("used", "error", "title"),
    [
        (0.048, 0.0582, "Metoden som används har fel ungefär så ofta som avsett: 4,8 % av försöken"),
        (0.12, 0.0582, "Metoden som används har fel i 12,0 % av försöken; avsett är 5 %, och skillnaden kan bero på"),
        (0.12, 0.02, "Metoden som används har fel oftare än avsett: 12,0 % av försöken mot 5 %"),
        (0.0, 0.01, "Metoden som används har fel mer sällan än avsett: 0,0 % av försöken mot 5 %"),
        (HIDDEN, 0.02, "Metoden som används kunde inte prövas på skolorna utan dialogtorg"),
    ],
)
def test_a_size_is_judged_by_what_so_few_schools_can_tell(used: float, error: float, title: str) -> None:
    caption = placebo_size_caption(curve_of(sizes(used, error)), SV)
    assert without_no_break(caption.title).startswith(title)
    assert caption.alt.startswith("Punktdiagram. Metoden som används")
    assert "nan" not in caption.alt + caption.note


def test_the_note_under_sizes_says_how_little_the_trials_tell() -> None:
    note = without_no_break(placebo_size_caption(curve_of(sizes()), SV).note)
    assert "378 försök. Många bygger på samma skolor, så de säger inte mer än 14 oberoende försök; " in note
    assert "; 0 % till 16 % kan bero på slumpen" in note
    assert "Gav inget intervall att pröva: Permutation inom kommunen." in note
    alt = placebo_size_caption(curve_of(sizes()), EN).alt
    assert "Methods not used here are wrong in 12.0% to 31.0%." in alt


# ---- sensitivity ----


def test_a_conclusion_says_how_much_it_bears() -> None:
    caption = sensitivity_caption(curve_of(sensitivity(breakdown_relative=1.39, breakdown_smooth=0.17)), SV)
    assert without_no_break(caption.title) == (
        "Slutsatsen håller så länge skillnaden i trend efter starten är högst 1,3 gånger så stor som den största före"
    )
    assert "ändras högst 0,1 procentenheter från en termin till nästa" in without_no_break(caption.note)
    assert "Vid gränsen 0,0 är intervallet 1,1–2,2 procentenheter." in caption.alt


@pytest.mark.parametrize(
    ("relative", "smooth", "title"),
    [
        (((0.0, 2.0), (-1.0, 3.0), (-2.0, 4.0)), NOWHERE, "Det finns ingen tydlig skillnad att pröva"),
        (((1.0, 2.0), (-1.0, 3.0), (-2.0, 4.0)), NOWHERE, "Slutsatsen håller bara om trenderna annars hade varit lika"),
        (
            ((1.0, 2.0), (0.5, 3.0), (0.1, 4.0)),
            NOWHERE,
            "Slutsatsen håller även om skillnaden i trend efter starten är",
        ),
        (((-OPEN, OPEN),) * 3, ((-OPEN, OPEN),) * 3, "Skolorna är för få för att säga hur mycket slutsatsen tål"),
        (NOWHERE, NOWHERE, "Hur mycket slutsatsen tål får inte visas"),
    ],
)
def test_each_outcome_of_a_sensitivity_has_its_sentence(
    relative: tuple[tuple[float, float], ...], smooth: tuple[tuple[float, float], ...], title: str
) -> None:
    caption = sensitivity_caption(curve_of(sensitivity(relative, smooth)), SV)
    assert caption.title.startswith(title)
    for text in (caption.title, caption.note, caption.alt):
        assert "nan" not in text
        assert "inf" not in text


def test_a_protected_interval_is_told_by_no_stated_limit() -> None:
    hidden = ((1.0, 2.0), (HIDDEN, HIDDEN), (-0.1, 3.0))
    caption = sensitivity_caption(curve_of(sensitivity(hidden, NOWHERE, breakdown_relative=0.7)), SV)
    assert "0,7" not in caption.title + caption.note + caption.alt


# ---- estimators ----


def test_answers_outside_the_headline_are_counted() -> None:
    assert estimators_caption(curve_of(estimators()), SV).title == (
        "Ett av tre andra sätt att räkna ger ett svar utanför huvudresultatets intervall"
    )
    inside = estimators_caption(curve_of(estimators(others=(0.5, 1.1, 2.3))), SV)
    assert inside.title == "Alla sätt att räkna ger ett svar inom huvudresultatets intervall"
    assert inside.alt.endswith("Huvudresultatet är +0,8 procentenheter. De andra ger 0,5–2,3 procentenheter.")
    edge = estimators_caption(curve_of(estimators(others=(0.5, 1.1, 2.4))), SV)
    assert edge.title == inside.title, "an end belongs to the interval"


def test_answers_without_a_headline_interval_are_told_by_their_range() -> None:
    bare = estimators_caption(curve_of(estimators((0.8, HIDDEN, HIDDEN))), EN)
    assert without_no_break(bare.title) == "Different ways to compute it give 0.5–2.7 percentage points"
    gone = estimators_caption(curve_of(estimators((HIDDEN, HIDDEN, HIDDEN))), SV)
    assert "−" not in gone.alt
    assert "Huvudresultatet är" not in gone.alt
    assert "Två punkter: skyddat." in gone.note


def test_methods_that_could_not_answer_are_named() -> None:
    assert "Kunde inte räknas: Utvidgad tvåvägsmodell." in estimators_caption(curve_of(estimators()), SV).note


# ---- family ----


@pytest.mark.parametrize(
    ("first", "second", "title"),
    [
        ((0.28, 0.31), (0.031, 0.058), "Ingen av de två skillnaderna är tydlig"),
        ((0.28, 0.31), (0.01, 0.02), "En av två skillnader är tydlig även när"),
        ((0.01, 0.02), (0.01, 0.02), "Båda skillnaderna är tydliga även när"),
        ((HIDDEN, HIDDEN), (HIDDEN, HIDDEN), "Skolorna är för få för att säga hur tydliga skillnaderna är"),
    ],
)
def test_differences_are_clear_only_after_adjustment(
    first: tuple[float, float], second: tuple[float, float], title: str
) -> None:
    caption = family_caption(curve_of(family(first, second)), SV)
    assert caption.title.startswith(title)
    assert "nan" not in caption.note + caption.alt


def test_a_difference_that_adjustment_takes_is_named() -> None:
    caption = family_caption(curve_of(family()), SV)
    assert "Andelen elever med hög frånvaro är tydlig för sig, men inte när alla utfall räknas." in caption.note
    assert "Närvaron: p = 0,28, justerat 0,31." in caption.note
    assert "p =" not in caption.title + caption.alt
    assert "i 3 av 100 fall; justerat för båda utfallen 6." in caption.alt
    assert "skalsteg" in family_caption(curve_of(family(mixed=True)), SV).alt


# ---- the course before the start ----


def test_the_test_before_the_start_is_told_with_what_it_could_have_found() -> None:
    found = (("pretrend_p", 0.43), ("pretrend_slope_50", 0.42), ("pretrend_slope_80", 0.71))
    curve = curve_of(event_study())
    caption = event_study_caption(replace(curve, details=(*curve.details, *found)), SV)
    note = without_no_break(caption.note)
    assert note.startswith(
        "Före starten ser vi ingen tydlig skillnad mellan skolorna (p = 0,43). En skillnad som växer"
    )
    assert "med 0,4 procentenheter per termin skulle vi upptäcka i fem fall av tio, en som växer med 0,7 i åtta" in note
    clear = event_study_caption(replace(curve, details=(("pretrend_p", 0.004),)), EN)
    assert clear.note.startswith("Before the start the schools differed (p = 0.004).")
    assert "Before the start" not in event_study_caption(curve, EN).note


# ---- all protected ----


@pytest.mark.parametrize("words", [SV, EN], ids=["sv", "en"])
def test_what_is_protected_stands_in_no_words(words: Words) -> None:
    for caption in (
        placebo_size_caption(curve_of(masked(sizes())), words),
        sensitivity_caption(curve_of(masked(sensitivity(breakdown_relative=1.3))), words),
        estimators_caption(curve_of(masked(estimators())), words),
        family_caption(curve_of(masked(family())), words),
    ):
        said = caption.title + caption.subtitle + caption.alt
        assert caption.title
        assert caption.alt
        assert "nan" not in said
        assert not any(sign.isdigit() for sign in said)


# ---- what a design can tell ----


def test_a_design_is_told_in_plain_words_and_what_is_missing_is_left_out() -> None:
    found = design(
        treated_schools=2, comparison_schools=9, detectable_effect=3.46, overlap=1.0, coverage=0.71,
        exchangeability_p=0.4, registration_change=None, schools_merged=0, moved_share=HIDDEN,
    )  # fmt: skip
    assert is_design(estimate_of(found))
    assert not is_design(estimate_of(smallest()))
    items = dict(design_items(estimate_of(found), SV))
    assert list(items) == ["Skolor", "Underlag", "Att jämföra med", "Storlek", "Täckning"]
    assert items["Skolor"] == "Två skolor med dialogtorg jämförs med nio utan."
    assert "3,2 lika tunga skolor" in items["Underlag"]
    compared = "För varje skola med dialogtorg finns minst två jämförelseskolor utan dialogtorg."
    assert items["Att jämföra med"] == compared
    assert without_no_break(items["Täckning"]).startswith("Bara 71 % av eleverna")
    english = dict(design_items(estimate_of(found), EN))
    assert english["Schools"] == "Two schools with dialogue forums are compared with nine without."


def test_a_design_tells_what_may_pass_for_an_effect() -> None:
    found = design(
        regression_to_mean=0.31, regression_to_mean_low=-0.1, regression_to_mean_high=0.72, baseline_difference=-2.4,
        registration_change=1.8, coverage_effect=-0.4, coverage_effect_low=-0.7, coverage_effect_high=-0.1,
        exchangeability_p=0.02, overlap=0.5, schools_merged=2,
    )  # fmt: skip
    items = {name: without_no_break(text) for name, text in design_items(estimate_of(found), SV)}
    assert "2,4 procentenheter lägre" in items["Läget före"]
    assert "ändras med +0,3 (−0,1 till +0,7) utan någon effekt" in items["Läget före"]
    assert "som mest 1,8 procentenheter" in items["Registrering"]
    assert "skiljer sig: −0,4 procentenheter (−0,7 till −0,1)" in items["Kontroll"]
    assert "ovanligt stora eller små" in items["Storlek"]
    assert "50 %" in items["Att jämföra med"]
    assert "finns minst två jämförelseskolor för varje skola med dialogtorg" in items["Att jämföra med"]
    merged = "Två skolor räknas ihop, eftersom minst en av dem är för liten för att visas för sig."
    assert items["Sammanslagna"] == merged
    steady = dict(design_items(estimate_of(design(registration_change=0.04)), SV))
    assert steady["Registrering"].startswith("Täckningen ändrades lika mycket")


def test_a_report_on_a_design_adds_nothing_to_the_conclusions() -> None:
    assert conclude((smallest(), design(coverage=0.9), smallest(1.4, treated=5)), SV) == conclude(
        (smallest(), smallest(1.4, treated=5)), SV
    )


def test_an_interval_without_ends_holds_every_answer_and_is_not_said_to_confirm_them() -> None:
    told = estimators_caption(curve_of(estimators((0.8, -OPEN, OPEN))), SV)
    assert told.title.startswith("Olika sätt att räkna ger ")

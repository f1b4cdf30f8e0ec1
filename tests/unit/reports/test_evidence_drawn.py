from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace

import pytest
from evidence_values import HIDDEN, OPEN, estimators, family, masked, sensitivity, sizes
from shown_values import event_study

from evalkit.reports.figures.canvas import Picture, breadth, lines_of
from evalkit.reports.figures.estimators import answers_in, draw_estimators, written_ends
from evalkit.reports.figures.family import draw_family, members_in
from evalkit.reports.figures.palette import ROLES
from evalkit.reports.figures.picture import picture
from evalkit.reports.figures.placebo_size import chance_in, draw_placebo_size, trials_in
from evalkit.reports.figures.rows import Row, lay_rows
from evalkit.reports.figures.sensitivity import breakdown_of, draw_sensitivity, intervals_in, written_bound
from evalkit.reports.labels import Words
from evalkit.reports.views import CURVES
from evalkit.values import Curve, Protected

SV, EN = Words("sv"), Words("en")
NS = {"s": "http://www.w3.org/2000/svg"}
EVIDENCE: dict[str, Callable[[], Protected]] = {
    "placebo_size": sizes,
    "sensitivity": sensitivity,
    "estimators": estimators,
    "family": family,
    "event_study": event_study,
}
WIDTHS = (720.0, 520.0, 335.0)


def curve_of(value: Protected) -> Curve:
    assert isinstance(value.value, Curve)
    return value.value


def drawn(value: Protected, width: float = 720.0, words: Words = SV) -> Picture:
    curve = curve_of(value)
    return CURVES[curve.kind][0](curve, words, width=width).finish()


def texts(made: Picture) -> list[str]:
    found = ET.fromstring(made.svg).iterfind(".//s:text", NS)
    return [(node.text or "").replace("\N{NO-BREAK SPACE}", " ") for node in found]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", EVIDENCE)
def test_evidence_is_drawn_in_themed_colours_and_readable_type(name: str, width: float) -> None:
    made = drawn(EVIDENCE[name](), width)
    assert not re.search(r"(?<!,)[ :]#[0-9a-f]{6}", made.page)
    assert set(re.findall(r"font-family: ([^;\"]+)", made.svg)) == {"'Inter'"}
    assert min(float(size) for size in re.findall(r"font-size: ([\d.]+)px", made.svg)) >= 11


@pytest.mark.parametrize("words", [SV, EN], ids=["sv", "en"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", sorted(set(EVIDENCE) - {"event_study"}))
def test_no_word_of_evidence_leaves_the_sheet(name: str, width: float, words: Words) -> None:
    for node in ET.fromstring(drawn(EVIDENCE[name](), width, words).svg).iterfind(".//s:text", NS):
        style, place = node.get("style", ""), re.search(r"translate\(([-\d.]+)", node.get("transform", ""))
        x = float(node.get("x") or (place.group(1) if place else 0))
        size = float(re.search(r"font-size: ([\d.]+)px", style).group(1))  # type: ignore[union-attr]
        wide = breadth(node.text or "", size=size, weight=700 if "bold" in style or "700" in style else 400)
        anchor = "middle" if "middle" in style else "end" if "anchor: end" in style else "start"
        left = x - {"middle": wide / 2, "end": wide, "start": 0.0}[anchor]
        assert left >= -3, node.text
        assert left + wide <= width + 3, node.text


@pytest.mark.parametrize("name", EVIDENCE)
def test_evidence_that_is_all_protected_holds_no_number_of_it(name: str) -> None:
    value = masked(EVIDENCE[name]())
    for width in WIDTHS:
        said = texts(drawn(value, width))
        assert "nan" not in " ".join(said)
        assert not {"+0,8", "4,8 %", "31,0 %", "−3,1"} & set(said)
    assert {"..", "skyddat", "."} & set(texts(drawn(value)))


def test_a_phone_gets_its_own_drawing_where_one_is_asked_for() -> None:
    draw = lambda width: draw_family(curve_of(family()), SV, width=width)  # noqa: E731
    assert picture(draw).phone == ""
    assert 'viewBox="0 0 335 ' in picture(draw, phone=335.0).phone


# ---- rows ----


def test_names_stand_beside_the_marks_where_there_is_room_and_above_them_on_a_phone() -> None:
    rows = [Row("ett långt namn", "ett skäl", ("1", "2")), Row("b", "", ("3", ".."), above="De andra")]
    marks = [(0.0, "0"), (1.0, "1")]
    wide, slim = (lay_rows(rows, ("a", "b"), marks=marks, axis="x", width=width) for width in (720.0, 335.0))
    assert wide.axes.get_position().x0 > 0.3 > slim.axes.get_position().x0
    assert wide.middles == tuple(sorted(wide.middles))
    for laid in (wide, slim):
        assert all(top <= middle <= bottom for (top, bottom), middle in zip(laid.bands, laid.middles, strict=True))
        assert laid.bands[1][0] - laid.bands[0][1] > 20, "the heading between two rows is kept free"


def test_long_names_take_more_lines() -> None:
    assert lines_of("ett två tre", 500) == ("ett två tre",)
    assert lines_of("ett två tre", breadth("ett två")) == ("ett två", "tre")
    assert lines_of("", 10) == ()


# ---- sizes ----


def test_the_method_used_stands_first_and_the_others_from_the_least_wrong() -> None:
    assert [one.method for one in trials_in(curve_of(sizes()))] == [
        "headline", "permutation", "jackknife", "cluster_robust",
    ]  # fmt: skip
    said = texts(draw_placebo_size(curve_of(sizes()), SV, width=720).finish())
    assert {"Huvudmetoden", "används här: modell för spridningen", "Används inte här", "avsett: 5 %", "öppen"} <= set(
        said
    )
    assert said.index("Huvudmetoden") < said.index("Används inte här") < said.index("Klusterrobust")


def test_what_chance_gives_is_a_field_around_what_is_intended() -> None:
    low, high = chance_in(curve_of(sizes(error=0.01)))
    assert (low, high) == (pytest.approx(0.0304), pytest.approx(0.0696))
    assert chance_in(curve_of(sizes()))[0] == 0.0
    bare = replace(curve_of(sizes()), details=())
    assert chance_in(bare) == (pytest.approx(0.05), pytest.approx(0.05))


# ---- sensitivity ----


@pytest.mark.parametrize(
    ("relative", "stated", "holds", "bound"),
    [
        (((1.0, 2.0), (0.5, 2.5), (-0.1, 3.0)), {}, "to", 0.5),
        (((1.0, 2.0), (0.5, 2.5), (-0.1, 3.0)), {"breakdown_relative": 0.93}, "to", 0.93),
        (((1.0, 2.0), (0.0, 2.5), (-0.1, 3.0)), {}, "to", 0.0),
        (((1.0, 2.0), (0.5, 2.5), (0.1, 3.0)), {"breakdown_relative": OPEN}, "all", 1.0),
        (((1.0, 2.0), (0.5, 2.5), (0.1, 3.0)), {"breakdown_relative": 1.4}, "to", 1.4),
        (((-3.0, -1.0), (-4.0, -0.2), (-5.0, 0.3)), {}, "to", 0.5),
        (((0.0, 2.0), (-0.5, 2.5), (-1.0, 3.0)), {}, "never", HIDDEN),
        (((-OPEN, OPEN),) * 3, {}, "open", HIDDEN),
        (((1.0, 2.0), (HIDDEN, HIDDEN), (-0.1, 3.0)), {"breakdown_relative": 0.7}, "unknown", 0.0),
    ],
)
def test_a_conclusion_holds_up_to_the_first_interval_that_touches_zero(
    relative: tuple[tuple[float, float], ...], stated: dict[str, float], holds: str, bound: float
) -> None:
    curve = curve_of(sensitivity(relative, **stated))
    found = breakdown_of(curve, "relative")
    assert found.holds == holds
    assert found.bound == pytest.approx(bound, nan_ok=True)
    assert "nan" not in " ".join(texts(draw_sensitivity(curve, SV, width=335).finish()))


def test_a_bound_is_never_rounded_up() -> None:
    assert [written_bound(bound, SV) for bound in (1.39, 0.3, 0.0, 0.068)] == ["1,3", "0,3", "0,0", "0,06"]
    assert written_bound(1.39, EN) == "1.3"


def test_intervals_that_cover_zero_are_dashed_and_protected_ones_are_two_dots() -> None:
    shown = sensitivity(((1.0, 2.0), (HIDDEN, HIDDEN), (-0.1, 3.0)), smooth=())
    curve = curve_of(shown)
    assert list(intervals_in(curve)) == ["relative"]
    made = draw_sensitivity(curve, SV, width=720).finish()
    assert texts(made).count("..") == 1
    solid = sum(ROLES["main"] in path and "dasharray" not in path for path in re.findall(r"<path[^>]*>", made.svg))
    assert solid == 1
    assert "håller till 0,5" not in texts(made)


# ---- estimators ----


def test_the_headline_stands_first_and_those_without_an_interval_last() -> None:
    answers = answers_in(curve_of(estimators()))
    assert [one.method for one in answers] == ["headline", "school_weighted", "all_schools", "two_way"]
    said = texts(draw_estimators(curve_of(estimators()), SV, width=720).finish())
    assert {"−0,7 till +2,4", "−0,6 och uppåt", "Utan giltigt intervall här"} <= set(said)
    assert "skolor räknas lika, oavsett antal elever" in said
    assert "inf" not in " ".join(said)


def test_an_answer_that_is_written_alike_is_said_to_be_the_same() -> None:
    said = texts(draw_estimators(curve_of(estimators(others=(0.81, 1.1, 2.7))), SV, width=720).finish())
    assert "i stort sett samma svar" in said


def test_an_interval_far_outside_becomes_an_arrowhead() -> None:
    curve = curve_of(estimators())
    wide = replace(curve, frame=curve.frame.assign(low=[-0.7, -60.0, -0.6, HIDDEN]))
    said = texts(draw_estimators(wide, SV, width=720).finish())
    assert "−60,0 till +2,2" in said
    assert "−60" not in said


@pytest.mark.parametrize(
    ("low", "high", "written"),
    [(0.0, 2.4, "0,0–2,4"), (-OPEN, 1.0, "+1,0 och nedåt"), (-OPEN, OPEN, "ingen gräns"), (HIDDEN, HIDDEN, "")],
)
def test_intervals_are_written_with_open_ends_in_words(low: float, high: float, written: str) -> None:
    assert written_ends(low, high, 1, SV) == written


# ---- family ----


def test_outcomes_tell_in_words_what_chance_gives() -> None:
    said = " ".join(texts(draw_family(curve_of(family()), SV, width=720).finish()))
    assert "minst så stor skillnad ger slumpen i 28 av 100 fall; justerat för båda utfallen 31" in said
    tiny = " ".join(texts(draw_family(curve_of(family((0.001, 0.002))), EN, width=720).finish()))
    assert "in fewer than 1 of 100 cases" in tiny


def test_only_differences_that_stay_clear_are_filled() -> None:
    circles = draw_family(curve_of(family(second=(0.01, 0.02))), SV, width=720).finish().svg
    assert circles.count(f"fill: {ROLES['main']}; stroke: {ROLES['paper']}") == 1
    assert f"fill: {ROLES['main']}; stroke: {ROLES['paper']}" not in drawn(family()).svg


def test_outcomes_in_other_units_get_their_own_scales() -> None:
    said = texts(draw_family(curve_of(family(mixed=True)), SV, width=720).finish())
    assert "Varje rad har sin egen skala; strecket är noll" in said
    assert "0,02–0,22" in said
    assert not math.isnan(members_in(curve_of(family(mixed=True)))[2].reach)


def test_shares_are_shown_in_percentage_points() -> None:
    curve = curve_of(family())
    shares = curve.frame.assign(unit="share", value=curve.frame["value"] / 100)
    assert members_in(replace(curve, frame=shares))[0].value == pytest.approx(0.8)
    answers = answers_in(replace(curve_of(estimators()), unit="share"))
    assert answers[0].value == pytest.approx(80.0)

from __future__ import annotations

import hashlib
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from shown_values import (
    PERSONS,
    RATE,
    TERM,
    bands,
    by_school,
    by_term,
    by_year_group,
    change,
    effect,
    event_study,
    flow,
    placebos,
    power,
    table,
)

from evalkit.errors import InputError, RenderError
from evalkit.reports.figures import fonts
from evalkit.reports.figures.canvas import Canvas, blank
from evalkit.reports.figures.course import course, is_shortened, marks_of
from evalkit.reports.figures.distribution import distribution, draw_bars
from evalkit.reports.figures.dots import draw_dots
from evalkit.reports.figures.event_study import draw_event_study
from evalkit.reports.figures.flow import draw_flow, rounded
from evalkit.reports.figures.grid import draw_grid, grid
from evalkit.reports.figures.interval import draw_interval
from evalkit.reports.figures.lines import draw_lines
from evalkit.reports.figures.palette import BY_COLOUR, ROLES, themed
from evalkit.reports.figures.picture import picture
from evalkit.reports.figures.placebo import draw_placebo, squares_of
from evalkit.reports.figures.power import detectable_in, draw_power
from evalkit.reports.figures.scale import decimals_of, spread, steps
from evalkit.reports.labels import Words

SV = Words("sv")
NS = {"s": "http://www.w3.org/2000/svg"}
DRAWINGS: dict[str, Callable[[float], Canvas]] = {
    "lines": lambda width: draw_lines(course(by_school()), SV, width=width),
    "bars": lambda width: draw_bars(distribution(bands()), SV, width=width),
    "grid": lambda width: draw_grid(grid(by_school()), SV, width=width),
    "flow": lambda width: draw_flow(flow().value, SV, width=width),  # type: ignore[arg-type]
    "interval": lambda width: draw_interval(effect().value, SV, detectable=2.1, width=width),  # type: ignore[arg-type]
    "event_study": lambda width: draw_event_study(event_study().value, SV, width=width),  # type: ignore[arg-type]
    "placebo": lambda width: draw_placebo(placebos().value, SV, width=width),  # type: ignore[arg-type]
    "power": lambda width: draw_power(power().value, SV, width=width),  # type: ignore[arg-type]
    "dots": lambda width: draw_dots((("HT 2021", 0.184), ("HT 2024", 0.157)), SV, width=width),
}


def texts(svg: str) -> list[str]:
    return [
        (node.text or "").replace("\N{NO-BREAK SPACE}", " ") for node in ET.fromstring(svg).iterfind(".//s:text", NS)
    ]


@pytest.mark.parametrize("name", DRAWINGS)
def test_pictures_hold_text_as_text_in_the_one_typeface(name: str) -> None:
    svg = DRAWINGS[name](720.0).finish().svg
    assert ET.fromstring(svg).get("viewBox", "").startswith("0 0 720 ")
    families = set(re.findall(r"font-family: ([^;\"]+)", svg))
    assert families == {"'Inter'"}
    assert texts(svg)
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", svg)]
    assert min(sizes) >= 11


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_colour_follows_the_theme_and_no_id_is_shared(name: str) -> None:
    drawn = DRAWINGS[name](720.0).finish()
    assert not re.search(r"(?<!,)[ :]#[0-9a-f]{6}", drawn.page)
    assert set(re.findall(r"var\(--([\w-]+),", drawn.page)) <= set(ROLES)
    assert "<style" not in drawn.page
    assert "metadata" not in drawn.svg
    ids = re.findall(r'\bid="([^"]+)"', drawn.page)
    assert all(re.match(r"f[0-9a-f]{8}-", one) for one in ids)
    assert set(re.findall(r'(?:url\(#|href="#)([^)"]+)', drawn.page)) <= set(ids)


def test_the_same_drawing_gives_the_same_bytes() -> None:
    for name in ("lines", "event_study"):
        assert DRAWINGS[name](720.0).finish() == DRAWINGS[name](720.0).finish()


def test_another_process_hash_seed_time_zone_and_locale_give_the_same_bytes() -> None:
    code = (
        "import hashlib; from test_figures_drawn import DRAWINGS; p = DRAWINGS['lines'](720.0).finish();"
        "print(hashlib.sha256(p.svg.encode() + p.png).hexdigest())"
    )
    here = DRAWINGS["lines"](720.0).finish()
    env = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == hashlib.sha256(here.svg.encode() + here.png).hexdigest()


def test_print_is_drawn_narrower_not_shrunk() -> None:
    made = picture(DRAWINGS["interval"])
    assert 'viewBox="0 0 720 ' in made.page
    assert 'viewBox="0 0 520 ' in made.svg
    assert made.png.startswith(b"\x89PNG")


def test_a_missing_font_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fonts.FILES, 600, "Inter-Nowhere.ttf")
    fonts.typeface.cache_clear()
    with pytest.raises(RenderError, match=r"Inter-Nowhere\.ttf"):
        fonts.typeface(600, 13)
    fonts.typeface.cache_clear()


def test_a_colour_without_a_role_is_refused() -> None:
    with pytest.raises(ValueError, match="no role"):
        themed('<path style="fill: #123456"/>')
    assert len(BY_COLOUR) == len(ROLES)


# ---- courses ----


def test_lines_break_where_a_value_is_protected_and_say_so() -> None:
    whole = texts(draw_lines(course(by_school()), SV, width=720).finish().svg)
    hidden = course(by_school(hidden=((2, "attendance_rate", ".."),)))
    assert hidden.series[0].pieces == ((0, 1), (3, 4, 5, 6, 7))
    said = texts(draw_lines(hidden, SV, width=720).finish().svg)
    assert "skyddat" not in whole
    assert said.count("skyddat") == 1


def test_a_protected_number_is_in_no_picture() -> None:
    rows = [(term, 100, 0.5 + place / 1000) for place, term in enumerate(TERM.levels)]
    rows[3] = (rows[3][0], 100, 0.87654)
    drawn = course(table(rows, (TERM,), (PERSONS, RATE), hidden=((3, "attendance_rate", ".."),)))
    made = draw_lines(drawn, SV, width=720).finish()
    assert "87" not in " ".join(texts(made.svg))
    assert math.isnan(drawn.series[0].values[3])


def test_schools_are_grey_the_treated_orange_and_the_whole_blue() -> None:
    drawn = course(by_school())
    assert [series.role for series in drawn.series] == ["treated", "other", "other", "other", "main"]
    assert drawn.series[0].since == 5
    assert "första dialogtorget" in texts(draw_lines(drawn, SV, width=720).finish().svg)


def test_a_near_certain_exposure_counts_as_one() -> None:
    hidden = tuple((row, "forum_exposed", "~100") for row in (5, 6, 7))
    assert course(by_school(hidden=hidden)).series[0].since == 5


def test_few_groups_stand_beside_each_other_without_the_whole() -> None:
    drawn = course(by_year_group())
    assert [series.role for series in drawn.series] == ["first", "second", "third"]
    assert drawn.series[2].known == (4, 5, 6, 7)


def test_ends_are_of_one_season() -> None:
    drawn = course(by_term())
    assert drawn.ends(drawn.series[0]) == (0, 6)


def test_little_does_not_look_like_much() -> None:
    marks = marks_of(course(by_term()))
    assert marks[-1] - marks[0] >= 4
    assert is_shortened(course(by_term()))


def test_lines_need_a_time() -> None:
    with pytest.raises(InputError, match="lines"):
        course(bands_without_time())


def bands_without_time():  # type: ignore[no-untyped-def]
    from evalkit.values import Axis

    return table([("a", 1)], (Axis("school", ("a",)),), (PERSONS,))


# ---- distributions, grids, flows ----


def test_bars_show_the_last_autumn() -> None:
    drawn = distribution(bands())
    assert drawn.time == "HT2024"
    assert drawn.persons == 726
    assert sum(band.share for band in drawn.bands) == pytest.approx(1)
    assert drawn.share_from(15) == pytest.approx(114 / 726)


def test_neighbouring_protected_bands_are_merged_into_what_is_left() -> None:
    drawn = distribution(bands(hidden=("30-50", "50-100")))
    assert [band.label for band in drawn.bands][-1] == "30–100"
    assert drawn.bands[-1].share == pytest.approx(21 / 726)
    assert drawn.bands[-1].merged == 2


def test_bands_apart_are_never_worked_out() -> None:
    drawn = distribution(bands(hidden=("15-20", "50-100")))
    assert [math.isnan(band.share) for band in drawn.bands] == [False, False, False, True, False, False, True]
    assert math.isnan(drawn.share_from(15))
    assert texts(draw_bars(drawn, SV, width=720).finish().svg).count("skyddat") == 2


def test_grids_mark_the_first_forum() -> None:
    drawn = grid(by_school())
    assert drawn.treated == (("Da Vinciskolan", 5),)
    assert drawn.schools == ("Da Vinciskolan", "Ale 1", "Ale 2", "Ale 3")
    svg = draw_grid(drawn, SV, width=720).finish().svg
    assert svg.count(ROLES["empty"]) == 4 * 8 - 3
    assert svg.count(f"fill: {ROLES['treated-ground']}") == 2


def test_flows_show_counts_rounded_to_five() -> None:
    assert [rounded(count) for count in (1213, 1212, 3, 0)] == [1215, 1210, 5, 0]
    said = texts(draw_flow(flow().value, SV, width=720).finish().svg)  # type: ignore[arg-type]
    assert "1 340 elever" in said
    assert "−70 elever" in said
    assert "91 % ingår i analysen" in said


# ---- estimates and curves ----


def test_intervals_show_what_could_be_missed_and_open_ends() -> None:
    said = texts(draw_interval(effect().value, SV, detectable=2.1, width=720).finish().svg)  # type: ignore[arg-type]
    assert {"+0,8", "−0,7", "+2,4", "effekter vi lätt kan missa"} <= set(said)
    opened = draw_interval(effect(0.8, -math.inf, 2.4).value, SV, width=720).finish()  # type: ignore[arg-type]
    assert "+2,4" in texts(opened.svg)
    assert "inf" not in opened.svg
    plain = texts(draw_interval(change().value, SV, width=720).finish().svg)  # type: ignore[arg-type]
    assert "effekter vi lätt kan missa" not in plain


def test_an_event_study_tells_how_many_schools_each_point_rests_on() -> None:
    said = texts(draw_event_study(event_study().value, SV, width=720).finish().svg)  # type: ignore[arg-type]
    assert said.count("2") >= 5
    assert "jämförelsetermin" in said


def test_hidden_points_of_an_event_study_are_marked() -> None:
    from dataclasses import replace

    curve = event_study().value
    frame = curve.frame.copy()  # type: ignore[union-attr]
    frame.loc[0, ["value", "low", "high", "band_low", "band_high"]] = math.nan
    said = texts(draw_event_study(replace(curve, frame=frame), SV, width=720).finish().svg)  # type: ignore[type-var,arg-type]
    assert said.count("skyddat") == 1


def test_each_square_is_one_assignment_until_there_are_too_many() -> None:
    assert squares_of(placebos().value) == 1  # type: ignore[arg-type]
    assert squares_of(placebos(100).value) == 47  # type: ignore[arg-type]
    svg = draw_placebo(placebos().value, SV, width=720).finish().svg  # type: ignore[arg-type]
    assert svg.count(f"fill: {ROLES['main']}") == 8 + 1
    assert svg.count(f"fill: {ROLES['others']}") == 51


def test_the_smallest_effect_is_read_off_the_power_curve() -> None:
    assert detectable_in(power().value) == pytest.approx(2.0)  # type: ignore[arg-type]


def test_dots_are_a_hundred_each() -> None:
    svg = DRAWINGS["dots"](440.0).finish().svg
    said = texts(svg)
    assert "18" in said
    assert "16" in said


# ---- scales ----


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0.0, 1.0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (86.3, 93.5, (86.0, 88.0, 90.0, 92.0, 94.0)),
        (-9.2, 13.1, (-10.0, -5.0, 0.0, 5.0, 10.0, 15.0)),
        (5.0, 5.0, (4.4, 4.6, 4.8, 5.0, 5.2, 5.4, 5.6)),
    ],
)
def test_steps_are_round_and_enclose(low: float, high: float, marks: tuple[float, ...]) -> None:
    found = steps(low, high, most=7 if low == high else 6)
    assert found == marks
    assert found[0] <= low <= high <= found[-1]


def test_labels_move_apart_no_more_than_needed() -> None:
    moved = spread([10.0, 11.0, 50.0], 17.0)
    assert moved[1] - moved[0] == pytest.approx(17)
    assert moved[2] == 50.0
    assert sum(moved[:2]) == pytest.approx(21)
    assert decimals_of((0.5, 1.0)) == 1


def test_text_with_dollar_signs_stays_text() -> None:
    canvas = blank(40)
    canvas.write(canvas.sheet, 0, 20, "a $b$ c")
    assert "a $b$ c" in texts(canvas.finish().svg)

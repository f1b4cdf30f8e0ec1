"""The site in a headless Chromium: it opens, leads on, has 0 axe violations, asks nobody outside, fits a phone."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import drawn_chapters as drawn
from evalkit.reports.labels import Words
from evalkit.reports.provenance import Chapter
from evalkit.reports.renderers import embedded_renderer
from evalkit.reports.views import compose
from evalkit.reports.website import render_site
from evalkit.values import Birthright, Curve, Protected

pytestmark = pytest.mark.browser
sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWS = {
    "desktop": {"viewport": {"width": 1200, "height": 900}},
    "dark": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 375, "height": 800}},
    "phone dark": {"viewport": {"width": 375, "height": 800}, "color_scheme": "dark"},
}
PAGES = ("index.html", "attendance.html", "evidence.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("site") / "ale"
    chapters = (*drawn.INFO.chapters, Chapter("evidence", "Belägg"))
    info = replace(drawn.INFO, chapters=chapters)
    return render_site([*drawn.chapters(), ("evidence", evidence())], info=info, renderer=embedded_renderer(), out=out)


def evidence() -> dict[str, Any]:
    """Return a chapter with one figure that has a drawing of its own for phones."""
    rows = [("headline", 0.8, -0.7, 2.4, 1, 2, 300), ("two_way", 2.7, math.nan, math.nan, 0, 2, 300)]
    columns = ["method", "value", "low", "high", "headline", "schools", "pupils"]
    frame = pd.DataFrame(rows, columns=columns)
    curve = Curve("forum_estimators", "estimators", "e", "percentage_points", frame)
    value = Protected(curve, pd.DataFrame(), "skolverket", "d", 0, "released", "evidence/estimators", Birthright())
    shown = compose((value,), None, Words("sv"))
    told = {"receipt": "ab" * 32, "request": "evidence/estimators", **shown.facts()}
    output = {"output_type": "display_data", "data": shown.bundle(), "metadata": {"evalkit": told}}
    front = '---\ntitle: {sv: "Belägg", en: "Evidence"}\nnav: {sv: "Belägg", en: "Evidence"}\n---'
    label = "#| label: fig-forum-estimators\nek.show(estimators)"
    return drawn.notebook(drawn.raw(front), *drawn.start(), drawn.text("## Fråga", "sv"), drawn.code(label, output))


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    program = os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"no Chromium: looked for {', '.join(PROGRAMS)} and in CHROMIUM_PATH")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, site):
    contexts = []

    def opened(name: str, view: str = "desktop"):
        context = chromium.new_context(**VIEWS[view])
        contexts.append(context)
        page = context.new_page()
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto((site / name).as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", PAGES)
def test_no_violation_and_no_request_to_the_outside(open_page, name, view):
    page = open_page(name, view)
    found = axe.Axe().run(page)
    assert [violation["id"] for violation in found.response["violations"]] == []
    assert [url for url in page.asked if not url.startswith("file:")] == []


def test_the_language_is_swedish_and_the_navigation_leads_on(open_page):
    page = open_page("index.html")
    assert page.evaluate("document.documentElement.lang") == "sv"
    page.get_by_role("navigation").get_by_role("link", name="Närvaro").click()
    assert page.url.endswith("attendance.html")
    assert page.get_by_role("heading", level=1).inner_text() == "Närvaro"
    page.get_by_role("link", name="figur 2.1").click()
    assert page.url.endswith("#fig-course")


def test_the_font_is_the_one_that_ships(open_page):
    page = open_page("index.html")
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.fonts.check('16px Inter')")
    assert any(url.endswith("Inter-Regular.woff2") for url in page.asked)


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_scrolls_no_page_sideways_and_shrinks_no_figure_text(open_page, name):
    page = open_page(name, "phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    drawings = "[...document.querySelectorAll('figure .scroll svg')].filter(s => s.checkVisibility())"
    sizes = page.evaluate(f"{drawings}.map(s => 13 * s.getBoundingClientRect().width / s.viewBox.baseVal.width)")
    assert all(size >= 10.99 for size in sizes)


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_each_reader_sees_and_hears_one_drawing_of_a_figure(open_page, view):
    page = open_page("evidence.html", view)
    pictures = page.get_by_role("img", name="Intervalldiagram")
    assert pictures.count() == 1
    wide = pictures.evaluate("drawing => drawing.viewBox.baseVal.width")
    assert wide == (720 if view == "desktop" else 335)
    assert pictures.evaluate("drawing => drawing.getBoundingClientRect().right") <= page.viewport_size["width"]


def test_the_dark_page_takes_the_drawing_with_it(open_page):
    strokes = {
        view: open_page("attendance.html", view).evaluate(
            "getComputedStyle(document.querySelector('figure polyline')).stroke"
        )
        for view in ("desktop", "dark")
    }
    assert strokes == {"desktop": "rgb(19, 75, 117)", "dark": "rgb(132, 192, 232)"}


def test_the_keyboard_reaches_the_content_first(open_page):
    page = open_page("attendance.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_the_method_unfolds(open_page):
    page = open_page("attendance.html")
    assert not page.locator("details").first.evaluate("element => element.open")
    page.locator("summary").first.click()
    assert page.locator("details").first.evaluate("element => element.open")

"""Preparing a chapter: one language, one form of each output, captions as cell options, no trace of the run."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest

import drawn_chapters as drawn
from evalkit.errors import RenderError
from evalkit.reports.prepare import chapter_title, option, prepare, prepare_report
from evalkit.reports.provenance import Format

FORMS: tuple[Format, ...] = ("html", "pdf", "docx")


def cells_of(form: Format, info=drawn.INFO):
    return prepare(drawn.attendance(), chapter="attendance", form=form, info=info)["cells"]


def labelled(cells, label):
    return next(cell for cell in cells if option(cell, "label") == label)


def test_cells_of_the_other_language_are_left_out():
    swedish = " ".join(cell["source"] for cell in cells_of("html") if cell["cell_type"] == "markdown")
    english = " ".join(cell["source"] for cell in cells_of("html", drawn.ENGLISH) if cell["cell_type"] == "markdown")
    assert "Hur har närvaron utvecklats?" in swedish
    assert "How has attendance developed?" not in swedish
    assert "How has attendance developed?" in english
    assert "Hur har närvaron utvecklats?" not in english


def test_front_matter_holds_title_language_and_place():
    front = cells_of("html")[0]
    assert front["cell_type"] == "raw"
    assert 'title: "Närvaro"' in front["source"]
    assert 'lang: "sv"' in front["source"]
    assert 'kicker: "Ale · Kapitel 2"' in front["source"]
    assert 'date: "2026-02-15"' in front["source"]


@pytest.mark.parametrize(
    ("form", "figure", "table"),
    [
        ("html", ["text/html"], ["text/html"]),
        ("pdf", ["image/svg+xml"], ["text/markdown"]),
        ("docx", ["image/png"], ["text/markdown"]),
    ],
)
def test_each_output_comes_in_the_one_form_its_format_takes(form, figure, table):
    cells = cells_of(form)
    assert [mime for output in labelled(cells, "fig-course")["outputs"] for mime in output["data"]] == figure
    assert [mime for output in labelled(cells, "tbl-course")["outputs"] for mime in output["data"]] == table


def test_composed_captions_become_cell_options():
    figure = labelled(cells_of("pdf"), "fig-course")
    assert option(figure, "fig-cap") == "Närvaron ökade i alla år [Andel av rapporterad tid, procent]{.subtitle}"
    assert option(figure, "fig-alt").startswith("Linjediagram. Närvaron steg från 88,7 till 90,3 procent")
    assert option(labelled(cells_of("pdf"), "tbl-course"), "tbl-cap") == "Närvaro per termin"


def test_a_caption_stands_once():
    page = labelled(cells_of("html"), "fig-course")["outputs"][0]["data"]["text/html"]
    assert "figcaption" not in page
    assert "<svg" in page
    assert "<caption" not in labelled(cells_of("html"), "tbl-course")["outputs"][0]["data"]["text/html"]


def test_a_note_stands_under_its_figure():
    cells = cells_of("html")
    place = next(place for place, cell in enumerate(cells) if option(cell, "label") == "fig-course")
    assert cells[place + 1]["source"] == "::: {.figure-note}\nDen lodräta axeln är avkortad. Simulerade data.\n:::"


@pytest.mark.parametrize("form", FORMS)
def test_nothing_tells_of_the_run(form):
    text = json.dumps(prepare(drawn.attendance(), chapter="attendance", form=form, info=drawn.INFO))
    for trace in ("papermill", "/home/someone", "receipt", "start_time", "ek.open_study", "injected"):
        assert trace not in text
    assert all(cell.get("execution_count") is None for cell in json.loads(text)["cells"])


def test_the_parameters_cell_is_marked_for_removal():
    parameters = [cell for cell in cells_of("html") if "remove-cell" in cell["metadata"].get("tags", [])]
    assert [cell["source"] for cell in parameters] == [""]


def test_the_notebook_is_not_changed_and_the_result_is_the_same_twice():
    notebook = drawn.attendance()
    before = copy.deepcopy(notebook)
    first = prepare(notebook, chapter="attendance", form="pdf", info=drawn.INFO)
    assert notebook == before
    assert prepare(notebook, chapter="attendance", form="pdf", info=drawn.INFO) == first


def test_cell_ids_come_from_the_chapter_not_from_chance():
    assert [cell["id"] for cell in cells_of("html")][:3] == ["attendance-1", "attendance-2", "attendance-3"]


def test_cards_in_a_row_stand_beside_each_other():
    page = prepare(drawn.summary(), chapter="summary", form="html", info=drawn.INFO)["cells"]
    sources = [cell["source"] for cell in page if cell["cell_type"] == "markdown"]
    assert sources == [":::::: {.findings}", "::::::"]


def test_a_card_in_print_is_words_picture_words():
    cells = prepare(drawn.summary(), chapter="summary", form="pdf", info=drawn.INFO)["cells"]
    card = next(cell for cell in cells if len(cell.get("outputs", [])) == 3)
    assert [next(iter(output["data"])) for output in card["outputs"]] == [
        "text/markdown",
        "image/svg+xml",
        "text/markdown",
    ]
    assert option(card, "fig-alt") == "Linjediagram. Närvaron ökade."


def test_headings_of_outputs_skip_no_level():
    cells = prepare(drawn.summary(), chapter="summary", form="html", info=drawn.INFO)["cells"]
    html = "".join(output["data"]["text/html"] for cell in cells for output in cell.get("outputs", []))
    assert "<h2>Närvaron ökade</h2>" in html
    assert "<h3>Det här kan vi säga</h3>" in html


def test_a_page_takes_title_and_lead_from_what_was_shown():
    notebook = drawn.summary()
    output = drawn.shown(
        "box", "<p>Hög</p>", "Hög", page={"title": "Eleverna i Ale är oftare i skolan", "subtitle": "Ja."}
    )
    notebook["cells"].append(drawn.code("ek.show(x, view='title')", output))
    front = prepare(notebook, chapter="summary", form="html", info=drawn.INFO)["cells"][0]["source"]
    assert 'title: "Eleverna i Ale är oftare i skolan"' in front
    assert 'subtitle: "Ja."' in front


def test_the_whole_report_holds_every_chapter_and_says_where_it_came_from():
    book = prepare_report(drawn.chapters(), form="pdf", info=drawn.INFO)
    openings = [cell["source"] for cell in book["cells"] if cell["source"].startswith("# ")]
    assert [opening.split(" {")[0] for opening in openings] == [
        "# Eleverna är oftare i skolan",
        "# Närvaro",
        "# Om rapporten",
    ]
    assert "`7f3a2c91` · 15 februari 2026" in openings[-1]


def test_the_same_label_in_two_chapters_is_refused():
    info = replace(drawn.INFO, chapters=(*drawn.INFO.chapters, drawn.Chapter("again", "Igen")))
    chapters = [*drawn.chapters(), ("again", drawn.attendance())]
    with pytest.raises(RenderError, match="fig-course stands in attendance and in again"):
        prepare_report(chapters, form="docx", info=info)


def test_a_failed_cell_is_named():
    notebook = drawn.attendance()
    notebook["cells"].append(drawn.code("1 / 0", {"output_type": "error", "ename": "Z", "evalue": "", "traceback": []}))
    with pytest.raises(RenderError, match=r"attendance, cell \d+ failed"):
        prepare(notebook, chapter="attendance", form="html", info=drawn.INFO)


def test_an_output_without_a_form_for_print_is_refused():
    notebook = drawn.attendance()
    only_html = {"output_type": "display_data", "data": {"text/html": "<p>x</p>"}, "metadata": {}}
    notebook["cells"].append(drawn.code("x", only_html))
    with pytest.raises(RenderError, match="nothing that pdf can take"):
        prepare(notebook, chapter="attendance", form="pdf", info=drawn.INFO)


def test_a_missing_language_is_refused():
    notebook = drawn.notebook(drawn.raw("title: {sv: Närvaro}"))
    with pytest.raises(RenderError, match="no text in 'en'"):
        prepare(notebook, chapter="attendance", form="html", info=drawn.ENGLISH)


def test_what_a_chapter_is_called():
    assert chapter_title(drawn.summary(), name="summary", language="sv") == "Sammanfattning"
    assert chapter_title(drawn.attendance(), name="attendance", language="en") == "Attendance"
    headed = drawn.notebook(drawn.text("# Underlag\n\nText.", "sv"), drawn.text("# Basis\n\nText.", "en"))
    assert chapter_title(headed, name="basis", language="en") == "Basis"
    info = replace(drawn.INFO, chapters=(drawn.Chapter("basis", "Underlag"),))
    cells = prepare(headed, chapter="basis", form="html", info=info)["cells"]
    assert 'title: "Underlag"' in cells[0]["source"]
    assert "# Underlag" not in cells[1]["source"]


def test_a_label_written_in_the_cell_stays():
    notebook = drawn.attendance()
    cell = next(cell for cell in notebook["cells"] if "view='line'" in cell["source"])
    cell["source"] = "#| label: fig-written\n" + cell["source"]
    cells = prepare(notebook, chapter="attendance", form="pdf", info=drawn.INFO)["cells"]
    assert option(labelled(cells, "fig-written"), "fig-cap").startswith("Närvaron ökade i alla år")


def test_a_note_after_an_answer_goes_beside_it():
    answer = drawn.shown("box", '<div class="answer"><p>Ja.</p></div>', "::: {.answer}\nJa.\n:::")
    note = "::: {.sidenote}\n**Ord**\nVad det betyder.\n:::\n\n## Fråga?"
    notebook = drawn.notebook(drawn.raw("title: {sv: A, en: B}"), drawn.code("x", answer), drawn.text(note, "sv"))
    info = replace(drawn.INFO, chapters=(drawn.Chapter("a", "A"),))
    _, beside, _, heading = prepare(notebook, chapter="a", form="pdf", info=info)["cells"]
    assert beside["source"] == "::: {.sidenote}\n**Ord**\nVad det betyder.\n:::"
    assert heading["source"] == "## Fråga?"


def test_a_picture_for_word_says_how_wide_it_is_shown():
    figure = labelled(cells_of("docx"), "fig-course")["outputs"][0]
    assert figure["metadata"] == {"image/png": {"width": 36}}

"""Linting: each rule of the common subset, with the notebook and the cell named."""

from __future__ import annotations

import pytest

import drawn_chapters as drawn
from evalkit.reports.lint import lint


def committed(*cells):
    book = drawn.notebook(drawn.raw("title: {sv: Närvaro, en: Attendance}"), *cells)
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["execution_count"] = None
    return book


def problems(*cells):
    return [str(finding) for finding in lint(committed(*cells), "attendance.ipynb")]


def test_a_clean_notebook_passes():
    assert (
        problems(
            drawn.code('language = "sv"', tags=("parameters",)),
            drawn.code("import evalkit as ek\n\nek.show(ek.protect(x))"),
            drawn.text("## Fråga? {#sec-a}\n\nSe @sec-a och @fig-b.", "sv"),
            drawn.text("## Question? {#sec-a}\n\nSee @sec-a and @fig-b.", "en"),
            drawn.text(":::: {.findings}"),
            drawn.code("ek.show(ek.protect(y))"),
            drawn.text("::::"),
        )
        == []
    )


CODE = [
    ("def f():\n    pass", "no def, class or lambda"),
    ("class A:\n    pass", "no def, class or lambda"),
    ("f = lambda x: x", "no def, class or lambda"),
    ("for x in y:\n    print(x)", "no loops"),
    ("\n".join(f"x{n} = {n}" for n in range(16)), "at most 15 lines"),
    ("import pandas as pd", "import evalkit alone, not pandas"),
    ("from numpy import array", "import evalkit alone, not numpy"),
    ("x = (", "not Python"),
    ("#| fig-cap: Närvaron ökade\nek.show(x)", "fig-cap is composed by show()"),
    ("#| fig-alt: Linjer\nek.show(x)", "fig-alt is composed by show()"),
    ("#| layout-ncol: 2\nek.show(x)", "layout-ncol is not in the common subset"),
    ("#| label: Figur 1\nek.show(x)", "a label is fig- or tbl-"),
]


@pytest.mark.parametrize(("source", "said"), CODE)
def test_code_cells(source, said):
    (problem,) = problems(drawn.code(source))
    assert problem.startswith("attendance.ipynb, cell 2: ")
    assert said in problem


def test_outputs_are_not_committed():
    book = committed(drawn.code("x", {"output_type": "stream", "name": "stdout", "text": "7"}))
    assert [finding.problem for finding in lint(book, "a.ipynb")] == [
        "outputs and counts are not committed: clear them"
    ]


TEXT = [
    ("# Titel", "headings start at ##"),
    ("## A\n\n#### B", "skips from level 2 to 4"),
    ("{{< video x >}}", "shortcodes"),
    ("<script>1</script>", "no scripts"),
    ("::: {.column-margin}\nx\n:::", "columns are Quarto's own"),
    ('::: {layout-ncol="2"}\nx\n:::', "layouts"),
    ("![a](https://example.org/a.png){fig-alt='a'}", "not from the web"),
    ("![a](a.png)", "a picture has a fig-alt"),
    ("::: {.callout-caution}\nx\n:::", "a callout has a title"),
    ("Se @sec-borta.", "@sec-borta refers to nothing"),
    ("Se @thm-a.", "theorem references"),
]


@pytest.mark.parametrize(("source", "said"), TEXT)
def test_text_cells(source, said):
    found = problems(drawn.text(source, "sv"), drawn.text("Text.", "en"))
    assert len(found) == 1
    assert said in found[0]
    assert found[0].startswith("attendance.ipynb, cell 2: ")


def test_code_blocks_and_code_spans_are_not_text():
    assert problems(drawn.text("```\n# x\n{{< a >}}\n```\n`@sec-a`", "sv"), drawn.text("Text.", "en")) == []


def test_text_without_a_language():
    assert problems(drawn.text("Hej.")) == ["attendance.ipynb, cell 2: a cell of text carries the tag sv or en"]


def test_text_without_its_twin():
    found = problems(drawn.text("Ett.", "sv"), drawn.code("x = 1"), drawn.text("One.", "en"))
    assert found == [
        "attendance.ipynb, cell 2: the text in sv has no twin in en beside it",
        "attendance.ipynb, cell 4: the text in en has no twin in sv beside it",
    ]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("title: Närvaro", "the title stands in sv and en"),
        ("title: {sv: A, en: B}\nformat: html", "format is not one of"),
        ("just text", "not of the form"),
    ],
)
def test_front_matter(source, said):
    (finding,) = lint(drawn.notebook(drawn.raw(source)), "a.ipynb")
    assert said in finding.problem


def test_a_notebook_begins_with_its_title():
    (finding,) = lint(drawn.notebook(drawn.code("x = 1")) | {}, "a.ipynb")[:1]
    assert finding.cell == 1
    assert "the first cell is raw" in finding.problem

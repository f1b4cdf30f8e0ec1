"""Reading outlines: of a page, of a Word file, and of files that have none."""

from __future__ import annotations

import pytest

from evalkit.errors import RenderError
from evalkit.reports.outline import outline
from evalkit.reports.outline.entry import Entry, float_of
from evalkit.reports.word_theme import packed

PAGE = """<!doctype html><html lang="sv"><body><h1>Utanför</h1><main><h1>Titel</h1>
<p>Se <a href="#fig-a" class="cross-reference">figur&nbsp;1.1</a> och
<a href="https://example.org">källan</a>.<a href="#fn1" class="footnote-ref">1</a></p>
<figure id="fig-a"><figcaption><span class="float-number">Figur&nbsp;1.1.</span> En <b>bild</b></figcaption>
<svg aria-label="Linjer."><text>HT</text></svg></figure>
<table><tr><th>A</th><th>B</th></tr><tr><td>1&nbsp;000</td><td><a href="#x">..</a></td></tr></table>
<details><summary>Metod</summary><h3>Inre</h3></details>
<div class="callout"><p class="callout-title">Obs</p></div>
<ol><li id="fn1"><p>En not.<a href="#fnref1">↩︎</a></p></li></ol></main><h2>Utanför</h2></body></html>"""


def test_a_page(tmp_path):
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    assert outline(tmp_path / "page.html") == [
        Entry("heading", "Titel", "1"),
        Entry("reference", "figur 1.1", "#fig-a"),
        Entry("link", "källan", "https://example.org"),
        Entry("figure", "En bild", "1.1"),
        Entry("alternative", "Linjer."),
        Entry("row", "A · B"),
        Entry("reference", "..", "#x"),
        Entry("row", "1 000 · .."),
        Entry("fold", "Metod"),
        Entry("heading", "Inre", "3"),
        Entry("callout", "Obs"),
        Entry("note", "En not."),
    ]


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def paragraph(style: str, text: str, more: str = "") -> str:
    run = f"<w:r><w:t>{text}</w:t></w:r>"
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{run}{more}</w:p>'


def test_a_word_file(tmp_path):
    link = '<w:hyperlink r:id="r1"><w:r><w:t>källan</w:t></w:r></w:hyperlink>'
    jump = '<w:hyperlink w:anchor="tbl-a"><w:r><w:t>tabell 1.1</w:t></w:r></w:hyperlink>'
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    cells = "".join(f"<w:tc>{paragraph('Compact', text)}</w:tc>" for text in ("A", ".."))
    body = (
        paragraph("Heading1", "Titel")
        + paragraph("BodyText", "Se ", jump + link + note)
        + paragraph("TableCaption", "Tabell 1.1. Tal")
        + f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
        + paragraph("Callout", "Obs")
        + paragraph("Callout", "mer", link)
        + paragraph("UnfoldedTitle", "Metod")
    )
    relation = '<Relationship Id="r1" Target="https://example.org"/>'
    parts = {
        "word/document.xml": f"<w:document {W} {R}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f"<Relationships>{relation}</Relationships>",
        "word/footnotes.xml": f'<w:footnotes {W}><w:footnote w:id="2">{paragraph("FootnoteText", "En not.")}'
        "</w:footnote></w:footnotes>",
    }
    (tmp_path / "a.docx").write_bytes(packed({name: text.encode() for name, text in parts.items()}))
    assert outline(tmp_path / "a.docx") == [
        Entry("heading", "Titel", "1"),
        Entry("reference", "tabell 1.1", "#tbl-a"),
        Entry("link", "källan", "https://example.org"),
        Entry("note", "En not."),
        Entry("table", "Tal", "1.1"),
        Entry("row", "A · .."),
        Entry("callout", "Obs"),
        Entry("link", "källan", "https://example.org"),
        Entry("fold", "Metod"),
    ]


@pytest.mark.parametrize(
    ("caption", "kind", "number", "text"),
    [
        ("Figur\u00a03.1. Närvaron ökade", "figure", "3.1", "Närvaron ökade"),
        ("Table 2. Numbers", "table", "2", "Numbers"),
    ],
)
def test_captions_begin_with_their_number(caption, kind, number, text):
    assert float_of(caption) == Entry(kind, text, number)
    assert float_of("Närvaron ökade") is None


def test_other_files_have_no_outline(tmp_path):
    with pytest.raises(RenderError, match=r"notes\.txt has no outline"):
        outline(tmp_path / "notes.txt")

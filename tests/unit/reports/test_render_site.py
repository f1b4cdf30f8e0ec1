"""A rendered site: what lies in its folder, what pages, PDF and Word carry, and what happens on failure."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

import drawn_chapters as drawn
from evalkit.errors import RenderError
from evalkit.reports.renderers import embedded_renderer
from evalkit.reports.website import render_site

pypdf = pytest.importorskip("pypdf")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    return render_site(
        drawn.chapters(), info=drawn.INFO, renderer=embedded_renderer(), out=tmp_path_factory.mktemp("site") / "ale"
    )


def words(page: Path) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")))


def test_the_folder_holds_the_whole_report(site):
    assert sorted(path.name for path in site.iterdir()) == [
        "assets",
        "attendance.html",
        "index.html",
        "provenance.json",
        "report.docx",
        "report.pdf",
    ]
    assert (site / "assets" / "fonts" / "OFL.txt").exists()


@pytest.mark.parametrize("page", ["index.html", "attendance.html"])
def test_every_page_says_that_the_data_are_simulated_and_where_it_came_from(site, page):
    text = words(site / page)
    for said in ("Simulerade data", "7f3a2c91", "15 februari 2026", "22-004-S04", "ESF+", "1–4 elever redovisas inte"):
        assert said in text
    assert '<html lang="sv">' in (site / page).read_text(encoding="utf-8")


def test_the_navigation_marks_the_page(site):
    page = (site / "attendance.html").read_text(encoding="utf-8")
    assert '<a href="index.html">Sammanfattning</a>' in page
    assert '<a href="attendance.html" aria-current="page">Närvaro</a>' in page


def test_pages_fetch_nothing_from_elsewhere(site):
    for path in [*site.glob("*.html"), site / "assets" / "theme.css"]:
        text = path.read_text(encoding="utf-8")
        fetched = re.findall(r"(?:src|srcset)=\"([^\"]+)|url\(([^)]+)\)|<link[^>]+href=\"([^\"]+)", text)
        assert not [found for found in fetched if "//" in "".join(found)]
        assert "<script" not in text


def test_the_pdf_is_tagged_titled_and_in_swedish(site):
    reader = pypdf.PdfReader(site / "report.pdf")
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("sv")
    assert reader.metadata.title == "Skolanknytning och närvaro · Ale"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    bookmarks = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert bookmarks == ["Eleverna är oftare i skolan", "Närvaro", "Om rapporten"]


def test_every_pdf_page_carries_badge_and_foot(site):
    for page in pypdf.PdfReader(site / "report.pdf").pages:
        text = " ".join(page.extract_text().split())
        assert "Simulerade data" in text
        assert "Ale · körning 7f3a2c91 · 15 februari 2026" in text


def test_the_pdf_is_set_in_its_own_fonts(site):
    fonts = set()
    for page in pypdf.PdfReader(site / "report.pdf").pages:
        for font in page["/Resources"]["/Font"].values():
            fonts.add(str(font.get_object()["/BaseFont"]).split("+")[-1])
    assert {font.split("-")[0] for font in fonts} <= {"Inter", "LibertinusSerif", "DejaVuSansMono", "NewCMMath"}
    assert any(font.startswith("Inter") for font in fonts)


def test_word_has_header_heading_rows_and_alternative_texts(site):
    with zipfile.ZipFile(site / "report.docx") as archive:
        document = archive.read("word/document.xml").decode()
        headers = [archive.read(name).decode() for name in archive.namelist() if "header" in name]
        footers = [archive.read(name).decode() for name in archive.namelist() if "footer" in name]
    assert any("Simulerade data" in header for header in headers)
    assert any("1–4 elever redovisas inte" in footer for footer in footers)
    assert "<w:headerReference" in document
    assert "<w:tblHeader" in document
    assert 'descr="Linjediagram. Närvaron steg från 88,7 till 90,3 procent' in document


def test_real_data_are_not_called_simulated(tmp_path):
    info = replace(drawn.INFO, simulated=False)
    out = render_site(drawn.chapters(), info=info, renderer=embedded_renderer(), out=tmp_path / "ale")
    frame = re.sub(r"<main.*?</main>", "", (out / "index.html").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert "Simulerade" not in frame
    with zipfile.ZipFile(out / "report.docx") as archive:
        assert not any(b"Simulerade" in archive.read(name) for name in archive.namelist() if "header" in name)


def test_provenance_names_every_file_by_its_digest(site):
    record = json.loads((site / "provenance.json").read_text(encoding="utf-8"))
    assert record["digests"]["study"] == drawn.INFO.study_digest
    assert record["renderer"] == {"name": "embedded", "version": "for tests"}
    assert {"index.html", "report.pdf", "report.docx", "assets/theme.css"} <= set(record["files"])
    for name, digest in record["files"].items():
        assert hashlib.sha256((site / name).read_bytes()).hexdigest() == digest


def test_a_failure_leaves_the_old_report(tmp_path):
    out = tmp_path / "ale"
    out.mkdir()
    (out / "index.html").write_text("as it was")
    chapters = drawn.chapters()
    chapters[1][1]["cells"].append(drawn.text("Se @fig-borta.", "sv"))
    with pytest.raises(RenderError, match="@fig-borta refers to nothing"):
        render_site(chapters, info=drawn.INFO, renderer=embedded_renderer(), out=out)
    assert [path.name for path in tmp_path.iterdir()] == ["ale"]
    assert (out / "index.html").read_text() == "as it was"


def test_a_new_report_takes_the_place_of_the_old(tmp_path):
    out = tmp_path / "ale"
    out.mkdir()
    (out / "left-over.html").write_text("old")
    render_site(drawn.chapters(), info=drawn.INFO, renderer=embedded_renderer(), out=out)
    assert not (out / "left-over.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["ale"]


def test_a_missing_font_is_named_and_nothing_takes_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr("evalkit.reports.embedded.pdf.FONTS", ("Inter-Regular.ttf", "Inter-Thin.ttf"))
    with pytest.raises(RenderError, match=r"Inter-Thin\.ttf is missing"):
        render_site(drawn.chapters(), info=drawn.INFO, renderer=embedded_renderer(), out=tmp_path / "ale")
    assert list(tmp_path.iterdir()) == []
